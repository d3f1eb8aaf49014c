//! The one long-lived object of an app: an open workbook. Its methods are grouped by noun, a file each; the
//! language layers show them as `workbook.visits`, `workbook.checklists` and so on.
//!
//! Every call blocks until it is done, and a save until the record survives a power cut. Calls may come from any
//! thread, several at once.

mod checklists;
mod conflicts;
mod diary;
mod drafts;
mod enrolment;
mod households;
mod outreach;
mod people;
mod records;
mod reviews;
mod sync;
mod visits;

pub use enrolment::read_invitation;
pub use sync::ExchangeHandle;

use std::path::Path;
use std::sync::Arc;

use gridbook_core::Result;
use gridbook_core::clock::Surroundings;
use gridbook_core::workbook::{Key, OpenOptions, Opened, Workbook};

use crate::call::{Crossing, call};
use crate::error::GridbookError;
use crate::listener::{ChangeListener, Forwarded};
use crate::mirror::SalvageReport;

/// An open workbook: what one phone holds. It closes when the last reference to it is gone.
#[derive(Debug, uniffi::Object)]
pub struct WorkbookHandle {
    workbook: Workbook,
    salvage: Option<SalvageReport>,
}

#[uniffi::export]
impl WorkbookHandle {
    /// Opens the workbook in the file `path` with a raw key of 32 bytes, making a new one if there is none. An app
    /// opens through a [`crate::GuardHandle`] instead, which keeps the key. `install_nonce` is 16 random bytes that
    /// are kept where backups do not reach: with another one than last time the database was restored or cloned.
    #[uniffi::constructor]
    pub fn open(path: String, key: Vec<u8>, install_nonce: Option<Vec<u8>>) -> Crossing<Arc<Self>> {
        call(|| {
            let key = exactly(&key).ok_or_else(|| GridbookError::unexpected("key"))?;
            let nonce =
                install_nonce.map(|nonce| exactly(&nonce).ok_or_else(|| GridbookError::unexpected("nonce")));
            let options = OpenOptions {
                path: Path::new(&path),
                key: &Key::new(key),
                install_nonce: nonce.transpose()?,
                surroundings: Surroundings::system(),
            };
            Ok::<_, GridbookError>(Self::of(Workbook::open(options)?))
        })
    }

    /// Set if the database was damaged when it was opened: where it was moved, and how much was saved.
    pub fn salvage(&self) -> Crossing<Option<SalvageReport>> {
        self.with(|_| Ok(self.salvage.clone()))
    }

    /// Hears of every committed change from now on, until the workbook closes.
    pub fn listen(&self, listener: Arc<dyn ChangeListener>) -> Crossing<()> {
        self.with(|workbook| {
            workbook.listen(Arc::new(Forwarded(listener)));
            Ok(())
        })
    }
}

impl WorkbookHandle {
    /// The object of what the core opened.
    pub(crate) fn of(opened: Opened) -> Arc<Self> {
        let Opened { workbook, salvage } = opened;
        Arc::new(Self { workbook, salvage: salvage.map(Into::into) })
    }

    /// Runs `work` on the core's workbook.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&Workbook) -> Result<T>) -> Crossing<T> {
        call(|| work(&self.workbook))
    }
}

fn exactly<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.try_into().ok()
}

/// A page's length: what a screen may ask for at once.
fn most(asked: u32) -> usize {
    usize::try_from(asked).unwrap_or(usize::MAX).max(1)
}
