//! The floor's phone: one SQLCipher table with the pragmas, cache and raw key that Gridbook's has.

use std::path::Path;

use gridbook_core::clock::Day;
use rusqlite::{Connection, params};

use super::FloorVisit;
use crate::Outcome;

/// A phone that keeps JSON.
pub(crate) struct FloorPhone {
    connection: Connection,
}

const INSERT: &str = "INSERT INTO visit (id, day, updated, json) VALUES (?1, ?2, ?3, ?4)";
const UPSERT: &str = "INSERT INTO visit (id, day, updated, json) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (id) DO UPDATE SET day = excluded.day, updated = excluded.updated, json = excluded.json
    WHERE excluded.updated > visit.updated";

impl FloorPhone {
    /// Opens the phone's database.
    pub(crate) fn open(path: &Path) -> Outcome<Self> {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "key", format!("x'{}'", "07".repeat(32)))?;
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -8192;
             PRAGMA temp_store = MEMORY;
             CREATE TABLE IF NOT EXISTS visit (
                 n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, day INTEGER NOT NULL,
                 updated INTEGER NOT NULL, json TEXT NOT NULL);
             CREATE INDEX IF NOT EXISTS visit_by_day ON visit (day);",
        )?;
        Ok(Self { connection })
    }

    /// Saves one new visit durably.
    pub(crate) fn save(&self, visit: &FloorVisit) -> Outcome<()> {
        put(&mut self.connection.prepare_cached(INSERT)?, visit)
    }

    /// Takes in a page from the server; the last write wins.
    pub(crate) fn take_in(&mut self, visits: &[FloorVisit]) -> Outcome<()> {
        let transaction = self.connection.transaction()?;
        {
            let mut statement = transaction.prepare_cached(UPSERT)?;
            visits.iter().try_for_each(|visit| put(&mut statement, visit))?;
        }
        Ok(transaction.commit()?)
    }

    /// A day's list, newest first.
    pub(crate) fn list(&self, day: Day, most: usize) -> Outcome<Vec<FloorVisit>> {
        let sql = "SELECT json FROM visit WHERE day = ?1 ORDER BY day DESC, n DESC LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query((day.number(), most as i64))?;
        let mut visits = Vec::with_capacity(most);
        while let Some(row) = rows.next()? {
            visits.push(serde_json::from_str(row.get_ref(0)?.as_str()?)?);
        }
        Ok(visits)
    }

    /// How many visits it holds.
    pub(crate) fn count(&self) -> Outcome<i64> {
        Ok(self.connection.query_row("SELECT count(*) FROM visit", [], |row| row.get(0))?)
    }
}

fn put(statement: &mut rusqlite::CachedStatement<'_>, visit: &FloorVisit) -> Outcome<()> {
    let json = serde_json::to_string(visit)?;
    statement.execute(params![visit.id.as_bytes(), visit.day().number(), visit.updated.0, json])?;
    Ok(())
}
