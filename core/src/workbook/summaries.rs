//! Summaries: how much was done, by day, kind and building; never by person against person.

use serde::Serialize;

use super::{BuildingCoverage, Count, Workbook};
use crate::clock::Day;
use crate::error::Result;

/// What was done in a period.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// First day.
    pub from: Day,
    /// Last day.
    pub to: Day,
    /// Records by day and kind.
    pub counts: Vec<Count>,
    /// Visits and outreach by building, in walking order.
    pub buildings: Vec<BuildingCoverage>,
}

impl Workbook {
    /// The summary of the days `from` to `to`, of everything on this phone.
    ///
    /// # Errors
    /// The store's failure.
    pub fn summary(&self, from: Day, to: Day) -> Result<Summary> {
        self.read(|reader| {
            Ok(Summary { from, to, counts: reader.counts(from, to)?, buildings: reader.coverage(from, to)? })
        })
    }
}
