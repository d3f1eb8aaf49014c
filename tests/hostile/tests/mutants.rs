//! Mutants of honest changes through the gate: none aborts, none panics past it, and what is let through lives on
//! and is what a phone reads without a trial. `GRIDBOOK_MUTANTS` says how many, `GRIDBOOK_FIRST_MUTANT` from
//! which on; `make mutants N=10000000` is for the night.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use gridbook_core::doc::Document;
use gridbook_hostile::honest::Record;
use gridbook_hostile::{mutants, verdict};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

const MUTANTS: u64 = 100_000;
/// So many have their word written down.
const SETTLED: u64 = 3_000;

fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn no_mutant_harms_a_record() {
    let records = Record::all();
    let held: Vec<Vec<Option<Document>>> = records.iter().map(states).collect();
    let count = from_environment("GRIDBOOK_MUTANTS").unwrap_or(MUTANTS);
    let first = from_environment("GRIDBOOK_FIRST_MUTANT").unwrap_or(0);
    let mut verdicts = BTreeMap::<String, u64>::new();
    // What panics inside the gate is refused there; its words are not needed.
    std::panic::set_hook(Box::new(|_| {}));
    let mut escaped = None;
    for seed in first..first + count {
        // A night says how far it is.
        if seed > first && (seed - first).is_multiple_of(10 * MUTANTS) {
            println_verdicts(&verdicts);
        }
        match catch_unwind(AssertUnwindSafe(|| word_on(seed, &records, &held))) {
            Ok(word) => *verdicts.entry(word).or_default() += 1,
            Err(panic) => {
                escaped = Some((seed, panic));
                break;
            }
        }
    }
    let _ = std::panic::take_hook();
    println_verdicts(&verdicts);
    if let Some((seed, panic)) = escaped {
        let said = panic.downcast_ref::<String>().cloned();
        let said = said.or_else(|| panic.downcast_ref::<&str>().map(|said| (*said).to_owned()));
        panic!("mutant {seed}: {}", said.unwrap_or_default());
    }
    if count >= MUTANTS {
        for word in ["let through", "malformed", "not_a_record", "wrong_sequence", "impossible_time"] {
            assert!(verdicts.get(word).is_some_and(|count| *count > 100), "too few mutants get to {word}");
        }
    }
}

/// The gate's word on mutant `seed`.
fn word_on(seed: u64, records: &[Record], held: &[Vec<Option<Document>>]) -> String {
    let mutant = mutants::next(&mut ChaCha8Rng::seed_from_u64(seed), records);
    let held = held[mutant.held.0][mutant.held.1].as_ref();
    verdict::try_change(held, &mutant.bytes)
        .map_or_else(|refusal| refusal.to_string(), |()| "let through".into())
}

/// A gate that lets through more, refuses more, or gives another reason is noticed here. Whoever changes the rules
/// or what the mutants are made of writes the snapshot anew, and looks at it.
#[test]
fn the_word_on_each_of_the_first_mutants_stays() {
    let records = Record::all();
    let held: Vec<Vec<Option<Document>>> = records.iter().map(states).collect();
    let words = (0..SETTLED).map(|seed| word_on(seed, &records, &held));
    let lines: Vec<String> =
        (0..).zip(words).map(|(seed, word): (u64, _)| format!("{seed} {word}")).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

/// What a record was before each of its changes.
fn states(record: &Record) -> Vec<Option<Document>> {
    let before =
        |held: usize| (held > 0).then(|| Document::load(&record.changes[..held]).expect("its changes"));
    (0..record.changes.len()).map(before).collect()
}

#[allow(clippy::print_stderr, reason = "what the night's run is read for")]
fn println_verdicts(verdicts: &BTreeMap<String, u64>) {
    eprintln!("{verdicts:?}");
}
