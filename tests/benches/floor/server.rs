//! The floor's server: axum before one unencrypted table; an insert gives the sequence number.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use rusqlite::{Connection, params};
use serde::Deserialize;

use super::wire::unpack;
use crate::Outcome;

type Shared = Arc<Mutex<Connection>>;

/// A running server; it stops when dropped.
pub(crate) struct FloorServer {
    pub(crate) address: SocketAddr,
    task: tokio::task::JoinHandle<()>,
}

impl FloorServer {
    /// Serves a new database in `folder` on a free port.
    pub(crate) async fn start(folder: &Path) -> Outcome<Self> {
        let connection = Connection::open(folder.join("floor-server.db"))?;
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -8192;
             CREATE TABLE IF NOT EXISTS visit (
                 seq INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, updated INTEGER NOT NULL, json TEXT NOT NULL);",
        )?;
        let routes = axum::Router::new()
            .route("/push", post(push))
            .route("/pull", get(pull))
            .layer(DefaultBodyLimit::max(64 << 20))
            .with_state(Arc::new(Mutex::new(connection)));
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(async move {
            let _ = axum::serve(listener, routes).await;
        });
        Ok(Self { address, task })
    }
}

impl Drop for FloorServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn push(State(shared): State<Shared>, body: Bytes) -> StatusCode {
    let stored = tokio::task::spawn_blocking(move || store(&shared, &body)).await;
    if matches!(stored, Ok(Ok(()))) { StatusCode::OK } else { StatusCode::INTERNAL_SERVER_ERROR }
}

fn store(shared: &Shared, body: &[u8]) -> Outcome<()> {
    let visits = unpack(body)?;
    let mut connection = shared.lock().unwrap_or_else(PoisonError::into_inner);
    let transaction = connection.transaction()?;
    {
        // The write that wins goes to the end of the log.
        let mut insert = transaction.prepare_cached(
            "INSERT INTO visit (id, updated, json) VALUES (?1, ?2, ?3)
             ON CONFLICT (id) DO UPDATE SET seq = (SELECT max(seq) + 1 FROM visit),
             updated = excluded.updated, json = excluded.json WHERE excluded.updated > visit.updated",
        )?;
        for visit in &visits {
            let json = serde_json::to_string(visit)?;
            insert.execute(params![visit.id.as_bytes(), visit.updated.0, json])?;
        }
    }
    Ok(transaction.commit()?)
}

#[derive(Deserialize)]
struct After {
    after: i64,
    most: i64,
}

async fn pull(State(shared): State<Shared>, Query(query): Query<After>) -> Result<Vec<u8>, StatusCode> {
    let page = tokio::task::spawn_blocking(move || page(&shared, &query)).await;
    page.ok().and_then(Result::ok).ok_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn page(shared: &Shared, query: &After) -> Outcome<Vec<u8>> {
    let connection = shared.lock().unwrap_or_else(PoisonError::into_inner);
    let mut statement =
        connection.prepare_cached("SELECT json FROM visit WHERE seq > ?1 ORDER BY seq LIMIT ?2")?;
    let mut rows = statement.query((query.after, query.most))?;
    let mut json = String::from("[");
    while let Some(row) = rows.next()? {
        if json.len() > 1 {
            json.push(',');
        }
        json.push_str(row.get_ref(0)?.as_str()?);
    }
    json.push(']');
    Ok(zstd::encode_all(json.as_bytes(), 3)?)
}
