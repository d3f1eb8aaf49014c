//! Rows of the change log: what is appended, paged and kept aside.

use gridbook_core::clock::Instant;
use gridbook_core::gate::Refusal;
use gridbook_core::id::{ActorId, Chain, ChangeHash, DeviceId, RecordId, ScopeId};
use gridbook_core::model::Kind;

use super::Row;

/// The end of one scope's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The scope.
    pub scope: ScopeId,
    /// The number of its last entry; 0 for none.
    pub seq: u64,
    /// The chain there.
    pub chain: Chain,
}

/// How much one page of one scope may hold.
#[derive(Clone, Copy, Debug)]
pub struct PageLimit {
    /// Entries.
    pub entries: usize,
    /// Raw bytes of changes.
    pub bytes: usize,
}

/// One entry of a scope's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number.
    pub seq: u64,
    /// The chain after it.
    pub chain: Chain,
    /// The change's name.
    pub hash: ChangeHash,
    /// The record.
    pub record: RecordId,
    /// Who made the change.
    pub actor: ActorId,
    /// The raw change.
    pub bytes: Vec<u8>,
}

/// A change that a scope's log lists already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its name.
    pub hash: ChangeHash,
    /// Its record.
    pub record: RecordId,
    /// Its number in the log of the scope that was named.
    pub seq: u64,
}

/// A record that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its id.
    pub id: RecordId,
    /// Its kind.
    pub kind: Kind,
    /// Where it lives.
    pub scope: ScopeId,
    /// How often it was handed over.
    pub moves: u32,
    /// Its raw changes, dependencies first.
    pub changes: Vec<Vec<u8>>,
}

/// The changes of a record that a scope's log lists, whether the record lives there or did once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The record.
    pub record: RecordId,
    /// The scope.
    pub scope: ScopeId,
    /// The changes' names.
    pub hashes: Vec<ChangeHash>,
}

/// Changes that passed the gate, for one scope's log.
#[derive(Clone, Debug)]
pub struct Append {
    /// The scope in which their records live.
    pub scope: ScopeId,
    /// The access version under which permission was checked; `None` where none was asked.
    pub access: Option<u64>,
    /// When the server took them.
    pub at: Instant,
    /// The changes, in the order in which they are to stand.
    pub arrivals: Vec<Arrival>,
    /// What becomes of each record they touch.
    pub updates: Vec<Update>,
}

/// One change to append.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// Its name.
    pub hash: ChangeHash,
    /// Its record.
    pub record: RecordId,
    /// Who made it.
    pub actor: ActorId,
    /// Which device it came from; `None` where that is not known.
    pub device: Option<DeviceId>,
    /// The scope that its sender named, where the record lived once: that log lists its name too, which is the
    /// receipt. `None` where the record lives there.
    pub named: Option<ScopeId>,
    /// The record has it already: only the scope that was named lacks it.
    pub held: bool,
    /// The raw change.
    pub bytes: Vec<u8>,
}

/// What becomes of one record.
#[derive(Clone, Debug)]
pub struct Update {
    /// How many changes it had when its new ones were tried; 0 for a new record.
    pub expected: usize,
    /// How often it had been handed over then.
    pub moves: u32,
    /// Of a new record: where what it goes along with lived then.
    pub ties: Vec<(RecordId, ScopeId)>,
    /// Of a new record: the scope to which what it goes along with has moved; it is handed over at once.
    pub follows: Option<ScopeId>,
    /// Its row from now on.
    pub row: Row,
}

/// What became of an append.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Appended {
    /// All is in the log; the numbers in the scopes that were named, in the order of the arrivals.
    Done(Vec<u64>),
    /// Another request touched one of the records meanwhile: try again on what is there now.
    Stale,
    /// Permissions changed meanwhile: check again.
    AccessChanged,
}

/// A refused change as the console lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedRow {
    /// Its place: later refusals have higher ones.
    pub n: u64,
    /// The record it was meant for.
    pub record: RecordId,
    /// The scope it was meant for, if it was named.
    pub scope: Option<ScopeId>,
    /// The device that sent it.
    pub device: DeviceId,
    /// Why.
    pub reason: Refusal,
    /// When.
    pub at: Instant,
    /// What came, as far as it was kept.
    pub bytes: Vec<u8>,
}

/// A refused change, kept with its reason.
#[derive(Clone, Debug)]
pub struct Quarantined {
    /// SHA-256 of the bytes, readable as a change or not.
    pub digest: [u8; 32],
    /// The record it was meant for.
    pub record: RecordId,
    /// The scope it was meant for, if it was named.
    pub scope: Option<ScopeId>,
    /// The device that sent it.
    pub device: DeviceId,
    /// Why.
    pub reason: Refusal,
    /// What came; of a change that is too large, only as much as the gate allows is kept.
    pub bytes: Vec<u8>,
    /// When.
    pub at: Instant,
}
