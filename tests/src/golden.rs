//! The golden databases: one written by each released schema, kept as it was, opened by every later version.
//!
//! `cargo run -p gridbook-tests --bin golden` writes the present schema's; an existing one is never replaced.

use std::path::{Path, PathBuf};

use gridbook_core::clock::Surroundings;
use gridbook_core::model::{Checklist, DiaryEntry, Household, Kind, Mark, Template, Visit};
use gridbook_core::workbook::{Key, New, OpenOptions, Workbook};
use gridbook_core::{Error, Result};

use crate::desk::{self, Desk};
use crate::samples;

/// The key of every golden database; it protects nothing.
#[must_use]
pub fn key() -> Key {
    Key::new([42; 32])
}

/// Where the golden database of a schema is.
#[must_use]
pub fn path(schema: i64) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/schema_v{schema}.db"))
}

/// A database of a schema that is newer than any, for the tests of every language.
#[must_use]
pub fn newer_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/newer_schema.db")
}

/// Writes [`newer_path`], unless it is there: the schema's number is all that this version may look at.
///
/// # Errors
/// The workbook's, or [`Error::File`].
pub async fn write_newer() -> Result<()> {
    let path = newer_path();
    if path.exists() {
        return Ok(());
    }
    let file = |source| Error::File { path: path.clone(), source };
    let folder = tempfile::tempdir().map_err(file)?;
    let fresh = folder.path().join("newer.db");
    write(&fresh).await?;
    let store = |error: rusqlite::Error| Error::Store(error.to_string());
    let connection = rusqlite::Connection::open(&fresh).map_err(store)?;
    connection.pragma_update(None, "key", format!("x'{}'", "2a".repeat(32))).map_err(store)?;
    connection.pragma_update(None, "user_version", 1_000_000).map_err(store)?;
    connection.close().map_err(|(_, error)| store(error))?;
    std::fs::copy(&fresh, &path).map(drop).map_err(file)
}

/// Writes one record of every kind, an edit, a withdrawn record, a draft and a draft of an edit.
///
/// # Errors
/// The workbook's.
pub async fn write(path: &Path) -> Result<()> {
    let opened = Workbook::open(OpenOptions {
        path,
        key: &key(),
        install_nonce: Some([1; 16]),
        surroundings: Surroundings::system(),
    })?;
    let workbook = opened.workbook;
    workbook.enrol(&Desk, "http://golden.invalid", "invite", "golden").await?;
    let home = workbook.households().save(New::of(sample::<Household>(Kind::Household)))?;
    let visit = Visit { household: home.id, ..sample(Kind::Visit) };
    let mut visit = workbook.visits().save(New::of(visit))?;
    visit.content.note = "改过一次的备注".into();
    workbook.edit(&visit)?;
    workbook.reviews().mark(visit.id, Mark::Seen, "看到了")?;
    workbook.outreach().save(New { grid: Some(desk::grid()), ..New::of(sample(Kind::Outreach)) })?;
    let entry = workbook.diary().save(New::of(sample::<DiaryEntry>(Kind::Diary)))?;
    workbook.void(entry.id, "重复")?;
    let list = Checklist { group: desk::group(), ..sample(Kind::Checklist) };
    workbook.checklists().save(New::of(list))?;
    let template = Template { group: desk::group(), ..sample(Kind::Template) };
    workbook.checklists().save_template(New::of(template))?;
    workbook.drafts().edit(&workbook.get::<Visit>(visit.id)?)?;
    workbook.drafts().begin(&DiaryEntry { text: "半句话".into(), ..DiaryEntry::default() })?;
    workbook.store().checkpoint()
}

fn sample<B: gridbook_core::model::Body>(kind: Kind) -> B {
    B::from_content(samples::full(kind)).unwrap_or_default()
}
