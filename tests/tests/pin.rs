//! Stories of the PIN before a workbook: what a wrong one costs, and that neither a kill nor a clock saves any of it.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use gridbook_core::vault::{KeyVault, MemoryVault};
use gridbook_core::{Error, Result};
use gridbook_tests::handset::{HOUR, Handset, enrolled, notes};

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
async fn no_clock_ends_a_wait_after_a_wrong_pin() {
    let (_town, mut handset) = enrolled().await;
    let workbook = handset.open(None).unwrap();
    handset.guard.set_pin(Some("271828")).unwrap();
    drop(workbook);
    for _ in 0..4 {
        assert!(matches!(handset.open(Some("314159")), Err(Error::PinWrong { .. })));
    }
    let waits = |handset: &Handset| matches!(handset.open(Some("271828")), Err(Error::PinWait { .. }));
    for by in [HOUR, -3 * HOUR, 0] {
        handset.clock.set(by);
        assert!(waits(&handset), "{by}");
        handset.restart_app();
        assert!(waits(&handset), "{by}, started again");
        handset.clock.restart();
        handset.restart_app();
        assert!(waits(&handset), "{by}, switched on again");
    }
    handset.clock.pass(15_000);
    assert!(!waits(&handset));
}
