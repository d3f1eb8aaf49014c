//! The first look at raw bytes, and what travels in columns: heads, tails and whole changes.

#![no_main]

use gridbook_core::gate;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = gate::read(bytes);
    // With magic and checksum put right, or hardly anything would get past the first line.
    let change = gate::chunk(bytes, b"");
    let _ = gate::read(&change);
    let _ = gate::measure(bytes);
    if let Some(head) = gate::head_of(&change) {
        let tail = &change[gate::CHUNK_PREFIX + head.len()..];
        assert_eq!(gate::chunk(head, tail), change, "two halves make the change again");
        assert_eq!(gate::measure(head), Some((head.len(), tail.len())));
    }
});
