//! Step one, raw bytes: size, checksum, head, columns, and every operation read once. Own code; automerge has
//! not seen them.

use super::Refusal;
use crate::chunk::{Chunk, Flaw};
use crate::doc::ParsedChange;

/// The largest change that passes, in bytes.
pub const CHANGE_LIMIT: usize = 64 * 1024;

/// Reads foreign bytes as a change.
///
/// # Errors
/// [`Refusal::TooLarge`] or [`Refusal::Malformed`].
pub fn read(bytes: &[u8]) -> Result<ParsedChange, Refusal> {
    if bytes.len() > CHANGE_LIMIT {
        return Err(Refusal::TooLarge);
    }
    let chunk = Chunk::read(bytes)?;
    let operations = chunk.count_operations()?;
    Ok(ParsedChange::of(&chunk, operations))
}

impl From<Flaw> for Refusal {
    fn from(flaw: Flaw) -> Self {
        match flaw {
            Flaw::Broken => Refusal::Malformed,
            Flaw::Excessive => Refusal::TooLarge,
        }
    }
}
