//! Rows behind the console: who may log in, who is logged in, and which logins failed.

use gridbook_core::clock::Instant;
use gridbook_core::id::{DeviceId, PersonId};

/// Who may log in to the console.
#[derive(Clone, PartialEq, Eq)]
pub struct ConsoleAccount {
    /// Whose.
    pub person: PersonId,
    /// What is kept of the password; the service alone reads it.
    pub verifier: Vec<u8>,
    /// The device that the console writes as for this person.
    pub device: DeviceId,
    /// The sealed secret of the second factor, where there is one.
    pub factor: Option<Vec<u8>>,
}

/// Without the verifier and the factor.
impl std::fmt::Debug for ConsoleAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConsoleAccount").field("person", &self.person).finish_non_exhaustive()
    }
}

/// One browser that is logged in; the secret itself is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsoleSession {
    /// SHA-256 of the secret.
    pub hash: [u8; 32],
    /// Whose.
    pub person: PersonId,
    /// When it began.
    pub began: Instant,
    /// When the person last asked for something.
    pub seen: Instant,
}

/// What logins are counted by: SHA-256 of a name, of an address, or of both.
pub type Counted = [u8; 32];

/// How many failed logins pass before the first wait, and how the waits grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackOff {
    /// So many failures cost nothing.
    pub free: u32,
    /// The wait after the next one, in milliseconds; each further failure doubles it.
    pub first: i64,
    /// The longest wait, in milliseconds.
    pub longest: i64,
}

impl BackOff {
    /// Failures older than this are forgotten, in milliseconds: a day.
    pub const MEMORY: i64 = 24 * 60 * 60 * 1_000;

    /// When the next try may be made, after `failures` of which the last was at `last`.
    #[must_use]
    pub fn until(self, failures: u32, last: Instant) -> Instant {
        let Some(over) = failures.checked_sub(self.free + 1) else { return last };
        let wait = self.first.saturating_mul(1_i64 << over.min(30)).min(self.longest);
        last.plus_millis(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let rule = BackOff { free: 5, first: 30_000, longest: 900_000 };
        let wait = |failures| rule.until(failures, Instant(0)).0;
        assert_eq!([0, 5, 6, 7, 8].map(wait), [0, 0, 30_000, 60_000, 120_000]);
        assert_eq!([11, 40, u32::MAX].map(wait), [900_000; 3]);
    }
}
