//! A network 25 ms away in each direction: it delays bytes and does not throttle them, the same for both
//! sides of a row.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::Outcome;

/// Half of the 50 ms round trip.
const ONE_WAY: Duration = Duration::from_millis(25);

/// Relays every connection to `server`; returns where.
pub(crate) async fn start(server: SocketAddr) -> Outcome<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            let Ok(far) = TcpStream::connect(server).await else { return };
            let nodelay = near.set_nodelay(true).and_then(|()| far.set_nodelay(true));
            if nodelay.is_err() {
                return;
            }
            let (from_near, to_near) = near.into_split();
            let (from_far, to_far) = far.into_split();
            tokio::spawn(delay(from_near, to_far));
            tokio::spawn(delay(from_far, to_near));
        }
    });
    Ok(address)
}

async fn delay(mut from: impl AsyncRead + Unpin + Send + 'static, mut to: impl AsyncWrite + Unpin) {
    let (sender, mut receiver) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    tokio::spawn(async move {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(read) = from.read(&mut buffer).await {
            if read == 0 || sender.send((Instant::now() + ONE_WAY, buffer[..read].to_vec())).is_err() {
                return;
            }
        }
    });
    while let Some((due, bytes)) = receiver.recv().await {
        sleep_until(due).await;
        if to.write_all(&bytes).await.is_err() {
            return;
        }
    }
}
