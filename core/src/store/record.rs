//! Rows projected from documents, and reading them back as records.

use rusqlite::{OptionalExtension, Row as SqlRow, params};
use uuid::Uuid;

use super::cells::{Cells, Words};
use super::failure::store_error;
use super::{Reader, Writer};
use crate::clock::Instant;
use crate::error::{Error, Result};
use crate::id::{RecordId, ScopeId};
use crate::model::{Content, Header, Kind, Mark, Projection, Record, Standing, Version};

/// What is written of one record, derived from its document.
#[derive(Debug)]
pub struct Row<'a> {
    /// The record.
    pub id: RecordId,
    /// Who may see it.
    pub scope: &'a ScopeId,
    /// What follows from its fields.
    pub cells: &'a Cells,
    /// The document's heads.
    pub version: &'a Version,
    /// When its first change was made.
    pub created: Instant,
    /// When its latest change was made.
    pub updated: Instant,
    /// How many fields hold two values.
    pub conflicts: u32,
}

/// A record's place in the database.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Its row number.
    pub n: i64,
    /// Who may see it.
    pub scope: ScopeId,
    /// Its kind.
    pub kind: Kind,
    /// The document's heads.
    pub version: Version,
    /// True if it was withdrawn.
    pub voided: bool,
}

/// The columns that [`read_record`] takes, in its order.
pub(super) const COLUMNS: &str = "record.id, record.scope, record.created, record.updated, record.unsent,
    record.refused, record.reviewed, record.conflicts, record.heads, record.kind, record.json";

/// A row as SQLite gives it, its JSON read on the spot, without a copy; that it does not read is said in the
/// core's words by [`RawRecord::into_record`].
pub(super) struct RawRecord {
    id: [u8; 16],
    scope: i64,
    created: i64,
    updated: i64,
    unsent: i64,
    refused: i64,
    reviewed: Option<String>,
    conflicts: u32,
    version: Version,
    fields: Result<(Header, Content)>,
}

fn read_kind(row: &SqlRow<'_>, column: usize) -> rusqlite::Result<Kind> {
    let code = row.get(column)?;
    Kind::from_code(code).ok_or(rusqlite::Error::IntegralValueOutOfRange(column, code))
}

pub(super) fn read_record(row: &SqlRow<'_>) -> rusqlite::Result<RawRecord> {
    Ok(RawRecord {
        id: row.get(0)?,
        scope: row.get(1)?,
        created: row.get(2)?,
        updated: row.get(3)?,
        unsent: row.get(4)?,
        refused: row.get(5)?,
        reviewed: row.get(6)?,
        conflicts: row.get(7)?,
        version: Version::from_bytes(row.get_ref(8)?.as_blob()?),
        fields: Projection::read(read_kind(row, 9)?, row.get_ref(10)?.as_str()?),
    })
}

impl RawRecord {
    pub(super) fn into_record(self, reader: &Reader<'_>) -> Result<Record> {
        let standing = self.standing();
        let (header, content) = self.fields?;
        Ok(Record {
            id: RecordId(Uuid::from_bytes(self.id)),
            scope: reader.scope_of(self.scope)?,
            header,
            created: Instant(self.created),
            updated: Instant(self.updated),
            standing,
            conflicts: self.conflicts,
            version: self.version,
            content,
        })
    }

    fn standing(&self) -> Standing {
        if self.refused > 0 {
            return Standing::Refused;
        }
        if self.unsent > 0 {
            return Standing::OnPhone;
        }
        let reviewed = self.reviewed.as_deref().and_then(|reviewed| reviewed.split_once(' '));
        match reviewed {
            Some((mark, covers)) if covers == self.version.fingerprint() => {
                mark_of(mark).map_or(Standing::OnServer, Standing::Reviewed)
            }
            _ => Standing::OnServer,
        }
    }
}

fn mark_word(mark: Mark) -> &'static str {
    match mark {
        Mark::Seen => "seen",
        Mark::Returned => "returned",
        Mark::Approved => "approved",
    }
}

fn mark_of(word: &str) -> Option<Mark> {
    [Mark::Seen, Mark::Returned, Mark::Approved].into_iter().find(|mark| mark_word(*mark) == word)
}

impl Reader<'_> {
    /// Where a record is, if the phone holds it.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn find(&self, id: &RecordId) -> Result<Option<Found>> {
        let sql = "SELECT record.n, scope.id, record.kind, record.heads, record.voided
                   FROM record JOIN scope ON scope.n = record.scope WHERE record.id = ?1";
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        let found = statement.query_row([id.as_bytes()], |row| {
            Ok(Found {
                n: row.get(0)?,
                scope: ScopeId(row.get(1)?),
                kind: read_kind(row, 2)?,
                version: Version::from_bytes(row.get_ref(3)?.as_blob()?),
                voided: row.get(4)?,
            })
        });
        found.optional().map_err(store_error)
    }

    /// A record, if the phone holds it.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn record(&self, id: &RecordId) -> Result<Option<Record>> {
        let sql = format!("SELECT {COLUMNS} FROM record WHERE record.id = ?1");
        let mut statement = self.connection.prepare_cached(&sql).map_err(store_error)?;
        let raw = statement.query_row([id.as_bytes()], read_record).optional().map_err(store_error)?;
        raw.map(|raw| raw.into_record(self)).transpose()
    }

    /// At most `most` ids of records and drafts whose hexadecimal form ends in `tail`. Reads the index of
    /// ids from end to end, no record: about 2 MB at 100,000 records, which one typed command may cost.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn ids_ending(&self, tail: &str, most: usize) -> Result<Vec<RecordId>> {
        let sql = "SELECT id FROM record WHERE substr(hex(id), -length(?1)) = upper(?1)
                   UNION SELECT id FROM draft WHERE substr(hex(id), -length(?1)) = upper(?1) LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let rows =
            statement.query_map(params![tail, most], |row| Ok(RecordId(Uuid::from_bytes(row.get(0)?))));
        rows.and_then(Iterator::collect).map_err(store_error)
    }

    /// The latest review of a record as the row keeps it: "mark fingerprint".
    fn latest_review(&self, subject: &RecordId) -> Result<Option<String>> {
        let sql = "SELECT json FROM record WHERE subject = ?1 AND kind = ?2 AND voided = 0
                   ORDER BY occurred_at DESC, n DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql).map_err(store_error)?;
        let json: Option<String> = statement
            .query_row(params![subject.as_bytes(), Kind::Review.code()], |row| row.get(0))
            .optional()
            .map_err(store_error)?;
        let Some(json) = json else { return Ok(None) };
        match Projection::read(Kind::Review, &json)?.1 {
            Content::Review(review) => {
                Ok(review.mark.map(|mark| format!("{} {}", mark_word(mark), review.covers)))
            }
            _ => Ok(None),
        }
    }
}

/// The walking order, made unique by the id: two households at one dwelling never hide each other in a list.
fn place_of(row: &Row<'_>) -> Option<String> {
    row.cells.walking_order.as_ref().map(|order| format!("{order}|{}", row.id.0.simple()))
}

impl Writer<'_> {
    /// Writes the row and search entry of a new record; returns its number, or `None` if it is here already
    /// and nothing was written. A first sync is told so faster than by asking before.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn insert_record(&self, row: &Row<'_>) -> Result<Option<i64>> {
        let scope = self.number_scope(row.scope)?;
        let cells = row.cells;
        let sql = "INSERT INTO record (id, kind, scope, author, day, occurred_at, created, updated, subject,
                   place, building, voided, conflicts, reviewed, heads, json, moves)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16,
                   (SELECT coalesce(max(number), 0) FROM hand_over WHERE id = ?1 AND to_scope = ?17))
                   ON CONFLICT (id) DO NOTHING";
        let mut statement = self.prepare_cached(sql).map_err(store_error)?;
        let values = params![
            row.id.as_bytes(),
            cells.kind.code(),
            scope,
            cells.author.as_str(),
            cells.day.number(),
            cells.occurred_at.0,
            row.created.0,
            row.updated.0,
            cells.subject.map(|subject| *subject.as_bytes()),
            place_of(row),
            cells.building,
            cells.voided,
            row.conflicts,
            self.reader().latest_review(&row.id)?,
            row.version.to_bytes(),
            cells.json,
            row.scope.as_str(),
        ];
        if statement.execute(values).map_err(store_error)? == 0 {
            return Ok(None);
        }
        let n = self.last_insert_rowid();
        self.index(n, &cells.words)?;
        self.refresh_reviewed_by(cells)?;
        Ok(Some(n))
    }

    /// Writes what a record has become.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn update_record(&self, n: i64, row: &Row<'_>) -> Result<()> {
        let before = self.search_text_of(n)?;
        let cells = row.cells;
        let sql = "UPDATE record SET day = ?2, occurred_at = ?3, created = ?4, updated = ?5, subject = ?6,
                   place = ?7, building = ?8, voided = ?9, conflicts = ?10, heads = ?11, json = ?12 WHERE n = ?1";
        let mut statement = self.prepare_cached(sql).map_err(store_error)?;
        let values = params![
            n,
            cells.day.number(),
            cells.occurred_at.0,
            row.created.0,
            row.updated.0,
            cells.subject.map(|subject| *subject.as_bytes()),
            place_of(row),
            cells.building,
            cells.voided,
            row.conflicts,
            row.version.to_bytes(),
            cells.json,
        ];
        statement.execute(values).map_err(store_error)?;
        if !matches!(&cells.words, Words::Text(after) if before.as_deref() == Some(after)) {
            self.forget_text(n)?;
            self.index(n, &cells.words)?;
        }
        self.refresh_reviewed_by(cells)
    }

    /// The searchable text of a row as it stands; `None` where the row does not read.
    fn search_text_of(&self, n: i64) -> Result<Option<String>> {
        let mut statement =
            self.prepare_cached("SELECT kind, json FROM record WHERE n = ?1").map_err(store_error)?;
        let read = |row: &SqlRow<'_>| Ok(Projection::read(read_kind(row, 0)?, row.get_ref(1)?.as_str()?));
        let read = statement.query_row([n], read).map_err(store_error)?;
        Ok(read.ok().map(|(_, content)| content.search_text()))
    }

    fn refresh_reviewed_by(&self, cells: &Cells) -> Result<()> {
        match (cells.kind, &cells.subject) {
            (Kind::Review, Some(subject)) => self.refresh_review(subject),
            _ => Ok(()),
        }
    }

    /// Looks up a record's latest review anew.
    pub(super) fn refresh_review(&self, subject: &RecordId) -> Result<()> {
        let reviewed = self.reader().latest_review(subject)?;
        self.execute("UPDATE record SET reviewed = ?2 WHERE id = ?1", params![subject.as_bytes(), reviewed])
            .map_err(store_error)?;
        Ok(())
    }

    /// The record, or [`Error::NoSuchRecord`].
    ///
    /// # Errors
    /// SQLite's failure, or that the phone does not hold it.
    pub fn require(&self, id: &RecordId) -> Result<Found> {
        self.reader().find(id)?.ok_or(Error::NoSuchRecord(*id))
    }
}
