//! What was handed over to and from this phone's scopes, for the screen that tells it.

use super::Workbook;
use crate::error::Result;
use crate::store::HandOverRow;

impl Workbook {
    /// What was handed over to or from this phone's scopes, latest first: words for the reason are under
    /// `hand_over`. Drafts about what has left stay in [`Workbook::drafts`], to be read.
    ///
    /// # Errors
    /// The store's failure.
    pub fn hand_overs(&self) -> Result<Vec<HandOverRow>> {
        self.read(|reader| reader.hand_overs())
    }
}
