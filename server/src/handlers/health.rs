//! `GET /healthz`: 200 if the server can read its database.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::{Shared, json_failure};

pub(crate) async fn health(State(shared): State<Shared>) -> Response {
    match shared.service.database().ping().await {
        Ok(()) => (StatusCode::OK, "ok\n").into_response(),
        Err(error) => json_failure(&error),
    }
}
