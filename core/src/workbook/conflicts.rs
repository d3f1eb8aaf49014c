//! Fields that hold two values, choosing one, and a record's history.

use serde::Serialize;

use super::Workbook;
use super::edit::Operation;
use crate::clock::Instant;
use crate::doc::{Candidate, Conflict, Document, Edits, FieldChange};
use crate::error::{Error, Result};
use crate::id::{ChangeHash, PersonId, RecordId};
use crate::model::{Kind, Record, Rule, Scalar};

/// A field that holds two values.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OpenConflict {
    /// The record.
    pub record: RecordId,
    /// Its kind.
    pub kind: Kind,
    /// The field's path.
    pub field: String,
    /// The values with who wrote them, the one shown for now last. Numbers are masked for who may not see them.
    pub candidates: Vec<(Candidate, Option<PersonId>)>,
}

/// One change in a record's history.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HistoryStep {
    /// The change.
    pub hash: ChangeHash,
    /// Who made it, where the directory knows.
    pub person: Option<PersonId>,
    /// When, by their clock.
    pub at: Instant,
    /// The fields it changed.
    pub changes: Vec<FieldChange>,
}

impl Workbook {
    /// All open conflicts on this phone.
    ///
    /// # Errors
    /// The store's failure.
    pub fn conflicts(&self) -> Result<Vec<OpenConflict>> {
        let records = self.read(|reader| reader.in_conflict())?;
        let mut open = Vec::new();
        for record in records {
            open.extend(self.conflicts_of(&record)?);
        }
        Ok(open)
    }

    /// The open conflicts of one record.
    ///
    /// # Errors
    /// [`Error::NoSuchRecord`], or the store's failure.
    pub fn conflicts_in(&self, id: RecordId) -> Result<Vec<OpenConflict>> {
        self.conflicts_of(&self.record(id)?)
    }

    fn conflicts_of(&self, record: &Record) -> Result<Vec<OpenConflict>> {
        let document = self.load(record.id)?;
        let profile = self.profile();
        let whole = profile.sees_whole(record);
        let named = |Conflict { field, candidates }| {
            let shown = |mut candidate: Candidate| {
                if !whole {
                    candidate.value = candidate.value.masked(&field);
                }
                let person = profile.person_of(&candidate.actor);
                (candidate, person)
            };
            let candidates = candidates.into_iter().map(shown).collect();
            OpenConflict { record: record.id, kind: record.header.kind, field, candidates }
        };
        Ok(document.conflicts().into_iter().map(named).collect())
    }

    /// Chooses a field's value: the conflict is closed on every phone that hears of it. The value need not
    /// be one of the candidates; one that was shown masked stands for what was written.
    ///
    /// # Errors
    /// [`Error::Invalid`] if the field holds one value only, [`Error::NotPermitted`], [`Error::Voided`].
    pub fn choose(&self, id: RecordId, field: &str, value: Scalar) -> Result<Record> {
        self.write(Operation::Choose, |edit| {
            let found = edit.editable(&id)?;
            let document = edit.document(&id, &found)?;
            let open = document.conflicts().into_iter().find(|conflict| conflict.field == field);
            edit.keep(id, document);
            let refused = |rule| Error::Invalid { kind: found.kind, field: "conflict", rule };
            let open = open.ok_or_else(|| refused(Rule::OneValueOnly))?;
            let value = meant(open, value).ok_or_else(|| refused(Rule::MaskedAlike))?;
            edit.put_edits(id, &found, None, &Edits::from([(field.to_owned(), Some(value))]))?;
            edit.any_record(id)
        })
    }

    /// A record's history field by field: who, when, from, to.
    ///
    /// # Errors
    /// [`Error::NoSuchRecord`], or the store's failure.
    pub fn history(&self, id: RecordId) -> Result<Vec<HistoryStep>> {
        let steps = self.load(id)?.history()?;
        let record = self.read(|reader| reader.record(&id))?.ok_or(Error::NoSuchRecord(id))?;
        let profile = self.profile();
        let whole = profile.sees_whole(&record);
        let shown = |change: FieldChange| if whole { change } else { change.masked() };
        let named = steps.into_iter().map(|step| HistoryStep {
            hash: step.hash,
            person: profile.person_of(&step.actor),
            at: step.at,
            changes: step.changes.into_iter().map(shown).collect(),
        });
        Ok(named.collect())
    }

    /// A record's document in automerge's own format, which every automerge implementation opens. It holds
    /// numbers as they were written, and so is given only to its author.
    ///
    /// # Errors
    /// [`Error::NoSuchRecord`], [`Error::NotPermitted`], or the store's failure.
    pub fn export(&self, id: RecordId) -> Result<Vec<u8>> {
        let record = self.read(|reader| reader.record(&id))?.ok_or(Error::NoSuchRecord(id))?;
        if !self.profile().sees_whole(&record) {
            return Err(Error::NotPermitted { scope: record.scope, kind: record.header.kind });
        }
        Ok(self.load(id)?.save())
    }

    /// A record's document, built from its changes.
    pub(super) fn load(&self, id: RecordId) -> Result<Document> {
        self.read(|reader| {
            let found = reader.find(&id)?.ok_or(Error::NoSuchRecord(id))?;
            Document::load(reader.changes_of(found.n)?)
        })
    }
}

/// What was written of the value that somebody chose, who may have seen it masked; `None` if it may be one or another.
fn meant(Conflict { field, candidates }: Conflict, value: Scalar) -> Option<Scalar> {
    let written: Vec<Scalar> = candidates.into_iter().map(|candidate| candidate.value).collect();
    if written.contains(&value) {
        return Some(value);
    }
    let mut shown = written.into_iter().filter(|written| written.clone().masked(&field) == value);
    match (shown.next(), shown.next()) {
        (Some(one), None) => Some(one),
        (Some(_), Some(_)) => None,
        (None, _) => Some(value),
    }
}
