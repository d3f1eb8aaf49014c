//! Rows of the audit log: who looked at, revealed, exported, granted, took back and erased what.
//!
//! Each row's hash covers the row before it and its own content, so an edited, removed, moved or inserted row
//! breaks the chain there. The head is kept apart and sealed, so a log that lost its end is noticed too.

use gridbook_core::clock::Instant;
use gridbook_core::id::{PersonId, RecordId};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// What somebody did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// Was shown records of others, numbers masked.
    Read,
    /// Was shown the history of a record of another's.
    History,
    /// Saw the numbers of a record, for a reason.
    Reveal,
    /// Took records away as a file.
    Export,
    /// Read this log.
    Audit,
    /// Gave a role, a token or an invitation.
    Grant,
    /// Took a role, a token or a phone's place back.
    Revoke,
    /// Erased a record for good.
    Erase,
    /// Handed records over to another scope.
    HandOver,
}

impl Act {
    /// Every act.
    pub const ALL: [Act; 9] = [
        Act::Read,
        Act::History,
        Act::Reveal,
        Act::Export,
        Act::Audit,
        Act::Grant,
        Act::Revoke,
        Act::Erase,
        Act::HandOver,
    ];

    /// The word that rows carry.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Act::Read => "read",
            Act::History => "history",
            Act::Reveal => "reveal",
            Act::Export => "export",
            Act::Audit => "audit",
            Act::Grant => "grant",
            Act::Revoke => "revoke",
            Act::Erase => "erase",
            Act::HandOver => "hand_over",
        }
    }

    /// The act with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Act::ALL.into_iter().find(|act| act.as_str() == word)
    }
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// When, by the server's clock.
    pub at: Instant,
    /// Who; `None` for a command on the server's own machine.
    pub who: Option<PersonId>,
    /// What.
    pub act: Act,
    /// Which records, as far as there are any.
    pub records: Vec<RecordId>,
    /// Facts and the reason given; numbers masked, never a record's content.
    pub detail: String,
}

/// The hash of a row.
pub type AuditHash = [u8; 32];

/// The hash before the first row.
pub const AUDIT_START: AuditHash = [0; 32];

/// One row of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// Its number, from 1 without gaps.
    pub n: u64,
    /// What it says.
    pub entry: AuditEntry,
    /// Its hash.
    pub hash: AuditHash,
}

impl AuditEntry {
    /// The hash of this entry as row `n` after a row with the hash `previous`.
    #[must_use]
    pub fn hash(&self, previous: &AuditHash, n: u64) -> AuditHash {
        let records: Vec<u8> = self.records.iter().flat_map(|id| *id.as_bytes()).collect();
        let mut digest = Sha256::new();
        digest.update(b"gridbook-audit-1");
        digest.update(previous);
        digest.update(n.to_be_bytes());
        digest.update(self.at.0.to_be_bytes());
        digest.update([u8::from(self.who.is_some())]);
        let who = self.who.as_ref().map_or("", |who| who.as_str());
        for part in [who.as_bytes(), self.act.as_str().as_bytes(), &records, self.detail.as_bytes()] {
            // Lengths first: no two entries give the same bytes.
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        digest.finalize().into()
    }
}

/// What a check of the whole log found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditState {
    /// Every row checks out, and the last is the sealed head.
    Whole {
        /// The number of the last row; 0 for none.
        n: u64,
        /// Its hash.
        hash: AuditHash,
    },
    /// The first row that does not check out.
    Broken {
        /// Its number; one more than the last row where the end is missing.
        n: u64,
        /// What is wrong there.
        what: &'static str,
    },
}
