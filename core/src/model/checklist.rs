//! 清单: a task group's shared list for one period, ticked by many at once.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::content::{content, require, require_short};
use super::{Kind, Tags};
use crate::clock::{Day, Instant};
use crate::error::Result;
use crate::id::{PersonId, RecordId, ScopeId};

/// One thing to do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Item {
    /// What to do.
    pub title: String,
    /// By when.
    pub due: Option<Day>,
    /// How many people must tick it; 0 and 1 both mean one.
    pub people: u32,
    /// Where it stands in the list.
    pub position: u32,
    /// Taken off the list; its ticks stay in the history.
    pub removed: bool,
}

content! {
    /// A checklist of one task group for one period.
    Checklist is Checklist {
        /// Its title.
        title: String = KeepBoth,
        /// The task group whose list it is.
        group: ScopeId = KeepBoth,
        /// First day of the period.
        starts: Option<Day> = KeepBoth,
        /// Last day of the period.
        ends: Option<Day> = KeepBoth,
        /// The template it was made from.
        template: Option<RecordId> = KeepBoth,
        /// The items by id.
        items: BTreeMap<String, Item> = PerEntry,
        /// Who is asked to do an item: item id → person ids.
        assignees: BTreeMap<String, Tags> = PerEntry,
        /// Who ticked an item and when: item id → person id → instant.
        ticks: BTreeMap<String, BTreeMap<PersonId, Instant>> = PerEntry,
    }

    fn check(&self) -> Result<()> {
        require(!self.title.trim().is_empty(), Kind::Checklist, "title", "give the list a title")?;
        require(!self.group.as_str().is_empty(), Kind::Checklist, "group", "choose the task group")?;
        require_short(&self.title, Kind::Checklist, "title")?;
        if let (Some(starts), Some(ends)) = (self.starts, self.ends) {
            require(starts <= ends, Kind::Checklist, "ends", "cannot be before the start")?;
        }
        for (id, item) in &self.items {
            check_item(Kind::Checklist, id, &item.title)?;
        }
        Ok(())
    }

    fn own_day(&self) -> Option<Day> {
        self.starts
    }

    fn searchable(&self) -> Vec<&str> {
        let mut parts = vec![self.title.as_str()];
        parts.extend(self.items.values().filter(|item| !item.removed).map(|item| item.title.as_str()));
        parts
    }
}

/// Checks an item of a list or of a template.
pub(super) fn check_item(kind: Kind, id: &str, title: &str) -> Result<()> {
    let plain = !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    require(plain, kind, "items", "an item's id is letters, digits and dashes")?;
    require(!title.trim().is_empty(), kind, "items", "every item needs a title")?;
    require_short(title, kind, "items")
}

/// How far one item is.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemProgress<'a> {
    /// The item's id.
    pub id: &'a str,
    /// The item.
    pub item: &'a Item,
    /// Who ticked it and when, earliest claim first.
    pub ticks: Vec<(&'a PersonId, Instant)>,
    /// True once as many people ticked it as it asks for.
    pub done: bool,
}

impl Checklist {
    /// The items in order with their ticks, removed ones left out.
    #[must_use]
    pub fn progress(&self) -> Vec<ItemProgress<'_>> {
        let mut items: Vec<_> = self.items.iter().filter(|(_, item)| !item.removed).collect();
        items.sort_by_key(|(id, item)| (item.position, id.as_str()));
        items
            .into_iter()
            .map(|(id, item)| {
                let mut ticks: Vec<_> =
                    self.ticks.get(id).into_iter().flatten().map(|(person, at)| (person, *at)).collect();
                ticks.sort_by_key(|(person, at)| (*at, (*person).clone()));
                let done = ticks.len() >= item.people.max(1) as usize;
                ItemProgress { id, item, ticks, done }
            })
            .collect()
    }
}
