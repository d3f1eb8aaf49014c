//! Time and randomness of the simulation: one clock, and a seed for everything that throws dice.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use gridbook_core::clock::{Clock, Entropy, Instant, Surroundings};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The true time of the simulated world.
#[derive(Debug, Default)]
pub(super) struct WorldClock(AtomicI64);

impl WorldClock {
    pub(super) fn at(start: Instant) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(start.0)))
    }

    pub(super) fn pass(&self, milliseconds: i64) {
        self.0.fetch_add(milliseconds, Ordering::Relaxed);
    }
}

impl Clock for WorldClock {
    fn now(&self) -> Instant {
        Instant(self.0.load(Ordering::Relaxed))
    }
}

/// A phone's clock: the world's, and off by whatever its owner has done to it.
#[derive(Debug)]
pub(super) struct WrongClock {
    world: Arc<WorldClock>,
    off: AtomicI64,
}

impl WrongClock {
    pub(super) fn right(world: Arc<WorldClock>) -> Arc<Self> {
        Arc::new(Self { world, off: AtomicI64::new(0) })
    }

    pub(super) fn jump(&self, milliseconds: i64) {
        self.off.store(milliseconds, Ordering::Relaxed);
    }
}

impl Clock for WrongClock {
    fn now(&self) -> Instant {
        self.world.now().plus_millis(self.off.load(Ordering::Relaxed))
    }
}

/// Random bytes that the seed decides.
#[derive(Debug)]
pub(super) struct SeededEntropy(Mutex<ChaCha8Rng>);

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(bytes);
    }
}

/// Surroundings with this clock and an entropy of its own.
pub(super) fn surroundings(clock: Arc<dyn Clock>, seed: u64) -> Surroundings {
    let entropy = SeededEntropy(Mutex::new(ChaCha8Rng::seed_from_u64(seed)));
    Surroundings { clock, entropy: Arc::new(entropy) }
}

/// The dice of one simulation.
#[derive(Clone, Debug)]
pub struct Dice(Arc<Mutex<ChaCha8Rng>>);

impl Dice {
    /// Dice that fall the same for the same seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(ChaCha8Rng::seed_from_u64(seed))))
    }

    /// A number from 0 to `below − 1`.
    #[must_use]
    pub fn pick(&self, below: usize) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).random_range(0..below.max(1))
    }

    /// True in `percent` of throws.
    #[must_use]
    pub fn chance(&self, percent: usize) -> bool {
        self.pick(100) < percent
    }
}
