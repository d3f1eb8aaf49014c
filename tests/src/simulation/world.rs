//! The town of one seed: its people, its days, its misfortunes.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use futures::future::join_all;
use gridbook_core::Error;
use gridbook_core::clock::Zone;
use gridbook_core::id::ChangeHash;
use gridbook_core::model::{Record, Role};
use sha2::{Digest, Sha256};

use super::actions;
use super::chance::{Dice, WorldClock};
use super::invariants;
use super::link::Link;
use super::newer;
use super::newer::Beyond;
use super::phone::Phone;
use super::server::SimulatedServer;
use super::turns::{Lost, Place};

/// Days simulated.
const DAYS: usize = 7;
const MINUTE: i64 = 60_000;
const YEAR: i64 = 365 * 24 * 60 * MINUTE;
/// The phones that have the app's version to come: one of a person with another phone of this version, one alone in its
/// grid but for those of hand-overs.
const NEWER: [&str; 2] = ["jia-2", "bing"];

/// What a seed came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// What happened, line by line.
    pub story: String,
    /// SHA-256 over the story and every replica's final state: equal for equal seeds.
    pub trace: String,
    /// Records at the end.
    pub records: usize,
}

/// Lives through one seed's week and checks every invariant. Over the week people work and phones meet `rounds` times,
/// spread over its days.
///
/// # Panics
/// If an invariant breaks; the message ends with the story so far.
#[must_use]
pub fn run(seed: u64, rounds: usize) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let mut world = World::new(seed, rounds).await;
        world.live().await;
        world.settle().await;
        let replicas = invariants::check_quiet(&mut world).await;
        let mut digest = Sha256::new().chain_update(&world.story);
        for line in &replicas {
            digest.update(line);
        }
        let trace = digest.finalize().iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        Outcome { story: std::mem::take(&mut world.story), trace, records: replicas.len() }
    })
}

pub(super) struct World {
    pub(super) seed: u64,
    rounds: usize,
    pub(super) dice: Dice,
    pub(super) clock: Arc<WorldClock>,
    pub(super) server: SimulatedServer,
    pub(super) phones: Vec<Phone>,
    pub(super) story: String,
    folder: tempfile::TempDir,
    backups: usize,
    /// The backups that are kept no more: the server must not forget that phones lost their place.
    outdated: usize,
    /// How many phones were replaced.
    pub(super) replaced: u64,
    /// Who has which role beside the lead.
    pub(super) places: Vec<Place>,
    pub(super) lost: Vec<Lost>,
    /// Every change that some act of somebody's wrote on their phone.
    pub(super) wrote: BTreeSet<ChangeHash>,
}

impl World {
    async fn new(seed: u64, rounds: usize) -> Self {
        let folder = scratch();
        let start = Zone::china().start_of("2026-11-23".parse().expect("a day")).plus_millis(8 * 60 * MINUTE);
        let clock = WorldClock::at(start);
        let mut server = SimulatedServer::new(folder.path(), clock.clone(), seed).await;
        let (grid_1, grid_2) = (server.grids[0].clone(), server.grids[1].clone());
        let group = server.group.clone();
        let all = vec![grid_1.clone(), grid_2.clone(), group.clone()];
        // (phone, person, roles, scopes it must come to hold)
        let people = [
            ("jia", "甲", vec![(grid_1.clone(), Role::Worker)], vec![grid_1.clone(), group.clone()]),
            ("jia-2", "甲", vec![], vec![grid_1.clone(), group.clone()]),
            ("yi", "乙", vec![(grid_1.clone(), Role::Worker)], vec![grid_1, group.clone()]),
            ("bing", "丙", vec![(grid_2.clone(), Role::Worker)], vec![grid_2, group.clone()]),
            ("lead", "组长", vec![(server.community.clone(), Role::Lead)], all),
            ("member", "组员", vec![], vec![group.clone()]),
        ];
        let (mut phones, mut places) = (Vec::new(), Vec::new());
        for (number, (name, person, roles, scopes)) in people.into_iter().enumerate() {
            let phone_seed = seed.wrapping_mul(31).wrapping_add(number as u64 + 1);
            let mut phone =
                Phone::new(name, person, folder.path(), &clock, phone_seed, scopes).expect("a phone");
            phone.beyond = NEWER.contains(&name).then(Beyond::new);
            let mut grants = roles;
            grants.push((group.clone(), Role::Member));
            let invite = server.invite(person, &grants).await;
            let lasting = |place: &Place| {
                places.iter().any(|it: &Place| it.person == place.person && it.scope == place.scope)
            };
            let given = grants.into_iter().filter(|(_, role)| *role != Role::Lead);
            let given = given.map(|(scope, role)| Place { person, role, scope, held: true });
            let given: Vec<_> = given.filter(|place| !lasting(place)).collect();
            places.extend(given);
            let enrolment = phone
                .workbook()
                .enrol(&server.end(&phone.device), "simulated", &invite, name)
                .await
                .expect("enrolment");
            phone.device = enrolment.device;
            phones.push(phone);
        }
        let mut world = Self {
            seed,
            rounds,
            dice: Dice::new(seed),
            clock,
            server,
            phones,
            story: String::new(),
            folder,
            backups: 0,
            outdated: 0,
            replaced: 0,
            places,
            lost: Vec::new(),
            wrote: BTreeSet::new(),
        };
        let lead = world.phones.iter().position(|phone| phone.name == "lead").expect("a lead");
        let template = actions::template(&world.server.group);
        let made = world.phones[lead]
            .workbook()
            .checklists()
            .save_template(gridbook_core::workbook::New::of(template));
        let made = made.expect("a template").id;
        world.phones[lead].promised(made).expect("it is there");
        world.wrote.extend(own(&world.phones[lead]));
        world
    }

    /// A line of the story.
    pub(super) fn tell(&mut self, line: std::fmt::Arguments<'_>) {
        let _ = writeln!(self.story, "{line}");
    }

    /// Fails with the seed and the story so far.
    pub(super) fn broken(&self, what: std::fmt::Arguments<'_>) -> ! {
        let Self { seed, rounds, story, .. } = self;
        panic!(
            "seed {seed}: {what}\n--- the story so far ---\n{story}\nonce more: make sim FIRST={seed} SEEDS=1 ROUNDS={rounds}"
        );
    }

    async fn live(&mut self) {
        let mut forms: Vec<Option<Record>> = self.phones.iter().map(|_| None).collect();
        for day in 1..=DAYS {
            self.tell(format_args!("day {day}"));
            for _ in self.rounds * (day - 1) / DAYS..self.rounds * day / DAYS {
                forms.resize_with(self.phones.len(), || None);
                self.clock.pass(MINUTE * (30 + self.dice.pick(90) as i64));
                for (number, form) in forms.iter_mut().enumerate() {
                    if self.dice.chance(75) {
                        self.act(number, form).await;
                    }
                }
                self.misfortune().await;
                self.meet(35).await;
            }
            self.clock.pass(MINUTE * 60 * 14);
        }
    }

    async fn act(&mut self, number: usize, form: &mut Option<Record>) {
        let name = self.phones[number].name;
        let before = own(&self.phones[number]);
        let acted = actions::act(self.phones[number].workbook(), &self.dice, form);
        if let Ok(Some(id)) = acted {
            match newer::write_beyond(&mut self.phones[number], id) {
                Ok(()) => {}
                Err(Error::DiskFull) if self.phones[number].full => {}
                Err(error) => self.broken(format_args!("{name} could not write more of {id}: {error}")),
            }
        }
        self.wrote.extend(&own(&self.phones[number]) - &before);
        match acted {
            Ok(Some(id)) => {
                match self.phones[number].promised(id) {
                    Ok(version) => self.written(number, version).await,
                    Err(error) => self.broken(format_args!("{name} saved {id} and cannot read it: {error}")),
                }
                self.tell(format_args!("{name} saved {id}"));
            }
            Ok(None) => {}
            // It waits for a network to hand in what it has.
            Err(Error::Withdrawn) => {}
            Err(Error::DiskFull) if self.phones[number].full => {
                self.tell(format_args!("{name} could not save: the disk is full"));
            }
            Err(error) => self.broken(format_args!("{name} could not save: {error}")),
        }
    }

    async fn misfortune(&mut self) {
        let number = self.dice.pick(self.phones.len());
        let name = self.phones[number].name;
        match self.dice.pick(14) {
            0..=2 => {
                let faults = [0, 15, 30, 100][self.dice.pick(4)];
                self.phones[number].faults = faults;
                self.tell(format_args!("{name}: {faults} % of messages meet a fault"));
            }
            3 | 4 => {
                self.tell(format_args!("{name}: the app is killed"));
                if let Err(error) = self.phones[number].reopen() {
                    self.broken(format_args!("{name} does not open again: {error}"));
                }
            }
            5 => {
                let off = (self.dice.pick(41) as i64 - 20) * YEAR;
                self.phones[number].clock.jump(off);
                self.tell(format_args!("{name}: the clock jumps by {off} ms"));
            }
            6 => {
                self.backups += 1;
                let number = self.backups;
                let backup = self.folder.path().join(format!("backup-{number}"));
                self.server.back_up(&backup).await;
                self.tell(format_args!("the server is backed up ({number})"));
            }
            7 if self.backups > self.outdated => {
                let which = self.outdated + 1 + self.dice.pick(self.backups - self.outdated);
                let backup = self.folder.path().join(format!("backup-{which}"));
                self.server.restore(&backup).await;
                // Roles that were changed since are set again, as an administrator would.
                for place in &self.places {
                    self.server.set_place(place, place.held).await;
                }
                for phone in &mut self.phones {
                    phone.settled = false;
                }
                self.tell(format_args!("the server is restored from backup {which}"));
            }
            8 => {
                self.server.restart().await;
                self.tell(format_args!("the server restarts"));
            }
            9 => {
                let full = !self.phones[number].full;
                self.phones[number].fill(full).expect("the limit is set");
                self.tell(format_args!("{name}: the disk is full: {full}"));
            }
            10 if self.phones.iter().all(|phone| phone.name != "copy") => {
                let seed = self.seed.wrapping_mul(37).wrapping_add(11);
                let copy = self.phones[number].copied("copy", self.folder.path(), seed);
                self.phones.push(copy.expect("a copy"));
                self.copied(name, "copy");
                self.tell(format_args!("{name}: the database is copied to another phone"));
            }
            11 | 12 => {
                let (way, which, all) = self.any_hand_over();
                let done = self.server.hand_over(way, which, all).await;
                self.tell(format_args!("grid {} hands over to {}: {done:?}", way[0], way[1]));
            }
            _ => {
                let Some(turn) = self.any_turn() else { return };
                let lost = turn.take(&self.server, &self.phones, &self.places).await;
                self.turned(turn, lost);
            }
        }
    }

    /// The server is not put back any more to a backup of before this moment.
    pub(super) fn keep_no_backup(&mut self) {
        self.outdated = self.backups;
    }

    /// From which grid to which, which household, or whether all of it.
    fn any_hand_over(&self) -> ([usize; 2], usize, bool) {
        let from = self.dice.pick(2);
        ([from, 1 - from], self.dice.pick(64), self.dice.chance(15))
    }

    /// Some phones talk to the server at the same time; one of them may be killed in the middle.
    async fn meet(&mut self, percent: usize) {
        let present: Vec<bool> = self.phones.iter().map(|_| self.dice.chance(percent)).collect();
        let patience: Vec<usize> = self
            .phones
            .iter()
            .map(|_| if self.dice.chance(8) { self.dice.pick(6) } else { usize::MAX })
            .collect();
        let exchanges =
            self.phones.iter().enumerate().filter(|(number, _)| present[*number]).map(|(number, phone)| {
                let end = self.server.end(&phone.device);
                let link = Link { end, dice: self.dice.clone(), air: &phone.air, faults: phone.faults };
                let polls = patience[number];
                async move {
                    let work = phone.workbook().sync(&link, |_| {});
                    tokio::select! {
                        biased;
                        result = work => (number, Some(result)),
                        () = count_down(polls) => (number, None),
                    }
                }
            });
        // Sometimes households change hands while phones are talking.
        let handing = self.dice.chance(15).then(|| (self.any_hand_over(), self.dice.pick(12)));
        let handing = async {
            let ((way, which, all), polls) = handing?;
            count_down(polls).await;
            Some((way, self.server.hand_over(way, which, all).await))
        };
        // Or somebody's place is taken or given.
        let turning = self.dice.chance(6).then(|| self.any_turn()).flatten();
        let turning = turning.map(|turn| (turn, self.dice.pick(12)));
        let lacking: Vec<bool> = self.phones.iter().map(|phone| self.lacks_a_role(phone.person)).collect();
        let turned = async {
            let (turn, polls) = turning?;
            count_down(polls).await;
            Some((turn, turn.take(&self.server, &self.phones, &self.places).await))
        };
        let (results, handed, turned) = futures::join!(join_all(exchanges), handing, turned);
        let turn = turned.as_ref().map(|(turn, _)| *turn);
        if let Some((turn, lost)) = turned {
            self.turned(turn, lost);
        }
        if let Some((way, done)) = handed {
            self.tell(format_args!("grid {} handed over to {} meanwhile: {done:?}", way[0], way[1]));
        }
        for (number, result) in results {
            let name = self.phones[number].name;
            let person = self.phones[number].person;
            let shut_out = lacking[number] || turn.is_some_and(|turn| turn.concerns(person, &self.places));
            match result {
                Some(Ok(report)) if report.handed_in.is_some() => self.replace(number).await,
                Some(Ok(report)) => {
                    self.phones[number].settled = true;
                    self.tell(format_args!(
                        "{name} synced: {} up, {} down, {} healed",
                        report.sent, report.received, report.healed
                    ));
                    if report.quarantined > 0 || !(report.refused.is_empty() || shut_out) {
                        let workbook = self.phones[number].workbook();
                        let reasons: Vec<_> = report
                            .refused
                            .iter()
                            .map(|id| workbook.refusals(*id).unwrap_or_default())
                            .collect();
                        self.broken(format_args!(
                            "{name}: an honest change was refused: {report:?} {reasons:?}"
                        ));
                    }
                }
                Some(Err(Error::DiskFull)) if self.phones[number].full => {
                    self.tell(format_args!("{name} could not sync: the disk is full"));
                }
                Some(Err(Error::Offline(why))) => self.tell(format_args!("{name}: {why}")),
                Some(Err(error)) => self.broken(format_args!("{name} cannot sync: {error}")),
                None => {
                    self.tell(format_args!("{name}: killed in mid-sync"));
                    if let Err(error) = self.phones[number].reopen() {
                        self.broken(format_args!("{name} does not open again: {error}"));
                    }
                }
            }
        }
        self.check_shut_out().await;
        invariants::check_receipts(self).await;
    }

    /// The network comes back and everyone talks until nothing is new.
    async fn settle(&mut self) {
        self.tell(format_args!("the network is back"));
        for phone in &mut self.phones {
            phone.faults = 0;
            phone.fill(false).expect("there is room again");
        }
        self.give_back().await;
        for _ in 0..12 {
            self.clock.pass(MINUTE);
            let before = self.story.len();
            self.open_boxes().await;
            for number in 0..self.phones.len() {
                let phone = &self.phones[number];
                let end = self.server.end(&phone.device);
                match phone.workbook().sync(&end, |_| {}).await {
                    Ok(report) if report.handed_in.is_some() => self.replace(number).await,
                    Ok(report) => {
                        self.phones[number].settled = true;
                        let moved = report.handed_over.len() as u64;
                        if report.sent + report.received + report.healed + moved > 0 {
                            let name = self.phones[number].name;
                            self.tell(format_args!(
                                "{name} settles: {} up, {} down",
                                report.sent, report.received
                            ));
                        }
                    }
                    Err(error) => {
                        self.broken(format_args!("{} cannot settle: {error}", self.phones[number].name));
                    }
                }
            }
            if self.story.len() == before {
                return;
            }
        }
        self.broken(format_args!("the town does not come to rest"));
    }
}

/// A phone's own changes without a receipt: after an act, what it wrote and what waited before it.
fn own(phone: &Phone) -> BTreeSet<ChangeHash> {
    phone.unacknowledged().into_iter().map(|(_, hash)| hash).collect()
}

/// Ends after `polls` turns of the other tasks.
async fn count_down(polls: usize) {
    for _ in 0..polls {
        tokio::task::yield_now().await;
    }
}

/// A folder for one town: in memory where the machine has one, for speed; a crash here is a dropped
/// process image, not a power cut (`tests/tests/kill.rs` kills real processes on a real disk).
///
/// # Panics
/// If no folder can be made.
#[must_use]
pub fn scratch() -> tempfile::TempDir {
    let memory = std::path::Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.or_else(|_| tempfile::tempdir()).expect("a scratch folder")
}
