//! A server over one data folder: opened, served, shut down.

use std::future::Future;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use gridbook_core::clock::Surroundings;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::admin::Admin;
use crate::config;
use crate::db::Database;
use crate::db::sqlite::{Sqlite, Threads};
use crate::error::{Error, Result};
use crate::limits::Limits;
use crate::listener;
use crate::metrics::Metrics;
use crate::router::{Reach, router};
use crate::service::Service;
use crate::tls;

/// An open data folder.
#[derive(Clone)]
pub struct Server {
    service: Service,
    sqlite: Sqlite,
    limits: Limits,
    reach: Reach,
}

impl Server {
    /// Opens a data folder, or makes it.
    ///
    /// # Errors
    /// What the database or the disk says.
    pub async fn open(data: &Path, surroundings: Surroundings) -> Result<Self> {
        Self::open_on(data, surroundings, Threads::Blocking).await
    }

    /// Opens a data folder for a simulation: everything runs on the caller's thread, in one order.
    ///
    /// # Errors
    /// What the database or the disk says.
    pub async fn open_single_threaded(data: &Path, surroundings: Surroundings) -> Result<Self> {
        Self::open_on(data, surroundings, Threads::Caller).await
    }

    async fn open_on(data: &Path, surroundings: Surroundings, threads: Threads) -> Result<Self> {
        tls::choose_cryptography();
        config::make_data(data)?;
        let file = config::database(data);
        let opened = surroundings.clone();
        let sqlite = threads.run(move || Sqlite::open(&file, &opened, threads)).await??;
        let identity = sqlite.identity().await?;
        let metrics = Arc::new(Metrics::new()?);
        let service = Service::new(Arc::new(sqlite.clone()), identity, surroundings, threads, metrics);
        let service = service.keeping_keys_in(data);
        Ok(Self { service, sqlite, limits: Limits::default(), reach: Reach::default() })
    }

    /// The same server with other limits, from the next listener on.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The same server reached in another way, from the next listener on; whether it speaks TLS is seen then.
    #[must_use]
    pub fn with_reach(mut self, reach: Reach) -> Self {
        self.reach = reach;
        self
    }

    /// The sync protocol without HTTP.
    #[must_use]
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// What an administrator does.
    #[must_use]
    pub fn admin(&self) -> Admin {
        Admin::new(self.service.clone())
    }

    /// Writes a consistent copy of the database to a new file while the server keeps running.
    ///
    /// # Errors
    /// [`Error::Admin`] if the file exists.
    pub async fn backup(&self, file: &Path) -> Result<()> {
        self.sqlite.backup(file).await
    }

    /// Writes a consistent copy that only `key`, 64 hexadecimal digits, opens.
    ///
    /// # Errors
    /// [`Error::Admin`] if the file exists.
    pub async fn sealed_backup(&self, file: &Path, key: &str) -> Result<()> {
        self.sqlite.sealed_backup(file, key).await
    }

    /// Serves in the background until told to stop; port 0 takes a free one.
    ///
    /// # Errors
    /// [`Error::File`] if the listener has no address.
    pub fn serve(&self, listener: TcpListener) -> Result<Running> {
        self.serve_in_background(listener, None)
    }

    /// As [`Server::serve`], over TLS.
    ///
    /// # Errors
    /// [`Error::File`] if the listener has no address.
    pub fn serve_tls(&self, listener: TcpListener, tls: TlsAcceptor) -> Result<Running> {
        self.serve_in_background(listener, Some(tls))
    }

    fn serve_in_background(&self, listener: TcpListener, tls: Option<TlsAcceptor>) -> Result<Running> {
        let address =
            listener.local_addr().map_err(|source| Error::File { path: "listener".into(), source })?;
        let (stop, stopped) = oneshot::channel::<()>();
        let wait = async move {
            // A dropped handle stops the server as well as a told one.
            stopped.await.ok();
        };
        let secure = tls.is_some();
        let task = tokio::spawn(self.clone().run(listener, tls, wait));
        Ok(Running { address, secure, stop, task })
    }

    /// Serves until `stop` completes, over TLS if given; requests in flight are answered first.
    pub async fn serve_until(
        &self,
        listener: TcpListener,
        tls: Option<TlsAcceptor>,
        stop: impl Future<Output = ()> + Send + 'static,
    ) {
        self.clone().run(listener, tls, stop).await;
    }

    async fn run(
        self,
        listener: TcpListener,
        tls: Option<TlsAcceptor>,
        stop: impl Future<Output = ()> + Send + 'static,
    ) {
        let pages = self.service.clone();
        let stop = async move {
            stop.await;
            // Open pages would keep their connections for ever.
            pages.close_pages();
        };
        let reach = Reach { secure: tls.is_some(), ..self.reach };
        let router = router(self.service, self.limits.clone(), reach);
        listener::serve(listener, tls, router, self.limits, stop).await;
    }
}

/// A server that runs in the background.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    secure: bool,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base of its URLs.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// Takes no new requests, answers those in flight, and ends.
    ///
    /// # Errors
    /// What serving ended with.
    pub async fn stop(self) -> Result<()> {
        // A server that ended by itself no longer listens for this.
        self.stop.send(()).ok();
        self.task.await.map_err(|error| Error::Database(format!("the server ended: {error}")))
    }

    /// Ends at once, connections cut.
    pub fn abort(self) {
        self.task.abort();
    }
}
