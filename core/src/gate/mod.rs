//! The gate: what a foreign change must pass before it may touch a document, on the server for what
//! phones send and on phones for what the server sends. One bad change refuses itself alone.
//!
//! 1. [`read`] looks at raw bytes: nothing of automerge before it has passed (`scan.rs`).
//! 2. The server checks the sender's signature and that the change's actor is theirs.
//! 3. [`admit`]: number, place and time fit the document (`fit.rs`),
//! 4. the operations write fields of the record's kind, no more and no larger (`schema.rs`),
//! 5. automerge applies the change to a copy that lives on (`trial.rs`).
//!
//! That a content has one encoding alone needs no step: [`crate::chunk`] reads no other.

mod admit;
mod fit;
mod halves;
mod refusal;
mod scan;
mod schema;
mod trial;

pub use crate::chunk::hash_of;
pub use admit::{Admitted, admit, admit_first};
pub use halves::{CHUNK_PREFIX, chunk, head_of, measure};
pub use refusal::Refusal;
pub use scan::{CHANGE_LIMIT, read};
pub use trial::build;
