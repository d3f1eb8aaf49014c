//! The envelope: headers of a request, an invitation, a signature that is none.

#![no_main]

use gridbook_core::clock::Instant;
use gridbook_core::id::{DeviceId, DeviceKey};
use gridbook_core::sync::invitation::Invitation;
use gridbook_core::sync::proof;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((key, rest)) = bytes.split_first_chunk::<32>() else { return };
    let text = String::from_utf8_lossy(rest);
    let mut parts = text.splitn(4, '\n').map(str::to_owned);
    let mut part = || parts.next().unwrap_or_default();
    let (device, at, signature, body) = (DeviceId(part()), part(), part(), part());
    let at = Instant(at.parse().unwrap_or(i64::MIN));
    let genuine = proof::verify(&DeviceKey(*key), &device, "/v1/sync", at, body.as_bytes(), &signature);
    // A key that is no key verifies nothing; one of small order may, and no device has it.
    let _ = genuine;
    let _ = body.parse::<Invitation>();
});
