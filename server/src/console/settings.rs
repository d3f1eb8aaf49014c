//! What a browser remembers of its user's choice: the language, and large text.

use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};

use super::cookies::Cookie;
use super::form::Form;
use super::login;
use super::seat::Visitor;

/// Sets one of them and goes back to where the form was.
pub(crate) async fn set(visitor: Visitor, form: Form) -> Response {
    let cookie = match (form.get("set"), form.get("to")) {
        ("language", to @ ("zh" | "en")) => Cookie::Language.set(to, visitor.secure),
        ("text", to @ ("large" | "normal")) => Cookie::Text.set(to, visitor.secure),
        _ => None,
    };
    let back = Redirect::to(login::local(form.get("back"))).into_response();
    match cookie {
        Some(cookie) => ([(header::SET_COOKIE, cookie)], back).into_response(),
        None => back,
    }
}
