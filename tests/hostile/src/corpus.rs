//! What the fuzzers begin with: honest messages, changes and lists, and the small ones of the attacks.

use std::path::{Path, PathBuf};

use ciborium::into_writer;
use gridbook_core::id::{ActorId, Chain, RecordId, ScopeId};
use gridbook_core::key::DeviceKey;
use gridbook_core::roster;
use gridbook_core::sync::protocol::{Cursor, EnrolRequest, Push, SyncRequest, VERSION};

use super::attacks::{self, Entrance};
use super::honest::Record;

/// The largest attack that a corpus takes in, in bytes.
const LARGEST: usize = 2_048;

/// The folder of the corpora, one for each target of `fuzz/`.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus")
}

/// Target, name and bytes of every seed.
#[must_use]
pub fn seeds() -> Vec<(&'static str, String, Vec<u8>)> {
    let mut seeds = Vec::new();
    let mut changes: Vec<(String, Vec<u8>)> = Vec::new();
    for (kind, record) in Record::all().into_iter().enumerate() {
        let honest = record.changes.into_iter().enumerate();
        changes.extend(honest.map(|(position, bytes)| (format!("honest_{kind}_{position}"), bytes)));
    }
    let small = |attack: &attacks::Attack| attack.bytes.len() <= LARGEST;
    for attack in attacks::all().into_iter().filter(small) {
        match attack.entrance {
            Entrance::Change(_) => changes.push((attack.name.to_owned(), attack.bytes)),
            Entrance::Body => seeds.push(("body", attack.name.to_owned(), attack.bytes)),
        }
    }
    // The targets put magic and checksum before what they get.
    for (name, bytes) in &changes {
        let body = bytes.get(8..).unwrap_or_default().to_vec();
        seeds.push(("scan", name.clone(), body.clone()));
        seeds.push(("change", name.clone(), body));
    }
    let request = SyncRequest {
        protocol: VERSION,
        actor: vec![7; 16],
        cursors: vec![Cursor { scope: ScopeId::from("sgrid0001"), seq: 41, chain: Chain([1; 16]) }],
        push: vec![Push(RecordId::derived(&["seed"]), 0, changes[0].1.clone())],
        page: 100,
        ..SyncRequest::default()
    };
    let enrol = EnrolRequest {
        protocol: VERSION,
        invite: "k7q2-9x4m-8d3v".into(),
        key: DeviceKey::Ed25519([1; 32]),
        actor: ActorId([7; 16]),
        label: String::new(),
    };
    seeds.push(("body", "sync_request".into(), cbor(&request)));
    seeds.push(("body", "enrol_request".into(), cbor(&enrol)));
    seeds.push(("roster", "template".into(), roster::template_csv().into_bytes()));
    let invitation = "gridbook://enrol?server=https%3A%2F%2Fgrid.invalid&invite=k7q2-9x4m-8d3v";
    let proof = [&[2; 33][..], b"d5k2m9q1x\n1795397400000\nab12\n", invitation.as_bytes()].concat();
    seeds.push(("proof", "request".into(), proof));
    seeds
}

fn cbor<T: serde::Serialize>(message: &T) -> Vec<u8> {
    let mut bytes = Vec::new();
    into_writer(message, &mut bytes).map_or_else(|_| Vec::new(), |()| bytes)
}
