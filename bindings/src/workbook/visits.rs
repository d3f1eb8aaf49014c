//! 走访: visits.

use super::{WorkbookHandle, most};
use crate::call::Crossing;
use crate::mirror::{Cursor, Filter, NewOutreach, NewVisit, RecordId, VisitPage, VisitRecord};

#[uniffi::export]
impl WorkbookHandle {
    /// Saves a new visit in its household's grid. One that met nobody schedules its own retry.
    pub fn save_visit(&self, new: NewVisit) -> Crossing<VisitRecord> {
        self.with(|workbook| workbook.visits().save(new))
    }

    /// Saves an edited visit: only what changed since `version` is written.
    pub fn edit_visit(&self, record: VisitRecord) -> Crossing<VisitRecord> {
        self.with(|workbook| workbook.edit(&record))
    }

    /// One visit, as on its own page.
    pub fn visit(&self, id: RecordId) -> Crossing<VisitRecord> {
        self.with(|workbook| workbook.get(id))
    }

    /// At most `most_items` visits, newest day first, numbers masked.
    pub fn visits(&self, filter: Filter, after: Option<Cursor>, most_items: u32) -> Crossing<VisitPage> {
        self.with(|workbook| workbook.visits().list(&filter, after.as_ref(), most(most_items)))
    }

    /// A new outreach with everything that the visit knows already: one tap, nothing typed twice.
    pub fn outreach_from(&self, visit: RecordId) -> Crossing<NewOutreach> {
        self.with(|workbook| workbook.visits().outreach_from(visit))
    }
}
