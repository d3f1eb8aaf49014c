//! The envelope: headers of a request, an invitation, a signature that is none.

#![no_main]

use gridbook_core::clock::Instant;
use gridbook_core::id::DeviceId;
use gridbook_core::key::DeviceKey;
use gridbook_core::sync::invitation::Invitation;
use gridbook_core::sync::proof::Stamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((key, rest)) = bytes.split_first_chunk::<33>() else { return };
    let text = String::from_utf8_lossy(rest);
    let mut parts = text.splitn(4, '\n').map(str::to_owned);
    let mut part = || parts.next().unwrap_or_default();
    let (device, at, signature, body) = (DeviceId(part()), part(), part(), part());
    let stamp = Stamp { device, at: Instant(at.parse().unwrap_or(i64::MIN)), nonce: [key[0]; 16] };
    for (algorithm, key) in [("ed25519", &key[1..]), ("p256", &key[..])] {
        let Some(key) = DeviceKey::from_parts(algorithm, key) else { continue };
        // Nobody signed this: only a key that no enrolment takes lets it pass.
        let genuine = stamp.verify(&key, "/v1/sync", body.as_bytes(), &signature);
        assert!(!genuine || !key.is_sound());
    }
    let _ = body.parse::<Invitation>();
});
