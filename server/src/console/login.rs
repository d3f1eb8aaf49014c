//! The login page, and leaving.

use axum::Extension;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use gridbook_core::sync::protocol::FailureCode;
use maud::{Markup, html};
use serde::Deserialize;

use super::cookies::Cookie;
use super::failure::Failed;
use super::form::Form;
use super::layout;
use super::seat::{Seat, Visitor};
use super::session::Answer;
use crate::error::Error;
use crate::handlers::Shared;
use crate::listener::Peer;
use crate::service::LogIn;

/// Where one logs in.
pub(crate) const PATH: &str = "/console/login";
/// Where one begins.
pub(crate) const HOME: &str = "/console";

/// Where to go once logged in.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Way {
    next: String,
}

/// `path` if it is one of the console's own, and otherwise its first page: no form sends anybody elsewhere.
pub(crate) fn local(path: &str) -> &str {
    let own = path == HOME || path.starts_with("/console/") || path.starts_with("/console?");
    let plain = !path.contains("//") && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if own && plain { path } else { HOME }
}

/// The login page.
pub(crate) async fn form(State(shared): State<Shared>, visitor: Visitor, Query(way): Query<Way>) -> Response {
    if let Some(secret) = &visitor.session {
        match shared.service.seated(secret, false).await {
            Ok(Some(_)) => return Redirect::to(local(&way.next)).into_response(),
            Ok(None) => {}
            Err(error) => return layout::failure_page(&visitor, &Failed::of(&error)),
        }
    }
    page(&visitor, local(&way.next), "", None)
}

/// Takes name and password.
pub(crate) async fn enter(
    State(shared): State<Shared>,
    visitor: Visitor,
    peer: Option<Extension<Peer>>,
    form: Form,
) -> Response {
    let from = peer.map_or(std::net::IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), |peer| peer.0.0);
    let (name, next) = (form.get("name"), local(form.get("next")));
    if let Err(error) = shared.limiter.stranger(from) {
        return layout::failure_page(&visitor, &Failed::of(&error));
    }
    let words = visitor.words;
    match shared.service.log_in(name, form.get("password"), form.get("code"), from).await {
        Ok(LogIn::Done(secret)) => {
            let cookies =
                [Cookie::Session.set(&secret, visitor.secure), Cookie::Visitor.set("", visitor.secure)];
            let mut response = Redirect::to(next).into_response();
            for cookie in cookies.into_iter().flatten() {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response
        }
        Ok(LogIn::Wrong) => page(&visitor, next, name, Some(words.say("login_wrong").to_owned())),
        Ok(LogIn::Wait(until)) => {
            let wait = (until.0 - shared.service.surroundings().now().0).max(0) / 1_000 + 1;
            let told = words.fill("login_wait", &[("seconds", &wait.to_string())]);
            let answer = page(&visitor, next, name, Some(told));
            (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, wait.to_string())], answer).into_response()
        }
        Err(error) => layout::failure_page(&visitor, &Failed::of(&error)),
    }
}

/// Ends the session.
pub(crate) async fn leave(State(shared): State<Shared>, seat: Seat) -> Answer {
    shared.service.leave(&seat.who.session).await?;
    let cookie = Cookie::Session.set("", seat.visitor.secure);
    let cookie = cookie.ok_or_else(|| Error::refused(FailureCode::Internal, "no cookie"))?;
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(PATH)).into_response())
}

fn page(visitor: &Visitor, next: &str, name: &str, wrong: Option<String>) -> Response {
    let words = visitor.words;
    let status = if wrong.is_some() { StatusCode::UNAUTHORIZED } else { StatusCode::OK };
    let body: Markup = html! {
        section.login-card aria-labelledby="login" {
            h1 #login { (words.say("login_title")) }
            p.quiet { (words.say("login_lead")) }
            @if let Some(wrong) = &wrong { p.alert role="alert" { (wrong) } }
            form method="post" action=(PATH) {
                (layout::proof_field(visitor))
                input type="hidden" name="next" value=(next);
                label for="name" { (words.say("login_name")) }
                input #name name="name" value=(name) required autocomplete="username" autofocus;
                label for="password" { (words.say("login_password")) }
                input #password name="password" type="password" required autocomplete="current-password";
                label for="code" { (words.say("login_code")) }
                input #code name="code" maxlength="8" inputmode="numeric" autocomplete="one-time-code";
                button.primary type="submit" { (words.say("login_enter")) }
            }
            p.quiet.small { (words.say("login_help")) }
        }
    };
    (status, layout::bare(visitor, words.say("login_title"), &body)).into_response()
}

#[cfg(test)]
mod tests {
    use super::local;

    #[test]
    fn nobody_is_sent_elsewhere() {
        for own in ["/console", "/console/diary?grid=s1&day=2026-11-23", "/console?x=1"] {
            assert_eq!(local(own), own);
        }
        let foreign =
            ["", "https://evil.example", "//evil.example", "/consolex", "/console//evil", "/v1/export"];
        for path in foreign.into_iter().chain(["/console/\\evil", "/console/\r\nSet-Cookie: a=b"]) {
            assert_eq!(local(path), "/console", "{path}");
        }
    }
}
