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
use utoipa::ToSchema;

use super::bearer::answered;
use super::{Shared, whole};
use crate::error::{Error, Result};
use crate::openapi::answers::{Asked, Body, Permitted, Seen, Told};
use crate::openapi::nouns;
use crate::service::{HandOverReport, HandOverRequest, Households};

/// What is asked with. One of `households`, `building` and `all` says what is meant.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HandOver {
    /// The scope in which the households live.
    #[schema(value_type = nouns::Id)]
    from: ScopeId,
    /// The scope that takes them over.
    #[schema(value_type = nouns::Id)]
    to: ScopeId,
    /// These households.
    #[serde(default)]
    #[schema(value_type = Vec<nouns::RecordId>)]
    households: Vec<RecordId>,
    /// Those of this building.
    building: Option<String>,
    /// Everything in the scope, entries that are about no household too.
    #[serde(default)]
    all: bool,
    /// Because the grids were cut anew, or because another worker takes over, which it is if nothing is said.
    #[serde(default = "staff")]
    #[schema(value_type = nouns::Cause, required = false)]
    why: Cause,
    /// Only count what would be handed over.
    #[serde(default)]
    dry_run: bool,
}

fn staff() -> Cause {
    Cause::Staff
}

/// Hand households over
///
/// With everything that goes along: visits, reviews, outreach and open diary entries about them alone. Needs a lead or
/// administrator of both scopes. Doing it again changes nothing.
#[utoipa::path(
    post,
    path = "/v1/hand-over",
    tag = "hand-over",
    operation_id = "hand_over",
    request_body = HandOver,
    responses(
        (status = 200, description = "What was handed over, or would be.", body = HandOverReport),
        Told, Asked, Seen, Permitted, Body,
    ),
)]
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
    let asked: HandOver = serde_json::from_slice(body).map_err(|error| bad(format!("body: {error}")))?;
    let HandOver { from, to, households, building, all, why, dry_run } = asked;
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
