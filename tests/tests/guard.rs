//! Stories of the guard before a workbook: lease, PIN, and how a locked phone opens again with everything in it.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use std::path::PathBuf;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use gridbook_core::clock::{Clock, Instant, Surroundings, SystemEntropy, Uptime};
use gridbook_core::key::{Signer, SoftwareKey};
use gridbook_core::model::{Household, Role, Visit};
use gridbook_core::sync::http::HttpServer;
use gridbook_core::vault::{FolderVault, KeyVault, MemoryVault};
use gridbook_core::workbook::{Filter, Guard, Lock, New, Phase, Workbook};
use gridbook_core::{Error, Result};
use gridbook_tests::town::Town;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use zeroize::Zeroizing;

const HOUR: i64 = 60 * 60 * 1_000;
const LEASE: i64 = 72 * HOUR;

/// A phone's clock: the wall can be set by hand, what was really passed cannot.
#[derive(Default)]
struct Hands {
    /// Truly passed, in milliseconds.
    passed: i64,
    /// What the wall clock shows beyond that.
    wall: i64,
    booted_at: i64,
    boots: u8,
}

#[derive(Clone, Default)]
struct PhoneClock(Arc<Mutex<Hands>>);

impl PhoneClock {
    fn with<T>(&self, body: impl FnOnce(&mut Hands) -> T) -> T {
        body(&mut self.0.lock().unwrap())
    }

    fn pass(&self, milliseconds: i64) {
        self.with(|hands| hands.passed += milliseconds);
    }

    fn set(&self, by: i64) {
        self.with(|hands| hands.wall += by);
    }

    fn restart(&self) {
        self.with(|hands| {
            hands.booted_at = hands.passed;
            hands.boots += 1;
        });
    }
}

impl Clock for PhoneClock {
    fn now(&self) -> Instant {
        self.with(|hands| Instant(1_795_400_000_000 + hands.passed + hands.wall))
    }

    fn uptime(&self) -> Option<Uptime> {
        self.with(|hands| Some(Uptime { boot: [hands.boots; 16], millis: hands.passed - hands.booted_at }))
    }
}

/// A phone whose hardware keeps the device's key; what else is secret is beside it, for whoever copies it.
#[derive(Default)]
struct Hardened {
    secrets: MemoryVault,
    pair: Mutex<Option<SoftwareKey>>,
    made: AtomicU8,
}

impl KeyVault for Hardened {
    fn load(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>> {
        self.secrets.load(name)
    }

    fn keep(&self, name: &str, secret: &[u8]) -> Result<()> {
        self.secrets.keep(name, secret)
    }

    fn forget(&self, name: &str) -> Result<()> {
        self.secrets.forget(name)
    }

    fn device_key(&self) -> Result<Option<Arc<dyn Signer>>> {
        let mut pair = self.pair.lock().unwrap();
        let make = || SoftwareKey::p256(&[self.made.fetch_add(1, Ordering::Relaxed) + 1; 32]).unwrap();
        Ok(Some(Arc::new(pair.get_or_insert_with(make).clone())))
    }

    fn forget_device_key(&self) -> Result<()> {
        *self.pair.lock().unwrap() = None;
        Ok(())
    }
}

/// A phone with its guard, its vault and its clock.
struct Handset {
    path: PathBuf,
    vault: Arc<dyn KeyVault>,
    clock: PhoneClock,
    guard: Arc<Guard>,
}

impl Handset {
    fn new(path: PathBuf, vault: Arc<dyn KeyVault>) -> Self {
        let clock = PhoneClock::default();
        let guard = guard(&path, &vault, &clock);
        Self { path, vault, clock, guard }
    }

    /// The app is killed and started again: nothing in memory stays.
    fn restart_app(&mut self) {
        self.guard = guard(&self.path, &self.vault, &self.clock);
    }

    fn open(&self, pin: Option<&str>) -> Result<Workbook> {
        self.guard.open(pin).map(|opened| opened.workbook)
    }

    /// A client that signs for this device, also while the workbook is locked.
    fn client(&self) -> HttpServer {
        let desk = self.guard.desk().unwrap();
        let device = Some((desk.device, self.guard.signer().unwrap()));
        HttpServer::new(desk.address, device, Surroundings::system()).unwrap()
    }
}

fn guard(path: &std::path::Path, vault: &Arc<dyn KeyVault>, clock: &PhoneClock) -> Arc<Guard> {
    let surroundings = Surroundings { clock: Arc::new(clock.clone()), entropy: Arc::new(SystemEntropy) };
    Guard::new(path, Arc::clone(vault), surroundings).unwrap()
}

/// A town with an enrolled phone that holds one visit which was not sent.
async fn enrolled() -> (Town, Handset) {
    enrolled_with(|folder| Arc::new(FolderVault::at(&folder.join("vault")).unwrap())).await
}

async fn enrolled_with(vault: impl FnOnce(&std::path::Path) -> Arc<dyn KeyVault>) -> (Town, Handset) {
    let mut town = Town::new().await;
    let person = town.person("甲", &[(town.grids[0].clone(), Role::Worker)]).await;
    let folder = town.folder().join("guarded");
    let handset = Handset::new(folder.join("workbook.db"), vault(&folder));
    let workbook = handset.open(None).unwrap();
    let desk = HttpServer::new(&town.url(), None, Surroundings::system()).unwrap();
    workbook.enrol(&desk, &town.url(), &town.invite(&person).await, "").await.unwrap();
    workbook.sync(&handset.client(), |_| {}).await.unwrap();
    visit(&workbook, "没送出去");
    (town, handset)
}

fn visit(workbook: &Workbook, note: &str) {
    let household =
        Household { dwelling: "3-1-501".parse().ok(), class: "red".into(), ..Household::default() };
    let homes = workbook.list::<Household>(&Filter::default(), None, 10).unwrap().items;
    let home = match homes.into_iter().next() {
        Some(home) => home,
        None => workbook.households().save(New::of(household)).unwrap(),
    };
    let visit = Visit {
        household: home.id,
        outcome: Some(gridbook_core::model::Outcome::Met),
        note: note.into(),
        ..Visit::default()
    };
    workbook.visits().save(New::of(visit)).unwrap();
}

fn notes(workbook: &Workbook) -> Vec<String> {
    let visits = workbook.list::<Visit>(&Filter::default(), None, 100).unwrap().items;
    visits.into_iter().map(|visit| visit.content.note).collect()
}

// Story: locked_and_unlocked
#[tokio::test]
async fn after_72_hours_without_contact_the_data_is_locked_until_the_next_one() {
    let (town, mut handset) = enrolled().await;
    let workbook = handset.open(None).unwrap();
    handset.clock.pass(LEASE - 1);
    assert_eq!(notes(&workbook), ["没送出去"]);
    assert_eq!(handset.guard.status().unwrap().lease_left, Some(1));
    handset.clock.pass(1);
    assert!(matches!(workbook.status(), Err(Error::LeaseOver)), "also while it is open");
    drop(workbook);
    handset.restart_app();
    assert!(matches!(handset.open(None), Err(Error::LeaseOver)));
    // The key is gone from the phone: not only this program refuses.
    let kept = handset.vault.load("guard").unwrap().unwrap();
    let state: ciborium::Value = ciborium::from_reader(kept.as_slice()).unwrap();
    let fields = state.into_map().unwrap();
    let kept = fields.iter().find(|(name, _)| name.as_text() == Some("kept")).unwrap();
    assert!(kept.1.is_null());

    handset.guard.unlock(&handset.client(), None).await.unwrap();
    handset.restart_app();
    let workbook = handset.open(None).unwrap();
    assert_eq!(notes(&workbook), ["没送出去"], "everything is there again");
    assert_eq!(workbook.sync(&handset.client(), |_| {}).await.unwrap().sent, 2);

    // The community's own hours, from the next contact on.
    town.server().admin().set_lease(&town.community, 5).await.unwrap();
    handset.clock.pass(HOUR);
    workbook.sync(&handset.client(), |_| {}).await.unwrap();
    assert_eq!(handset.guard.status().unwrap().lease_left, Some(5 * HOUR));
    handset.clock.pass(5 * HOUR);
    assert!(matches!(workbook.status(), Err(Error::LeaseOver)));
}

#[tokio::test]
async fn a_workbook_that_closes_late_takes_nothing_from_the_one_opened_after_it() {
    let (_town, mut handset) = enrolled().await;
    // The app closed it, and a call that was still under way has it a little longer.
    let late = handset.open(None).unwrap();
    let workbook = handset.open(None).unwrap();
    drop(late);
    handset.clock.pass(HOUR);
    workbook.sync(&handset.client(), |_| {}).await.unwrap();
    assert_eq!(handset.guard.status().unwrap().lease_left, Some(LEASE), "the lease began anew");
    handset.guard.set_pin(Some("739164")).unwrap();
    drop(workbook);
    assert!(matches!(handset.guard.set_pin(None), Err(Error::PinNeeded)), "nothing is open any more");
    handset.restart_app();
    assert_eq!(notes(&handset.open(Some("739164")).unwrap()), ["没送出去"]);
}

/// What a worker, an accident or a thief does to a phone's clock, at 200 seeded points.
#[tokio::test]
async fn no_clock_makes_a_lease_longer() {
    // In memory: some thousand writes that wait for the disk would only make it slow.
    let (_town, mut handset) = enrolled_with(|_| Arc::new(MemoryVault::default())).await;
    let (mut locked_in_time, mut locked_early) = (0, 0);
    for seed in 0..200 {
        let mut chance = ChaCha8Rng::seed_from_u64(seed);
        let workbook = handset.open(None).unwrap();
        workbook.sync(&handset.client(), |_| {}).await.unwrap();
        let (mut truly, mut jumped_forward) = (0, false);
        let outcome = loop {
            let step = chance.random_range(0..20 * HOUR);
            handset.clock.pass(step);
            truly += step;
            match chance.random_range(0..6) {
                0 => handset.clock.set(-chance.random_range(0..2_000 * HOUR)),
                1 => {
                    handset.clock.set(chance.random_range(0..200 * HOUR));
                    jumped_forward = true;
                }
                2 => handset.clock.restart(),
                _ => {}
            }
            if chance.random_bool(0.5) {
                handset.restart_app();
            }
            match handset.guard.status().unwrap().lock {
                Some(lock) => break lock,
                None => assert!(truly < LEASE, "seed {seed}: {truly} ms without contact and still open"),
            }
        };
        assert_eq!(outcome, Lock::Lease);
        if truly >= LEASE {
            locked_in_time += 1;
        } else {
            // Too early only where a clock was moved, and a contact mends it.
            locked_early += 1;
            let touched = jumped_forward || handset.clock.with(|hands| hands.wall != 0);
            assert!(touched, "seed {seed}: locked after {truly} ms with an honest clock");
        }
        drop(workbook);
        handset.guard.unlock(&handset.client(), None).await.unwrap();
        let workbook = handset.open(None).unwrap();
        assert_eq!(notes(&workbook), ["没送出去"], "seed {seed}");
    }
    assert!(locked_in_time > 20 && locked_early > 20, "{locked_in_time} and {locked_early}");
}

// Story: pin_asked
#[tokio::test]
async fn ten_wrong_pins_lock_the_phone_and_killing_the_app_saves_no_try() {
    let (town, mut handset) = enrolled().await;
    let workbook = handset.open(None).unwrap();
    handset.guard.set_pin(Some("271828")).unwrap();
    assert!(matches!(handset.guard.set_pin(Some("123456")), Err(Error::BadPin(_))));
    drop(workbook);
    handset.restart_app();
    assert!(matches!(handset.open(None), Err(Error::PinNeeded)));
    for _ in 0..3 {
        handset.open(Some("314159")).unwrap_err();
    }
    handset.clock.pass(HOUR);
    drop(handset.open(Some("271828")).unwrap());
    assert_eq!(handset.guard.status().unwrap().tries_left, 10, "a right one forgives");

    let mut waits = 0;
    for wrong in 1..=10 {
        handset.restart_app();
        loop {
            match handset.open(Some("000001")) {
                Err(Error::PinWait { seconds }) => {
                    handset.restart_app();
                    assert!(
                        matches!(handset.open(Some("271828")), Err(Error::PinWait { .. })),
                        "nor the right one"
                    );
                    waits += 1;
                    handset.clock.pass(i64::try_from(seconds).unwrap() * 1_000);
                }
                Err(Error::PinWrong { left }) => break assert_eq!(left, 10 - wrong),
                Err(Error::PinLocked) => break assert_eq!(wrong, 10),
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(waits, 6, "the first four cost no wait, each later one does");
    assert!(matches!(handset.open(Some("271828")), Err(Error::PinLocked)), "the right one comes too late");

    // Whoever holds the phone cannot open it by having a network.
    let refused = handset.guard.unlock(&handset.client(), None).await.unwrap_err();
    assert!(matches!(refused, Error::Refused { code, .. } if code == "not_released"));
    town.server().admin().release(&handset.guard.desk().unwrap().device).await.unwrap();
    handset.guard.unlock(&handset.client(), None).await.unwrap();
    handset.restart_app();
    let workbook = handset.open(None).unwrap();
    assert_eq!(notes(&workbook), ["没送出去"]);
    assert_eq!(workbook.sync(&handset.client(), |_| {}).await.unwrap().sent, 2);
}

/// A vault whose process dies right after the n-th thing it kept.
struct Dying {
    inner: MemoryVault,
    left: AtomicU32,
}

impl KeyVault for Dying {
    fn load(&self, name: &str) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>> {
        self.inner.load(name)
    }

    fn keep(&self, name: &str, secret: &[u8]) -> Result<()> {
        self.inner.keep(name, secret)?;
        let left = self.left.load(Ordering::SeqCst);
        assert!(left > 0, "killed");
        self.left.store(left - 1, Ordering::SeqCst);
        Ok(())
    }

    fn forget(&self, name: &str) -> Result<()> {
        self.inner.forget(name)
    }
}

#[test]
fn a_try_is_counted_before_it_is_checked() {
    let folder = tempfile::tempdir().unwrap();
    let dying = Arc::new(Dying { inner: MemoryVault::default(), left: AtomicU32::new(100) });
    let vault: Arc<dyn KeyVault> = Arc::clone(&dying) as _;
    let mut handset = Handset::new(folder.path().join("workbook.db"), vault);
    let workbook = handset.open(None).unwrap();
    handset.guard.set_pin(Some("271828")).unwrap();
    drop(workbook);
    assert!(matches!(handset.guard.set_pin(None), Err(Error::PinNeeded)), "the key goes with the workbook");
    for killed in 1..=3 {
        handset.restart_app();
        dying.left.store(0, Ordering::SeqCst);
        let attempt = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| handset.open(Some("000001"))));
        assert!(attempt.is_err(), "it was killed before it could say whether the PIN was right");
        dying.left.store(100, Ordering::SeqCst);
        handset.restart_app();
        assert_eq!(handset.guard.status().unwrap().tries_left, 10 - killed);
    }
    // Without a contact nobody could give the key back: it waits, and never locks.
    for _ in 0..12 {
        handset.clock.pass(HOUR);
        assert!(!matches!(handset.open(Some("000001")), Err(Error::PinLocked) | Ok(_)));
    }
    handset.clock.pass(HOUR);
    handset.open(Some("271828")).unwrap();
}

#[tokio::test]
async fn a_lease_asks_for_the_pin_too_and_a_foreign_answer_renews_nothing() {
    let (_town, mut handset) = enrolled().await;
    let workbook = handset.open(None).unwrap();
    handset.guard.set_pin(Some("271828")).unwrap();
    drop(workbook);
    handset.restart_app();
    handset.clock.pass(LEASE);
    assert!(matches!(handset.open(Some("271828")), Err(Error::LeaseOver)));
    assert!(matches!(handset.guard.unlock(&handset.client(), None).await, Err(Error::PinNeeded)));
    let wrong = handset.guard.unlock(&handset.client(), Some("000001")).await;
    assert!(matches!(wrong, Err(Error::PinWrong { left: 9 })));
    // Another server has the device's words, but not the key that was sealed to this one.
    let forger = Town::new().await;
    let desk = handset.guard.desk().unwrap();
    let device = Some((desk.device, handset.guard.signer().unwrap()));
    let elsewhere = HttpServer::new(&forger.url(), device, Surroundings::system()).unwrap();
    handset.guard.unlock(&elsewhere, Some("271828")).await.unwrap_err();
    assert_eq!(handset.guard.status().unwrap().lock, Some(Lock::Lease));
    handset.guard.unlock(&handset.client(), Some("271828")).await.unwrap();
    assert!(matches!(handset.open(None), Err(Error::PinNeeded)), "the PIN holds on");
    assert_eq!(notes(&handset.open(Some("271828")).unwrap()), ["没送出去"]);
}

// Story: revoked_and_wiped
#[tokio::test]
async fn a_guarded_phone_that_was_revoked_is_empty_down_to_its_vault_and_can_begin_anew() {
    let (mut town, mut handset) = enrolled().await;
    let device = handset.guard.desk().unwrap().device;
    town.server().admin().revoke_device(&device).await.unwrap();
    let workbook = handset.open(None).unwrap();
    let report = workbook.sync(&handset.client(), |_| {}).await.unwrap();
    assert_eq!(report.handed_in.unwrap().changes, 2);
    let status = workbook.status().unwrap();
    assert_eq!(
        (status.phase, status.unsent, status.enrolment),
        (Phase::Wiped, 0, None),
        "a screen can say so"
    );
    drop(workbook);
    for name in ["device", "install"] {
        assert!(handset.vault.load(name).unwrap().is_none(), "{name}");
    }
    handset.restart_app();
    assert!(matches!(handset.open(None), Err(Error::Wiped)));
    handset.guard.begin_anew().unwrap();
    let workbook = handset.open(None).unwrap();
    assert!(workbook.person().is_none() && notes(&workbook).is_empty());
    let person = town.person("乙", &[(town.grids[0].clone(), Role::Worker)]).await;
    let desk = HttpServer::new(&town.url(), None, Surroundings::system()).unwrap();
    workbook.enrol(&desk, &town.url(), &town.invite(&person).await, "").await.unwrap();
}

#[tokio::test]
async fn a_phone_revoked_while_it_is_locked_hands_in_its_work_once_it_is_released() {
    let (town, mut handset) = enrolled().await;
    handset.clock.pass(LEASE);
    assert!(matches!(handset.open(None), Err(Error::LeaseOver)));
    let device = handset.guard.desk().unwrap().device;
    let admin = town.server().admin();
    admin.revoke_device(&device).await.unwrap();
    assert!(matches!(handset.guard.unlock(&handset.client(), None).await, Err(Error::Revoked { .. })));
    handset.restart_app();
    assert!(matches!(handset.open(None), Err(Error::LeaseOver)), "locked, and nothing is destroyed");
    admin.release(&device).await.unwrap();
    handset.guard.unlock(&handset.client(), None).await.unwrap();
    let workbook = handset.open(None).unwrap();
    assert_eq!(workbook.sync(&handset.client(), |_| {}).await.unwrap().handed_in.unwrap().changes, 2);
    assert_eq!(town.server().service().accept_box(&device).await.unwrap().accepted, 2);
}

// Story: key_in_hardware
#[tokio::test]
async fn a_key_in_hardware_signs_for_its_phone_alone_and_ends_with_it() {
    let vault = Arc::new(Hardened::default());
    let (town, mut handset) = enrolled_with(|_| Arc::clone(&vault) as Arc<dyn KeyVault>).await;
    assert!(vault.load("device").unwrap().is_none(), "no secret lies about beside it");
    handset.clock.pass(LEASE);
    assert!(matches!(handset.open(None), Err(Error::LeaseOver)));
    handset.guard.unlock(&handset.client(), None).await.unwrap();

    // Whoever copies database and vault has the records, and no word at the server.
    let copy = MemoryVault::default();
    for name in ["guard", "install"] {
        copy.keep(name, &vault.load(name).unwrap().unwrap()).unwrap();
    }
    let path = town.folder().join("copied/workbook.db");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::copy(&handset.path, &path).unwrap();
    let copied = Handset::new(path, Arc::new(copy));
    copied.clock.pass(LEASE);
    let workbook = copied.open(None).unwrap();
    let refused = workbook.sync(&copied.client(), |_| {}).await;
    assert!(matches!(&refused, Err(Error::Refused { code, .. }) if code == "bad_proof"), "{refused:?}");

    handset.restart_app();
    let workbook = handset.open(None).unwrap();
    assert_eq!(workbook.sync(&handset.client(), |_| {}).await.unwrap().sent, 2);
    let before = handset.guard.signer().unwrap().key();
    town.server().admin().revoke_device(&handset.guard.desk().unwrap().device).await.unwrap();
    workbook.sync(&handset.client(), |_| {}).await.unwrap();
    drop(workbook);
    assert!(vault.pair.lock().unwrap().is_none(), "the key goes with the phone's place");
    handset.guard.begin_anew().unwrap();
    handset.open(None).unwrap();
    assert_ne!(handset.guard.signer().unwrap().key(), before);
}

#[tokio::test]
async fn a_phone_that_got_its_place_before_there_was_a_key_in_hardware_keeps_it() {
    let (_town, mut handset) = enrolled().await;
    let vault = Arc::new(Hardened::default());
    for name in ["device", "guard", "install"] {
        vault.keep(name, &handset.vault.load(name).unwrap().unwrap()).unwrap();
    }
    handset.vault = vault;
    handset.restart_app();
    let workbook = handset.open(None).unwrap();
    assert_eq!(workbook.sync(&handset.client(), |_| {}).await.unwrap().sent, 2);
}

#[tokio::test]
async fn a_phone_whose_hardware_lost_the_key_gets_a_place_under_another_and_loses_nothing() {
    let vault = Arc::new(Hardened::default());
    let (town, handset) = enrolled_with(|_| Arc::clone(&vault) as Arc<dyn KeyVault>).await;
    let workbook = handset.open(None).unwrap();
    let person = workbook.person().unwrap();
    let mut visit = workbook.list::<Visit>(&Filter::default(), None, 10).unwrap().items.remove(0);
    visit.content.note = "改过的".into();
    workbook.edit(&visit).unwrap();
    drop(workbook);
    *vault.pair.lock().unwrap() = None;
    let workbook = handset.open(None).unwrap();
    let refused = workbook.sync(&handset.client(), |_| {}).await;
    assert!(matches!(&refused, Err(Error::Refused { code, .. }) if code == "bad_proof"), "{refused:?}");

    let desk = HttpServer::new(&town.url(), None, Surroundings::system()).unwrap();
    workbook.enrol(&desk, &town.url(), &town.invite(&person).await, "").await.unwrap();
    // The server knows what was not sent for another key's; the phone writes it anew, and it is this one's.
    let report = workbook.sync(&handset.client(), |_| {}).await.unwrap();
    assert_eq!((report.sent, report.refused.len()), (2, 0));
    let status = workbook.status().unwrap();
    assert_eq!((status.unsent, status.refused, status.on_server), (0, 0, 2));
    assert_eq!(notes(&workbook), ["改过的"]);
}
