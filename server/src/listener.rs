//! Connections: accepted up to a number, each with a limit to every kind of waiting, TLS or plain.
//! `server.rs` hands it the router; a slow client costs a socket for some seconds and nobody else's time.

use std::collections::HashMap;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use crate::limits::{Limits, of_site};

/// Where a request came from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// How long requests in flight may go on after the server was told to stop.
const GRACE: Duration = Duration::from_secs(40);
/// How long to wait when the system has no more sockets to give.
const OUT_OF_SOCKETS: Duration = Duration::from_millis(100);

/// Serves until `stop` completes; requests in flight are answered first.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    limits: Limits,
    stop: impl Future<Output = ()> + Send,
) {
    let room = Arc::new(Semaphore::new(limits.connections));
    let line = Line { tls, router, limits: Arc::new(limits), addresses: Arc::default() };
    let graceful = GracefulShutdown::new();
    // Dropped with this future, so that an aborted server cuts its connections.
    let mut connections = JoinSet::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let accept = async {
            let permit = Arc::clone(&room).acquire_owned().await;
            (permit, listener.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            biased;
            () = &mut stop => break,
            accepted = accept => accepted,
        };
        while connections.try_join_next().is_some() {}
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "no connection accepted");
                tokio::time::sleep(OUT_OF_SOCKETS).await;
                continue;
            }
        };
        let (line, watcher) = (line.clone(), graceful.watcher());
        connections.spawn(async move {
            line.attend(stream, peer, watcher).await;
            drop(permit);
        });
    }
    drop(listener);
    if tokio::time::timeout(GRACE, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests in flight were cut");
    }
}

/// What every connection needs.
#[derive(Clone)]
struct Line {
    tls: Option<TlsAcceptor>,
    router: Router,
    limits: Arc<Limits>,
    addresses: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl Line {
    async fn attend(&self, stream: TcpStream, peer: SocketAddr, watcher: Watcher) {
        let address = of_site(peer.ip());
        let Some(_counted) = self.count(address) else {
            tracing::info!("connection refused: too many from one address");
            return;
        };
        // Small answers go at once.
        stream.set_nodelay(true).ok();
        let Some(tls) = &self.tls else { return self.converse(stream, address, watcher).await };
        match tokio::time::timeout(self.limits.head_time, tls.accept(stream)).await {
            Ok(Ok(stream)) => self.converse(stream, address, watcher).await,
            Ok(Err(error)) => tracing::info!(%error, "TLS handshake failed"),
            Err(_) => tracing::info!("TLS handshake took too long"),
        }
    }

    async fn converse<S>(&self, stream: S, address: IpAddr, watcher: Watcher)
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(self.limits.answer_stall));
        let router = self.router.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(Peer(address));
            router.clone().oneshot(request)
        });
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(self.limits.head_time).max_buf_size(64 * 1024);
        let connection = http.serve_connection(TokioIo::new(Box::pin(stream)), service);
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(%error, "connection ended");
        }
    }

    /// Counts a connection of an address, as long as the guard lives.
    fn count(&self, address: IpAddr) -> Option<Counted> {
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        let count = addresses.entry(address).or_default();
        if *count >= self.limits.connections_of_address {
            return None;
        }
        *count += 1;
        Some(Counted { addresses: Arc::clone(&self.addresses), address })
    }
}

/// A connection that is counted.
struct Counted {
    addresses: Arc<Mutex<HashMap<IpAddr, usize>>>,
    address: IpAddr,
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = addresses.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                addresses.remove(&self.address);
            }
        }
    }
}
