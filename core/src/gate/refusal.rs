//! Why a change is refused.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a change was refused. Each has words in `core/resources/words.toml` under `refusal`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Refusal {
    /// The bytes are no change, or its checksum is wrong.
    Malformed,
    /// The change is larger than the gate allows.
    TooLarge,
    /// Its actor is not the one registered to the device that sent it.
    ForeignActor,
    /// It builds on changes that are not here: send these first.
    MissingDependency,
    /// Its number is not the next of its actor; a second database wrote under the same actor.
    WrongSequence,
    /// Its time is none that a calendar shows.
    ImpossibleTime,
    /// Its fields do not make a record of its kind, or its author is not the sender.
    NotARecord,
    /// The sender may not write this kind in this scope.
    NotPermitted,
    /// The scope does not exist, or the record lives in another.
    WrongScope,
    /// It passed every rule but does not fit the document.
    DoesNotApply,
    /// The record, or what it is about, was erased for good.
    Erased,
}

impl Refusal {
    /// Every reason.
    pub const ALL: [Refusal; 11] = [
        Refusal::Malformed,
        Refusal::TooLarge,
        Refusal::ForeignActor,
        Refusal::MissingDependency,
        Refusal::WrongSequence,
        Refusal::ImpossibleTime,
        Refusal::NotARecord,
        Refusal::NotPermitted,
        Refusal::WrongScope,
        Refusal::DoesNotApply,
        Refusal::Erased,
    ];

    /// The word that the wire, rows and logs carry.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Refusal::Malformed => "malformed",
            Refusal::TooLarge => "too_large",
            Refusal::ForeignActor => "foreign_actor",
            Refusal::MissingDependency => "missing_dependency",
            Refusal::WrongSequence => "wrong_sequence",
            Refusal::ImpossibleTime => "impossible_time",
            Refusal::NotARecord => "not_a_record",
            Refusal::NotPermitted => "not_permitted",
            Refusal::WrongScope => "wrong_scope",
            Refusal::DoesNotApply => "does_not_apply",
            Refusal::Erased => "erased",
        }
    }

    /// The reason with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Refusal::ALL.into_iter().find(|refusal| refusal.as_str() == word)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
