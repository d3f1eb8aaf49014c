//! `POST /v1/sync`: one exchange.

use axum::extract::State;
use axum::response::Response;
use gridbook_core::sync::protocol::SYNC_PATH;

use super::{Received, Shared};

pub(crate) async fn sync(State(shared): State<Shared>, received: Received) -> Response {
    let service = shared.service.clone();
    shared
        .proven(SYNC_PATH, received, |device, message| async move { service.sync(&device, message).await })
        .await
}
