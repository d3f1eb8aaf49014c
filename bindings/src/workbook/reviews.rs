//! 阅评: leads' marks and notes.

use super::WorkbookHandle;
use crate::call::Crossing;
use crate::mirror::{Mark, RecordId, ReviewRecord};

#[uniffi::export]
impl WorkbookHandle {
    /// Marks the present version of a record, as a lead.
    pub fn mark(&self, subject: RecordId, mark: Mark, note: String) -> Crossing<ReviewRecord> {
        self.with(|workbook| workbook.reviews().mark(subject, mark, &note))
    }

    /// All reviews of a record, latest first.
    pub fn reviews_of(&self, subject: RecordId) -> Crossing<Vec<ReviewRecord>> {
        self.with(|workbook| workbook.reviews().of(subject))
    }
}
