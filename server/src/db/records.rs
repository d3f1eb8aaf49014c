//! Rows that leads are answered from without loading a document.

use gridbook_core::clock::{Day, Instant};
use gridbook_core::id::{PersonId, RecordId, ScopeId};
use gridbook_core::model::{Kind, Reading};

use super::Tagged;

/// One record as projected from its document.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its id.
    pub id: RecordId,
    /// Its kind.
    pub kind: Kind,
    /// Where it lives.
    pub scope: ScopeId,
    /// The grid it happened in, if one.
    pub grid: Option<ScopeId>,
    /// Who wrote it first.
    pub author: PersonId,
    /// The day it belongs to.
    pub day: Day,
    /// When it happened, as its author says.
    pub occurred_at: Instant,
    /// When its first change was made, by that phone's clock.
    pub created: Instant,
    /// When its latest change was made, by that phone's clock.
    pub updated: Instant,
    /// True once it was withdrawn.
    pub voided: bool,
    /// How many fields hold two values.
    pub conflicts: u32,
    /// The building it names.
    pub building: Option<String>,
    /// The record it is about.
    pub subject: Option<RecordId>,
    /// The fingerprint of its version, which reviews name.
    pub fingerprint: String,
    /// Header and content, as [`gridbook_core::model::Projection`] writes them.
    pub json: String,
}

/// A record's row with what the server adds to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// The row.
    pub row: Row,
    /// When the server took its latest change.
    pub received: Instant,
    /// Where it stands between its author and the leads.
    pub reading: Reading,
}

/// How many records of a kind in a scope came in since some moment, and when the latest did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Came {
    /// The scope.
    pub scope: ScopeId,
    /// The kind.
    pub kind: Kind,
    /// How many.
    pub count: u64,
    /// The latest.
    pub latest: Instant,
}

/// How many records of a kind in a scope stand where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standings {
    /// The scope.
    pub scope: ScopeId,
    /// The kind.
    pub kind: Kind,
    /// The state, and how many are in it; voided ones left out, states that nothing is in too.
    pub readings: Vec<(Reading, u64)>,
    /// How many have a field with two values.
    pub conflicts: u64,
}

/// A place in the order of records, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// [`Row::day`].
    pub day: Day,
    /// [`Row::occurred_at`].
    pub occurred_at: Instant,
    /// [`Row::id`].
    pub id: RecordId,
}

impl Row {
    /// Where it stands.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { day: self.day, occurred_at: self.occurred_at, id: self.id }
    }
}

/// Which records are wanted.
#[derive(Clone, Debug, Default)]
pub struct RecordQuery {
    /// The scopes, and for each the kinds that may be seen there; nothing else is ever given.
    pub visible: Vec<(ScopeId, Vec<Kind>)>,
    /// Only this grid.
    pub grid: Option<ScopeId>,
    /// Only this day.
    pub day: Option<Day>,
    /// Only from this day to that, both included.
    pub days: Option<(Day, Day)>,
    /// Only lists whose period does not end before this day; other kinds have none.
    pub ends_from: Option<Day>,
    /// Only in these states, voided ones left out; empty for any.
    pub readings: Vec<Reading>,
    /// Only those with a field that holds two values.
    pub conflicts: bool,
    /// Those that were withdrawn left out.
    pub live: bool,
    /// Only what carries this code.
    pub tagged: Option<Tagged>,
    /// Only by these authors; empty for any.
    pub authors: Vec<PersonId>,
    /// Only what came in from one moment until before another, by its latest change.
    pub received: Option<(Instant, Instant)>,
    /// Only what stands after this.
    pub after: Option<Position>,
    /// Earliest first; otherwise newest first.
    pub earliest_first: bool,
    /// At most so many.
    pub limit: usize,
}

/// Totals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Devices that are not revoked.
    pub devices: u64,
    /// Entries over all scopes' logs.
    pub entries: u64,
    /// Records.
    pub records: u64,
    /// Changes in quarantine.
    pub quarantined: u64,
    /// Rows of the audit log.
    pub audited: u64,
}
