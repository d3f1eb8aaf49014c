//! 走访: one knock on one door.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::content::{content, require, require_short};
use super::{Kind, Rule, Tags, dictionary};
use crate::clock::{Day, Instant};
use crate::error::Result;
use crate::id::RecordId;

/// How the visit went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// 见面: someone was met.
    Met,
    /// 未遇: nobody was at home; the visit schedules its own retry.
    NotMet,
    /// 拒访: the household declined.
    Refused,
    /// 电话: by telephone.
    Phone,
}

impl Outcome {
    /// True if somebody of the household was spoken to.
    #[must_use]
    pub fn reaches(self) -> bool {
        matches!(self, Outcome::Met | Outcome::Phone)
    }
}

content! {
    /// One visit to one household.
    Visit is Visit {
        /// The household visited.
        household: RecordId = KeepBoth,
        /// When it began.
        started: Option<Instant> = KeepBoth,
        /// When it ended.
        ended: Option<Instant> = KeepBoth,
        /// How it went.
        outcome: Option<Outcome> = KeepBoth,
        /// Codes of the dictionary `visit_purpose`.
        purposes: Tags = PerElement,
        /// Who came along.
        companions: String = KeepBoth,
        /// What was seen and said.
        note: String = KeepBoth,
        /// What the household asks for (诉求).
        requests: String = KeepBoth,
        /// Codes of the dictionary `hazard`.
        hazards: Tags = PerElement,
        /// When to come again; a visit that met nobody gets one by itself.
        next_visit: Option<Day> = KeepBoth,
    }

    fn check(&self) -> Result<()> {
        require(!self.household.is_nil(), Kind::Visit, "household", Rule::HouseholdMissing)?;
        require(self.outcome.is_some(), Kind::Visit, "outcome", Rule::OutcomeMissing)?;
        if let (Some(started), Some(ended)) = (self.started, self.ended) {
            require(started <= ended, Kind::Visit, "ended", Rule::BeforeStart)?;
        }
        require_short(&self.companions, Kind::Visit, "companions")?;
        require_short(&self.note, Kind::Visit, "note")?;
        require_short(&self.requests, Kind::Visit, "requests")
    }

    fn subject(&self) -> Option<RecordId> {
        (!self.household.is_nil()).then_some(self.household)
    }

    fn written(&self) -> Vec<&str> {
        vec![&self.note, &self.requests, &self.companions]
    }

    fn known_by(&self) -> Vec<Cow<'static, str>> {
        dictionary::words("hazard", self.hazards.iter()).collect()
    }
}
