//! Who looks at a page: a visitor with a language, and once logged in a person at their seat.

use std::ops::Deref;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use gridbook_core::id::ScopeId;
use gridbook_core::model::{Action, Kind, Scope};

use super::form;
use super::wording::Wording;
use super::words::Words;
use crate::service::Seated;

/// A browser, logged in or not.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    /// Its language.
    pub(crate) words: Words,
    /// Large text.
    pub(crate) large: bool,
    /// The secret that its forms are tied to.
    pub(crate) secret: String,
    /// The secret of its session, if it brought one.
    pub(crate) session: Option<String>,
    /// True if cookies may only travel over TLS.
    pub(crate) secure: bool,
    /// Path and query of what it asks for.
    pub(crate) asked: String,
    /// True if a script asks for a part of a page.
    pub(crate) script: bool,
}

impl Visitor {
    /// The proof that its forms carry.
    pub(crate) fn proof(&self) -> String {
        form::proof_of(&self.secret)
    }
}

/// A person at the console. Handlers take it as an argument; without a session none is ever made.
#[derive(Clone, Debug)]
pub(crate) struct Seat {
    /// The browser.
    pub(crate) visitor: Visitor,
    /// Who, and what they may do.
    pub(crate) who: Seated,
    /// Their name.
    pub(crate) name: String,
    /// How things are told to them.
    pub(crate) wording: Wording,
}

impl Seat {
    /// True if the person may do `action` with records of `kind` in the scope: for what a page offers. The service
    /// asks once more.
    pub(crate) fn may(&self, scope: &ScopeId, kind: Kind, action: Action) -> bool {
        self.who.access.may(scope, kind, action)
    }

    /// True if the person leads or manages in the scope.
    pub(crate) fn leads(&self, scope: &ScopeId) -> bool {
        self.who.access.leads(scope)
    }

    /// The scopes in which they may do `action` with records of one of these kinds.
    pub(crate) fn scopes(&self, kinds: &[Kind], action: Action) -> Vec<Scope> {
        self.who.access.scopes_where(|scope| kinds.iter().any(|kind| self.may(&scope.id, *kind, action)))
    }
}

// A page asks its seat for words, names and times as it would ask the wording itself.
impl Deref for Seat {
    type Target = Wording;

    fn deref(&self) -> &Wording {
        &self.wording
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Seat {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        parts.extensions.get::<Seat>().cloned().ok_or(StatusCode::UNAUTHORIZED)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        parts.extensions.get::<Visitor>().cloned().ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}
