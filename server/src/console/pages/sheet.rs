//! 打印: a grid's day on A4 as the paper 民情日记 is ruled: who, where and when at the head, a row a record, lines to sign at
//! the end. Every text is whole. A book of several days has each on sheets of its own.

use axum::extract::{Query, State};
use gridbook_core::clock::Day;
use gridbook_core::model::{Reading, Scope};
use gridbook_core::sync::protocol::FailureCode;
use maud::{Markup, html};

use super::diary::{PATH, Wanted, address, authors, sums};
use crate::console::entry::{Room, says, state, thread, title};
use crate::console::layout::Sheet;
use crate::console::seat::Seat;
use crate::console::session::Answer;
use crate::error::Error;
use crate::handlers::Shared;
use crate::service::{Book, BookRequest, Entry, Tick};

/// Bytes of a sheet, or a book; what does not fit goes on in another.
const SHEET: usize = 120_000;
/// Columns of the table.
const COLUMNS: usize = 5;

/// The page: a day, or a book of several. Where it is full, it goes on in another.
pub(crate) async fn show(State(shared): State<Shared>, seat: Seat, Query(wanted): Query<Wanted>) -> Answer {
    let last: Option<Day> = wanted.to.as_deref().and_then(|day| day.parse().ok());
    let mut request = BookRequest { whole: true, ..wanted.request() };
    let mut book = shared.service.book(&seat.who, request.clone()).await?;
    let Some(grid) = book.grid.clone() else {
        return Err(Error::refused(FailureCode::NotFound, "no grid").into());
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
        written += entries + book.ticks.len();
        if entries < book.entries.len() || book.next.is_some() {
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
    let ticks = html! { @for tick in &book.ticks { (tick_row(seat, tick)) } };
    let (mut rows, mut size) = (Vec::new(), ticks.0.len());
    for entry in &book.entries {
        let drawn = row(seat, entry);
        if size + drawn.0.len() > most && (!rows.is_empty() || most < SHEET) {
            break;
        }
        size += drawn.0.len();
        rows.push(drawn);
    }
    let sheet = html! {
        section.diary.paper aria-label=(book.day) {
            h1 { (seat.say("diary_title")) }
            table.ruled.stacked {
                colgroup { col.time; col.what; col; col.by; col.read; }
                // Repeated on every page, so that no sheet is nobody's.
                thead {
                    tr { td.who-where colspan=(COLUMNS) { (head(seat, grid, book)) } }
                    tr {
                        th scope="col" { (seat.say("when")) }
                        th scope="col" { (seat.say("ledger_item")) }
                        th scope="col" { (seat.say("fields")) }
                        th scope="col" { (seat.word("role.worker")) }
                        th scope="col" { (seat.word("kind.review")) }
                    }
                }
                tbody {
                    @for row in &rows { (row) }
                    (ticks)
                    @if rows.is_empty() && book.ticks.is_empty() {
                        tr { td.blank colspan=(COLUMNS) { (seat.say("empty_day")) } }
                    }
                }
            }
            p.sums { (sums(seat, book)) }
            div.signature {
                @for who in ["sign_worker", "sign_lead"] {
                    p { (seat.say(who)) span.rule {} (seat.word("field.date")) span.rule.short {} }
                }
            }
        }
    };
    Paper { sheet, size, entries: rows.len() }
}

/// Whose sheet it is, of which day.
fn head(seat: &Seat, grid: &Scope, book: &Book) -> Markup {
    let facts = [
        ("scope_kind.community", seat.community.clone()),
        ("scope_kind.grid", grid.name.clone()),
        ("role.worker", authors(seat, book)),
        ("field.date", seat.day(book.day)),
    ];
    html! { @for (key, fact) in facts { span.fact { (seat.word(key)) "：" b { (fact) } } " " } }
}

fn row(seat: &Seat, entry: &Entry) -> Markup {
    html! {
        tr id=(format!("r{}", entry.id)) {
            td.time { time { (seat.time(entry.at)) } }
            td {
                (seat.word(&format!("kind.{}", entry.kind))) br; b { (title(seat, entry)) }
                @if entry.voided { br; (seat.word("field.voided")) }
                @if entry.conflicts > 0 { br; (seat.say("conflicts")) }
            }
            td { (says(seat, entry, Room::PAPER)) }
            td.by { (seat.directory.person_name(&entry.author)) }
            td {
                @if Reading::KINDS.contains(&entry.kind) { (state(seat, entry.reading)) }
                @if !entry.marks.is_empty() { (thread(seat, &entry.marks, None)) }
            }
        }
    }
}

fn tick_row(seat: &Seat, tick: &Tick) -> Markup {
    html! {
        tr {
            td.time { time { (seat.time(tick.at)) } }
            td { (seat.word("field.ticks")) }
            td { (tick.list_title) " ✓ " (tick.item) }
            td.by { (seat.directory.person_name(&tick.by)) }
            td {}
        }
    }
}
