//! The power fails at any moment of a day, and what was not synced is lost, torn or reordered: every save
//! that had returned is there, and the database checks out.
//!
//! `make test` looks at 1,500 images of what may be left, `make power N=10000` at as many as told.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]
#![allow(clippy::print_stdout, reason = "the night watches its images")]

use std::path::Path;
use std::sync::Mutex;

use gridbook_core::clock::Surroundings;
use gridbook_core::id::ChangeHash;
use gridbook_core::workbook::Workbook;
use gridbook_faulty_disk::{Disk, Image, Tape};
use gridbook_server::Server;
use gridbook_tests::day::{Promise, Promises, import, one_act};
use gridbook_tests::desk::Desk;
use gridbook_tests::district::{District, open, scratch};
use gridbook_tests::seeds::Seeds;
use gridbook_tests::simulation::Dice;

const FILE: &str = "workbook.db";
const NOTE: &str = "workbook.db.watermark";

/// Images of one recorded day.
const IMAGES_OF_A_DAY: u64 = 50;

/// A recorded day: what was promised, and how many steps were recorded by then.
struct Day<P> {
    tape: Tape,
    /// How many steps the first opening took.
    opened: usize,
    promises: Vec<(usize, P)>,
    /// What stood in the note of the log's end, which the phone does not wait for; nothing where it was taken back.
    notes: Vec<(usize, Vec<u8>)>,
}

impl<P: Clone> Day<P> {
    /// What had been promised before step `upto`.
    fn promised(&self, upto: usize) -> impl Iterator<Item = P> {
        self.promises.iter().filter(move |(at, _)| *at <= upto).map(|(_, promise)| promise.clone())
    }

    /// What a power cut before step `upto` may leave of the note: the last, or one since it was last taken back, which
    /// the phone does wait for.
    fn note(&self, upto: usize, dice: &Dice) -> &[u8] {
        let written = &self.notes[..self.notes.partition_point(|(at, _)| *at <= upto)];
        let taken_back = written.iter().rposition(|(_, note)| note.is_empty()).unwrap_or_default();
        let left = &written[taken_back..];
        if left.is_empty() { &[] } else { &left[dice.pick(left.len())].1 }
    }
}

/// Writes what is left of a folder.
fn lay_out(image: &Image, folder: &Path) {
    let _ = std::fs::remove_dir_all(folder);
    std::fs::create_dir_all(folder).unwrap();
    for (name, bytes) in image {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
}

/// Runs `body` over the images, the days on every processor.
fn over_images(share: u64, body: impl Fn(u64, std::ops::Range<u64>) + Sync) {
    let Seeds { first, count: images } = Seeds::wanted("GRIDBOOK_IMAGES", 1_500).share(share);
    let days = Seeds { first, count: images.div_ceil(IMAGES_OF_A_DAY) };
    days.run(
        |_| (),
        |(), day| {
            let begin = (day - first) * IMAGES_OF_A_DAY;
            body(day, begin..images.min(begin + IMAGES_OF_A_DAY));
        },
    );
    println!("{images} images");
}

/// A day of a phone from its very first opening on, with restarts and exchanges.
fn phone_day(seed: u64, folder: &Path) -> Day<Promise> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    std::fs::create_dir_all(folder).unwrap();
    let dice = Dice::new(seed);
    let path = folder.join(FILE);
    let disk = Disk::watch(folder);
    disk.record().unwrap();
    let mut workbook = open(&path).unwrap().workbook;
    let opened = disk.recorded();
    runtime.block_on(workbook.enrol(&Desk, "here", "invitation", "phone")).unwrap();
    let mut promises = Vec::new();
    let mut keep = |promised: Vec<Promise>| {
        let at = disk.recorded();
        promises.extend(promised.into_iter().map(|promise| (at, promise)));
    };
    let mut notes = vec![(opened, Vec::new())];
    keep(import(&workbook, 1).unwrap());
    for number in 2..40 {
        let act = dice.pick(12);
        if act < 2 {
            notes.push((disk.recorded(), Vec::new()));
        }
        match act {
            0 => {
                drop(workbook);
                workbook = open(&path).unwrap().workbook;
            }
            1 => workbook.store().checkpoint().unwrap(),
            _ => keep(one_act(&workbook, &dice, number).unwrap()),
        }
        notes.push((disk.recorded(), std::fs::read(folder.join(NOTE)).unwrap_or_default()));
    }
    notes.push((disk.recorded(), Vec::new()));
    drop(workbook);
    assert!(notes.iter().filter(|(_, note)| note.len() == 16).count() > 20, "saves are noted");
    Day { tape: disk.take_tape(), opened, promises, notes }
}

fn check_phone(workbook: &Workbook, promises: &Promises, what: &str) {
    let broken = promises.broken(workbook).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert!(broken.is_empty(), "{what}: {}", broken.join("\n"));
    assert!(workbook.store().is_sound().unwrap(), "{what}: the database is damaged");
}

#[test]
fn a_phone_keeps_every_save_that_returned() {
    over_images(70, |seed, images| {
        let scratch = scratch();
        let day = phone_day(seed, &scratch.path().join("living"));
        let key_name = format!("{FILE}.key-id");
        let key = std::fs::read(scratch.path().join("living").join(&key_name)).unwrap();
        for image in images {
            let dice = Dice::new(image.wrapping_mul(7_919) + seed);
            let upto = dice.pick(day.tape.len() + 1);
            let mut left = day.tape.image(upto, &mut |below| dice.pick(below));
            // Written and synced before anything else and again after the first opening; a file system may
            // still lose it with its folder.
            match dice.pick(8) {
                0 => drop(left.insert(key_name.clone(), Vec::new())),
                1 => {}
                _ if upto < day.opened => drop(left.insert(key_name.clone(), key[..16].to_vec())),
                _ => drop(left.insert(key_name.clone(), key.clone())),
            }
            left.insert(NOTE.to_owned(), day.note(upto, &dice).to_vec());
            let folder = scratch.path().join("image");
            lay_out(&left, &folder);
            let what = format!("seed {seed}, image {image}, cut before step {upto} of {}", day.tape.len());
            let mut promises = Promises::default();
            promises.extend(day.promised(upto));
            // Twice: what the first opening repairs must hold for the second.
            for _ in 0..2 {
                let opened = open(&folder.join(FILE)).unwrap_or_else(|error| panic!("{what}: {error}"));
                assert!(opened.salvage.is_none(), "{what}: a power cut is no damage: {:?}", opened.salvage);
                check_phone(&opened.workbook, &promises, &what);
            }
        }
    });
}

/// A day of a server with two phones on a good disk; what it acknowledged, and when.
fn server_day(seed: u64, folder: &Path, phones: &Path) -> Day<ChangeHash> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    std::fs::create_dir_all(folder).unwrap();
    let dice = Dice::new(seed);
    let disk = Disk::watch(folder);
    disk.record().unwrap();
    let mut promises = Vec::new();
    runtime.block_on(async {
        let mut district = District::found(folder).await.unwrap();
        let mut living = Vec::new();
        for name in ["a", "b"] {
            living.push(district.phone(&phones.join(name).join(FILE)).await);
        }
        for number in 1..30 {
            let workbook = &living[dice.pick(2)];
            one_act(workbook, &dice, number).unwrap();
            if dice.pick(3) == 0 {
                let sent = workbook.store().read(|reader| reader.outgoing(0, 1_000, usize::MAX)).unwrap();
                district.sync(workbook).await.unwrap();
                let at = disk.recorded();
                promises.extend(sent.into_iter().map(|change| (at, change.hash)));
            }
        }
    });
    Day { tape: disk.take_tape(), opened: 0, promises, notes: Vec::new() }
}

#[test]
fn a_server_keeps_every_change_that_it_acknowledged() {
    let acknowledged = Mutex::new(0);
    over_images(30, |seed, images| {
        let scratch = scratch();
        let day = server_day(seed, &scratch.path().join("living"), &scratch.path().join("phones"));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for image in images {
            let dice = Dice::new(image.wrapping_mul(104_729) + seed);
            let upto = dice.pick(day.tape.len() + 1);
            let left = day.tape.image(upto, &mut |below| dice.pick(below));
            let folder = scratch.path().join("image");
            lay_out(&left, &folder);
            let what = format!("seed {seed}, image {image}, cut before step {upto} of {}", day.tape.len());
            let hashes: Vec<_> = day.promised(upto).collect();
            let held = runtime.block_on(async {
                let server = Server::open_single_threaded(&folder, Surroundings::system()).await;
                let server = server.unwrap_or_else(|error| panic!("{what}: {error}"));
                server.service().database().known_hashes(&hashes).await.unwrap()
            });
            assert!(held.iter().all(|held| *held), "{what}: an acknowledged change is gone");
            *acknowledged.lock().unwrap() += held.len();
            let connection = rusqlite::Connection::open(folder.join("gridbook.db")).unwrap();
            let report: String =
                connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
            assert_eq!(report, "ok", "{what}");
        }
    });
    assert!(*acknowledged.lock().unwrap() > 0, "something was acknowledged before the power failed");
}
