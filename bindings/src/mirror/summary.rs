//! Summaries: how much was done, by day, kind and building; never by person against person.

use gridbook_core::clock::Day;
pub use gridbook_core::workbook::{BuildingCoverage, Count, Summary};

use super::{Kind, ScopeId};

/// How many records of one kind fall on one day.
pub type DayCount = Count;

/// How many records of one kind fall on one day.
#[uniffi::remote(Record)]
pub struct DayCount {
    pub kind: Kind,
    pub day: Day,
    pub records: u64,
}

/// One building in a summary.
#[uniffi::remote(Record)]
pub struct BuildingCoverage {
    /// The grid it is in: another may have a building of the same name.
    pub grid: ScopeId,
    pub building: String,
    /// Households known there.
    pub households: u64,
    /// Visits to them in the period.
    pub visits: u64,
    /// Households visited in the period.
    pub visited: u64,
    /// Households that an outreach reached in the period.
    pub reached: u64,
}

/// What was done in a period.
#[uniffi::remote(Record)]
pub struct Summary {
    pub from: Day,
    pub to: Day,
    /// Records by day and kind.
    pub counts: Vec<DayCount>,
    /// Visits and outreach by building, in walking order.
    pub buildings: Vec<BuildingCoverage>,
}
