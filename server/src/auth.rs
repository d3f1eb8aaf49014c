//! Who is asking: a device by the proof in its headers, a lead by a bearer token.

use axum::http::HeaderMap;
use gridbook_core::clock::Instant;
use gridbook_core::id::{DeviceId, PersonId};
use gridbook_core::sync::proof::{self, DEVICE_HEADER, PROOF_HEADER, TIME_HEADER, TOLERANCE_MS};
use gridbook_core::sync::protocol::FailureCode;

use crate::error::{Error, Result};
use crate::service::{Service, secret_hash};

/// The device whose key signed this request.
///
/// # Errors
/// [`Error::Refused`] with `bad_proof`, `bad_time` or `not_enrolled`. Whether the device was revoked is told
/// only to who holds its key, and later.
pub(crate) async fn device(
    service: &Service,
    headers: &HeaderMap,
    path: &str,
    body: &[u8],
) -> Result<DeviceId> {
    let bad_proof = |detail: &str| Error::refused(FailureCode::BadProof, detail);
    let device = text(headers, DEVICE_HEADER).map(DeviceId::from);
    let at = text(headers, TIME_HEADER).and_then(|text| text.parse().ok()).map(Instant);
    let (Some(device), Some(at), Some(signature)) = (device, at, text(headers, PROOF_HEADER)) else {
        let detail = format!("the headers {DEVICE_HEADER}, {TIME_HEADER} and {PROOF_HEADER} are needed");
        return Err(bad_proof(&detail));
    };
    let distance = service.surroundings().now().0.abs_diff(at.0);
    if distance > TOLERANCE_MS.unsigned_abs() {
        let detail = "the request's time is too far from the server's; correct it and sign again";
        return Err(Error::refused(FailureCode::BadTime, detail));
    }
    let known = service.database().device(&device).await?.ok_or_else(|| {
        Error::refused(FailureCode::NotEnrolled, "this server does not know the device; enrol it")
    })?;
    if proof::verify(&known.key, &device, path, at, body, signature) {
        Ok(device)
    } else {
        Err(bad_proof("the signature is not the device's on this request"))
    }
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
