//! A salvage that fails at any call of the disk, for good or because the phone is killed there, begins anew at the
//! next opening and saves the same.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use std::collections::BTreeSet;
use std::path::Path;

use gridbook_core::id::{ChangeHash, RecordId};
use gridbook_core::model::DiaryEntry;
use gridbook_core::workbook::{New, Opened, SalvageReport, Workbook};
use gridbook_faulty_disk::{Disk, Fault};
use gridbook_tests::day::{import, one_act};
use gridbook_tests::district::{District, copy, open, scratch};
use gridbook_tests::simulation::Dice;

const FILE: &str = "workbook.db";
const PAGE: usize = 4096;
/// So many calls are tried, at equal distances from the first to the last.
const TRIALS: u64 = 80;

/// What a salvage must bring: which records it names, how much it says was not sent, and what goes out.
#[derive(Debug, PartialEq)]
struct Saved {
    records: BTreeSet<RecordId>,
    unsent: u64,
    unsaved: Vec<RecordId>,
    outgoing: BTreeSet<ChangeHash>,
    drafts: usize,
}

fn saved(report: &SalvageReport, workbook: &Workbook) -> Saved {
    let outgoing = workbook.store().read(|reader| reader.outgoing(0, 10_000, usize::MAX)).unwrap();
    Saved {
        records: report.records.iter().copied().collect(),
        unsent: report.unsent,
        unsaved: report.unsaved.clone(),
        outgoing: outgoing.into_iter().map(|change| change.hash).collect(),
        drafts: workbook.drafts().list().unwrap().len(),
    }
}

/// A phone with sent and unsent work, closed in order.
async fn live(folder: &Path) {
    let mut district = District::found(&folder.join("server")).await.unwrap();
    let phone = district.phone(&folder.join("phone").join(FILE)).await;
    let dice = Dice::new(1);
    import(&phone, 1).unwrap();
    for number in 2..40 {
        one_act(&phone, &dice, number).unwrap();
    }
    district.sync(&phone).await.unwrap();
    for number in 40..60 {
        one_act(&phone, &dice, number).unwrap();
    }
}

/// Damages the first page, counted from the end, that an opening notices and that leaves most of the work readable.
fn damage(folder: &Path, scratch: &Path) {
    let whole = std::fs::read(folder.join(FILE)).unwrap();
    for page in (0..whole.len() / PAGE).rev() {
        let mut bytes = whole.clone();
        bytes[page * PAGE..(page + 1) * PAGE].fill(0x5a);
        std::fs::write(folder.join(FILE), &bytes).unwrap();
        let tried = copy(folder, scratch).unwrap();
        let report = open(&tried.join(FILE)).unwrap().salvage;
        std::fs::remove_dir_all(tried).unwrap();
        if report.is_some_and(|report| report.records.len() > 20 && report.unsent > 5) {
            return;
        }
    }
    panic!("no page's damage is noticed and can be salvaged");
}

#[test]
fn a_salvage_that_breaks_off_begins_anew() {
    let scratch = scratch();
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(live(scratch.path()));
    let (start, trial) = (scratch.path().join("phone"), scratch.path().join("trial"));
    damage(&start, &trial);

    copy(&start, &trial).unwrap();
    let disk = Disk::watch(&trial);
    disk.fail(Fault::Io, u64::MAX, false);
    let Opened { workbook, salvage } = open(&trial.join(FILE)).unwrap();
    let expected = saved(&salvage.unwrap(), &workbook);
    let calls = disk.calls(Fault::Io);
    drop((workbook, disk));
    std::fs::remove_dir_all(&trial).unwrap();
    assert!(calls > TRIALS, "{calls} calls");

    let mut broken_off = 0;
    for at in (0..TRIALS).map(|number| number * calls / TRIALS) {
        copy(&start, &trial).unwrap();
        let disk = Disk::watch(&trial);
        disk.fail(Fault::Io, at, true);
        let first = open(&trial.join(FILE));
        // As a kill leaves it: nothing more reaches the disk until the app starts anew.
        let told = first.map(|opened| opened.salvage);
        disk.mend();
        let Opened { workbook, salvage } = open(&trial.join(FILE)).unwrap();
        broken_off += u64::from(told.is_err());
        let report = told.ok().flatten().or(salvage);
        let report = report.unwrap_or_else(|| panic!("call {at}: a salvage that nobody is told of"));
        assert_eq!(saved(&report, &workbook), expected, "call {at}");
        assert!(workbook.store().is_sound().unwrap(), "call {at}");
        assert!(report.aside.exists(), "call {at}: the damaged file is kept");
        drop((workbook, disk));
        std::fs::remove_dir_all(&trial).unwrap();
    }
    assert!(broken_off > TRIALS / 2, "only {broken_off} salvages broke off");
}

// Story: damaged_database
#[test]
fn a_phone_whose_first_page_is_noise_keeps_its_unsent_work() {
    let scratch = scratch();
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(live(scratch.path()));
    let path = scratch.path().join("phone").join(FILE);
    let before = {
        let workbook = open(&path).unwrap().workbook;
        let waiting = workbook.store().read(|reader| reader.outgoing(0, 10_000, usize::MAX)).unwrap();
        let waiting: BTreeSet<_> = waiting.into_iter().map(|change| change.hash).collect();
        (waiting, workbook.drafts().list().unwrap(), workbook.enrolment().unwrap().device.clone())
    };
    assert!(before.0.len() > 5);
    // The salt, the file's size and the names of half the tables.
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[..PAGE].fill(0x5a);
    std::fs::write(&path, &bytes).unwrap();

    let Opened { workbook, salvage } = open(&path).unwrap();
    let report = salvage.unwrap();
    assert_eq!((report.lost, report.unsaved.len()), (0, 0));
    assert_eq!(std::fs::read(&report.aside).unwrap(), bytes, "the damaged file is kept to the byte");
    let waiting = workbook.store().read(|reader| reader.outgoing(0, 10_000, usize::MAX)).unwrap();
    let waiting: BTreeSet<_> = waiting.into_iter().map(|change| change.hash).collect();
    assert_eq!(
        (waiting, workbook.drafts().list().unwrap(), workbook.enrolment().unwrap().device.clone()),
        before
    );
}

/// The disk was full when the salvage's marker was to be written, in a version that wrote it where it stands.
#[test]
fn a_marker_that_names_no_damaged_file_costs_no_database() {
    let scratch = scratch();
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(live(scratch.path()));
    let folder = scratch.path().join("phone");
    let before = open(&folder.join(FILE)).unwrap().workbook.status().unwrap();
    for (number, marker) in ["", FILE, "workbook.db.damaged", "../server"].into_iter().enumerate() {
        let tried = copy(&folder, &scratch.path().join(format!("tried-{number}"))).unwrap();
        std::fs::write(tried.join("workbook.db.salvaging"), marker).unwrap();
        let Opened { workbook, salvage } = open(&tried.join(FILE)).unwrap();
        assert_eq!((salvage, workbook.status().unwrap()), (None, before.clone()), "{marker:?}");
    }
}

/// What a kill leaves of a phone whose last saves are in its log alone.
async fn killed(folder: &Path) -> (BTreeSet<RecordId>, ChangeHash) {
    let mut district = District::found(&folder.join("server")).await.unwrap();
    let phone = district.phone(&folder.join("living").join(FILE)).await;
    let save = |text: &str| {
        let entry = DiaryEntry { text: text.into(), ..DiaryEntry::default() };
        phone.diary().save(New { grid: Some(district.grid.clone()), ..New::of(entry) }).unwrap().id
    };
    let early = ["一", "二", "三"].map(save).into();
    phone.store().checkpoint().unwrap();
    let late = save("四");
    copy(&folder.join("living"), &folder.join("killed")).unwrap();
    let late = phone.store().read(|reader| reader.hashes_of(&late)).unwrap();
    (early, late[0])
}

#[test]
fn saves_that_the_log_lost_are_not_lost_in_silence() {
    let scratch = scratch();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (early, late) = runtime.block_on(killed(scratch.path()));
    let log = |folder: &Path| folder.join(format!("{FILE}-wal"));
    let whole = std::fs::read(log(&scratch.path().join("killed"))).unwrap();
    let trial = |damaged: Option<&[u8]>| {
        let folder = scratch.path().join("trial");
        let _ = std::fs::remove_dir_all(&folder);
        copy(&scratch.path().join("killed"), &folder).unwrap();
        match damaged {
            Some(bytes) => std::fs::write(log(&folder), bytes).unwrap(),
            None => std::fs::remove_file(log(&folder)).unwrap(),
        }
        open(&folder.join(FILE)).unwrap()
    };
    let hashes = |workbook: &Workbook| {
        let waiting = workbook.store().read(|reader| reader.outgoing(0, 100, usize::MAX)).unwrap();
        waiting.into_iter().map(|change| change.hash).collect::<BTreeSet<_>>()
    };

    let opened = trial(Some(&whole));
    assert!(opened.salvage.is_none(), "a kill is no damage");
    assert!(hashes(&opened.workbook).contains(&late));
    let actor = opened.workbook.actor();

    let (mut flipped, mut head) = (whole.clone(), whole.clone());
    *flipped.last_mut().unwrap() ^= 1;
    head[17] ^= 1;
    let cut = &whole[..whole.len() - 1];
    for (what, damaged) in [
        ("a flipped bit", Some(flipped.as_slice())),
        ("a log that begins otherwise", Some(&head)),
        ("a cut log", Some(cut)),
        ("an empty log", Some(&[])),
        ("no log", None),
    ] {
        let Opened { workbook, salvage } = trial(damaged);
        let report = salvage.unwrap_or_else(|| panic!("{what} is not noticed"));
        assert_eq!(report.lost, 1, "{what}");
        let aside =
            report.aside.with_file_name(format!("{}-wal", report.aside.file_name().unwrap().display()));
        assert_eq!(
            std::fs::read(aside).unwrap_or_default(),
            damaged.unwrap_or_default(),
            "{what}: it is kept"
        );
        let here: BTreeSet<_> = report.records.iter().copied().collect();
        assert!(early.is_subset(&here), "{what}: what was in the file is there");
        assert!(!hashes(&workbook).contains(&late), "{what}");
        // What was lost may have been sent: its numbers are not given again.
        assert_ne!(workbook.actor(), actor, "{what}");
        drop(workbook);
        let again = open(&scratch.path().join("trial").join(FILE)).unwrap();
        assert!(again.salvage.is_none(), "{what}: it is told once");
    }
}

#[tokio::test]
async fn what_the_server_tells_again_keeps_no_phone_closed() {
    let scratch = scratch();
    let mut district = District::found(&scratch.path().join("server")).await.unwrap();
    let path = scratch.path().join("phone").join(FILE);
    let phone = district.phone(&path).await;
    district.sync(&phone).await.unwrap();
    let (directory, grants) = (phone.directory(), phone.grants());
    assert!(!directory.people.is_empty() && !grants.is_empty());
    for name in ["directory", "grants"] {
        phone.store().write(|writer| writer.set_meta(name, &"\0")).unwrap();
    }
    drop(phone);
    let phone = open(&path).unwrap().workbook;
    assert!(phone.grants().is_empty());
    district.sync(&phone).await.unwrap();
    assert_eq!((phone.directory(), phone.grants()), (directory, grants));
}
