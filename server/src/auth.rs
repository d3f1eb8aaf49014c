//! Who is asking: a device by the proof in its headers, a lead by a bearer token.

use axum::http::HeaderMap;
use gridbook_core::clock::Instant;
use gridbook_core::id::{DeviceId, PersonId};
use gridbook_core::sync::proof::{DEVICE_HEADER, NONCE_HEADER, PROOF_HEADER, Stamp, TIME_HEADER};
use gridbook_core::sync::protocol::FailureCode;

use crate::db::Device;
use crate::error::{Error, Result};
use crate::nonces::{Nonces, Novelty};
use crate::service::{Service, secret_hash};

/// What a request claims about who sent it; nothing of it is true before [`Claim::prove`] says so.
pub(crate) struct Claim<'a> {
    stamp: Stamp,
    signature: &'a str,
}

impl<'a> Claim<'a> {
    /// Reads the headers.
    ///
    /// # Errors
    /// [`Error::Refused`] with `bad_proof` if one is missing or unreadable, or `bad_time`.
    pub(crate) fn read(headers: &'a HeaderMap, nonces: &Nonces, now: Instant) -> Result<Self> {
        let device = text(headers, DEVICE_HEADER).map(DeviceId::from);
        let at = text(headers, TIME_HEADER).and_then(|text| text.parse().ok()).map(Instant);
        let nonce = text(headers, NONCE_HEADER).and_then(Stamp::nonce_from_text);
        let signature = text(headers, PROOF_HEADER);
        let (Some(device), Some(at), Some(nonce), Some(signature)) = (device, at, nonce, signature) else {
            let headers = [DEVICE_HEADER, TIME_HEADER, NONCE_HEADER, PROOF_HEADER].join(", ");
            return Err(bad_proof(format!("the headers {headers} are needed")));
        };
        if !nonces.timely(at, now) {
            let detail = "the request's time is too far from the server's; correct it and sign again";
            return Err(Error::refused(FailureCode::BadTime, detail));
        }
        Ok(Self { stamp: Stamp { device, at, nonce }, signature })
    }

    /// The device that is said to ask.
    ///
    /// # Errors
    /// [`Error::Refused`] with `not_enrolled`. Whether the device was revoked is told only to who holds its
    /// key, and later.
    pub(crate) async fn device(&self, service: &Service) -> Result<Device> {
        service.database().device(&self.stamp.device).await?.ok_or_else(|| {
            Error::refused(FailureCode::NotEnrolled, "this server does not know the device; enrol it")
        })
    }

    /// Checks the signature on this very request, and that it is not a repeat.
    ///
    /// # Errors
    /// [`Error::Refused`] with `bad_proof` or `replayed`.
    pub(crate) fn prove(
        &self,
        device: &Device,
        nonces: &Nonces,
        path: &str,
        body: &[u8],
        now: Instant,
    ) -> Result<()> {
        if !self.stamp.verify(&device.key, path, body, self.signature) {
            return Err(bad_proof("the signature is not the device's on this request"));
        }
        match nonces.remember(&self.stamp, now) {
            Novelty::New => Ok(()),
            Novelty::Repeated => {
                let detail = "this very request was sent before; sign it again with a new nonce";
                Err(Error::refused(FailureCode::Replayed, detail))
            }
            Novelty::TooMany => {
                Err(Error::refused(FailureCode::Busy, "too many requests of this device; try again later"))
            }
        }
    }
}

fn bad_proof(detail: impl Into<String>) -> Error {
    Error::refused(FailureCode::BadProof, detail)
}

/// The person whose bearer token this is; `None` if it is missing, unknown, expired or revoked.
///
/// # Errors
/// Only what the database says.
pub(crate) async fn bearer(service: &Service, headers: &HeaderMap) -> Result<Option<PersonId>> {
    let Some(secret) = text(headers, "authorization").and_then(|text| text.strip_prefix("Bearer ")) else {
        return Ok(None);
    };
    let token = service.database().token(&secret_hash(secret)).await?;
    let now = service.surroundings().now();
    Ok(token.filter(|token| token.revoked.is_none() && now < token.expires).map(|token| token.person))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
