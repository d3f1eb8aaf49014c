//! What a person still has to do on the task groups' lists: the tasks of a morning's page.

use serde::Serialize;

use super::Checklists;
use crate::clock::Day;
use crate::error::Result;
use crate::id::RecordId;
use crate::model::{Checklist, Kind, MISSED_DAYS, Record};
use crate::store::Reader;

/// More lists than a person's groups keep in view at once.
const LISTS: usize = 1_000;

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
    /// The items that wait for this person on `day`: of lists in view in which they tick, asked of them or of nobody by
    /// name, neither done nor ticked by them. What is due first comes first. `docs/DATA.md` has the rule.
    ///
    /// # Errors
    /// The store's failure.
    pub fn open_items(&self, day: Day) -> Result<Vec<OpenItem>> {
        let workbook = self.workbook();
        let profile = workbook.profile();
        let Ok(person) = profile.person() else { return Ok(Vec::new()) };
        // As for a tick itself: where the list lives decides.
        let ticks = |list: &Record<Checklist>| profile.may_write(&list.scope, Kind::Checklist);
        let lists = workbook.read(|reader| lists_in_view(reader, day))?;
        let mut open = Vec::new();
        for list in lists.into_iter().filter(ticks) {
            let waiting = list.content.progress().into_iter().filter(|item| {
                let asked = list.content.assignees.get(item.id).filter(|asked| !asked.0.is_empty());
                !item.done
                    && item.ticks.iter().all(|(ticker, _)| **ticker != *person)
                    && asked.is_none_or(|asked| asked.0.contains(person.as_str()))
            });
            open.extend(waiting.map(|item| {
                let by = list.content.due(item.item);
                OpenItem {
                    checklist: list.id,
                    list_title: list.content.title.clone(),
                    item: item.id.to_owned(),
                    title: item.item.title.clone(),
                    by,
                    overdue: list.content.is_overdue(&item, day),
                }
            }));
        }
        open.sort_by_key(|item| (item.by.is_none(), item.by));
        Ok(open)
    }
}

/// The lists in view on `day`, numbers masked.
pub(super) fn lists_in_view(reader: &Reader<'_>, day: Day) -> Result<Vec<Record<Checklist>>> {
    let lists = reader.checklists(day.plus_days(-MISSED_DAYS), day, LISTS)?;
    let lists = lists.into_iter().map(|list| list.masked().of::<Checklist>());
    lists.filter(|list| list.as_ref().map_or(true, |list| list.content.is_in_view(day))).collect()
}
