//! `POST /v1/unlock`: a locked phone asks for its database's key.

use axum::extract::State;
use axum::response::Response;
use gridbook_core::sync::protocol::UNLOCK_PATH;

use super::{Received, Shared};

pub(crate) async fn unlock(State(shared): State<Shared>, received: Received) -> Response {
    let service = shared.service.clone();
    shared
        .proven(
            UNLOCK_PATH,
            received,
            |device, message| async move { service.unlock(&device, message).await },
        )
        .await
}
