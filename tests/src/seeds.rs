//! Seeded trials: some in `make test`, thousands in a night (`make sim`, `make crash`, `make power`, `make corrupt`). A night
//! takes hours, so it says how far it is, and one that is cut short has shown something as well.

#![allow(clippy::print_stdout, reason = "the night is watched")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

/// A line is said so often while a night goes on, and at least this many trials apart.
const LINES: u64 = 50;
const FEWEST: u64 = 100;

/// A number from the environment.
///
/// # Panics
/// If the variable holds none.
#[must_use]
pub fn number(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} takes a number, not {text}")),
        Err(_) => default,
    }
}

/// The seeds of some trials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seeds {
    /// The first.
    pub first: u64,
    /// How many.
    pub count: u64,
}

impl Seeds {
    /// As many as the variable `name` says, from the one that `GRIDBOOK_FIRST_SEED` says.
    #[must_use]
    pub fn wanted(name: &str, default: u64) -> Self {
        Self { first: number("GRIDBOOK_FIRST_SEED", 1), count: number(name, default) }
    }

    /// The first so many percent of them.
    #[must_use]
    pub fn share(self, percent: u64) -> Self {
        Self { count: self.count * percent / 100, ..self }
    }

    /// The seeds in order, with a line every so often.
    pub fn in_turn(self) -> impl Iterator<Item = u64> {
        let tally = Tally::new(self.count);
        (self.first..self.first + self.count).inspect(move |seed| tally.tell(seed - self.first))
    }

    /// Tries every seed on all processors, with what `begin` makes for each of them. A trial that panics has said why;
    /// the others go on.
    ///
    /// # Panics
    /// At the end, if a trial did.
    pub fn run<W>(self, begin: impl Fn(usize) -> W + Sync, trial: impl Fn(&mut W, u64) + Sync) {
        let failed = self.count_failed(begin, trial);
        assert_eq!(failed, 0, "of {} trials {failed} went wrong; each says above how", self.count);
    }

    /// [`Seeds::run`] for whoever has more to say at the end: how many trials panicked.
    pub fn count_failed<W>(
        self,
        begin: impl Fn(usize) -> W + Sync,
        trial: impl Fn(&mut W, u64) + Sync,
    ) -> u64 {
        let (next, done, failed) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
        let tally = Tally::new(self.count);
        let work = |worker: usize| {
            let mut own = begin(worker);
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= self.count {
                    return;
                }
                if catch_unwind(AssertUnwindSafe(|| trial(&mut own, self.first + number))).is_err() {
                    failed.fetch_add(1, Ordering::Relaxed);
                }
                tally.tell(done.fetch_add(1, Ordering::Relaxed) + 1);
            }
        };
        thread::scope(|scope| {
            for worker in 0..thread::available_parallelism().map_or(2, usize::from) {
                let work = &work;
                scope.spawn(move || work(worker));
            }
        });
        failed.into_inner()
    }
}

/// Says how many trials are done.
struct Tally {
    count: u64,
    stride: u64,
    began: Instant,
}

impl Tally {
    fn new(count: u64) -> Self {
        Self { count, stride: (count / LINES).max(FEWEST), began: Instant::now() }
    }

    fn tell(&self, done: u64) {
        if done > 0 && done < self.count && done.is_multiple_of(self.stride) {
            println!("{done} of {} after {:.0} s", self.count, self.began.elapsed().as_secs_f64());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn every_seed_is_tried_once_whichever_fails() {
        let seeds = Seeds { first: 7, count: 300 };
        let tried = Mutex::new(Vec::new());
        let told = catch_unwind(AssertUnwindSafe(|| {
            seeds.run(
                |_| (),
                |(), seed| {
                    tried.lock().unwrap().push(seed);
                    assert!(!seed.is_multiple_of(100), "on purpose");
                },
            );
        }));
        let said = told.unwrap_err();
        assert_eq!(
            *said.downcast_ref::<String>().unwrap(),
            "assertion `left == right` failed: of 300 trials 3 went wrong; each says above how\n  left: 3\n right: 0"
        );
        let tried = tried.into_inner().unwrap();
        assert_eq!(tried.len(), 300);
        assert_eq!(tried.into_iter().collect::<BTreeSet<_>>(), (7..307).collect());
        assert_eq!(seeds.in_turn().collect::<Vec<_>>(), (7..307).collect::<Vec<_>>());
    }
}
