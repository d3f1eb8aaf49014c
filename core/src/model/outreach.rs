//! 反诈宣传: one outreach against fraud. Counts what was done, never who installed what.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::content::{content, require, require_short};
use super::{Kind, Tags};
use crate::error::Result;
use crate::id::RecordId;

/// The form an outreach takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutreachForm {
    /// 入户: at the door.
    Door,
    /// 讲座: a talk.
    Talk,
    /// 展板: a display board.
    Display,
    /// 线上: online.
    Online,
    /// 集中: a gathering.
    Gathering,
}

content! {
    /// One outreach.
    Outreach is Outreach {
        /// Its form.
        form: Option<OutreachForm> = KeepBoth,
        /// Where it took place, in words, if not at households.
        place: String = KeepBoth,
        /// The building it covered, if one.
        building: String = KeepBoth,
        /// Ids of the households reached.
        households: Tags = PerElement,
        /// The visit it was made from with one tap.
        visit: Option<RecordId> = KeepBoth,
        /// Codes of the dictionary `fraud_type`.
        fraud_types: Tags = PerElement,
        /// People reached (人次).
        reached: u32 = KeepBoth,
        /// Leaflets handed out.
        leaflets: u32 = KeepBoth,
        /// Questions answered.
        consultations: u32 = KeepBoth,
        /// People talked out of a payment (劝阻).
        dissuaded: u32 = KeepBoth,
        /// Anything else.
        note: String = KeepBoth,
    }

    fn check(&self) -> Result<()> {
        require(self.form.is_some(), Kind::Outreach, "form", "say what form the outreach took")?;
        require(
            !self.place.trim().is_empty() || !self.building.is_empty() || !self.households.is_empty(),
            Kind::Outreach,
            "place",
            "name a place or choose households",
        )?;
        require_short(&self.place, Kind::Outreach, "place")?;
        require_short(&self.note, Kind::Outreach, "note")
    }

    fn subject(&self) -> Option<RecordId> {
        self.visit
    }

    fn building(&self) -> Option<&str> {
        Some(self.building.as_str()).filter(|building| !building.is_empty())
    }

    fn searchable(&self) -> Vec<&str> {
        vec![&self.place, &self.note]
    }
}

/// What outreach covered: households by name, and all of a building.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    households: BTreeSet<RecordId>,
    buildings: BTreeSet<String>,
}

impl Reach {
    /// Adds what one outreach covered.
    pub fn add(&mut self, households: impl IntoIterator<Item = RecordId>, building: Option<&str>) {
        self.households.extend(households);
        if let Some(building) = building {
            self.buildings.insert(building.to_owned());
        }
    }

    /// True if the household was reached: by name, or with all of its building.
    #[must_use]
    pub fn covers(&self, household: &RecordId, building: &str) -> bool {
        self.households.contains(household) || self.buildings.contains(building)
    }
}

impl Outreach {
    /// The households that it names.
    pub fn reached_households(&self) -> impl Iterator<Item = RecordId> {
        self.households.iter().filter_map(|id| id.parse().ok())
    }
}
