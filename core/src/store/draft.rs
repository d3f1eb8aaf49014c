//! Drafts: what someone has begun to enter, kept from the first keystroke.

use rusqlite::{OptionalExtension, Row as SqlRow, params};
use uuid::Uuid;

use super::failure::store_error;
use super::{Reader, Writer};
use crate::clock::Instant;
use crate::error::Result;
use crate::id::RecordId;
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
    /// When it was last touched.
    pub updated: Instant,
    /// What has been entered so far, as JSON.
    pub json: String,
}

fn read_draft(row: &SqlRow<'_>) -> rusqlite::Result<DraftRow> {
    let kind = row.get::<_, i64>(1)?;
    let version: Option<Vec<u8>> = row.get(3)?;
    Ok(DraftRow {
        id: RecordId(Uuid::from_bytes(row.get(0)?)),
        kind: Kind::from_code(kind).ok_or(rusqlite::Error::IntegralValueOutOfRange(1, kind))?,
        record: row.get::<_, Option<[u8; 16]>>(2)?.map(|id| RecordId(Uuid::from_bytes(id))),
        version: version.as_deref().map(Version::from_bytes),
        updated: Instant(row.get(4)?),
        json: row.get(5)?,
    })
}

impl Reader<'_> {
    /// All drafts, the latest touched first.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn drafts(&self) -> Result<Vec<DraftRow>> {
        let sql = "SELECT id, kind, record, version, updated, json FROM draft ORDER BY updated DESC, n DESC";
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        let rows = statement.query_map([], read_draft).map_err(store_error)?;
        rows.collect::<rusqlite::Result<_>>().map_err(store_error)
    }

    /// One draft.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn draft(&self, id: &RecordId) -> Result<Option<DraftRow>> {
        let sql = "SELECT id, kind, record, version, updated, json FROM draft WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        statement.query_row([id.as_bytes()], read_draft).optional().map_err(store_error)
    }
}

impl Writer<'_> {
    /// Stores a draft, in place of its earlier state.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn put_draft(&self, draft: &DraftRow) -> Result<()> {
        let sql =
            "INSERT INTO draft (id, kind, record, version, updated, json) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                   ON CONFLICT (id) DO UPDATE
                   SET version = excluded.version, updated = excluded.updated, json = excluded.json";
        let mut statement = self.prepare_cached(sql).map_err(store_error)?;
        let record = draft.record.map(|id| *id.as_bytes());
        let version = draft.version.as_ref().map(Version::to_bytes);
        let (id, kind, updated) = (draft.id.as_bytes(), draft.kind.code(), draft.updated.0);
        statement.execute(params![id, kind, record, version, updated, draft.json]).map_err(store_error)?;
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
