//! A look at a message's CBOR before it is decoded: no more items than a message has, no tags, nothing nested
//! deeply, no length beyond the end. Four megabytes of tags alone would cost the decoder 0.1 s.

/// The most items of one message: about 400,000 would be a page of all there may be, named one by one.
const ITEM_LIMIT: u32 = 400_000;
/// The most lists and maps inside each other.
const DEPTH_LIMIT: usize = 32;

/// True if `bytes` are exactly one item of the shape that our own encoder writes.
pub(super) fn is_plain(bytes: &[u8]) -> bool {
    walk(bytes).is_some_and(<[u8]>::is_empty)
}

/// What follows the first item.
fn walk(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes;
    // Items left in each list that is open.
    let mut open: Vec<u64> = vec![1];
    let mut items = 0;
    while let Some(left) = open.last_mut() {
        if *left == 0 {
            open.pop();
            continue;
        }
        *left -= 1;
        items += 1;
        if items > ITEM_LIMIT {
            return None;
        }
        let (major, argument, after) = head(rest)?;
        rest = after;
        match major {
            2 | 3 => rest = rest.get(usize::try_from(argument).ok()?..)?,
            4 | 5 => {
                if open.len() > DEPTH_LIMIT {
                    return None;
                }
                open.push(if major == 5 { argument.checked_mul(2)? } else { argument });
            }
            6 => return None,
            _ => {}
        }
    }
    Some(rest)
}

/// The major type and argument of an item, and what follows them. Lists without a length are none of ours.
fn head(bytes: &[u8]) -> Option<(u8, u64, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    let width = match first & 0x1f {
        small @ ..24 => return Some((first >> 5, u64::from(small), rest)),
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        _ => return None,
    };
    let (number, rest) = rest.split_at_checked(width)?;
    Some((first >> 5, number.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_items_without_tags_are_plain() {
        for plain in [&[0xf6][..], &[0x80], &[0xa1, 0x61, b'a', 0x18, 30], &[0x82, 0x41, 7, 0x9a, 0, 0, 0, 0]]
        {
            assert!(is_plain(plain), "{plain:02x?}");
        }
        let broken: [&[u8]; 9] = [
            &[],
            &[0x81],
            &[0x41],
            &[0x80, 0],
            &[0xc1, 0],
            &[0x9f, 0xff],
            &[0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0x81; 100],
        ];
        for broken in broken {
            assert!(!is_plain(broken), "{broken:02x?}");
        }
        let many = |items: u32| [&[0x9a][..], &items.to_be_bytes(), &vec![0; items as usize]].concat();
        assert!(is_plain(&many(ITEM_LIMIT - 1)) && !is_plain(&many(ITEM_LIMIT)));
    }
}
