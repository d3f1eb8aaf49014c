//! The guard before a workbook: key, PIN, lease. What opens a phone is here, what is on it in [`crate::workbook`].

use std::path::Path;
use std::sync::Arc;

use gridbook_core::clock::Surroundings;
use gridbook_core::sync::http::HttpServer;
use gridbook_core::vault::{FolderVault, KeyVault as CoreVault};
use gridbook_core::workbook::Guard;
use gridbook_core::{Error, Result};

use crate::call::{Crossing, call};
use crate::exchange::elsewhere;
use crate::key_vault::{HardwareKey, KeyVault, Platform};
use crate::mirror::GuardStatus;
use crate::workbook::WorkbookHandle;

/// Stands before one workbook. Its calls block: the vault and the disk are behind them.
#[derive(Debug, uniffi::Object)]
pub struct GuardHandle(Arc<Guard>);

#[uniffi::export]
impl GuardHandle {
    /// The guard of the workbook in the file `path`, whose secrets are in the platform's `vault`. With a `key` in hardware
    /// the device signs with that; without one with a key that the vault keeps.
    #[uniffi::constructor]
    pub fn new(
        path: String,
        vault: Arc<dyn KeyVault>,
        key: Option<Arc<dyn HardwareKey>>,
    ) -> Crossing<Arc<Self>> {
        call(|| guard(&path, Arc::new(Platform { vault, key })))
    }

    /// The guard of a workbook whose secrets lie in plain files of a folder, readable to their owner alone: for
    /// tests and for machines without a key store, never for a phone.
    #[uniffi::constructor]
    pub fn in_folder(path: String, vault_folder: String) -> Crossing<Arc<Self>> {
        call(|| guard(&path, Arc::new(FolderVault::at(Path::new(&vault_folder))?)))
    }

    /// How the phone stands now.
    pub fn status(&self) -> Crossing<GuardStatus> {
        call(|| self.0.status().map(Into::into))
    }

    /// Opens the workbook, making a new one on a new phone. With a PIN it takes as long as its check, some tens of
    /// milliseconds.
    pub fn open(&self, pin: Option<String>) -> Crossing<Arc<WorkbookHandle>> {
        call(|| self.0.open(pin.as_deref()).map(WorkbookHandle::of))
    }

    /// Sets a PIN of 6 to 12 digits, or with none takes it away; the workbook must be open.
    pub fn set_pin(&self, pin: Option<String>) -> Crossing<()> {
        call(|| self.0.set_pin(pin.as_deref()))
    }

    /// Makes a wiped phone new again, for another invitation. What was there is gone already.
    pub fn begin_anew(&self) -> Crossing<()> {
        call(|| self.0.begin_anew())
    }

    /// Asks the server for the key of a locked phone; a phone that is not locked stays as it is.
    pub async fn unlock(&self, pin: Option<String>) -> Crossing<()> {
        elsewhere(|| {
            let guard = Arc::clone(&self.0);
            async move { Ok(unlock(&guard, pin.as_deref()).await?) }
        })
        .await
    }
}

async fn unlock(guard: &Arc<Guard>, pin: Option<&str>) -> Result<()> {
    let status = guard.status()?;
    if status.wiped {
        return Err(Error::Wiped);
    }
    if status.lock.is_none() {
        return Ok(());
    }
    let desk = guard.desk().ok_or(Error::NotEnrolled)?;
    let device = Some((desk.device, guard.signer()?));
    let server = HttpServer::new(desk.address, device, Surroundings::system())?;
    guard.unlock(&server, pin).await
}

fn guard(path: &str, vault: Arc<dyn CoreVault>) -> Result<Arc<GuardHandle>> {
    let guard = Guard::new(Path::new(path), vault, Surroundings::system())?;
    Ok(Arc::new(GuardHandle(guard)))
}
