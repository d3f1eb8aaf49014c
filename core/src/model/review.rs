//! 阅评: a lead's mark and note on one record. It travels back to the author's phone like any record.

use serde::{Deserialize, Serialize};

use super::content::{content, require, require_short};
use super::{Kind, Rule};
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

/// Where a record stands between its author and the leads: what a lead's queue is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// 待阅: nobody marked it yet.
    Unread,
    /// 有修改: edited since the latest mark, and so wants a new look.
    Edited,
    /// 已退回: waits for its author.
    Returned,
    /// 已阅.
    Seen,
    /// 通过.
    Approved,
}

impl Reading {
    /// Every state, what waits for a lead first.
    pub const ALL: [Reading; 5] =
        [Reading::Unread, Reading::Edited, Reading::Returned, Reading::Seen, Reading::Approved];
    /// The states in which a record waits for a lead.
    pub const WAITING: [Reading; 2] = [Reading::Unread, Reading::Edited];
    /// The kinds that leads read as they come in; lists and households are looked up.
    pub const KINDS: [Kind; 3] = [Kind::Visit, Kind::Diary, Kind::Outreach];

    /// The state of a record whose version is `fingerprint`, from the latest mark on it.
    #[must_use]
    pub fn of(latest: Option<&Review>, fingerprint: &str) -> Self {
        match latest.and_then(|review| Some((review.mark?, review))) {
            None => Reading::Unread,
            Some((_, review)) if review.covers != fingerprint => Reading::Edited,
            Some((Mark::Seen, _)) => Reading::Seen,
            Some((Mark::Returned, _)) => Reading::Returned,
            Some((Mark::Approved, _)) => Reading::Approved,
        }
    }

    /// The number that rows carry.
    #[must_use]
    pub fn code(self) -> i64 {
        self as i64
    }

    /// The state with this number.
    #[must_use]
    pub fn from_code(code: i64) -> Option<Self> {
        Reading::ALL.into_iter().find(|reading| reading.code() == code)
    }

    /// The word that addresses and words' keys carry.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Reading::Unread => "unread",
            Reading::Edited => "edited",
            Reading::Returned => "returned",
            Reading::Seen => "seen",
            Reading::Approved => "approved",
        }
    }

    /// The state with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Reading::ALL.into_iter().find(|reading| reading.as_str() == word)
    }

    /// True if it waits for a lead.
    #[must_use]
    pub fn waits(self) -> bool {
        Reading::WAITING.contains(&self)
    }
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
        require(!self.subject.is_nil(), Kind::Review, "subject", Rule::SubjectMissing)?;
        require(self.mark.is_some(), Kind::Review, "mark", Rule::MarkMissing)?;
        require(
            self.mark != Some(Mark::Returned) || !self.note.trim().is_empty(),
            Kind::Review,
            "note",
            Rule::ReturnNoteMissing,
        )?;
        require_short(&self.note, Kind::Review, "note")
    }

    fn subject(&self) -> Option<RecordId> {
        (!self.subject.is_nil()).then_some(self.subject)
    }

    fn written(&self) -> Vec<&str> {
        vec![&self.note]
    }
}
