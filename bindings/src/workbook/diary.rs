//! 日记: entries, the day's page, and summaries.

use gridbook_core::clock::Day;

use super::{WorkbookHandle, most};
use crate::call::Crossing;
use crate::mirror::{
    Cursor, DayPage, DiaryPage, DiaryRecord, Filter, Instant, NewDiaryEntry, PersonId, RecordId, Summary,
};

#[uniffi::export]
impl WorkbookHandle {
    /// Saves a new entry; without a date it belongs to today.
    pub fn save_entry(&self, new: NewDiaryEntry) -> Crossing<DiaryRecord> {
        self.with(|workbook| workbook.diary().save(new))
    }

    /// Saves an edited entry: only what changed since `version` is written.
    pub fn edit_entry(&self, record: DiaryRecord) -> Crossing<DiaryRecord> {
        self.with(|workbook| workbook.edit(&record))
    }

    /// One entry, as on its own page.
    pub fn entry(&self, id: RecordId) -> Crossing<DiaryRecord> {
        self.with(|workbook| workbook.get(id))
    }

    /// At most `most_items` entries, newest day first, numbers masked.
    pub fn entries(&self, filter: Filter, after: Option<Cursor>, most_items: u32) -> Crossing<DiaryPage> {
        self.with(|workbook| workbook.list(&filter, after.as_ref(), most(most_items)))
    }

    /// The page of `day`: the person's own, or a colleague's.
    pub fn day_page(&self, day: Day, person: Option<PersonId>) -> Crossing<DayPage> {
        self.with(|workbook| workbook.diary().page(day, person.as_ref()).map(Into::into))
    }

    /// What was done from `from` to `to`, of everything on this phone.
    pub fn summary(&self, from: Day, to: Day) -> Crossing<Summary> {
        self.with(|workbook| workbook.summary(from, to))
    }

    /// Today in the community's zone, by this phone's clock.
    pub fn today(&self) -> Crossing<Day> {
        self.with(|workbook| Ok(workbook.today()))
    }

    /// The day on which `at` falls in the community's zone.
    pub fn day_of(&self, at: Instant) -> Crossing<Day> {
        self.with(|workbook| Ok(workbook.zone().day(at)))
    }

    /// When `day` begins in the community's zone.
    pub fn start_of(&self, day: Day) -> Crossing<Instant> {
        self.with(|workbook| Ok(workbook.zone().start_of(day)))
    }
}
