//! Drafts: what someone has begun to enter, kept from the first keystroke.

use rusqlite::{OptionalExtension, Row as SqlRow, params};
use uuid::Uuid;

use super::failure::store_error;
use super::{Reader, Writer};
use crate::clock::Instant;
use crate::error::Result;
use crate::id::{RecordId, ScopeId};
use crate::model::{Kind, Version};

/// A draft as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct DraftRow {
    /// Its id; the record saved from it takes this id.
    pub id: RecordId,
    /// The kind of record it will be.
    pub kind: Kind,
    /// The record it edits, if it is not a new one.
    pub record: Option<RecordId>,
    /// The version of that record on which what has been entered stands.
    pub version: Option<Version>,
    /// Of a new record: the grid that was chosen for it.
    pub grid: Option<ScopeId>,
    /// Of a new record: when what it tells of happened.
    pub occurred_at: Option<Instant>,
    /// When it was last touched.
    pub updated: Instant,
    /// What has been entered so far, as JSON.
    pub json: String,
}

/// The columns of [`read_draft`].
const COLUMNS: &str = "id, kind, record, version, grid, occurred_at, updated, json";

fn read_draft(row: &SqlRow<'_>) -> rusqlite::Result<DraftRow> {
    let kind = row.get::<_, i64>(1)?;
    let version: Option<Vec<u8>> = row.get(3)?;
    Ok(DraftRow {
        id: RecordId(Uuid::from_bytes(row.get(0)?)),
        kind: Kind::from_code(kind).ok_or(rusqlite::Error::IntegralValueOutOfRange(1, kind))?,
        record: row.get::<_, Option<[u8; 16]>>(2)?.map(|id| RecordId(Uuid::from_bytes(id))),
        version: version.as_deref().map(Version::from_bytes),
        grid: row.get::<_, Option<String>>(4)?.map(ScopeId),
        occurred_at: row.get::<_, Option<i64>>(5)?.map(Instant),
        updated: Instant(row.get(6)?),
        json: row.get(7)?,
    })
}

impl Reader<'_> {
    /// All drafts, the latest touched first.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn drafts(&self) -> Result<Vec<DraftRow>> {
        let sql = format!("SELECT {COLUMNS} FROM draft ORDER BY updated DESC, n DESC");
        let mut statement = self.connection.prepare_cached(&sql).map_err(store_error)?;
        let rows = statement.query_map([], read_draft).map_err(store_error)?;
        rows.collect::<rusqlite::Result<_>>().map_err(store_error)
    }

    /// One draft.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn draft(&self, id: &RecordId) -> Result<Option<DraftRow>> {
        let sql = format!("SELECT {COLUMNS} FROM draft WHERE id = ?1");
        let mut statement = self.connection.prepare_cached(&sql).map_err(store_error)?;
        statement.query_row([id.as_bytes()], read_draft).optional().map_err(store_error)
    }
}

impl Writer<'_> {
    /// Stores a draft, in place of its earlier state.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn put_draft(&self, draft: &DraftRow) -> Result<()> {
        let sql = format!(
            "INSERT INTO draft ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (id) DO UPDATE SET version = excluded.version, grid = excluded.grid,
                 occurred_at = excluded.occurred_at, updated = excluded.updated, json = excluded.json"
        );
        let mut statement = self.prepare_cached(&sql).map_err(store_error)?;
        let values = params![
            draft.id.as_bytes(),
            draft.kind.code(),
            draft.record.map(|id| *id.as_bytes()),
            draft.version.as_ref().map(Version::to_bytes),
            draft.grid.as_ref().map(ScopeId::as_str),
            draft.occurred_at.map(|at| at.0),
            draft.updated.0,
            draft.json,
        ];
        statement.execute(values).map_err(store_error)?;
        Ok(())
    }

    /// Takes a draft away; true if there was one.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn remove_draft(&self, id: &RecordId) -> Result<bool> {
        let mut statement = self.prepare_cached("DELETE FROM draft WHERE id = ?1").map_err(store_error)?;
        Ok(statement.execute([id.as_bytes()]).map_err(store_error)? > 0)
    }
}
