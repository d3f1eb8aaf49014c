//! Drafts: kept from the first keystroke, found again after the app was killed.

use serde::Serialize;
use serde_json::Value;

use super::edit::Operation;
use super::{New, Workbook};
use crate::clock::Instant;
use crate::error::{Error, Result};
use crate::id::{RecordId, ScopeId};
use crate::model::{Body, Content, Kind, Record, Version};
use crate::store::DraftRow;

/// What someone has begun to enter.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Draft {
    /// Its id: a new record saved from it takes this id, and a draft that edits a record has that record's.
    pub id: RecordId,
    /// The kind of record.
    pub kind: Kind,
    /// Of a draft that edits a record: the version that the one who edits has seen. None for a new record.
    pub version: Option<Version>,
    /// Of a new record: the grid that was chosen for it, where one was.
    pub grid: Option<ScopeId>,
    /// Of a new record: when what it tells of happened, where that was entered. Otherwise it is when the draft was begun.
    pub occurred_at: Option<Instant>,
    /// When it was last touched.
    pub updated: Instant,
    /// What has been entered so far: the kind's fields as JSON; may break every rule.
    pub fields: Value,
}

impl Draft {
    /// True if it edits a record that exists.
    #[must_use]
    pub fn edits_existing(&self) -> bool {
        self.version.is_some()
    }

    /// The record that it is about, as far as it says and this version can read it.
    #[must_use]
    pub fn subject(&self) -> Option<RecordId> {
        Content::from_json(self.kind, &self.fields.to_string()).ok()?.subject()
    }

    /// The draft as the content of its kind, unset fields at their defaults.
    ///
    /// # Errors
    /// [`Error::Document`] if a field holds what its type cannot; the draft itself stays as it is.
    pub fn content<B: Body>(&self) -> Result<B> {
        serde_json::from_value(self.fields.clone()).map_err(|error| Error::shape("draft", &error))
    }

    /// The draft as a new record, ready to be saved.
    ///
    /// # Errors
    /// As [`Draft::content`].
    pub fn into_new<B: Body>(self) -> Result<New<B>> {
        let content = self.content()?;
        Ok(New { id: Some(self.id), grid: self.grid, occurred_at: self.occurred_at, content })
    }

    /// `record`, as it stands now, with what the draft makes of it: ready to be edited. What others have written since
    /// the draft was begun is not overwritten by that; a field that both wrote keeps both values.
    ///
    /// # Errors
    /// As [`Draft::content`].
    pub fn onto<B: Body>(self, record: Record<B>) -> Result<Record<B>> {
        let content = self.content()?;
        Ok(Record { content, version: self.version.unwrap_or(record.version), ..record })
    }
}

/// The drafts of a workbook.
#[derive(Debug)]
pub struct Drafts<'a>(&'a Workbook);

impl Workbook {
    /// Drafts.
    #[must_use]
    pub fn drafts(&self) -> Drafts<'_> {
        Drafts(self)
    }
}

impl Drafts<'_> {
    /// Begins a draft of a new record and returns it; nothing is asked of its content.
    ///
    /// # Errors
    /// The store's failure.
    pub fn begin<B: Body>(&self, content: &B) -> Result<Draft> {
        let id = RecordId::new(&self.0.shared.surroundings);
        self.put_anew(id, None, content)
    }

    /// Begins a draft that edits `record`, at the version that the caller has seen; one that is there already gives way.
    ///
    /// # Errors
    /// The store's failure.
    pub fn edit<B: Body>(&self, record: &Record<B>) -> Result<Draft> {
        self.put_anew(record.id, Some(record.version.clone()), &record.content)
    }

    /// Keeps the present state of a draft. Call it on every keystroke: when it returns, a kill loses nothing.
    ///
    /// # Errors
    /// The store's failure.
    pub fn keep(&self, draft: &Draft) -> Result<Draft> {
        self.put(|now| Draft { updated: now, ..draft.clone() })
    }

    /// All drafts, the latest touched first.
    ///
    /// # Errors
    /// The store's failure.
    pub fn list(&self) -> Result<Vec<Draft>> {
        self.0.read(|reader| reader.drafts())?.into_iter().map(read).collect()
    }

    /// The unfinished draft of a new record of `kind` about the record `subject` (a visit's household, an outreach's visit,
    /// nothing for a diary entry), which a form goes on with; the latest touched if there are several.
    ///
    /// # Errors
    /// The store's failure.
    pub fn begun_for(&self, kind: Kind, subject: Option<RecordId>) -> Result<Option<Draft>> {
        let begun =
            |draft: &Draft| draft.kind == kind && !draft.edits_existing() && draft.subject() == subject;
        Ok(self.list()?.into_iter().find(begun))
    }

    /// One draft, if it is still there.
    ///
    /// # Errors
    /// The store's failure.
    pub fn resume(&self, id: RecordId) -> Result<Option<Draft>> {
        self.0.read(|reader| reader.draft(&id))?.map(read).transpose()
    }

    /// Throws a draft away; true if there was one.
    ///
    /// # Errors
    /// The store's failure.
    pub fn discard(&self, id: RecordId) -> Result<bool> {
        self.0.write(Operation::Draft, |edit| edit.writer.remove_draft(&id))
    }

    fn put_anew<B: Body>(&self, id: RecordId, version: Option<Version>, content: &B) -> Result<Draft> {
        let fields = fields_of(content)?;
        let (kind, grid, occurred_at) = (B::KIND, None, None);
        self.put(|updated| Draft { id, kind, version, grid, occurred_at, updated, fields })
    }

    fn put(&self, draft: impl FnOnce(Instant) -> Draft) -> Result<Draft> {
        self.0.write(Operation::Draft, |edit| {
            let draft = draft(edit.now);
            edit.writer.put_draft(&row(&draft))?;
            Ok(draft)
        })
    }
}

fn fields_of<B: Body>(content: &B) -> Result<Value> {
    serde_json::to_value(content).map_err(|error| Error::Document(format!("draft: {error}")))
}

fn row(draft: &Draft) -> DraftRow {
    DraftRow {
        id: draft.id,
        kind: draft.kind,
        record: draft.edits_existing().then_some(draft.id),
        version: draft.version.clone(),
        grid: draft.grid.clone(),
        occurred_at: draft.occurred_at,
        updated: draft.updated,
        json: draft.fields.to_string(),
    }
}

fn read(row: DraftRow) -> Result<Draft> {
    let fields = serde_json::from_str(&row.json).map_err(|error| Error::shape("draft", &error))?;
    let DraftRow { id, kind, record: _, version, grid, occurred_at, updated, json: _ } = row;
    Ok(Draft { id, kind, version, grid, occurred_at, updated, fields })
}
