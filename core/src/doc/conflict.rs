//! Fields that hold two values, because two people wrote them without seeing each other.

use automerge::{ObjId, ROOT, ReadDoc};
use serde::Serialize;

use super::Document;
use super::document::read_value;
use crate::clock::Instant;
use crate::id::{ActorId, PersonId};
use crate::model::{Header, Kind, Scalar, may_touch};

/// One of the values a field holds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Candidate {
    /// The value.
    pub value: Scalar,
    /// Who wrote it.
    pub actor: ActorId,
    /// When, by their clock.
    pub at: Instant,
}

/// A field that holds more than one value until someone chooses.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Conflict {
    /// The field's path.
    pub field: String,
    /// The values, the one shown for now last.
    pub candidates: Vec<Candidate>,
}

impl Document {
    /// The open conflicts. Two people who wrote the same value do not disagree, nor do two who began the same
    /// record ([`Header::BEGINNING`]).
    #[must_use]
    pub fn conflicts(&self) -> Vec<Conflict> {
        let keys = self.automerge.keys(ROOT);
        let keys = keys.filter(|field| !Header::BEGINNING.contains(&field.as_str()));
        keys.filter_map(|field| {
            let values = self.automerge.get_all(ROOT, field.as_str()).ok()?;
            if values.len() < 2 {
                return None;
            }
            let mut candidates: Vec<Candidate> = Vec::new();
            for (value, operation) in values {
                let Some(value) = read_value(&self.automerge, &value, &operation) else { continue };
                candidates.retain(|candidate| candidate.value != value);
                candidates.push(self.candidate(value, &operation)?);
            }
            (candidates.len() > 1).then_some(Conflict { field, candidates })
        })
        .collect()
    }

    /// [`may_touch`] on this record; and where two people wrote one field, either's value may be chosen by anybody who
    /// edits the record, though it was written in another's name. A review is edited by its author alone.
    #[must_use]
    pub fn may_touch(&self, kind: Kind, path: &str, value: Option<&Scalar>, person: &PersonId) -> bool {
        let author = self.field("author");
        may_touch(kind, author.as_ref().and_then(Scalar::as_text), path, value, person)
            || kind != Kind::Review && value.is_some_and(|value| self.holds_value(path, value))
    }

    fn holds_value(&self, path: &str, value: &Scalar) -> bool {
        let values = self.automerge.get_all(ROOT, path).unwrap_or_default();
        let mut values =
            values.iter().filter_map(|(value, operation)| read_value(&self.automerge, value, operation));
        values.any(|candidate| candidate == *value)
    }

    fn candidate(&self, value: Scalar, operation: &ObjId) -> Option<Candidate> {
        let hash = self.automerge.hash_for_opid(operation)?;
        let meta = self.automerge.get_change_meta_by_hash(&hash)?;
        let actor = ActorId::from_slice(meta.actor.to_bytes())?;
        Some(Candidate { value, actor, at: Instant(meta.timestamp) })
    }
}
