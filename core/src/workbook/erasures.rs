//! What was erased from this phone for good, and making sure that no byte of it is left.

use super::Workbook;
use crate::error::Result;
use crate::store::ErasureRow;

impl Workbook {
    /// What was erased for good, latest first: words for the reason are under `erased`. Where changes of this
    /// phone went with a record, the person must be told.
    ///
    /// # Errors
    /// The store's failure.
    pub fn erasures(&self) -> Result<Vec<ErasureRow>> {
        self.read(|reader| reader.erasures())
    }

    /// Overwrites what was erased. A failure, such as a full disk, is tried again after the next erasure and
    /// at the next start: the erasure itself is done.
    pub(super) fn scrub(&self) {
        if let Err(error) = self.shared.store.scrub() {
            tracing::warn!(%error, "erased bytes could not be overwritten yet");
        }
    }
}
