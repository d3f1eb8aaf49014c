//! A disk that fails or fills up at every single call of a phone's day, once or for good: the call says so,
//! nothing acknowledged is lost, and work goes on when the disk is well again.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]
#![allow(clippy::print_stdout, reason = "it says how many calls there were")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use gridbook_core::model::{Checklist, DiaryEntry, Household, Outcome, Record, Visit};
use gridbook_core::workbook::{Filter, New, Workbook};
use gridbook_core::{Error, Result};
use gridbook_faulty_disk::{Disk, Fault};
use gridbook_tests::day::{Promise, Promises, draft, import, versions};
use gridbook_tests::desk::Desk;
use gridbook_tests::district::{District, copy, open, scratch};
use gridbook_tests::trials::{self, Trial};

/// The steps of the day, each tried on a copy of the same phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    /// A new phone is opened and enrolled.
    Begin,
    /// The app is started after it was killed.
    Open,
    Import,
    Save,
    Edit,
    Tick,
    Draft,
    Sync,
    Search,
    /// The write-ahead log is folded in and the app is closed.
    Close,
}

const STEPS: [Step; 10] = [
    Step::Begin,
    Step::Open,
    Step::Import,
    Step::Save,
    Step::Edit,
    Step::Tick,
    Step::Draft,
    Step::Sync,
    Step::Search,
    Step::Close,
];

/// The phone that every trial starts from, and its server.
struct Start {
    district: District,
    folder: PathBuf,
    promises: Promises,
}

const FILE: &str = "workbook.db";
/// At least so many calls are made to fail, or something is not looked at any more.
const TRIALS: usize = 1_500;

async fn start(folder: &Path) -> Start {
    let mut district = District::found(&folder.join("server")).await.unwrap();
    let colleague = district.phone(&folder.join("colleague").join(FILE)).await;
    let phone = district.phone(&folder.join("living").join(FILE)).await;
    let mut promises = Promises::default();
    promises.extend(import(&colleague, 7).unwrap());
    promises.extend(versions(&colleague, save(&colleague, "先到").unwrap()).unwrap());
    district.sync(&colleague).await.unwrap();
    district.sync(&phone).await.unwrap();
    for made in phone.checklists().begin_period(phone.today()).unwrap() {
        promises.extend(versions(&phone, made).unwrap());
    }
    for number in 0..3 {
        promises.extend(versions(&phone, save(&phone, &format!("第{number}次反诈")).unwrap()).unwrap());
    }
    promises.extend(draft(&phone, 1).unwrap());
    for number in 0..3 {
        save(&colleague, &format!("后到{number}")).unwrap();
    }
    district.sync(&colleague).await.unwrap();
    // Copied while it is open: what a kill leaves behind, log and all.
    let folder = copy(&folder.join("living"), &folder.join("start")).unwrap();
    Start { district, folder, promises }
}

fn save(workbook: &Workbook, note: &str) -> Result<gridbook_core::id::RecordId> {
    let home = workbook.list::<Household>(&Filter::default(), None, 1)?.items.remove(0);
    let visit =
        Visit { household: home.id, outcome: Some(Outcome::Met), note: note.into(), ..Visit::default() };
    Ok(workbook.visits().save(New::of(visit))?.id)
}

/// Does one step; what was promised by it.
fn live(
    step: Step,
    workbook: &Workbook,
    start: &Start,
    runtime: &tokio::runtime::Runtime,
) -> Result<Vec<Promise>> {
    match step {
        Step::Begin | Step::Open => Ok(Vec::new()),
        Step::Import => import(workbook, 9),
        Step::Save => versions(workbook, save(workbook, "走廊堆物")?),
        Step::Edit => {
            let mut home: Record<Household> =
                workbook.list::<Household>(&Filter::default(), None, 1)?.items.remove(0);
            home.content.note = "改过".into();
            versions(workbook, workbook.edit(&home)?.id)
        }
        Step::Tick => {
            let list = workbook.list::<Checklist>(&Filter::default(), None, 1)?.items.remove(0);
            versions(workbook, workbook.checklists().tick(list.id, "lamps")?.id)
        }
        Step::Draft => draft(workbook, 2),
        Step::Sync => runtime.block_on(start.district.sync(workbook)).map(|_| Vec::new()),
        Step::Search => {
            let found = workbook.search("反诈", None, 10)?.items;
            assert_eq!(found.len(), 3, "a search answers right or not at all");
            Ok(Vec::new())
        }
        Step::Close => workbook.store().checkpoint().map(|()| Vec::new()),
    }
}

/// Opens a phone of the trial; `Begin` makes and enrols it.
fn begin(step: Step, path: &Path, runtime: &tokio::runtime::Runtime) -> Result<Workbook> {
    let opened = open(path)?;
    assert!(opened.salvage.is_none(), "a failing call is no damage: {:?}", opened.salvage);
    if step == Step::Begin && opened.workbook.enrolment().is_none() {
        runtime.block_on(opened.workbook.enrol(&Desk, "here", "invitation", "phone"))?;
    }
    Ok(opened.workbook)
}

/// A phone in `folder` as the step finds it: its database, its disk, and the workbook if the step finds it open.
fn set_up(
    step: Step,
    start: &Start,
    folder: &Path,
    runtime: &tokio::runtime::Runtime,
) -> (PathBuf, Disk, Option<Workbook>) {
    if step == Step::Begin {
        std::fs::create_dir_all(folder).unwrap();
    } else {
        copy(&start.folder, folder).unwrap();
    }
    let path = folder.join(FILE);
    let disk = Disk::watch(folder);
    let early = (!matches!(step, Step::Begin | Step::Open)).then(|| begin(step, &path, runtime).unwrap());
    (path, disk, early)
}

/// Runs one trial; the error that the step ended with, if it did.
fn run(trial: Trial<Step>, start: &Start, folder: &Path, runtime: &tokio::runtime::Runtime) -> Option<Error> {
    let Trial { step, fault, at, lasting } = trial;
    let mut promises = if step == Step::Begin { Promises::default() } else { start.promises.clone() };
    let (path, disk, early) = set_up(step, start, folder, runtime);
    disk.fail(fault, at, lasting);
    let result = catch_unwind(AssertUnwindSafe(|| {
        let workbook = match early {
            Some(workbook) => workbook,
            None => begin(step, &path, runtime)?,
        };
        let promised = live(step, &workbook, start, runtime);
        Ok((workbook, promised))
    }));
    let failed = disk.mend();
    let (workbook, error) = match result.unwrap_or_else(|_| panic!("{trial:?} panicked")) {
        Ok((workbook, Ok(promised))) => {
            promises.extend(promised);
            (Some(workbook), None)
        }
        Ok((workbook, Err(error))) => (Some(workbook), Some(error)),
        Err(error) => (None, Some(error)),
    };
    assert!(failed > 0 || at == u64::MAX, "{trial:?}: nothing failed");
    // Work goes on where it stopped, without starting the app anew.
    let workbook = workbook.unwrap_or_else(|| {
        begin(step, &path, runtime).unwrap_or_else(|error| panic!("{trial:?}: does not open again: {error}"))
    });
    let entry = New::of(DiaryEntry { text: "又好了".into(), ..DiaryEntry::default() });
    match workbook.diary().save(entry) {
        Ok(saved) => promises.extend(versions(&workbook, saved.id).unwrap()),
        Err(error) => panic!("{trial:?}: work does not go on: {error}"),
    }
    drop(workbook);
    let workbook =
        begin(step, &path, runtime).unwrap_or_else(|error| panic!("{trial:?}: does not open again: {error}"));
    let broken = promises.broken(&workbook).unwrap_or_else(|error| panic!("{trial:?}: {error}"));
    assert!(broken.is_empty(), "{trial:?}: {}", broken.join("\n"));
    assert!(workbook.store().is_sound().unwrap(), "{trial:?}: the database is damaged");
    if step == Step::Sync {
        runtime.block_on(start.district.sync(&workbook)).unwrap_or_else(|error| panic!("{trial:?}: {error}"));
        assert_eq!(workbook.status().unwrap().unsent, 0, "{trial:?}");
    }
    drop(workbook);
    drop(disk);
    std::fs::remove_dir_all(folder).unwrap();
    error
}

#[test]
fn every_call_of_a_day_may_fail() {
    let folder = scratch();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let start = runtime.block_on(start(folder.path()));
    let ends = trials::every(
        &STEPS,
        folder.path(),
        |step, fault, folder, runtime| calls_of(step, fault, &start, folder, runtime),
        |trial, folder, runtime| run(trial, &start, folder, runtime).map(|error| error.to_string()),
    );
    println!("{}", ends.told());
    ends.check(TRIALS);
}

/// How many calls of the disk the step makes.
fn calls_of(
    step: Step,
    fault: Fault,
    start: &Start,
    folder: &Path,
    runtime: &tokio::runtime::Runtime,
) -> u64 {
    let (path, disk, early) = set_up(step, start, folder, runtime);
    disk.fail(fault, u64::MAX, false);
    let workbook = early.unwrap_or_else(|| begin(step, &path, runtime).unwrap());
    live(step, &workbook, start, runtime).unwrap();
    let calls = disk.calls(fault);
    drop(workbook);
    std::fs::remove_dir_all(folder).unwrap();
    calls
}
