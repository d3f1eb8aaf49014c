//! The two layers around every page: what browser it is and that its forms are ours, then who is logged in.
//! Nothing under `/console` is answered without the first, no page without the second.

use axum::body::{self, Body};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use gridbook_core::model::words::Locale;
use gridbook_core::sync::protocol::FailureCode;

use super::cookies::Cookie;
use super::failure::{Failed, Failure};
use super::form::{self, Form};
use super::seat::{Seat, Visitor};
use super::wording::Wording;
use super::words::Words;
use super::{layout, login};
use crate::error::Error;
use crate::handlers::{self, Shared};

/// A script that wants a part of a page sends this.
const SCRIPT_HEADER: &str = "gridbook-script";
/// A page that asks by itself, because it heard news, sends this: nobody need be sitting there.
const LIVE_HEADER: &str = "gridbook-live";

/// What a page may load and who may frame it: its own style, scripts and connections, and nobody.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const HEADERS: [(&str, &str); 6] = [
    ("content-security-policy", POLICY),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    // With `no-referrer` a browser would not say either where a form comes from.
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
];

/// The outer layer: language, forms' proofs, and the headers of every answer.
pub(crate) async fn visited(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let secure = shared.reach.secure || forwarded_over_tls(headers);
    let session = Cookie::Session.read(headers, secure);
    let known = Cookie::Visitor.read(headers, secure).filter(|known| known.len() >= 26);
    let is_new = session.is_none() && known.is_none();
    let fresh = || data_encoding::BASE32_DNSSEC.encode(&shared.service.surroundings().random::<20>());
    let visitor = Visitor {
        words: Words(language(headers, secure)),
        large: Cookie::Text.read(headers, secure).as_deref() == Some("large"),
        secret: session.clone().or(known).unwrap_or_else(fresh),
        session,
        secure,
        asked: request.uri().path_and_query().map_or_else(String::new, ToString::to_string),
        script: headers.contains_key(SCRIPT_HEADER),
    };
    let secret = visitor.secret.clone();
    let mut response = match with_form(request, &visitor).await {
        Ok(mut request) => {
            request.extensions_mut().insert(visitor);
            let answer = tokio::time::timeout(shared.limits.work_time, next.run(request)).await;
            answer.unwrap_or_else(|_| StatusCode::SERVICE_UNAVAILABLE.into_response())
        }
        Err(refused) => *refused,
    };
    let answered = response.headers_mut();
    for (name, value) in HEADERS {
        answered.insert(name, HeaderValue::from_static(value));
    }
    if !answered.contains_key(header::CACHE_CONTROL) {
        answered.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if is_new && let Some(cookie) = Cookie::Visitor.set(&secret, secure) {
        answered.append(header::SET_COOKIE, cookie);
    }
    response
}

/// The inner layer: only who is logged in goes on, and what fails is told within the frame.
pub(crate) async fn seated(State(shared): State<Shared>, mut request: Request, next: Next) -> Response {
    let Some(visitor) = request.extensions().get::<Visitor>().cloned() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let by_itself = request.headers().contains_key(LIVE_HEADER) || request.uri().path() == "/console/events";
    let seat = match take_seat(&shared, &visitor, !by_itself).await {
        Ok(Some(seat)) => seat,
        Ok(None) => {
            if let Err(error) = shared.limiter.stranger(handlers::address_of(request.extensions())) {
                return layout::failure_page(&visitor, &Failed::of(&error));
            }
            return turn_away(&visitor);
        }
        Err(error) => return layout::failure_page(&visitor, &Failed::of(&error)),
    };
    if let Err(error) = shared.limiter.session(&seat.who.session) {
        return layout::failure_page(&visitor, &Failed::of(&error));
    }
    request.extensions_mut().insert(seat.clone());
    let response = next.run(request).await;
    match response.extensions().get::<Failed>() {
        Some(failed) if visitor.script => (response.status(), failed.line(visitor.words)).into_response(),
        Some(failed) => layout::failure_in_frame(&seat, failed),
        None => response,
    }
}

async fn take_seat(shared: &Shared, visitor: &Visitor, asked: bool) -> crate::Result<Option<Seat>> {
    let Some(secret) = &visitor.session else { return Ok(None) };
    let service = &shared.service;
    let Some(who) = service.seated(secret, asked).await? else { return Ok(None) };
    let wording = Wording::of(service, &who.access, visitor.words).await?;
    let name = wording.directory.person_name(&who.person).to_owned();
    Ok(Some(Seat { visitor: visitor.clone(), who, name, wording }))
}

/// To the login page and back; a script is only told so.
fn turn_away(visitor: &Visitor) -> Response {
    if visitor.script {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let next = form_urlencoded::byte_serialize(visitor.asked.as_bytes()).collect::<String>();
    Redirect::to(&format!("{}?next={next}", login::PATH)).into_response()
}

/// Reads the form of a request that changes something, and refuses one that none of our pages sent.
async fn with_form(request: Request, visitor: &Visitor) -> Result<Request, Box<Response>> {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(request);
    }
    let refuse = |code, detail: &str| {
        let failed = Failed::of(&Error::refused(code, detail));
        Box::new(if visitor.script {
            (failed.status(), failed.line(visitor.words)).into_response()
        } else {
            layout::failure_page(visitor, &failed)
        })
    };
    let (mut parts, body) = request.into_parts();
    let bytes = body::to_bytes(body, form::LIMIT).await;
    let bytes = bytes.map_err(|_| refuse(FailureCode::TooLarge, "the form is too large"))?;
    let form = Form::parse(&bytes);
    if !form::is_ours(&parts.headers, &form, &visitor.secret) {
        tracing::info!("a form without its proof was refused");
        return Err(refuse(FailureCode::BadProof, "the form was not sent by a page of this console"));
    }
    parts.extensions.insert(form);
    Ok(Request::from_parts(parts, Body::empty()))
}

/// True if a proxy says that it was reached over TLS. Whoever makes it up only keeps their own cookies from being
/// sent back.
fn forwarded_over_tls(headers: &HeaderMap) -> bool {
    headers.get("x-forwarded-proto").is_some_and(|proto| proto.as_bytes() == b"https")
}

/// What was chosen, or else what the browser asks for; Chinese where neither says anything.
fn language(headers: &HeaderMap, secure: bool) -> Locale {
    match Cookie::Language.read(headers, secure).as_deref() {
        Some("en") => Locale::English,
        Some("zh") => Locale::Chinese,
        _ => Words::asked(headers).0,
    }
}

/// What a page's handler gives back.
pub(crate) type Answer = Result<Response, Failure>;
