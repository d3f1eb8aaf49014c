//! News for open pages, as server-sent events: that records came in, and that the session is over. An event says in
//! which scope and nothing more; the page asks for what it shows once more, through the same doors as ever.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures::Stream;
use futures::stream;
use gridbook_core::id::ScopeId;
use gridbook_core::model::Action;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, timeout_at};

use super::seat::Seat;
use crate::db::Head;
use crate::handlers::Shared;
use crate::service::News;

/// How often an open page is looked after without news: whether its session still counts, and whether another
/// process wrote something. No revocation goes unnoticed for longer.
const ROUND: Duration = Duration::from_secs(4);

/// The stream of one open page.
pub(crate) async fn events(State(shared): State<Shared>, seat: Seat) -> Response {
    let news = shared.service.listen();
    let scopes = seat.who.access.allowed(Action::Read).into_iter();
    let scopes: BTreeSet<ScopeId> =
        scopes.filter(|(_, kinds)| !kinds.is_empty()).map(|(scope, _)| scope).collect();
    let heads = shared.service.database().heads(&Vec::from_iter(scopes.clone())).await.unwrap_or_default();
    let page = Open {
        shared,
        session: seat.who.session,
        scopes,
        heads,
        news,
        over: false,
        round: Instant::now() + ROUND,
    };
    let mut response = Sse::new(page.stream()).into_response();
    // A proxy must not collect events.
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// One open page.
struct Open {
    shared: Shared,
    session: [u8; 32],
    scopes: BTreeSet<ScopeId>,
    /// How far each scope's log was when the page last heard of it.
    heads: Vec<Head>,
    news: Receiver<News>,
    over: bool,
    round: Instant,
}

impl Open {
    fn stream(self) -> impl Stream<Item = Result<Event, Infallible>> {
        stream::unfold(self, async |mut page| {
            let event = page.next().await?;
            Some((Ok(event), page))
        })
    }

    /// The next thing to tell; `None` once it is over.
    async fn next(&mut self) -> Option<Event> {
        while !self.over {
            match timeout_at(self.round, self.news.recv()).await {
                Ok(Ok(News::Records(scope))) if self.scopes.contains(&scope) => {
                    if !self.counts().await {
                        return Some(self.end());
                    }
                    return Some(records(&scope));
                }
                Ok(Ok(News::Left(session))) if session == self.session => return Some(self.end()),
                // The browser comes back by itself, to whoever answers then.
                Ok(Ok(News::Closing) | Err(RecvError::Closed)) => return None,
                Ok(Ok(_)) => {}
                Ok(Err(RecvError::Lagged(_))) | Err(_) => {
                    self.round = Instant::now() + ROUND;
                    if !self.counts().await {
                        return Some(self.end());
                    }
                    return Some(self.look().await);
                }
            }
        }
        None
    }

    async fn counts(&self) -> bool {
        matches!(self.shared.service.seated_by(self.session, false).await, Ok(Some(_)))
    }

    /// Whether something came in that nobody told of; otherwise a sign of life.
    async fn look(&mut self) -> Event {
        let scopes = Vec::from_iter(self.scopes.clone());
        let Ok(heads) = self.shared.service.database().heads(&scopes).await else {
            return Event::default().comment("here");
        };
        let moved = heads.iter().find(|head| !self.heads.contains(head)).map(|head| head.scope.clone());
        self.heads = heads;
        moved.map_or_else(|| Event::default().comment("here"), |scope| records(&scope))
    }

    fn end(&mut self) -> Event {
        self.over = true;
        Event::default().event("left").data("left")
    }
}

fn records(scope: &ScopeId) -> Event {
    Event::default().event("records").data(scope.as_str())
}
