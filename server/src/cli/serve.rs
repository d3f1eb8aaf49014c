//! `serve`: answers phones and leads until told to stop.

use std::net::SocketAddr;

use clap::Args;
use serde_json::json;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use super::Context;
use crate::config::LISTEN;
use crate::error::{Error, Result};

/// Answer phones and leads until Ctrl-C or SIGTERM. It speaks plain HTTP: on an open network put a proxy
/// with a certificate in front. Logs go to the error output as JSON lines; GRIDBOOK_LOG=debug says more.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// The address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = LISTEN, env = "GRIDBOOK_LISTEN")]
    listen: SocketAddr,
}

impl Serve {
    pub(super) async fn run(self, context: &Context) -> Result<()> {
        let server = context.open().await?;
        log();
        let listener = TcpListener::bind(self.listen).await;
        let failed = |source| Error::File { path: self.listen.to_string().into(), source };
        let listener = listener.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        context.print(
            &json!({ "listening": address.to_string() }),
            [format!("listening on http://{address}")],
        )?;
        server.serve_until(listener, told_to_stop()).await?;
        tracing::info!("stopped");
        Ok(())
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
