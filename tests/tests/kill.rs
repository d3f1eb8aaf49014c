//! A phone and a server killed with SIGKILL at random points keep everything they promised. The processes,
//! the files and the network are real.
//!
//! `make test` kills 500 times; `make crash N=10000` as often as told. A power cut is more than a kill, for
//! the page cache survives a kill.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]
#![allow(clippy::print_stdout, reason = "the night watches its kills")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use gridbook_core::model::{Kind, Role, Standing};
use gridbook_core::workbook::{Filter, New};
use gridbook_tests::day::{Promise, Promises, ROSTER, imported, one_act};
use gridbook_tests::seeds::Seeds;
use gridbook_tests::simulation::{Dice, template};
use gridbook_tests::town::{Phone, Town};

/// A phone is killed so often before a fresh one takes its place: what it holds is looked at after each.
const LIVES: u64 = 25;

/// A seed for each of the kills that fall to a test's share, in percent.
fn kills(share: u64) -> Seeds {
    Seeds::wanted("GRIDBOOK_KILLS", 500).share(share)
}

/// A process of this crate, running.
struct Running {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Running {
    fn start(program: &str, arguments: &[&std::ffi::OsStr]) -> Self {
        let mut child = Command::new(program).args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    fn wait_until_ready(&mut self) {
        assert_eq!(self.lines.next().unwrap().unwrap(), "ready");
    }

    /// Kills it and returns what it had said.
    fn kill(mut self) -> Vec<String> {
        self.child.kill().unwrap();
        let status = self.child.wait().unwrap();
        assert_eq!(status.code(), None, "it ended before it was killed: {status}");
        self.lines.map_while(Result::ok).collect()
    }
}

/// Mostly some milliseconds, sometimes none or many: kills fall on opening, saving, checkpoints, exchanges.
fn lifetime(dice: &Dice) -> Duration {
    let most = [2_000, 10_000, 40_000, 120_000][dice.pick(4)];
    Duration::from_micros(dice.pick(most) as u64)
}

async fn town_with_phone() -> (Town, Phone) {
    let mut town = Town::new().await;
    let phone = town.worker("甲").await;
    let lead = town.phone("组长", &[(town.safety.clone(), Role::Lead)]).await;
    lead.workbook().checklists().save_template(New::of(template(&town.safety))).unwrap();
    town.settle(&[&lead, &phone]).await;
    (town, phone)
}

/// Every record that the phone shows as on the server has all its changes there.
async fn check_receipts(phone: &Phone, server: &gridbook_server::Server, seed: u64) {
    let filter = Filter { voided: true, ..Filter::default() };
    let mut acknowledged = Vec::new();
    for kind in Kind::ALL {
        let rows = phone.workbook().store().read(|reader| reader.list(kind, &filter, None, 100_000)).unwrap();
        for (_, record) in rows {
            if matches!(record.standing, Standing::OnServer | Standing::Reviewed(_)) {
                acknowledged
                    .extend(phone.workbook().store().read(|reader| reader.hashes_of(&record.id)).unwrap());
            }
        }
    }
    let held = server.service().database().known_hashes(&acknowledged).await.unwrap();
    assert!(held.into_iter().all(|held| held), "seed {seed}: a receipt lies");
}

// Story: killed_and_reopened
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_at_any_moment() {
    let mut heard = 0_u64;
    let kills = kills(60);
    let mut at_work = 0;
    let mut seeds = kills.in_turn().peekable();
    while let Some(first) = seeds.peek().copied() {
        let (town, mut phone) = town_with_phone().await;
        let mut promises = Promises::default();
        while let Some(seed) = seeds.next_if(|seed| *seed < first + LIVES) {
            let dice = Dice::new(seed);
            let path = phone.path().to_owned();
            drop(phone);
            let lines = tokio::task::block_in_place(|| {
                let (database, number) = (path.as_os_str(), seed.to_string());
                let mut walker = Running::start(env!("CARGO_BIN_EXE_walker"), &[database, number.as_ref()]);
                // One in five is killed while it opens.
                if dice.pick(5) > 0 {
                    walker.wait_until_ready();
                }
                std::thread::sleep(lifetime(&dice));
                walker.kill()
            });
            let told: Vec<_> = lines.iter().filter_map(|line| Promise::heard(line)).collect();
            at_work += u64::from(!told.is_empty());
            promises.extend(told);
            phone = Phone::open(&path);
            assert!(phone.workbook().store().is_sound().unwrap(), "seed {seed}: the database is damaged");
            let broken = promises.broken(phone.workbook()).unwrap();
            assert!(broken.is_empty(), "seed {seed}: {}", broken.join("\n"));
            for roster in seed * 1_000..seed * 1_000 + 60 {
                let homes = imported(phone.workbook(), roster).unwrap().len();
                assert!(homes == 0 || homes == ROSTER, "seed {seed}: {homes} households of a roster");
            }
            check_receipts(&phone, town.server(), seed).await;
        }
        // Whatever was in the air when it died: after one exchange the server holds it, and it once.
        town.settle(&[&phone]).await;
        let held = town.server().service().database();
        let hashes: Vec<_> = promises.hashes().copied().collect();
        assert!(held.known_hashes(&hashes).await.unwrap().into_iter().all(|held| held), "seed {first}");
        heard += promises.changes() as u64;
    }
    let number = kills.count;
    assert!(heard * 4 >= number, "the phones lived long enough to promise something: {heard}");
    assert!(at_work * 10 >= number, "of {number} kills only {at_work} hit a phone at work");
    println!("phones killed: {heard} changes were promised and kept; {at_work} of {number} were at work");
}

#[tokio::test]
async fn a_server_at_any_moment() {
    let kills = kills(40);
    let (mut town, phone) = town_with_phone().await;
    let colleague = town.worker("乙").await;
    let address = town.url().trim_start_matches("http://").to_owned();
    town.stop().await;
    let data = town.data();
    let number = kills.count;
    let (mut exchanges, mut broken_off) = (0, 0);
    for seed in kills.in_turn() {
        let dice = Dice::new(seed);
        let mut station =
            Running::start(env!("CARGO_BIN_EXE_station"), &[data.as_os_str(), address.as_ref()]);
        if dice.pick(5) > 0 {
            station.wait_until_ready();
            let mut under_way = false;
            let work = async {
                for number in 0.. {
                    let phone = if dice.pick(2) == 0 { &phone } else { &colleague };
                    one_act(phone.workbook(), &dice, seed * 1_000 + number).unwrap();
                    under_way = true;
                    exchanges += u64::from(phone.sync().await.is_ok());
                    under_way = false;
                }
            };
            let _ = tokio::time::timeout(lifetime(&dice) * 2, work).await;
            broken_off += u64::from(under_way);
        } else {
            std::thread::sleep(lifetime(&dice));
        }
        station.kill();
        check_file(&data.join("gridbook.db"), seed);
        let server = gridbook_server::Server::open(&data, gridbook_core::clock::Surroundings::system());
        let server = server.await.unwrap();
        for phone in [&phone, &colleague] {
            check_receipts(phone, &server, seed).await;
        }
    }
    town.start().await;
    town.settle(&[&phone, &colleague]).await;
    assert!(exchanges * 10 >= number, "the server lived long enough to answer: {exchanges}");
    assert!(broken_off * 10 >= number, "of {number} kills only {broken_off} hit an exchange");
    println!(
        "server killed: {exchanges} exchanges were answered, {broken_off} of {number} kills hit one under way"
    );
}

/// SQLite's own look at every page and index of the server's database.
fn check_file(file: &Path, seed: u64) {
    let connection = rusqlite::Connection::open(file).unwrap();
    let report: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(report, "ok", "seed {seed}");
}
