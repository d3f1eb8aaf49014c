//! Records that are handed from one scope to another (`docs/adr/0015-hand-over-in-two-logs.md`): a record moves
//! along where this phone sees both, and leaves it otherwise, but never before what it has unsent is sent. Each
//! place in the old log keeps its change's name, so that the log still proves itself.

use std::collections::BTreeSet;

use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use super::failure::store_error;
use super::names::RESERVED;
use super::{Reader, StoredChange, Writer};
use crate::clock::Instant;
use crate::error::Result;
use crate::id::{ChangeHash, RecordId, ScopeId};
use crate::model::Kind;

/// How long changes of a record that left are kept, in milliseconds of the server's clock: 30 days, as old as a
/// backup may be that a server is put back to. Until then the phone that wrote them may be the only one that
/// holds them.
pub const RESERVE_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// One hand-over of one record, as a log tells it.
#[derive(Clone, Debug)]
pub struct Moving<'a> {
    /// The record.
    pub id: RecordId,
    /// Its kind.
    pub kind: Kind,
    /// The scope that it left.
    pub from: &'a ScopeId,
    /// The scope where it lives now.
    pub to: &'a ScopeId,
    /// How often it has been handed over, this time included.
    pub number: u32,
    /// When, by the server's clock.
    pub at: Instant,
    /// Why, as a word.
    pub why: &'a str,
}

/// What a screen tells of one hand-over.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct HandOverRow {
    /// The scope that was left.
    pub from: ScopeId,
    /// The scope that took over.
    pub to: ScopeId,
    /// When, by the server's clock.
    pub at: Instant,
    /// Why, as a word; its words for screens are under `hand_over`.
    pub why: String,
    /// True if it came to a scope of this phone.
    pub came: bool,
    /// True if records left this phone, or will as soon as nothing of them waits to be sent.
    pub went: bool,
    /// Households among the records.
    pub households: u64,
    /// Records in all.
    pub records: u64,
    /// Records that have not left yet because changes of them wait to be sent.
    pub waiting: u64,
    /// Changes of this phone that the server refused; they are in quarantine.
    pub refused: u64,
}

impl Reader<'_> {
    /// What was handed over to or from this phone's scopes, latest first.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn hand_overs(&self) -> Result<Vec<HandOverRow>> {
        let sql = "SELECT from_scope, to_scope, at, why, max(came), max(went > 0), sum(kind = ?1), count(*),
                   sum(went = 1), sum(refused) FROM hand_over WHERE came = 1 OR went > 0
                   GROUP BY from_scope, to_scope, at, why ORDER BY at DESC, from_scope, to_scope";
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        let rows = statement.query_map([Kind::Household.code()], |row| {
            let count = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
            Ok(HandOverRow {
                from: ScopeId(row.get(0)?),
                to: ScopeId(row.get(1)?),
                at: Instant(row.get(2)?),
                why: row.get(3)?,
                came: row.get(4)?,
                went: row.get(5)?,
                households: count(6)?,
                records: count(7)?,
                waiting: count(8)?,
                refused: count(9)?,
            })
        });
        rows.and_then(Iterator::collect).map_err(store_error)
    }

    /// True if records leave as soon as nothing of them waits to be sent.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn departing(&self) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM hand_over WHERE went = 1)";
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        statement.query_row([], |row| row.get(0)).map_err(store_error)
    }

    /// The changes that are kept out of sight of a record that left, dependencies first.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn reserved_of(&self, id: &RecordId) -> Result<Vec<Vec<u8>>> {
        let sql = "SELECT bytes FROM change WHERE record = ?1 AND id = ?2 GROUP BY hash ORDER BY min(n)";
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        let rows = statement.query_map(params![RESERVED, id.as_bytes()], |row| row.get(0));
        rows.and_then(Iterator::collect).map_err(store_error)
    }

    /// The records of which changes are kept out of sight.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn reserved_records(&self) -> Result<BTreeSet<RecordId>> {
        let sql = "SELECT DISTINCT id FROM change WHERE record = ?1";
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        let rows = statement.query_map([RESERVED], |row| Ok(RecordId(Uuid::from_bytes(row.get(0)?))));
        rows.and_then(Iterator::collect).map_err(store_error)
    }

    /// True if a change is kept out of sight: its record was handed over and is here no more.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn is_reserved(&self, change_n: i64) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM change WHERE n = ?1 AND record = ?2)";
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        statement.query_row([change_n, RESERVED], |row| row.get(0)).map_err(store_error)
    }
}

impl Writer<'_> {
    /// Takes in that a record was handed over, as entry `seq` of the log of `scope` tells it. `sees_both` says
    /// that this phone holds the scope where the record lives now: it moves there. Otherwise it leaves with
    /// [`Writer::let_depart`]. What is known of a later hand-over already changes nothing.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn hand_over(&self, moving: &Moving<'_>, scope: &ScopeId, seq: u64, sees_both: bool) -> Result<()> {
        let Moving { id, kind, from, to, number, at, why } = *moving;
        let came = scope == to && sees_both;
        let tell = "INSERT INTO hand_over (id, number, kind, from_scope, to_scope, at, why, came)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                    ON CONFLICT (id, number, to_scope) DO UPDATE SET came = max(came, excluded.came)";
        let values = params![id.as_bytes(), number, kind.code(), from.as_str(), to.as_str(), at.0, why, came];
        self.execute(tell, values).map_err(store_error)?;
        let find = "SELECT n FROM record WHERE id = ?1 AND moves < ?2";
        let found: Option<i64> = self
            .query_row(find, params![id.as_bytes(), number], |row| row.get(0))
            .optional()
            .map_err(store_error)?;
        match found {
            Some(n) if sees_both => self.rehome(n, to, number, scope, seq),
            Some(_) => {
                // It may have left before: what is sent anew to a server that forgot it comes back into sight.
                let sql = "UPDATE hand_over SET went = 1 WHERE id = ?1 AND number = ?2 AND to_scope = ?3";
                self.execute(sql, params![id.as_bytes(), number, to.as_str()]).map(drop).map_err(store_error)
            }
            None => Ok(()),
        }
    }

    /// Moves a record to another scope, where its changes get new places. In the old log their names stay, and
    /// so they do where it comes back to the same scope, at places before `seq`.
    fn rehome(&self, n: i64, to: &ScopeId, number: u32, scope: &ScopeId, seq: u64) -> Result<()> {
        let (to, scope) = (self.number_scope(to)?, self.number_scope(scope)?);
        let earlier = "record = ?1 AND seq IS NOT NULL AND NOT (scope = ?2 AND ?2 = ?3 AND seq > ?4)";
        let values = params![n, to, scope, seq.cast_signed()];
        self.keep_names(earlier, values)?;
        self.execute(&format!("UPDATE change SET seq = NULL WHERE {earlier}"), values)
            .map_err(store_error)?;
        self.execute("UPDATE change SET scope = ?2 WHERE record = ?1", params![n, to])
            .map_err(store_error)?;
        let sql = "UPDATE record SET scope = ?2, moves = ?3 WHERE n = ?1 RETURNING id";
        let id: [u8; 16] =
            self.query_row(sql, params![n, to, number], |row| row.get(0)).map_err(store_error)?;
        // What was about to leave has come back.
        self.execute("UPDATE hand_over SET went = 2 WHERE id = ?1 AND went = 1", [id])
            .map_err(store_error)?;
        self.count_unsent(n)
    }

    /// Lets the records leave of which nothing waits to be sent any more: row, search entry, and what was
    /// refused goes to quarantine. Returns them.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn let_depart(&self, now: Instant) -> Result<Vec<RecordId>> {
        let sql = "SELECT DISTINCT hand_over.id, record.n, record.subject FROM hand_over
                   LEFT JOIN record ON record.id = hand_over.id WHERE went = 1
                   AND NOT EXISTS (SELECT 1 FROM change WHERE change.record = record.n
                                   AND seq IS NULL AND own = 1 AND refusal IS NULL)";
        let mut statement = self.prepare(sql).map_err(store_error)?;
        let rows = statement.query_map([], |row| {
            let id: [u8; 16] = row.get(0)?;
            Ok((RecordId(Uuid::from_bytes(id)), row.get(1)?, row.get(2)?))
        });
        let leaving: Vec<(RecordId, Option<i64>, Option<[u8; 16]>)> =
            rows.and_then(Iterator::collect).map_err(store_error)?;
        for (id, n, _) in &leaving {
            let refused = match n {
                Some(n) => self.reserve(*n, now)?,
                None => 0,
            };
            let sql = "UPDATE hand_over SET went = 2, refused = refused + ?2 WHERE id = ?1 AND went = 1";
            self.execute(sql, params![id.as_bytes(), refused]).map_err(store_error)?;
        }
        for subject in leaving.iter().filter_map(|(.., subject)| *subject) {
            self.refresh_review(&RecordId(Uuid::from_bytes(subject)))?;
        }
        Ok(leaving.into_iter().map(|(id, ..)| id).collect())
    }

    /// Takes a record away and keeps its changes out of sight; how many refused ones went to quarantine.
    fn reserve(&self, n: i64, now: Instant) -> Result<i64> {
        let refused = self.keep_refused("record = ?1", n, now)?;
        self.forget_text(n)?;
        // Own ones stay so: after a restoration they go up again, like any that lost their places.
        self.execute("UPDATE change SET record = ?2 WHERE record = ?1", [n, RESERVED])
            .map_err(store_error)?;
        self.execute("DELETE FROM record WHERE n = ?1", [n]).map_err(store_error)?;
        Ok(i64::try_from(refused).unwrap_or(i64::MAX))
    }

    /// Gives the changes that were kept out of sight to their record, which is here again under `record_n` in `scope`.
    /// Where one was kept twice, the other place in the log keeps its name alone, and so does a place in another log.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn recall(&self, id: &RecordId, record_n: i64, scope: &ScopeId) -> Result<()> {
        let twice = "record = ?1 AND id = ?2 AND n NOT IN
                     (SELECT min(n) FROM change WHERE record = ?1 AND id = ?2 GROUP BY hash)";
        self.leave_names(twice, params![RESERVED, id.as_bytes()])?;
        let sql = "UPDATE change SET record = ?3 WHERE record = ?1 AND id = ?2";
        self.execute(sql, params![RESERVED, id.as_bytes(), record_n]).map_err(store_error)?;
        let scope = self.number_scope(scope)?;
        let elsewhere = "record = ?1 AND scope <> ?2";
        self.keep_names(elsewhere, params![record_n, scope])?;
        let sql = format!("UPDATE change SET seq = NULL, scope = ?2 WHERE {elsewhere}");
        self.execute(&sql, params![record_n, scope]).map_err(store_error)?;
        self.count_unsent(record_n)
    }

    /// Keeps a change of this phone out of sight, as it was before its database was damaged.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn put_reserved(
        &self,
        id: &RecordId,
        scope: &ScopeId,
        hash: ChangeHash,
        bytes: &[u8],
        refusal: Option<&str>,
        now: Instant,
    ) -> Result<()> {
        self.put_change(&StoredChange { record_n: RESERVED, id, scope, hash, own: true, seq: None, bytes })?;
        let n = self.last_insert_rowid();
        refusal.map_or(Ok(()), |reason| self.refuse(n, reason, now))
    }

    /// Puts a copy of refused changes into quarantine, where they are counted and can be read; how many there are.
    pub(super) fn keep_refused(&self, which: &str, number: i64, now: Instant) -> Result<usize> {
        let sql = format!(
            "INSERT INTO quarantine (hash, id, scope, reason, at, bytes)
             SELECT hash, change.id, scope.id, refusal, ?2, bytes FROM change
             JOIN scope ON scope.n = change.scope WHERE {which} AND refusal IS NOT NULL
             ON CONFLICT (hash) DO UPDATE SET reason = excluded.reason"
        );
        self.execute(&sql, params![number, now.0]).map_err(store_error)
    }

    /// Forgets the bytes of a record's changes that were kept out of sight; their names stay at their places.
    pub(super) fn forget_reserved(&self, id: &RecordId) -> Result<()> {
        self.leave_names("record = ?1 AND id = ?2", params![RESERVED, id.as_bytes()])
    }

    /// Forgets what was kept of records that left more than [`RESERVE_MS`] before `server_now`; true if there
    /// was anything, so that [`super::Store::scrub`] has work.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn release_reserved(&self, server_now: Instant) -> Result<bool> {
        let sql = "UPDATE hand_over SET went = 3 WHERE went = 2 AND at < ?1
                   AND NOT EXISTS (SELECT 1 FROM change WHERE record = ?2 AND id = hand_over.id
                                   AND seq IS NULL AND own = 1 AND refusal IS NULL) RETURNING id";
        let mut statement = self.prepare_cached(sql).map_err(store_error)?;
        let before = server_now.0.saturating_sub(RESERVE_MS);
        let rows = statement.query_map([before, RESERVED], |row| row.get(0));
        let ids: Vec<[u8; 16]> = rows.and_then(Iterator::collect).map_err(store_error)?;
        for id in &ids {
            let id = RecordId(Uuid::from_bytes(*id));
            self.forget_reserved(&id)?;
        }
        if !ids.is_empty() {
            self.want_scrub()?;
        }
        Ok(!ids.is_empty())
    }
}
