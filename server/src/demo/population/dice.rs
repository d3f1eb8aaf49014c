//! Chance from a seed number: the same throws for the same seed, whatever other parts throw.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};

use gridbook_core::clock::{Clock, Entropy, Instant};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// One stream of throws.
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    /// The stream called `stream` (at most 24 bytes count) of a seed.
    pub(super) fn new(seed: u64, stream: &str) -> Self {
        Self(generator(seed, stream))
    }

    /// A number below `limit`, which must not be 0.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        // The bias of the remainder is far below what a demo could show.
        (self.0.next_u64() % limit.max(1) as u64) as usize
    }

    /// A number from `least` to `most`, both included.
    pub(super) fn between(&mut self, least: usize, most: usize) -> usize {
        least + self.below(most.saturating_sub(least) + 1)
    }

    /// The same for minutes.
    pub(super) fn minutes(&mut self, least: i64, most: i64) -> i64 {
        least + self.below(usize::try_from(most - least).unwrap_or(0) + 1) as i64
    }

    /// True `percent` times out of a hundred.
    pub(super) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of `choices`, which must not be empty.
    pub(super) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    /// One of `phrases`, which must not be empty.
    pub(super) fn phrase<'a>(&mut self, phrases: &[&'a str]) -> &'a str {
        phrases[self.below(phrases.len())]
    }

    /// One of `choices` by weight.
    pub(super) fn weighted<T: Copy>(&mut self, choices: &[(usize, T)]) -> T {
        let mut throw = self.below(choices.iter().map(|(weight, _)| weight).sum());
        for (weight, choice) in choices {
            if throw < *weight {
                return *choice;
            }
            throw -= weight;
        }
        choices[choices.len() - 1].1
    }

    /// `count` different ones of `choices`, or all of them if there are fewer.
    pub(super) fn several<'a, T>(&mut self, choices: &'a [T], count: usize) -> Vec<&'a T> {
        let mut left: Vec<&T> = choices.iter().collect();
        let mut taken = Vec::new();
        while taken.len() < count && !left.is_empty() {
            let place = self.below(left.len());
            taken.push(left.swap_remove(place));
        }
        taken
    }
}

fn generator(seed: u64, stream: &str) -> ChaCha8Rng {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    for (byte, letter) in bytes[8..].iter_mut().zip(stream.bytes()) {
        *byte = letter;
    }
    ChaCha8Rng::from_seed(bytes)
}

/// A clock that stands where it was set, for ids that carry the time of their record.
#[derive(Default)]
pub(super) struct SetClock(AtomicI64);

impl SetClock {
    pub(super) fn set(&self, to: Instant) {
        self.0.store(to.0, Ordering::Relaxed);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Instant {
        Instant(self.0.load(Ordering::Relaxed))
    }
}

/// Bytes from a seed, for ids alone: nothing secret may come from here.
pub(super) struct SeededEntropy(Mutex<ChaCha8Rng>);

impl SeededEntropy {
    pub(super) fn new(seed: u64) -> Self {
        Self(Mutex::new(generator(seed, "ids")))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(bytes);
    }
}
