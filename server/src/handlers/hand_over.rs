//! `POST /v1/hand-over`: a lead hands households over to another grid.

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use axum::response::Response;
use gridbook_core::id::{RecordId, ScopeId};
use gridbook_core::sync::notice::Cause;
use gridbook_core::sync::protocol::FailureCode;
use serde::Deserialize;

use super::records::answered;
use super::{Shared, whole};
use crate::error::{Error, Result};
use crate::service::{HandOverRequest, Households};

/// What is asked with.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    from: ScopeId,
    to: ScopeId,
    #[serde(default)]
    households: Vec<RecordId>,
    building: Option<String>,
    #[serde(default)]
    all: bool,
    #[serde(default = "staff")]
    why: Cause,
    #[serde(default)]
    dry_run: bool,
}

fn staff() -> Cause {
    Cause::Staff
}

pub(crate) async fn hand_over(
    State(shared): State<Shared>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    answered(&shared, &headers, async |person| {
        let request = parse(&whole(body)?)?;
        shared.service.hand_over(&person, request).await.map_err(told)
    })
    .await
}

fn parse(body: &[u8]) -> Result<HandOverRequest> {
    let asked: Asked = serde_json::from_slice(body).map_err(|error| bad(format!("body: {error}")))?;
    let Asked { from, to, households, building, all, why, dry_run } = asked;
    let households = match (households.is_empty(), building, all) {
        (false, None, false) => Households::Named(households),
        (true, Some(building), false) => Households::Building(building),
        (true, None, true) => Households::All,
        _ => return Err(bad("one of households, building and all: exactly one says what is meant".into())),
    };
    if why == Cause::Follows {
        return Err(bad("why: one of recut, staff".into()));
    }
    Ok(HandOverRequest { from, to, households, why, dry_run })
}

fn bad(detail: String) -> Error {
    Error::refused(FailureCode::BadRequest, detail)
}

/// What a command would say of a mistake, a client is told too.
fn told(error: Error) -> Error {
    match error {
        Error::Admin(detail) => bad(detail),
        other => other,
    }
}
