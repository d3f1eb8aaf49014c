//! One exchange at a time: two at once would send the same changes twice and move the same places in the log under each
//! other. Another one waits, and then finds what the first one left.

use std::sync::Arc;

use tokio::sync::OwnedMutexGuard;

use super::{Enrolment, Progress, SyncReport, Workbook};
use crate::error::Result;
use crate::sync::protocol::SyncProtocol;

/// The turn of one exchange. The next one begins when it is dropped.
#[derive(Debug)]
pub struct Turn {
    workbook: Workbook,
    _held: OwnedMutexGuard<()>,
}

impl Workbook {
    /// Waits for the exchange's turn. It is begun now: [`Workbook::cancel_sync`] stops it from here on, also while it
    /// waits. A caller that hears of progress hears of its own exchange alone.
    ///
    /// # Errors
    /// [`crate::Error::Cancelled`].
    pub fn turn(&self) -> impl Future<Output = Result<Turn>> + Send + use<> {
        let workbook = self.clone();
        let begun = workbook.shared.cancel.now();
        async move {
            let next = Arc::clone(&workbook.shared.exchanging).lock_owned();
            let held = workbook.shared.cancel.since(begun, async { Ok(next.await) }).await?;
            workbook.shared.cancel.turn_of(begun);
            Ok(Turn { workbook, _held: held })
        }
    }
}

impl Turn {
    /// How far the exchange is before its first page.
    ///
    /// # Errors
    /// The store's failure.
    pub fn begun(&self) -> Result<Progress> {
        self.workbook.progress(&SyncReport::default(), 0)
    }

    /// [`Workbook::complete`], within this turn.
    ///
    /// # Errors
    /// As there.
    pub async fn complete<P: SyncProtocol>(&self, protocol: &P) -> Result<Enrolment> {
        self.workbook.shared.cancel.guard(self.workbook.complete_in_turn(protocol)).await
    }

    /// [`Workbook::sync`], within this turn.
    ///
    /// # Errors
    /// As there.
    pub async fn sync<P: SyncProtocol>(
        &self,
        protocol: &P,
        progress: impl FnMut(Progress),
    ) -> Result<SyncReport> {
        self.workbook.sync_in_turn(protocol, progress).await
    }
}
