//! Notices: what the server itself writes into a scope's log. One says that a record was erased: its changes'
//! bytes are gone everywhere, their names stay in the log, so that the chain still proves itself. Another says
//! that a record was handed from one scope to another.
//!
//! A notice travels, is named and is proved like a change (`docs/adr/0011-erasure-in-the-log.md`,
//! `docs/adr/0015-hand-over-in-two-logs.md`): phones apply it, and give it back to a server that was restored to
//! before it. Only the server makes one.

use serde::{Deserialize, Serialize};

use crate::clock::Instant;
use crate::id::{RecordId, ScopeId};
use crate::model::Kind;

/// What every notice begins with, in place of a chunk's magic and checksum. Its name is the hash of the rest,
/// which never begins like a chunk's, so that no change has the name of a notice.
const MAGIC: &[u8; 8] = b"gbnotice";

/// Why a record was erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Its time of keeping was over.
    Retention,
    /// A resident asked for it, or it should never have been written.
    Request,
}

impl Why {
    /// The word that rows and command lines carry; its words for screens are under `erased`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Why::Retention => "retention",
            Why::Request => "request",
        }
    }

    /// The reason with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Why::Retention, Why::Request].into_iter().find(|why| why.as_str() == word)
    }
}

/// Why records were handed from one scope to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The grids were cut anew.
    Recut,
    /// Another worker takes them over.
    Staff,
    /// It was begun about something that had moved already, and follows it.
    Follows,
}

impl Cause {
    /// Every cause.
    pub const ALL: [Cause; 3] = [Cause::Recut, Cause::Staff, Cause::Follows];

    /// The word that rows and command lines carry; its words for screens are under `hand_over`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Cause::Recut => "recut",
            Cause::Staff => "staff",
            Cause::Follows => "follows",
        }
    }

    /// The cause with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Cause::ALL.into_iter().find(|cause| cause.as_str() == word)
    }
}

/// From where to where a record was handed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// The scope that it left.
    pub from: ScopeId,
    /// The scope where it lives now.
    pub to: ScopeId,
    /// How often it has been handed over, this time included: of two moves the higher one holds, in whatever
    /// order they are heard.
    pub number: u32,
    /// Why.
    pub why: Cause,
}

/// What a notice says of its record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Says {
    /// It was erased for good.
    Erased {
        /// Why.
        why: Why,
    },
    /// It was handed over. The same notice stands in both scopes' logs.
    Moved(Move),
}

/// What the server itself says of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Which.
    pub record: RecordId,
    /// What it is.
    pub kind: Kind,
    /// When, by the server's clock.
    pub at: Instant,
    /// What happened.
    pub says: Says,
}

impl Notice {
    /// The bytes that stand in the log.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        ciborium::into_writer(self, &mut bytes)
            .unwrap_or_else(|_| unreachable!("plain fields are always written"));
        bytes
    }

    /// Reads a notice; `None` if the bytes are none.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        ciborium::de::from_reader_with_recursion_limit(bytes.strip_prefix(MAGIC)?, 8).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate;

    #[test]
    fn a_notice_is_named_like_a_change_and_is_none() {
        let notice = Notice {
            record: RecordId::from_bytes([7; 16]),
            kind: Kind::Visit,
            at: Instant(5),
            says: Says::Erased { why: Why::Request },
        };
        let bytes = notice.encode();
        assert_eq!(Notice::read(&bytes), Some(notice.clone()));
        assert!(gate::read(&bytes).is_err());
        assert_ne!(bytes[8], 1, "no chunk of a change begins so");
        let other = Notice { at: Instant(6), ..notice.clone() };
        assert_ne!(gate::hash_of(&bytes), gate::hash_of(&other.encode()));
        assert_eq!(Notice::read(b"gbnotice"), None);
        let (from, to) = (ScopeId::from("sgrid0001"), ScopeId::from("sgrid0002"));
        let says = Says::Moved(Move { from, to, number: 3, why: Cause::Recut });
        let moved = Notice { says, ..notice };
        assert_eq!(Notice::read(&moved.encode()), Some(moved));
    }
}
