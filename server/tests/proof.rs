//! Stories of requests that are not what a device signed, just now, once.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod common;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use common::{Phone, Refused, Site, visit};
use gridbook_core::id::ActorId;
use gridbook_core::key::{Signer, SoftwareKey};
use gridbook_core::sync::encoding::encode;
use gridbook_core::sync::http::HttpServer;
use gridbook_core::sync::proof::{Stamp, TOLERANCE_MS};
use gridbook_core::sync::protocol::{
    EnrolRequest, Receipt, SYNC_PATH, SyncProtocol, SyncRequest, SyncResponse, VERSION,
};
use gridbook_server::limits::{Limits, Rate};

type Answer = Result<SyncResponse, Refused>;

fn code(answer: Answer) -> (u16, String) {
    let refused = answer.unwrap_err();
    (refused.0, refused.1.code)
}

#[tokio::test]
async fn proof_time_nonce_and_version_are_checked() {
    let site = Site::open().await;
    let phone = site.worker("样例甲").await;
    let body = encode(&phone.request(&[])).unwrap();
    let stamp = phone.stamp();
    let good = phone.sign(&stamp, SYNC_PATH, &body);
    let send = async |path: &str, body: &[u8], stamp: &Stamp, signature: &str| -> Answer {
        phone.post_raw(path, body.to_vec(), stamp, signature).await
    };
    send(SYNC_PATH, &body, &stamp, &good).await.unwrap();

    assert_eq!(code(send(SYNC_PATH, &body, &stamp, &good).await), (401, "replayed".into()));
    let other = encode(&SyncRequest { page: 1, ..phone.request(&[]) }).unwrap();
    assert_eq!(code(send(SYNC_PATH, &other, &stamp, &good).await), (401, "bad_proof".into()));
    assert_eq!(code(send("/v1/recover", &body, &stamp, &good).await), (401, "bad_proof".into()));
    let renamed = Stamp { nonce: [7; 16], ..stamp.clone() };
    assert_eq!(code(send(SYNC_PATH, &body, &renamed, &good).await), (401, "bad_proof".into()));

    for off in [TOLERANCE_MS + 1, -TOLERANCE_MS - 1] {
        let stamp = Stamp { at: stamp.at.plus_millis(off), ..phone.stamp() };
        let signature = phone.sign(&stamp, SYNC_PATH, &body);
        assert_eq!(code(send(SYNC_PATH, &body, &stamp, &signature).await), (401, "bad_time".into()));
    }
    // The same request again, just before and just after its time is over.
    site.clock.forward(TOLERANCE_MS);
    assert_eq!(code(send(SYNC_PATH, &body, &stamp, &good).await), (401, "replayed".into()));
    site.clock.forward(1);
    assert_eq!(code(send(SYNC_PATH, &body, &stamp, &good).await), (401, "bad_time".into()));

    let newer = SyncRequest { protocol: 99, ..phone.request(&[]) };
    assert_eq!(code(phone.send(&newer).await), (400, "unsupported_version".into()));
    let mut stranger = site.worker("样例乙").await;
    stranger.device = "dnobody00".into();
    assert_eq!(code(stranger.send(&stranger.request(&[])).await), (401, "not_enrolled".into()));
}

/// One way of making something else of a request that was captured.
struct Forgery {
    path: &'static str,
    body: Vec<u8>,
    stamp: Stamp,
    signature: String,
}

fn forgery(kind: usize, taken: &Forgery, sender: &Phone, other: &Phone, roll: u64) -> Forgery {
    let mut forged = Forgery {
        path: taken.path,
        body: taken.body.clone(),
        stamp: taken.stamp.clone(),
        signature: taken.signature.clone(),
    };
    let fresh = sender.stamp();
    let at = |length: usize| usize::try_from(roll).unwrap() % length;
    match kind {
        // As it was.
        0 => {}
        // One bit of the body.
        1 => forged.body[at(taken.body.len())] ^= 1 << (roll % 8),
        // A body of one's own.
        2 => {
            forged.body = encode(&SyncRequest { page: 1 + roll as u32 % 900, ..sender.request(&[]) }).unwrap()
        }
        // In another device's name, and signed by another device.
        3 => forged.stamp.device = other.device.clone(),
        4 => forged.signature = other.sign(&forged.stamp, forged.path, &forged.body),
        5 => {
            forged.stamp = fresh;
            forged.signature = other.sign(&forged.stamp, forged.path, &forged.body);
        }
        // A new nonce or another time under the old signature.
        6 => forged.stamp.nonce = fresh.nonce,
        7 => forged.stamp.at = forged.stamp.at.plus_millis(1 + at(1_000) as i64),
        // Well signed, too early or too late.
        8 | 9 => {
            let off = TOLERANCE_MS + 1 + at(100_000_000) as i64;
            forged.stamp.at = fresh.at.plus_millis(if kind == 8 { off } else { -off });
            forged.signature = sender.sign(&forged.stamp, forged.path, &forged.body);
        }
        // Sent elsewhere; one digit of the signature.
        10 => forged.path = "/v1/recover",
        _ => {
            let digit = at(taken.signature.len());
            let old = taken.signature.as_bytes()[digit];
            let new = if old == b'0' { "1" } else { "0" };
            forged.signature.replace_range(digit..=digit, new);
        }
    }
    forged
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_replays_and_alterations_and_none_is_taken() {
    // So that the proof is what refuses, and not the rate.
    let plenty = Rate::new(100_000, Duration::from_micros(1));
    let limits = Limits {
        forgeries: plenty,
        strangers: plenty,
        device: plenty,
        device_at_once: 100,
        ..Limits::default()
    };
    let site = Site::open_with(limits).await;
    let grid = site.grid.clone();
    let mut sender = site.worker("样例甲").await;
    let other = site.worker("样例乙").await;
    let (id, change) = sender.begin(visit("楼道堆物"));
    let request = sender.request(&[(id, &grid, change.bytes.as_slice())]);
    let body = encode(&request).unwrap();
    let stamp = sender.stamp();
    let signature = sender.sign(&stamp, SYNC_PATH, &body);
    let taken = Forgery { path: SYNC_PATH, body, stamp, signature };
    let first: Answer = sender.post_raw(SYNC_PATH, taken.body.clone(), &taken.stamp, &taken.signature).await;
    assert!(matches!(first.unwrap().receipts[..], [Receipt::Accepted(1)]));

    let (sender, other) = (Arc::new(sender), Arc::new(other));
    let taken = Arc::new(taken);
    let mut running = Vec::new();
    for task in 0..10_u64 {
        let (sender, other, taken) = (Arc::clone(&sender), Arc::clone(&other), Arc::clone(&taken));
        running.push(tokio::spawn(async move {
            let mut said = BTreeMap::<String, usize>::new();
            for turn in 0..1_000_u64 {
                let roll = (task * 1_000 + turn).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
                let kind = usize::try_from(turn % 12).unwrap();
                let forged = forgery(kind, &taken, &sender, &other, roll);
                let answer: Answer =
                    sender.post_raw(forged.path, forged.body, &forged.stamp, &forged.signature).await;
                *said.entry(code(answer).1).or_default() += 1;
            }
            said
        }));
    }
    let mut said = BTreeMap::<String, usize>::new();
    for task in running {
        for (code, times) in task.await.unwrap() {
            *said.entry(code).or_default() += times;
        }
    }
    assert_eq!(said.values().sum::<usize>(), 10_000, "every one was refused: {said:?}");
    assert!(said["replayed"] >= 800 && said["bad_proof"] >= 5_000 && said["bad_time"] >= 1_600, "{said:?}");
    assert_eq!(site.server.service().database().counts().await.unwrap().entries, 1, "{said:?}");

    // The honest device signs the same again, and nothing counts twice.
    let again = sender.send(&request).await.unwrap();
    assert!(matches!(again.receipts[..], [Receipt::Known(1)]));
}

#[tokio::test]
async fn a_restart_forgets_nonces_but_takes_nothing_from_before_it() {
    let site = Site::open().await;
    let mut phone = site.worker("样例甲").await;
    let body = encode(&phone.request(&[])).unwrap();
    let stamp = phone.stamp();
    let signature = phone.sign(&stamp, SYNC_PATH, &body);
    let taken: Answer = phone.post_raw(SYNC_PATH, body.clone(), &stamp, &signature).await;
    taken.unwrap();

    site.clock.forward(1_000);
    let again = site.server.serve(tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap()).unwrap();
    phone.url = again.url();
    let replayed: Answer = phone.post_raw(SYNC_PATH, body, &stamp, &signature).await;
    assert_eq!(code(replayed), (401, "bad_time".into()));
    phone.send(&phone.request(&[])).await.unwrap();
}

#[tokio::test]
async fn a_device_with_a_hardware_kind_of_key_enrols_and_syncs() {
    let site = Site::open().await;
    let person = site.person("样例甲", gridbook_core::model::Role::Worker, &site.grid).await;
    let secret = site.server.admin().invite(&person, 7).await.unwrap().secret;
    let surroundings = site.surroundings();
    let key = Arc::new(SoftwareKey::p256(&[9; 32]).unwrap());
    let url = site.running.url();
    let enrol = EnrolRequest {
        protocol: VERSION,
        invite: secret,
        key: key.key(),
        actor: ActorId::new(&surroundings),
        label: String::new(),
    };
    let weak = EnrolRequest { key: gridbook_core::key::DeviceKey::P256([0xff; 33]), ..enrol.clone() };
    let stranger = HttpServer::new(&url, None, surroundings.clone()).unwrap();
    assert!(stranger.enrol(weak).await.unwrap_err().to_string().contains("key"), "no point of the curve");
    let place = stranger.enrol(enrol.clone()).await.unwrap();

    let request =
        SyncRequest { protocol: VERSION, actor: enrol.actor.0.to_vec(), page: 10, ..SyncRequest::default() };
    let own = HttpServer::new(&url, Some((place.device.clone(), key)), surroundings.clone()).unwrap();
    assert_eq!(own.sync(request.clone()).await.unwrap().grants.len(), 1);
    // Blind repeats are signed anew.
    own.sync(request.clone()).await.unwrap();
    let other = Arc::new(SoftwareKey::p256(&[8; 32]).unwrap());
    let other = HttpServer::new(&url, Some((place.device, other)), surroundings).unwrap();
    let refused = other.sync(request).await.unwrap_err();
    assert!(refused.to_string().contains("bad_proof"), "{refused}");
}
