//! Time since some moment, as far as a phone whose clock may be set by hand can tell. It never runs slower than
//! the evidence: the wall clock going forward, and the time since the phone was switched on.

use serde::{Deserialize, Serialize};

use crate::clock::{Instant, Surroundings, Uptime};

/// How far a clock may step back when the network corrects it, in milliseconds: five minutes.
const CORRECTION_MS: i64 = 5 * 60 * 1_000;

/// Milliseconds spent since it was started.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Meter {
    spent: i64,
    wall: Instant,
    uptime: Option<Uptime>,
}

impl Meter {
    /// Starts at nothing.
    #[must_use]
    pub fn start(surroundings: &Surroundings) -> Self {
        Self { spent: 0, wall: surroundings.now(), uptime: surroundings.clock.uptime() }
    }

    /// What is spent now; [`i64::MAX`] once it cannot be told any more, because the clock went back and nothing
    /// else can say how long ago the last look was.
    ///
    /// While the phone stays switched on, the time since then counts even if the clock stands still or goes
    /// back. A clock that goes forward always counts.
    pub fn look(&mut self, surroundings: &Surroundings) -> i64 {
        let (wall, uptime) = (surroundings.now(), surroundings.clock.uptime());
        let by_wall = wall.0.saturating_sub(self.wall.0);
        let passed = match (self.uptime, uptime) {
            (Some(before), Some(now)) if before.boot == now.boot => {
                by_wall.max(now.millis.saturating_sub(before.millis))
            }
            _ if by_wall < -CORRECTION_MS => i64::MAX,
            // Switched on since: at least as long as it has been on.
            (Some(_), Some(now)) => by_wall.max(now.millis),
            _ => by_wall,
        };
        self.spent = self.spent.saturating_add(passed.max(0));
        (self.wall, self.uptime) = (wall, uptime);
        self.spent
    }
}
