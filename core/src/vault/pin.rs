//! The PIN: what a worker types to open the workbook. From it and a salt argon2id makes a key that wraps the
//! database's key, and a verifier, so that a wrong PIN is told even while the database's key is gone.

use crate::model::Rule;
use crate::model::rule::number;
use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::clock::Surroundings;
use crate::error::{Error, Result};

/// argon2id's memory in KiB, 19 MiB, and its passes: what OWASP advises; about 50 ms on a phone of 2018.
const MEMORY_KIB: u32 = 19 * 1_024;
const PASSES: u32 = 2;
/// Digits of a PIN.
const DIGITS: std::ops::RangeInclusive<usize> = 6..=12;
const NONCE: usize = 12;

/// What is kept of a PIN.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pin {
    salt: [u8; 16],
    verifier: [u8; 32],
}

/// The key that a right PIN yields.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct WrappingKey([u8; 32]);

impl Pin {
    /// A new PIN of 6 to 12 digits.
    ///
    /// # Errors
    /// [`Error::BadPin`].
    pub fn new(text: &str, surroundings: &Surroundings) -> Result<(Self, WrappingKey)> {
        if !DIGITS.contains(&text.len()) || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Error::BadPin(Rule::PinLength {
                least: number(*DIGITS.start()),
                most: number(*DIGITS.end()),
            }));
        }
        let same = text.as_bytes().windows(2).all(|pair| pair[0] == pair[1]);
        let run = |step: u8| text.as_bytes().windows(2).all(|pair| pair[1] == pair[0].wrapping_add(step));
        if same || run(1) || run(u8::MAX) {
            return Err(Error::BadPin(Rule::PinTooSimple));
        }
        let salt = surroundings.random();
        let (key, verifier) = derive(text, &salt)?;
        Ok((Self { salt, verifier }, key))
    }

    /// The key, if this is the PIN.
    ///
    /// # Errors
    /// [`Error::Sealed`] if there is no memory for it.
    pub fn check(&self, text: &str) -> Result<Option<WrappingKey>> {
        let (key, verifier) = derive(text, &self.salt)?;
        Ok((verifier == self.verifier).then_some(key))
    }
}

impl WrappingKey {
    /// Wraps a secret.
    ///
    /// # Errors
    /// [`Error::Sealed`], which no secret of ours can cause.
    pub fn wrap(&self, secret: &[u8], surroundings: &Surroundings) -> Result<Vec<u8>> {
        let nonce = surroundings.random::<NONCE>();
        let wrapped = self.cipher().encrypt(&Nonce::from(nonce), secret);
        let wrapped = wrapped.map_err(|_| Error::Sealed("the key could not be wrapped"))?;
        Ok([&nonce[..], &wrapped].concat())
    }

    /// The inverse of [`WrappingKey::wrap`].
    ///
    /// # Errors
    /// [`Error::Sealed`] if it was wrapped under another PIN.
    pub fn unwrap_secret(&self, wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let refused = || Error::Sealed("the key was wrapped under another PIN");
        let (nonce, wrapped) = wrapped.split_first_chunk::<NONCE>().ok_or_else(refused)?;
        self.cipher().decrypt(&Nonce::from(*nonce), wrapped).map(Zeroizing::new).map_err(|_| refused())
    }

    fn cipher(&self) -> ChaCha20Poly1305 {
        ChaCha20Poly1305::new(&Key::from(self.0))
    }
}

/// The wrapping key, and the verifier that says nothing of it.
fn derive(text: &str, salt: &[u8; 16]) -> Result<(WrappingKey, [u8; 32])> {
    let mut both = Zeroizing::new([0; 64]);
    let params = Params::new(MEMORY_KIB, PASSES, 1, Some(both.len()));
    let argon = params.map(|params| Argon2::new(Algorithm::Argon2id, Version::V0x13, params));
    argon
        .and_then(|argon| argon.hash_password_into(text.as_bytes(), salt, &mut *both))
        .map_err(|_| Error::Sealed("there is no memory to check the PIN"))?;
    let mut key = [0; 32];
    key.copy_from_slice(&both[..32]);
    Ok((WrappingKey(key), Sha256::digest(&both[32..]).into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_opens_what_it_wrapped_and_no_other_does() {
        let surroundings = Surroundings::system();
        let (pin, key) = Pin::new("271828", &surroundings).unwrap();
        let wrapped = key.wrap(&[7; 32], &surroundings).unwrap();
        let right = pin.check("271828").unwrap().unwrap();
        assert_eq!(right.unwrap_secret(&wrapped).unwrap().as_slice(), [7; 32]);
        assert!(pin.check("271829").unwrap().is_none() && pin.check("").unwrap().is_none());
        let (_, other) = Pin::new("271828", &surroundings).unwrap();
        assert!(other.unwrap_secret(&wrapped).is_err(), "another salt is another key");
    }

    #[test]
    fn a_pin_that_anyone_guesses_is_none() {
        for text in ["12345", "1234567890123", "12345a", "111111", "234567", "987654", "１２３４５６"] {
            assert!(matches!(Pin::new(text, &Surroundings::system()), Err(Error::BadPin(_))), "{text}");
        }
    }
}
