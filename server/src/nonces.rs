//! Which requests of each device were seen within the time in which a repeat of them would be accepted.
//!
//! [`crate::auth`] asks after the signature held, so that nobody else can use up a device's place. The memory
//! is this process's alone: a request signed before the process started is refused as too old, and the device
//! signs again, so that a restart opens no gap for what was captured before. What was dated ahead of the
//! server's clock when it was captured can be repeated once after a restart; exchanges are idempotent, so
//! that this brings nothing but the answer, which is the device's own.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use gridbook_core::clock::Instant;
use gridbook_core::id::DeviceId;
use gridbook_core::sync::proof::{Nonce, Stamp, TOLERANCE_MS};

/// The most requests of one device that are remembered, 24 bytes each; its rate limit allows a third of it
/// within the window.
const OF_ONE_DEVICE: usize = 4_096;
/// How many requests pass between two searches for devices that are silent.
const SWEEP: usize = 4_096;

/// What was seen.
#[derive(Debug)]
pub(crate) struct Nonces {
    started: Instant,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    devices: HashMap<DeviceId, BTreeSet<(Instant, Nonce)>>,
    since_sweep: usize,
}

/// What a stamp is to the memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Novelty {
    /// Never seen, and remembered from now on.
    New,
    /// Seen before.
    Repeated,
    /// The device has sent more than is remembered.
    TooMany,
}

impl Nonces {
    /// An empty memory of a process that starts now.
    pub(crate) fn new(now: Instant) -> Self {
        Self { started: now, seen: Mutex::default() }
    }

    /// True if a request dated `at` may be looked at now.
    pub(crate) fn timely(&self, at: Instant, now: Instant) -> bool {
        at >= self.started && now.0.abs_diff(at.0) <= TOLERANCE_MS.unsigned_abs()
    }

    /// Remembers a stamp whose signature held.
    pub(crate) fn remember(&self, stamp: &Stamp, now: Instant) -> Novelty {
        let oldest = (now.plus_millis(-TOLERANCE_MS), Nonce::default());
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.since_sweep += 1;
        if seen.since_sweep >= SWEEP {
            seen.since_sweep = 0;
            seen.devices.retain(|_, stamps| stamps.last().is_some_and(|newest| *newest >= oldest));
        }
        let stamps = seen.devices.entry(stamp.device.clone()).or_default();
        if stamps.first().is_some_and(|first| *first < oldest) {
            *stamps = stamps.split_off(&oldest);
        }
        if stamps.contains(&(stamp.at, stamp.nonce)) {
            Novelty::Repeated
        } else if stamps.len() >= OF_ONE_DEVICE {
            Novelty::TooMany
        } else {
            stamps.insert((stamp.at, stamp.nonce));
            Novelty::New
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Instant = Instant(1_795_395_600_000);

    fn stamp(device: &str, at: i64, nonce: u16) -> Stamp {
        let mut bytes = Nonce::default();
        bytes[..2].copy_from_slice(&nonce.to_be_bytes());
        Stamp { device: DeviceId::from(device), at: START.plus_millis(at), nonce: bytes }
    }

    #[test]
    fn a_stamp_is_new_once_and_each_device_has_its_own() {
        let nonces = Nonces::new(START);
        assert_eq!(nonces.remember(&stamp("d1", 0, 1), START), Novelty::New);
        assert_eq!(nonces.remember(&stamp("d1", 0, 1), START), Novelty::Repeated);
        assert_eq!(nonces.remember(&stamp("d1", 0, 2), START), Novelty::New);
        assert_eq!(nonces.remember(&stamp("d2", 0, 1), START), Novelty::New);
        let at_the_end = START.plus_millis(TOLERANCE_MS);
        assert!(nonces.timely(START, at_the_end), "the last moment in which it would be taken");
        assert_eq!(nonces.remember(&stamp("d1", 0, 1), at_the_end), Novelty::Repeated);
    }

    #[test]
    fn late_early_and_older_than_the_process_is_not_timely() {
        let nonces = Nonces::new(START);
        assert!(!nonces.timely(START, START.plus_millis(TOLERANCE_MS + 1)));
        assert!(!nonces.timely(START.plus_millis(TOLERANCE_MS + 1), START));
        assert!(!nonces.timely(START.plus_millis(-1), START), "a captured request from before the start");
    }

    #[test]
    fn memory_is_bounded_and_gives_way_with_time() {
        let nonces = Nonces::new(START);
        for nonce in 0..u16::try_from(OF_ONE_DEVICE).unwrap() {
            assert_eq!(nonces.remember(&stamp("d1", 0, nonce), START), Novelty::New);
        }
        assert_eq!(nonces.remember(&stamp("d1", 0, u16::MAX), START), Novelty::TooMany);
        let later = TOLERANCE_MS + 1;
        assert_eq!(nonces.remember(&stamp("d1", later, 0), START.plus_millis(later)), Novelty::New);
        assert_eq!(nonces.seen.lock().unwrap().devices[&DeviceId::from("d1")].len(), 1);
        for number in 0..SWEEP {
            nonces.remember(&stamp(&format!("e{number}"), later * 3, 0), START.plus_millis(later * 3));
        }
        assert!(!nonces.seen.lock().unwrap().devices.contains_key(&DeviceId::from("d1")), "swept");
    }
}
