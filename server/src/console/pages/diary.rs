//! 日记本: a grid's page of a day, turned like the paper one, answered in place.

use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse};
use gridbook_core::clock::Day;
use gridbook_core::id::ScopeId;
use gridbook_core::model::{Action, Reading, Scope};
use maud::{Markup, html};
use serde::Deserialize;

use crate::console::choice::scope_choice;
use crate::console::entry::{Manner, Room, article};
use crate::console::layout::{self, Sheet, empty};
use crate::console::seat::Seat;
use crate::console::session::Answer;
use crate::console::values::brief;
use crate::handlers::Shared;
use crate::service::{Book, BookRequest, Tick};

/// Where the page is.
pub(crate) const PATH: &str = "/console/diary";

/// Ticks listed beside the entries, and characters of a title among them.
const TICKS: usize = 40;
const TITLE: usize = 60;

/// Which page of the book.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    grid: Option<String>,
    day: Option<String>,
    after: Option<String>,
    /// Of a sheet: the last day, where it is a book of several.
    pub(super) to: Option<String>,
}

impl Wanted {
    /// A day that is none is today: an address typed by hand leads somewhere.
    pub(super) fn request(self) -> BookRequest {
        BookRequest {
            grid: self.grid.filter(|grid| !grid.is_empty()).map(ScopeId),
            day: self.day.and_then(|day| day.parse().ok()),
            after: self.after,
            ..BookRequest::default()
        }
    }
}

/// The page.
pub(crate) async fn show(State(shared): State<Shared>, seat: Seat, Query(wanted): Query<Wanted>) -> Answer {
    let after = wanted.after.clone();
    let book = shared.service.book(&seat.who, wanted.request()).await?;
    let title = seat.say("nav_diary");
    let Some(grid) = &book.grid else {
        let body = html! { h1 { (title) } (empty(seat.say("no_grid"), seat.say("no_grid_advice"))) };
        return Ok(Sheet { place: PATH, title, scripts: &[], body }.page(&seat));
    };
    let body = html! {
        (turner(&seat, grid, &book))
        div data-live=(live_address(grid, book.day, after.as_deref())) { (parts(&seat, grid, &book)) }
        p.quiet.small.no-print { (seat.say("keys")) }
    };
    let title = format!("{title} {}", book.day);
    Ok(Sheet { place: PATH, title: &title, scripts: &["live.js", "diary.js"], body }.page(&seat))
}

/// The part of the page that changes: an open page asks for it when records came in.
pub(crate) async fn fragment(
    State(shared): State<Shared>,
    seat: Seat,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let request = BookRequest { by_itself: true, ..wanted.request() };
    let book = shared.service.book(&seat.who, request).await?;
    let part = book.grid.as_ref().map(|grid| parts(&seat, grid, &book));
    Ok(Html(part.unwrap_or_default().into_string()).into_response())
}

/// The paper with its entries, and the button for all of them. Each child has a name or a class of its own, by which
/// `live.js` finds it again.
fn parts(seat: &Seat, grid: &Scope, book: &Book) -> Markup {
    let (here, room) = (address(grid, book.day), Room::of(&book.entries));
    html! {
        section.diary #paper aria-labelledby="diary-head" {
            (cover(seat, grid, book))
            @if book.entries.is_empty() && book.ticks.is_empty() {
                (empty(seat.say("empty_day"), seat.say("empty_day_advice")))
            }
            @for entry in &book.entries { (article(seat, entry, Manner::OnItsDay, room, &here)) }
            @if let Some(next) = &book.next {
                p.more { a.button href=(format!("{here}&after={next}")) { (seat.say("more_of_day")) } }
            }
            (ticks(seat, &book.ticks))
        }
        (mark_all(seat, grid, book, &here))
    }
}

/// The address of a grid's page of a day.
pub(super) fn address(grid: &Scope, day: Day) -> String {
    format!("{PATH}?grid={}&day={day}", grid.id)
}

fn live_address(grid: &Scope, day: Day, after: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("grid", grid.id.as_str()).append_pair("day", &day.to_string());
    query.extend_pairs(after.map(|after| ("after", after)));
    format!("{PATH}/part?{}", query.finish())
}

/// Grid and day to choose, and the pages before and after.
fn turner(seat: &Seat, grid: &Scope, book: &Book) -> Markup {
    let grids = seat.scopes(&Reading::KINDS, Action::Read);
    let turn = |day: Option<Day>, key: &str, rel: &'static str| {
        html! { @match day {
            Some(day) => a.button rel=(rel) href=(address(grid, day)) title=(day) { (seat.say(key)) },
            None => span.button.off aria-hidden="true" { (seat.say(key)) },
        } }
    };
    html! {
        div.turner.no-print {
            form.pick method="get" action=(PATH) {
                (scope_choice(seat, "grid", seat.word("field.grid"), &grids, grid.id.as_str(), false))
                label.inline for="day" { (seat.word("field.date")) }
                input #day type="date" name="day" value=(book.day);
                button type="submit" { (seat.say("show")) }
            }
            nav aria-label=(seat.say("turn_pages")) {
                (turn(book.beside.0, "earlier_page", "prev"))
                (turn(book.beside.1, "later_page", "next"))
                a.button href="/console/queue" { (seat.say("to_queue")) }
                a.button href=(format!("{PATH}/sheet?grid={}&day={}", grid.id, book.day)) { (seat.say("to_sheet")) }
            }
        }
    }
}

/// The head of the paper: title, grid, day, who wrote, what it comes to.
fn cover(seat: &Seat, grid: &Scope, book: &Book) -> Markup {
    let names = authors(seat, book);
    html! {
        header.cover {
            h1 #diary-head { (seat.say("diary_title")) }
            p { (seat.community) " · " (grid.name) " · " (seat.day(book.day)) }
            @if !names.is_empty() { p.quiet { (seat.word("field.author")) "：" (names) } }
            p.sums { (sums(seat, book)) }
        }
    }
}

/// Who wrote that day.
pub(super) fn authors(seat: &Seat, book: &Book) -> String {
    let names: Vec<&str> = book.authors.iter().map(|author| seat.directory.person_name(author)).collect();
    names.join("、")
}

/// What the day comes to.
pub(super) fn sums(seat: &Seat, book: &Book) -> String {
    let sums = &book.sums;
    let values = [
        ("visits", sums.visits.to_string()),
        ("met", sums.met.to_string()),
        ("reached", sums.reached.to_string()),
        ("ticked", sums.ticked.to_string()),
        ("open", sums.open_follow_ups.to_string()),
    ];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    seat.fill("day_sums", &values)
}

/// What was ticked: so many, and how many more there are.
fn ticks(seat: &Seat, ticks: &[Tick]) -> Markup {
    html! { @if !ticks.is_empty() {
        section.ticks aria-labelledby="ticks" {
            h2 #ticks { (seat.word("field.ticks")) }
            ul.lines { @for tick in ticks.iter().take(TICKS) { li {
                time { (seat.time(tick.at)) }
                a href=(format!("/console/records/{}", tick.list)) { (brief(&tick.list_title, TITLE)) }
                span { "✓ " (brief(&tick.item, TITLE)) }
                span.author { (seat.directory.person_name(&tick.by)) }
            } } }
            @if ticks.len() > TICKS {
                p { a href=(super::lists::PATH) { (seat.fill("list_more", &[("n", &(ticks.len() - TICKS).to_string())])) } }
            }
        }
    } }
}

/// Marks all of the day that waits as read, on this page and on further ones, as far as it was there.
fn mark_all(seat: &Seat, grid: &Scope, book: &Book, back: &str) -> Markup {
    html! { @if book.waiting > 1 {
        form.bulk.no-print method="post" action="/console/diary/mark-all" {
            (layout::proof_field(&seat.visitor))
            input type="hidden" name="back" value=(back);
            input type="hidden" name="grid" value=(grid.id);
            input type="hidden" name="day" value=(book.day);
            input type="hidden" name="upto" value=(book.at.0);
            button.primary type="submit" { (seat.fill("mark_all", &[("n", &book.waiting.to_string())])) }
        }
    } }
}
