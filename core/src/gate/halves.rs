//! A change chunk in two halves: the head, which says who, when and which fields, and the tail, the values.
//! Lists of changes travel head beside head and tail beside tail. Own code, nothing of automerge; what is
//! put together here has not passed the gate.

use sha2::{Digest, Sha256};

use crate::chunk::{CHANGE_CHUNK, Chunk, MAGIC};

/// The magic and the checksum, which follow from the rest and do not travel.
pub const CHUNK_PREFIX: usize = 8;

/// The column that holds the operations' values.
const VALUES: u64 = 0x57;

/// The head of a change, if `bytes` are one with a right checksum; the tail is what follows it.
#[must_use]
pub fn head_of(bytes: &[u8]) -> Option<&[u8]> {
    Chunk::read(bytes).ok()?;
    let halves = bytes.get(CHUNK_PREFIX..)?;
    let (head, tail) = measure(halves)?;
    (head + tail == halves.len()).then(|| &halves[..head])
}

/// The lengths of the head at the beginning of `heads`, and of the tail that belongs to it.
#[must_use]
pub fn measure(heads: &[u8]) -> Option<(usize, usize)> {
    let (kind, body) = heads.split_first()?;
    let (length, data) = read_length(body)?;
    let whole = (heads.len() - data.len()).checked_add(usize::try_from(length).ok()?)?;
    if *kind != CHANGE_CHUNK {
        return None;
    }
    let mut rest = Rest(data);
    let dependencies = rest.number()?;
    rest.skip(dependencies.checked_mul(32)?)?;
    rest.skip_run()?;
    rest.number()?;
    rest.number()?;
    rest.skip_time()?;
    rest.skip_run()?;
    for _ in 0..rest.number()? {
        rest.skip_run()?;
    }
    let mut before_values = 0_usize;
    let mut values_begun = false;
    for _ in 0..rest.number()? {
        let (column, length) = (rest.number()?, rest.number()?);
        values_begun |= column as u64 == VALUES;
        if !values_begun {
            before_values = before_values.checked_add(length)?;
        }
    }
    let head = (heads.len() - rest.0.len()).checked_add(before_values)?;
    Some((head, whole.checked_sub(head)?))
}

/// The change that has this head and tail.
#[must_use]
pub fn chunk(head: &[u8], tail: &[u8]) -> Vec<u8> {
    let digest = Sha256::new().chain_update(head).chain_update(tail).finalize();
    [&MAGIC[..], &digest[..4], head, tail].concat()
}

/// Reads an unsigned LEB128 number of at most 63 bits.
fn read_length(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    for (position, byte) in bytes.iter().enumerate().take(9) {
        value |= u64::from(byte & 0x7f) << (7 * position);
        if byte & 0x80 == 0 {
            return Some((value, &bytes[position + 1..]));
        }
    }
    None
}

/// What has not been read yet.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn number(&mut self) -> Option<usize> {
        let (number, rest) = read_length(self.0)?;
        self.0 = rest;
        usize::try_from(number).ok()
    }

    fn skip(&mut self, bytes: usize) -> Option<()> {
        self.0 = self.0.get(bytes..)?;
        Some(())
    }

    /// Skips bytes that are preceded by their number.
    fn skip_run(&mut self) -> Option<()> {
        let bytes = self.number()?;
        self.skip(bytes)
    }

    /// Skips a signed number.
    fn skip_time(&mut self) -> Option<()> {
        let last = self.0.iter().take(10).position(|byte| byte & 0x80 == 0)?;
        self.skip(last + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Instant;
    use crate::doc::{Document, Edits};
    use crate::id::ActorId;
    use crate::model::Scalar;

    /// The last one is longer than one byte can say.
    fn texts() -> [String; 4] {
        ["".into(), "反诈".into(), "反诈宣传".into(), "反诈宣传".repeat(30)]
    }

    fn changes() -> Vec<Vec<u8>> {
        let mut document = Document::new();
        let note = |text: &str| Edits::from([("note".to_owned(), Some(Scalar::Text(text.to_owned())))]);
        let mut changes = Vec::new();
        for (number, text) in texts().iter().enumerate() {
            let actor = ActorId([number as u8; 16]);
            let change = document.write(actor, Instant(1_760_000_000_000), &note(text)).unwrap().unwrap();
            changes.push(change.bytes);
        }
        changes.push(
            document
                .write(ActorId([9; 16]), Instant(-1), &Edits::from([("note".to_owned(), None)]))
                .unwrap()
                .unwrap()
                .bytes,
        );
        changes
    }

    #[test]
    fn two_halves_make_the_change_again() {
        for bytes in changes() {
            let head = head_of(&bytes).unwrap();
            let tail = &bytes[CHUNK_PREFIX + head.len()..];
            assert_eq!(chunk(head, tail), bytes);
            assert_eq!(measure(&[head, b"the next head"].concat()), Some((head.len(), tail.len())));
        }
        for (bytes, text) in changes().iter().zip(texts()) {
            let tail = &bytes[CHUNK_PREFIX + head_of(bytes).unwrap().len()..];
            assert!(tail.starts_with(text.as_bytes()), "a tail begins with the values");
        }
    }

    #[test]
    fn what_is_no_change_has_no_head() {
        let mut bytes = changes().remove(2);
        for length in 0..bytes.len() {
            assert_eq!(head_of(&bytes[..length]), None);
            let _ = measure(&bytes[CHUNK_PREFIX.min(length)..length]);
        }
        bytes[4] ^= 1;
        assert_eq!(head_of(&bytes), None);
    }
}
