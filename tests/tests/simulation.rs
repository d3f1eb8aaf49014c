//! Seeded weeks of a town with every misfortune of the network (see `gridbook_tests::simulation`).
//!
//! `make test` runs 1,000 seeds; `make sim SEEDS=100000` a night's worth; `make sim FIRST=n SEEDS=1` one
//! again, with its story.

#![allow(clippy::print_stdout, reason = "the night watches its seeds")]

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use gridbook_tests::simulation;

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
    let started = Instant::now();
    let workers = thread::available_parallelism().map_or(2, usize::from);
    let live = || loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if seed >= first + seeds {
            return;
        }
        let outcome = simulation::run(seed);
        assert!(outcome.records > 0, "seed {seed}: nothing happened");
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
    println!("{seeds} seeds from {first} in {:.1} s", started.elapsed().as_secs_f64());
}
