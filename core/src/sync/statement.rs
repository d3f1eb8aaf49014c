//! What a server signs: mandates, terms, revocations and receipts of parcels. Phones check them with the key
//! that came in their invitation, so that nobody between can lock, wipe or keep open a phone.

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};

use crate::id::{ServerKey, Signature};

/// What a signature is for: one for another purpose never passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statement {
    /// An invitation's mandate: server address, invite secret, mandate.
    Mandate,
    /// Terms: who asked, what they asked with, time, hours of lease, the key to seal to.
    Terms,
    /// A device's revocation: the device, when.
    Revocation,
    /// The receipt of a parcel: the device, SHA-256 of the parcel.
    Parcel,
}

impl Statement {
    /// The first line of what is signed.
    #[must_use]
    pub fn purpose(self) -> &'static str {
        match self {
            Statement::Mandate => "gridbook-mandate-1",
            Statement::Terms => "gridbook-terms-1",
            Statement::Revocation => "gridbook-revocation-1",
            Statement::Parcel => "gridbook-parcel-1",
        }
    }

    /// Each part with its length before it (8 bytes, big-endian), so that no two lists give the same bytes.
    fn message(self, parts: &[&[u8]]) -> Vec<u8> {
        let mut message = self.purpose().as_bytes().to_vec();
        for part in parts {
            message.extend_from_slice(&(part.len() as u64).to_be_bytes());
            message.extend_from_slice(part);
        }
        message
    }

    /// The server's signature on `parts`.
    #[must_use]
    pub fn sign(self, secret: &[u8; 32], parts: &[&[u8]]) -> Signature {
        Signature(SigningKey::from_bytes(secret).sign(&self.message(parts)).to_bytes())
    }

    /// True if `proof` is `key`'s signature on `parts`.
    #[must_use]
    pub fn holds(self, key: &ServerKey, parts: &[&[u8]], proof: &Signature) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(&proof.0);
        VerifyingKey::from_bytes(&key.0)
            .is_ok_and(|key| key.verify_strict(&self.message(parts), &signature).is_ok())
    }
}

/// The public half of a server's signing key.
#[must_use]
pub fn public_key(secret: &[u8; 32]) -> ServerKey {
    ServerKey(SigningKey::from_bytes(secret).verifying_key().to_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_purpose_and_parts_alone() {
        let secret = [3; 32];
        let key = public_key(&secret);
        let proof = Statement::Revocation.sign(&secret, &[b"d1", b"7"]);
        assert!(Statement::Revocation.holds(&key, &[b"d1", b"7"], &proof));
        assert!(!Statement::Parcel.holds(&key, &[b"d1", b"7"], &proof));
        assert!(!Statement::Revocation.holds(&key, &[b"d17", b""], &proof), "parts are kept apart");
        assert!(!Statement::Revocation.holds(&public_key(&[4; 32]), &[b"d1", b"7"], &proof));
    }
}
