//! 日记本: a grid's page of a day, turned like the paper one, answered in place; and its sheet for the printer.

use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse};
use gridbook_core::clock::Day;
use gridbook_core::id::ScopeId;
use gridbook_core::model::{Reading, Scope};
use maud::{Markup, html};
use serde::Deserialize;

use crate::console::entry::{Manner, Room, article};
use crate::console::layout::{self, Sheet, empty};
use crate::console::seat::Seat;
use crate::console::session::Answer;
use crate::console::values::brief;
use crate::handlers::Shared;
use crate::service::{Book, BookRequest, Entry, Tick};

/// Where the page is.
pub(crate) const PATH: &str = "/console/diary";

/// Bytes of a sheet, or a book, for the printer; what does not fit goes on in another.
const SHEET: usize = 120_000;
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
    to: Option<String>,
}

impl Wanted {
    /// A day that is none is today: an address typed by hand leads somewhere.
    fn request(self) -> BookRequest {
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
            (ticks(seat, &book.ticks, TICKS))
        }
        (mark_all(seat, grid, book, &here))
    }
}

/// All of the day on one sheet of A4, with a line to sign; or a book of several days, each on sheets of its own. Where it is
/// full, it goes on in another.
pub(crate) async fn sheet(State(shared): State<Shared>, seat: Seat, Query(wanted): Query<Wanted>) -> Answer {
    let last: Option<Day> = wanted.to.as_deref().and_then(|day| day.parse().ok());
    let mut request = BookRequest { whole: true, ..wanted.request() };
    let mut book = shared.service.book(&seat.who, request.clone()).await?;
    let Some(grid) = book.grid.clone() else {
        return Err(
            crate::Error::refused(gridbook_core::sync::protocol::FailureCode::NotFound, "no grid").into()
        );
    };
    let (first, mut sheets, mut written, mut left) = (book.day, Vec::new(), 0, SHEET);
    let rest = loop {
        let Paper { sheet, size, entries } = paper(&seat, &grid, &book, left);
        if entries == 0 && !book.entries.is_empty() {
            break Some((book.day, None));
        }
        if written == 0 {
            // The book begins on the first day that has something.
            sheets.clear();
        }
        sheets.push(sheet);
        left = left.saturating_sub(size);
        written += entries;
        if entries < book.entries.len() {
            break Some((book.day, book.entries.get(entries - 1).map(Entry::place)));
        }
        let Some(next) = book.beside.1.filter(|next| last.is_some_and(|last| *next <= last)) else {
            break None;
        };
        request = BookRequest { day: Some(next), after: None, ..request };
        book = shared.service.book(&seat.who, request.clone()).await?;
    };
    let more = rest.map(|(day, after)| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("grid", grid.id.as_str()).append_pair("day", &day.to_string());
        query.extend_pairs(last.map(|last| ("to", last.to_string())));
        query.extend_pairs(after.map(|after| ("after", after)));
        format!("{PATH}/sheet?{}", query.finish())
    });
    let body = html! {
        p.no-print {
            a.button href=(address(&grid, first)) { (seat.say("back_to_book")) } " " (seat.say("print_advice"))
            @if let Some(more) = &more { " " a.button href=(more) { (seat.say("book_goes_on")) } }
        }
        @for sheet in &sheets { (sheet) }
    };
    let title = format!("{} {} {first}", seat.say("diary_title"), grid.name);
    Ok(Sheet { place: PATH, title: &title, scripts: &[], body }.page(&seat))
}

/// A day on paper, as far as there was room: so many entries, in so many bytes.
struct Paper {
    sheet: Markup,
    size: usize,
    entries: usize,
}

/// Of a book's first day at least one entry, however large.
fn paper(seat: &Seat, grid: &Scope, book: &Book, most: usize) -> Paper {
    let ticks = ticks(seat, &book.ticks, usize::MAX);
    let (mut entries, mut size) = (Vec::new(), ticks.0.len());
    for entry in &book.entries {
        let drawn = article(seat, entry, Manner::Paper, Room::PAPER, "");
        if size + drawn.0.len() > most && (!entries.is_empty() || most < SHEET) {
            break;
        }
        size += drawn.0.len();
        entries.push(drawn);
    }
    let sheet = html! {
        section.diary.paper aria-label=(book.day) {
            (cover(seat, grid, book))
            @for entry in &entries { (entry) }
            (ticks)
            div.signature {
                p { (seat.say("sign_worker")) span.rule {} }
                p { (seat.say("sign_lead")) span.rule {} }
                p { (seat.word("field.date")) span.rule {} }
            }
        }
    };
    Paper { sheet, size, entries: entries.len() }
}

fn address(grid: &Scope, day: Day) -> String {
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
    let mut grids: Vec<Scope> = Vec::new();
    for kind in Reading::KINDS {
        for scope in seat.scopes(kind, gridbook_core::model::Action::Read) {
            if !grids.contains(&scope) {
                grids.push(scope);
            }
        }
    }
    let turn = |day: Option<Day>, key: &str, rel: &'static str| {
        html! { @match day {
            Some(day) => a.button rel=(rel) href=(address(grid, day)) title=(day) { (seat.say(key)) },
            None => span.button.off aria-hidden="true" { (seat.say(key)) },
        } }
    };
    html! {
        div.turner.no-print {
            form.pick method="get" action=(PATH) {
                label.inline for="grid" { (seat.word("field.grid")) }
                select #grid name="grid" { @for one in &grids {
                    option value=(one.id) selected[one.id == grid.id] { (one.name) }
                } }
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
    let names: Vec<&str> = book.authors.iter().map(|author| seat.directory.person_name(author)).collect();
    let sums = &book.sums;
    let values = [
        ("visits", sums.visits.to_string()),
        ("met", sums.met.to_string()),
        ("reached", sums.reached.to_string()),
        ("ticked", sums.ticked.to_string()),
        ("open", sums.open_follow_ups.to_string()),
    ];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    html! {
        header.cover {
            h1 #diary-head { (seat.say("diary_title")) }
            p { (seat.community) " · " (grid.name) " · " (seat.day(book.day)) }
            @if !names.is_empty() { p.quiet { (seat.word("field.author")) "：" (names.join("、")) } }
            p.sums { (seat.fill("day_sums", &values)) }
        }
    }
}

/// What was ticked: so many, and how many more there are.
fn ticks(seat: &Seat, ticks: &[Tick], most: usize) -> Markup {
    html! { @if !ticks.is_empty() {
        section.ticks aria-labelledby="ticks" {
            h2 #ticks { (seat.word("field.ticks")) }
            ul.lines { @for tick in ticks.iter().take(most) { li {
                time { (seat.time(tick.at)) }
                a href=(format!("/console/records/{}", tick.list)) { (brief(&tick.list_title, TITLE)) }
                span { "✓ " (brief(&tick.item, TITLE)) }
                span.author { (seat.directory.person_name(&tick.by)) }
            } } }
            @if ticks.len() > most {
                p { a href=(super::lists::PATH) { (seat.fill("list_more", &[("n", &(ticks.len() - most).to_string())])) } }
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
