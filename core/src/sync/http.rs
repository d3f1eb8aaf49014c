//! The client's end of the protocol over HTTP, and blind retries around any end.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use reqwest::StatusCode;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::address::{Address, ServerPin};
use super::encoding::{MEDIA_TYPE, decode, encode};
use super::proof::{DEVICE_HEADER, NONCE_HEADER, PROOF_HEADER, SERVER_TIME_HEADER, Stamp, TIME_HEADER};
use super::protocol::{
    BODY_LIMIT, BOX_PATH, BoxRequest, BoxResponse, ENROL_PATH, EnrolRequest, EnrolResponse, Failure,
    FailureCode, RECOVER_PATH, RecoverRequest, RecoverResponse, SYNC_PATH, SyncProtocol, SyncRequest,
    SyncResponse, UNLOCK_PATH, UnlockRequest, UnlockResponse,
};
use super::tls;
use crate::clock::{Instant, Surroundings};
use crate::error::{Error, Result};
use crate::id::DeviceId;
use crate::key::Signer;

/// How long one exchange may take on a bad network.
const TIMEOUT: Duration = Duration::from_secs(60);
/// How long a connection may take to come about.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A server reached over HTTP, on behalf of one device.
pub struct HttpServer {
    client: reqwest::Client,
    server: String,
    device: Option<(DeviceId, Arc<dyn Signer>)>,
    surroundings: Surroundings,
    /// How far this device's clock is behind the server's, in milliseconds: signatures carry the server's time.
    behind: AtomicI64,
}

impl HttpServer {
    /// A client for the server at `server`, such as `https://grid.example`. Without a device it can only enrol.
    /// To a server that does not hold a pinned key, not a byte of a request is sent.
    ///
    /// # Errors
    /// [`Error::NotEncrypted`] for a plain HTTP address beyond this machine; [`Error::Offline`] if the platform
    /// gives no HTTP client.
    pub fn new(
        server: impl Into<Address>,
        device: Option<(DeviceId, Arc<dyn Signer>)>,
        surroundings: Surroundings,
    ) -> Result<Self> {
        let address = server.into();
        address.require_encryption()?;
        let mut builder = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .connect_timeout(CONNECT_TIMEOUT)
            .no_proxy()
            // A redirect would lead past the address that was invited to, and past its pin.
            .redirect(reqwest::redirect::Policy::none());
        // Without an https address no certificate authorities are read.
        builder = if address.url.starts_with("https://") {
            builder.https_only(true).tls_backend_preconfigured(tls::config(&address.pins)?)
        } else {
            builder.tls_backend_preconfigured(tls::config(&[ServerPin([0; 32])])?)
        };
        let client = builder.build().map_err(|error| Error::Offline(error.to_string()))?;
        Ok(Self { client, server: address.url, device, surroundings, behind: AtomicI64::new(0) })
    }

    async fn call<Q: Serialize, A: DeserializeOwned>(&self, path: &str, request: &Q) -> Result<A> {
        let body = encode(request)?;
        match self.post(path, body.clone()).await {
            // The first request of a phone with a wrong clock: the answer said how far it is off.
            Err(Error::Refused { code, .. }) if code == FailureCode::BadTime.as_str() => {
                self.post(path, body).await
            }
            result => result,
        }
    }

    async fn post<A: DeserializeOwned>(&self, path: &str, body: Vec<u8>) -> Result<A> {
        let mut request =
            self.client.post(format!("{}{path}", self.server)).header("content-type", MEDIA_TYPE);
        if let Some((device, signer)) = &self.device {
            let at = self.surroundings.now().plus_millis(self.behind.load(Ordering::Relaxed));
            let stamp = Stamp::new(device, at, &self.surroundings);
            request = request
                .header(DEVICE_HEADER, device.as_str())
                .header(TIME_HEADER, at.0.to_string())
                .header(NONCE_HEADER, stamp.nonce_text())
                .header(PROOF_HEADER, stamp.sign(signer.as_ref(), path, &body)?);
        }
        let answer = request.body(body).send().await.map_err(|error| offline(&error))?;
        self.learn_time(&answer);
        let status = answer.status();
        let wait = retry_after(&answer);
        let bytes = read_body(answer).await?;
        if status == StatusCode::OK {
            return decode(&bytes);
        }
        Err(match decode::<Failure>(&bytes) {
            Ok(Failure { revocation: Some(revocation), .. }) => revocation.into(),
            Ok(Failure { code, detail, .. }) => match wait {
                Some(wait) => Error::Wait { code, wait },
                None => Error::Refused { code, detail },
            },
            Err(_) if status.is_server_error() => Error::Offline(format!("status {status}")),
            Err(_) => Error::Refused { code: status.as_str().to_owned(), detail: String::new() },
        })
    }

    fn learn_time(&self, answer: &reqwest::Response) {
        let time =
            answer.headers().get(SERVER_TIME_HEADER).and_then(|value| value.to_str().ok()?.parse().ok());
        if let Some(time) = time.map(Instant) {
            self.behind.store(time.0.saturating_sub(self.surroundings.now().0), Ordering::Relaxed);
        }
    }
}

impl fmt::Debug for HttpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpServer").field("server", &self.server).finish_non_exhaustive()
    }
}

/// Reads a body piece by piece and stops where no honest answer goes on.
async fn read_body(mut answer: reqwest::Response) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| offline(&error))? {
        if bytes.len() + chunk.len() > 4 * BODY_LIMIT {
            return Err(Error::Protocol("the answer is too large".into()));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// How long the server wants to be left alone, in seconds on the wire.
fn retry_after(answer: &reqwest::Response) -> Option<Duration> {
    let seconds = answer.headers().get("retry-after")?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// The error's own words hold the address asked for, never what was sent.
fn offline(error: &reqwest::Error) -> Error {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    Error::Offline(text)
}

impl SyncProtocol for HttpServer {
    async fn enrol(&self, request: EnrolRequest) -> Result<EnrolResponse> {
        self.call(ENROL_PATH, &request).await
    }

    async fn sync(&self, request: SyncRequest) -> Result<SyncResponse> {
        self.call(SYNC_PATH, &request).await
    }

    async fn recover(&self, request: RecoverRequest) -> Result<RecoverResponse> {
        self.call(RECOVER_PATH, &request).await
    }

    async fn hand_in(&self, request: BoxRequest) -> Result<BoxResponse> {
        self.call(BOX_PATH, &request).await
    }

    async fn unlock(&self, request: UnlockRequest) -> Result<UnlockResponse> {
        self.call(UNLOCK_PATH, &request).await
    }
}

/// The longest wait before a repeat; who is asked to wait longer tells whoever called.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// How often and how patiently a call is repeated while the server cannot be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Repeats after the first try.
    pub repeats: u32,
    /// The wait before the first repeat; each further one doubles it, up to a minute.
    pub first_wait: Duration,
}

impl Default for Patience {
    /// Four repeats, from half a second: about eight seconds in all, which a person at a door will stand.
    fn default() -> Self {
        Self { repeats: 4, first_wait: Duration::from_millis(500) }
    }
}

/// Any end of the protocol, its calls repeated while the other end cannot be reached. Every call may be
/// repeated blindly, so no state is needed.
#[derive(Debug)]
pub struct Patient<P> {
    inner: P,
    patience: Patience,
    surroundings: Surroundings,
}

impl<P: SyncProtocol> Patient<P> {
    /// Wraps an end.
    pub fn new(inner: P, patience: Patience, surroundings: Surroundings) -> Self {
        Self { inner, patience, surroundings }
    }

    async fn repeat<T, F: Future<Output = Result<T>> + Send>(
        &self,
        call: impl Fn() -> F + Send,
    ) -> Result<T> {
        let mut wait = self.patience.first_wait;
        for _ in 0..self.patience.repeats {
            match call().await {
                Err(error) if error.is_transient() => {
                    let own = jittered(wait, self.surroundings.random::<1>()[0]);
                    let asked = match &error {
                        Error::Wait { wait, .. } => *wait,
                        _ => Duration::ZERO,
                    };
                    if asked > LONGEST_WAIT {
                        return Err(error);
                    }
                    tracing::debug!(%error, "trying again");
                    tokio::time::sleep(own + asked).await;
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
                result => return result,
            }
        }
        call().await
    }
}

/// From half of `wait` to nearly all of it, as chance has it: phones that lost the same network do not come back in
/// step.
fn jittered(wait: Duration, chance: u8) -> Duration {
    wait / 2 + wait * u32::from(chance) / 512
}

impl<P: SyncProtocol> SyncProtocol for Patient<P> {
    async fn enrol(&self, request: EnrolRequest) -> Result<EnrolResponse> {
        self.repeat(|| self.inner.enrol(request.clone())).await
    }

    async fn sync(&self, request: SyncRequest) -> Result<SyncResponse> {
        self.repeat(|| self.inner.sync(request.clone())).await
    }

    async fn recover(&self, request: RecoverRequest) -> Result<RecoverResponse> {
        self.repeat(|| self.inner.recover(request.clone())).await
    }

    async fn hand_in(&self, request: BoxRequest) -> Result<BoxResponse> {
        self.repeat(|| self.inner.hand_in(request.clone())).await
    }

    async fn unlock(&self, request: UnlockRequest) -> Result<UnlockResponse> {
        self.repeat(|| self.inner.unlock(request.clone())).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_that_wait_equally_long_come_back_apart() {
        let wait = Duration::from_secs(8);
        let waits: Vec<Duration> = (0..=u8::MAX).map(|chance| jittered(wait, chance)).collect();
        assert_eq!(waits[0], wait / 2);
        assert!(waits.iter().all(|jittered| *jittered >= wait / 2 && *jittered < wait));
        assert!(waits.windows(2).all(|pair| pair[0] < pair[1]), "no two chances give one wait");
    }
}
