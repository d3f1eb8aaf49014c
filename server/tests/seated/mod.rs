//! People at the console of a test's site: somebody new with a role, logged in.
#![allow(unreachable_pub, reason = "a module of tests")]

use gridbook_core::id::{PersonId, ScopeId};
use gridbook_core::model::Role;

use crate::browser::Browser;
use crate::common::Site;

/// Somebody new with a role, and their browser.
pub async fn at_console(site: &Site, name: &str, role: Role, scope: &ScopeId) -> (PersonId, Browser) {
    let id = site.person(name, role, scope).await;
    (id, Browser::of(&site.server, &site.running.url(), name).await)
}
