//! One file a concern; what they share is how a device's exchange is read, answered and refused.

mod enrol;
mod failure;
mod health;
mod metrics;
mod records;
mod recover;
mod sync;

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use gridbook_core::sync::encoding::{self, MEDIA_TYPE};
use gridbook_core::sync::protocol::FailureCode;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::{Semaphore, SemaphorePermit};

pub(crate) use enrol::enrol;
pub(crate) use failure::{json_failure, wire_failure};
pub(crate) use health::health;
pub(crate) use metrics::metrics;
pub(crate) use records::{audit, export, history, record, records, reveal};
pub(crate) use recover::recover;
pub(crate) use sync::sync;

use crate::error::{Error, Result};
use crate::service::Service;

/// Exchanges worked on at the same time; each holds its body and a page in memory.
const IN_FLIGHT: usize = 64;
/// How long an exchange waits for its turn before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(10);

/// What handlers hold.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) service: Service,
    room: Arc<Semaphore>,
}

impl Shared {
    pub(crate) fn new(service: Service) -> Self {
        Self { service, room: Arc::new(Semaphore::new(IN_FLIGHT)) }
    }

    /// Waits for a place among the exchanges in flight.
    async fn enter(&self) -> Result<SemaphorePermit<'_>> {
        let permit = tokio::time::timeout(PATIENCE, self.room.acquire()).await;
        permit
            .ok()
            .and_then(|permit| permit.ok())
            .ok_or_else(|| Error::refused(FailureCode::Busy, "too many devices at once; try again soon"))
    }
}

/// The body, if it was within the limit.
fn whole(body: Result<Bytes, BytesRejection>) -> Result<Bytes> {
    body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Error::refused(FailureCode::TooLarge, "the body is beyond the limit; send less at once")
        }
        _ => Error::refused(FailureCode::BadRequest, "the body could not be read"),
    })
}

fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    encoding::decode(body).map_err(|error| match error {
        gridbook_core::Error::MessageTooLarge => {
            Error::refused(FailureCode::TooLarge, "the body inflates beyond the limit; send less at once")
        }
        gridbook_core::Error::Protocol(detail) => Error::refused(FailureCode::BadRequest, detail),
        other => other.into(),
    })
}

/// Answers an exchange and counts its bytes.
fn answer<T: Serialize>(shared: &Shared, up: usize, message: Result<T>) -> Response {
    match message.and_then(|message| Ok(encoding::encode(&message)?)) {
        Ok(body) => {
            shared.service.metrics().bytes(up, body.len());
            ([(header::CONTENT_TYPE, MEDIA_TYPE)], body).into_response()
        }
        Err(error) => wire_failure(&error),
    }
}
