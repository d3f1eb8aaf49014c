//! The head of a change: its name, who made it, when, on top of what; and where its columns are.

use sha2::{Digest, Sha256};

use super::columns::Columns;
use super::number::Rest;
use super::{Flaw, Operations};
use crate::clock::Instant;
use crate::id::{ActorId, ChangeHash};

/// The most changes that one builds on: as many as wrote the record side by side.
pub const DEPENDENCY_LIMIT: usize = 64;
/// The most actors whose operations one change names, its own among them.
pub const ACTOR_LIMIT: usize = 64;

/// What every automerge chunk begins with.
pub(crate) const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
/// The chunk type of a single, uncompressed change.
pub(crate) const CHANGE_CHUNK: u8 = 1;

/// A change's head and columns, borrowed from its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Chunk<'a> {
    /// All of it.
    pub bytes: &'a [u8],
    /// Its name.
    pub hash: ChangeHash,
    /// The changes it builds on, in ascending order.
    pub dependencies: &'a [[u8; 32]],
    /// Who made it.
    pub actor: ActorId,
    /// The how-manieth of its actor in this document, from 1.
    pub seq: u64,
    /// The number of its first operation, from 1.
    pub start_op: u64,
    /// When it was made, by its author's clock.
    pub at: Instant,
    others: &'a [[u8; 17]],
    pub(super) columns: Columns<'a>,
}

/// The name that `bytes` have if they are a change: SHA-256 over all but magic and checksum.
#[must_use]
pub fn hash_of(bytes: &[u8]) -> ChangeHash {
    ChangeHash(Sha256::digest(bytes.get(8..).unwrap_or_default()).into())
}

impl<'a> Chunk<'a> {
    /// Reads a change whose bytes nobody has looked at; the operations are read by [`Chunk::operations`].
    ///
    /// # Errors
    /// [`Flaw::Broken`] if the bytes are not one change with a right checksum, [`Flaw::Excessive`] if it claims
    /// too many dependencies or actors.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Flaw> {
        let hash = hash_of(bytes);
        if bytes.get(4..8) != Some(&hash.0[..4]) {
            return Err(Flaw::Broken);
        }
        Self::read_named(bytes, hash)
    }

    /// Reads a change whose bytes are known to have this name.
    ///
    /// # Errors
    /// As [`Chunk::read`].
    pub fn read_named(bytes: &'a [u8], hash: ChangeHash) -> Result<Self, Flaw> {
        let body = bytes.strip_prefix(&MAGIC).and_then(|rest| rest.get(4..)).ok_or(Flaw::Broken)?;
        let mut rest = Rest(body);
        let kind = rest.take(1).ok_or(Flaw::Broken)?;
        let data = rest.take_run().ok_or(Flaw::Broken)?;
        if *kind != [CHANGE_CHUNK] || !rest.is_empty() {
            return Err(Flaw::Broken);
        }
        Self::read_data(Rest(data), bytes, hash)
    }

    fn read_data(mut rest: Rest<'a>, bytes: &'a [u8], hash: ChangeHash) -> Result<Self, Flaw> {
        let dependencies = rest.length().ok_or(Flaw::Broken)?;
        if dependencies > DEPENDENCY_LIMIT {
            return Err(Flaw::Excessive);
        }
        let dependencies = rest.take(dependencies * 32).ok_or(Flaw::Broken)?.as_chunks().0;
        let actor = rest.take_run().and_then(ActorId::from_slice).ok_or(Flaw::Broken)?;
        let seq = rest.number().ok_or(Flaw::Broken)?;
        let start_op = rest.number().ok_or(Flaw::Broken)?;
        let at = Instant(rest.signed().ok_or(Flaw::Broken)?);
        let message = rest.take_run().ok_or(Flaw::Broken)?;
        let others = rest.length().ok_or(Flaw::Broken)?;
        if others >= ACTOR_LIMIT {
            return Err(Flaw::Excessive);
        }
        let others = rest.take(others * 17).ok_or(Flaw::Broken)?.as_chunks().0;
        let columns = Columns::read(&mut rest).ok_or(Flaw::Broken)?;
        let plain = dependencies.is_sorted_by(|one, next| one < next)
            && others.iter().all(|other: &[u8; 17]| other[0] == 16 && other[1..] != actor.0)
            && others.is_sorted_by(|one, next| one < next)
            && message.is_empty()
            && seq > 0
            && (1..=u64::from(u32::MAX / 2)).contains(&start_op);
        if plain {
            Ok(Self { bytes, hash, dependencies, actor, seq, start_op, at, others, columns })
        } else {
            Err(Flaw::Broken)
        }
    }

    /// Its operations, in order.
    #[must_use]
    pub fn operations(&self) -> Operations<'a> {
        Operations::of(self)
    }

    /// Reads all operations for their rules' sake, and counts them.
    ///
    /// # Errors
    /// As [`Operations`] gives them.
    pub fn count_operations(&self) -> Result<u64, Flaw> {
        self.operations().try_fold(0, |count, operation| operation.map(|_| count + 1))
    }

    /// The actor that a [`super::Place`] names by its position.
    #[must_use]
    pub fn actor_at(&self, position: u64) -> Option<ActorId> {
        match usize::try_from(position).ok()?.checked_sub(1) {
            None => Some(self.actor),
            Some(other) => ActorId::from_slice(self.others.get(other)?.get(1..)?),
        }
    }

    pub(super) fn actors(&self) -> Actors<'a> {
        Actors { own: self.actor, others: self.others, used: 0 }
    }
}

/// The actors a change names, and which of them its operations have used.
#[derive(Clone, Copy)]
pub(super) struct Actors<'a> {
    own: ActorId,
    others: &'a [[u8; 17]],
    used: u64,
}

impl Actors<'_> {
    /// Notes that an operation names this actor; `None` if there is no such actor.
    pub(super) fn use_up(&mut self, position: u64) -> Option<()> {
        if position > self.others.len() as u64 {
            return None;
        }
        self.used |= 1_u64.checked_shl(u32::try_from(position).ok()?)?;
        Some(())
    }

    /// The actor's bytes, by which operations of the same number are ordered.
    pub(super) fn bytes(&self, position: u64) -> Option<[u8; 16]> {
        match usize::try_from(position).ok()?.checked_sub(1) {
            None => Some(self.own.0),
            Some(other) => self.others.get(other)?.last_chunk().copied(),
        }
    }

    /// True if no other actor is named in vain.
    pub(super) fn are_used(&self) -> bool {
        (self.used >> 1).count_ones() as usize == self.others.len()
    }
}
