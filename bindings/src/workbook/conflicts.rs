//! Fields that hold two values, choosing one, and a record's history.

use super::WorkbookHandle;
use crate::call::Crossing;
use crate::mirror::{AnyRecord, FieldValue, HistoryStep, OpenConflict, RecordId};

#[uniffi::export]
impl WorkbookHandle {
    /// All open conflicts on this phone.
    pub fn conflicts(&self) -> Crossing<Vec<OpenConflict>> {
        self.with(|workbook| Ok(workbook.conflicts()?.into_iter().map(Into::into).collect()))
    }

    /// The open conflicts of one record.
    pub fn conflicts_in(&self, id: RecordId) -> Crossing<Vec<OpenConflict>> {
        self.with(|workbook| Ok(workbook.conflicts_in(id)?.into_iter().map(Into::into).collect()))
    }

    /// Chooses a field's value: the conflict is closed on every phone that hears of it.
    pub fn choose(&self, id: RecordId, field: String, value: FieldValue) -> Crossing<AnyRecord> {
        self.with(|workbook| workbook.choose(id, &field, value))
    }

    /// A record's history field by field: who, when, from, to.
    pub fn history(&self, id: RecordId) -> Crossing<Vec<HistoryStep>> {
        self.with(|workbook| workbook.history(id))
    }
}
