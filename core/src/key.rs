//! Device keys: what a device signs with and what its signatures are checked with.
//!
//! The client signs requests through [`Signer`], the server keeps the [`DeviceKey`] that the device named at
//! enrolment. Two algorithms, because hardware key stores of phones make P-256 keys and no ed25519.

use std::fmt;

use ed25519_dalek::Signer as _;
use p256::ecdsa;
use p256::pkcs8::DecodePublicKey as _;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::error::{Error, Result};

/// Bytes of a signature under either algorithm: ed25519's, or P-256's r and s of 32 bytes each.
pub const SIGNATURE_SIZE: usize = 64;

/// A device's public key. On the wire the name of its algorithm stands before its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum DeviceKey {
    /// ed25519.
    #[serde(rename = "ed25519", with = "serde_bytes")]
    Ed25519([u8; 32]),
    /// ECDSA over P-256 with SHA-256: the point in SEC 1's compressed form.
    #[serde(rename = "p256", with = "serde_bytes")]
    P256([u8; 33]),
}

impl DeviceKey {
    /// A key from what [`DeviceKey::algorithm`] and [`DeviceKey::as_bytes`] gave; `None` if it is none.
    #[must_use]
    pub fn from_parts(algorithm: &str, bytes: &[u8]) -> Option<Self> {
        match algorithm {
            "ed25519" => Some(Self::Ed25519(bytes.try_into().ok()?)),
            "p256" => Some(Self::P256(bytes.try_into().ok()?)),
            _ => None,
        }
    }

    /// A P-256 key as a key store gives it out: a point in SEC 1's form, compressed or not (iOS), or X.509's
    /// SubjectPublicKeyInfo (Android); `None` if it is none.
    #[must_use]
    pub fn p256(bytes: &[u8]) -> Option<Self> {
        let key = ecdsa::VerifyingKey::from_sec1_bytes(bytes).ok();
        key.or_else(|| ecdsa::VerifyingKey::from_public_key_der(bytes).ok()).map(|key| Self::of_p256(&key))
    }

    fn of_p256(key: &ecdsa::VerifyingKey) -> Self {
        let mut bytes = [0; 33];
        bytes.copy_from_slice(key.to_sec1_point(true).as_bytes());
        Self::P256(bytes)
    }

    /// The algorithm's name.
    #[must_use]
    pub fn algorithm(&self) -> &'static str {
        match self {
            Self::Ed25519(_) => "ed25519",
            Self::P256(_) => "p256",
        }
    }

    /// The key itself.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Ed25519(bytes) => bytes,
            Self::P256(bytes) => bytes,
        }
    }

    /// True if the bytes are a point of the curve under which a signature says something.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        match self {
            Self::Ed25519(bytes) => {
                ed25519_dalek::VerifyingKey::from_bytes(bytes).is_ok_and(|key| !key.is_weak())
            }
            Self::P256(bytes) => ecdsa::VerifyingKey::from_sec1_bytes(bytes).is_ok(),
        }
    }

    /// True if `signature` is this key's on `message`.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Ed25519(bytes) => {
                let signature = ed25519_dalek::Signature::from_slice(signature);
                let (Ok(key), Ok(signature)) = (ed25519_dalek::VerifyingKey::from_bytes(bytes), signature)
                else {
                    return false;
                };
                key.verify_strict(message, &signature).is_ok()
            }
            Self::P256(bytes) => {
                let signature = ecdsa::Signature::from_slice(signature);
                let (Ok(key), Ok(signature)) = (ecdsa::VerifyingKey::from_sec1_bytes(bytes), signature)
                else {
                    return false;
                };
                ecdsa::signature::Verifier::verify(&key, message, &signature).is_ok()
            }
        }
    }
}

/// A P-256 signature as a key store gives it out, in DER or as r and s one after the other; `None` if it is none.
#[must_use]
pub fn p256_signature(bytes: &[u8]) -> Option<[u8; SIGNATURE_SIZE]> {
    let signature = ecdsa::Signature::from_der(bytes).or_else(|_| ecdsa::Signature::from_slice(bytes));
    signature.ok().map(|signature| signature.to_bytes().into())
}

/// Something that holds a device's private key and signs with it: [`SoftwareKey`], or a phone's key store.
pub trait Signer: Send + Sync {
    /// The public half.
    fn key(&self) -> DeviceKey;

    /// Signs a message. What a key store yields, [`p256_signature`] reads.
    ///
    /// # Errors
    /// What keeps the key from being used, such as a locked phone.
    fn sign(&self, message: &[u8]) -> Result<[u8; SIGNATURE_SIZE]>;
}

/// A private key in memory, wiped when dropped and never printed.
#[derive(Clone)]
pub enum SoftwareKey {
    /// Any 32 bytes.
    Ed25519(Zeroizing<[u8; 32]>),
    /// A number that the curve takes: nearly any 32 bytes.
    P256(ecdsa::SigningKey),
}

impl SoftwareKey {
    /// An ed25519 key from 32 random bytes.
    #[must_use]
    pub fn ed25519(secret: &[u8; 32]) -> Self {
        Self::Ed25519(Zeroizing::new(*secret))
    }

    /// A P-256 key from 32 random bytes; `None` for the few that the curve does not take.
    #[must_use]
    pub fn p256(secret: &[u8; 32]) -> Option<Self> {
        ecdsa::SigningKey::from_slice(secret).ok().map(Self::P256)
    }
}

impl Signer for SoftwareKey {
    fn key(&self) -> DeviceKey {
        match self {
            Self::Ed25519(secret) => {
                DeviceKey::Ed25519(ed25519_dalek::SigningKey::from_bytes(secret).verifying_key().to_bytes())
            }
            Self::P256(secret) => DeviceKey::of_p256(secret.verifying_key()),
        }
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; SIGNATURE_SIZE]> {
        match self {
            Self::Ed25519(secret) => {
                Ok(ed25519_dalek::SigningKey::from_bytes(secret).sign(message).to_bytes())
            }
            Self::P256(secret) => {
                let signature: ecdsa::Signature = ecdsa::signature::Signer::try_sign(secret, message)
                    .map_err(|_| Error::Protocol("the device key does not sign".into()))?;
                Ok(signature.to_bytes().into())
            }
        }
    }
}

impl fmt::Debug for SoftwareKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SoftwareKey").field("key", &self.key()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use p256::pkcs8::EncodePublicKey as _;

    use super::*;

    #[test]
    fn a_signature_holds_for_its_key_and_message_alone() {
        let secret = [7; 32];
        let keys = [SoftwareKey::ed25519(&secret), SoftwareKey::p256(&secret).unwrap()];
        for (own, other) in [(&keys[0], &keys[1]), (&keys[1], &keys[0])] {
            let mut signature = own.sign(b"a request").unwrap();
            assert!(own.key().is_sound());
            assert!(own.key().verifies(b"a request", &signature));
            assert!(!own.key().verifies(b"a Request", &signature));
            assert!(!other.key().verifies(b"a request", &signature), "the algorithms are apart");
            assert!(!own.key().verifies(b"a request", &signature[1..]));
            signature[40] ^= 1;
            assert!(!own.key().verifies(b"a request", &signature));
            let same = DeviceKey::from_parts(own.key().algorithm(), own.key().as_bytes());
            assert_eq!(same, Some(own.key()));
            assert!(!format!("{own:?}").contains("07070707"), "the secret stays out of logs");
        }
    }

    #[test]
    fn what_key_stores_give_out_is_read_in_each_of_its_forms() {
        let own = SoftwareKey::p256(&[7; 32]).unwrap();
        let SoftwareKey::P256(secret) = &own else { panic!("another algorithm") };
        let public = secret.verifying_key();
        let info = public.to_public_key_der().unwrap();
        for form in
            [public.to_sec1_point(true).as_bytes(), public.to_sec1_point(false).as_bytes(), info.as_bytes()]
        {
            assert_eq!(DeviceKey::p256(form), Some(own.key()));
            assert_eq!(DeviceKey::p256(&form[1..]), None);
        }
        let raw = own.sign(b"a request").unwrap();
        let der = ecdsa::Signature::from_slice(&raw).unwrap().to_der();
        for form in [&raw[..], der.as_bytes()] {
            assert_eq!(p256_signature(form), Some(raw));
            assert_eq!(p256_signature(&form[1..]), None);
        }
    }

    #[test]
    fn what_is_no_point_of_the_curve_is_not_sound() {
        assert!(!DeviceKey::P256([0xff; 33]).is_sound());
        // The identity: every message has a signature under it.
        let mut identity = [0; 32];
        identity[0] = 1;
        assert!(!DeviceKey::Ed25519(identity).is_sound());
        assert!(!DeviceKey::Ed25519(identity).verifies(b"x", &[0; 64]));
        assert_eq!(DeviceKey::from_parts("p256", &[2; 32]), None);
        assert_eq!(DeviceKey::from_parts("rsa", &[2; 32]), None);
    }
}
