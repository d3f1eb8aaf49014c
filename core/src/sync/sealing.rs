//! Sealing to a server's public key: HPKE (RFC 9180) with X25519, HKDF-SHA256 and ChaCha20-Poly1305. Phones
//! seal what only their server may open; the server opens it, and seals a database key back to a phone.

use std::convert::Infallible;

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::rand_core::{TryCryptoRng, TryRng};
use hpke::{
    Deserializable, Kem, OpModeR, OpModeS, Serializable, single_shot_open, single_shot_seal_with_rng,
};
use zeroize::Zeroizing;

use crate::clock::Surroundings;
use crate::error::{Error, Result};
use crate::id::BoxKey;

/// Bytes of the encapsulated key that stand before what is sealed.
const ENCAPSULATED: usize = 32;

type PrivateKey = <X25519HkdfSha256 as Kem>::PrivateKey;
type PublicKey = <X25519HkdfSha256 as Kem>::PublicKey;
type EncappedKey = <X25519HkdfSha256 as Kem>::EncappedKey;

/// The public half of an X25519 key.
///
/// # Panics
/// Never: any 32 bytes are an X25519 key.
#[must_use]
pub fn public_key(secret: &[u8; 32]) -> BoxKey {
    let secret = private(secret).unwrap_or_else(|_| unreachable!("any 32 bytes are an X25519 key"));
    BoxKey(<X25519HkdfSha256 as Kem>::sk_to_pk(&secret).to_bytes().into())
}

/// Seals `plain` so that only the holder of `to`'s private half can open it, and only with the same `purpose`
/// and `about`.
///
/// # Errors
/// [`Error::Sealed`] if `to` is no key.
pub fn seal(
    to: &BoxKey,
    purpose: &str,
    about: &[u8],
    plain: &[u8],
    surroundings: &Surroundings,
) -> Result<Vec<u8>> {
    let to = PublicKey::from_bytes(&to.0).map_err(|_| Error::Sealed("not a key to seal to"))?;
    let (encapsulated, sealed) = single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &to,
        purpose.as_bytes(),
        plain,
        about,
        &mut Random(surroundings),
    )
    .map_err(|_| Error::Sealed("it could not be sealed"))?;
    let mut bytes = encapsulated.to_bytes().to_vec();
    bytes.extend_from_slice(&sealed);
    Ok(bytes)
}

/// Opens what [`seal`] made.
///
/// # Errors
/// [`Error::Sealed`] if it was sealed to another key, for another purpose, or is damaged.
pub fn open(secret: &[u8; 32], purpose: &str, about: &[u8], bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let refused = || Error::Sealed("it was sealed to another key or is damaged");
    let (encapsulated, sealed) = bytes.split_at_checked(ENCAPSULATED).ok_or_else(refused)?;
    let encapsulated = EncappedKey::from_bytes(encapsulated).map_err(|_| refused())?;
    single_shot_open::<ChaCha20Poly1305, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &private(secret)?,
        &encapsulated,
        purpose.as_bytes(),
        sealed,
        about,
    )
    .map(Zeroizing::new)
    .map_err(|_| refused())
}

fn private(secret: &[u8; 32]) -> Result<PrivateKey> {
    PrivateKey::from_bytes(secret).map_err(|_| Error::Sealed("not a key to open with"))
}

/// The injected randomness, as the cipher asks for it.
struct Random<'a>(&'a Surroundings);

impl TryRng for Random<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> std::result::Result<u32, Infallible> {
        Ok(u32::from_le_bytes(self.0.random()))
    }

    fn try_next_u64(&mut self) -> std::result::Result<u64, Infallible> {
        Ok(u64::from_le_bytes(self.0.random()))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> std::result::Result<(), Infallible> {
        self.0.entropy.fill(bytes);
        Ok(())
    }
}

impl TryCryptoRng for Random<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_the_right_key_for_the_right_purpose_only() {
        let surroundings = Surroundings::system();
        let (secret, other) = (surroundings.random::<32>(), surroundings.random::<32>());
        let sealed =
            seal(&public_key(&secret), "parcel", b"d1", "楼道灯坏了".as_bytes(), &surroundings).unwrap();
        assert_eq!(open(&secret, "parcel", b"d1", &sealed).unwrap().as_slice(), "楼道灯坏了".as_bytes());
        assert!(!sealed.windows(6).any(|part| part == "楼道".as_bytes()));
        let mut spoilt = sealed.clone();
        spoilt[40] ^= 1;
        for (key, purpose, about, bytes) in [
            (&other, "parcel", b"d1", &sealed[..]),
            (&secret, "escrow", b"d1", &sealed),
            (&secret, "parcel", b"d2", &sealed),
            (&secret, "parcel", b"d1", &spoilt),
            (&secret, "parcel", b"d1", &sealed[..20]),
        ] {
            assert!(matches!(open(key, purpose, about, bytes), Err(Error::Sealed(_))));
        }
        let again =
            seal(&public_key(&secret), "parcel", b"d1", "楼道灯坏了".as_bytes(), &surroundings).unwrap();
        assert_ne!(again, sealed, "a fresh key each time");
    }
}
