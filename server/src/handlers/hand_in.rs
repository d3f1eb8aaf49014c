//! `POST /v1/box`: a revoked phone's unsent work.

use axum::extract::State;
use axum::response::Response;
use gridbook_core::sync::protocol::BOX_PATH;

use super::{Received, Shared};

pub(crate) async fn hand_in(State(shared): State<Shared>, received: Received) -> Response {
    let service = shared.service.clone();
    shared
        .proven(BOX_PATH, received, |device, message| async move { service.hand_in(&device, message).await })
        .await
}
