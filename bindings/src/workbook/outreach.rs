//! 反诈宣传: outreach against fraud.

use super::{WorkbookHandle, most};
use crate::call::Crossing;
use crate::mirror::{Cursor, Filter, NewOutreach, OutreachPage, OutreachRecord, RecordId};

#[uniffi::export]
impl WorkbookHandle {
    /// Saves a new outreach.
    pub fn save_outreach(&self, new: NewOutreach) -> Crossing<OutreachRecord> {
        self.with(|workbook| workbook.outreach().save(new))
    }

    /// Saves an edited outreach: only what changed since `version` is written.
    pub fn edit_outreach(&self, record: OutreachRecord) -> Crossing<OutreachRecord> {
        self.with(|workbook| workbook.edit(&record))
    }

    /// One outreach, as on its own page.
    pub fn outreach(&self, id: RecordId) -> Crossing<OutreachRecord> {
        self.with(|workbook| workbook.get(id))
    }

    /// The outreach that was made from a visit, if one was and it is not withdrawn.
    pub fn outreach_of_visit(&self, visit: RecordId) -> Crossing<Option<OutreachRecord>> {
        self.with(|workbook| workbook.outreach().of_visit(visit))
    }

    /// At most `most_items` outreaches, newest day first, numbers masked.
    pub fn outreaches(
        &self,
        filter: Filter,
        after: Option<Cursor>,
        most_items: u32,
    ) -> Crossing<OutreachPage> {
        self.with(|workbook| workbook.outreach().list(&filter, after.as_ref(), most(most_items)))
    }
}
