//! Telling screens that something changed. Listeners are called after the commit, on the thread that wrote.

use std::sync::{Arc, Mutex, PoisonError};

use super::Operation;
use crate::id::RecordId;

/// What one committed edit changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// What was done.
    pub operation: Operation,
    /// The records it touched, each once, in the order of their ids.
    pub records: Vec<RecordId>,
}

/// Hears of every committed change. Keep it short: the writer waits for it.
pub trait Listener: Send + Sync {
    /// An edit was committed.
    fn changed(&self, changed: &Changed);
}

/// The listeners of one workbook.
#[derive(Default)]
pub(super) struct Listeners(Mutex<Vec<Arc<dyn Listener>>>);

impl Listeners {
    pub(super) fn add(&self, listener: Arc<dyn Listener>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(listener);
    }

    pub(super) fn tell(&self, changed: &Changed) {
        // The list is copied, so that a listener may add another without waiting for itself.
        let listeners = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for listener in listeners {
            listener.changed(changed);
        }
    }
}
