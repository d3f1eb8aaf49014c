//! The first look at raw bytes: size, chunk type, checksum, length. Own code, nothing of automerge.

use sha2::{Digest, Sha256};

use super::Refusal;
use crate::id::ChangeHash;

/// The largest change that passes, in bytes.
pub const CHANGE_LIMIT: usize = 64 * 1024;

/// What every automerge chunk begins with.
pub(super) const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
/// The chunk type of a single, uncompressed change.
pub(super) const CHANGE_CHUNK: u8 = 1;

/// Checks that `bytes` are exactly one uncompressed change chunk with a right checksum.
pub(super) fn scan(bytes: &[u8]) -> Result<(), Refusal> {
    if bytes.len() > CHANGE_LIMIT {
        return Err(Refusal::TooLarge);
    }
    let (magic, rest) = bytes.split_first_chunk::<4>().ok_or(Refusal::Malformed)?;
    let (checksum, chunk) = rest.split_first_chunk::<4>().ok_or(Refusal::Malformed)?;
    let (kind, body) = chunk.split_first().ok_or(Refusal::Malformed)?;
    let (length, data) = read_length(body).ok_or(Refusal::Malformed)?;
    let digest = Sha256::digest(chunk);
    let whole = *magic == MAGIC && *kind == CHANGE_CHUNK && length == data.len() as u64;
    if whole && digest[..4] == *checksum { Ok(()) } else { Err(Refusal::Malformed) }
}

/// Reads an unsigned LEB128 number of at most 64 bits.
pub(super) fn read_length(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    for (position, byte) in bytes.iter().enumerate().take(9) {
        value |= u64::from(byte & 0x7f) << (7 * position);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[position + 1..]));
        }
    }
    None
}

/// The name that `bytes` have if they are a change: SHA-256 over all but magic and checksum.
#[must_use]
pub fn hash_of(bytes: &[u8]) -> ChangeHash {
    ChangeHash(Sha256::digest(bytes.get(8..).unwrap_or_default()).into())
}
