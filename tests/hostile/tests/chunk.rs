//! The own reader of changes against automerge: what it reads is what the document has, of every kind of
//! record and whatever was typed; what is not plain it leaves to the document.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{AutoCommit, ObjType, ROOT, ScalarValue};
use gridbook_core::chunk::{Action, Chunk, Flaw, Key, Operation, ROW_LIMIT};
use gridbook_core::clock::Instant;
use gridbook_core::doc::{Document, Edits, ParsedChange, read_single};
use gridbook_core::id::ActorId;
use gridbook_core::model::{Fields, Kind, Scalar};
use gridbook_hostile::samples;
use proptest::prelude::*;

const ACTOR: ActorId = ActorId([7; 16]);

fn write(document: &mut Document, actor: u8, edits: &Edits) -> Vec<u8> {
    document.write(ActorId([actor; 16]), samples::MOMENT, edits).unwrap().unwrap().bytes
}

/// A value of the type that the sample has, from what chance gives.
fn value_like(sample: &Scalar, text: &str, number: i64) -> Scalar {
    match sample {
        Scalar::Flag(_) => Scalar::Flag(number % 2 == 0),
        Scalar::Number(_) => Scalar::Number(number),
        Scalar::Running(_) => Scalar::Running(text.to_owned()),
        _ if number % 7 == 0 => Scalar::Null,
        _ => Scalar::Text(text.to_owned()),
    }
}

/// Any record: of any kind, any of its fields, with texts of any script.
fn records() -> impl Strategy<Value = Fields> {
    let value = (any::<bool>(), "\\PC{0,90}|[一-龥。,\n]{0,90}", any::<i64>());
    (0..Kind::ALL.len(), proptest::collection::vec(value, 64)).prop_map(|(kind, values)| {
        let fields = samples::fields(Kind::ALL[kind]).into_iter().zip(values);
        let kept = fields.filter(|(_, (keep, ..))| *keep);
        kept.map(|((path, sample), (_, text, number))| (path, value_like(&sample, &text, number))).collect()
    })
}

fn operations(bytes: &[u8]) -> Result<Vec<Operation<'_>>, Flaw> {
    Chunk::read(bytes)?.operations().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn a_first_change_reads_as_the_document_that_is_built_from_it(fields in records()) {
        prop_assume!(!fields.is_empty());
        let (document, change) = Document::begin(ACTOR, samples::MOMENT, &fields).unwrap();
        let edits = fields.iter().map(|(path, value)| (path.clone(), Some(value.clone()))).collect();
        prop_assert_eq!(Document::new().write(ACTOR, samples::MOMENT, &edits).unwrap(), Some(change.clone()));
        let parsed = ParsedChange::parse(&change.bytes).unwrap();
        prop_assert_eq!(read_single(&parsed), Some(document.fields()));
        let chunk = Chunk::read(&change.bytes).unwrap();
        prop_assert_eq!((chunk.hash, chunk.actor, chunk.seq), (parsed.hash(), ACTOR, 1));
        prop_assert_eq!((chunk.start_op, chunk.at, chunk.dependencies.len()), (1, samples::MOMENT, 0));
        prop_assert_eq!(chunk.count_operations(), Ok(parsed.max_op()));
    }

    #[test]
    fn every_later_change_is_read_and_none_taken_for_a_first(
        first in records(), edits in proptest::collection::vec((records(), 0_u8..3, any::<bool>()), 1..6),
    ) {
        prop_assume!(!first.is_empty());
        let mut document = Document::begin(ACTOR, samples::MOMENT, &first).unwrap().0;
        let mut aside = document.clone();
        for (fields, actor, beside) in edits {
            let edits = fields.into_iter().map(|(path, value)| (path, (value != Scalar::Null).then_some(value)));
            let branch = if beside { &mut aside } else { &mut document };
            let Some(change) = branch.write(ActorId([actor; 16]), Instant(1), &edits.collect()).unwrap() else {
                continue;
            };
            let parsed = ParsedChange::parse(&change.bytes).unwrap();
            let chunk = Chunk::read(&change.bytes).unwrap();
            prop_assert_eq!(read_single(&parsed), None);
            prop_assert_eq!((chunk.hash, chunk.actor), (parsed.hash(), parsed.actor()));
            prop_assert_eq!((chunk.seq, chunk.start_op, chunk.at), (parsed.seq(), parsed.start_op(), parsed.at()));
            let dependencies: Vec<_> = parsed.deps().map(|hash| hash.0).collect();
            prop_assert_eq!(chunk.dependencies, dependencies);
            prop_assert_eq!(chunk.start_op + chunk.count_operations().unwrap() - 1, parsed.max_op());
            if actor == 2 {
                let others: Vec<_> = aside.changes().into_iter().filter(|c| !document.holds(&c.hash())).collect();
                let merges = others.iter().all(|change| document.last_seq(&change.actor()) + 1 == change.seq());
                if merges {
                    others.iter().for_each(|change| document.apply(change).unwrap());
                    aside = document.clone();
                }
            }
        }
    }
}

#[test]
fn operations_tell_where_what_and_what_they_replace() {
    let mut document = Document::new();
    let text = |value: &str| Edits::from([("text".to_owned(), Some(Scalar::Running(value.to_owned())))]);
    write(&mut document, 1, &text("甲"));
    let bytes = write(&mut document, 2, &text("乙"));
    let operations = operations(&bytes).unwrap();
    let chunk = Chunk::read(&bytes).unwrap();
    let deletes: Vec<_> = operations.iter().filter(|o| o.action == Action::Delete).collect();
    assert_eq!((deletes.len(), deletes[0].replaces, deletes[0].insert), (1, 1, false));
    let object = deletes[0].object.unwrap();
    assert_eq!((object.counter, chunk.actor_at(object.actor)), (1, Some(ActorId([1; 16]))));
    assert!(operations.iter().any(|o| o.insert && matches!(o.key, Key::First | Key::Element(_))));
    assert_eq!((chunk.actor_at(0), chunk.actor_at(2)), (Some(ActorId([2; 16])), None));
}

/// Writes a change that no record has.
fn unusual(write: impl FnOnce(&mut AutoCommit)) -> Vec<u8> {
    let mut document = AutoCommit::new().with_actor(automerge::ActorId::from(ACTOR.0));
    write(&mut document);
    document.commit_with(CommitOptions::default().with_time(samples::MOMENT.0));
    document.get_last_local_change().unwrap().raw_bytes().to_vec()
}

#[test]
fn what_no_record_has_is_left_to_the_document() {
    let put = |value: ScalarValue| unusual(|document| document.put(ROOT, "note", value).unwrap());
    let left: [(&str, Vec<u8>); 9] = [
        ("a counter", put(ScalarValue::counter(3))),
        ("a float", put(ScalarValue::F64(0.5))),
        ("bytes", put(ScalarValue::Bytes(vec![1]))),
        ("a timestamp", put(ScalarValue::Timestamp(3))),
        ("a map", unusual(|document| drop(document.put_object(ROOT, "note", ObjType::Map).unwrap()))),
        ("a list", unusual(|document| drop(document.put_object(ROOT, "note", ObjType::List).unwrap()))),
        (
            "a value twice",
            unusual(|document| {
                document.put(ROOT, "note", "一").unwrap();
                document.put(ROOT, "note", "二").unwrap();
            }),
        ),
        (
            "a text typed backwards",
            unusual(|document| {
                let text = document.put_object(ROOT, "text", ObjType::Text).unwrap();
                document.splice_text(&text, 0, 0, "末").unwrap();
                document.splice_text(&text, 0, 0, "首").unwrap();
            }),
        ),
        (
            "a message",
            unusual(|document| {
                document.put(ROOT, "note", "一").unwrap();
                document.commit_with(CommitOptions::default().with_message("藏"));
            }),
        ),
    ];
    for (what, bytes) in left {
        let read = ParsedChange::parse(&bytes).ok().and_then(|change| read_single(&change));
        assert_eq!(read, None, "{what}");
    }
}

#[test]
fn more_operations_than_a_record_needs_are_not_read() {
    let change = |characters: usize| {
        let text = Scalar::Running("字".repeat(characters));
        write(&mut Document::new(), 1, &Edits::from([("text".to_owned(), Some(text))]))
    };
    let most = usize::try_from(ROW_LIMIT).unwrap() - 1;
    assert_eq!(operations(&change(most)).map(|rows| rows.len()), Ok(most + 1));
    assert_eq!(operations(&change(most + 1)), Err(Flaw::Excessive));
}
