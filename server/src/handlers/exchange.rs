//! How any exchange with a device runs: body, proof, a place among those in flight, the message, the answer.
//! `devices.rs` names the paths and what the service does.

use std::convert::Infallible;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr};

use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::{Extensions, HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use gridbook_core::id::DeviceId;
use gridbook_core::sync::encoding::{self, MEDIA_TYPE};
use gridbook_core::sync::protocol::{BODY_LIMIT, EnrolRequest, FailureCode};
use http_body_util::BodyExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::{Shared, wire_failure};
use crate::auth::Claim;
use crate::db::Device;
use crate::error::{Error, Result};
use crate::listener::Peer;
use crate::service::{Service, secret_hash};

/// A request as it came; its body is kept only where it is worth it.
pub(crate) struct Received {
    headers: HeaderMap,
    address: IpAddr,
    body: Body,
}

impl<S: Send + Sync> FromRequest<S> for Received {
    type Rejection = Infallible;

    async fn from_request(request: Request, _: &S) -> Result<Self, Infallible> {
        let address = address_of(request.extensions());
        let (parts, body) = request.into_parts();
        Ok(Self { headers: parts.headers, address, body })
    }
}

/// Where a request came from. Without a listener, as in a test of the router alone, all come from one place.
pub(crate) fn address_of(extensions: &Extensions) -> IpAddr {
    extensions.get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0)
}

impl Shared {
    /// Answers a device: `work` gets the message only if the device's proof on `path` and body holds.
    pub(super) async fn proven<Q, A, F>(
        &self,
        path: &str,
        received: Received,
        work: impl FnOnce(Service, DeviceId, Q) -> F + Send,
    ) -> Response
    where
        Q: DeserializeOwned + Send,
        A: Serialize + Send,
        F: Future<Output = Result<A>> + Send,
    {
        let mut up = 0;
        let message = async {
            let Received { headers, address, body } = received;
            let begun = match self.claim(&headers).await {
                Ok((claim, device)) => {
                    self.limiter.begin(address, &device.id).map(|under_way| (claim, device, under_way))
                }
                Err(error @ Error::Refused { .. }) => {
                    self.limiter.stranger(address).map_or_else(Err, |()| Err(error))
                }
                Err(error) => Err(error),
            };
            // Who is refused is read to the end, too, and nothing of it kept: an answer that overtakes its
            // request is lost on the way.
            let limit = if begun.is_ok() { BODY_LIMIT } else { 0 };
            let body = self.read(body, limit).await;
            let (claim, device, _under_way) = begun?;
            let body = body?;
            up = body.len();
            let now = self.service.surroundings().now();
            if let Err(error) = claim.prove(&device, &self.nonces, path, &body, now) {
                self.limiter.forgery(address, &device.id);
                return Err(error);
            }
            self.limiter.device(&device.id)?;
            self.work(async {
                let _place = self.enter().await?;
                work(self.service.clone(), device.id, decode(&body)?).await
            })
            .await
        }
        .await;
        self.answer(up, message)
    }

    /// Answers an enrolment: what stands for the proof is the invitation in the message.
    pub(super) async fn invited<A, F>(
        &self,
        received: Received,
        work: impl FnOnce(Service, EnrolRequest) -> F + Send,
    ) -> Response
    where
        A: Serialize + Send,
        F: Future<Output = Result<A>> + Send,
    {
        let mut up = 0;
        let message = async {
            self.limiter.enrolment(received.address)?;
            let body = self.read(received.body, self.limits.enrolment_body).await?;
            up = body.len();
            let request: EnrolRequest = decode(&body)?;
            self.limiter.invite(&secret_hash(&request.invite))?;
            self.work(async {
                let _place = self.enter().await?;
                work(self.service.clone(), request).await
            })
            .await
        }
        .await;
        self.answer(up, message)
    }

    /// What the headers claim, and the device that they name.
    async fn claim<'a>(&self, headers: &'a HeaderMap) -> Result<(Claim<'a>, Device)> {
        let claim = Claim::read(headers, &self.nonces, self.service.surroundings().now())?;
        let device = claim.device(&self.service).await?;
        Ok((claim, device))
    }

    /// Reads a body that keeps coming and has at most `limit` bytes; a larger one is read without keeping it, up
    /// to twice what an honest one may have.
    async fn read(&self, mut body: Body, limit: usize) -> Result<Vec<u8>> {
        let too_large = "the body is beyond the limit; send less at once";
        let too_large = || Error::refused(FailureCode::TooLarge, too_large);
        let mut bytes = Vec::new();
        let mut length = 0;
        let end = Instant::now() + self.limits.body_time;
        while length <= 2 * BODY_LIMIT {
            let next = end.min(Instant::now() + self.limits.body_stall);
            let frame = tokio::time::timeout_at(next, body.frame())
                .await
                .map_err(|_| Error::refused(FailureCode::Busy, "the body came too slowly; try again"))?;
            let Some(frame) = frame else {
                return if length <= limit { Ok(bytes) } else { Err(too_large()) };
            };
            let unreadable = |_| Error::refused(FailureCode::BadRequest, "the body could not be read");
            let Ok(data) = frame.map_err(unreadable)?.into_data() else { continue };
            length += data.len();
            if length <= limit {
                bytes.extend_from_slice(&data);
            } else {
                bytes = Vec::new();
            }
        }
        Err(too_large())
    }

    /// Gives a request up that takes too long.
    async fn work<A>(&self, work: impl Future<Output = Result<A>> + Send) -> Result<A> {
        tokio::time::timeout(self.limits.work_time, work).await.unwrap_or_else(|_| {
            Err(Error::refused(FailureCode::Busy, "the request took too long; try again"))
        })
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
