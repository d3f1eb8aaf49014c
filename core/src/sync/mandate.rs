//! A mandate: what a server says, signed, that an invited person may do, so that a phone can begin its work
//! without a network. It travels inside the invitation.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

use super::encoding::{decode, encode};
use super::statement::Statement;
use crate::clock::Instant;
use crate::error::{Error, Result};
use crate::id::{ServerKey, Signature};
use crate::model::{Grant, Person, Rule, Scope};

/// What an invited person may do until the device has its place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mandate {
    /// Who.
    pub person: Person,
    /// What they may do where, communities spelt out into grids and groups.
    pub grants: Vec<Grant>,
    /// The names of those scopes.
    pub scopes: Vec<Scope>,
    /// The communities' zone, in minutes east of Greenwich.
    pub zone_minutes: i32,
    /// Until when the invitation can be used, by the server's clock.
    pub expires: Instant,
}

/// A mandate as it travels: its bytes and the server's signature on them, the address and the secret.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedMandate {
    bytes: Vec<u8>,
    proof: Signature,
}

impl SignedMandate {
    /// Signs a mandate for one invitation.
    ///
    /// # Errors
    /// [`Error::Protocol`] if it cannot be written, which no mandate of ours can cause.
    pub fn new(mandate: &Mandate, server: &str, invite: &str, secret: &[u8; 32]) -> Result<Self> {
        let bytes = encode(mandate)?;
        let proof = Statement::Mandate.sign(secret, &[server.as_bytes(), invite.as_bytes(), &bytes]);
        Ok(Self { bytes, proof })
    }

    /// The mandate, if `key` signed it for this address and secret.
    ///
    /// # Errors
    /// [`Error::BadInvitation`].
    pub fn read(&self, server: &str, invite: &str, key: &ServerKey) -> Result<Mandate> {
        let parts = [server.as_bytes(), invite.as_bytes(), &self.bytes];
        if !Statement::Mandate.holds(key, &parts, &self.proof) {
            return Err(Error::BadInvitation(Rule::InvitationNotSigned));
        }
        decode(&self.bytes).map_err(|_| Error::BadInvitation(Rule::InvitationNewer))
    }

    /// As it stands in an invitation's text: the signature, then the mandate, in base64 for addresses.
    #[must_use]
    pub fn to_text(&self) -> String {
        BASE64URL_NOPAD.encode(&[&self.proof.0[..], &self.bytes].concat())
    }

    /// The inverse of [`SignedMandate::to_text`]; `None` if it is no such text.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let joined = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
        let (proof, bytes) = joined.split_at_checked(64)?;
        Some(Self { proof: Signature::from_slice(proof)?, bytes: bytes.to_vec() })
    }
}

/// Without names.
impl fmt::Debug for SignedMandate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedMandate").field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}
