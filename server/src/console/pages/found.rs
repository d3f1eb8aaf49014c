//! The records behind a number: what a page counted, newest first.

use axum::extract::{Query, State};
use gridbook_core::clock::Day;
use gridbook_core::id::ScopeId;
use gridbook_core::model::{Action, Kind, dictionary};
use maud::{Markup, html};
use serde::Deserialize;

use crate::console::choice::scope_choice;
use crate::console::entry::{Manner, Room, article};
use crate::console::layout::{Sheet, empty};
use crate::console::seat::Seat;
use crate::console::session::Answer;
use crate::db::Tagged;
use crate::handlers::Shared;
use crate::service::FindRequest;

/// Where the page is.
const PATH: &str = "/console/records";

/// Which records.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    grid: String,
    kind: String,
    from: String,
    to: String,
    field: String,
    code: String,
    came: String,
    after: Option<String>,
}

impl Wanted {
    fn days(&self) -> Option<(Day, Day)> {
        self.from.parse().ok().zip(self.to.parse().ok())
    }

    fn came(&self) -> Option<Day> {
        self.came.parse().ok()
    }

    fn address(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("grid", &self.grid).append_pair("kind", &self.kind);
        query.append_pair("from", &self.from).append_pair("to", &self.to);
        query.append_pair("field", &self.field).append_pair("code", &self.code);
        query.extend_pairs(self.came().map(|came| ("came", came.to_string())));
        format!("{PATH}?{}", query.finish())
    }
}

/// The page.
pub(crate) async fn show(State(shared): State<Shared>, seat: Seat, Query(wanted): Query<Wanted>) -> Answer {
    let tagged = Tagged { field: wanted.field.clone(), code: wanted.code.clone() };
    let asked = FindRequest {
        grid: Some(ScopeId(wanted.grid.clone())).filter(|grid| !grid.as_str().is_empty()),
        kind: wanted.kind.parse().ok(),
        days: wanted.days(),
        came: wanted.came(),
        tagged: Some(tagged).filter(|tagged| !tagged.field.is_empty()),
        after: wanted.after.clone(),
    };
    let found = shared.service.listed(&seat.who, asked).await?;
    let (here, room) = (wanted.address(), Room::of(&found.entries));
    let title = seat.say("records_title");
    let body = html! {
        div.page-head { h1 { (title) } (said(&seat, &wanted)) }
        (filters(&seat, &wanted))
        @if found.entries.is_empty() { (empty(seat.say("nothing_found"), seat.say("nothing_found_advice"))) }
        @for entry in &found.entries { (article(&seat, entry, Manner::Alone, room, &here)) }
        @if let Some(next) = &found.next {
            p { a.button href=(format!("{here}&after={next}")) { (seat.say("older")) } }
        }
        p.quiet.small { (seat.say("keys")) }
    };
    Ok(Sheet { place: "", title, scripts: &["diary.js"], body }.page(&seat))
}

/// The code that all of them carry, in words.
fn said(seat: &Seat, wanted: &Wanted) -> Markup {
    let field = seat.words.find(&format!("field.{}", wanted.field));
    let code = match dictionary::of_field(&wanted.field) {
        Some(dictionary) => {
            let tagged = Tagged { field: wanted.field.clone(), code: wanted.code.clone() };
            let words: Vec<String> = tagged.codes().map(|code| seat.words.code(dictionary, code)).collect();
            words.join("、")
        }
        None => wanted.code.clone(),
    };
    html! {
        @if let Some(field) = field { p { span.chip { (field) "：" (code) } } }
        @if let Some(came) = wanted.came() { p { span.chip { (seat.fill("came_on", &[("day", &came.to_string())])) } } }
    }
}

fn filters(seat: &Seat, wanted: &Wanted) -> Markup {
    let scopes = seat.scopes(&Kind::ALL, Action::Read);
    let any = |chosen: bool| html! { option value="" selected[chosen] { (seat.say("all")) } };
    html! {
        form.pick method="get" action=(PATH) {
            input type="hidden" name="field" value=(wanted.field);
            input type="hidden" name="code" value=(wanted.code);
            @if let Some(came) = wanted.came() { input type="hidden" name="came" value=(came); }
            (scope_choice(seat, "grid", seat.word("field.scope"), &scopes, &wanted.grid, true))
            label.inline for="kind" { (seat.word("field.kind")) }
            select #kind name="kind" {
                (any(wanted.kind.is_empty()))
                @for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Review) {
                    @let word = kind.to_string();
                    option value=(word) selected[word == wanted.kind] { (seat.word(&format!("kind.{word}"))) }
                }
            }
            span.pair {
                label.inline for="from" { (seat.say("period_from")) }
                input #from type="date" name="from" value=(wanted.from);
            }
            span.pair {
                label.inline for="to" { (seat.say("period_to")) }
                input #to type="date" name="to" value=(wanted.to);
            }
            button type="submit" { (seat.say("show")) }
        }
    }
}
