//! Time since some moment, as far as a phone whose clock may be set by hand can tell: at the most, for a lease that must
//! not last longer, and at the least, for a wait that must not end sooner. The evidence is the wall clock and the time
//! since the phone was switched on.

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

    /// What is spent now at the most, for a lease; [`i64::MAX`] once it cannot be told any more, because the clock went
    /// back and nothing else can say how long ago the last look was.
    ///
    /// While the phone stays switched on, the time since then counts even if the clock stands still or goes
    /// back. A clock that goes forward always counts.
    pub fn at_most(&mut self, surroundings: &Surroundings) -> i64 {
        self.look(surroundings, |by_wall, since| match since {
            Since::SameBoot(passed) => by_wall.max(passed),
            _ if by_wall < -CORRECTION_MS => i64::MAX,
            Since::LaterBoot(on) => by_wall.max(on),
            Since::Unknown => by_wall,
        })
    }

    /// What is spent now at the least, for a wait: a clock that is set by hand ends none.
    pub fn at_least(&mut self, surroundings: &Surroundings) -> i64 {
        self.look(surroundings, |by_wall, since| match since {
            Since::SameBoot(passed) | Since::LaterBoot(passed) => passed,
            Since::Unknown => by_wall,
        })
    }

    fn look(&mut self, surroundings: &Surroundings, passed: impl FnOnce(i64, Since) -> i64) -> i64 {
        let (wall, uptime) = (surroundings.now(), surroundings.clock.uptime());
        let since = match (self.uptime, uptime) {
            (Some(before), Some(now)) if before.boot == now.boot => {
                Since::SameBoot(now.millis.saturating_sub(before.millis))
            }
            (Some(_), Some(now)) => Since::LaterBoot(now.millis),
            _ => Since::Unknown,
        };
        let passed = passed(wall.0.saturating_sub(self.wall.0), since);
        self.spent = self.spent.saturating_add(passed.max(0));
        (self.wall, self.uptime) = (wall, uptime);
        self.spent
    }
}

/// Milliseconds since the last look, as far as the time since the phone was switched on tells.
enum Since {
    /// It has been on all the while.
    SameBoot(i64),
    /// It was switched on since, and has been on for so long.
    LaterBoot(i64),
    /// The platform does not tell.
    Unknown,
}
