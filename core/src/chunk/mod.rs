//! A change as bytes, read without automerge: who, when, on top of what, and operation after operation.
//!
//! The gate reads foreign changes here before automerge sees them, and [`crate::doc`] reads a record from its
//! only change. The reader borrows, allocates nothing that a header claims, and never panics. It accepts one
//! encoding of each content alone, the one that automerge 0.12 writes: shortest numbers, longest runs, columns
//! in order and none empty, nothing left over. Marks, tables, counters and compressed columns are not read,
//! because no record has any.

mod columns;
mod head;
mod number;
mod operation;
mod place;
mod runs;
mod value;

pub use head::{ACTOR_LIMIT, Chunk, DEPENDENCY_LIMIT, hash_of};
pub(crate) use head::{CHANGE_CHUNK, MAGIC};
pub use operation::{Action, Key, Operation, Operations, ROW_LIMIT};
pub use place::Place;
pub use value::Value;

/// Why bytes are not read as a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// They are no change, or not in the one encoding that is accepted.
    #[error("the bytes are no change in its one encoding")]
    Broken,
    /// They claim more than [`ROW_LIMIT`], [`DEPENDENCY_LIMIT`] or [`ACTOR_LIMIT`].
    #[error("the change claims more operations, dependencies or actors than a record needs")]
    Excessive,
}
