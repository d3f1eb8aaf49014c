//! Drafts: what someone has begun to enter.

use gridbook_core::model::Content;
use gridbook_core::workbook::Draft as CoreDraft;

use super::{Instant, Kind, RecordId, ScopeId, Version};
use crate::error::GridbookError;

/// What someone has begun to enter. It may break every rule.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct Draft {
    /// A new record saved from it takes this id; a draft that edits a record has that record's.
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
    /// What has been entered so far; none if another version of the app wrote it and this one cannot read it.
    pub content: Option<Content>,
}

impl From<CoreDraft> for Draft {
    fn from(draft: CoreDraft) -> Self {
        let content = Content::from_json(draft.kind, &draft.fields.to_string()).ok();
        let CoreDraft { id, kind, version, grid, occurred_at, updated, fields: _ } = draft;
        Self { id, kind, version, grid, occurred_at, updated, content }
    }
}

impl TryFrom<Draft> for CoreDraft {
    type Error = GridbookError;

    fn try_from(draft: Draft) -> Result<Self, GridbookError> {
        let Draft { id, kind, version, grid, occurred_at, updated, content } = draft;
        let content = content.ok_or_else(|| GridbookError::unexpected("draft"))?;
        let fields = serde_json::to_value(&content).map_err(|_| GridbookError::unexpected("draft"))?;
        Ok(Self { id, kind, version, grid, occurred_at, updated, fields })
    }
}
