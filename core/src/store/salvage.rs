//! Reading what can be read of a damaged database: its changes, drafts and what the phone knows of itself.
//!
//! Rows, search and cursors are not salvaged: rows are projected anew from the changes, and the server
//! sends from the beginning what it has.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, OptionalExtension};
use uuid::Uuid;

use super::failure::store_error;
use super::open::connect;
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
    /// How many drafts could be read; they are in the new database.
    pub drafts: u64,
    /// How many rows could not be read.
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
    /// The raw change.
    pub bytes: Vec<u8>,
}

/// Copies settings and drafts into `store` and returns the changes for the caller to apply.
pub(super) fn salvage_into(store: &Store, aside: &Path, key: &Key) -> Result<Salvaged> {
    let mut salvaged = Salvaged { aside: aside.to_owned(), ..Salvaged::default() };
    let Ok(old) = connect(aside, key, OpenFlags::SQLITE_OPEN_READ_WRITE) else { return Ok(salvaged) };
    copy_settings(store, &old)?;
    salvaged.drafts = copy_drafts(store, &old)?;
    let scopes = readable_scopes(&old);
    let sql = "SELECT n, id, scope, own, seq IS NOT NULL, bytes FROM change WHERE n >= ?1 AND record > 0
               ORDER BY n LIMIT 1";
    let mut next = 1;
    let end = last_row(&old, "change");
    while next <= end {
        let row = old.query_row(sql, [next], |row| {
            let scope: i64 = row.get(2)?;
            let change = SalvagedChange {
                id: RecordId(Uuid::from_bytes(row.get(1)?)),
                scope: scopes.iter().find(|(n, _)| *n == scope).map(|(_, id)| id.clone()),
                own: row.get(3)?,
                acknowledged: row.get(4)?,
                bytes: row.get(5)?,
            };
            Ok((row.get::<_, i64>(0)?, change))
        });
        match row.optional() {
            Ok(Some((n, change))) => {
                salvaged.changes.push(change);
                next = n + 1;
            }
            Ok(None) => break,
            Err(_) => {
                salvaged.lost += 1;
                next += 1;
            }
        }
    }
    Ok(salvaged)
}

/// The last row number of a table: from its right edge if that reads, otherwise from wherever the counting ends.
fn last_row(old: &Connection, table: &str) -> i64 {
    /// Where the edge cannot be read, so many row numbers are tried: more than ten years of one phone.
    const TRIED: i64 = 200_000;
    old.query_row(&format!("SELECT coalesce(max(n), 0) FROM {table}"), [], |row| row.get(0)).unwrap_or(TRIED)
}

fn readable_scopes(old: &Connection) -> Vec<(i64, ScopeId)> {
    let read = || {
        let mut statement = old.prepare("SELECT n, id FROM scope")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, ScopeId(row.get(1)?))))?;
        rows.collect::<rusqlite::Result<Vec<_>>>()
    };
    read().unwrap_or_default()
}

fn copy_settings(store: &Store, old: &Connection) -> Result<()> {
    let read = || {
        let mut statement = old.prepare("SELECT name, value FROM meta")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect::<rusqlite::Result<Vec<(String, String)>>>()
    };
    let settings = read().unwrap_or_default();
    store.write(|writer| {
        for (name, value) in &settings {
            writer
                .execute("INSERT OR REPLACE INTO meta (name, value) VALUES (?1, ?2)", [name, value])
                .map_err(store_error)?;
        }
        Ok(())
    })
}

fn copy_drafts(store: &Store, old: &Connection) -> Result<u64> {
    let sql = "SELECT id, kind, record, updated, json FROM draft WHERE n >= ?1 AND n < ?1 + 1";
    let mut copied = 0;
    for n in 1..=last_row(old, "draft") {
        let draft = old.query_row(sql, [n], |row| {
            Ok((
                row.get::<_, Vec<u8>>(0)?,
                row.get::<_, i64>(1)?,
                row.get::<_, Option<Vec<u8>>>(2)?,
                row.get::<_, i64>(3)?,
                row.get::<_, String>(4)?,
            ))
        });
        let Ok(draft) = draft else { continue };
        let insert =
            "INSERT OR REPLACE INTO draft (id, kind, record, updated, json) VALUES (?1, ?2, ?3, ?4, ?5)";
        store.write(|writer| writer.execute(insert, draft).map_err(store_error))?;
        copied += 1;
    }
    Ok(copied)
}
