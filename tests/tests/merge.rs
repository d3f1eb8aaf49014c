//! Merging is commutative, associative and idempotent over edits of every kind of record, whatever the
//! order in which changes arrive.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use std::collections::BTreeMap;

use gridbook_core::clock::Instant;
use gridbook_core::doc::{Document, Edits, NewChange, ParsedChange, State};
use gridbook_core::id::{ActorId, ChangeHash};
use gridbook_core::model::{Content, Kind, Merge, Scalar};
use gridbook_tests::samples;
use proptest::collection::vec;
use proptest::prelude::*;

const PHONES: usize = 3;

/// One thing that happens: a phone edits a field, or hears all that another phone holds.
#[derive(Clone, Debug)]
enum Event {
    Edit { phone: usize, field: usize, value: Option<u8> },
    Hear { phone: usize, from: usize },
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let edit = (0..PHONES, 0_usize..64, proptest::option::weighted(0.8, 0_u8..4))
        .prop_map(|(phone, field, value)| Event::Edit { phone, field, value });
    let hear = (0..PHONES, 0..PHONES).prop_map(|(phone, from)| Event::Hear { phone, from });
    vec(prop_oneof![4 => edit, 1 => hear], 1..30)
}

#[derive(Clone, Default)]
struct Phone {
    document: Document,
    changes: BTreeMap<ChangeHash, NewChange>,
    order: Vec<ChangeHash>,
}

impl Phone {
    fn take(&mut self, change: &NewChange) {
        if self.changes.insert(change.hash, change.clone()).is_none() {
            self.document.apply(&ParsedChange::parse(&change.bytes).unwrap()).unwrap();
            self.order.push(change.hash);
        }
    }

    fn wrote(&mut self, change: Option<NewChange>) {
        if let Some(change) = change {
            self.order.push(change.hash);
            self.changes.insert(change.hash, change);
        }
    }

    fn hear(&mut self, other: &Phone) {
        for hash in &other.order {
            self.take(&other.changes[hash]);
        }
    }
}

/// The value that edit number `value` gives the field at `path`, of the type it has in the sample.
fn value_like(sample: &Scalar, value: u8) -> Scalar {
    match sample {
        Scalar::Flag(_) => Scalar::Flag(true),
        Scalar::Number(_) => Scalar::Number(i64::from(value) + 1),
        Scalar::Running(text) => Scalar::Running(format!("{value}{text}{value}")),
        _ => Scalar::Text(format!("值{value}")),
    }
}

/// Plays `events` from one first version that all phones hold.
fn play(kind: Kind, events: &[Event]) -> Vec<Phone> {
    let fields = samples::fields(kind);
    let paths: Vec<_> = fields.keys().filter(|path| *path != "kind").cloned().collect();
    let first: Edits = fields.iter().map(|(path, value)| (path.clone(), Some(value.clone()))).collect();
    let mut start = Phone::default();
    let change = start.document.write(ActorId([9; 16]), Instant(1), &first).unwrap();
    start.wrote(change);
    let mut phones = vec![start; PHONES];
    for (moment, event) in (2..).zip(events) {
        match event {
            Event::Edit { phone, field, value } => {
                let path = &paths[field % paths.len()];
                let name = path.split('/').next().unwrap();
                let merge = kind.fields().iter().find(|field| field.name == name).map(|field| field.merge);
                let emptied = match merge {
                    Some(Merge::PerElement | Merge::PerEntry) => None,
                    Some(Merge::Characters) => Some(Scalar::Running(String::new())),
                    _ => Some(Scalar::Null),
                };
                let value = value.map_or(emptied, |value| Some(value_like(&fields[path], value)));
                let actor = ActorId([u8::try_from(*phone).unwrap(); 16]);
                let edits = Edits::from([(path.clone(), value)]);
                let change = phones[*phone].document.write(actor, Instant(moment), &edits).unwrap();
                phones[*phone].wrote(change);
            }
            Event::Hear { phone, from } => {
                let from = phones[*from].clone();
                phones[*phone].hear(&from);
            }
        }
    }
    phones
}

/// What a person sees of a document, conflicts included.
fn seen(document: &Document) -> (State, Vec<gridbook_core::doc::Conflict>) {
    let mut state = State::of(document);
    state.version.0.sort_unstable();
    (state, document.conflicts())
}

fn merged<'a>(phones: impl IntoIterator<Item = &'a Phone>) -> Phone {
    let mut together = Phone::default();
    for phone in phones {
        together.hear(phone);
    }
    together
}

fn check(kind: Kind, events: &[Event]) -> Result<(), TestCaseError> {
    let phones = play(kind, events);
    let (a, b, c) = (&phones[0], &phones[1], &phones[2]);
    let together = merged([a, b, c]);
    let expected = seen(&together.document);

    for order in [[b, a, c], [c, b, a], [b, c, a]] {
        prop_assert_eq!(&seen(&merged(order).document), &expected, "commutative");
    }
    let left = merged([&merged([a, b]), c]);
    let right = merged([a, &merged([b, c])]);
    prop_assert_eq!(&seen(&left.document), &expected, "associative on the left");
    prop_assert_eq!(&seen(&right.document), &expected, "associative on the right");

    let mut again = together.clone();
    for change in together.changes.values() {
        again.document.apply(&ParsedChange::parse(&change.bytes).unwrap()).unwrap();
    }
    prop_assert_eq!(&seen(&again.document), &expected, "idempotent");

    let reloaded = Document::load(together.order.iter().map(|hash| &together.changes[hash].bytes)).unwrap();
    prop_assert_eq!(&seen(&reloaded), &expected, "stored and loaded");
    for conflict in &expected.1 {
        prop_assert!(conflict.candidates.len() > 1);
        prop_assert_eq!(&conflict.candidates.last().unwrap().value, &expected.0.fields[&conflict.field]);
    }
    Ok(())
}

macro_rules! every_kind {
    ($($name:ident: $kind:ident,)*) => {
        proptest! {
            #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]
            $(
                #[test]
                fn $name(events in events()) {
                    check(Kind::$kind, &events)?;
                }
            )*
        }

        #[test]
        fn no_kind_is_forgotten() {
            assert_eq!([$(Kind::$kind),*].len(), Kind::ALL.len());
        }
    };
}

every_kind! {
    households_merge: Household,
    visits_merge: Visit,
    diary_entries_merge: Diary,
    outreaches_merge: Outreach,
    checklists_merge: Checklist,
    templates_merge: Template,
    reviews_merge: Review,
}

#[test]
fn the_samples_fill_every_field_and_read_back() {
    for kind in Kind::ALL {
        let fields = samples::fields(kind);
        for field in kind.fields() {
            let filled = fields.keys().any(|path| path.split('/').next() == Some(field.name));
            assert!(filled, "{kind}.{} is empty in the sample", field.name);
        }
        assert_eq!(Content::from_fields(kind, &fields).unwrap(), samples::full(kind));
    }
}
