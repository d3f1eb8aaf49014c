//! Numbers and runs of bytes, one after another: what everything in a chunk is made of.

/// What has not been read yet. Every read answers `None` where the bytes end or break a rule.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rest<'a>(pub(super) &'a [u8]);

impl<'a> Rest<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next `bytes` bytes.
    pub(super) fn take(&mut self, bytes: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(bytes)?;
        self.0 = rest;
        Some(taken)
    }

    /// Bytes that are preceded by their number.
    pub(super) fn take_run(&mut self) -> Option<&'a [u8]> {
        let bytes = self.length()?;
        self.take(bytes)
    }

    /// An unsigned LEB128 number in its shortest form, used as a length.
    pub(super) fn length(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok()
    }

    /// An unsigned LEB128 number of at most 64 bits in its shortest form.
    pub(super) fn number(&mut self) -> Option<u64> {
        let (groups, value) = self.groups()?;
        let last = groups.last()?;
        // Ten groups hold 70 bits: of the last one a single bit is a number's.
        let fits = groups.len() < 10 || *last == 1;
        let shortest = groups.len() == 1 || *last != 0;
        (fits && shortest).then_some(value)
    }

    /// A signed LEB128 number of at most 64 bits in its shortest form.
    pub(super) fn signed(&mut self) -> Option<i64> {
        let (groups, value) = self.groups()?;
        let last = *groups.last()?;
        let negative = last & 0x40 != 0;
        let fits = groups.len() < 10 || last == 0 || last == 0x7f;
        let before = groups.len().checked_sub(2).and_then(|at| groups.get(at));
        // A last group that only repeats the sign of the one before says nothing.
        let idle = if negative { 0x7f } else { 0 };
        let shortest = before.is_none_or(|before| last != idle || (before & 0x40 != 0) != negative);
        let bits = 7 * groups.len() as u32;
        let sign = if negative { u64::MAX.checked_shl(bits).unwrap_or(0) } else { 0 };
        (fits && shortest).then_some((value | sign).cast_signed())
    }

    /// The bytes of one number, at most ten, and their low seven bits put together.
    fn groups(&mut self) -> Option<(&'a [u8], u64)> {
        let mut value = 0_u64;
        for (position, byte) in self.0.iter().enumerate().take(10) {
            value |= u64::from(byte & 0x7f) << (7 * position);
            if byte & 0x80 == 0 {
                return Some((self.take(position + 1)?, value));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_in_their_shortest_form_alone() {
        let number = |bytes: &[u8]| Rest(bytes).number();
        assert_eq!([number(&[0]), number(&[0x7f]), number(&[0x80, 1])], [Some(0), Some(127), Some(128)]);
        let largest = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
        assert_eq!(number(&largest), Some(u64::MAX));
        let mut beyond = largest;
        beyond[9] = 3;
        for broken in [&[][..], &[0x80], &[0x80, 0], &beyond, &[0x80; 12]] {
            assert_eq!(number(broken), None, "{broken:?}");
        }
    }

    #[test]
    fn signed_numbers_are_read_in_their_shortest_form_alone() {
        let signed = |bytes: &[u8]| Rest(bytes).signed();
        let pairs: [(&[u8], i64); 7] = [
            (&[0], 0),
            (&[0x7f], -1),
            (&[0x3f], 63),
            (&[0xc0, 0], 64),
            (&[0x40], -64),
            (&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0], i64::MAX),
            (&[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f], i64::MIN),
        ];
        for (bytes, value) in pairs {
            assert_eq!(signed(bytes), Some(value), "{bytes:?}");
        }
        let beyond = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1];
        for broken in [&[][..], &[0x80, 0], &[0xff, 0x7f], &[0xbf, 0], &beyond, &[0xff; 12]] {
            assert_eq!(signed(broken), None, "{broken:?}");
        }
    }
}
