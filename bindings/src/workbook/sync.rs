//! Exchanging with the server, and how the phone stands towards it. One exchange has its turn at a time; another waits.

use std::sync::Arc;

use gridbook_core::clock::Surroundings;
use gridbook_core::sync::http::{HttpServer, Patience, Patient};
use gridbook_core::workbook::{Turn, Workbook};
use gridbook_core::{Error, Result};
use tokio::sync::watch;

use super::WorkbookHandle;
use crate::call::{Crossing, call, tell};
use crate::error::GridbookError;
use crate::exchange::elsewhere;
use crate::listener::SyncListener;
use crate::mirror::{PhoneStatus, SyncReport};

#[uniffi::export]
impl WorkbookHandle {
    /// Sends everything that has no receipt and takes in everything that is new, page by page; a phone that began
    /// on an invitation trades it first. Calls are repeated for some seconds while the server cannot be reached.
    /// Another exchange of this workbook is waited for. It may be dropped or cancelled at any time: what was
    /// committed is kept, and the next one goes on from there. `listener` hears of this exchange alone: once when its
    /// turn has come, and of every page.
    pub async fn sync(&self, listener: Option<Arc<dyn SyncListener>>) -> Crossing<SyncReport> {
        elsewhere(|| {
            let (workbook, turn) = (self.workbook.clone(), self.workbook.turn());
            async move { Ok(exchange(&workbook, turn.await?, listener).await?) }
        })
        .await
    }

    /// An exchange that is not begun yet, for a language whose cancelled tasks go on waiting here: it is stopped by
    /// itself, without the others.
    pub fn exchange(&self) -> Crossing<Arc<ExchangeHandle>> {
        self.with(|workbook| {
            Ok(Arc::new(ExchangeHandle { workbook: workbook.clone(), stopped: watch::Sender::new(false) }))
        })
    }

    /// Stops the exchange that is under way and those that wait for their turn, which then fail with `Cancelled`; what
    /// was committed is kept.
    pub fn cancel_sync(&self) -> Crossing<()> {
        self.with(|workbook| {
            workbook.cancel_sync();
            Ok(())
        })
    }

    /// How the phone stands towards its server.
    pub fn status(&self) -> Crossing<PhoneStatus> {
        self.with(|workbook| workbook.status().map(Into::into))
    }
}

/// One exchange, to be run once.
#[derive(Debug, uniffi::Object)]
pub struct ExchangeHandle {
    workbook: Workbook,
    stopped: watch::Sender<bool>,
}

#[uniffi::export]
impl ExchangeHandle {
    /// As [`WorkbookHandle::sync`].
    pub async fn run(&self, listener: Option<Arc<dyn SyncListener>>) -> Crossing<SyncReport> {
        elsewhere(|| {
            let (workbook, turn) = (self.workbook.clone(), self.workbook.turn());
            let mut stopped = self.stopped.subscribe();
            async move {
                tokio::select! {
                    biased;
                    _ = stopped.wait_for(|stopped| *stopped) => Err(GridbookError::Cancelled),
                    report = async { exchange(&workbook, turn.await?, listener).await } => Ok(report?),
                }
            }
        })
        .await
    }

    /// Stops this exchange alone, which fails with `Cancelled`: also one that waits for its turn, or was not run yet.
    pub fn cancel(&self) -> Crossing<()> {
        call(|| {
            self.stopped.send_replace(true);
            Ok::<_, GridbookError>(())
        })
    }
}

async fn exchange(
    workbook: &Workbook,
    turn: Turn,
    listener: Option<Arc<dyn SyncListener>>,
) -> Result<SyncReport> {
    let hear = |progress| {
        if let Some(listener) = &listener {
            tell(|| listener.progressed(progress));
        }
    };
    hear(turn.begun()?);
    if let Some(joining) = workbook.joining() {
        let desk = HttpServer::new(joining.address, None, Surroundings::system())?;
        turn.complete(&desk).await?;
    }
    let enrolment = workbook.enrolment().ok_or(Error::NotEnrolled)?;
    let device = Some((enrolment.device, workbook.signer()));
    let server = HttpServer::new(enrolment.address, device, Surroundings::system())?;
    let server = Patient::new(server, Patience::default(), Surroundings::system());
    turn.sync(&server, hear).await
}
