//! What screens hear of by themselves. Each call to a listener crosses into the other language, so there is one a
//! commit and one a page of an exchange; both are called on the thread that worked, which waits for them. What a
//! listener throws changes nothing.

use std::sync::Arc;

use gridbook_core::workbook::{Changed, Listener};

use crate::call::tell;
use crate::mirror::{RecordsChanged, SyncProgress};

/// Hears of every committed change. Hand it on and return: the writer waits, and must not be called from here.
#[uniffi::export(foreign)]
pub trait ChangeListener: Send + Sync {
    /// An edit was committed.
    fn records_changed(&self, change: RecordsChanged);
}

/// Hears how far the exchange is that it was handed to.
#[uniffi::export(foreign)]
pub trait SyncListener: Send + Sync {
    /// Its turn has come, or a page was taken in.
    fn progressed(&self, progress: SyncProgress);
}

/// A foreign listener in the core's terms.
pub(crate) struct Forwarded(pub(crate) Arc<dyn ChangeListener>);

impl Listener for Forwarded {
    fn changed(&self, changed: &Changed) {
        tell(|| self.0.records_changed(changed.into()));
    }
}
