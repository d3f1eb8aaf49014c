//! The home folder of one phone: `workbook.db` (encrypted), and in `vault` what opens it.
//!
//! `vault` stands in for a phone's key store: a terminal has none, so the secrets lie in files that only their
//! owner may read (mode 0600). A real phone wraps them with the platform's key store instead. `vault/install` is
//! the nonce that backups of a phone leave out; copy a home folder without it and the core notices the clone.

use std::path::Path;
use std::sync::Arc;

use gridbook_core::clock::Surroundings;
use gridbook_core::vault::FolderVault;
use gridbook_core::workbook::Guard;

use crate::failure::Failure;

/// The guard of the phone in `folder`, which is made if there is none.
pub(crate) fn guard(folder: &Path) -> Result<Arc<Guard>, Failure> {
    let vault = Arc::new(FolderVault::at(&folder.join("vault"))?);
    Ok(Guard::new(&folder.join("workbook.db"), vault, Surroundings::system())?)
}
