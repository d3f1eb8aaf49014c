//! Drafts: kept from the first keystroke, found again after the app was killed.

use gridbook_core::Error;
use gridbook_core::model::Content;
use gridbook_core::workbook::Draft as CoreDraft;

use super::WorkbookHandle;
use crate::call::{Crossing, call};
use crate::error::GridbookError;
use crate::mirror::{AnyRecord, Draft, Kind, RecordId};

/// Runs `$body` with `$it` bound to the content of whichever kind it is.
macro_rules! each_kind {
    ($content:expr, $it:ident => $body:expr) => {
        match $content {
            Content::Household($it) => $body,
            Content::Visit($it) => $body,
            Content::Diary($it) => $body,
            Content::Outreach($it) => $body,
            Content::Checklist($it) => $body,
            Content::Template($it) => $body,
            Content::Review($it) => $body,
            _ => Err(Error::Document("a kind that the bridge does not know".into())),
        }
    };
}

#[uniffi::export]
impl WorkbookHandle {
    /// Begins a draft of a new record; nothing is asked of its content.
    pub fn begin_draft(&self, content: Content) -> Crossing<Draft> {
        self.with(|workbook| each_kind!(&content, body => workbook.drafts().begin(body)).map(Into::into))
    }

    /// Begins a draft that edits `record`, at the version that the caller has seen; one that is there already gives way.
    pub fn begin_edit(&self, record: AnyRecord) -> Crossing<Draft> {
        self.with(|workbook| {
            let content = record.content.clone();
            each_kind!(content, body => workbook.drafts().edit(&typed(record, body))).map(Into::into)
        })
    }

    /// Keeps the present state of a draft. Call it on every keystroke: when it returns, a kill loses nothing.
    pub fn keep_draft(&self, draft: Draft) -> Crossing<Draft> {
        call(|| {
            let draft: CoreDraft = draft.try_into()?;
            Ok::<_, GridbookError>(self.workbook.drafts().keep(&draft)?.into())
        })
    }

    /// All drafts, the latest touched first.
    pub fn drafts(&self) -> Crossing<Vec<Draft>> {
        self.with(|workbook| Ok(workbook.drafts().list()?.into_iter().map(Into::into).collect()))
    }

    /// The unfinished draft of a new record of `kind` about the record `subject` (a visit's household, an outreach's visit,
    /// nothing for a diary entry), which a form goes on with; the latest touched if there are several.
    pub fn begun_draft(&self, kind: Kind, subject: Option<RecordId>) -> Crossing<Option<Draft>> {
        self.with(|workbook| Ok(workbook.drafts().begun_for(kind, subject)?.map(Into::into)))
    }

    /// One draft, if it is still there.
    pub fn draft(&self, id: RecordId) -> Crossing<Option<Draft>> {
        self.with(|workbook| Ok(workbook.drafts().resume(id)?.map(Into::into)))
    }

    /// Throws a draft away; true if there was one. Saving a record from it does so by itself.
    pub fn discard_draft(&self, id: RecordId) -> Crossing<bool> {
        self.with(|workbook| workbook.drafts().discard(id))
    }
}

/// The record with its content as one kind.
fn typed<B>(record: AnyRecord, content: B) -> gridbook_core::model::Record<B> {
    let AnyRecord { id, scope, header, created, updated, standing, conflicts, version, content: _ } = record;
    gridbook_core::model::Record {
        id,
        scope,
        header,
        created,
        updated,
        standing,
        conflicts,
        version,
        content,
    }
}
