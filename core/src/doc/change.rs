//! One change: the unit that is stored, sent, acknowledged and refused.

use automerge::Change;

use super::document::broken;
use crate::chunk::{Action, Chunk, Key, Operation, Value};
use crate::clock::Instant;
use crate::error::Result;
use crate::id::{ActorId, ChangeHash};
use crate::model::Scalar;

/// A change that was just written on this device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewChange {
    /// Its name.
    pub hash: ChangeHash,
    /// Its raw chunk, never deflated: bodies are compressed as a whole.
    pub bytes: Vec<u8>,
}

/// A change read from bytes by the own reader ([`crate::chunk`]); automerge reads it once it is applied.
#[derive(Clone, Debug)]
pub struct ParsedChange {
    bytes: Vec<u8>,
    hash: ChangeHash,
    actor: ActorId,
    seq: u64,
    start_op: u64,
    max_op: u64,
    at: Instant,
    dependencies: Vec<ChangeHash>,
}

impl ParsedChange {
    /// Reads a change.
    ///
    /// # Errors
    /// [`crate::Error::Document`] if the bytes are no change that the own reader accepts.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let chunk = Chunk::read(bytes).map_err(broken)?;
        Ok(Self::of(&chunk, chunk.count_operations().map_err(broken)?))
    }

    /// A change whose operations have been read and counted.
    #[must_use]
    pub fn of(chunk: &Chunk<'_>, operations: u64) -> Self {
        Self {
            bytes: chunk.bytes.to_vec(),
            hash: chunk.hash,
            actor: chunk.actor,
            seq: chunk.seq,
            start_op: chunk.start_op,
            max_op: chunk.start_op + operations.saturating_sub(1),
            at: chunk.at,
            dependencies: chunk.dependencies.iter().map(|hash| ChangeHash(*hash)).collect(),
        }
    }

    /// The change as automerge reads it. Foreign ones only inside `catch_unwind`.
    pub(super) fn to_automerge(&self) -> Result<Change> {
        Change::try_from(self.bytes.as_slice()).map_err(broken)
    }

    /// The change as the own reader reads it.
    ///
    /// # Errors
    /// None: it was read before.
    pub fn chunk(&self) -> Result<Chunk<'_>> {
        Chunk::read_named(&self.bytes, self.hash).map_err(broken)
    }

    /// The fields that it writes as a whole, with their values, in order; `None` for one that is taken out. Characters
    /// typed into a running text are not among them.
    ///
    /// # Errors
    /// None: it was read before.
    pub fn writes(&self) -> Result<Vec<(String, Option<Scalar>)>> {
        let mut writes = Vec::new();
        for operation in self.chunk()?.operations() {
            let Operation { object, key, action, value, .. } = operation.map_err(broken)?;
            if let (None, Key::Name(path)) = (object, key) {
                let value = if action == Action::Delete { None } else { scalar(value) };
                writes.push((path.to_owned(), value));
            }
        }
        Ok(writes)
    }

    /// Its name.
    #[must_use]
    pub fn hash(&self) -> ChangeHash {
        self.hash
    }

    /// Its bytes, as stored and sent.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Who made it.
    #[must_use]
    pub fn actor(&self) -> ActorId {
        self.actor
    }

    /// The how-manieth change of its actor in this document, from 1.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// The number of its first operation.
    #[must_use]
    pub fn start_op(&self) -> u64 {
        self.start_op
    }

    /// The number of its last operation.
    #[must_use]
    pub fn max_op(&self) -> u64 {
        self.max_op
    }

    /// The changes its author had seen.
    pub fn deps(&self) -> impl Iterator<Item = ChangeHash> + '_ {
        self.dependencies.iter().copied()
    }

    /// When it was made, by its author's clock, in milliseconds: for display, never for order.
    #[must_use]
    pub fn at(&self) -> Instant {
        self.at
    }

    /// True if it begins its document.
    #[must_use]
    pub fn is_first(&self) -> bool {
        self.dependencies.is_empty()
    }

    /// True if automerge, encoding the operations it decoded, gives the same name again: no second encoding of
    /// one content. The own reader accepts no other; tests compare the two.
    #[must_use]
    pub fn is_canonical(&self) -> bool {
        let again = self.to_automerge().map(|change| Change::from(change.decode()).hash());
        again.is_ok_and(|hash| hash.0 == self.hash.0)
    }
}

/// A value as a record's field holds it; `None` for a type that no field has.
pub(super) fn scalar(value: Value<'_>) -> Option<Scalar> {
    Some(match value {
        Value::Null => Scalar::Null,
        Value::Flag(flag) => Scalar::Flag(flag),
        Value::Number(number) => Scalar::Number(number),
        Value::Text(text) => Scalar::Text(text.to_owned()),
        Value::Foreign(..) => return None,
    })
}
