//! What is asked of the database to hand records over, and what came of it.

use std::collections::BTreeSet;

use gridbook_core::clock::Instant;
use gridbook_core::id::{PersonId, RecordId, ScopeId};
use gridbook_core::model::Kind;
use gridbook_core::sync::notice::Cause;

/// Which records of a scope are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meant {
    /// These, and what goes along with them.
    Named(BTreeSet<RecordId>),
    /// Everything that lives there.
    All,
}

/// Records that are to move from one scope to another.
#[derive(Clone, Debug)]
pub struct HandOver {
    /// Where they live.
    pub from: ScopeId,
    /// Where they are to live.
    pub to: ScopeId,
    /// Which.
    pub meant: Meant,
    /// Why.
    pub why: Cause,
    /// By whom.
    pub who: Option<PersonId>,
    /// The access version under which permission was checked; `None` where none was asked.
    pub access: Option<u64>,
    /// The time now.
    pub at: Instant,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandedOver {
    /// The records that moved, in the order in which they stand in the logs.
    Done(Vec<(RecordId, Kind)>),
    /// Permissions changed meanwhile: check again.
    AccessChanged,
}

/// What became of a hand-over that a restored server is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redone {
    /// It is done, or written down, again.
    Done,
    /// It was here already.
    Known,
    /// The record is not here yet: its changes come first.
    Unknown,
}
