//! Cancelling a running exchange from another thread, as the button on a screen does.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Notify;

use super::Workbook;
use crate::error::{Error, Result};

/// Stops the exchanges that were begun before it was asked to, and no later one.
#[derive(Debug, Default)]
pub(super) struct Cancel {
    /// How often it was asked to.
    asked: AtomicU64,
    /// How often it had been when the exchange was begun whose turn it is.
    begun: AtomicU64,
    wake: Notify,
}

impl Cancel {
    /// What an exchange that begins now hands in again with its turn.
    pub(super) fn now(&self) -> u64 {
        self.asked.load(Ordering::SeqCst)
    }

    /// The exchange that began at `begun` has its turn.
    pub(super) fn turn_of(&self, begun: u64) {
        self.begun.store(begun, Ordering::SeqCst);
    }

    /// Waits for the `work` of the exchange whose turn it is, unless cancelled first.
    pub(super) async fn guard<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        self.since(self.begun.load(Ordering::SeqCst), work).await
    }

    /// Waits for `work`, unless cancelled since `begun`.
    pub(super) async fn since<T>(&self, begun: u64, work: impl Future<Output = Result<T>>) -> Result<T> {
        let woken = self.wake.notified();
        if self.now() != begun {
            return Err(Error::Cancelled);
        }
        tokio::select! {
            biased;
            () = woken => Err(Error::Cancelled),
            result = work => result,
        }
    }
}

impl Workbook {
    /// Stops the exchange that is under way, and those that wait for their turn; what was committed is kept.
    pub fn cancel_sync(&self) {
        self.shared.cancel.asked.fetch_add(1, Ordering::SeqCst);
        self.shared.cancel.wake.notify_waiters();
    }
}
