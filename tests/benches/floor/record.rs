//! The visit as the floor keeps and sends it: natural JSON, empty fields left out.

use gridbook_core::clock::{Day, Instant, Zone};
use gridbook_core::id::{PersonId, RecordId, ScopeId};
use gridbook_core::model::{Kind, Outcome};
use serde::{Deserialize, Serialize};

/// One visit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct FloorVisit {
    pub(crate) id: RecordId,
    pub(crate) kind: Kind,
    pub(crate) author: PersonId,
    pub(crate) grid: ScopeId,
    /// Decides which write is the last.
    pub(crate) updated: Instant,
    pub(crate) occurred_at: Instant,
    pub(crate) household: RecordId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) started: Option<Instant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ended: Option<Instant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) outcome: Option<Outcome>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) purposes: Vec<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) companions: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) note: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) requests: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) hazards: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) next_visit: Option<Day>,
}

impl FloorVisit {
    /// The day it is listed under.
    pub(crate) fn day(&self) -> Day {
        Zone::china().day(self.occurred_at)
    }
}
