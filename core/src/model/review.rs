//! 阅评: a lead's mark and note on one record. It travels back to the author's phone like any record.

use serde::{Deserialize, Serialize};

use super::Kind;
use super::content::{content, require, require_short};
use crate::error::Result;
use crate::id::RecordId;

/// What the lead says of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// 已阅: read.
    Seen,
    /// 退回: please look at it again; the author answers by editing.
    Returned,
    /// 通过: approved.
    Approved,
}

content! {
    /// One lead's mark on one record, at one of its versions.
    Review is Review {
        /// The record it is about.
        subject: RecordId = KeepBoth,
        /// The mark.
        mark: Option<Mark> = KeepBoth,
        /// What the lead wants to say.
        note: String = KeepBoth,
        /// The fingerprint of the version that the lead saw; an edit after it wants a new look.
        covers: String = KeepBoth,
    }

    fn check(&self) -> Result<()> {
        require(!self.subject.is_nil(), Kind::Review, "subject", "choose the record to review")?;
        require(self.mark.is_some(), Kind::Review, "mark", "choose a mark")?;
        require(
            self.mark != Some(Mark::Returned) || !self.note.trim().is_empty(),
            Kind::Review,
            "note",
            "say what to look at again",
        )?;
        require_short(&self.note, Kind::Review, "note")
    }

    fn subject(&self) -> Option<RecordId> {
        (!self.subject.is_nil()).then_some(self.subject)
    }

    fn searchable(&self) -> Vec<&str> {
        vec![&self.note]
    }
}
