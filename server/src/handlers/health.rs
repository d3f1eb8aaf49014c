//! `GET /healthz`: 200 if the server can read its database.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::{Shared, json_failure};
use crate::openapi::answers::Open;

/// Is the server well
///
/// Needs no token.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "server",
    operation_id = "read_health",
    security(()),
    responses((status = 200, description = "It can read its database.", body = String), Open),
)]
pub(crate) async fn health(State(shared): State<Shared>) -> Response {
    match shared.service.database().ping().await {
        Ok(()) => (StatusCode::OK, "ok\n").into_response(),
        Err(error) => json_failure(&error),
    }
}
