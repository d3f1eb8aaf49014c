//! Summaries: how much was done, by day, kind and building; never by person against person.

use gridbook_core::clock::Day;
pub use gridbook_core::workbook::{BuildingCoverage, Count, Summary};

use super::{Kind, ScopeId};

/// How many records of one kind fall on one day.
pub type DayCount = Count;

/// How many records of one kind fall on one day.
#[uniffi::remote(Record)]
pub struct DayCount {
    /// The kind.
    pub kind: Kind,
    /// The day.
    pub day: Day,
    /// How many, withdrawn ones left out.
    pub records: u64,
}

/// One building in a summary.
#[uniffi::remote(Record)]
pub struct BuildingCoverage {
    /// The grid it is in: another may have a building of the same name.
    pub grid: ScopeId,
    /// The building, as its dwellings write it.
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
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
    /// Records by day and kind.
    pub counts: Vec<DayCount>,
    /// Visits and outreach by building, in walking order.
    pub buildings: Vec<BuildingCoverage>,
}
