//! Whatever order the pages of hand-overs reach phones in, and whatever is written in between, all phones and the
//! server end with the same records, the same changes and the same counts.
//!
//! A case is a script of two grids and three phones: the old worker, the new one, and a lead who sees both. Pages
//! are one to six entries long; an exchange may show one grid's pages alone, turn them around, break off anywhere,
//! and something may happen between two of its pages. Workers' roles come and go; at the end they have them.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::sync::Mutex;

use gridbook_core::clock::Surroundings;
use gridbook_core::error::{Error, Result};
use gridbook_core::id::{ChangeHash, DeviceId, PersonId, RecordId, ScopeId};
use gridbook_core::model::{DiaryEntry, Household, Kind, Outcome, Record, Role, ScopeKind, Visit};
use gridbook_core::sync::notice::Cause;
use gridbook_core::sync::protocol::{
    EnrolRequest, EnrolResponse, RecoverRequest, RecoverResponse, ScopePage, SyncProtocol, SyncRequest,
    SyncResponse,
};
use gridbook_core::workbook::{Filter, Key, New, OpenOptions, Workbook};
use gridbook_server::db::Meant;
use gridbook_server::{ForDevice, HandOverRequest, Households, Server};
use gridbook_tests::replica::{on_phone, on_server, records_of};
use gridbook_tests::simulation::scratch;
use proptest::collection::vec;
use proptest::prelude::*;

/// What happens next.
#[derive(Clone, Debug)]
enum Step {
    /// Somebody writes something: phone, what, about which.
    Write(usize, u8, usize),
    /// From which grid, which household, or all there is.
    HandOver(usize, usize, bool),
    /// A worker's role is taken back, given, or changed for one that only reads.
    Give(usize, Option<Role>),
    /// A phone talks to the server: entries a page, what becomes of each answer, and whether it breaks off after them.
    Exchange(usize, u32, Vec<Answer>, bool),
}

/// What becomes of one answer.
#[derive(Clone, Debug)]
struct Answer {
    /// Only the pages of this grid arrive.
    only: Option<usize>,
    reversed: bool,
    /// What happens before it arrives.
    meanwhile: Option<Event>,
}

/// What can happen between two pages.
#[derive(Clone, Debug)]
enum Event {
    Write(usize, u8, usize),
    HandOver(usize, usize, bool),
    Give(usize, Option<Role>),
}

fn event() -> impl Strategy<Value = Event> {
    let write =
        (0..3_usize, 0..6_u8, 0..8_usize).prop_map(|(phone, what, which)| Event::Write(phone, what, which));
    let hand_over = (0..2_usize, 0..8_usize, prop::bool::weighted(0.2))
        .prop_map(|(from, which, all)| Event::HandOver(from, which, all));
    let role = prop_oneof![2 => Just(None), 2 => Just(Some(Role::Worker)), 1 => Just(Some(Role::Auditor))];
    let give = (0..2_usize, role).prop_map(|(phone, role)| Event::Give(phone, role));
    prop_oneof![8 => write, 4 => hand_over, 1 => give]
}

fn answer() -> impl Strategy<Value = Answer> {
    let only = prop_oneof![2 => Just(None), 1 => (0..2_usize).prop_map(Some)];
    (only, any::<bool>(), prop::option::weighted(0.4, event()))
        .prop_map(|(only, reversed, meanwhile)| Answer { only, reversed, meanwhile })
}

fn step() -> impl Strategy<Value = Step> {
    let now = event().prop_map(|event| match event {
        Event::Write(phone, what, which) => Step::Write(phone, what, which),
        Event::HandOver(from, which, all) => Step::HandOver(from, which, all),
        Event::Give(phone, role) => Step::Give(phone, role),
    });
    let exchange = (0..3_usize, 1..7_u32, vec(answer(), 0..5), any::<bool>())
        .prop_map(|(phone, page, answers, breaks)| Step::Exchange(phone, page, answers, breaks));
    prop_oneof![3 => now, 2 => exchange]
}

/// Two grids, three phones and their server, in one process.
struct Place {
    server: Server,
    grids: [ScopeId; 2],
    phones: Vec<(Workbook, DeviceId)>,
    /// Whose phones these are: two workers, and the lead.
    people: Vec<PersonId>,
    /// What each phone said it saved.
    promised: Mutex<BTreeMap<RecordId, Vec<ChangeHash>>>,
    /// Kept until the end.
    _folder: tempfile::TempDir,
}

impl Place {
    async fn new() -> Self {
        let folder = scratch();
        let server = Server::open_single_threaded(&folder.path().join("server"), Surroundings::system())
            .await
            .unwrap();
        let admin = server.admin();
        let community = admin.add_community("虚构社区").await.unwrap();
        let first = admin.add_scope(&community, ScopeKind::Grid, "第一网格").await.unwrap();
        let second = admin.add_scope(&community, ScopeKind::Grid, "第二网格").await.unwrap();
        let people =
            [("甲", Role::Worker, &first), ("乙", Role::Worker, &second), ("组长", Role::Lead, &community)];
        let mut phones = Vec::new();
        let mut own = Vec::new();
        for (name, role, scope) in people {
            let person = admin.add_person(name).await.unwrap();
            admin.grant(&person, role, scope).await.unwrap();
            let secret = admin.invite(&person, 30).await.unwrap().secret;
            let workbook = Workbook::open(OpenOptions {
                path: &folder.path().join(format!("{name}.db")),
                key: &Key::new([7; 32]),
                install_nonce: Some([1; 16]),
                surroundings: Surroundings::system(),
            });
            let workbook = workbook.unwrap().workbook;
            let end = server.service().for_device(DeviceId::default());
            let enrolment = workbook.enrol(&end, "here", &secret, name).await.unwrap();
            workbook.sync(&server.service().for_device(enrolment.device.clone()), |_| {}).await.unwrap();
            phones.push((workbook, enrolment.device));
            own.push(person);
        }
        let (grids, promised) = ([first, second], Mutex::default());
        Self { server, grids, phones, people: own, promised, _folder: folder }
    }

    fn end(&self, phone: usize) -> ForDevice {
        self.server.service().for_device(self.phones[phone].1.clone())
    }

    async fn happen(&self, event: &Event) {
        match *event {
            Event::Write(phone, what, which) => self.write(phone, what, which),
            Event::HandOver(from, which, all) => self.hand_over(from, which, all).await,
            Event::Give(phone, role) => self.give(phone, role).await,
        }
    }

    /// Leaves a worker with this role alone.
    async fn give(&self, phone: usize, role: Option<Role>) {
        let (admin, person, grid) = (self.server.admin(), &self.people[phone], &self.grids[phone]);
        for other in [Role::Worker, Role::Auditor] {
            if role == Some(other) {
                admin.grant(person, other, grid).await.unwrap();
            } else {
                admin.revoke_grant(person, other, grid).await.unwrap();
            }
        }
    }

    fn write(&self, phone: usize, what: u8, which: usize) {
        let workbook = &self.phones[phone].0;
        let grid = self.grids[if phone < 2 { phone } else { which % 2 }].clone();
        let homes = workbook.list::<Household>(&Filter::default(), None, 8).unwrap().items;
        let visits = workbook.list::<Visit>(&Filter::default(), None, 8).unwrap().items;
        let home = homes.get(which % homes.len().max(1));
        let note = format!("{phone} {what} {which} {}", visits.len());
        let saved = match (what, home, visits.get(which % visits.len().max(1))) {
            (1 | 2, Some(home), _) => {
                let visit =
                    Visit { household: home.id, outcome: Some(Outcome::Met), note, ..Visit::default() };
                workbook.visits().save(New::of(visit)).map(|saved| saved.id)
            }
            (3, Some(home), _) => {
                let links = [home.id.to_string()].into_iter().collect();
                let entry = DiaryEntry { text: note, needs_follow_up: true, links, ..DiaryEntry::default() };
                let new = New { grid: Some(home.scope.clone()), ..New::of(entry) };
                workbook.diary().save(new).map(|saved| saved.id)
            }
            (4, Some(home), _) => {
                let content = Household { note, ..home.content.clone() };
                workbook.edit(&Record { content, ..home.clone() }).map(|saved| saved.id)
            }
            (5, _, Some(visit)) => {
                let content = Visit { note, ..visit.content.clone() };
                workbook.edit(&Record { content, ..visit.clone() }).map(|saved| saved.id)
            }
            _ => {
                let dwelling = format!("{}-1-{}01", 1 + which % 3, 1 + which).parse().ok();
                let household = Household { dwelling, class: "red".into(), ..Household::default() };
                let new = New { grid: Some(grid), ..New::of(household) };
                workbook.households().save(new).map(|saved| saved.id)
            }
        };
        let saved = match saved {
            Err(Error::NotPermitted { .. }) => return,
            saved => saved.unwrap(),
        };
        let version = workbook.record(saved).unwrap().version;
        self.promised.lock().unwrap().entry(saved).or_default().extend(version.0);
    }

    async fn hand_over(&self, from: usize, which: usize, all: bool) {
        let service = self.server.service();
        let (from, to) = (self.grids[from].clone(), self.grids[1 - from].clone());
        let there = service.database().company(&from, &Meant::All).await.unwrap();
        let homes: Vec<_> = there.iter().filter(|(_, kind)| *kind == Kind::Household).collect();
        let households = match homes.get(which % homes.len().max(1)) {
            _ if all => Households::All,
            Some((home, _)) => Households::Named(vec![*home]),
            None => return,
        };
        let request = HandOverRequest { from, to, households, why: Cause::Recut, dry_run: false };
        service.hand_over(&self.people[2], request).await.unwrap();
    }

    async fn take(&self, step: &Step) {
        match step {
            Step::Write(phone, what, which) => self.write(*phone, *what, *which),
            Step::HandOver(from, which, all) => self.hand_over(*from, *which, *all).await,
            Step::Give(phone, role) => self.give(*phone, *role).await,
            Step::Exchange(phone, page, answers, breaks) => {
                let answers = Mutex::new(answers.iter().cloned().collect());
                let way = Way { place: self, end: self.end(*phone), page: *page, answers, breaks: *breaks };
                match self.phones[*phone].0.sync(&way, |_| {}).await {
                    Ok(_) | Err(Error::Offline(_)) => {}
                    Err(error) => panic!("phone {phone} cannot sync: {error}"),
                }
            }
        }
    }

    /// Everybody talks until nothing is new.
    async fn settle(&self) {
        for _ in 0..8 {
            let mut moved = 0;
            for (phone, (workbook, _)) in self.phones.iter().enumerate() {
                let report = workbook.sync(&self.end(phone), |_| {}).await.unwrap();
                assert_eq!(report.refused, [], "phone {phone}: honest work was refused");
                moved += report.sent + report.received + report.handed_over.len() as u64;
            }
            if moved == 0 {
                return;
            }
        }
        panic!("they do not come to rest");
    }

    async fn agree(&self) {
        let [first, second] = &self.grids;
        let truth = [on_server(&self.server, first).await, on_server(&self.server, second).await];
        for (phone, (workbook, _)) in self.phones.iter().enumerate() {
            for (grid, scope) in self.grids.iter().enumerate() {
                let sees = phone == 2 || phone == grid;
                let expected = if sees { truth[grid].clone() } else { BTreeMap::new() };
                assert_eq!(on_phone(workbook, scope), expected, "phone {phone}, grid {grid}");
                if sees {
                    let shown = |workbook| {
                        let records = records_of(workbook, scope).into_iter();
                        records.map(|it| (it.id, (it.content, it.conflicts))).collect::<BTreeMap<_, _>>()
                    };
                    assert_eq!(shown(workbook), shown(&self.phones[2].0), "phone {phone}, grid {grid}");
                }
            }
            let status = workbook.status().unwrap();
            assert_eq!((status.unsent, status.refused, status.quarantined), (0, 0, 0), "phone {phone}");
            assert!(workbook.hand_overs().unwrap().iter().all(|line| line.waiting == 0), "phone {phone}");
        }
        for (id, versions) in &*self.promised.lock().unwrap() {
            let held = truth.iter().find_map(|grid| grid.get(id));
            let held = held.unwrap_or_else(|| panic!("{id} is gone"));
            assert!(versions.iter().all(|hash| held.contains(hash)), "a change of {id} is gone");
        }
    }
}

/// The way of one exchange to the server.
struct Way<'a> {
    place: &'a Place,
    end: ForDevice,
    page: u32,
    answers: Mutex<VecDeque<Answer>>,
    breaks: bool,
}

impl SyncProtocol for Way<'_> {
    async fn enrol(&self, request: EnrolRequest) -> Result<EnrolResponse> {
        self.end.enrol(request).await
    }

    async fn sync(&self, mut request: SyncRequest) -> Result<SyncResponse> {
        request.page = self.page;
        let mut answer = self.end.sync(request).await?;
        let becomes = self.answers.lock().unwrap().pop_front();
        let Some(becomes) = becomes else {
            return if self.breaks { Err(Error::Offline("broken off".into())) } else { Ok(answer) };
        };
        if let Some(event) = &becomes.meanwhile {
            self.place.happen(event).await;
        }
        if let Some(only) = becomes.only {
            let other = &self.place.grids[1 - only];
            let before = answer.scopes.len();
            answer.scopes.retain(|page| !matches!(page, ScopePage::Page(page) if page.scope == *other));
            answer.more |= answer.scopes.len() < before;
        }
        if becomes.reversed {
            answer.scopes.reverse();
        }
        Ok(answer)
    }

    async fn recover(&self, request: RecoverRequest) -> Result<RecoverResponse> {
        self.end.recover(request).await
    }
}

/// How many scripts are played; `PROPTEST_CASES` sets another number.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|number| number.parse().ok()).unwrap_or(96)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pages_in_any_order_come_to_the_same(steps in vec(step(), 12..48)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let place = Place::new().await;
            for step in &steps {
                place.take(step).await;
            }
            for worker in 0..2 {
                place.give(worker, Some(Role::Worker)).await;
            }
            place.settle().await;
            place.agree().await;
        });
    }
}

/// Handed over and back, it came a change at a time: the next edit then took the number of one that the server had.
#[tokio::test]
async fn a_record_that_comes_back_in_pieces_takes_its_workers_next_edit() {
    let calm = || Answer { only: None, reversed: false, meanwhile: None };
    let busy = |event| Answer { meanwhile: Some(event), ..calm() };
    let place = Place::new().await;
    for step in [
        Step::Write(1, 0, 0),
        Step::Write(1, 0, 0),
        Step::Write(0, 0, 0),
        Step::Write(0, 4, 0),
        Step::Exchange(1, 1, vec![], false),
        Step::Exchange(0, 1, vec![busy(Event::HandOver(1, 0, false))], false),
        Step::Exchange(0, 1, vec![busy(Event::HandOver(0, 1, false))], false),
        Step::HandOver(1, 1, false),
        Step::Exchange(0, 1, vec![calm(), calm(), calm(), calm()], true),
        Step::Write(0, 4, 0),
    ] {
        place.take(&step).await;
    }
    place.settle().await;
    place.agree().await;
}
