//! 清单模板: what a recurring checklist is made from, the same on every phone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::checklist::check_item;
use super::content::{content, require, require_short_title};
use super::{Checklist, Item, Kind, Rule, Tags};
use crate::clock::Day;
use crate::error::Result;
use crate::id::{RecordId, ScopeId};

/// How often a checklist recurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recurrence {
    /// Every day.
    Daily,
    /// Every week, from Monday.
    Weekly,
    /// Every month, from the 1st.
    Monthly,
}

impl Recurrence {
    /// The first and the last day of the period that holds `day`.
    #[must_use]
    pub fn period(self, day: Day) -> (Day, Day) {
        match self {
            Recurrence::Daily => (day, day),
            Recurrence::Weekly => (day.week_start(), day.week_start().plus_days(6)),
            Recurrence::Monthly => {
                let first = day.month_start();
                (first, first.plus_days(31).month_start().plus_days(-1))
            }
        }
    }
}

/// The most days after which an item may be due: a month has no more that lie before its end.
pub const DUE_AFTER_LIMIT: u32 = 30;
/// The most people who may be asked to tick one item: more than a group has.
pub const PEOPLE_LIMIT: u32 = 99;

/// One thing to do in every period.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TemplateItem {
    /// What to do.
    pub title: String,
    /// Due this many days after the period begins, at most [`DUE_AFTER_LIMIT`]; 0 means by its end.
    pub due_after: u32,
    /// How many people must tick it, at most [`PEOPLE_LIMIT`]; 0 and 1 both mean one.
    pub people: u32,
    /// Where it stands in the list.
    pub position: u32,
}

impl TemplateItem {
    /// How many people must tick it, at least one.
    #[must_use]
    pub fn needed(&self) -> u32 {
        self.people.max(1)
    }
}

content! {
    /// The template of a recurring checklist.
    Template is Template {
        /// The title of every checklist made from it.
        title: String = KeepBoth,
        /// The task group whose list it is.
        group: ScopeId = KeepBoth,
        /// How often it recurs.
        recurs: Option<Recurrence> = KeepBoth,
        /// The items by id.
        items: BTreeMap<String, TemplateItem> = PerEntry,
        /// Who is asked to do an item: item id → person ids.
        assignees: BTreeMap<String, Tags> = PerEntry,
        /// No new periods are made while it is paused.
        paused: bool = KeepBoth,
    }

    fn check(&self) -> Result<()> {
        require(!self.title.trim().is_empty(), Kind::Template, "title", Rule::TitleMissing)?;
        require(!self.group.as_str().is_empty(), Kind::Template, "group", Rule::GroupMissing)?;
        require(self.recurs.is_some(), Kind::Template, "recurs", Rule::RecursMissing)?;
        require(!self.items.is_empty(), Kind::Template, "items", Rule::ItemsMissing)?;
        require_short_title(&self.title, Kind::Template, "title")?;
        self.items.iter().try_for_each(|(id, item)| {
            // What a phone makes of the template must pass as a checklist.
            check_item(Kind::Template, id, &item.title)?;
            let range = |most: u32| Rule::NumberRange { least: 0, most: i64::from(most) };
            require(item.due_after <= DUE_AFTER_LIMIT, Kind::Template, "due_after", range(DUE_AFTER_LIMIT))?;
            require(item.people <= PEOPLE_LIMIT, Kind::Template, "people", range(PEOPLE_LIMIT))
        })
    }

    fn written(&self) -> Vec<&str> {
        [&self.title].into_iter().chain(self.items.values().map(|item| &item.title)).map(String::as_str).collect()
    }
}

impl Template {
    /// The items with their ids, in the order in which lists show them.
    #[must_use]
    pub fn in_order(&self) -> Vec<(&String, &TemplateItem)> {
        let mut items: Vec<_> = self.items.iter().collect();
        items.sort_by_key(|(id, item)| (item.position, id.as_str()));
        items
    }

    /// The checklist for the period that holds `day`, with the id that every phone derives for it: two
    /// phones that make it offline make the same record, and their ticks merge.
    #[must_use]
    pub fn instance(&self, template: RecordId, day: Day) -> Option<(RecordId, Checklist)> {
        let (starts, ends) = self.recurs?.period(day);
        let items = self.items.iter().map(|(id, item)| {
            let due = if item.due_after == 0 {
                ends
            } else {
                starts.plus_days(i64::from(item.due_after)).min(ends)
            };
            let item = Item {
                title: item.title.clone(),
                due: Some(due),
                people: item.people,
                position: item.position,
                removed: false,
            };
            (id.clone(), item)
        });
        let checklist = Checklist {
            title: self.title.clone(),
            group: self.group.clone(),
            starts: Some(starts),
            ends: Some(ends),
            template: Some(template),
            items: items.collect(),
            assignees: self.assignees.clone(),
            ..Checklist::default()
        };
        Some((RecordId::derived(&[&template.to_string(), &starts.to_string()]), checklist))
    }
}
