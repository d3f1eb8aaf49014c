//! 户: the households of a grid, which are due, and importing them from a spreadsheet.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Workbook;
use super::edit::Operation;
use super::records::{New, Page, part};
use crate::clock::Day;
use crate::error::Result;
use crate::id::{RecordId, ScopeId};
use crate::model::{Due, Dwelling, Household, Kind, Record, next_due};
use crate::roster::{self, Problem};
use crate::store::Reader;

/// A household that wants a visit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DueHousehold {
    /// The household.
    pub household: Record<Household>,
    /// Since when and why.
    pub due: Due,
}

/// What an import did: either everything, or nothing and a problem a line.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ImportReport {
    /// Households imported.
    pub imported: usize,
    /// Lines whose dwelling is in the grid already; what is there was left as it is.
    pub known: Vec<usize>,
    /// Why nothing was.
    pub problems: Vec<Problem>,
    /// Columns that mean nothing to Gridbook and were passed over.
    pub ignored: Vec<String>,
}

/// The households of a workbook.
#[derive(Debug)]
pub struct Households<'a>(&'a Workbook);

/// How many households are read at a time while looking for those that are due.
const BATCH: usize = 200;

impl Workbook {
    /// Households.
    #[must_use]
    pub fn households(&self) -> Households<'_> {
        Households(self)
    }
}

impl Households<'_> {
    /// Saves a new household.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`], [`crate::Error::NotPermitted`], [`crate::Error::DiskFull`].
    pub fn save(&self, new: New<Household>) -> Result<Record<Household>> {
        self.0.save_in_grid(new)
    }

    /// At most `most` households in walking order, numbers masked, after the place where the last page ended.
    ///
    /// # Errors
    /// The store's failure.
    pub fn walk(&self, after: Option<&str>, most: usize) -> Result<(Vec<Record<Household>>, Option<String>)> {
        let (rows, more) = part(most, |most| self.0.read(|reader| reader.households(after, most)))?;
        let next = rows.last().filter(|_| more).map(|(place, _)| place.clone());
        let households = rows.into_iter().map(|(_, record)| record.masked().of()).collect::<Result<_>>()?;
        Ok((households, next))
    }

    /// The household at a dwelling written as `3-1-501`, if it is on this phone.
    ///
    /// # Errors
    /// The store's failure.
    pub fn at(&self, dwelling: &Dwelling) -> Result<Option<Record<Household>>> {
        Ok(self.all_at(dwelling)?.into_iter().next())
    }

    /// Every household at a dwelling: two phones may each have added one while offline.
    ///
    /// # Errors
    /// The store's failure.
    pub fn all_at(&self, dwelling: &Dwelling) -> Result<Vec<Record<Household>>> {
        let rows = self.0.read(|reader| reader.households_at(&dwelling.walking_order()))?;
        let profile = self.0.profile();
        rows.into_iter().map(|record| profile.shown(record).of()).collect()
    }

    pub(super) fn workbook(&self) -> &Workbook {
        self.0
    }

    /// At most `most` households that are due on `day`, in walking order (building, unit, floor, room),
    /// after the place where the last page ended.
    ///
    /// # Errors
    /// The store's failure.
    pub fn due(
        &self,
        day: Day,
        after: Option<&str>,
        most: usize,
    ) -> Result<(Vec<DueHousehold>, Option<String>)> {
        let (rhythms, zone) = {
            let profile = self.0.profile();
            (profile.directory.rhythms.clone(), profile.zone())
        };
        self.0.read(|reader| {
            let mut due: Vec<DueHousehold> = Vec::new();
            let mut place = after.map(str::to_owned);
            // Where the last of `due` stands: another part begins there if one more is due.
            let mut last_place = None;
            loop {
                let batch = reader.households(place.as_deref(), BATCH)?;
                let finished = batch.len() < BATCH;
                for (walking_order, record) in batch {
                    place = Some(walking_order);
                    let household: Record<Household> = record.of()?;
                    let last = reader.last_visit(&household.id)?;
                    let next = next_due(&household.content, zone.day(household.created), last, &rhythms);
                    if let Some(next) = next.filter(|next| next.day <= day) {
                        if due.len() == most {
                            return Ok((due, last_place));
                        }
                        let mut household = household;
                        household.mask();
                        due.push(DueHousehold { household, due: next });
                        last_place.clone_from(&place);
                    }
                }
                if finished {
                    return Ok((due, None));
                }
            }
        })
    }

    /// Imports a roster from CSV or XLSX: every line, or none and a problem for each line that is wrong. Dwellings that
    /// the grid has already are passed over, so that a roster that grew can be imported again.
    ///
    /// # Errors
    /// [`crate::Error::Roster`] if the file cannot be read as a roster at all;
    /// [`crate::Error::NotPermitted`]; [`crate::Error::DiskFull`].
    pub fn import(&self, file_name: &str, bytes: &[u8], grid: Option<ScopeId>) -> Result<ImportReport> {
        let grid = self.0.grid_for(Kind::Household, grid)?;
        let roster = roster::read(file_name, bytes)?;
        let here = self.0.read(|reader| dwellings_of(reader, &grid))?;
        let is_known = |household: &Household| {
            let dwelling = household.dwelling.as_ref().map(Dwelling::walking_order);
            dwelling.is_some_and(|dwelling| here.contains(&dwelling))
        };
        let (known, new): (Vec<_>, Vec<_>) =
            roster.households.into_iter().partition(|(_, household)| is_known(household));
        let known = known.into_iter().map(|(line, _)| line).collect();
        let mut report =
            ImportReport { imported: 0, known, problems: roster.problems, ignored: roster.ignored };
        if !report.problems.is_empty() {
            return Ok(report);
        }
        report.imported = new.len();
        self.0.write(Operation::Import, |edit| {
            for (_, household) in new {
                let new = New { grid: Some(grid.clone()), ..New::of(household) };
                edit.create(&grid, new)?;
            }
            Ok(())
        })?;
        Ok(report)
    }

    /// All visits to a household, latest first.
    ///
    /// # Errors
    /// The store's failure.
    pub fn visits(&self, household: RecordId, most: usize) -> Result<Page<Record<crate::model::Visit>>> {
        let filter = super::Filter { subject: Some(household), ..super::Filter::default() };
        self.0.list(&filter, None, most)
    }
}

/// The walking order of every household that the phone holds of a grid.
fn dwellings_of(reader: &Reader<'_>, grid: &ScopeId) -> Result<BTreeSet<String>> {
    let mut dwellings = BTreeSet::new();
    let mut place: Option<String> = None;
    loop {
        let batch = reader.households(place.as_deref(), BATCH)?;
        let finished = batch.len() < BATCH;
        for (walking_order, record) in batch {
            if record.scope == *grid {
                let household: Record<Household> = record.of()?;
                dwellings.extend(household.content.dwelling.as_ref().map(Dwelling::walking_order));
            }
            place = Some(walking_order);
        }
        if finished {
            return Ok(dwellings);
        }
    }
}
