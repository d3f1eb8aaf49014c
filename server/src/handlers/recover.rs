//! `POST /v1/recover`: a step of recovery after a restore.

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use axum::response::Response;
use gridbook_core::sync::protocol::{RECOVER_PATH, RecoverResponse};

use super::{Shared, answer, decode, whole};
use crate::auth;
use crate::error::Result;

pub(crate) async fn recover(
    State(shared): State<Shared>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let up = body.as_ref().map_or(0, Bytes::len);
    let message = exchange(&shared, &headers, body).await;
    answer(&shared, up, message)
}

async fn exchange(
    shared: &Shared,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<RecoverResponse> {
    let body = whole(body)?;
    let device = auth::device(&shared.service, headers, RECOVER_PATH, &body).await?;
    let _place = shared.enter().await?;
    shared.service.recover(&device, decode(&body)?).await
}
