//! Device proof: every request after enrolment is signed by the device's own key.
//!
//! The signature covers the path, the body and the moment, so a captured request is of no use for
//! another body or path, and none after [`TOLERANCE_MS`].

use ed25519_dalek::{Signature, Signer, SigningKey, Verifier, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::clock::Instant;
use crate::id::{DeviceId, DeviceKey};

/// Header: the device's id.
pub const DEVICE_HEADER: &str = "gridbook-device";
/// Header: the moment of the request in milliseconds, by the device's clock corrected to the server's.
pub const TIME_HEADER: &str = "gridbook-time";
/// Header: the signature, lower-case hexadecimal.
pub const PROOF_HEADER: &str = "gridbook-proof";
/// Header of every answer: the server's time in milliseconds, from which a phone with a wrong clock
/// learns how far it is off.
pub const SERVER_TIME_HEADER: &str = "gridbook-server-time";

/// How far the time of a request may be from the server's, in milliseconds: ten minutes.
pub const TOLERANCE_MS: i64 = 10 * 60 * 1_000;

fn message(device: &DeviceId, path: &str, at: Instant, body: &[u8]) -> Vec<u8> {
    let body = data_encoding::HEXLOWER.encode(&Sha256::digest(body));
    format!("gridbook-proof-1\n{device}\n{path}\n{}\n{body}", at.0).into_bytes()
}

/// The public half of a device's key.
#[must_use]
pub fn public_key(secret: &[u8; 32]) -> DeviceKey {
    DeviceKey(SigningKey::from_bytes(secret).verifying_key().to_bytes())
}

/// Signs a request, as lower-case hexadecimal.
#[must_use]
pub fn sign(secret: &[u8; 32], device: &DeviceId, path: &str, at: Instant, body: &[u8]) -> String {
    let signature = SigningKey::from_bytes(secret).sign(&message(device, path, at, body));
    data_encoding::HEXLOWER.encode(&signature.to_bytes())
}

/// True if `proof` is `key`'s signature on this request.
#[must_use]
pub fn verify(key: &DeviceKey, device: &DeviceId, path: &str, at: Instant, body: &[u8], proof: &str) -> bool {
    let signature = data_encoding::HEXLOWER.decode(proof.as_bytes()).ok();
    let signature = signature.and_then(|bytes| Signature::from_slice(&bytes).ok());
    match (VerifyingKey::from_bytes(&key.0), signature) {
        (Ok(key), Some(signature)) => key.verify(&message(device, path, at, body), &signature).is_ok(),
        _ => false,
    }
}
