//! `GET /v1/records`: what a lead sees, as JSON, newest first.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use gridbook_core::sync::protocol::FailureCode;

use super::{Shared, json_failure};
use crate::auth;
use crate::error::{Error, Result};
use crate::service::{RecordPage, RecordRequest};

pub(crate) async fn records(
    State(shared): State<Shared>,
    headers: HeaderMap,
    query: Result<Query<Vec<(String, String)>>, QueryRejection>,
) -> Response {
    match page(&shared, &headers, query).await {
        Ok(Some(page)) => Json(page).into_response(),
        Ok(None) => {
            let challenge = [(header::WWW_AUTHENTICATE, "Bearer")];
            (StatusCode::UNAUTHORIZED, challenge, "a valid bearer token is needed\n").into_response()
        }
        Err(error) => json_failure(&error),
    }
}

async fn page(
    shared: &Shared,
    headers: &HeaderMap,
    query: Result<Query<Vec<(String, String)>>, QueryRejection>,
) -> Result<Option<RecordPage>> {
    let Some(person) = auth::bearer(&shared.service, headers).await? else { return Ok(None) };
    let request = RecordRequest::parse(query.map_err(|_| unreadable())?.0)?;
    shared.service.records(&person, request).await.map(Some)
}

fn unreadable() -> Error {
    Error::refused(FailureCode::BadRequest, "query: name=value pairs joined by &")
}
