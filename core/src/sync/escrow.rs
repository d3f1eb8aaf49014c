//! A database's key on its way to the server and back: sealed to the server long before a phone locks, and sealed
//! to the phone when it may open again. What lies on a locked phone is of use to the server alone.

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::encoding::{decode, encode};
use super::sealing::{open as unseal, seal as seal_to};
use crate::clock::Surroundings;
use crate::error::{Error, Result};
use crate::id::{BoxKey, DeviceId};

const ESCROW: &str = "gridbook-escrow-1";
const KEY: &str = "gridbook-key-1";

/// Why a phone locked. It is sealed together with the key, so that no one can change it on the phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Too long without contact: the next contact opens it.
    Lease,
    /// Too many wrong PINs: the administrator must release it first.
    Pin,
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
struct Escrowed {
    #[serde(with = "serde_bytes")]
    key: Vec<u8>,
    #[zeroize(skip)]
    why: Reason,
}

/// Seals a device's database key to the server.
///
/// # Errors
/// [`Error::Sealed`] if `to` is no key.
pub fn seal(
    key: &[u8; 32],
    why: Reason,
    to: &BoxKey,
    device: &DeviceId,
    surroundings: &Surroundings,
) -> Result<Vec<u8>> {
    let escrowed = Zeroizing::new(encode(&Escrowed { key: key.to_vec(), why })?);
    seal_to(to, ESCROW, device.as_str().as_bytes(), &escrowed, surroundings)
}

/// The server's side: opens a device's escrow.
///
/// # Errors
/// [`Error::Sealed`] if it is another server's or another device's.
pub fn open(secret: &[u8; 32], device: &DeviceId, bytes: &[u8]) -> Result<(Zeroizing<[u8; 32]>, Reason)> {
    let escrowed: Escrowed = decode(&unseal(secret, ESCROW, device.as_str().as_bytes(), bytes)?)?;
    let key = escrowed.key.as_slice().try_into().map_err(|_| Error::Sealed("the escrow holds no key"))?;
    Ok((Zeroizing::new(key), escrowed.why))
}

/// The server's side: gives the key back, sealed to a key that the phone made for this one answer.
///
/// # Errors
/// [`Error::Sealed`] if `reply` is no key.
pub fn give_back(
    key: &[u8; 32],
    reply: &BoxKey,
    device: &DeviceId,
    surroundings: &Surroundings,
) -> Result<Vec<u8>> {
    seal_to(reply, KEY, device.as_str().as_bytes(), key, surroundings)
}

/// The phone's side of [`give_back`].
///
/// # Errors
/// [`Error::Sealed`] if it was sealed for another answer.
pub fn receive(reply: &[u8; 32], device: &DeviceId, bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    unseal(reply, KEY, device.as_str().as_bytes(), bytes)
}
