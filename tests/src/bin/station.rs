//! A server as a process of its own, for `tests/tests/kill.rs` to kill.
//!
//! Usage: `station DATA ADDRESS`. Says "ready" once it listens.

#![allow(clippy::print_stdout, reason = "a command speaks to the one who runs it")]

use std::io::Write;
use std::path::Path;

use gridbook_core::clock::Surroundings;
use gridbook_server::{Error, Result, Server};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, data, address] = arguments.as_slice() else {
        return Err(Error::admin("usage: station DATA ADDRESS"));
    };
    let server = Server::open(Path::new(data), Surroundings::system()).await?;
    let listening = TcpListener::bind(address.as_str()).await;
    let listener = listening.map_err(|source| Error::File { path: address.into(), source })?;
    let mut out = std::io::stdout();
    let _ = writeln!(out, "ready").and_then(|()| out.flush());
    server.serve_until(listener, None, std::future::pending()).await;
    Ok(())
}
