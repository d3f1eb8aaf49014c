//! A phone's database damaged at random: bits, pages, cut files, exchanged write-ahead logs. Nothing panics,
//! nothing wrong is read, the damaged file is kept, and after the next exchange the phone is whole again.
//!
//! `make test` damages 200 databases, `make corrupt N=10000` as many as told.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]
#![allow(clippy::print_stdout, reason = "the night watches its corruptions")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use gridbook_core::Result;
use gridbook_core::id::{ChangeHash, DeviceId, RecordId};
use gridbook_core::model::{Kind, Record};
use gridbook_core::workbook::{Filter, SalvageReport, Workbook};
use gridbook_tests::day::{import, one_act};
use gridbook_tests::district::{District, copy, open, scratch};
use gridbook_tests::seeds::Seeds;
use gridbook_tests::simulation::Dice;

const FILE: &str = "workbook.db";
const PAGE: usize = 4096;

/// A phone after some days, as it lies on the disk, and what was ever written to it.
struct Start {
    district: District,
    invitations: std::sync::Mutex<Vec<String>>,
    /// The phone closed in order, and the phone killed with a full log; and logs of other moments.
    closed: PathBuf,
    killed: PathBuf,
    logs: Vec<Vec<u8>>,
    /// Every state of every record that was on the phone.
    written: BTreeMap<RecordId, BTreeSet<String>>,
    /// What the server has acknowledged, by record.
    acknowledged: BTreeMap<RecordId, Vec<ChangeHash>>,
    unsent: BTreeSet<RecordId>,
}

fn all_of(workbook: &Workbook) -> Result<Vec<Record>> {
    let filter = Filter { voided: true, ..Filter::default() };
    let mut all = Vec::new();
    for kind in Kind::ALL {
        let rows = workbook.store().read(|reader| reader.list(kind, &filter, None, 100_000))?;
        all.extend(rows.into_iter().map(|(_, record)| record));
    }
    Ok(all)
}

/// A record as a person would see it.
fn seen(record: &Record) -> String {
    format!("{:?} {:?}", record.header, record.content)
}

async fn start(folder: &Path, trials: u64) -> Start {
    let mut district = District::found(&folder.join("server")).await.unwrap();
    let path = folder.join("living").join(FILE);
    let phone = district.phone(&path).await;
    let dice = Dice::new(1);
    let mut written: BTreeMap<RecordId, BTreeSet<String>> = BTreeMap::new();
    let mut logs = Vec::new();
    import(&phone, 1).unwrap();
    for number in 2..120 {
        one_act(&phone, &dice, number).unwrap();
        for record in all_of(&phone).unwrap() {
            written.entry(record.id).or_default().insert(seen(&record));
        }
        match number {
            40 | 80 => drop(district.sync(&phone).await.unwrap()),
            60 => phone.store().checkpoint().unwrap(),
            70 | 90 | 110 => logs.push(std::fs::read(folder.join("living").join("workbook.db-wal")).unwrap()),
            _ => {}
        }
    }
    let mut acknowledged = BTreeMap::new();
    let mut unsent = BTreeSet::new();
    let waiting = phone.store().read(|reader| reader.outgoing(0, 10_000, usize::MAX)).unwrap();
    for record in all_of(&phone).unwrap() {
        let mut hashes = phone.store().read(|reader| reader.hashes_of(&record.id)).unwrap();
        let before = hashes.len();
        hashes.retain(|hash| !waiting.iter().any(|change| change.hash == *hash));
        if hashes.len() < before {
            unsent.insert(record.id);
        }
        acknowledged.insert(record.id, hashes);
    }
    let killed = copy(&folder.join("living"), &folder.join("killed")).unwrap();
    drop(phone);
    let closed = copy(&folder.join("living"), &folder.join("closed")).unwrap();
    let person = district.server.admin().find_person("测试员1").await.unwrap().id;
    let mut invitations = Vec::new();
    for _ in 0..trials / 4 + 10 {
        invitations.push(district.server.admin().invite(&person, 7).await.unwrap().secret);
    }
    let invitations = invitations.into();
    Start { district, invitations, closed, killed, logs, written, acknowledged, unsent }
}

/// Damages one file; what was done to it.
fn damage(folder: &Path, start: &Start, dice: &Dice) -> String {
    let with_log = folder.join("workbook.db-wal").exists();
    let name = if with_log && dice.pick(2) == 0 { "workbook.db-wal" } else { FILE };
    let file = folder.join(name);
    let mut bytes = std::fs::read(&file).unwrap();
    let what = match dice.pick(if with_log { 5 } else { 4 }) {
        0 => {
            for _ in 0..=dice.pick(3) {
                let at = dice.pick(bytes.len());
                bytes[at] ^= 1 << dice.pick(8);
            }
            "bits"
        }
        1 => {
            let page = dice.pick(bytes.len() / PAGE);
            for byte in &mut bytes[page * PAGE..(page + 1) * PAGE] {
                *byte = u8::try_from(dice.pick(256)).unwrap();
            }
            "a page of noise"
        }
        2 => {
            let (from, to) = (dice.pick(bytes.len() / PAGE), dice.pick(bytes.len() / PAGE));
            bytes.copy_within(from * PAGE..(from + 1) * PAGE, to * PAGE);
            "a page in another's place"
        }
        3 => {
            bytes.truncate(if dice.pick(6) == 0 { 0 } else { dice.pick(bytes.len()) });
            "a cut file"
        }
        _ => {
            let log = match dice.pick(4) {
                0 => Vec::new(),
                which => start.logs[which - 1].clone(),
            };
            std::fs::write(folder.join("workbook.db-wal"), log).unwrap();
            return "another log".into();
        }
    };
    std::fs::write(&file, bytes).unwrap();
    format!("{name}: {what}")
}

/// Reads everything; an error, or a state that nobody wrote.
fn read_all(workbook: &Workbook, start: &Start, what: &str) -> Result<()> {
    for record in all_of(workbook)? {
        let known = start.written.get(&record.id).is_some_and(|states| states.contains(&seen(&record)));
        assert!(known, "{what}: a wrong read of {}", record.id);
        let again = workbook.record(record.id)?;
        assert_eq!(again, record, "{what}");
        workbook.history(record.id)?;
    }
    workbook.drafts().list()?;
    workbook.search("反诈", None, 100)?;
    workbook.status().map(drop)
}

/// What became of a trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Untouched,
    Salvaged,
}

fn run(seed: u64, start: &Start, folder: &Path, runtime: &tokio::runtime::Runtime) -> Outcome {
    let dice = Dice::new(seed);
    let _ = std::fs::remove_dir_all(folder);
    copy(if dice.pick(2) == 0 { &start.closed } else { &start.killed }, folder).unwrap();
    let path = folder.join(FILE);
    let what = format!("seed {seed}, {}", damage(folder, start, &dice));
    let damaged = std::fs::read(&path).unwrap();
    let mut reports: Vec<SalvageReport> = Vec::new();
    let mut workbook = None;
    // What turns out to be damaged while it is read is salvaged at the next opening.
    let mut error = None;
    for _ in 0..4 {
        workbook = None;
        let opened = open(&path).unwrap_or_else(|error| panic!("{what}: does not open: {error}"));
        reports.extend(opened.salvage);
        let read = read_all(&opened.workbook, start, &what).map(|()| opened.workbook.store().is_sound());
        match read {
            Ok(Ok(true)) => {
                workbook = Some(opened.workbook);
                break;
            }
            read => error = Some(read),
        }
    }
    let workbook = workbook.unwrap_or_else(|| panic!("{what}: not readable after four openings: {error:?}"));
    for report in &reports {
        assert!(report.aside.exists(), "{what}: the damaged file is kept");
    }
    // A log that was whole is folded in while the damage is looked for; otherwise it is kept to the byte.
    if let [report] = reports.as_slice()
        && !report.aside.with_extension("db-wal").exists()
        && what.contains(": a cut file")
    {
        assert!(std::fs::metadata(&report.aside).unwrap().len() >= damaged.len() as u64, "{what}");
    }
    // What had not been sent is here, or named to the worker, unless even its row is gone: then at least something is
    // told to be lost.
    let here = workbook.store().read(|reader| reader.outgoing(0, 10_000, usize::MAX)).unwrap();
    let named: BTreeSet<_> = reports.iter().flat_map(|report| &report.unsaved).collect();
    let silent =
        start.unsent.iter().filter(|id| !named.contains(id) && !here.iter().any(|change| change.id == **id));
    let told = reports.iter().any(|report| report.lost > 0 || report.records.is_empty());
    assert!(told || silent.count() == 0, "{what}: lost without a word");
    runtime.block_on(async {
        if workbook.enrolment().is_none() {
            let invitation = start.invitations.lock().unwrap().pop().expect("enough invitations");
            let end = start.district.server.service().for_device(DeviceId::default());
            workbook.enrol(&end, "here", &invitation, "phone").await.unwrap();
        }
        start.district.sync(&workbook).await.unwrap_or_else(|error| panic!("{what}: cannot sync: {error}"));
    });
    for (id, hashes) in &start.acknowledged {
        let held = workbook.store().read(|reader| reader.hashes_of(id)).unwrap();
        let missing = hashes.iter().filter(|hash| !held.contains(hash)).count();
        assert_eq!(missing, 0, "{what}: {id} did not come back from the server");
    }
    read_all(&workbook, start, &what).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert!(workbook.store().is_sound().unwrap(), "{what}");
    drop(workbook);
    let again = open(&path).unwrap();
    assert!(again.salvage.is_none(), "{what}: salvaged once more");
    if reports.is_empty() { Outcome::Untouched } else { Outcome::Salvaged }
}

#[test]
fn nothing_wrong_is_read_and_the_next_exchange_mends_it() {
    let seeds = Seeds::wanted("GRIDBOOK_CORRUPTIONS", 200);
    let trials = seeds.count;
    let scratch = scratch();
    let runtime = || tokio::runtime::Builder::new_current_thread().build().unwrap();
    let start = runtime().block_on(start(scratch.path(), trials));
    let salvaged = AtomicU64::new(0);
    seeds.run(
        |worker| (runtime(), scratch.path().join(format!("trial-{worker}"))),
        |(runtime, folder), seed| {
            if run(seed, &start, folder, runtime) == Outcome::Salvaged {
                salvaged.fetch_add(1, Ordering::Relaxed);
            }
        },
    );
    let salvaged = salvaged.into_inner();
    println!("{trials} corruptions, {salvaged} of them salvaged");
    assert!(salvaged > trials / 4, "damage is noticed: {salvaged} of {trials}");
}
