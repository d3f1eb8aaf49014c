//! The gate: what a foreign change must pass before it may touch a document, on the server for what
//! phones send and on phones for what the server sends.
//!
//! [`read`] looks at raw bytes before automerge does, [`admit`] tries the change on the document.
//! One bad change refuses itself alone.

mod admit;
mod halves;
mod refusal;
mod scan;

pub use admit::{Admitted, admit, read};
pub use halves::{CHUNK_PREFIX, chunk, head_of, measure};
pub use refusal::Refusal;
pub use scan::{CHANGE_LIMIT, hash_of};
