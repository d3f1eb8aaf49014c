//! Cancelling a running exchange from another thread, as the button on a screen does.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

use super::Workbook;
use crate::error::{Error, Result};

/// Stops a running exchange.
#[derive(Debug, Default)]
pub(super) struct Cancel {
    asked: AtomicBool,
    wake: Notify,
}

impl Cancel {
    /// Forgets what was asked of an earlier exchange.
    pub(super) fn reset(&self) {
        self.asked.store(false, Ordering::SeqCst);
    }

    /// Waits for `work`, unless cancelled first.
    pub(super) async fn guard<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let woken = self.wake.notified();
        if self.asked.load(Ordering::SeqCst) {
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
    /// Stops a running exchange; what was committed is kept.
    pub fn cancel_sync(&self) {
        self.shared.cancel.asked.store(true, Ordering::SeqCst);
        self.shared.cancel.wake.notify_waiters();
    }
}
