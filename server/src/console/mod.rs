//! The leads' console: pages in the browser of an office's computer or of a phone, rendered here, with small
//! scripts that only shorten ways. `router.rs` hangs it in; docs/CONSOLE.md says what it is and how a page is added.
//!
//! Nothing here decides: `session` finds out who asks, the service says what they may see and do, a page shows it.

mod assets;
mod charts;
mod choice;
mod contents;
mod cookies;
mod entry;
mod failure;
mod form;
mod items;
mod layout;
pub(crate) mod ledger;
mod live;
mod login;
mod pages;
mod period;
mod picture;
mod question;
mod seat;
mod session;
mod settings;
mod values;
mod wording;
mod words;

pub(crate) use wording::Wording;
pub(crate) use words::Words;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, get, post};
use gridbook_core::sync::protocol::FailureCode;

use crate::error::Error;
use crate::handlers::Shared;

/// Everything under `/console`. What is in `inside` is reached by who is logged in alone.
pub(crate) fn routes(shared: &Shared) -> Router<Shared> {
    let inside = Router::new()
        .route("/console", get(pages::today::show))
        .route("/console/today", get(pages::today::fragment))
        .route("/console/diary", get(pages::diary::show))
        .route("/console/diary/part", get(pages::diary::fragment))
        .route("/console/diary/sheet", get(pages::sheet::show))
        .route("/console/diary/mark", post(pages::marks::mark))
        .route("/console/diary/mark-all", post(pages::marks::mark_all))
        .route("/console/diary/take-back", post(pages::marks::take_back))
        .route("/console/queue", get(pages::queue::show))
        .route("/console/records/{id}", get(pages::records::show))
        .route("/console/records/{id}/choose", post(pages::records::choose))
        .route("/console/records/{id}/reveal", get(pages::reveals::ask).post(pages::reveals::show))
        .route("/console/ledgers", get(pages::ledgers::show))
        .route("/console/ledgers/file", post(pages::ledgers::file))
        .route("/console/people", get(pages::people::show))
        .route("/console/people/box", get(pages::refused::show))
        .route("/console/people/deed", post(pages::deeds::deed))
        .route("/console/people/{id}", get(pages::people::one))
        .route("/console/people/{id}/invite", post(pages::invites::make))
        .route("/console/hand-over", get(pages::hand_over::show).post(pages::hand_over::go))
        .route("/console/lists", get(pages::lists::show))
        .route("/console/lists/part", get(pages::lists::part))
        .route("/console/lists/begin", post(pages::lists::begin))
        .route("/console/templates", post(pages::templates::save))
        .route("/console/templates/new", get(pages::templates::new))
        .route("/console/templates/end", post(pages::templates::end))
        .route("/console/templates/{id}", get(pages::templates::edit))
        .route("/console/templates/{id}/{item}", get(pages::assignees::show).post(pages::assignees::save))
        .route("/console/account", get(pages::account::show))
        .route("/console/account/factor", get(pages::account::begin).post(pages::account::set))
        .route("/console/account/factor/remove", post(pages::account::remove))
        .route("/console/visits", get(pages::visits::show))
        .route("/console/visits/building", get(pages::visits::building))
        .route("/console/households/{id}", get(pages::visits::household))
        .route("/console/fraud", get(pages::fraud::show))
        .route("/console/figures", get(pages::figures::show))
        .route("/console/records", get(pages::found::show))
        .route("/console/events", get(live::events))
        .route("/console/logout", post(login::leave))
        .route("/console/{*path}", any(nothing_here))
        .layer(from_fn_with_state(shared.clone(), session::seated));
    Router::new()
        .route("/console/login", get(login::form).post(login::enter))
        .route("/console/settings", post(settings::set))
        .route("/console/assets/{name}", get(assets::file))
        .merge(inside)
        .layer(from_fn_with_state(shared.clone(), session::visited))
}

/// Whatever is not listed above: not found, for who is logged in, and the login page for everybody else.
async fn nothing_here() -> session::Answer {
    Err(Error::refused(FailureCode::NotFound, "there is no such page").into())
}
