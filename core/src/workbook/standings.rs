//! Records by how far they have travelled: what only this phone has, and what the server did not take.

use super::Workbook;
use crate::error::Result;
use crate::model::Record;

impl Workbook {
    /// At most `most` records with a change of this phone that has no receipt yet (在手机), the latest written first,
    /// numbers masked.
    ///
    /// # Errors
    /// The store's failure.
    pub fn on_phone(&self, most: usize) -> Result<Vec<Record>> {
        let records = self.read(|reader| reader.unsent_records(most))?;
        Ok(records.into_iter().map(Record::masked).collect())
    }

    /// Records with a change that the server refused, latest arrived first, numbers masked; [`Workbook::refusals`]
    /// says why.
    ///
    /// # Errors
    /// The store's failure.
    pub fn refused(&self) -> Result<Vec<Record>> {
        let records = self.read(|reader| reader.refused())?;
        Ok(records.into_iter().map(Record::masked).collect())
    }
}
