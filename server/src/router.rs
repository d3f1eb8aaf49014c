//! Every route, and what surrounds each request: id, log line, count, rate and time limit.

use std::any::Any;
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use gridbook_core::sync::address::ServerPin;
use gridbook_core::sync::proof::SERVER_TIME_HEADER;
use gridbook_core::sync::protocol::{
    BODY_LIMIT, BOX_PATH, ENROL_PATH, FailureCode, RECOVER_PATH, SYNC_PATH, UNLOCK_PATH,
};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::trace::TraceLayer;

use crate::console;
use crate::error::Error;
use crate::handlers::{self, Shared, wire_failure};
use crate::limits::Limits;
use crate::openapi;
use crate::service::Service;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// How a server is reached: what its pages and the invitations made on them say of it.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// True if it speaks TLS itself.
    pub secure: bool,
    /// Where phones reach it; where the browser does, if nothing is said.
    pub address: Option<String>,
    /// The keys that phones may find there.
    pub pins: Vec<ServerPin>,
}

/// The longest body of a request of the leads' API, in bytes: it is taken in before its token is looked at, so strangers could
/// fill the memory with longer ones. A hand-over by name has room for 1,600 households.
const ASKED_LIMIT: usize = 64 * 1024;

/// All routes over one service.
pub fn router(service: Service, limits: Limits, reach: Reach) -> Router {
    let shared = Shared::new(service, limits, reach);
    let open = Router::new()
        .route("/v1/records", get(handlers::records))
        .route("/v1/records/{id}", get(handlers::record))
        .route("/v1/records/{id}/history", get(handlers::history))
        .route("/v1/records/{id}/reveal", post(handlers::reveal).layer(DefaultBodyLimit::max(ASKED_LIMIT)))
        .route("/v1/summary", get(handlers::summary))
        .route("/v1/exports", get(handlers::exports))
        .route("/v1/exports/{kind}", get(handlers::export))
        .route("/v1/hand-over", post(handlers::hand_over).layer(DefaultBodyLimit::max(ASKED_LIMIT)))
        .route("/v1/audit", get(handlers::audit))
        .route(openapi::PATH, get(openapi::document))
        .route("/healthz", get(handlers::health))
        .route("/metrics", get(handlers::metrics))
        .fallback(nothing_here)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn_with_state(shared.clone(), counted));
    Router::new()
        .route(ENROL_PATH, post(handlers::enrol))
        .route(SYNC_PATH, post(handlers::sync))
        .route(RECOVER_PATH, post(handlers::recover))
        .route(BOX_PATH, post(handlers::hand_in))
        .route(UNLOCK_PATH, post(handlers::unlock))
        .merge(open)
        .merge(console::routes(&shared))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(shared.clone(), observed))
        .layer(TraceLayer::new_for_http().make_span_with(span).on_response(answered))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
        .with_state(shared)
}

async fn nothing_here() -> Response {
    handlers::json_failure(&Error::refused(FailureCode::NotFound, "there is nothing here"))
}

/// Counts requests that carry no device's proof by address, and gives them up after the time limit.
async fn counted(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    if let Err(error) = shared.limiter.stranger(handlers::address_of(request.extensions())) {
        return handlers::json_failure(&error);
    }
    let answer = tokio::time::timeout(shared.limits.work_time, next.run(request)).await;
    answer.unwrap_or_else(|_| {
        handlers::json_failure(&Error::refused(FailureCode::Busy, "the request took too long; try again"))
    })
}

/// Counts the request in the figures and stamps the answer with the server's time.
async fn observed(
    State(shared): State<Shared>,
    path: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let began = Instant::now();
    let mut response = next.run(request).await;
    let route = path.as_ref().map_or("other", MatchedPath::as_str);
    shared.service.metrics().request(route, response.status().as_u16(), began.elapsed());
    let now = HeaderValue::from(shared.service.surroundings().now().0);
    response.headers_mut().insert(SERVER_TIME_HEADER, now);
    response
}

/// One span a request: route and id, never the query, which may name people.
fn span(request: &Request) -> tracing::Span {
    let id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
    let route = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str);
    tracing::info_span!("request", method = %request.method(), route, id)
}

fn answered(response: &Response, took: Duration, _: &tracing::Span) {
    let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(status = response.status().as_u16(), milliseconds, "answered");
}

/// Answers a panic inside a handler; what it was goes to the log by the panic hook.
fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    wire_failure(&Error::Database("a handler panicked".into()))
}
