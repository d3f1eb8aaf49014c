//! A parcel: a revoked phone's unsent work, sealed to the server's public key, for the lead's box. The phone
//! makes it, the server opens it when a lead asks.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::columns;
use super::encoding::{decode, encode};
use super::protocol::Push;
use super::sealing::{open, seal};
use super::statement::Statement;
use crate::clock::{Instant, Surroundings};
use crate::error::Result;
use crate::id::{ActorId, BoxKey, DeviceId, PersonId, RecordId, ScopeId};
use crate::model::{Kind, Reveal};

/// One lot of unsent work; a phone with much of it makes several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parcel {
    /// Whose work it is.
    pub person: PersonId,
    /// The actor under which the phone wrote last.
    pub actor: ActorId,
    /// Which lot, from 1.
    pub part: u32,
    /// Of how many.
    pub parts: u32,
    /// The scopes that [`Parcel::changes`] name by index.
    pub scopes: Vec<ScopeId>,
    /// Changes without a receipt, refused ones too, dependencies first.
    #[serde(with = "columns::pushed")]
    pub changes: Vec<Push>,
    /// What was begun and not saved.
    pub drafts: Vec<ParcelDraft>,
    /// Reveals that the server has not acknowledged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reveals: Vec<Reveal>,
}

/// A draft in a parcel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParcelDraft {
    /// Its id.
    pub id: RecordId,
    /// The kind of record it would have been.
    pub kind: Kind,
    /// The record it edits, if it is not a new one.
    pub record: Option<RecordId>,
    /// When it was last touched.
    pub updated: Instant,
    /// What had been entered, as JSON.
    pub json: String,
}

impl Parcel {
    /// The parcel as it travels: only the server can open it, and only as this device's.
    ///
    /// # Errors
    /// [`crate::Error::Sealed`] if `to` is no key.
    pub fn seal(&self, to: &BoxKey, device: &DeviceId, surroundings: &Surroundings) -> Result<Vec<u8>> {
        let purpose = Statement::Parcel.purpose();
        seal(to, purpose, device.as_str().as_bytes(), &encode(self)?, surroundings)
    }

    /// The inverse of [`Parcel::seal`].
    ///
    /// # Errors
    /// [`crate::Error::Sealed`] if it was sealed to another server or by another device;
    /// [`crate::Error::Protocol`] if it holds no parcel.
    pub fn open(secret: &[u8; 32], device: &DeviceId, bytes: &[u8]) -> Result<Self> {
        decode(&open(secret, Statement::Parcel.purpose(), device.as_str().as_bytes(), bytes)?)
    }
}

/// What names a sealed parcel in its receipt.
#[must_use]
pub fn digest(sealed: &[u8]) -> [u8; 32] {
    Sha256::digest(sealed).into()
}
