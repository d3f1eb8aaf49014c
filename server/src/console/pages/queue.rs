//! 待阅: everything that waits for a lead, over all their grids; filtered, paged, or a sample of it.

use axum::extract::{Query, State};
use gridbook_core::clock::Day;
use gridbook_core::id::ScopeId;
use gridbook_core::model::{Action, Kind, Reading};
use maud::{Markup, html};
use serde::Deserialize;

use crate::console::choice::scope_choice;
use crate::console::entry::{Manner, Room, article};
use crate::console::layout::{Sheet, empty};
use crate::console::seat::Seat;
use crate::console::session::Answer;
use crate::handlers::Shared;
use crate::service::QueueRequest;

/// Where the page is.
const PATH: &str = "/console/queue";
/// How many a sample has.
const SAMPLE: usize = 10;

/// Which part of the queue.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    grid: String,
    kind: String,
    state: String,
    from: String,
    to: String,
    author: String,
    sample: String,
    after: Option<String>,
}

/// The page.
pub(crate) async fn show(State(shared): State<Shared>, seat: Seat, Query(wanted): Query<Wanted>) -> Answer {
    let asked = QueueRequest {
        grid: Some(ScopeId(wanted.grid.clone())).filter(|grid| !grid.as_str().is_empty()),
        kind: wanted.kind.parse().ok(),
        reading: Reading::from_word(&wanted.state),
        conflicts: wanted.state == "conflicts",
        days: days(&wanted),
        author: wanted.author.clone(),
        sample: (!wanted.sample.is_empty()).then_some(SAMPLE),
        after: wanted.after.clone(),
    };
    let queue = shared.service.queue(&seat.who, asked).await?;
    let (here, room) = (address(&wanted), Room::of(&queue.entries));
    let title = seat.say("waiting");
    let body = html! {
        div.page-head { h1 { (title) } }
        (filters(&seat, &wanted))
        @if queue.entries.is_empty() {
            (empty(seat.word("message.nothing_to_review"), seat.say("empty_queue_advice")))
        }
        @for entry in &queue.entries { (article(&seat, entry, Manner::Alone, room, &here)) }
        @if let Some(next) = &queue.next {
            p { a.button href=(format!("{here}&after={next}")) { (seat.say("older")) } }
        }
        p.quiet.small { (seat.say("keys")) }
    };
    Ok(Sheet { place: "/console/diary", title, scripts: &["diary.js"], body }.page(&seat))
}

/// From one day to another; a side that is left open goes as far as days go.
fn days(wanted: &Wanted) -> Option<(Day, Day)> {
    let (from, to): (Option<Day>, Option<Day>) = (wanted.from.parse().ok(), wanted.to.parse().ok());
    let named = from.or(to)?;
    Some((from.unwrap_or(named.plus_days(i64::MIN)), to.unwrap_or(named.plus_days(i64::MAX))))
}

fn address(wanted: &Wanted) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let pairs = [
        ("grid", &wanted.grid),
        ("kind", &wanted.kind),
        ("state", &wanted.state),
        ("from", &wanted.from),
        ("to", &wanted.to),
        ("author", &wanted.author),
    ];
    query.extend_pairs(pairs.into_iter().filter(|(_, value)| !value.is_empty()));
    format!("{PATH}?{}", query.finish())
}

fn filters(seat: &Seat, wanted: &Wanted) -> Markup {
    let grids = seat.scopes(&[Kind::Visit], Action::Read);
    let any = |chosen: bool| html! { option value="" selected[chosen] { (seat.say("all")) } };
    html! {
        form.pick method="get" action=(PATH) {
            (scope_choice(seat, "grid", seat.word("field.grid"), &grids, &wanted.grid, true))
            label.inline for="kind" { (seat.word("field.kind")) }
            select #kind name="kind" {
                (any(wanted.kind.is_empty()))
                @for kind in Reading::KINDS {
                    @let word = kind.to_string();
                    option value=(word) selected[word == wanted.kind] { (seat.word(&format!("kind.{word}"))) }
                }
            }
            label.inline for="state" { (seat.say("state")) }
            select #state name="state" {
                option value="" selected[wanted.state.is_empty()] { (seat.say("waiting")) }
                @for reading in Reading::ALL {
                    @let word = reading.as_str();
                    option value=(word) selected[word == wanted.state] { (seat.say(&format!("reading_{word}"))) }
                }
                option value="conflicts" selected[wanted.state == "conflicts"] { (seat.say("conflicts")) }
            }
            span.pair {
                label.inline for="from" { (seat.say("period_from")) }
                input #from type="date" name="from" value=(wanted.from);
            }
            span.pair {
                label.inline for="to" { (seat.say("period_to")) }
                input #to type="date" name="to" value=(wanted.to);
            }
            span.pair {
                label.inline for="author" { (seat.word("field.author")) }
                input #author name="author" value=(wanted.author) maxlength="60" size="12" autocomplete="off";
            }
            button type="submit" { (seat.say("show")) }
            button type="submit" name="sample" value="1" { (seat.fill("sample", &[("n", &SAMPLE.to_string())])) }
        }
    }
}
