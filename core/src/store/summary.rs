//! Counts for the summaries: by day and kind, by building, outreach coverage.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Reader;
use super::failure::store_error;
use crate::clock::Day;
use crate::error::Result;
use crate::id::{RecordId, ScopeId};
use crate::model::{Body, Content, Kind, Projection, Reach};

/// How many records of one kind fall on one day.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Count {
    /// The kind.
    pub kind: Kind,
    /// The day.
    pub day: Day,
    /// How many.
    pub records: u64,
}

/// One building in a summary.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct BuildingCoverage {
    /// The grid it is in: another may have a building of the same name.
    pub grid: ScopeId,
    /// The building.
    pub building: String,
    /// Households known there.
    pub households: u64,
    /// Visits to them in the period.
    pub visits: u64,
    /// Households visited in the period.
    pub visited: u64,
    /// Households that an outreach reached in the period; all of them where one covered the building.
    pub reached: u64,
}

impl Reader<'_> {
    /// Counts per day and kind from `from` to `to`, withdrawn records left out.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn counts(&self, from: Day, to: Day) -> Result<Vec<Count>> {
        let sql = "SELECT kind, day, count(*) FROM record WHERE kind IN (2, 3, 4) AND day BETWEEN ?1 AND ?2
                   AND voided = 0 GROUP BY day, kind ORDER BY day, kind";
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        let rows = statement.query_map([from.number(), to.number()], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
        });
        let rows: Vec<_> = rows.and_then(Iterator::collect).map_err(store_error)?;
        Ok(rows
            .into_iter()
            .filter_map(|(kind, day, records)| {
                Some(Count {
                    kind: Kind::from_code(kind)?,
                    day: Day::from_number(day)?,
                    records: records.unsigned_abs(),
                })
            })
            .collect())
    }

    /// Visits and outreach by building from `from` to `to`, buildings in walking order.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn coverage(&self, from: Day, to: Day) -> Result<Vec<BuildingCoverage>> {
        let homes = self.homes()?;
        let (reach, visits) = (self.reach(from, to)?, self.visits_by_household(from, to)?);
        let mut buildings: Vec<BuildingCoverage> = Vec::new();
        let mut position: BTreeMap<(&ScopeId, &str), usize> = BTreeMap::new();
        for (id, grid, building) in &homes {
            let index = *position.entry((grid, building)).or_insert_with(|| {
                let (grid, building) = (grid.clone(), building.clone());
                buildings.push(BuildingCoverage { grid, building, ..BuildingCoverage::default() });
                buildings.len() - 1
            });
            let covered = &mut buildings[index];
            covered.households += 1;
            covered.reached += u64::from(reach.covers(grid, id, building));
            if let Some(visits) = visits.get(id) {
                covered.visits += visits;
                covered.visited += 1;
            }
        }
        Ok(buildings)
    }

    fn homes(&self) -> Result<Vec<(RecordId, ScopeId, String)>> {
        let sql =
            "SELECT record.id, scope.id, record.building FROM record JOIN scope ON scope.n = record.scope
                   WHERE record.place IS NOT NULL AND record.voided = 0 ORDER BY record.place";
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        let rows = statement
            .query_map([], |row| Ok((RecordId::from_bytes(row.get(0)?), ScopeId(row.get(1)?), row.get(2)?)));
        rows.and_then(Iterator::collect).map_err(store_error)
    }

    fn visits_by_household(&self, from: Day, to: Day) -> Result<BTreeMap<RecordId, u64>> {
        let sql =
            "SELECT subject, count(*) FROM record WHERE kind = ?1 AND day BETWEEN ?2 AND ?3 AND voided = 0
                   AND subject IS NOT NULL GROUP BY subject";
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        let rows = statement.query_map([Kind::Visit.code(), from.number(), to.number()], |row| {
            Ok((RecordId::from_bytes(row.get(0)?), row.get::<_, i64>(1)?.unsigned_abs()))
        });
        rows.and_then(Iterator::collect).map_err(store_error)
    }

    fn reach(&self, from: Day, to: Day) -> Result<Reach> {
        let sql = "SELECT record.json, scope.id FROM record JOIN scope ON scope.n = record.scope
                   WHERE record.kind = ?1 AND record.day BETWEEN ?2 AND ?3 AND record.voided = 0";
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        let mut rows =
            statement.query([Kind::Outreach.code(), from.number(), to.number()]).map_err(store_error)?;
        let mut reach = Reach::default();
        while let Some(row) = rows.next().map_err(store_error)? {
            let json: String = row.get(0).map_err(store_error)?;
            let Content::Outreach(outreach) = Projection::read(Kind::Outreach, &json)?.1 else { continue };
            let grid = ScopeId(row.get(1).map_err(store_error)?);
            reach.add(&grid, outreach.reached_households(), outreach.building());
        }
        Ok(reach)
    }
}
