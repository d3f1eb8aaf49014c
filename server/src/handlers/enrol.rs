//! `POST /v1/enrol`: the one exchange without a proof; the invitation's secret stands for it.

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::Response;
use gridbook_core::sync::protocol::EnrolResponse;

use super::{Shared, answer, decode, whole};
use crate::error::Result;

pub(crate) async fn enrol(State(shared): State<Shared>, body: Result<Bytes, BytesRejection>) -> Response {
    let up = body.as_ref().map_or(0, Bytes::len);
    let message = exchange(&shared, body).await;
    answer(&shared, up, message)
}

async fn exchange(shared: &Shared, body: Result<Bytes, BytesRejection>) -> Result<EnrolResponse> {
    let body = whole(body)?;
    let _place = shared.enter().await?;
    shared.service.enrol(decode(&body)?).await
}
