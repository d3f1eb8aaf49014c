//! What phones ask for, a function a path of the router: each names its path and what the service does, and nothing
//! else. How a request is read, proved and answered is in `exchange.rs`.

use axum::extract::State;
use axum::response::Response;
use gridbook_core::sync::protocol::{BOX_PATH, RECOVER_PATH, SYNC_PATH, UNLOCK_PATH};

use super::{Received, Shared};
use crate::service::Service;

/// The one exchange without a proof; the invitation's secret stands for it.
pub(crate) async fn enrol(State(shared): State<Shared>, received: Received) -> Response {
    shared.invited(received, |service, message| async move { service.enrol(message).await }).await
}

/// One exchange.
pub(crate) async fn sync(State(shared): State<Shared>, received: Received) -> Response {
    let work = |service: Service, device, message| async move { service.sync(&device, message).await };
    shared.proven(SYNC_PATH, received, work).await
}

/// A step of recovery after a restore.
pub(crate) async fn recover(State(shared): State<Shared>, received: Received) -> Response {
    let work = |service: Service, device, message| async move { service.recover(&device, message).await };
    shared.proven(RECOVER_PATH, received, work).await
}

/// A revoked phone's unsent work.
pub(crate) async fn hand_in(State(shared): State<Shared>, received: Received) -> Response {
    let work = |service: Service, device, message| async move { service.hand_in(&device, message).await };
    shared.proven(BOX_PATH, received, work).await
}

/// A locked phone asks for its database's key.
pub(crate) async fn unlock(State(shared): State<Shared>, received: Received) -> Response {
    let work = |service: Service, device, message| async move { service.unlock(&device, message).await };
    shared.proven(UNLOCK_PATH, received, work).await
}
