//! 清单: the shared checklists of the task groups.

use super::edit::{Edit, Operation};
use super::records::{Cursor, New, Page};
use super::{Filter, Workbook};
use crate::clock::Day;
use crate::doc::Edits;
use crate::error::{Error, Result};
use crate::id::{PersonId, RecordId, ScopeId};
use crate::model::{Action, Checklist, Content, Kind, Record, Rule, Scalar, Template, permits};

/// The checklists of a workbook.
#[derive(Debug)]
pub struct Checklists<'a>(&'a Workbook);

/// More templates than any community keeps.
const TEMPLATES: usize = 500;

impl Workbook {
    /// Checklists.
    #[must_use]
    pub fn checklists(&self) -> Checklists<'_> {
        Checklists(self)
    }
}

impl Checklists<'_> {
    pub(super) fn workbook(&self) -> &Workbook {
        self.0
    }

    /// Saves a new checklist for its task group.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::NotPermitted`], [`Error::DiskFull`].
    pub fn save(&self, new: New<Checklist>) -> Result<Record<Checklist>> {
        let group = new.content.group.clone();
        self.0.write(Operation::Save, |edit| {
            let id = edit.create(&group, new)?;
            edit.record(id)
        })
    }

    /// Saves a new template for its task group.
    ///
    /// # Errors
    /// As [`Checklists::save`].
    pub fn save_template(&self, new: New<Template>) -> Result<Record<Template>> {
        let group = new.content.group.clone();
        self.0.write(Operation::Save, |edit| {
            let id = edit.create(&group, new)?;
            edit.record(id)
        })
    }

    /// At most `most` checklists, newest period first.
    ///
    /// # Errors
    /// The store's failure.
    pub fn list(
        &self,
        filter: &Filter,
        after: Option<&Cursor>,
        most: usize,
    ) -> Result<Page<Record<Checklist>>> {
        self.0.list(filter, after, most)
    }

    /// Makes the checklists of the period that holds `day` from the templates, where they are missing, and
    /// returns the new ones. Two phones that do this offline make the same records.
    ///
    /// # Errors
    /// [`Error::DiskFull`]; templates of groups in which the person may not write are passed over.
    pub fn begin_period(&self, day: Day) -> Result<Vec<RecordId>> {
        let templates = self.0.list_whole::<Template>(&Filter::default(), None, TEMPLATES)?.items;
        let due: Vec<_> = templates
            .into_iter()
            .filter(|template| !template.content.paused)
            .filter_map(|template| template.content.instance(template.id, day))
            .collect();
        let missing = self.0.read(|reader| {
            let mut missing = Vec::new();
            for (id, checklist) in due {
                if reader.find(&id)?.is_none()
                    && self.0.profile().may_write(&checklist.group, Kind::Checklist)
                {
                    missing.push((id, checklist));
                }
            }
            Ok(missing)
        })?;
        if missing.is_empty() {
            return Ok(Vec::new());
        }
        let zone = self.0.zone();
        self.0.write(Operation::Save, |edit| {
            let mut made = Vec::new();
            for (id, checklist) in missing {
                if edit.writer.reader().find(&id)?.is_some() {
                    continue;
                }
                let group = checklist.group.clone();
                let occurred_at = checklist.starts.map(|day| zone.start_of(day));
                edit.create(&group, New { id: Some(id), grid: None, occurred_at, content: checklist })?;
                made.push(id);
            }
            Ok(made)
        })
    }

    /// Ticks an item in the person's own name.
    ///
    /// # Errors
    /// [`Error::NoSuchRecord`], [`Error::Invalid`] if the list has no such item, [`Error::NotPermitted`].
    pub fn tick(&self, checklist: RecordId, item: &str) -> Result<Record<Checklist>> {
        self.0.write(Operation::Tick, |edit| {
            require_item(edit, checklist, item)?;
            let path = tick_path(item, edit.profile.person()?);
            let found = edit.editable(&checklist)?;
            let ticked = Edits::from([(path, Some(Scalar::Number(edit.now.0)))]);
            edit.put_edits(checklist, &found, None, &ticked)?;
            edit.record(checklist)
        })
    }

    /// Takes a person's tick back; by default the own one. Who took it back stays in the history.
    ///
    /// # Errors
    /// As [`Checklists::tick`].
    pub fn untick(
        &self,
        checklist: RecordId,
        item: &str,
        person: Option<&PersonId>,
    ) -> Result<Record<Checklist>> {
        self.0.write(Operation::Tick, |edit| {
            require_item(edit, checklist, item)?;
            let person =
                person.map_or_else(|| edit.profile.person().cloned(), |person| Ok(person.clone()))?;
            let found = edit.editable(&checklist)?;
            let unticked = Edits::from([(tick_path(item, &person), None)]);
            edit.put_edits(checklist, &found, None, &unticked)?;
            edit.record(checklist)
        })
    }

    /// The task groups whose checklists the person reads.
    #[must_use]
    pub fn groups(&self) -> Vec<ScopeId> {
        let profile = self.0.profile();
        let readable = profile.grants.iter().filter(|grant| {
            permits(grant.role, Kind::Checklist, Action::Read)
                && profile
                    .directory
                    .scope(&grant.scope)
                    .is_some_and(|scope| scope.kind == crate::model::ScopeKind::TaskGroup)
        });
        let mut groups: Vec<_> = readable.map(|grant| grant.scope.clone()).collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    }
}

fn tick_path(item: &str, person: &PersonId) -> String {
    format!("ticks/{item}/{person}")
}

fn require_item(edit: &Edit<'_>, id: RecordId, item: &str) -> Result<()> {
    let record = edit.writer.reader().record(&id)?.ok_or(Error::NoSuchRecord(id))?;
    let found = record.header.kind;
    let Content::Checklist(checklist) = record.content else {
        return Err(Error::WrongKind { id, found, expected: Kind::Checklist });
    };
    match checklist.items.get(item) {
        Some(item) if !item.removed => Ok(()),
        _ => Err(Error::Invalid { kind: Kind::Checklist, field: "items", rule: Rule::NoSuchItem }),
    }
}
