//! Who looks at a page: a visitor with a language, and once logged in a person at their seat.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use gridbook_core::clock::{Day, Instant, Zone};
use gridbook_core::id::ScopeId;
use gridbook_core::model::{Action, Directory, Kind, Scope};

use super::form;
use super::words::Words;
use crate::service::{Seated, in_order};

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
    /// The language.
    pub(crate) words: Words,
    /// Who, and what they may do.
    pub(crate) who: Seated,
    /// Their name.
    pub(crate) name: String,
    /// The communities that they have a part in, as the header shows them.
    pub(crate) community: String,
    /// The names that the person may know.
    pub(crate) directory: Arc<Directory>,
    /// The communities' zone.
    pub(crate) zone: Zone,
}

impl Seat {
    /// What the console calls `key`.
    pub(crate) fn say(&self, key: &str) -> &'static str {
        self.words.say(key)
    }

    /// A word of any section.
    pub(crate) fn word(&self, key: &str) -> &'static str {
        self.words.word(key)
    }

    /// What the console calls `key`, with each `{name}` filled in.
    pub(crate) fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        self.words.fill(key, values)
    }

    /// True if the person may do `action` with records of `kind` in the scope: for what a page offers. The service
    /// asks once more.
    pub(crate) fn may(&self, scope: &ScopeId, kind: Kind, action: Action) -> bool {
        self.who.access.may(scope, kind, action)
    }

    /// True if the person leads or manages in the scope.
    pub(crate) fn leads(&self, scope: &ScopeId) -> bool {
        self.who.access.leads(scope)
    }

    /// The scopes in which they may do `action` with records of `kind`, by name.
    pub(crate) fn scopes(&self, kind: Kind, action: Action) -> Vec<Scope> {
        let known = self.who.access.known_scopes().filter(|scope| self.may(&scope.id, kind, action));
        let mut scopes: Vec<Scope> = known.cloned().collect();
        scopes.sort_by(|one, other| {
            in_order(&one.name).cmp(&in_order(&other.name)).then(one.id.cmp(&other.id))
        });
        scopes
    }

    /// A moment as hour and minute.
    pub(crate) fn time(&self, at: Instant) -> String {
        self.zone.local(at).format("%H:%M").to_string()
    }

    /// A moment as day, hour and minute.
    pub(crate) fn moment(&self, at: Instant) -> String {
        self.zone.local(at).format("%Y-%m-%d %H:%M").to_string()
    }

    /// A day with its weekday.
    pub(crate) fn day(&self, day: Day) -> String {
        let number = day.days_since(day.week_start());
        format!("{day} {}", self.say(&format!("weekday_{}", number + 1)))
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
