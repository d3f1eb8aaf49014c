//! Stories of the guard before a workbook: lease, keys, and how a locked phone opens again with everything in it.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};

use gridbook_core::clock::{Surroundings, SystemEntropy};
use gridbook_core::key::{Signer, SoftwareKey};
use gridbook_core::model::{Role, Visit};
use gridbook_core::sync::http::HttpServer;
use gridbook_core::vault::{KeyVault, MemoryVault};
use gridbook_core::workbook::{Filter, Lock, Phase};
use gridbook_core::{Error, Result};
use gridbook_tests::handset::{HOUR, Handset, LEASE, PhoneClock, START, enrolled, enrolled_with, notes};
use gridbook_tests::town::Town;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use zeroize::Zeroizing;

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

/// A phone whose key store fails once, as while it is still locked after a start.
#[derive(Default)]
struct Sulking {
    secrets: MemoryVault,
    failed: AtomicU8,
}

impl KeyVault for Sulking {
    fn load(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>> {
        self.secrets.load(name)
    }

    fn keep(&self, name: &str, secret: &[u8]) -> Result<()> {
        if self.failed.fetch_add(1, Ordering::Relaxed) == 0 {
            return Err(Error::Store("the key store is locked".into()));
        }
        self.secrets.keep(name, secret)
    }

    fn forget(&self, name: &str) -> Result<()> {
        self.secrets.forget(name)
    }
}

#[test]
fn a_database_is_made_only_with_a_key_that_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let mut handset = Handset::new(folder.path().join("workbook.db"), Arc::new(Sulking::default()));
    assert!(matches!(handset.open(None), Err(Error::Store(_))));
    let workbook = handset.open(None).unwrap();
    let draft = gridbook_core::model::DiaryEntry { text: "第一句".into(), ..Default::default() };
    workbook.drafts().begin(&draft).unwrap();
    drop(workbook);
    handset.restart_app();
    assert_eq!(handset.open(None).unwrap().drafts().list().unwrap().len(), 1, "it opens again");
}

#[tokio::test]
async fn a_server_whose_clock_was_wrong_locks_nobody_who_is_in_contact() {
    let (mut town, handset) = enrolled().await;
    let workbook = handset.open(None).unwrap();
    let month = 30 * 24 * HOUR;
    for wrong in [month, -month] {
        let clock = PhoneClock::default();
        clock.with(|hands| hands.wall = Surroundings::system().now().0 - START + wrong);
        town.stop().await;
        town.start_in(Surroundings { clock: Arc::new(clock), entropy: Arc::new(SystemEntropy) }).await;
        workbook.sync(&handset.client(), |_| {}).await.unwrap();
        town.stop().await;
        town.start().await;
        for _ in 0..3 {
            handset.clock.pass(LEASE - HOUR);
            workbook.sync(&handset.client(), |_| {}).await.unwrap();
            assert_eq!(handset.guard.status().unwrap().lease_left, Some(LEASE), "{wrong}");
        }
    }
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

#[tokio::test]
async fn a_release_of_before_a_revocation_opens_no_phone_after_it() {
    let (town, handset) = enrolled().await;
    let workbook = handset.open(None).unwrap();
    let device = workbook.enrolment().unwrap().device;
    drop(workbook);
    let admin = town.server().admin();
    for revoked_last in [true, false] {
        if revoked_last {
            admin.release(&device).await.unwrap();
            admin.revoke_device(&device).await.unwrap();
        } else {
            admin.release(&device).await.unwrap();
        }
        handset.clock.pass(LEASE);
        let unlocked = handset.guard.unlock(&handset.client(), None).await;
        assert_eq!(unlocked.is_ok(), !revoked_last, "{unlocked:?}");
    }
}
