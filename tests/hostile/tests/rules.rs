//! The gate's limits and rules from both sides: what is just within passes, what is just beyond is refused.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;

use gridbook_core::chunk::ROW_LIMIT;
use gridbook_core::clock::Instant;
use gridbook_core::doc::{Document, Edits};
use gridbook_core::gate::{self, CHANGE_LIMIT, Refusal};
use gridbook_core::model::{Kind, Scalar, TEXT_LIMIT};
use gridbook_hostile::forge::{self, Forged, Row};
use gridbook_hostile::honest::{AUTHOR, LEAD, Record};
use gridbook_hostile::samples;

/// What the gate says to a first change.
fn first(change: &Forged) -> Result<(), Refusal> {
    let change = gate::read(&change.bytes())?;
    let (quick, tried) = (gate::admit_first(&change), gate::admit(None, &change));
    assert_eq!(quick.as_ref().err(), tried.as_ref().err(), "the short way gives the trial's word");
    tried.map(drop)
}

/// What the gate says to a visit that begins with `row` too.
fn with(row: Row) -> Result<(), Refusal> {
    first(&forge::first(&[Row::put("kind", "visit"), row]))
}

/// What the gate says to a visit with a running text `text` and an operation on its element.
fn typed(row: Row) -> Result<(), Refusal> {
    first(&forge::first(&[Row::put("kind", "diary"), Row::make("text", 4), row]))
}

/// What the gate says to the lead's second change of `record`, with one operation.
fn later(record: &Record, seq: u64, start_op: u64, row: Row) -> Result<(), Refusal> {
    let held = record.document.version().to_bytes();
    let dependencies = held.chunks(32).map(|hash| hash.try_into().unwrap()).collect();
    let actor = LEAD.0.to_vec();
    let change = Forged { dependencies, actor, seq, start_op, ..forge::first(&[row]) };
    gate::admit(Some(record.document.clone()), &gate::read(&change.bytes()).unwrap()).map(drop)
}

/// The number of the operation that comes after what `record` holds.
fn next_op(record: &Record) -> u64 {
    let next = record.document.clone().write(LEAD, Instant(5), &edit("note", "一")).unwrap().unwrap();
    gate::read(&next.bytes).unwrap().start_op()
}

#[test]
fn a_time_is_one_that_a_calendar_shows() {
    let at = |time: i64| first(&Forged { time, ..forge::first(&[Row::put("kind", "visit")]) });
    let (first_day, last_moment) = (0, 4_102_444_800_000);
    assert_eq!((at(first_day), at(last_moment)), (Ok(()), Ok(())));
    assert_eq!(at(first_day - 1), Err(Refusal::ImpossibleTime));
    assert_eq!(at(last_moment + 1), Err(Refusal::ImpossibleTime));
}

#[test]
fn two_devices_may_begin_a_record_side_by_side_and_none_begins_it_twice() {
    let (held, _) = Document::begin(AUTHOR, samples::MOMENT, &samples::fields(Kind::Visit)).unwrap();
    let (_, beside) = Document::begin(LEAD, samples::MOMENT, &samples::fields(Kind::Visit)).unwrap();
    let beside = gate::read(&beside.bytes).unwrap();
    let both = gate::admit(Some(held.clone()), &beside).unwrap().document.unwrap();
    assert_eq!(both.changes().len(), 2);
    let again = |seq: u64| {
        let change = Forged { actor: AUTHOR.0.to_vec(), seq, ..forge::first(&[Row::put("kind", "visit")]) };
        gate::admit(Some(held.clone()), &gate::read(&change.bytes()).unwrap()).map(drop)
    };
    assert_eq!((again(1), again(2)), (Err(Refusal::WrongSequence), Err(Refusal::WrongSequence)));
}

#[test]
fn a_change_goes_exactly_after_what_is_held() {
    let record = Record::of(Kind::Visit);
    let next_op = next_op(&record);
    let change = |seq: u64, start_op: u64| later(&record, seq, start_op, Row::put("unknown", "一"));
    assert_eq!(change(2, next_op), Ok(()));
    for (seq, start_op) in [(1, next_op), (3, next_op), (2, next_op - 1), (2, next_op + 1)] {
        assert_eq!(change(seq, start_op), Err(Refusal::WrongSequence), "{seq}, {start_op}");
    }
}

/// A document that grows by forged changes.
struct Branches {
    document: Document,
    /// The number of the operation that comes after each change.
    next_op: BTreeMap<[u8; 32], u64>,
}

impl Branches {
    /// A visit that was just begun, and the name of its first change.
    fn new() -> (Self, [u8; 32]) {
        let fields = samples::fields(Kind::Visit);
        let (document, begun) = Document::begin(AUTHOR, samples::MOMENT, &fields).unwrap();
        let begun = gate::read(&begun.bytes).unwrap();
        let count = begun.chunk().unwrap().operations().count() as u64;
        let next_op = [(begun.hash().0, begun.start_op() + count)].into();
        (Self { document, next_op }, begun.hash().0)
    }

    /// A change of so many fields on top of another.
    fn add(&mut self, actor: u8, seq: u64, on: [u8; 32], fields: usize) -> Result<[u8; 32], Refusal> {
        let rows: Vec<_> = (0..fields).map(|number| Row::put(&format!("unknown{number}"), "一")).collect();
        let (actor, start_op) = (vec![actor; 16], self.next_op[&on]);
        let change = Forged { dependencies: vec![on], actor, seq, start_op, ..forge::first(&rows) };
        let change = gate::read(&change.bytes()).unwrap();
        let admitted = gate::admit(Some(self.document.clone()), &change)?;
        self.document = admitted.document.unwrap();
        self.next_op.insert(change.hash().0, start_op + fields as u64);
        Ok(change.hash().0)
    }
}

/// automerge replays a document the shallow branch first. Where an actor's second change is there and its first in the deep
/// one, it panics over the history, and over the whole record when that is loaded from its changes.
#[test]
fn an_actors_changes_are_one_line() {
    let (mut visit, begun) = Branches::new();
    let deep = visit.add(1, 1, begun, 1).unwrap();
    let deep = visit.add(1, 2, deep, 1).unwrap();
    let shallow = visit.add(2, 1, begun, 3).unwrap();
    let first = visit.add(3, 1, deep, 1).unwrap();
    assert_eq!(visit.add(3, 2, shallow, 1), Err(Refusal::WrongSequence));
    assert_eq!(visit.add(3, 2, begun, 1), Err(Refusal::WrongSequence));
    let second = visit.add(3, 2, first, 1).unwrap();
    assert!(visit.add(2, 2, second, 1).is_err(), "nor does somebody else's line stand in for one's own");
    assert_eq!(visit.document.history().unwrap().len(), 6);
    let changes = visit.document.changes();
    assert_eq!(
        gate::build(&changes.iter().map(|change| change.bytes()).collect::<Vec<_>>()).map(drop),
        Ok(())
    );
}

#[test]
fn a_change_writes_each_field_once() {
    let twice = |name: &str| {
        let rows = [Row::put("kind", "visit"), Row::put("note", "一"), Row::put(name, "visit")];
        first(&forge::first(&rows))
    };
    assert_eq!(twice("requests"), Ok(()));
    assert_eq!((twice("note"), twice("kind")), (Err(Refusal::NotARecord), Err(Refusal::NotARecord)));
}

#[test]
fn a_later_change_keeps_to_the_kind_that_the_record_began_with() {
    let record = Record::of(Kind::Visit);
    let path = |path: &str| later(&record, 2, next_op(&record), Row::put(path, "一"));
    let flag = |path: &str| {
        let row = Row { value: (2, Vec::new()), ..Row::put(path, "") };
        later(&record, 2, next_op(&record), row)
    };
    assert_eq!((path("note"), flag("purposes/census")), (Ok(()), Ok(())));
    // Each field in its type.
    assert_eq!((flag("note"), path("purposes/census")), (Err(Refusal::NotARecord), Err(Refusal::NotARecord)));
    assert_eq!((path("note/a"), path("purposes")), (Err(Refusal::NotARecord), Err(Refusal::NotARecord)));
}

#[test]
fn what_was_taken_in_is_built_again() {
    let record = Record::of(Kind::Visit);
    let built = gate::build(&record.changes).unwrap();
    assert_eq!((built.version(), built.fields()), (record.document.version(), record.document.fields()));
    assert_eq!(
        gate::build(&record.changes[1..]).map(drop),
        Err(Refusal::DoesNotApply),
        "without the first one"
    );
}

#[test]
fn a_change_is_at_most_64_kib() {
    let of = |length: usize| {
        // Texts of unknown fields, each within its own limit, until the change has this length.
        let rows = |tail: usize| {
            let part = "x".repeat(10_000);
            let mut rows = vec![Row::put("kind", "visit")];
            rows.extend((0..6).map(|number| Row::put(&format!("unknown{number}"), &part)));
            rows.push(Row::put("unknown7", &"x".repeat(tail)));
            forge::first(&rows).bytes()
        };
        let without = rows(1_000).len() - 1_000;
        // Lengths are themselves written in one to three bytes.
        let near = (length - without - 4)..=(length - without);
        let bytes = near.map(rows).find(|bytes| bytes.len() == length).unwrap();
        gate::read(&bytes).map(drop)
    };
    assert_eq!(of(CHANGE_LIMIT), Ok(()));
    assert_eq!(of(CHANGE_LIMIT + 1), Err(Refusal::TooLarge));
}

#[test]
fn a_path_has_few_and_short_parts() {
    let path = |path: &str| with(Row::put(path, "一"));
    assert_eq!(path(&"p".repeat(256)), Ok(()));
    assert_eq!(path(&"p".repeat(257)), Err(Refusal::NotARecord));
    assert_eq!(path("unknown/a/b/c"), Ok(()));
    assert_eq!(path("unknown/a/b/c/d"), Err(Refusal::NotARecord));
    for broken in ["", "/", "unknown/", "/unknown", "unknown//a"] {
        assert_eq!(path(broken), Err(Refusal::NotARecord), "{broken:?}");
    }
}

#[test]
fn a_known_field_stands_at_its_depth_and_no_list_is_begun_or_inserted_into() {
    let path = |path: &str| with(Row::put(path, "一"));
    assert_eq!((path("note"), path("purposes/census")), (Ok(()), Ok(())));
    for wrong in ["note/a", "purposes", "purposes/census/a", "kind/a", "author/a"] {
        assert_eq!(path(wrong), Err(Refusal::NotARecord), "{wrong}");
    }
    assert_eq!(with(Row { insert: true, ..Row::put("note", "一") }), Err(Refusal::NotARecord));
    let action = |action: u64| with(Row::make("unknown", action));
    assert_eq!(action(4), Ok(()));
    for begun in [0, 2, 6] {
        assert!(action(begun).is_err(), "{begun}");
    }
    // A running text only where the kind has one, or where this version knows nothing of it.
    assert_eq!(with(Row::make("note", 4)), Err(Refusal::NotARecord));
    assert_eq!(with(Row::make("author", 4)), Err(Refusal::NotARecord));
    assert_eq!(first(&forge::first(&[Row::put("kind", "diary"), Row::make("text", 4)])), Ok(()));
}

#[test]
fn a_value_is_of_a_known_type_and_length() {
    let text = |length: usize| with(Row::put("note", &"一".repeat(length)));
    assert_eq!((text(TEXT_LIMIT), text(TEXT_LIMIT + 1)), (Ok(()), Err(Refusal::TooLarge)));
    let value = |kind: u64, bytes: &[u8]| with(Row { value: (kind, bytes.to_vec()), ..Row::put("note", "") });
    // A number, a truth, nothing; then bytes and a type that nobody knows.
    assert_eq!((value(4, &[5]), value(1, &[]), value(0, &[])), (Ok(()), Ok(()), Ok(())));
    assert!(value(7, b"bytes").is_err() && value(12, b"?").is_err());
}

#[test]
fn a_day_is_one_that_every_platform_writes_with_four_digits() {
    let record = Record::of(Kind::Visit);
    let next = next_op(&record);
    let on = |day: &str| later(&record, 2, next, Row::put("next_visit", day));
    assert_eq!((on("0000-01-01"), on("9999-12-31")), (Ok(()), Ok(())));
    for none in ["+12000-01-01", "-0001-12-31", "2026-02-30", "2026-13-01", "+262142-12-31"] {
        assert_eq!(on(none), Err(Refusal::NotARecord), "{none}");
    }
}

#[test]
fn an_element_is_one_typed_or_deleted_character() {
    let insert = |text: &str| typed(Row::insert((2, 0), (0, None), text));
    assert_eq!((insert("一"), insert(&"x".repeat(64))), (Ok(()), Ok(())));
    assert_eq!((insert(""), insert(&"x".repeat(65))), (Err(Refusal::NotARecord), Err(Refusal::NotARecord)));
    let on_character = |row: Row| {
        let rows =
            [Row::put("kind", "diary"), Row::make("text", 4), Row::insert((2, 0), (0, None), "一"), row];
        first(&forge::first(&rows))
    };
    let after = Row::insert((2, 0), (3, Some(0)), "二");
    assert_eq!(on_character(after.clone()), Ok(()));
    // Written over instead of inserted, or inserted in place of another.
    assert_eq!(on_character(Row { insert: false, ..after.clone() }), Err(Refusal::NotARecord));
    assert!(on_character(Row { replaced: vec![(3, 0)], ..after.clone() }).is_err());
    let deleted = Row { insert: false, action: 3, value: (0, Vec::new()), replaced: vec![(3, 0)], ..after };
    assert_eq!(on_character(deleted.clone()), Ok(()));
    assert!(on_character(Row { insert: true, ..deleted.clone() }).is_err());
    assert_eq!(on_character(Row { replaced: Vec::new(), ..deleted.clone() }), Err(Refusal::NotARecord));
    assert!(on_character(Row { element: Some((0, None)), ..deleted.clone() }).is_err());
    assert!(on_character(Row { value: (6, b"x".to_vec()), ..deleted }).is_err());
}

#[test]
fn a_record_has_at_most_as_many_fields_as_a_change_has_operations() {
    let limit = usize::try_from(ROW_LIMIT).unwrap();
    let mut document = Document::begin(AUTHOR, samples::MOMENT, &samples::fields(Kind::Visit)).unwrap().0;
    let missing = limit - document.fields().len();
    let mut number = 0;
    let mut grow = |document: &Document, count: usize| {
        let edits: Edits = (0..count)
            .map(|_| {
                number += 1;
                (format!("unknown{number}"), Some(Scalar::Number(1)))
            })
            .collect();
        let change = document.clone().write(AUTHOR, samples::MOMENT, &edits).unwrap().unwrap();
        gate::admit(Some(document.clone()), &gate::read(&change.bytes).unwrap())
            .map(|admitted| admitted.document.unwrap())
    };
    document = grow(&document, missing).unwrap();
    assert_eq!(document.fields().len(), limit);
    assert_eq!(grow(&document, 1).map(drop), Err(Refusal::TooLarge));
}

#[test]
fn a_running_text_is_at_most_as_long_as_any_other() {
    let begun = Document::begin(AUTHOR, samples::MOMENT, &samples::fields(Kind::Diary)).unwrap().0;
    let write = |length: usize| {
        let mut document = begun.clone();
        let mut passed = Ok(());
        // A change holds some four thousand typed characters.
        for upto in (0..=length).step_by(3_000).skip(1).chain([length]) {
            let text = Scalar::Running("一".repeat(upto));
            let edits = Edits::from([("text".to_owned(), Some(text))]);
            let Some(change) = document.clone().write(AUTHOR, samples::MOMENT, &edits).unwrap() else {
                continue;
            };
            match gate::admit(Some(document.clone()), &gate::read(&change.bytes).unwrap()) {
                Ok(admitted) => document = admitted.document.unwrap(),
                Err(refusal) => passed = Err(refusal),
            }
        }
        passed
    };
    assert_eq!((write(TEXT_LIMIT), write(TEXT_LIMIT + 1)), (Ok(()), Err(Refusal::TooLarge)));
}

#[test]
fn every_reason_has_its_own_word() {
    for refusal in Refusal::ALL {
        assert_eq!(Refusal::from_word(refusal.as_str()), Some(refusal));
        assert_eq!(refusal.to_string(), serde_json::to_value(refusal).unwrap().as_str().unwrap());
    }
    assert_eq!(Refusal::from_word(""), None);
}

fn edit(field: &str, text: &str) -> Edits {
    Edits::from([(field.to_owned(), Some(Scalar::Text(text.to_owned())))])
}
