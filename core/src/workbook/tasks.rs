//! What a person still has to do on the task groups' lists: the tasks of a morning's page.

use serde::Serialize;

use super::{Checklists, Filter};
use crate::clock::Day;
use crate::error::Result;
use crate::id::RecordId;
use crate::model::{Checklist, Kind, Record};

/// More lists than a person's groups keep at once.
const LISTS: usize = 200;

/// An item of a running checklist that waits for this person.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OpenItem {
    /// The checklist.
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

impl Checklists<'_> {
    /// The items that wait for this person on `day`: of lists in which they tick and whose period holds it, asked of
    /// them or of nobody by name, neither done nor ticked by them. What is due first comes first. `docs/DATA.md` has
    /// the rule.
    ///
    /// # Errors
    /// The store's failure.
    pub fn open_items(&self, day: Day) -> Result<Vec<OpenItem>> {
        let workbook = self.workbook();
        let profile = workbook.profile();
        let Ok(person) = profile.person() else { return Ok(Vec::new()) };
        // As for a tick itself: where the list lives decides.
        let ticks = |list: &Record<Checklist>| profile.may_write(&list.scope, Kind::Checklist);
        let filter = Filter { to: Some(day), ..Filter::default() };
        let lists = self.list(&filter, None, LISTS)?.items;
        let mut open = Vec::new();
        for list in lists.into_iter().filter(|list| ticks(list) && holds(&list.content, day)) {
            let waiting = list.content.progress().into_iter().filter(|item| {
                let asked = list.content.assignees.get(item.id).filter(|asked| !asked.0.is_empty());
                !item.done
                    && item.ticks.iter().all(|(ticker, _)| **ticker != *person)
                    && asked.is_none_or(|asked| asked.0.contains(person.as_str()))
            });
            open.extend(waiting.map(|item| {
                let by = item.item.due.or(list.content.ends);
                OpenItem {
                    checklist: list.id,
                    list_title: list.content.title.clone(),
                    item: item.id.to_owned(),
                    title: item.item.title.clone(),
                    by,
                    overdue: by.is_some_and(|by| by < day),
                }
            }));
        }
        open.sort_by_key(|item| (item.by.is_none(), item.by));
        Ok(open)
    }
}

/// Whether the list's period holds the day; an end that is not named is far away.
fn holds(list: &Checklist, day: Day) -> bool {
    list.starts.is_none_or(|starts| starts <= day) && list.ends.is_none_or(|ends| ends >= day)
}
