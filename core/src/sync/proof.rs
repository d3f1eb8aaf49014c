//! Device proof: every request after enrolment is signed by the device's own key.
//!
//! The signature covers the path, the body, the moment and a nonce, so a captured request is of no use for
//! another body or path, none after [`TOLERANCE_MS`], and none a second time: the server remembers nonces.

use sha2::{Digest, Sha256};

use crate::clock::{Instant, Surroundings};
use crate::error::Result;
use crate::id::DeviceId;
use crate::key::{DeviceKey, Signer};

/// Header: the device's id.
pub const DEVICE_HEADER: &str = "gridbook-device";
/// Header: the moment of the request in milliseconds, by the device's clock corrected to the server's.
pub const TIME_HEADER: &str = "gridbook-time";
/// Header: 16 random bytes, new for each request and each repeat of it, lower-case hexadecimal.
pub const NONCE_HEADER: &str = "gridbook-nonce";
/// Header: the signature, lower-case hexadecimal.
pub const PROOF_HEADER: &str = "gridbook-proof";
/// Header of every answer: the server's time in milliseconds, from which a phone with a wrong clock
/// learns how far it is off.
pub const SERVER_TIME_HEADER: &str = "gridbook-server-time";

/// How far the time of a request may be from the server's, in milliseconds: two minutes. A phone whose clock
/// is further off corrects itself by the first answer; a body takes a minute at most.
pub const TOLERANCE_MS: i64 = 2 * 60 * 1_000;

/// A number used once.
pub type Nonce = [u8; 16];

/// What a request says of itself, besides its path and body; all of it is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Who asks.
    pub device: DeviceId,
    /// When.
    pub at: Instant,
    /// Which request of this device it is.
    pub nonce: Nonce,
}

impl Stamp {
    /// The stamp of a request that is made at `at`.
    #[must_use]
    pub fn new(device: &DeviceId, at: Instant, surroundings: &Surroundings) -> Self {
        Self { device: device.clone(), at, nonce: surroundings.random() }
    }

    /// Signs a request, as lower-case hexadecimal.
    ///
    /// # Errors
    /// What keeps the device's key from being used.
    pub fn sign(&self, signer: &dyn Signer, path: &str, body: &[u8]) -> Result<String> {
        Ok(data_encoding::HEXLOWER.encode(&signer.sign(&self.message(path, body))?))
    }

    /// True if `proof` is `key`'s signature on this request.
    #[must_use]
    pub fn verify(&self, key: &DeviceKey, path: &str, body: &[u8], proof: &str) -> bool {
        let signature = data_encoding::HEXLOWER.decode(proof.as_bytes());
        signature.is_ok_and(|signature| key.verifies(&self.message(path, body), &signature))
    }

    /// The nonce as its header carries it.
    #[must_use]
    pub fn nonce_text(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.nonce)
    }

    /// Reads a nonce's header.
    #[must_use]
    pub fn nonce_from_text(text: &str) -> Option<Nonce> {
        data_encoding::HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok()
    }

    fn message(&self, path: &str, body: &[u8]) -> Vec<u8> {
        let body = data_encoding::HEXLOWER.encode(&Sha256::digest(body));
        let Self { device, at, .. } = self;
        format!("gridbook-proof-1\n{device}\n{path}\n{}\n{}\n{body}", at.0, self.nonce_text()).into_bytes()
    }
}
