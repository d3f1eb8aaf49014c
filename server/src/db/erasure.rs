//! What is asked of the database to erase records, and what came of it.

use gridbook_core::clock::{Day, Instant};
use gridbook_core::id::{ChangeHash, PersonId, RecordId, ScopeId};
use gridbook_core::model::Kind;
use gridbook_core::sync::notice::Why;

/// One record that is to go, with what is about it.
#[derive(Clone, Debug)]
pub struct Erase {
    /// Which.
    pub record: RecordId,
    /// Why.
    pub why: Why,
    /// By whom; `None` where the time of keeping was over and a command did it.
    pub who: Option<PersonId>,
    /// The time now.
    pub at: Instant,
}

/// One record that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erased {
    /// Which.
    pub record: RecordId,
    /// What it was.
    pub kind: Kind,
    /// Where it lived.
    pub scope: ScopeId,
    /// The name of the notice in that scope's log.
    pub hash: ChangeHash,
}

/// Which records are older than they are to be kept.
#[derive(Clone, Debug)]
pub struct Outdated {
    /// Their kind.
    pub kind: Kind,
    /// A grid, a task group, or a community with all of its.
    pub within: ScopeId,
    /// The day they belong to is before this.
    pub day: Day,
    /// Their last change arrived before this: a phone's wrong clock makes nothing old.
    pub received: Instant,
}
