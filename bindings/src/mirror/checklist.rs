//! 清单: checklists and the templates they are made from.

use std::collections::{BTreeMap, HashMap};

use gridbook_core::Error;
use gridbook_core::clock::Day;
use gridbook_core::model::Record;
pub use gridbook_core::model::{Checklist, Item, Recurrence, Template, TemplateItem};
use gridbook_core::workbook::New;
pub use gridbook_core::workbook::OpenItem;

use crate::call::{Crossing, call};

use super::{Header, Instant, PersonId, RecordId, ScopeId, Standing, Tags, Version};

/// One thing to do.
pub type ChecklistItem = Item;
/// Items by id.
pub type ItemMap = BTreeMap<String, Item>;
/// A template's items by id.
pub type TemplateItemMap = BTreeMap<String, TemplateItem>;
/// Item id → the ids of the people who are asked to do it.
pub type AssigneeMap = BTreeMap<String, Tags>;
/// Item id → person id → when they ticked it.
pub type TickMap = BTreeMap<String, BTreeMap<PersonId, Instant>>;
/// A checklist with its header and how far it has travelled.
pub type ChecklistRecord = Record<Checklist>;
/// A checklist about to be saved.
pub type NewChecklist = New<Checklist>;
/// A template with its header and how far it has travelled.
pub type TemplateRecord = Record<Template>;
/// A template about to be saved.
pub type NewTemplate = New<Template>;

uniffi::custom_type!(
    /// Items by id.
    ItemMap, HashMap<String, Item>, { remote, lower: |map| map.into_iter().collect(), try_lift: |map| Ok(map.into_iter().collect()) }
);
uniffi::custom_type!(
    /// A template's items by id.
    TemplateItemMap, HashMap<String, TemplateItem>, { remote, lower: |map| map.into_iter().collect(), try_lift: |map| Ok(map.into_iter().collect()) }
);
uniffi::custom_type!(
    /// Item id → the ids of the people who are asked to do it.
    AssigneeMap, HashMap<String, Tags>, { remote, lower: |map| map.into_iter().collect(), try_lift: |map| Ok(map.into_iter().collect()) }
);
uniffi::custom_type!(
    /// Item id → person id → when they ticked it.
    TickMap, HashMap<String, HashMap<PersonId, Instant>>, {
        remote,
        lower: |map| map.into_iter().map(|(item, ticks)| (item, ticks.into_iter().collect())).collect(),
        try_lift: |map| Ok(map.into_iter().map(|(item, ticks)| (item, ticks.into_iter().collect())).collect()),
    }
);

/// One thing to do.
#[uniffi::remote(Record)]
pub struct ChecklistItem {
    /// What to do.
    pub title: String,
    /// By when.
    #[uniffi(default = None)]
    pub due: Option<Day>,
    /// How many people must tick it; 0 and 1 both mean one.
    #[uniffi(default = 0)]
    pub people: u32,
    /// Where it stands in the list.
    #[uniffi(default = 0)]
    pub position: u32,
    /// Taken off the list; its ticks stay in the history.
    #[uniffi(default = false)]
    pub removed: bool,
}

/// A checklist of one task group for one period. [`checklist_progress`] says how far it is.
#[uniffi::remote(Record)]
pub struct Checklist {
    /// What screens call it.
    pub title: String,
    /// The task group whose list it is.
    pub group: ScopeId,
    /// First day of the period.
    #[uniffi(default = None)]
    pub starts: Option<Day>,
    /// Last day of the period.
    #[uniffi(default = None)]
    pub ends: Option<Day>,
    /// The template it was made from.
    #[uniffi(default = None)]
    pub template: Option<RecordId>,
    /// The items by id: letters, digits and dashes.
    #[uniffi(default)]
    pub items: ItemMap,
    /// Who is asked to do an item; an item that is not in it is everybody's of the group.
    #[uniffi(default)]
    pub assignees: AssigneeMap,
    /// Who ticked an item and when. `tick` and `untick` write it; [`checklist_progress`] reads it in order.
    #[uniffi(default)]
    pub ticks: TickMap,
}

record! {
    /// A checklist with its header and how far it has travelled.
    ChecklistRecord of Checklist
}

new_record! {
    /// A checklist about to be saved.
    NewChecklist of Checklist
    /// A checklist is saved in its group; leave it out.
    grid
    /// When it happened; by default now.
    occurred_at
}

/// How often a checklist recurs.
#[uniffi::remote(Enum)]
pub enum Recurrence {
    /// Every day.
    Daily,
    /// Every week, from Monday.
    Weekly,
    /// Every month, from the 1st.
    Monthly,
}

/// One thing to do in every period.
#[uniffi::remote(Record)]
pub struct TemplateItem {
    /// What to do.
    pub title: String,
    /// Due this many days after the period begins; 0 means by its end.
    #[uniffi(default = 0)]
    pub due_after: u32,
    /// How many people must tick it; 0 and 1 both mean one.
    #[uniffi(default = 0)]
    pub people: u32,
    /// Where it stands in the list.
    #[uniffi(default = 0)]
    pub position: u32,
}

/// The template of a recurring checklist.
#[uniffi::remote(Record)]
pub struct Template {
    /// The title of every checklist made from it.
    pub title: String,
    /// The task group whose list it is.
    pub group: ScopeId,
    /// How often it recurs.
    #[uniffi(default = None)]
    pub recurs: Option<Recurrence>,
    /// The items by id: letters, digits and dashes.
    #[uniffi(default)]
    pub items: TemplateItemMap,
    /// Who is asked to do an item in every period; an item that is not in it is everybody's of the group.
    #[uniffi(default)]
    pub assignees: AssigneeMap,
    /// No new periods are made while it is paused.
    #[uniffi(default = false)]
    pub paused: bool,
}

record! {
    /// A template with its header and how far it has travelled.
    TemplateRecord of Template
}

new_record! {
    /// A template about to be saved.
    NewTemplate of Template
    /// A template is saved in its group; leave it out.
    grid
    /// When it happened; by default now.
    occurred_at
}

/// Who ticked an item and when.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct ItemTick {
    /// Who.
    pub person: PersonId,
    /// When, by their clock.
    pub at: Instant,
}

/// How far one item is.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct ItemProgress {
    /// The item's id.
    pub id: String,
    /// The item.
    pub item: ChecklistItem,
    /// How many people must tick it, at least one.
    pub needed: u32,
    /// Who ticked it, earliest claim first.
    pub ticks: Vec<ItemTick>,
    /// True once as many people ticked it as it asks for.
    pub done: bool,
}

/// The items of a checklist in order with their ticks, removed ones left out.
#[uniffi::export]
pub fn checklist_progress(checklist: Checklist) -> Crossing<Vec<ItemProgress>> {
    call(|| {
        let tick = |(person, at): &(&PersonId, Instant)| ItemTick { person: (*person).clone(), at: *at };
        let progress = checklist.progress().into_iter().map(
            |gridbook_core::model::ItemProgress { id, item, needed, ticks, done }| ItemProgress {
                id: id.to_owned(),
                item: item.clone(),
                needed,
                ticks: ticks.iter().map(tick).collect(),
                done,
            },
        );
        Ok::<_, Error>(progress.collect())
    })
}

/// An item of a running checklist that waits for this person.
#[uniffi::remote(Record)]
pub struct OpenItem {
    /// The checklist: what `tick` wants first.
    pub checklist: RecordId,
    /// Its title.
    pub list_title: String,
    /// The item's id.
    pub item: String,
    /// What to do.
    pub title: String,
    /// By when: the item's own day, or the last one of the list's period.
    pub by: Option<Day>,
    /// That day has passed.
    pub overdue: bool,
}
