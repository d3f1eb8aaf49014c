//! 清单: a task group's shared list for one period, ticked by many at once.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::content::{content, require, require_short_title};
use super::{Kind, Rule, Tags};
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

impl Item {
    /// How many people must tick it, at least one.
    #[must_use]
    pub fn needed(&self) -> u32 {
        self.people.max(1)
    }
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
        require(!self.title.trim().is_empty(), Kind::Checklist, "title", Rule::TitleMissing)?;
        require(!self.group.as_str().is_empty(), Kind::Checklist, "group", Rule::GroupMissing)?;
        require_short_title(&self.title, Kind::Checklist, "title")?;
        if let (Some(starts), Some(ends)) = (self.starts, self.ends) {
            require(starts <= ends, Kind::Checklist, "ends", Rule::BeforeStart)?;
        }
        for (id, item) in &self.items {
            check_item(Kind::Checklist, id, &item.title)?;
        }
        Ok(())
    }

    fn own_day(&self) -> Option<Day> {
        self.starts
    }

    fn written(&self) -> Vec<&str> {
        let mut parts = vec![self.title.as_str()];
        parts.extend(self.items.values().filter(|item| !item.removed).map(|item| item.title.as_str()));
        parts
    }
}

/// Checks an item of a list or of a template.
pub(super) fn check_item(kind: Kind, id: &str, title: &str) -> Result<()> {
    let plain = !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    require(plain, kind, "items", Rule::ItemId)?;
    require(!title.trim().is_empty(), kind, "items", Rule::ItemTitleMissing)?;
    require_short_title(title, kind, "items")
}

/// How far one item is.
#[derive(Clone, Debug, PartialEq)]
pub struct ItemProgress<'a> {
    /// The item's id.
    pub id: &'a str,
    /// The item.
    pub item: &'a Item,
    /// How many people must tick it, at least one.
    pub needed: u32,
    /// Who ticked it and when, earliest claim first.
    pub ticks: Vec<(&'a PersonId, Instant)>,
    /// True once as many people ticked it as it asks for.
    pub done: bool,
}

/// The most days for which a list stays in view after its period: as long as a month's list lasts.
pub const MISSED_DAYS: i64 = 31;

impl Checklist {
    /// True if the list's period holds `day`; a first or last day that is not named is far away.
    #[must_use]
    pub fn runs(&self, day: Day) -> bool {
        self.starts.is_none_or(|starts| starts <= day) && self.ends.is_none_or(|ends| ends >= day)
    }

    /// True if what the list asks for is shown on `day`: while it runs, and once more as long as it ran, at most
    /// [`MISSED_DAYS`], because what was missed is to be made up for and not to be forgotten overnight. Of a daily list
    /// that is the next day, of a weekly one the next week.
    #[must_use]
    pub fn is_in_view(&self, day: Day) -> bool {
        let Some(ends) = self.ends.filter(|ends| *ends < day) else { return self.runs(day) };
        let lasted = self.starts.map_or(MISSED_DAYS, |starts| ends.days_since(starts) + 1);
        day.days_since(ends) <= lasted.min(MISSED_DAYS)
    }

    /// By when an item is due: its own day, or else the last one of the period.
    #[must_use]
    pub fn due(&self, item: &Item) -> Option<Day> {
        item.due.or(self.ends)
    }

    /// True if the item should have been done before `day` and is not.
    #[must_use]
    pub fn is_overdue(&self, item: &ItemProgress<'_>, day: Day) -> bool {
        !item.done && self.due(item.item).is_some_and(|due| due < day)
    }

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
                let needed = item.needed();
                ItemProgress { id, item, needed, done: ticks.len() >= needed as usize, ticks }
            })
            .collect()
    }
}
