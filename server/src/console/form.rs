//! What a form sends, and the proof that one of our own pages sent it.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// The most bytes that a form may have: a bulk mark of a full day is some 20 kB.
pub(crate) const LIMIT: usize = 64 * 1024;
/// The field that carries the proof.
pub(crate) const PROOF: &str = "csrf";
/// The header in which a script carries it.
const PROOF_HEADER: &str = "gridbook-csrf";

/// The fields of a form in their order. The session's layer has checked its proof before a page sees it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads names and values.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        Self(form_urlencoded::parse(bytes).into_owned().collect())
    }

    /// The first value of a field, `""` if it is not there.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    /// All values of a field.
    pub(crate) fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The proof that forms carry: what nobody can make who does not know the cookie, which no other site can read.
pub(crate) fn proof_of(secret: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes());
    let mut mac = mac.unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    mac.update(b"gridbook-console-form-1");
    data_encoding::BASE32_DNSSEC.encode(&mac.finalize().into_bytes()[..20])
}

/// True if one of our own pages sent this: by its proof, and by what the browser says of where it comes from.
pub(crate) fn is_ours(headers: &HeaderMap, form: &Form, secret: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let given = Some(form.get(PROOF)).filter(|given| !given.is_empty()).or(text(PROOF_HEADER));
    let proven = given.is_some_and(|given| bool::from(given.as_bytes().ct_eq(proof_of(secret).as_bytes())));
    let from_here = text("sec-fetch-site").is_none_or(|site| site == "same-origin" || site == "none");
    let host = text(header::HOST.as_str()).unwrap_or_default();
    let ours = |origin: &str| origin.split_once("://").is_some_and(|(_, from)| from == host);
    proven && from_here && text(header::ORIGIN.as_str()).is_none_or(ours)
}

impl<S: Send + Sync> FromRequestParts<S> for Form {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Form>().cloned().unwrap_or_default())
    }
}
