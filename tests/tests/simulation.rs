//! Seeded weeks of a town with every misfortune of the network (see `gridbook_tests::simulation`).
//!
//! `make test` runs 1,000 seeds; `make sim SEEDS=100000` a night's worth; `make sim FIRST=n SEEDS=1` one
//! again, with its story.

#![allow(clippy::print_stdout, reason = "the night watches its seeds")]

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use gridbook_tests::simulation;

/// What must have happened at least so often in a hundred seeds, by what the stories say of it: weeks in which nothing
/// goes wrong show nothing.
const MISFORTUNES: [(&str, u64); 12] = [
    ("the app is killed", 100),
    ("killed in mid-sync", 100),
    ("the clock jumps by", 60),
    ("the disk is full: true", 50),
    ("the server restarts", 50),
    ("the server is restored from backup", 30),
    ("the database is copied to another phone", 40),
    (" is revoked with ", 50),
    (" is dismissed", 15),
    ("handed in and is replaced", 50),
    ("Some(HandOverReport { households: ", 200),
    (": worker in ", 15),
];

fn number(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} takes a number, not {text}")),
        Err(_) => default,
    }
}

#[test]
fn no_seed_breaks_an_invariant() {
    let (first, seeds) = (number("GRIDBOOK_FIRST_SEED", 1), number("GRIDBOOK_SEEDS", 1_000));
    let next = AtomicU64::new(first);
    let happened = MISFORTUNES.map(|_| AtomicU64::new(0));
    let started = Instant::now();
    let workers = thread::available_parallelism().map_or(2, usize::from);
    let live = || loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if seed >= first + seeds {
            return;
        }
        let outcome = simulation::run(seed);
        assert!(outcome.records > 0, "seed {seed}: nothing happened");
        for ((phrase, _), count) in MISFORTUNES.iter().zip(&happened) {
            count.fetch_add(outcome.story.matches(phrase).count() as u64, Ordering::Relaxed);
        }
        if seeds == 1 {
            println!("{}", outcome.story);
        }
        if seed.is_multiple_of(100) {
            assert_eq!(simulation::run(seed), outcome, "seed {seed} is not deterministic");
        }
    };
    thread::scope(|scope| {
        let running: Vec<_> = (0..workers).map(|_| scope.spawn(live)).collect();
        for worker in running {
            if let Err(panic) = worker.join() {
                // The other workers finish the seed they are at and stop.
                next.store(first + seeds, Ordering::Relaxed);
                std::panic::resume_unwind(panic);
            }
        }
    });
    for ((phrase, floor), count) in MISFORTUNES.iter().zip(happened) {
        let count = count.into_inner();
        println!("{count:7} × {phrase:?}");
        assert!(seeds < 100 || count >= floor * seeds / 100, "{phrase:?} happened only {count} times");
    }
    println!("{seeds} seeds from {first} in {:.1} s", started.elapsed().as_secs_f64());
}
