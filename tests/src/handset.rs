//! A phone with its guard, its vault and a clock that can be set by hand, for stories of leases and PINs.

#![allow(clippy::missing_panics_doc, reason = "a story that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use gridbook_core::Result;
use gridbook_core::clock::{Clock, Instant, Surroundings, SystemEntropy, Uptime};
use gridbook_core::model::{Household, Outcome, Role, Visit};
use gridbook_core::sync::http::HttpServer;
use gridbook_core::vault::{FolderVault, KeyVault};
use gridbook_core::workbook::{Filter, Guard, New, Workbook};

use crate::town::Town;

/// An hour in milliseconds.
pub const HOUR: i64 = 60 * 60 * 1_000;
/// How long a phone stays open without contact.
pub const LEASE: i64 = 72 * HOUR;
/// What a clock shows that nobody has set.
pub const START: i64 = 1_795_400_000_000;

/// A phone's clock: the wall can be set by hand, what was really passed cannot.
#[derive(Debug, Default)]
pub struct Hands {
    /// Truly passed, in milliseconds.
    pub passed: i64,
    /// What the wall clock shows beyond that.
    pub wall: i64,
    booted_at: i64,
    boots: u8,
}

/// A clock that is shared with the phone that reads it.
#[derive(Clone, Debug, Default)]
pub struct PhoneClock(Arc<Mutex<Hands>>);

impl PhoneClock {
    /// Looks at the hands, or turns them.
    pub fn with<T>(&self, body: impl FnOnce(&mut Hands) -> T) -> T {
        body(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Lets time pass.
    pub fn pass(&self, milliseconds: i64) {
        self.with(|hands| hands.passed += milliseconds);
    }

    /// Sets the wall clock on or back.
    pub fn set(&self, by: i64) {
        self.with(|hands| hands.wall += by);
    }

    /// Switches the phone off and on.
    pub fn restart(&self) {
        self.with(|hands| {
            hands.booted_at = hands.passed;
            hands.boots += 1;
        });
    }
}

impl Clock for PhoneClock {
    fn now(&self) -> Instant {
        self.with(|hands| Instant(START + hands.passed + hands.wall))
    }

    fn uptime(&self) -> Option<Uptime> {
        self.with(|hands| Some(Uptime { boot: [hands.boots; 16], millis: hands.passed - hands.booted_at }))
    }
}

/// A phone with its guard, its vault and its clock.
pub struct Handset {
    /// Its database.
    pub path: PathBuf,
    /// Where its secrets are.
    pub vault: Arc<dyn KeyVault>,
    /// What it reads the time from.
    pub clock: PhoneClock,
    /// What stands before its workbook.
    pub guard: Arc<Guard>,
}

impl Handset {
    /// A phone that was not opened yet.
    #[must_use]
    pub fn new(path: PathBuf, vault: Arc<dyn KeyVault>) -> Self {
        let clock = PhoneClock::default();
        let guard = guard(&path, &vault, &clock);
        Self { path, vault, clock, guard }
    }

    /// The app is killed and started again: nothing in memory stays.
    pub fn restart_app(&mut self) {
        self.guard = guard(&self.path, &self.vault, &self.clock);
    }

    /// Opens the workbook.
    ///
    /// # Errors
    /// The guard's.
    pub fn open(&self, pin: Option<&str>) -> Result<Workbook> {
        self.guard.open(pin).map(|opened| opened.workbook)
    }

    /// A client that signs for this device, also while the workbook is locked.
    #[must_use]
    pub fn client(&self) -> HttpServer {
        let desk = self.guard.desk().expect("the story goes on");
        let device = Some((desk.device, self.guard.signer().expect("the story goes on")));
        HttpServer::new(desk.address, device, Surroundings::system()).expect("the story goes on")
    }
}

fn guard(path: &Path, vault: &Arc<dyn KeyVault>, clock: &PhoneClock) -> Arc<Guard> {
    let surroundings = Surroundings { clock: Arc::new(clock.clone()), entropy: Arc::new(SystemEntropy) };
    Guard::new(path, Arc::clone(vault), surroundings).expect("the story goes on")
}

/// A town with an enrolled phone that holds one visit which was not sent.
pub async fn enrolled() -> (Town, Handset) {
    enrolled_with(|folder| Arc::new(FolderVault::at(&folder.join("vault")).expect("the story goes on"))).await
}

/// [`enrolled`] with another vault.
pub async fn enrolled_with(vault: impl FnOnce(&Path) -> Arc<dyn KeyVault>) -> (Town, Handset) {
    let mut town = Town::new().await;
    let person = town.person("甲", &[(town.grids[0].clone(), Role::Worker)]).await;
    let folder = town.folder().join("guarded");
    let handset = Handset::new(folder.join("workbook.db"), vault(&folder));
    let workbook = handset.open(None).expect("the story goes on");
    let desk = HttpServer::new(&town.url(), None, Surroundings::system()).expect("the story goes on");
    workbook.enrol(&desk, &town.url(), &town.invite(&person).await, "").await.expect("the story goes on");
    workbook.sync(&handset.client(), |_| {}).await.expect("the story goes on");
    visit(&workbook, "没送出去");
    (town, handset)
}

/// Saves a visit, with its household if there is none.
pub fn visit(workbook: &Workbook, note: &str) {
    let household =
        Household { dwelling: "3-1-501".parse().ok(), class: "red".into(), ..Household::default() };
    let homes = workbook.list::<Household>(&Filter::default(), None, 10).expect("the story goes on").items;
    let home = match homes.into_iter().next() {
        Some(home) => home,
        None => workbook.households().save(New::of(household)).expect("the story goes on"),
    };
    let visit =
        Visit { household: home.id, outcome: Some(Outcome::Met), note: note.into(), ..Visit::default() };
    workbook.visits().save(New::of(visit)).expect("the story goes on");
}

/// What its visits say.
#[must_use]
pub fn notes(workbook: &Workbook) -> Vec<String> {
    let visits = workbook.list::<Visit>(&Filter::default(), None, 100).expect("the story goes on").items;
    visits.into_iter().map(|visit| visit.content.note).collect()
}
