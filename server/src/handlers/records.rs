//! The leads' API under `/v1/records`: lists, one record, its history, its numbers; and `/v1/export`.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use gridbook_core::id::PersonId;
use gridbook_core::sync::protocol::FailureCode;
use serde::{Deserialize, Serialize};

use super::{Shared, json_failure, whole};
use crate::auth;
use crate::error::{Error, Result};
use crate::service::RecordRequest;

type Pairs = Result<Query<Vec<(String, String)>>, QueryRejection>;

pub(crate) async fn records(State(shared): State<Shared>, headers: HeaderMap, query: Pairs) -> Response {
    answered(&shared, &headers, async |person| shared.service.records(&person, parse(query)?).await).await
}

pub(crate) async fn record(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    answered(&shared, &headers, async |person| shared.service.record(&person, &id).await).await
}

pub(crate) async fn history(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Response {
    answered(&shared, &headers, async |person| shared.service.history(&person, &id).await).await
}

/// What a reveal is asked with.
#[derive(Deserialize)]
struct Reveal {
    reason: String,
}

pub(crate) async fn reveal(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Path(id): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    answered(&shared, &headers, async |person| {
        // A body that is none counts as no reason, so that an id that is nobody's is told as such first.
        let asked: Option<Reveal> = serde_json::from_slice(&whole(body)?).ok();
        let reason = asked.map(|asked| asked.reason).unwrap_or_default();
        shared.service.reveal(&person, &id, &reason).await
    })
    .await
}

pub(crate) async fn export(State(shared): State<Shared>, headers: HeaderMap, query: Pairs) -> Response {
    let export = async {
        let Some(person) = auth::bearer(&shared.service, &headers).await? else { return Ok(None) };
        shared.service.export(&person, parse(query)?).await.map(Some)
    };
    match export.await {
        Ok(Some(lines)) => ([(header::CONTENT_TYPE, "application/x-ndjson")], lines).into_response(),
        Ok(None) => unknown(),
        Err(error) => json_failure(&error),
    }
}

pub(crate) async fn audit(State(shared): State<Shared>, headers: HeaderMap, query: Pairs) -> Response {
    answered(&shared, &headers, async |person| {
        let pairs = query.map_err(|_| unreadable())?.0;
        let after = match pairs.as_slice() {
            [] => Some(0),
            [(name, value)] if name == "after" => value.parse().ok(),
            _ => None,
        };
        let after = after.ok_or_else(|| {
            Error::refused(FailureCode::BadRequest, "after: the number of a row; there is no other parameter")
        })?;
        shared.service.audit_page(&person, after).await
    })
    .await
}

/// Answers whoever's token it is, as JSON.
pub(super) async fn answered<T: Serialize>(
    shared: &Shared,
    headers: &HeaderMap,
    ask: impl AsyncFnOnce(PersonId) -> Result<T>,
) -> Response {
    let answer = async {
        let Some(person) = auth::bearer(&shared.service, headers).await? else { return Ok(None) };
        ask(person).await.map(Some)
    };
    match answer.await {
        Ok(Some(answer)) => Json(answer).into_response(),
        Ok(None) => unknown(),
        Err(error) => json_failure(&error),
    }
}

fn unknown() -> Response {
    let challenge = [(header::WWW_AUTHENTICATE, "Bearer")];
    (StatusCode::UNAUTHORIZED, challenge, "a valid bearer token is needed\n").into_response()
}

fn parse(query: Pairs) -> Result<RecordRequest> {
    RecordRequest::parse(query.map_err(|_| unreadable())?.0)
}

fn unreadable() -> Error {
    Error::refused(FailureCode::BadRequest, "query: name=value pairs joined by &")
}
