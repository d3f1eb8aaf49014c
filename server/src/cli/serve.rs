//! `serve`: answers phones and leads until told to stop.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tracing_subscriber::EnvFilter;

use super::Context;
use crate::config::LISTEN;
use crate::error::{Error, Result};
use crate::router::Reach;
use crate::tls::Files;

/// Answer phones and leads until Ctrl-C or SIGTERM. It speaks TLS where a certificate is named or `init --tls`
/// made one, and otherwise plain HTTP on this machine alone. Logs go to the error output as JSON lines; GRIDBOOK_LOG=debug says more.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// The address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = LISTEN, env = "GRIDBOOK_LISTEN")]
    listen: SocketAddr,
    /// The certificate with its chain, as PEM.
    #[arg(long, value_name = "FILE", requires = "tls_key", env = "GRIDBOOK_TLS_CERT")]
    tls_cert: Option<PathBuf>,
    /// The certificate's private key, as PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert", env = "GRIDBOOK_TLS_KEY")]
    tls_key: Option<PathBuf>,
    /// Where phones reach this server, for invitations made at the console; where the browser does, if nothing is
    /// said.
    #[arg(long, value_name = "URL", env = "GRIDBOOK_ADDRESS")]
    address: Option<String>,
    /// Speak plain HTTP beyond this machine, for a proxy that ends TLS in front of it on a closed network.
    #[arg(long, conflicts_with_all = ["tls_cert", "tls_key"])]
    insecure_http: bool,
}

impl Serve {
    pub(super) async fn run(self, context: &Context) -> Result<()> {
        let tls = self.tls(context)?;
        let server = context.open().await?.with_reach(self.reach(context)?);
        log();
        let listener = TcpListener::bind(self.listen).await;
        let failed = |source| Error::File { path: self.listen.to_string().into(), source };
        let listener = listener.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        context.print(
            &json!({ "listening": address.to_string() }),
            [format!("listening on {}://{address}", if tls.is_some() { "https" } else { "http" })],
        )?;
        server.serve_until(listener, tls, told_to_stop()).await;
        tracing::info!("stopped");
        Ok(())
    }
}

impl Serve {
    /// How it is reached: what an invitation says and pins.
    fn reach(&self, context: &Context) -> Result<Reach> {
        let pins = self.files(context).map_or(Ok(Vec::new()), |files| files.pins(context.data()))?;
        Ok(Reach { secure: false, address: self.address.clone(), pins })
    }

    fn files(&self, context: &Context) -> Option<Files> {
        let named = self.tls_cert.clone().zip(self.tls_key.clone());
        let named = named.map(|(certificate, key)| Files { certificate, key });
        named.or_else(|| Files::in_data(context.data()).filter(|_| !self.insecure_http))
    }

    /// What it speaks TLS with; `None` for plain HTTP, if that is allowed here.
    fn tls(&self, context: &Context) -> Result<Option<TlsAcceptor>> {
        if let Some(files) = self.files(context) {
            return files.acceptor().map(Some);
        }
        if self.listen.ip().is_loopback() || self.insecure_http {
            return Ok(None);
        }
        Err(Error::admin(format!(
            "{} is reached from other machines and would speak plain HTTP: name --tls-cert and --tls-key, make a \
             certificate with `init --tls NAME`, or, behind a proxy that ends TLS, say --insecure-http",
            self.listen
        )))
    }
}

/// JSON lines with ids and facts, never a name or a text.
fn log() {
    let filter = EnvFilter::try_from_env("GRIDBOOK_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let subscriber = tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr);
    // Only the first call in a process counts.
    subscriber.try_init().ok();
}

/// Completes on Ctrl-C or SIGTERM.
pub(super) async fn told_to_stop() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            // Without the handler only a kill ends the server.
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending::<()>().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
