//! Documents that the core writes open in the official JavaScript implementation of automerge with the
//! same values: the records of a community are not locked into this program.
//!
//! Needs node and `npm ci` in `tests/js`, which `make test` sees to. Where they are absent the stories
//! say so and pass, unless `GRIDBOOK_REQUIRE_NODE=1`.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use gridbook_core::clock::Instant;
use gridbook_core::doc::{Document, edits_between};
use gridbook_core::id::ActorId;
use gridbook_core::model::{Content, Fields, Header, Kind, Scalar};
use gridbook_tests::samples;
use serde_json::{Value, json};

const WORKER: ActorId = ActorId([1; 16]);
const COLLEAGUE: ActorId = ActorId([2; 16]);
const LEAD: ActorId = ActorId([3; 16]);

#[test]
fn every_kind_of_record_opens_with_the_same_values() {
    for kind in Kind::ALL {
        let first = all_fields(&samples::header(kind), &samples::full(kind));
        for field in kind.fields() {
            let inside = format!("{}/", field.name);
            let filled = first.keys().any(|path| *path == field.name || path.starts_with(&inside));
            assert!(filled, "the sample of {kind} leaves {} empty", field.name);
        }

        let mut document = Document::new();
        write(&mut document, WORKER, &Fields::new(), &first, kind);
        let header = Header { voided: Some(samples::voided()), ..samples::header(kind) };
        let second = all_fields(&header, &samples::edited(kind));
        assert_ne!(first, second);
        write(&mut document, COLLEAGUE, &first, &second, kind);

        let Some(seen) = open_elsewhere(&document) else { return };
        assert_eq!(seen["root"], json!(document.fields()), "{kind}");
        assert_eq!(seen["heads"], json!(document.version()), "{kind}");
        assert_eq!(seen["conflicts"], json!({}), "{kind}");
        assert_eq!(seen["root"]["kind"], json!(kind.as_str()));
    }
}

#[test]
fn two_values_of_one_field_are_both_there() {
    let kind = Kind::Visit;
    let first = all_fields(&samples::header(kind), &samples::full(kind));
    let mut document = Document::new();
    write(&mut document, WORKER, &Fields::new(), &first, kind);
    let seen = document.version();
    for (actor, note) in [(COLLEAGUE, "没人应门。"), (LEAD, "请改天再去。")] {
        let mut target = first.clone();
        target.insert("note".into(), Scalar::Text(note.into()));
        let edits = edits_between(&first, &target, kind.fields());
        document.write_at(&seen, actor, samples::MOMENT, &edits).unwrap().unwrap();
    }

    let Some(elsewhere) = open_elsewhere(&document) else { return };
    assert_eq!(elsewhere["root"], json!(document.fields()));
    let conflicts = document.conflicts();
    assert_eq!(conflicts.len(), 1);
    let ours: BTreeSet<_> =
        conflicts[0].candidates.iter().map(|candidate| json!(candidate.value).to_string()).collect();
    let theirs = elsewhere["conflicts"]["note"].as_array().unwrap();
    assert_eq!(theirs.iter().map(Value::to_string).collect::<BTreeSet<_>>(), ours);
    assert_eq!(ours.len(), 2);
}

fn all_fields(header: &Header, content: &Content) -> Fields {
    let mut fields = header.fields();
    fields.extend(content.fields());
    fields
}

fn write(document: &mut Document, actor: ActorId, base: &Fields, target: &Fields, kind: Kind) {
    let edits = edits_between(base, target, kind.fields());
    let at = Instant(samples::MOMENT.0 + 1);
    document.write(actor, at, &edits).expect("it fits").expect("it changes something");
}

/// What `tests/js/open.mjs` sees in the saved document; `None` where node is not to be had.
fn open_elsewhere(document: &Document) -> Option<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("js");
    let node = Command::new("node").arg("--version").output();
    if node.is_err() || !folder.join("node_modules/@automerge/automerge").exists() {
        say_skipped();
        return None;
    }
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(file.path(), document.save()).expect("writing it");
    let output = Command::new("node")
        .arg("open.mjs")
        .arg(file.path())
        .current_dir(&folder)
        .output()
        .expect("running node");
    assert!(output.status.success(), "open.mjs: {}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).expect("open.mjs prints JSON"))
}

#[allow(clippy::print_stderr, reason = "a test that did not run must say so")]
fn say_skipped() {
    assert!(
        std::env::var("GRIDBOOK_REQUIRE_NODE").as_deref() != Ok("1"),
        "node or tests/js/node_modules is missing; run `make test`, or `npm ci` in tests/js"
    );
    eprintln!("skipped: node or tests/js/node_modules is missing");
}
