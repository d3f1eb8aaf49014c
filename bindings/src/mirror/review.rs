//! 阅评: leads' marks and notes.

use gridbook_core::model::Record;
pub use gridbook_core::model::{Mark, Review};

use super::{Header, Instant, RecordId, ScopeId, Standing, Version};

/// A review with its header and how far it has travelled.
pub type ReviewRecord = Record<Review>;

/// What a lead says of a record; words are in the dictionary `review_mark`.
#[uniffi::remote(Enum)]
pub enum Mark {
    /// 已阅: read.
    Seen,
    /// 退回: please look at it again; the author answers by editing.
    Returned,
    /// 通过: approved.
    Approved,
}

/// One lead's mark on one record, at one of its versions.
#[uniffi::remote(Record)]
pub struct Review {
    /// The record it is about.
    pub subject: RecordId,
    /// What the lead says of it in one word.
    pub mark: Option<Mark>,
    /// What the lead wants to say.
    pub note: String,
    /// The fingerprint of the version that the lead saw.
    pub covers: String,
}

record! {
    /// A review with its header and how far it has travelled.
    ReviewRecord of Review
}
