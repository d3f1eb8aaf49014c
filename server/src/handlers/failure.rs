//! How a refusal of the whole request looks: CBOR for devices, JSON for everyone else.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use gridbook_core::sync::encoding::{self, MEDIA_TYPE};
use gridbook_core::sync::protocol::{Failure, FailureCode};

use crate::error::Error;

/// Seconds after which a busy server wants to be asked again.
const BUSY_SECONDS: u64 = 5;

/// The status that goes with a refusal.
pub(crate) fn status(code: FailureCode) -> StatusCode {
    match code {
        FailureCode::BadRequest | FailureCode::UnsupportedVersion => StatusCode::BAD_REQUEST,
        FailureCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        FailureCode::NotEnrolled | FailureCode::BadProof | FailureCode::BadTime | FailureCode::Replayed => {
            StatusCode::UNAUTHORIZED
        }
        FailureCode::Revoked | FailureCode::NotReleased | FailureCode::NotPermitted => StatusCode::FORBIDDEN,
        FailureCode::ForeignActor | FailureCode::InviteUsed => StatusCode::CONFLICT,
        FailureCode::InviteUnknown | FailureCode::NotFound => StatusCode::NOT_FOUND,
        FailureCode::InviteExpired | FailureCode::InviteRevoked => StatusCode::GONE,
        FailureCode::SlowDown => StatusCode::TOO_MANY_REQUESTS,
        FailureCode::Busy => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// A failure as devices read it.
pub(crate) fn wire_failure(error: &Error) -> Response {
    let (code, failure) = told(error);
    match encoding::encode(&failure) {
        Ok(body) => finish(error, code, ([(header::CONTENT_TYPE, MEDIA_TYPE)], body).into_response()),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// A failure as JSON.
pub(crate) fn json_failure(error: &Error) -> Response {
    let (code, failure) = told(error);
    finish(error, code, Json(failure).into_response())
}

/// What the client is told; what it is not told is logged here, once.
fn told(error: &Error) -> (FailureCode, Failure) {
    let (code, detail) = error.told();
    if code == FailureCode::Internal {
        tracing::error!(%error, "request failed");
    } else {
        tracing::info!(code = code.as_str(), "request refused");
    }
    let revocation = match error {
        Error::Revoked(revocation) => Some(revocation.clone()),
        _ => None,
    };
    (code, Failure { code: code.as_str().to_owned(), detail: detail.to_owned(), revocation })
}

fn finish(error: &Error, code: FailureCode, mut response: Response) -> Response {
    *response.status_mut() = status(code);
    let seconds = match error {
        Error::SlowDown { wait, .. } => Some(wait.as_secs() + 1),
        _ if code == FailureCode::Busy => Some(BUSY_SECONDS),
        _ => None,
    };
    if let Some(seconds) = seconds {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
