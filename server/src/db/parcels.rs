//! Rows of the lead's box.

use gridbook_core::clock::Instant;
use gridbook_core::id::{DeviceId, PersonId};

/// A parcel on its way into the box.
#[derive(Clone, Debug)]
pub struct NewParcel {
    /// The revoked device that hands it in.
    pub device: DeviceId,
    /// Whose device it was.
    pub person: PersonId,
    /// SHA-256 of the sealed bytes: the same parcel is kept once.
    pub digest: [u8; 32],
    /// When it arrived.
    pub at: Instant,
    /// The sealed bytes.
    pub bytes: Vec<u8>,
}

/// A parcel in the box, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParcelRow {
    /// Its place in the box: later parcels have higher ones.
    pub n: u64,
    /// The device.
    pub device: DeviceId,
    /// Whose it was.
    pub person: PersonId,
    /// When it arrived.
    pub at: Instant,
    /// How many bytes it has.
    pub size: u64,
    /// When a lead accepted it, if so.
    pub accepted: Option<Instant>,
}

/// A parcel's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedParcel {
    /// [`NewParcel::digest`]: its name, whatever is taken out of it later.
    pub digest: [u8; 32],
    /// The sealed bytes.
    pub bytes: Vec<u8>,
}
