//! Seeded weeks of a town with every misfortune of the network (see `gridbook_tests::simulation`).
//!
//! `make test` runs 1,000 seeds; `make sim SEEDS=100000` a night's worth of fuller weeks; `make sim FIRST=n SEEDS=1
//! ROUNDS=8` one of `make test` again, with its story.

#![allow(clippy::print_stdout, reason = "the night watches its seeds")]

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use gridbook_tests::seeds::{Seeds, number};
use gridbook_tests::simulation;

/// How often in a week people work and phones meet: a thousand such weeks take less than three minutes of two cores.
const ROUNDS: u64 = 8;

/// What must have happened at least so often in a hundred such weeks, by what the stories say of it: weeks in which nothing
/// goes wrong show nothing.
const MISFORTUNES: [(&str, u64); 12] = [
    ("the app is killed", 80),
    ("killed in mid-sync", 60),
    ("the clock jumps by", 35),
    ("the disk is full: true", 30),
    ("the server restarts", 30),
    ("the server is restored from backup", 10),
    ("the database is copied to another phone", 35),
    (" is revoked with ", 22),
    (" is dismissed", 5),
    ("handed in and is replaced", 22),
    ("Some(HandOverReport { households: ", 130),
    (": worker in ", 3),
];

#[test]
fn no_seed_breaks_an_invariant() {
    let seeds = Seeds::wanted("GRIDBOOK_SEEDS", 1_000);
    let rounds = number("GRIDBOOK_ROUNDS", ROUNDS);
    let week = usize::try_from(rounds).expect("a week has room for them");
    let happened = MISFORTUNES.map(|_| AtomicU64::new(0));
    let started = Instant::now();
    seeds.run(
        |_| (),
        |(), seed| {
            let outcome = simulation::run(seed, week);
            assert!(outcome.records > 0, "seed {seed}: nothing happened");
            for ((phrase, _), count) in MISFORTUNES.iter().zip(&happened) {
                count.fetch_add(outcome.story.matches(phrase).count() as u64, Ordering::Relaxed);
            }
            if seeds.count == 1 {
                println!("{}", outcome.story);
            }
            if seed.is_multiple_of(100) {
                assert_eq!(simulation::run(seed, week), outcome, "seed {seed} is not deterministic");
            }
        },
    );
    let Seeds { first, count: seeds } = seeds;
    for ((phrase, floor), count) in MISFORTUNES.iter().zip(happened) {
        let count = count.into_inner();
        println!("{count:7} × {phrase:?}");
        let floor = floor * seeds * rounds / ROUNDS / 100;
        assert!(seeds < 100 || count >= floor, "{phrase:?} happened only {count} times");
    }
    println!("{seeds} seeds from {first} in {:.1} s", started.elapsed().as_secs_f64());
}
