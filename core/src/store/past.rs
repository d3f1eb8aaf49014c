//! Sealed runs of a scope's log that the server had lost and was given back. They are kept until new pages
//! cover every change of them: should the server be restored once more before that, they still prove
//! themselves (`docs/adr/0005-self-verifying-cursors.md`).

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{OptionalExtension, params};
use uuid::Uuid;

use super::failure::store_error;
use super::{Reader, Writer};
use crate::error::Result;
use crate::id::{Chain, ChangeHash, RecordId, ScopeId, Seal};

/// A sealed place in a log: number, chain, seal.
pub type Sealed = (u64, Chain, Seal);

/// A run of a log from one sealed place to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Where it begins; the beginning of the log if `None`.
    pub from: Option<Sealed>,
    /// Where it ends.
    pub to: Sealed,
    /// The changes between, in order.
    pub hashes: Vec<ChangeHash>,
}

impl Reader<'_> {
    /// The runs of a scope that no new page covers yet, in the order in which they were kept.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn past_runs(&self, scope: &ScopeId) -> Result<Vec<Run>> {
        let sql = "SELECT from_seq, from_chain, from_seal, past.seq, past.chain, seal, hashes FROM past
                   JOIN scope ON scope.n = past.scope WHERE scope.id = ?1 ORDER BY past.n";
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        let rows = statement.query_map([scope.as_str()], |row| {
            let sealed = |at: usize| -> rusqlite::Result<Sealed> {
                let seq = row.get::<_, i64>(at)?.cast_unsigned();
                Ok((seq, Chain(row.get(at + 1)?), Seal(row.get(at + 2)?)))
            };
            let from = if row.get::<_, Option<i64>>(0)?.is_some() { Some(sealed(0)?) } else { None };
            let hashes: Vec<u8> = row.get(6)?;
            let hashes = hashes.as_chunks::<32>().0.iter().copied().map(ChangeHash).collect();
            Ok(Run { from, to: sealed(3)?, hashes })
        });
        rows.and_then(Iterator::collect).map_err(store_error)
    }

    /// The scopes that have such runs.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn scopes_with_past(&self) -> Result<Vec<ScopeId>> {
        let sql = "SELECT DISTINCT id FROM past JOIN scope ON scope.n = past.scope ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        let rows = statement.query_map([], |row| row.get(0).map(ScopeId)).map_err(store_error)?;
        rows.collect::<rusqlite::Result<_>>().map_err(store_error)
    }

    /// Where the changes with these names are: by name, their row numbers. Those of `scope` first, but also where a record
    /// lives in another by now; not what was erased. One full scan: only recovery asks.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn places_of(
        &self,
        scope: &ScopeId,
        wanted: &BTreeSet<ChangeHash>,
    ) -> Result<BTreeMap<ChangeHash, i64>> {
        let number = self.scope_number(scope)?;
        let sql = "SELECT hash, n, scope FROM change WHERE length(bytes) > 0";
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        let mut rows = statement.query([]).map_err(store_error)?;
        let mut places = BTreeMap::new();
        while let Some(row) = rows.next().map_err(store_error)? {
            let hash = ChangeHash(row.get(0).map_err(store_error)?);
            if !wanted.contains(&hash) {
                continue;
            }
            let n = row.get(1).map_err(store_error)?;
            if number == Some(row.get(2).map_err(store_error)?) {
                places.insert(hash, n);
            } else {
                places.entry(hash).or_insert(n);
            }
        }
        Ok(places)
    }

    /// The change in a row, if it is still this one and was not erased.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn change_at(&self, n: i64, hash: &ChangeHash) -> Result<Option<(RecordId, Vec<u8>)>> {
        let sql = "SELECT id, bytes FROM change WHERE n = ?1 AND hash = ?2 AND length(bytes) > 0";
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        let change = statement.query_row(params![n, hash.as_bytes()], |row| {
            Ok((RecordId(Uuid::from_bytes(row.get(0)?)), row.get(1)?))
        });
        change.optional().map_err(store_error)
    }
}

impl Writer<'_> {
    /// Keeps a run; the same one twice is kept once.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn keep_run(&self, scope: &ScopeId, run: &Run) -> Result<()> {
        let scope = self.number_scope(scope)?;
        let from = run.from.as_ref();
        let hashes: Vec<u8> = run.hashes.iter().flat_map(|hash| hash.0).collect();
        let sql =
            "INSERT OR IGNORE INTO past (scope, from_seq, from_chain, from_seal, seq, chain, seal, hashes)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let values = params![
            scope,
            from.map(|(seq, ..)| seq.cast_signed()),
            from.map(|(_, chain, _)| *chain.as_bytes()),
            from.map(|(.., seal)| *seal.as_bytes()),
            run.to.0.cast_signed(),
            run.to.1.as_bytes(),
            run.to.2.as_bytes(),
            hashes
        ];
        self.execute(sql, values).map_err(store_error)?;
        Ok(())
    }

    /// Forgets the runs whose every change that is still here has a place in the log again.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn forget_covered_runs(&self) -> Result<()> {
        for scope in self.reader().scopes_with_past()? {
            let sql = "SELECT hash FROM change JOIN scope ON scope.n = change.scope
                       WHERE scope.id = ?1 AND change.seq IS NULL";
            let mut statement = self.prepare_cached(sql).map_err(store_error)?;
            let open = statement.query_map([scope.as_str()], |row| row.get(0).map(ChangeHash));
            let open: BTreeSet<ChangeHash> = open.and_then(Iterator::collect).map_err(store_error)?;
            for run in self.reader().past_runs(&scope)? {
                if !run.hashes.iter().any(|hash| open.contains(hash)) {
                    let number = self.number_scope(&scope)?;
                    let sql = "DELETE FROM past WHERE scope = ?1 AND seq = ?2 AND chain = ?3";
                    self.execute(sql, params![number, run.to.0.cast_signed(), run.to.1.as_bytes()])
                        .map_err(store_error)?;
                }
            }
        }
        Ok(())
    }
}
