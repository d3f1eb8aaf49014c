//! Change bytes: what documents are rebuilt from, and what waits for a receipt.

use rusqlite::{OptionalExtension, Params, params};
use uuid::Uuid;

use super::failure::store_error;
use super::names::RESERVED;
use super::{Reader, Writer};
use crate::clock::Instant;
use crate::error::Result;
use crate::id::{ChangeHash, RecordId, ScopeId};

/// A change to be stored.
#[derive(Debug)]
pub struct StoredChange<'a> {
    /// The row number of its record.
    pub record_n: i64,
    /// The record.
    pub id: &'a RecordId,
    /// Who may see it.
    pub scope: &'a ScopeId,
    /// Its name.
    pub hash: ChangeHash,
    /// Written on this phone, and to be sent by it.
    pub own: bool,
    /// Its place in the scope's log, once the server has said so.
    pub seq: Option<u64>,
    /// The raw change.
    pub bytes: &'a [u8],
}

/// A change that has no receipt yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Outgoing {
    /// Its row number: what the receipt is noted against.
    pub n: i64,
    /// The record.
    pub id: RecordId,
    /// Where it was written.
    pub scope: ScopeId,
    /// Its name.
    pub hash: ChangeHash,
    /// Its record was handed over and is here no more.
    pub reserved: bool,
    /// The raw change.
    pub bytes: Vec<u8>,
}

/// A change and what the server said to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnsweredChange {
    /// Its row number.
    pub n: i64,
    /// Why the server refused it, if it did.
    pub refusal: Option<String>,
    /// The raw change.
    pub bytes: Vec<u8>,
}

impl Reader<'_> {
    /// The bytes of a record's changes, dependencies first.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn changes_of(&self, record_n: i64) -> Result<Vec<Vec<u8>>> {
        let sql = "SELECT bytes FROM change WHERE record = ?1 ORDER BY n";
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        let rows = statement.query_map([record_n], |row| row.get(0)).map_err(store_error)?;
        rows.collect::<rusqlite::Result<_>>().map_err(store_error)
    }

    /// A record's changes as the server has answered them, in the order in which they arrived.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn answered_changes(&self, record_n: i64) -> Result<Vec<AnsweredChange>> {
        let sql = "SELECT n, refusal, bytes FROM change WHERE record = ?1 ORDER BY n";
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        let rows = statement.query_map([record_n], |row| {
            Ok(AnsweredChange { n: row.get(0)?, refusal: row.get(1)?, bytes: row.get(2)? })
        });
        rows.and_then(Iterator::collect).map_err(store_error)
    }

    /// The names of a record's changes, in the order in which they arrived; none if it is not here.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn hashes_of(&self, id: &RecordId) -> Result<Vec<ChangeHash>> {
        let sql = "SELECT hash FROM change JOIN record ON record.n = change.record WHERE record.id = ?1 ORDER BY change.n";
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        let rows =
            statement.query_map([id.as_bytes()], |row| Ok(ChangeHash(row.get(0)?))).map_err(store_error)?;
        rows.collect::<rusqlite::Result<_>>().map_err(store_error)
    }

    /// The row number of a record's change, if it is held.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn change_number(&self, record_n: i64, hash: &ChangeHash) -> Result<Option<i64>> {
        let sql = "SELECT n FROM change WHERE record = ?1 AND hash = ?2";
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        let found = statement.query_row(params![record_n, hash.as_bytes()], |row| row.get(0));
        found.optional().map_err(store_error)
    }

    /// Changes without a receipt after row `after`, oldest first, up to a number and a sum of bytes (but at
    /// least one).
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn outgoing(&self, after: i64, most: usize, most_bytes: usize) -> Result<Vec<Outgoing>> {
        let sql = "SELECT change.n, change.id, scope.id, hash, bytes, change.record < 0
                   FROM change INDEXED BY change_unsent JOIN scope ON scope.n = change.scope
                   WHERE change.seq IS NULL AND own = 1 AND refusal IS NULL AND change.n > ?1 ORDER BY change.n";
        self.lot(sql, after, most, most_bytes)
    }

    /// [`Reader::outgoing`] with those that the server refused: everything of this phone's that exists nowhere
    /// else. A full scan: only a phone that takes its leave asks.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn unacknowledged(&self, after: i64, most: usize, most_bytes: usize) -> Result<Vec<Outgoing>> {
        let sql = "SELECT change.n, change.id, scope.id, hash, bytes, change.record < 0
                   FROM change JOIN scope ON scope.n = change.scope
                   WHERE change.seq IS NULL AND own = 1 AND change.n > ?1 ORDER BY change.n";
        self.lot(sql, after, most, most_bytes)
    }

    fn lot(&self, sql: &str, after: i64, most: usize, most_bytes: usize) -> Result<Vec<Outgoing>> {
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        let mut rows = statement.query([after]).map_err(store_error)?;
        let mut outgoing = Vec::new();
        let mut total = 0;
        while let Some(row) = rows.next().map_err(store_error)? {
            let bytes: Vec<u8> = row.get(4).map_err(store_error)?;
            total += bytes.len();
            if outgoing.len() == most || (total > most_bytes && !outgoing.is_empty()) {
                break;
            }
            outgoing.push(Outgoing {
                n: row.get(0).map_err(store_error)?,
                id: RecordId(Uuid::from_bytes(row.get(1).map_err(store_error)?)),
                scope: ScopeId(row.get(2).map_err(store_error)?),
                hash: ChangeHash(row.get(3).map_err(store_error)?),
                reserved: row.get(5).map_err(store_error)?,
                bytes,
            });
        }
        Ok(outgoing)
    }

    /// How many changes have no receipt yet.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn unsent_count(&self) -> Result<u64> {
        let sql = "SELECT count(*) FROM change INDEXED BY change_unsent
                   WHERE seq IS NULL AND own = 1 AND refusal IS NULL";
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        let count: i64 = statement.query_row([], |row| row.get(0)).map_err(store_error)?;
        Ok(count.unsigned_abs())
    }

    /// The reasons for which the server refused changes of a record.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn refusals_of(&self, record_n: i64) -> Result<Vec<String>> {
        let sql =
            "SELECT DISTINCT refusal FROM change WHERE record = ?1 AND refusal IS NOT NULL ORDER BY refusal";
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        let rows = statement.query_map([record_n], |row| row.get(0)).map_err(store_error)?;
        rows.collect::<rusqlite::Result<_>>().map_err(store_error)
    }

    /// How many foreign changes are in quarantine.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn quarantined_count(&self) -> Result<u64> {
        let count: i64 = self
            .connection
            .query_row("SELECT count(*) FROM quarantine", [], |row| row.get(0))
            .map_err(store_error)?;
        Ok(count.unsigned_abs())
    }
}

impl Writer<'_> {
    /// Stores a change.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn put_change(&self, change: &StoredChange<'_>) -> Result<()> {
        let scope = self.number_scope(change.scope)?;
        let sql = "INSERT INTO change (record, id, scope, hash, own, seq, bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let mut statement = self.prepare_cached(sql).map_err(store_error)?;
        let seq = change.seq.map(u64::cast_signed);
        let values = params![
            change.record_n,
            change.id.as_bytes(),
            scope,
            change.hash.as_bytes(),
            change.own,
            seq,
            change.bytes
        ];
        statement.execute(values).map_err(store_error)?;
        if change.seq.is_none() {
            let sql = "UPDATE record SET unsent = unsent + 1 WHERE n = ?1";
            let mut statement = self.prepare_cached(sql).map_err(store_error)?;
            statement.execute([change.record_n]).map_err(store_error)?;
        }
        Ok(())
    }

    /// Notes that the server holds a change, at `seq` of its scope's log.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn acknowledge(&self, change_n: i64, seq: u64) -> Result<()> {
        let sql = "UPDATE change SET seq = ?2, refusal = NULL WHERE n = ?1 RETURNING record";
        // The record may have been erased since the change was sent.
        self.answer(sql, params![change_n, seq.cast_signed()]).map(drop)
    }

    /// [`Writer::acknowledge`] of a receipt for a place in `scope`; false if the change is here no more, or its
    /// record was handed over to another scope, where it gets another place.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn acknowledge_in(&self, change_n: i64, scope: &ScopeId, seq: u64) -> Result<bool> {
        let sql = "UPDATE change SET seq = ?2, refusal = NULL
                   WHERE n = ?1 AND scope = (SELECT n FROM scope WHERE id = ?3) RETURNING record";
        self.answer(sql, params![change_n, seq.cast_signed(), scope.as_str()])
    }

    /// [`Writer::acknowledge`] of a change that the log lists at `seq`; if it has another place in that log
    /// already, its name stays there.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn acknowledge_again(&self, change_n: i64, seq: u64) -> Result<()> {
        self.keep_names("n = ?1 AND seq <> ?2", params![change_n, seq.cast_signed()])?;
        self.acknowledge(change_n, seq)
    }

    /// Notes that the server refused a change, and why. One that is out of sight has no record that could tell of it: a
    /// copy in quarantine does.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn refuse(&self, change_n: i64, reason: &str, now: Instant) -> Result<()> {
        let sql = "UPDATE change SET refusal = ?2 WHERE n = ?1 RETURNING record";
        self.answer(sql, params![change_n, reason])?;
        self.keep_refused(&format!("change.n = ?1 AND record = {RESERVED}"), change_n, now).map(drop)
    }

    /// Lets the refused changes of one scope try again, as after a new grant there, also those whose records are
    /// not here any more.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn retry_refused(&self, scope: &ScopeId) -> Result<()> {
        let copies = "DELETE FROM quarantine WHERE hash IN
                      (SELECT hash FROM change JOIN scope ON scope.n = change.scope
                       WHERE scope.id = ?1 AND refusal IS NOT NULL)";
        self.execute(copies, [scope.as_str()]).map_err(store_error)?;
        let sql = "UPDATE change SET refusal = NULL WHERE refusal IS NOT NULL
                   AND scope = (SELECT n FROM scope WHERE id = ?1) RETURNING record";
        let mut statement = self.prepare(sql).map_err(store_error)?;
        let records: Vec<i64> = statement
            .query_map([scope.as_str()], |row| row.get(0))
            .and_then(Iterator::collect)
            .map_err(store_error)?;
        records.into_iter().try_for_each(|record| self.count_unsent(record))
    }

    /// Keeps a foreign change that did not pass the gate; the same one twice is kept once.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn quarantine(
        &self,
        id: &RecordId,
        scope: &ScopeId,
        hash: &ChangeHash,
        reason: &str,
        at: Instant,
        bytes: &[u8],
    ) -> Result<()> {
        let sql = "INSERT OR IGNORE INTO quarantine (hash, id, scope, reason, at, bytes)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        self.execute(sql, params![hash.as_bytes(), id.as_bytes(), scope.as_str(), reason, at.0, bytes])
            .map_err(store_error)?;
        Ok(())
    }

    /// Takes a change of this phone out of its record and into quarantine, with its bytes.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn set_aside(&self, change_n: i64, reason: &str, at: Instant) -> Result<()> {
        let keep = "INSERT OR IGNORE INTO quarantine (hash, id, scope, reason, at, bytes)
                    SELECT hash, change.id, scope.id, ?2, ?3, bytes FROM change
                    JOIN scope ON scope.n = change.scope WHERE change.n = ?1";
        self.execute(keep, params![change_n, reason, at.0]).map_err(store_error)?;
        let sql = "DELETE FROM change WHERE n = ?1 RETURNING record";
        let record: i64 = self.query_row(sql, [change_n], |row| row.get(0)).map_err(store_error)?;
        self.count_unsent(record)
    }

    /// Writes down what the server answered of a change, and brings its record's counts up to date; false if no change is
    /// meant. `sql` returns the record's number.
    fn answer(&self, sql: &str, values: impl Params) -> Result<bool> {
        let mut statement = self.prepare_cached(sql).map_err(store_error)?;
        let record = statement.query_row(values, |row| row.get(0)).optional().map_err(store_error)?;
        let Some(record) = record else { return Ok(false) };
        self.count_unsent(record)?;
        Ok(true)
    }

    /// Brings a record's counts of unsent and refused changes up to date.
    pub(super) fn count_unsent(&self, record_n: i64) -> Result<()> {
        let sql = "UPDATE record SET
                   unsent = (SELECT count(*) FROM change
                             WHERE record = ?1 AND seq IS NULL AND refusal IS NULL),
                   refused = (SELECT count(*) FROM change WHERE record = ?1 AND refusal IS NOT NULL)
                   WHERE n = ?1";
        self.prepare_cached(sql)
            .and_then(|mut statement| statement.execute([record_n]))
            .map_err(store_error)?;
        Ok(())
    }
}
