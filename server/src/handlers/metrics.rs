//! `GET /metrics`: Prometheus' text format.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::{Shared, json_failure};
use crate::error::Result;

pub(crate) async fn metrics(State(shared): State<Shared>) -> Response {
    match text(&shared).await {
        Ok(text) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response(),
        Err(error) => json_failure(&error),
    }
}

async fn text(shared: &Shared) -> Result<String> {
    shared.service.metrics().text(shared.service.database().counts().await?)
}
