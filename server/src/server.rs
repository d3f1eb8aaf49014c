//! A server over one data folder: opened, served, shut down.

use std::future::Future;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use gridbook_core::clock::Surroundings;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::admin::Admin;
use crate::config;
use crate::db::Database;
use crate::db::sqlite::{Sqlite, Threads};
use crate::error::{Error, Result};
use crate::metrics::Metrics;
use crate::router::router;
use crate::service::Service;

/// An open data folder.
#[derive(Clone)]
pub struct Server {
    service: Service,
    sqlite: Sqlite,
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
        config::make_data(data)?;
        let file = config::database(data);
        let opened = surroundings.clone();
        let sqlite = threads.run(move || Sqlite::open(&file, &opened, threads)).await??;
        let identity = sqlite.identity().await?;
        let metrics = Arc::new(Metrics::new()?);
        let service = Service::new(Arc::new(sqlite.clone()), identity, surroundings, threads, metrics);
        Ok(Self { service, sqlite })
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
        let address =
            listener.local_addr().map_err(|source| Error::File { path: "listener".into(), source })?;
        let (stop, stopped) = oneshot::channel::<()>();
        let wait = async move {
            // A dropped handle stops the server as well as a told one.
            stopped.await.ok();
        };
        let task = tokio::spawn(run(listener, self.service.clone(), wait));
        Ok(Running { address, stop, task })
    }

    /// Serves until `stop` completes; requests in flight are answered first.
    ///
    /// # Errors
    /// [`Error::File`] if the listener fails.
    pub async fn serve_until(
        &self,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<()> {
        run(listener, self.service.clone(), stop).await
    }
}

async fn run(
    listener: TcpListener,
    service: Service,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<()> {
    let served = axum::serve(listener, router(service)).with_graceful_shutdown(stop).await;
    served.map_err(|source| Error::File { path: "listener".into(), source })
}

/// A server that runs in the background.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Result<()>>,
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
        format!("http://{}", self.address)
    }

    /// Takes no new requests, answers those in flight, and ends.
    ///
    /// # Errors
    /// What serving ended with.
    pub async fn stop(self) -> Result<()> {
        // A server that ended by itself no longer listens for this.
        self.stop.send(()).ok();
        self.task.await.unwrap_or_else(|error| Err(Error::Database(format!("the server ended: {error}"))))
    }

    /// Ends at once, connections cut.
    pub fn abort(self) {
        self.task.abort();
    }
}
