//! 户: households, those that are due, and importing them.

use gridbook_core::clock::Day;

use super::{WorkbookHandle, most};
use crate::call::Crossing;
use crate::mirror::{
    DueWalk, Dwelling, HouseholdRecord, HouseholdWalk, ImportReport, NewHousehold, RecordId, ScopeId,
    VisitPage,
};

#[uniffi::export]
impl WorkbookHandle {
    /// Saves a new household.
    pub fn save_household(&self, new: NewHousehold) -> Crossing<HouseholdRecord> {
        self.with(|workbook| workbook.households().save(new))
    }

    /// Saves an edited household: only what changed since `version` is written.
    pub fn edit_household(&self, record: HouseholdRecord) -> Crossing<HouseholdRecord> {
        self.with(|workbook| workbook.edit(&record))
    }

    /// One household, as on its own page.
    pub fn household(&self, id: RecordId) -> Crossing<HouseholdRecord> {
        self.with(|workbook| workbook.get(id))
    }

    /// At most `most_items` households in walking order, numbers masked, after the place where the last part ended.
    pub fn households(&self, after: Option<String>, most_items: u32) -> Crossing<HouseholdWalk> {
        self.with(|workbook| {
            let (items, next) = workbook.households().walk(after.as_deref(), most(most_items))?;
            Ok(HouseholdWalk { items, next })
        })
    }

    /// At most `most_items` households that are due on `day`, in walking order, after the place where the last part
    /// ended.
    pub fn due_households(&self, day: Day, after: Option<String>, most_items: u32) -> Crossing<DueWalk> {
        self.with(|workbook| {
            let (items, next) = workbook.households().due(day, after.as_deref(), most(most_items))?;
            Ok(DueWalk { items, next })
        })
    }

    /// Every household at a dwelling: two phones may each have added one while offline.
    pub fn households_at(&self, dwelling: Dwelling) -> Crossing<Vec<HouseholdRecord>> {
        self.with(|workbook| workbook.households().all_at(&dwelling))
    }

    /// The household that a person names by its dwelling, its id or the end of its id.
    pub fn find_household(&self, text: String) -> Crossing<HouseholdRecord> {
        self.with(|workbook| workbook.households().resolve(&text))
    }

    /// The latest `most_items` visits to a household.
    pub fn visits_to(&self, household: RecordId, most_items: u32) -> Crossing<VisitPage> {
        self.with(|workbook| workbook.households().visits(household, most(most_items)))
    }

    /// Imports a roster from CSV or XLSX: every line, or none and a problem for each line that is wrong.
    pub fn import_households(
        &self,
        file_name: String,
        bytes: Vec<u8>,
        grid: Option<ScopeId>,
    ) -> Crossing<ImportReport> {
        self.with(|workbook| workbook.households().import(&file_name, &bytes, grid).map(Into::into))
    }
}
