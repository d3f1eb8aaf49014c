//! Reveals: which masked numbers were shown whole on this phone, when and why. Each is kept before the number is given,
//! until the server's audit log has it, and a while longer.

use rusqlite::params;
use uuid::Uuid;

use super::failure::store_error;
use super::{Reader, Writer};
use crate::clock::Instant;
use crate::error::Result;
use crate::id::{RecordId, RevealId};
use crate::model::Reveal;

/// So many reveals that the server has are kept, the latest: more than one person asks for between two backups.
const KEPT: i64 = 1_000;

impl Reader<'_> {
    /// At most `most` reveals that the server has not acknowledged, oldest first.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn unsent_reveals(&self, most: usize) -> Result<Vec<Reveal>> {
        let sql = "SELECT id, record, field, at, reason FROM reveal WHERE sent = 0 ORDER BY n LIMIT ?1";
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        let rows = statement.query_map([i64::try_from(most).unwrap_or(i64::MAX)], |row| {
            Ok(Reveal {
                id: RevealId(row.get(0)?),
                record: RecordId(Uuid::from_bytes(row.get(1)?)),
                field: row.get(2)?,
                at: Instant(row.get(3)?),
                reason: row.get(4)?,
            })
        });
        rows.and_then(Iterator::collect).map_err(store_error)
    }
}

impl Writer<'_> {
    /// Keeps a reveal, to be sent.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn keep_reveal(&self, reveal: &Reveal) -> Result<()> {
        let Reveal { id, record, field, at, reason } = reveal;
        let sql = "INSERT INTO reveal (id, record, field, at, reason) VALUES (?1, ?2, ?3, ?4, ?5)";
        let values = params![id.as_bytes(), record.as_bytes(), field, at.0, reason];
        self.execute(sql, values).map_err(store_error)?;
        Ok(())
    }

    /// Notes that the server has these reveals.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn acknowledge_reveals(&self, ids: &[RevealId]) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let mut statement =
            self.prepare_cached("UPDATE reveal SET sent = 1 WHERE id = ?1").map_err(store_error)?;
        for id in ids {
            statement.execute([id.as_bytes()]).map_err(store_error)?;
        }
        let sql = "DELETE FROM reveal WHERE sent = 1 AND n <=
                   (SELECT n FROM reveal WHERE sent = 1 ORDER BY n DESC LIMIT 1 OFFSET ?1)";
        self.execute(sql, [KEPT]).map_err(store_error)?;
        Ok(())
    }

    /// Sends every reveal that is still here once more: the server has forgotten something.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn resend_reveals(&self) -> Result<()> {
        self.execute("UPDATE reveal SET sent = 0", []).map_err(store_error)?;
        Ok(())
    }
}
