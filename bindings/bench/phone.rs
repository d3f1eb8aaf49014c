//! The workbook that everybody measures on, and Rust's own measures.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use gridbook_bindings::mirror::{Filter, Household, NewHousehold, NewVisit, Outcome, RecordId, Visit};
use gridbook_bindings::{GridbookError, GuardHandle, WorkbookHandle};
use gridbook_core::clock::Instant as Time;
use gridbook_core::model::{Grant, Person, Role};
use gridbook_core::sync::invitation::Invitation;
use gridbook_core::sync::mandate::{Mandate, SignedMandate};
use gridbook_core::sync::statement::public_key;

use crate::Times;

/// Visits that are there before anything is measured.
const VISITS: usize = 10_000;
/// Calls before the measured ones, which fill the caches.
const WARM_UP: usize = 200;
/// Calls that are measured.
const MEASURED: usize = 400;

/// Makes the workbook and returns the household of all its visits. It works on a signed invitation: no server is asked.
pub(crate) fn make(folder: &Path) -> Result<RecordId, Box<dyn Error>> {
    std::fs::create_dir_all(folder)?;
    let workbook = open(folder)?;
    workbook.begin_offline(invitation()?, "bench".into())?;
    let dwelling = Some("3-1-501".parse()?);
    let household = Household { dwelling, class: "red".into(), ..Household::default() };
    let household = workbook.save_household(NewHousehold::of(household))?.id;
    for number in 0..VISITS {
        let what = if number % 50 == 0 { "反诈宣传" } else { "例行走访" };
        workbook.save_visit(NewVisit::of(visit(household, format!("{what}，第{number}次"))))?;
    }
    Ok(household)
}

/// The medians of Rust's own calls, which need no bridge.
pub(crate) fn measure(folder: &Path, household: RecordId) -> Result<Times, Box<dyn Error>> {
    let workbook = open(folder)?;
    let note = "入".repeat(80);
    Ok(vec![
        median("save", || workbook.save_visit(NewVisit::of(visit(household, note.clone()))).map(drop))?,
        median("list of 60", || workbook.visits(Filter::default(), None, 60).map(drop))?,
        median("search", || workbook.search("反诈".into(), None, 20).map(drop))?,
    ])
}

fn open(folder: &Path) -> Result<Arc<WorkbookHandle>, GridbookError> {
    let at = |name: &str| folder.join(name).display().to_string();
    GuardHandle::in_folder(at("workbook.db"), at("vault"))?.open(None)
}

fn visit(household: RecordId, note: String) -> Visit {
    Visit { household, outcome: Some(Outcome::Met), note, ..Visit::default() }
}

fn invitation() -> Result<String, Box<dyn Error>> {
    let (server, secret, key) = ("https://grid.example", "secret", [9; 32]);
    let mandate = Mandate {
        person: Person { id: "p1".into(), name: "测试员甲".into() },
        grants: vec![Grant { scope: "s1".into(), role: Role::Worker }],
        scopes: Vec::new(),
        zone_minutes: 480,
        expires: Time(i64::MAX),
    };
    let signed = SignedMandate::new(&mandate, server, secret, &key)?;
    let plain = Invitation::new(server, secret)?;
    Ok(Invitation { key: Some(public_key(&key)), mandate: Some(signed), ..plain }.to_text())
}

fn median<E>(name: &str, mut work: impl FnMut() -> Result<(), E>) -> Result<(String, f64), E> {
    let mut times = Vec::with_capacity(MEASURED);
    for turn in 0..WARM_UP + MEASURED {
        let begun = Instant::now();
        work()?;
        if turn >= WARM_UP {
            times.push(begun.elapsed());
        }
    }
    times.sort_unstable();
    Ok((name.to_owned(), times[times.len() / 2].as_nanos() as f64 / 1_000.0))
}
