//! Where this phone stands in each scope's log, and the sealed places that can heal a restored server.

use rusqlite::params;

use super::failure::store_error;
use super::{Reader, Writer};
use crate::error::Result;
use crate::id::{Chain, ChangeHash, ScopeId, Seal};

/// A place in one scope's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeCursor {
    /// The scope.
    pub scope: ScopeId,
    /// The last sequence number held.
    pub seq: u64,
    /// The chain there.
    pub chain: Chain,
}

/// Sequence numbers stay far below 2^63, where SQLite's integers end.
fn unsigned(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::cast_unsigned)
}

impl Reader<'_> {
    /// The cursors of all scopes held, by scope.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn cursors(&self) -> Result<Vec<ScopeCursor>> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT id, seq, chain FROM scope ORDER BY id")
            .map_err(store_error)?;
        let rows = statement.query_map([], |row| {
            Ok(ScopeCursor { scope: ScopeId(row.get(0)?), seq: unsigned(row, 1)?, chain: Chain(row.get(2)?) })
        });
        rows.and_then(Iterator::collect).map_err(store_error)
    }

    /// The sealed places in a scope's log, newest first.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn checkpoints(&self, scope: &ScopeId) -> Result<Vec<(u64, Chain, Seal)>> {
        let sql = "SELECT checkpoint.seq, checkpoint.chain, seal FROM checkpoint
                   JOIN scope ON scope.n = checkpoint.scope WHERE scope.id = ?1 ORDER BY checkpoint.seq DESC";
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        let rows = statement.query_map([scope.as_str()], |row| {
            Ok((unsigned(row, 0)?, Chain(row.get(1)?), Seal(row.get(2)?)))
        });
        rows.and_then(Iterator::collect).map_err(store_error)
    }

    /// The log entries held of a scope, after one sequence number up to another, in order. A full scan:
    /// only recovery asks.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn entries(&self, scope: &ScopeId, after: u64, upto: u64) -> Result<Vec<(u64, ChangeHash)>> {
        let sql = "SELECT DISTINCT change.seq, hash FROM change JOIN scope ON scope.n = change.scope
                   WHERE scope.id = ?1 AND change.seq > ?2 AND change.seq <= ?3 ORDER BY change.seq";
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        let range = params![scope.as_str(), after.cast_signed(), upto.cast_signed()];
        let rows = statement.query_map(range, |row| Ok((unsigned(row, 0)?, ChangeHash(row.get(1)?))));
        rows.and_then(Iterator::collect).map_err(store_error)
    }
}

impl Writer<'_> {
    /// Moves a scope's cursor forward and keeps the seal at its new place.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn advance(&self, cursor: &ScopeCursor, seal: &Seal) -> Result<()> {
        let n = self.set_cursor(cursor)?;
        let sql = "INSERT OR REPLACE INTO checkpoint (scope, seq, chain, seal) VALUES (?1, ?2, ?3, ?4)";
        let values = params![n, cursor.seq.cast_signed(), cursor.chain.as_bytes(), seal.as_bytes()];
        self.execute(sql, values).map_err(store_error)?;
        Ok(())
    }

    fn set_cursor(&self, cursor: &ScopeCursor) -> Result<i64> {
        let n = self.number_scope(&cursor.scope)?;
        let values = params![n, cursor.seq.cast_signed(), cursor.chain.as_bytes()];
        self.execute("UPDATE scope SET seq = ?2, chain = ?3 WHERE n = ?1", values).map_err(store_error)?;
        Ok(n)
    }

    /// Goes back to an earlier place in a scope's log, because the server lost what came after: own changes
    /// lose their receipts and will be sent again, others' will be pulled again.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn rewind(&self, cursor: &ScopeCursor) -> Result<()> {
        let n = self.set_cursor(cursor)?;
        let after = params![n, cursor.seq.cast_signed()];
        let sql = "SELECT DISTINCT record FROM change WHERE scope = ?1 AND seq > ?2";
        let mut statement = self.prepare(sql).map_err(store_error)?;
        let records: Vec<i64> =
            statement.query_map(after, |row| row.get(0)).and_then(Iterator::collect).map_err(store_error)?;
        for sql in [
            // Of what was erased only the name is left; the log brings it again.
            "DELETE FROM change WHERE scope = ?1 AND seq > ?2 AND length(bytes) = 0",
            "UPDATE change SET seq = NULL WHERE scope = ?1 AND seq > ?2",
            "DELETE FROM checkpoint WHERE scope = ?1 AND seq > ?2",
        ] {
            self.execute(sql, after).map_err(store_error)?;
        }
        records.into_iter().filter(|record| *record > 0).try_for_each(|record| self.count_unsent(record))
    }
}
