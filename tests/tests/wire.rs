//! The examples of `docs/PROTOCOL.md` are what travels: each message is encoded and written out in CBOR's
//! diagnostic notation, and the document must show just that. A change of a message that nobody meant shows here.

use ciborium::Value;
use gridbook_core::clock::Instant;
use gridbook_core::gate::{self, Refusal};
use gridbook_core::id::{
    ActorId, BoxKey, Chain, ChangeHash, DeviceId, PersonId, RecordId, RevealId, ScopeId, Seal, ServerKey,
    Signature,
};
use gridbook_core::key::DeviceKey;
use gridbook_core::model::{Directory, Grant, Person, Reveal, Rhythm, RhythmTable, Role, Scope, ScopeKind};
use gridbook_core::sync::encoding;
use gridbook_core::sync::protocol::{
    BoxRequest, BoxResponse, Checkpoint, Cursor, EnrolRequest, EnrolResponse, Failure, Page, Pulled, Push,
    Receipt, RecoverRequest, RecoverResponse, Revocation, ScopePage, Span, SyncRequest, SyncResponse, Terms,
    UnlockRequest, UnlockResponse, VERSION,
};
use gridbook_tests::repository::root;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The head of a change with one column of five bytes of values: one of everything, no dependency.
const HEAD: [u8; 28] = {
    let mut head = [0xa1; 28];
    let begin = [0x01, 31, 0, 16];
    let end = [1, 1, 0, 0, 0, 1, 0x57, 5];
    let mut at = 0;
    while at < 4 {
        head[at] = begin[at];
        at += 1;
    }
    while at < 12 {
        head[at + 16] = end[at - 4];
        at += 1;
    }
    head
};

/// A change as the gate reads it from the wire.
fn change() -> Vec<u8> {
    gate::chunk(&HEAD, b"value")
}

#[test]
fn enrolment_is_as_documented() {
    shown(
        "enrol_request",
        &EnrolRequest {
            protocol: VERSION,
            invite: "k7q2-9x4m-8d3v".into(),
            key: DeviceKey::Ed25519([0xd1; 32]),
            actor: ActorId([0xa1; 16]),
            label: "三网格一号机".into(),
        },
    );
    shown(
        "enrol_response",
        &EnrolResponse {
            device: DeviceId::from("d5k2m9q1x"),
            person: PersonId::from("pworker11"),
            grants: vec![Grant { scope: grid(), role: Role::Worker }],
            directory: directory(),
            server: Some(ServerKey([0x51; 32])),
            terms: Some(terms()),
        },
    );
}

/// Terms as an answer carries them.
fn terms() -> Terms {
    let (at, sealing) = (Instant(1_795_397_400_000), BoxKey([0xb0; 32]));
    Terms { at, lease_hours: 72, sealing, proof: Signature([0x9f; 64]) }
}

#[test]
fn an_exchange_is_as_documented() {
    shown(
        "sync_request",
        &SyncRequest {
            protocol: VERSION,
            actor: vec![0xa1; 16],
            cursors: vec![
                Cursor { scope: grid(), seq: 41, chain: Chain([0xc1; 16]) },
                Cursor { scope: ScopeId::from("sgroup001"), seq: 0, chain: Chain::START },
            ],
            push: ["visit", "diary", "review"].map(|name| Push(record(name), 0, change())).into(),
            directory: 7,
            echo: false,
            page: 2_000,
            ask: vec![0xa5; 16],
            reveals: Vec::new(),
            app: Some("0.1.0".into()),
            unsent: Some(2),
        },
    );
    shown(
        "sync_response",
        &SyncResponse {
            receipts: vec![
                Receipt::Accepted(43),
                Receipt::Known(12),
                Receipt::Refused(Refusal::NotPermitted),
            ],
            scopes: vec![
                ScopePage::Page(Page {
                    scope: grid(),
                    after: 41,
                    upto: 43,
                    chain: Chain([0xc2; 16]),
                    seal: Seal([0x5e; 32]),
                    changes: vec![Pulled(record("visit"), change())],
                    own: vec![43],
                    gone: Vec::new(),
                    remaining: 0,
                }),
                ScopePage::Diverged(ScopeId::from("sgroup001")),
            ],
            grants: vec![Grant { scope: grid(), role: Role::Worker }],
            directory: None,
            at: Instant(1_795_397_400_000),
            more: false,
            registered: false,
            terms: Some(terms()),
            revealed: 0,
        },
    );
    shown(
        "reveal",
        &Reveal {
            id: RevealId([0x4e; 16]),
            record: record("household"),
            field: "phone".into(),
            at: Instant(1_795_397_400_000),
            reason: "联系住户".into(),
        },
    );
}

#[test]
fn what_a_phone_tells_of_itself_may_be_missing_and_what_a_later_one_tells_is_passed_over() {
    let request = SyncRequest {
        protocol: VERSION,
        app: Some("0.1.0".into()),
        unsent: Some(2),
        ..SyncRequest::default()
    };
    let Value::Map(mut fields) = encoding::decode(&encoding::encode(&request).expect("CBOR")).expect("CBOR")
    else {
        panic!("a message is a map")
    };
    let read = |fields: &[(Value, Value)]| -> SyncRequest {
        encoding::decode(&encoding::encode(&Value::Map(fields.to_vec())).expect("CBOR")).expect("CBOR")
    };
    // An older server reads the fields that it does not know just so.
    fields.push((Value::Text("battery".into()), Value::Integer(80.into())));
    assert_eq!(read(&fields), request);
    fields.retain(|(name, _)| !matches!(name.as_text(), Some("app" | "unsent")));
    assert_eq!(read(&fields), SyncRequest { app: None, unsent: None, ..request });
    let silent = SyncRequest { protocol: VERSION, ..SyncRequest::default() };
    let Value::Map(fields) = encoding::decode(&encoding::encode(&silent).expect("CBOR")).expect("CBOR")
    else {
        panic!("a message is a map")
    };
    assert!(fields.iter().all(|(name, _)| !matches!(name.as_text(), Some("app" | "unsent"))));
}

#[test]
fn a_failure_is_as_documented() {
    shown(
        "failure",
        &Failure {
            code: "revoked".into(),
            detail: "this device was revoked; ask the administrator".into(),
            revocation: Some(Revocation { at: Instant(1_795_397_400_000), proof: Signature([0x9f; 64]) }),
        },
    );
}

#[test]
fn taking_leave_and_unlocking_are_as_documented() {
    shown("box_request", &BoxRequest { protocol: VERSION, sealed: vec![0x5e; 80] });
    shown("box_response", &BoxResponse { proof: Signature([0x9f; 64]) });
    shown(
        "unlock_request",
        &UnlockRequest {
            protocol: VERSION,
            escrow: vec![0xe5; 80],
            reply: BoxKey([0xb1; 32]),
            ask: vec![0xa5; 16],
        },
    );
    shown("unlock_response", &UnlockResponse { sealed: vec![0x5e; 80], terms: terms() });
}

#[test]
fn recovery_is_as_documented() {
    shown(
        "recover_find",
        &RecoverRequest::Find {
            scope: grid(),
            points: vec![(43, Chain([0xc2; 16])), (41, Chain([0xc1; 16]))],
        },
    );
    shown("recover_found", &RecoverResponse::Found { seq: 41, chain: Chain([0xc1; 16]) });
    shown("recover_offer", &RecoverRequest::Offer { span: span() });
    shown("recover_wanted", &RecoverResponse::Wanted { positions: vec![1] });
    shown(
        "recover_give",
        &RecoverRequest::Give { span: span(), changes: vec![Pulled(record("visit"), change())] },
    );
    shown("recover_taken", &RecoverResponse::Taken { count: 1 });
}

fn grid() -> ScopeId {
    ScopeId::from("sgrid0001")
}

fn record(name: &str) -> RecordId {
    RecordId::derived(&["sample", name])
}

fn span() -> Span {
    let place = |seq, byte| Checkpoint { seq, chain: Chain([byte; 16]), seal: Seal([byte ^ 0x0f; 32]) };
    Span {
        scope: grid(),
        from: Some(place(41, 0xc1)),
        to: place(43, 0xc2),
        hashes: vec![ChangeHash([0x42; 32]), ChangeHash([0x43; 32])],
    }
}

fn directory() -> Directory {
    Directory {
        version: 7,
        scopes: vec![
            Scope {
                id: ScopeId::from("scommun01"),
                kind: ScopeKind::Community,
                name: "样例社区".into(),
                parent: None,
            },
            Scope {
                id: grid(),
                kind: ScopeKind::Grid,
                name: "第三网格".into(),
                parent: Some(ScopeId::from("scommun01")),
            },
        ],
        people: vec![Person { id: PersonId::from("pworker11"), name: "样例甲".into() }],
        actors: vec![(ActorId([0xa1; 16]), PersonId::from("pworker11"))],
        rhythms: RhythmTable(vec![Rhythm {
            class: "red".into(),
            zh: "红".into(),
            en: "Red".into(),
            days: 7,
        }]),
        zone_minutes: 480,
    }
}

/// Asserts that the message survives the wire, that its bytes are those of the snapshot, and that the
/// document shows it.
fn shown<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(name: &str, message: &T) {
    let bytes = encoding::encode(message).expect("a message can be encoded");
    assert_eq!(encoding::decode::<T>(&bytes).expect("and decoded"), *message);
    let mut cbor = Vec::new();
    ciborium::into_writer(message, &mut cbor).expect("a message can be written");
    insta::assert_snapshot!(name, hexadecimal(&cbor));
    let value: Value = encoding::decode(&bytes).expect("it is CBOR");
    let text = diagnostic(&value, 0);
    let document = std::fs::read_to_string(root().join("docs/PROTOCOL.md")).expect("docs/PROTOCOL.md");
    assert!(document.contains(&text), "docs/PROTOCOL.md does not show this message:\n```text\n{text}\n```");
}

/// Bytes in lines of 32.
fn hexadecimal(bytes: &[u8]) -> String {
    let line = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    bytes.chunks(32).map(line).collect::<Vec<_>>().join("\n")
}

/// CBOR's diagnostic notation; byte strings are cut after four bytes, what fits stays on one line.
fn diagnostic(value: &Value, depth: usize) -> String {
    let (open, parts, close) = match value {
        Value::Array(items) => ("[", items.iter().map(|item| diagnostic(item, depth + 1)).collect(), "]"),
        Value::Map(entries) => {
            let entry = |(key, value): &(Value, Value)| {
                format!("{}: {}", diagnostic(key, depth + 1), diagnostic(value, depth + 1))
            };
            ("{", entries.iter().map(entry).collect::<Vec<_>>(), "}")
        }
        Value::Bytes(bytes) => {
            let start: String = bytes.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
            return format!("h'{start}{}'", if bytes.len() > 4 { "…" } else { "" });
        }
        Value::Text(text) => return format!("\"{text}\""),
        Value::Integer(number) => return i128::from(*number).to_string(),
        Value::Bool(flag) => return flag.to_string(),
        Value::Null => return "null".to_owned(),
        other => panic!("the protocol has no {other:?}"),
    };
    let line = format!("{open}{}{close}", parts.join(", "));
    if line.chars().count() + 2 * depth <= 90 && !line.contains('\n') && depth > 0 {
        return line;
    }
    let indent = "  ".repeat(depth);
    let parts: Vec<_> = parts.iter().map(|part| format!("{indent}  {part}")).collect();
    format!("{open}\n{}\n{indent}{close}", parts.join(",\n"))
}
