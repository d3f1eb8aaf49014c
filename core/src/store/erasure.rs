//! Erasing records for good: rows, changes, search entries, drafts, quarantine. What stays is the name of each
//! change at its place in the log, and a line that says what is gone.

use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use super::failure::store_error;
use super::names::NOBODY;
use super::{Reader, Store, Writer};
use crate::clock::Instant;
use crate::error::Result;
use crate::id::{ChangeHash, RecordId, ScopeId};
use crate::model::Kind;

/// What is left to tell of an erased record.
#[derive(Clone, Debug, PartialEq)]
pub struct ErasureRow {
    /// Which.
    pub record: RecordId,
    /// What it was.
    pub kind: Kind,
    /// When, by the server's clock.
    pub at: Instant,
    /// Why, as a word.
    pub why: String,
    /// How many changes of this phone that the server had not taken went with it.
    pub lost: u64,
}

impl Reader<'_> {
    /// What was erased from this phone, latest first.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn erasures(&self) -> Result<Vec<ErasureRow>> {
        let sql = "SELECT id, kind, at, why, lost FROM erasure ORDER BY at DESC, id";
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        let rows = statement.query_map([], |row| {
            let kind: i64 = row.get(1)?;
            Ok(ErasureRow {
                record: RecordId(Uuid::from_bytes(row.get(0)?)),
                kind: Kind::from_code(kind).ok_or(rusqlite::Error::IntegralValueOutOfRange(1, kind))?,
                at: Instant(row.get(2)?),
                why: row.get(3)?,
                lost: row.get::<_, i64>(4)?.unsigned_abs(),
            })
        });
        rows.and_then(Iterator::collect).map_err(store_error)
    }
}

impl Writer<'_> {
    /// Keeps the name of a log entry whose bytes are gone, or a notice, so that the log can still be proved.
    /// If the change is here, it gets its place.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn keep_entry(
        &self,
        scope: &ScopeId,
        seq: u64,
        hash: &ChangeHash,
        id: &RecordId,
        bytes: &[u8],
    ) -> Result<()> {
        let scope = self.number_scope(scope)?;
        // A change that is here and comes down again had no place yet, or lost it when its server was restored.
        let find = "SELECT n FROM change WHERE hash = ?2 AND scope = ?1 AND seq IS NULL";
        let known: Option<i64> = self
            .query_row(find, params![scope, hash.as_bytes()], |row| row.get(0))
            .optional()
            .map_err(store_error)?;
        match known {
            Some(n) => {
                // Refused once and taken since, by way of another phone: no copy of it is to be kept any more.
                self.execute("DELETE FROM quarantine WHERE hash = ?1", [hash.as_bytes()])
                    .map_err(store_error)?;
                self.acknowledge(n, seq)
            }
            None => {
                let sql = "INSERT INTO change (record, id, scope, hash, own, seq, bytes)
                           VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6)";
                let seq = seq.cast_signed();
                self.execute(sql, params![NOBODY, id.as_bytes(), scope, hash.as_bytes(), seq, bytes])
                    .map(drop)
                    .map_err(store_error)
            }
        }
    }

    /// Erases a record and what is about it (a household's visits, anybody's reviews), and writes down that it
    /// is gone. Returns the records that were here.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn erase(&self, id: &RecordId, kind: Kind, at: Instant, why: &str) -> Result<Vec<RecordId>> {
        let sql = "WITH RECURSIVE gone (n, id) AS (
                     SELECT n, id FROM record WHERE id = ?1
                     UNION SELECT n, id FROM record WHERE subject = ?1
                     UNION SELECT record.n, record.id FROM record JOIN gone ON record.subject = gone.id)
                   SELECT gone.n, gone.id, record.kind, record.subject FROM gone JOIN record ON record.n = gone.n";
        let mut statement = self.prepare(sql).map_err(store_error)?;
        let rows = statement.query_map([id.as_bytes()], |row| {
            let subject: Option<[u8; 16]> = row.get(3)?;
            Ok((row.get(0)?, RecordId(Uuid::from_bytes(row.get(1)?)), row.get(2)?, subject))
        });
        let gone: Vec<(i64, RecordId, i64, Option<[u8; 16]>)> =
            rows.and_then(Iterator::collect).map_err(store_error)?;
        self.forget_beside(id)?;
        self.forget_reserved(id)?;
        self.tell_erased(id, kind.code(), at, why, 0)?;
        for (n, record, kind, _) in &gone {
            let lost = self.erase_row(*n)?;
            self.forget_beside(record)?;
            self.tell_erased(record, *kind, at, why, lost)?;
        }
        for subject in gone.iter().filter_map(|(.., subject)| *subject) {
            self.refresh_review(&RecordId(Uuid::from_bytes(subject)))?;
        }
        self.want_scrub()?;
        Ok(gone.into_iter().map(|(_, record, ..)| record).collect())
    }

    /// Notes that bytes were let go of which may still lie in free pages.
    pub(super) fn want_scrub(&self) -> Result<()> {
        self.set_meta(SCRUB, &true)
    }

    fn erase_row(&self, n: i64) -> Result<i64> {
        let unsent = "SELECT count(*) FROM change WHERE record = ?1 AND own = 1 AND seq IS NULL";
        let lost = self.query_row(unsent, [n], |row| row.get(0)).map_err(store_error)?;
        self.forget_text(n)?;
        self.leave_names("record = ?1", [n])?;
        self.execute("DELETE FROM record WHERE n = ?1", [n]).map_err(store_error)?;
        Ok(lost)
    }

    /// Drafts of the record or about it, and what of it is in quarantine.
    fn forget_beside(&self, id: &RecordId) -> Result<()> {
        self.execute("DELETE FROM quarantine WHERE id = ?1", [id.as_bytes()]).map_err(store_error)?;
        let sql = "DELETE FROM draft WHERE id = ?1 OR record = ?1 OR instr(json, ?2) > 0";
        self.execute(sql, params![id.as_bytes(), id.to_string()]).map(drop).map_err(store_error)
    }

    fn tell_erased(&self, id: &RecordId, kind: i64, at: Instant, why: &str, lost: i64) -> Result<()> {
        let sql = "INSERT INTO erasure (id, kind, at, why, lost) VALUES (?1, ?2, ?3, ?4, ?5)
                   ON CONFLICT (id) DO UPDATE SET lost = lost + excluded.lost";
        self.execute(sql, params![id.as_bytes(), kind, at.0, why, lost]).map(drop).map_err(store_error)
    }
}

/// Set while something was erased whose bytes may still lie in free pages.
const SCRUB: &str = "scrub";

impl Store {
    /// Overwrites what was erased and not yet overwritten: search segments are merged, the file is written
    /// anew, the log of writes is emptied. Does nothing if nothing was erased since.
    ///
    /// # Errors
    /// SQLite's failure, such as [`crate::Error::DiskFull`]; the next call tries again.
    pub fn scrub(&self) -> Result<()> {
        if self.read(|reader| reader.meta::<bool>(SCRUB))? != Some(true) {
            return Ok(());
        }
        self.write(|writer| {
            writer.execute_batch("INSERT INTO search (search) VALUES ('optimize')").map_err(store_error)
        })?;
        self.rewrite()?;
        self.checkpoint()?;
        self.write(|writer| writer.set_meta(SCRUB, &false))?;
        tracing::info!("erased bytes were overwritten");
        Ok(())
    }
}
