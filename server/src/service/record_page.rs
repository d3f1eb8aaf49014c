//! 记录: everything that may be known of one record, and choosing between two values that people wrote side by side.

use std::collections::BTreeMap;

use gridbook_core::clock::Instant;
use gridbook_core::doc::{Candidate, Conflict, Document, Edits, FieldChange};
use gridbook_core::id::{ActorId, PersonId, RecordId};
use gridbook_core::model::{Action, Fields, Kind, Scalar};
use gridbook_core::sync::protocol::FailureCode;

use super::desk::require_taken;
use super::entry::Entry;
use super::record::StepView;
use super::{AuditView, Seated, SeenVersion, Service};
use crate::db::{Act, Row};
use crate::error::{Error, Result};

/// Rows of the audit log on one page.
const LOOKS: usize = 50;

/// How much of a record a page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// What it says.
    Fields,
    /// Its past and who looked, too, where the person may see them.
    Past {
        /// The look before which those shown end; the newest if none is named.
        looks_before: Option<u64>,
    },
}

impl Depth {
    fn shows_past(self) -> bool {
        self != Depth::Fields
    }
}

/// One record with all that belongs to it. Numbers are masked throughout.
pub(crate) struct WholeRecord {
    /// What lists show of it.
    pub(crate) entry: Entry,
    /// Its fields, by path.
    pub(crate) fields: Fields,
    /// Fields with a masked number that the person may see, for a reason.
    pub(crate) masked: Vec<String>,
    /// Fields that hold two values.
    pub(crate) open: Vec<OpenField>,
    /// Who changed what when; `None` if the person may not see it or was not to be shown it.
    pub(crate) history: Option<Vec<StepView>>,
    /// When the server took its first change.
    pub(crate) arrived: Option<Instant>,
    /// Who was shown it; `None` if the person is no auditor or was not to be shown it.
    pub(crate) looks: Option<Looks>,
}

/// A page of those who were shown a record.
pub(crate) struct Looks {
    /// The looks, newest first.
    pub(crate) rows: Vec<AuditView>,
    /// The look before which the next page ends, if there are more.
    pub(crate) older: Option<u64>,
}

/// A field that holds two values until someone chooses.
pub(crate) struct OpenField {
    /// Its path.
    pub(crate) field: String,
    /// The values with who wrote them and when, the one shown for now last.
    pub(crate) candidates: Vec<(Scalar, Option<PersonId>, Instant)>,
}

impl Service {
    /// One record. Who looked is written down: at the record, and at its history where that is shown.
    ///
    /// # Errors
    /// [`Error::Refused`] with `not_found` if there is none that the person may read.
    pub(crate) async fn whole_record(
        &self,
        seated: &Seated,
        id: RecordId,
        depth: Depth,
    ) -> Result<WholeRecord> {
        let nothing = || Error::refused(FailureCode::NotFound, "no such record");
        let kept = self.db.kept(&[id]).await?.pop();
        let kept = kept.filter(|kept| may(seated, &kept.row, Action::Read)).ok_or_else(nothing)?;
        let row = kept.row.clone();
        let held = self.db.held(&[id]).await?.pop().ok_or_else(nothing)?;
        let shows_history = depth.shows_past() && may(seated, &row, Action::History);
        self.note_others(&seated.person, Act::Read, std::slice::from_ref(&row), String::new()).await?;
        if shows_history {
            self.note_others(&seated.person, Act::History, std::slice::from_ref(&row), String::new()).await?;
        }
        let kind = row.kind;
        let read = move || {
            let document = Document::load(held.changes)?;
            let masked = document.masked_fields(kind);
            let steps = if shows_history { document.history()? } else { Vec::new() };
            Ok::<_, Error>((document.fields(), masked, document.conflicts(), steps))
        };
        let (fields, mut masked, conflicts, steps) = self.threads.run(read).await??;
        if !may(seated, &row, Action::Reveal) {
            masked.clear();
        }
        let mut actors: Vec<ActorId> = steps.iter().map(|step| step.actor).collect();
        for conflict in &conflicts {
            actors.extend(conflict.candidates.iter().map(|one| one.actor));
        }
        let people = self.people_behind(actors).await?;
        let person = |actor: &ActorId| people.get(actor).cloned();
        let open = conflicts.into_iter().map(|Conflict { field, candidates }| {
            let shown = |one: Candidate| (one.value.masked(&field), person(&one.actor), one.at);
            let candidates = candidates.into_iter().map(shown).collect();
            OpenField { field, candidates }
        });
        let history = steps.into_iter().map(|step| StepView {
            at: step.at,
            by: person(&step.actor),
            changes: step.changes.into_iter().map(FieldChange::masked).collect(),
        });
        let looks = match depth {
            Depth::Past { looks_before } if seated.access.serving(Action::Audit).contains(&row.scope) => {
                Some(self.looks(&id, looks_before).await?)
            }
            _ => None,
        };
        let (open, history) = (open.collect(), shows_history.then(|| history.collect()));
        Ok(WholeRecord {
            entry: self.entries(seated, vec![kept]).await?.pop().ok_or_else(nothing)?,
            fields: fields.into_iter().map(masked_field).collect(),
            masked,
            open,
            history,
            arrived: self.db.arrivals(&id).await?.first().map(|(at, ..)| *at),
            looks,
        })
    }

    /// Chooses one of a field's values, by its place among them, at the version that was shown. It is a change like
    /// any other; what was not chosen stays in the history.
    ///
    /// # Errors
    /// As [`Service::whole_record`], `not_permitted`, and [`Error::Changed`] if the record is not as it was shown.
    pub(crate) async fn choose(
        &self,
        seated: &Seated,
        shown: &SeenVersion,
        field: &str,
        place: usize,
    ) -> Result<()> {
        let pen = self.pen(seated).await?;
        let (scope, _, mut document) = self.opened(seated, shown, Action::Write).await?;
        let conflicts = document.conflicts();
        let chosen = conflicts.iter().find(|conflict| conflict.field == field);
        let chosen = chosen.and_then(|conflict| conflict.candidates.get(place));
        let value = chosen.map(|one| one.value.clone()).ok_or(Error::Changed)?;
        let edits = Edits::from([(field.to_owned(), Some(value))]);
        let change = document.write(pen.actor, self.surroundings.now(), &edits)?;
        let changes = change.map(|change| (scope, shown.record, change.bytes)).into_iter().collect();
        self.put_down(seated, &pen, changes).await?.iter().try_for_each(require_taken)
    }

    async fn looks(&self, id: &RecordId, before: Option<u64>) -> Result<Looks> {
        let mut rows = self.db.audit_about(id, before, LOOKS + 1).await?;
        let more = rows.len() > LOOKS;
        rows.truncate(LOOKS);
        let older = rows.last().filter(|_| more).map(|row| row.n);
        Ok(Looks { rows: rows.into_iter().map(AuditView::from).collect(), older })
    }

    async fn people_behind(&self, actors: Vec<ActorId>) -> Result<BTreeMap<ActorId, PersonId>> {
        let mut people = BTreeMap::new();
        for actor in actors {
            if !people.contains_key(&actor) {
                people.extend(self.db.actor(&actor).await?.map(|known| (actor, known.person)));
            }
        }
        Ok(people)
    }
}

fn masked_field((path, value): (String, Scalar)) -> (String, Scalar) {
    let shown = value.masked(&path);
    (path, shown)
}

/// A mark has no page of its own: it is told on its record's.
fn may(seated: &Seated, row: &Row, action: Action) -> bool {
    row.kind != Kind::Review && seated.access.may(&row.scope, row.kind, action)
}
