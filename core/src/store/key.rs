//! The database's key: 32 random bytes that the platform's key store wraps.

use std::fmt;

use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::beside::Salt;
use crate::clock::Surroundings;

/// A raw SQLCipher key. It is wiped from memory when dropped and never printed.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Key([u8; 32]);

impl Key {
    /// The length of a fingerprint, in hexadecimal digits.
    pub(super) const FINGERPRINT: usize = 16;

    /// Takes 32 random bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// A new random key.
    #[must_use]
    pub fn random(surroundings: &Surroundings) -> Self {
        Self(surroundings.random())
    }

    /// The pragma's argument: a raw key skips the 256,000 rounds that a passphrase needs (135 ms an open).
    pub(super) fn pragma(&self) -> Zeroizing<String> {
        let hex = Zeroizing::new(data_encoding::HEXLOWER.encode(&self.0));
        Zeroizing::new(format!("x'{}'", *hex))
    }

    /// The same for a file that has, or shall have, this salt.
    pub(super) fn pragma_with(&self, salt: &Salt) -> Zeroizing<String> {
        let hex = Zeroizing::new(data_encoding::HEXLOWER.encode(&self.0));
        Zeroizing::new(format!("x'{}{}'", *hex, data_encoding::HEXLOWER.encode(salt)))
    }

    /// A fingerprint that tells a wrong key from a damaged file. Of a 256-bit random key it gives nothing away.
    pub(super) fn fingerprint(&self) -> String {
        let digest = Sha256::new().chain_update(b"gridbook-key-1").chain_update(self.0).finalize();
        data_encoding::HEXLOWER.encode(&digest[..8])
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}
