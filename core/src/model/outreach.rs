//! 反诈宣传: one outreach against fraud. Counts what was done, never who installed what.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::content::{content, require, require_short};
use super::{Kind, Rule, Tags, dictionary};
use crate::error::Result;
use crate::id::{RecordId, ScopeId};

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
        require(self.form.is_some(), Kind::Outreach, "form", Rule::FormMissing)?;
        require(
            !self.place.trim().is_empty() || !self.building.is_empty() || !self.households.is_empty(),
            Kind::Outreach,
            "place",
            Rule::PlaceMissing,
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

    fn written(&self) -> Vec<&str> {
        vec![&self.place, &self.note]
    }

    fn known_by(&self) -> Vec<Cow<'static, str>> {
        dictionary::words("fraud_type", self.fraud_types.iter()).collect()
    }
}

/// What outreach covered: households by name, and all of a building.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    households: BTreeSet<RecordId>,
    /// By grid: another may have a building of the same name.
    buildings: BTreeMap<ScopeId, BTreeSet<String>>,
}

impl Reach {
    /// Adds what one outreach of a grid covered.
    pub fn add(
        &mut self,
        grid: &ScopeId,
        households: impl IntoIterator<Item = RecordId>,
        building: Option<&str>,
    ) {
        self.households.extend(households);
        if let Some(building) = building {
            self.buildings.entry(grid.clone()).or_default().insert(building.to_owned());
        }
    }

    /// True if the household of a grid was reached: by name, or with all of its building.
    #[must_use]
    pub fn covers(&self, grid: &ScopeId, household: &RecordId, building: &str) -> bool {
        self.households.contains(household)
            || self.buildings.get(grid).is_some_and(|buildings| buildings.contains(building))
    }
}

impl Outreach {
    /// The households that it names.
    pub fn reached_households(&self) -> impl Iterator<Item = RecordId> {
        self.households.iter().filter_map(|id| id.parse().ok())
    }
}
