//! The bytes of the wire change only on purpose: every message as a snapshot, and its way there and back.

use std::fmt::Write as _;

use ciborium::Value;
use gridbook_core::clock::Instant;
use gridbook_core::doc::{Document, Edits};
use gridbook_core::gate::Refusal;
use gridbook_core::id::{ActorId, Chain, ChangeHash, DeviceId, DeviceKey, PersonId, ScopeId, Seal};
use gridbook_core::model::{Directory, Grant, Kind, Person, Role, Scope, ScopeKind};
use gridbook_core::sync::encoding::{decode, encode};
use gridbook_core::sync::protocol::{
    Checkpoint, Cursor, EnrolRequest, EnrolResponse, Failure, Page, Pulled, Push, Receipt, RecoverRequest,
    RecoverResponse, ScopePage, Span, SyncRequest, SyncResponse, VERSION,
};
use gridbook_tests::samples;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// CBOR as people read it.
fn diagnose(value: &Value, depth: usize) -> String {
    let pad = "  ".repeat(depth + 1);
    match value {
        Value::Bytes(bytes) if bytes.len() > 32 => format!("h'… {} bytes'", bytes.len()),
        Value::Bytes(bytes) => {
            bytes.iter().fold(String::from("h'"), |mut text, byte| {
                let _ = write!(text, "{byte:02x}");
                text
            }) + "'"
        }
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(|item| diagnose(item, depth)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(entries) => {
            entries.iter().fold(String::from("{"), |text, (key, value)| {
                format!("{text}\n{pad}{}: {}", diagnose(key, depth), diagnose(value, depth + 1))
            }) + "}"
        }
        Value::Text(text) => format!("{text:?}"),
        Value::Integer(number) => i128::from(*number).to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Null => "null".into(),
        other => format!("{other:?}"),
    }
}

fn shown<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(message: &T) -> String {
    assert_eq!(&decode::<T>(&encode(message).unwrap()).unwrap(), message, "there and back");
    diagnose(&Value::serialized(message).unwrap(), 0)
}

fn change() -> Vec<u8> {
    let edits: Edits =
        samples::fields(Kind::Visit).into_iter().map(|(path, value)| (path, Some(value))).collect();
    Document::new().write(ActorId([7; 16]), Instant(samples::MORNING.0), &edits).unwrap().unwrap().bytes
}

fn directory() -> Directory {
    Directory {
        version: 3,
        scopes: vec![Scope {
            id: "sgrid001".into(),
            kind: ScopeKind::Grid,
            name: "第一网格".into(),
            parent: Some("stown001".into()),
        }],
        people: vec![Person { id: "pauthor1".into(), name: "测试员甲".into() }],
        actors: vec![(ActorId([7; 16]), "pauthor1".into())],
        zone_minutes: 480,
        ..Directory::default()
    }
}

fn span() -> Span {
    let place = |seq| Checkpoint { seq, chain: Chain([3; 16]), seal: Seal([4; 32]) };
    Span {
        scope: "sgrid001".into(),
        from: Some(place(10)),
        to: place(12),
        hashes: vec![ChangeHash([5; 32]), ChangeHash([6; 32])],
    }
}

#[test]
fn enrolment() {
    let request = EnrolRequest {
        protocol: VERSION,
        invite: "secret-of-the-invitation".into(),
        key: DeviceKey([1; 32]),
        actor: ActorId([7; 16]),
        label: "红米".into(),
    };
    insta::assert_snapshot!("enrol_request", shown(&request));
    let response = EnrolResponse {
        device: DeviceId::from("ddevice1"),
        person: PersonId::from("pauthor1"),
        grants: vec![Grant { scope: "sgrid001".into(), role: Role::Worker }],
        directory: directory(),
    };
    insta::assert_snapshot!("enrol_response", shown(&response));
}

#[test]
fn an_exchange() {
    let request = SyncRequest {
        protocol: VERSION,
        actor: vec![7; 16],
        cursors: vec![Cursor { scope: ScopeId::from("sgrid001"), seq: 12, chain: Chain([3; 16]) }],
        push: vec![Push(samples::id(2), 0, change())],
        directory: 2,
        echo: false,
        page: 1_000,
    };
    insta::assert_snapshot!("sync_request", shown(&request));
    let response = SyncResponse {
        receipts: vec![Receipt::Accepted(13), Receipt::Known(9), Receipt::Refused(Refusal::NotPermitted)],
        scopes: vec![
            ScopePage::Page(Page {
                scope: "sgrid001".into(),
                after: 12,
                upto: 14,
                chain: Chain([3; 16]),
                seal: Seal([4; 32]),
                changes: vec![Pulled(samples::id(4), change())],
                own: vec![13],
                remaining: 0,
            }),
            ScopePage::Diverged("sgroup01".into()),
        ],
        grants: vec![Grant { scope: "sgrid001".into(), role: Role::Worker }],
        directory: Some(directory()),
        more: false,
        registered: true,
    };
    insta::assert_snapshot!("sync_response", shown(&response));
}

#[test]
fn recovery() {
    let find = RecoverRequest::Find { scope: "sgrid001".into(), points: vec![(12, Chain([3; 16]))] };
    let offer = RecoverRequest::Offer { span: span() };
    let give = RecoverRequest::Give { span: span(), changes: vec![Pulled(samples::id(4), change())] };
    insta::assert_snapshot!("recover_find", shown(&find));
    insta::assert_snapshot!("recover_offer", shown(&offer));
    insta::assert_snapshot!("recover_give", shown(&give));
    let answers = [
        RecoverResponse::Found { seq: 10, chain: Chain([3; 16]) },
        RecoverResponse::Wanted { positions: vec![0, 1] },
        RecoverResponse::Taken { count: 2 },
    ];
    let answers: Vec<_> = answers.iter().map(shown).collect();
    insta::assert_snapshot!("recover_answers", answers.join("\n"));
}

#[test]
fn a_failure() {
    let failure = Failure { code: "bad_proof".into(), detail: "the signature is not the device's".into() };
    insta::assert_snapshot!("failure", shown(&failure));
}

#[test]
fn a_document_as_a_change() {
    let bytes = change();
    let parsed = gridbook_core::doc::ParsedChange::parse(&bytes).unwrap();
    let fields = gridbook_core::doc::read_single(&parsed).unwrap();
    let lines: Vec<_> = fields.iter().map(|(path, value)| format!("{path} = {value:?}")).collect();
    insta::assert_snapshot!("visit_fields", lines.join("\n"));
    assert_eq!(parsed.bytes(), bytes, "the raw chunk is stored and sent as it was written");
}
