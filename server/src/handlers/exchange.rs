//! How any exchange with a device runs: body, proof, a place among those in flight, the message, the answer.
//! `sync`, `recover` and `enrol` name their path and what the service does, and nothing else.

use std::future::Future;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use gridbook_core::id::DeviceId;
use gridbook_core::sync::encoding::{self, MEDIA_TYPE};
use gridbook_core::sync::protocol::FailureCode;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Shared, wire_failure};
use crate::auth::Claim;
use crate::error::{Error, Result};

/// A request as it came.
pub(crate) struct Received {
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
}

impl<S: Send + Sync> FromRequest<S> for Received {
    type Rejection = std::convert::Infallible;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let headers = request.headers().clone();
        Ok(Self { headers, body: Bytes::from_request(request, state).await })
    }
}

impl Shared {
    /// Answers a device: `work` gets the message only if the device's proof on `path` and body holds.
    pub(super) async fn proven<Q, A, F>(
        &self,
        path: &str,
        received: Received,
        work: impl FnOnce(DeviceId, Q) -> F + Send,
    ) -> Response
    where
        Q: DeserializeOwned + Send,
        A: Serialize + Send,
        F: Future<Output = Result<A>> + Send,
    {
        let up = received.body.as_ref().map_or(0, Bytes::len);
        let message = async {
            let body = whole(received.body)?;
            let now = self.service.surroundings().now();
            let claim = Claim::read(&received.headers, &self.nonces, now)?;
            let device = claim.device(&self.service).await?;
            claim.prove(&device, &self.nonces, path, &body, now)?;
            let _place = self.enter().await?;
            work(device.id, decode(&body)?).await
        };
        self.answer(up, message.await)
    }

    /// Answers anyone: what stands for the proof is in the message.
    pub(super) async fn unproven<Q, A, F>(
        &self,
        received: Received,
        work: impl FnOnce(Q) -> F + Send,
    ) -> Response
    where
        Q: DeserializeOwned + Send,
        A: Serialize + Send,
        F: Future<Output = Result<A>> + Send,
    {
        let up = received.body.as_ref().map_or(0, Bytes::len);
        let message = async {
            let body = whole(received.body)?;
            let _place = self.enter().await?;
            work(decode(&body)?).await
        };
        self.answer(up, message.await)
    }

    /// Answers an exchange and counts its bytes.
    fn answer<T: Serialize>(&self, up: usize, message: Result<T>) -> Response {
        match message.and_then(|message| Ok(encoding::encode(&message)?)) {
            Ok(body) => {
                self.service.metrics().bytes(up, body.len());
                ([(header::CONTENT_TYPE, MEDIA_TYPE)], body).into_response()
            }
            Err(error) => wire_failure(&error),
        }
    }
}

/// The body, if it was within the limit.
pub(super) fn whole(body: Result<Bytes, BytesRejection>) -> Result<Bytes> {
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
