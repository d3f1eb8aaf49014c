//! `POST /v1/recover`: a step of recovery after a restore.

use axum::extract::State;
use axum::response::Response;
use gridbook_core::sync::protocol::RECOVER_PATH;

use super::{Received, Shared};

pub(crate) async fn recover(State(shared): State<Shared>, received: Received) -> Response {
    let service = shared.service.clone();
    shared
        .proven(
            RECOVER_PATH,
            received,
            |device, message| async move { service.recover(&device, message).await },
        )
        .await
}
