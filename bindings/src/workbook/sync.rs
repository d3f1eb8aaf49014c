//! Exchanging with the server, and how the phone stands towards it.

use std::sync::Arc;

use gridbook_core::clock::Surroundings;
use gridbook_core::sync::http::{HttpServer, Patience, Patient};
use gridbook_core::workbook::Workbook;
use gridbook_core::{Error, Result};

use super::WorkbookHandle;
use crate::call::{Crossing, tell};
use crate::error::GridbookError;
use crate::exchange::elsewhere;
use crate::listener::SyncListener;
use crate::mirror::{PhoneStatus, SyncReport};

#[uniffi::export]
impl WorkbookHandle {
    /// Sends everything that has no receipt and takes in everything that is new, page by page; a phone that began
    /// on an invitation trades it first. Calls are repeated for some seconds while the server cannot be reached.
    /// Another exchange of this workbook is waited for. It may be dropped or cancelled at any time: what was
    /// committed is kept, and the next one goes on from there. `listener` hears of every page.
    pub async fn sync(&self, listener: Option<Arc<dyn SyncListener>>) -> Crossing<SyncReport> {
        elsewhere(|| {
            let mut cancelled = self.cancelled.subscribe();
            let (workbook, exchanging) = (self.workbook.clone(), Arc::clone(&self.exchanging));
            async move {
                tokio::select! {
                    biased;
                    _ = cancelled.changed() => Err(GridbookError::Cancelled),
                    report = async {
                        let _turn = exchanging.lock().await;
                        exchange(&workbook, listener).await
                    } => Ok(report?),
                }
            }
        })
        .await
    }

    /// Stops every exchange that is under way, which then fails with `Cancelled`; what was committed is kept.
    pub fn cancel_sync(&self) -> Crossing<()> {
        self.with(|_| {
            self.cancelled.send_modify(|times| *times = times.wrapping_add(1));
            Ok(())
        })
    }

    /// How the phone stands towards its server.
    pub fn status(&self) -> Crossing<PhoneStatus> {
        self.with(|workbook| workbook.status().map(Into::into))
    }
}

async fn exchange(workbook: &Workbook, listener: Option<Arc<dyn SyncListener>>) -> Result<SyncReport> {
    if let Some(joining) = workbook.joining() {
        let desk = HttpServer::new(joining.address, None, Surroundings::system())?;
        workbook.complete(&desk).await?;
    }
    let enrolment = workbook.enrolment().ok_or(Error::NotEnrolled)?;
    let device = Some((enrolment.device, workbook.device_secret()));
    let server = HttpServer::new(enrolment.address, device, Surroundings::system())?;
    let server = Patient::new(server, Patience::default(), Surroundings::system());
    workbook
        .sync(&server, |progress| {
            if let Some(listener) = &listener {
                tell(|| listener.progressed(progress));
            }
        })
        .await
}
