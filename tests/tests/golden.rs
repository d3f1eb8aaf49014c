//! Databases of every released schema open in this version with all they hold, and a newer one is refused
//! untouched.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use std::path::Path;

use gridbook_core::clock::Surroundings;
use gridbook_core::model::{Checklist, DiaryEntry, Household, Kind, Outreach, Review, Template, Visit};
use gridbook_core::store::{SCHEMA_VERSION, schema_dump};
use gridbook_core::workbook::{Filter, OpenOptions, Workbook};
use gridbook_core::{Error, Result};
use gridbook_tests::{golden, samples};
use rusqlite::Connection;

fn open(path: &Path) -> Result<Workbook> {
    let opened = Workbook::open(OpenOptions {
        path,
        key: &golden::key(),
        install_nonce: Some([1; 16]),
        surroundings: Surroundings::system(),
    })?;
    assert!(opened.salvage.is_none());
    Ok(opened.workbook)
}

fn copy_of(schema: i64, folder: &Path) -> std::path::PathBuf {
    let path = folder.join("workbook.db");
    std::fs::copy(golden::path(schema), &path).unwrap();
    path
}

#[test]
fn every_released_schema_opens_and_becomes_the_present_one() {
    let folder = tempfile::tempdir().unwrap();
    let fresh = schema_dump(open(&folder.path().join("fresh.db")).unwrap().store()).unwrap();
    for schema in 1..=SCHEMA_VERSION {
        let folder = tempfile::tempdir().unwrap();
        let workbook = open(&copy_of(schema, folder.path())).unwrap();
        assert_eq!(schema_dump(workbook.store()).unwrap(), fresh, "schema {schema}");
        assert!(workbook.store().is_sound().unwrap());

        let everything = Filter { voided: true, ..Filter::default() };
        let one = |page: usize| assert_eq!(page, 1, "schema {schema}");
        one(workbook.list::<Household>(&everything, None, 9).unwrap().items.len());
        one(workbook.list::<Outreach>(&everything, None, 9).unwrap().items.len());
        one(workbook.list::<Checklist>(&everything, None, 9).unwrap().items.len());
        one(workbook.list::<Template>(&everything, None, 9).unwrap().items.len());
        one(workbook.list::<Review>(&everything, None, 9).unwrap().items.len());
        let visit = &workbook.list::<Visit>(&everything, None, 9).unwrap().items[0];
        assert_eq!(visit.content.note, "改过一次的备注");
        assert_eq!(workbook.history(visit.id).unwrap().len(), 2);
        let entry = &workbook.list::<DiaryEntry>(&everything, None, 9).unwrap().items[0];
        assert_eq!(entry.header.voided.as_ref().map(|voided| voided.reason.as_str()), Some("重复"));
        assert_eq!(entry.content.text, samples::fields(Kind::Diary)["text"].as_text().unwrap());
        assert_eq!(workbook.search("改过", None, 9).unwrap().items[0].id, visit.id);
        let drafts = workbook.drafts().list().unwrap();
        assert_eq!(drafts[0].fields["text"], "半句话");
        assert_eq!((drafts[1].id, drafts[1].version.as_ref()), (visit.id, Some(&visit.version)));
    }
}

#[test]
fn the_schema_changes_only_on_purpose() {
    let folder = tempfile::tempdir().unwrap();
    let workbook = open(&folder.path().join("fresh.db")).unwrap();
    insta::assert_snapshot!("schema", schema_dump(workbook.store()).unwrap());
}

#[test]
fn a_newer_schema_is_refused_and_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = copy_of(SCHEMA_VERSION, folder.path());
    {
        let connection = Connection::open(&path).unwrap();
        connection.pragma_update(None, "key", format!("x'{}'", "2a".repeat(32))).unwrap();
        connection.pragma_update(None, "user_version", SCHEMA_VERSION + 1).unwrap();
    }
    let before = std::fs::read(&path).unwrap();
    match open(&path) {
        Err(Error::NewerSchema { found, known }) => {
            assert_eq!((found, known), (SCHEMA_VERSION + 1, SCHEMA_VERSION));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(std::fs::read(&path).unwrap(), before);
}
