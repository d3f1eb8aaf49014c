//! The scopes of which this phone holds records: their numbers, and taking leave of one.

use rusqlite::{OptionalExtension, params};

use super::failure::store_error;
use super::names::RESERVED;
use super::{Reader, Writer};
use crate::clock::Instant;
use crate::error::Result;
use crate::id::ScopeId;

impl Reader<'_> {
    /// The row number of a scope, if the phone holds anything of it.
    pub(super) fn scope_number(&self, scope: &ScopeId) -> Result<Option<i64>> {
        let mut statement =
            self.connection.prepare_cached("SELECT n FROM scope WHERE id = ?1").map_err(store_error)?;
        statement.query_row([scope.as_str()], |row| row.get(0)).optional().map_err(store_error)
    }

    /// The scope with a row number.
    pub(super) fn scope_of(&self, number: i64) -> Result<ScopeId> {
        if let Some((last, scope)) = self.last_scope.borrow().as_ref()
            && *last == number
        {
            return Ok(scope.clone());
        }
        let mut statement =
            self.connection.prepare_cached("SELECT id FROM scope WHERE n = ?1").map_err(store_error)?;
        let scope = ScopeId(statement.query_row([number], |row| row.get(0)).map_err(store_error)?);
        *self.last_scope.borrow_mut() = Some((number, scope.clone()));
        Ok(scope)
    }
}

impl Writer<'_> {
    /// The row number of a scope, given on first use.
    pub(super) fn number_scope(&self, scope: &ScopeId) -> Result<i64> {
        if let Some((last, number)) = self.last_scope.borrow().as_ref()
            && last == scope
        {
            return Ok(*number);
        }
        let number = match self.reader().scope_number(scope)? {
            Some(number) => number,
            None => {
                self.execute("INSERT INTO scope (id) VALUES (?1)", [scope.as_str()]).map_err(store_error)?;
                self.last_insert_rowid()
            }
        };
        *self.last_scope.borrow_mut() = Some((scope.clone(), number));
        Ok(number)
    }

    /// How many of this phone's changes in `scope` the server has neither acknowledged nor refused.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn unsent_in(&self, scope: &ScopeId) -> Result<u64> {
        let sql = "SELECT count(*) FROM change JOIN scope ON scope.n = change.scope
                   WHERE scope.id = ?1 AND change.seq IS NULL AND own = 1 AND refusal IS NULL";
        let count: i64 = self.query_row(sql, [scope.as_str()], |row| row.get(0)).map_err(store_error)?;
        Ok(count.unsigned_abs())
    }

    /// Removes everything of `scope` from this phone; the server holds it. What it refused of this phone's is
    /// kept out of sight, with a copy in quarantine: should the person get the role back, it goes out again.
    /// False if there was nothing but that. This phone's own changes are among what goes, so it writes on under a new actor.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn drop_scope(&self, scope: &ScopeId, now: Instant) -> Result<bool> {
        let Some(number) = self.reader().scope_number(scope)? else { return Ok(false) };
        *self.last_scope.borrow_mut() = None;
        self.keep_refused("change.scope = ?1 AND own = 1 AND record > 0", number, now)?;
        let kept = "own = 1 AND seq IS NULL AND refusal IS NOT NULL";
        self.execute(
            &format!("UPDATE change SET record = ?2 WHERE scope = ?1 AND record > 0 AND {kept}"),
            params![number, RESERVED],
        )
        .map_err(store_error)?;
        self.execute("DELETE FROM search WHERE rowid IN (SELECT n FROM record WHERE scope = ?1)", [number])
            .map_err(store_error)?;
        let changes = self
            .execute(
                &format!("DELETE FROM change WHERE scope = ?1 AND NOT (record = ?2 AND {kept})"),
                params![number, RESERVED],
            )
            .map_err(store_error)?;
        self.execute("DELETE FROM record WHERE scope = ?1", [number]).map_err(store_error)?;
        self.execute("DELETE FROM checkpoint WHERE scope = ?1", [number]).map_err(store_error)?;
        self.execute("DELETE FROM past WHERE scope = ?1", [number]).map_err(store_error)?;
        let unused = "NOT EXISTS (SELECT 1 FROM change WHERE scope = ?1)";
        let gone = self.execute(&format!("DELETE FROM scope WHERE n = ?1 AND {unused}"), [number]);
        let gone = gone.map_err(store_error)?;
        self.execute("UPDATE scope SET seq = 0, chain = zeroblob(16) WHERE n = ?1", [number])
            .map_err(store_error)?;
        Ok(changes + gone > 0)
    }
}
