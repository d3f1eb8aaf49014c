//! `POST /v1/enrol`: the one exchange without a proof; the invitation's secret stands for it.

use axum::extract::State;
use axum::response::Response;

use super::{Received, Shared};

pub(crate) async fn enrol(State(shared): State<Shared>, received: Received) -> Response {
    let service = shared.service.clone();
    shared.invited(received, |message| async move { service.enrol(message).await }).await
}
