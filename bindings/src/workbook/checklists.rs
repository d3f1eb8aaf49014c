//! 清单: the task groups' shared checklists and their templates.

use gridbook_core::clock::Day;

use super::{WorkbookHandle, most};
use crate::call::Crossing;
use crate::mirror::{
    ChecklistPage, ChecklistRecord, Cursor, Filter, NewChecklist, NewTemplate, OpenItem, PersonId, RecordId,
    ScopeId, TemplatePage, TemplateRecord,
};

#[uniffi::export]
impl WorkbookHandle {
    /// Saves a new checklist for its task group.
    pub fn save_checklist(&self, new: NewChecklist) -> Crossing<ChecklistRecord> {
        self.with(|workbook| workbook.checklists().save(new))
    }

    /// Saves an edited checklist: only what changed since `version` is written.
    pub fn edit_checklist(&self, record: ChecklistRecord) -> Crossing<ChecklistRecord> {
        self.with(|workbook| workbook.edit(&record))
    }

    /// One checklist, as on its own page.
    pub fn checklist(&self, id: RecordId) -> Crossing<ChecklistRecord> {
        self.with(|workbook| workbook.get(id))
    }

    /// At most `most_items` checklists, newest period first.
    pub fn checklists(
        &self,
        filter: Filter,
        after: Option<Cursor>,
        most_items: u32,
    ) -> Crossing<ChecklistPage> {
        self.with(|workbook| workbook.checklists().list(&filter, after.as_ref(), most(most_items)))
    }

    /// Saves a new template for its task group.
    pub fn save_template(&self, new: NewTemplate) -> Crossing<TemplateRecord> {
        self.with(|workbook| workbook.checklists().save_template(new))
    }

    /// Saves an edited template: only what changed since `version` is written.
    pub fn edit_template(&self, record: TemplateRecord) -> Crossing<TemplateRecord> {
        self.with(|workbook| workbook.edit(&record))
    }

    /// At most `most_items` templates.
    pub fn templates(
        &self,
        filter: Filter,
        after: Option<Cursor>,
        most_items: u32,
    ) -> Crossing<TemplatePage> {
        self.with(|workbook| workbook.list(&filter, after.as_ref(), most(most_items)))
    }

    /// Makes the checklists of the period that holds `day` from the templates, where they are missing, and returns
    /// the new ones. Two phones that do this offline make the same records.
    pub fn begin_period(&self, day: Day) -> Crossing<Vec<RecordId>> {
        self.with(|workbook| workbook.checklists().begin_period(day))
    }

    /// The items that wait for this person on `day`, what is due first coming first.
    pub fn open_items(&self, day: Day) -> Crossing<Vec<OpenItem>> {
        self.with(|workbook| workbook.checklists().open_items(day))
    }

    /// Ticks an item in the person's own name.
    pub fn tick(&self, checklist: RecordId, item: String) -> Crossing<ChecklistRecord> {
        self.with(|workbook| workbook.checklists().tick(checklist, &item))
    }

    /// Takes a person's tick back; by default the own one.
    pub fn untick(
        &self,
        checklist: RecordId,
        item: String,
        person: Option<PersonId>,
    ) -> Crossing<ChecklistRecord> {
        self.with(|workbook| workbook.checklists().untick(checklist, &item, person.as_ref()))
    }

    /// The task groups whose checklists the person reads.
    pub fn groups(&self) -> Crossing<Vec<ScopeId>> {
        self.with(|workbook| Ok(workbook.checklists().groups()))
    }
}
