//! One change: the unit that is stored, sent, acknowledged and refused.

use automerge::Change;

use crate::clock::Instant;
use crate::error::{Error, Result};
use crate::id::{ActorId, ChangeHash};

/// A change that was just written on this device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewChange {
    /// Its name.
    pub hash: ChangeHash,
    /// Its raw chunk, never deflated: bodies are compressed as a whole.
    pub bytes: Vec<u8>,
}

/// A change read from bytes. Its hash was computed from them, so a wrong checksum shows in [`parse`].
///
/// [`parse`]: ParsedChange::parse
#[derive(Clone, Debug)]
pub struct ParsedChange {
    pub(super) change: Change,
    actor: ActorId,
}

impl ParsedChange {
    /// Reads a change. Only the gate calls it with foreign bytes, and only inside `catch_unwind`.
    ///
    /// # Errors
    /// [`Error::Document`] if the bytes are no single change, or the actor is not 16 bytes.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        let change = Change::try_from(bytes).map_err(|error| Error::Document(error.to_string()))?;
        let actor = ActorId::from_slice(change.actor_id().as_ref())
            .ok_or_else(|| Error::Document("an actor id is 16 bytes".into()))?;
        Ok(Self { change, actor })
    }

    /// Its name.
    #[must_use]
    pub fn hash(&self) -> ChangeHash {
        ChangeHash(self.change.hash().0)
    }

    /// Its bytes, as stored and sent.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.change.raw_bytes()
    }

    /// Who made it.
    #[must_use]
    pub fn actor(&self) -> ActorId {
        self.actor
    }

    /// The how-manieth change of its actor in this document, from 1.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.change.seq()
    }

    /// The number of its first operation.
    #[must_use]
    pub fn start_op(&self) -> u64 {
        self.change.start_op().get()
    }

    /// The number of its last operation.
    #[must_use]
    pub fn max_op(&self) -> u64 {
        self.change.max_op()
    }

    /// The changes its author had seen.
    pub fn deps(&self) -> impl Iterator<Item = ChangeHash> + '_ {
        self.change.deps().iter().map(|hash| ChangeHash(hash.0))
    }

    /// When it was made, by its author's clock, in milliseconds: for display, never for order.
    #[must_use]
    pub fn at(&self) -> Instant {
        Instant(self.change.timestamp())
    }

    /// True if it begins its document.
    #[must_use]
    pub fn is_first(&self) -> bool {
        self.change.deps().is_empty()
    }

    /// True if encoding the decoded operations again gives the same name: no second encoding of one content.
    #[must_use]
    pub fn is_canonical(&self) -> bool {
        Change::from(self.change.decode()).hash() == self.change.hash()
    }
}
