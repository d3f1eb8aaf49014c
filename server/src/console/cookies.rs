//! The console's cookies: read from a request, written into an answer.

use axum::http::{HeaderMap, HeaderValue, header};

/// Which cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cookie {
    /// The session's secret; gone when the browser closes.
    Session,
    /// What a form is tied to before anybody is logged in.
    Visitor,
    /// The language of pages.
    Language,
    /// Large text.
    Text,
}

/// How long a browser keeps what somebody chose, in seconds: a year.
const KEPT: u32 = 365 * 24 * 60 * 60;

impl Cookie {
    /// `__Host-` binds a cookie to this very host and to TLS; browsers take it over TLS alone.
    fn name(self, secure: bool) -> String {
        let name = match self {
            Cookie::Session => "gridbook-session",
            Cookie::Visitor => "gridbook-visitor",
            Cookie::Language => "gridbook-language",
            Cookie::Text => "gridbook-text",
        };
        if secure { format!("__Host-{name}") } else { name.to_owned() }
    }

    /// Its value in a request.
    pub(crate) fn read(self, headers: &HeaderMap, secure: bool) -> Option<String> {
        let name = self.name(secure);
        let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
        let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
    }

    /// The header that sets it; an empty value takes it away.
    pub(crate) fn set(self, value: &str, secure: bool) -> Option<HeaderValue> {
        let kept = matches!(self, Cookie::Language | Cookie::Text);
        let age = match (value.is_empty(), kept) {
            (true, _) => "; Max-Age=0".to_owned(),
            (false, true) => format!("; Max-Age={KEPT}"),
            (false, false) => String::new(),
        };
        let secure_flag = if secure { "; Secure" } else { "" };
        let name = self.name(secure);
        let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure_flag}{age}");
        HeaderValue::from_str(&text).ok()
    }
}
