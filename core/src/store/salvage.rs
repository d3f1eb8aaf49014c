//! Reading what can be read of a damaged database: its changes, drafts, reveals and what the phone knows of itself.
//!
//! Rows, search and cursors are not salvaged: rows are projected anew from the changes, and the server
//! sends from the beginning what it has.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension};
use uuid::Uuid;

use super::beside::Salt;
use super::failure::store_error;
use super::lost_names::name_tables;
use super::open::connect_looking;
use super::{Key, Store};
use crate::error::Result;
use crate::id::{RecordId, ScopeId};

/// What could be read of a damaged database.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Salvaged {
    /// Where the damaged file is now.
    pub aside: PathBuf,
    /// The changes that could be read, in the order in which they were stored.
    pub changes: Vec<SalvagedChange>,
    /// Records whose rows say that they had changes without a receipt, and how many.
    pub waiting: Vec<(RecordId, u64)>,
    /// How many drafts could be read; they are in the new database.
    pub drafts: u64,
    /// How many rows could not be read; at least one where none could.
    pub lost: u64,
}

/// One change that could be read.
#[derive(Clone, Debug, PartialEq)]
pub struct SalvagedChange {
    /// The record.
    pub id: RecordId,
    /// Its scope; `None` where the table of scopes could not be read.
    pub scope: Option<ScopeId>,
    /// Written on this phone.
    pub own: bool,
    /// It had its receipt.
    pub acknowledged: bool,
    /// Its record was not in sight: it was handed over, or a role was taken back.
    pub reserved: bool,
    /// Why the server refused it, if it did.
    pub refusal: Option<String>,
    /// The raw change.
    pub bytes: Vec<u8>,
}

/// So many rows in a row that cannot be read, and the rest of the table is given up: a few damaged pages hold
/// fewer, and each costs a millisecond.
const GIVEN_UP: u32 = 5_000;

/// The damaged database. SQLCipher refuses everything on a connection that has met one damaged page, so
/// each failure is followed by a new connection.
struct Old<'a> {
    path: &'a Path,
    key: &'a Key,
    connection: Connection,
}

impl<'a> Old<'a> {
    fn open(path: &'a Path, key: &'a Key) -> Result<Self> {
        Ok(Self { path, key, connection: connect_looking(path, key)? })
    }

    /// Reads something, or nothing if that page is gone.
    fn read<T>(&mut self, body: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Option<T> {
        let read = body(&self.connection).ok();
        if read.is_none()
            && let Ok(connection) = connect_looking(self.path, self.key)
        {
            self.connection = connection;
        }
        read
    }

    /// The last row number of a table: from its right edge if that reads, otherwise a number too large.
    fn last_row(&mut self, table: &str) -> i64 {
        let sql = format!("SELECT coalesce(max(n), 0) FROM {table}");
        self.read(|old| old.query_row(&sql, [], |row| row.get(0))).unwrap_or(i64::MAX)
    }

    /// Reads a table row by row; how many could not be read.
    fn rows<T>(
        &mut self,
        table: &str,
        row: impl Fn(&Connection, i64) -> rusqlite::Result<Option<(i64, T)>>,
        mut found: impl FnMut(T) -> Result<()>,
    ) -> Result<u64> {
        let end = self.last_row(table);
        let (mut next, mut lost, mut in_a_row) = (1, 0, 0);
        while next <= end && in_a_row < GIVEN_UP {
            match self.read(|old| row(old, next)) {
                Some(Some((n, value))) => {
                    found(value)?;
                    next = n + 1;
                    in_a_row = 0;
                }
                Some(None) => break,
                None => {
                    lost += 1;
                    next += 1;
                    in_a_row += 1;
                }
            }
        }
        Ok(lost)
    }
}

/// Copies settings and drafts into `store` and returns the changes for the caller to apply.
pub(super) fn salvage_into(store: &Store, aside: &Path, key: &Key, salt: Option<Salt>) -> Result<Salvaged> {
    let mut salvaged = Salvaged { aside: aside.to_owned(), ..Salvaged::default() };
    let named = name_tables(aside, key, salt)?;
    let Ok(mut old) = Old::open(named.path(), key) else {
        // Nothing reads, and nobody can say how many rows there were.
        salvaged.lost = 1;
        return Ok(salvaged);
    };
    copy_settings(store, &mut old)?;
    salvaged.drafts = copy_drafts(store, &mut old)?;
    copy_reveals(store, &mut old)?;
    let sql = "SELECT n, id, unsent FROM record WHERE n >= ?1 ORDER BY n LIMIT 1";
    let record = |old: &Connection, from: i64| {
        let row = old.query_row(sql, [from], |row| {
            let waiting = (RecordId(Uuid::from_bytes(row.get(1)?)), row.get::<_, i64>(2)?.unsigned_abs());
            Ok((row.get(0)?, waiting))
        });
        row.optional()
    };
    let waiting = &mut salvaged.waiting;
    old.rows("record", record, |(id, unsent)| {
        waiting.extend((unsent > 0).then_some((id, unsent)));
        Ok(())
    })?;
    let scopes = readable_scopes(&mut old);
    // Of what is out of sight the server has everything but what it refused.
    let sql = "SELECT n, id, scope, own, seq IS NOT NULL, bytes, record < 0, refusal FROM change
               WHERE n >= ?1 AND (record > 0 OR record < 0 AND own = 1 AND seq IS NULL) ORDER BY n LIMIT 1";
    let change = |old: &Connection, from: i64| {
        let row = old.query_row(sql, [from], |row| {
            let scope: i64 = row.get(2)?;
            let change = SalvagedChange {
                id: RecordId(Uuid::from_bytes(row.get(1)?)),
                scope: scopes.iter().find(|(n, _)| *n == scope).map(|(_, id)| id.clone()),
                own: row.get(3)?,
                acknowledged: row.get(4)?,
                bytes: row.get(5)?,
                reserved: row.get(6)?,
                refusal: row.get(7)?,
            };
            Ok((row.get(0)?, change))
        });
        row.optional()
    };
    let changes = &mut salvaged.changes;
    salvaged.lost = old.rows("change", change, |change| {
        changes.push(change);
        Ok(())
    })?;
    Ok(salvaged)
}

fn readable_scopes(old: &mut Old<'_>) -> Vec<(i64, ScopeId)> {
    let read = |old: &Connection| {
        let mut statement = old.prepare("SELECT n, id FROM scope")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, ScopeId(row.get(1)?))))?;
        rows.collect::<rusqlite::Result<Vec<_>>>()
    };
    old.read(read).unwrap_or_default()
}

/// Each setting by itself: one that cannot be read, or of which a part was lost, does not take the others with it.
fn copy_settings(store: &Store, old: &mut Old<'_>) -> Result<()> {
    let next = "SELECT name FROM meta WHERE name > ?1 ORDER BY name LIMIT 1";
    let one = "SELECT value FROM meta WHERE name = ?1";
    let mut after = String::new();
    let mut settings: Vec<(String, String)> = Vec::new();
    while let Some(Some(name)) =
        old.read(|old| old.query_row(next, [&after], |row| row.get::<_, String>(0)).optional())
    {
        let value: Option<String> = old.read(|old| old.query_row(one, [&name], |row| row.get(0)));
        let whole = value.filter(|value| serde_json::from_str::<serde::de::IgnoredAny>(value).is_ok());
        settings.extend(whole.map(|value| (name.clone(), value)));
        after = name;
    }
    store.write(|writer| {
        for (name, value) in &settings {
            writer
                .execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?1, ?2)", [name, value])
                .map_err(store_error)?;
        }
        Ok(())
    })
}

type DraftRow = (Vec<u8>, i64, Option<Vec<u8>>, Option<Vec<u8>>, Option<String>, Option<i64>, i64, String);

fn copy_drafts(store: &Store, old: &mut Old<'_>) -> Result<u64> {
    let sql = "SELECT n, id, kind, record, version, grid, occurred_at, updated, json FROM draft
               WHERE n >= ?1 ORDER BY n LIMIT 1";
    let draft = |old: &Connection, from: i64| -> rusqlite::Result<Option<(i64, DraftRow)>> {
        let row = old.query_row(sql, [from], |row| {
            let (id, kind, record, version) = (row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?);
            let draft = (id, kind, record, version, row.get(5)?, row.get(6)?, row.get(7)?, row.get(8)?);
            Ok((row.get(0)?, draft))
        });
        row.optional()
    };
    let mut copied = 0;
    old.rows("draft", draft, |draft| {
        let insert =
            "INSERT OR REPLACE INTO draft (id, kind, record, version, grid, occurred_at, updated, json)
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        store.write(|writer| writer.execute(insert, draft).map_err(store_error))?;
        copied += 1;
        Ok(())
    })?;
    Ok(copied)
}

type RevealRow = (Vec<u8>, Vec<u8>, String, i64, String, bool);

fn copy_reveals(store: &Store, old: &mut Old<'_>) -> Result<()> {
    let sql = "SELECT n, id, record, field, at, reason, sent FROM reveal WHERE n >= ?1 ORDER BY n LIMIT 1";
    let reveal = |old: &Connection, from: i64| -> rusqlite::Result<Option<(i64, RevealRow)>> {
        let row = old.query_row(sql, [from], |row| {
            let (id, record, field) = (row.get(1)?, row.get(2)?, row.get(3)?);
            Ok((row.get(0)?, (id, record, field, row.get(4)?, row.get(5)?, row.get(6)?)))
        });
        row.optional()
    };
    old.rows("reveal", reveal, |reveal| {
        let insert = "INSERT OR REPLACE INTO reveal (id, record, field, at, reason, sent)
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        store.write(|writer| writer.execute(insert, reveal).map_err(store_error)).map(drop)
    })?;
    Ok(())
}
