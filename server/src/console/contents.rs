//! What a record says, as its own page shows it: each field in words, a set in one line, a list as the items that people
//! tick, and whatever names another record as the way to it.

use gridbook_core::clock::Day;
use gridbook_core::id::RecordId;
use gridbook_core::model::{Content, Scalar};
use maud::{Markup, html};

use super::items::{bar, line};
use super::seat::Seat;
use super::values::{field_word, part_word, path_words, short, value_words};
use crate::service::{WholeRecord, items_of};

/// Fields that the head of the page says already.
pub(crate) const IN_HEAD: [&str; 4] = ["kind", "schema", "author", "grid"];
/// Fields of a list that its items say.
const IN_ITEMS: [&str; 3] = ["items", "ticks", "assignees"];

/// Bytes of a page that the elements of one set, or the items of a list, may take.
const ELEMENTS: usize = 20_000;

/// As many parts as there is room for, at least one, and how many are left.
pub(crate) fn fitting(
    parts: impl IntoIterator<IntoIter: ExactSizeIterator<Item = Markup>>,
    bytes: usize,
) -> (Vec<Markup>, usize) {
    let (mut parts, mut fit, mut taken) = (parts.into_iter(), Vec::new(), 0);
    while let Some(part) = parts.next() {
        taken += part.0.len();
        if taken > bytes && !fit.is_empty() {
            return (fit, parts.len() + 1);
        }
        fit.push(part);
    }
    (fit, 0)
}

/// All that the record says.
pub(crate) fn contents(seat: &Seat, record: &WholeRecord, today: Day) -> Markup {
    html! {
        @match &record.entry.content {
            Content::Checklist(list) => {
                @let items = items_of(list, today);
                (bar(seat, items.iter().filter(|item| item.done).count(), items.len()))
                @let (fit, left) = fitting(items.iter().map(|item| line(seat, item, usize::MAX, usize::MAX)), ELEMENTS);
                ul.items { @for item in fit { (item) } }
                (others(seat, left))
            },
            Content::Template(template) => {
                @let titles = template.in_order().into_iter().map(|(_, item)| html! { li { (item.title) } });
                @let (fit, left) = fitting(titles, ELEMENTS);
                ol.titles { @for title in fit { (title) } }
                (others(seat, left))
            },
            _ => {},
        }
        dl.fields { @for (name, says) in lines(seat, record) {
            @let (fit, left) = fitting(says, ELEMENTS);
            dt { (name) }
            dd { @for (place, one) in fit.iter().enumerate() { @if place > 0 { "、" } (one) } (others(seat, left)) }
        } }
        @for path in record.masked.iter().filter(|path| stands_elsewhere(record, path)) {
            p { (path_words(seat, record, path)) " " (reveal_link(seat, &record.entry.id, path, &path_words(seat, record, path))) }
        }
    }
}

/// What a page has no room for.
fn others(seat: &Seat, left: usize) -> Markup {
    html! { @if left > 0 { " " span.quiet { (seat.fill("others_left", &[("n", &left.to_string())])) } } }
}

/// The way to the page that asks for the reason.
pub(crate) fn reveal_link(seat: &Seat, id: &RecordId, path: &str, field: &str) -> Markup {
    let field_query: String = form_urlencoded::byte_serialize(path.as_bytes()).collect();
    html! {
        a.reveal href=(format!("/console/records/{id}/reveal?field={field_query}"))
            aria-label=(seat.fill("reveal_show_field", &[("field", field)])) { (seat.say("reveal_show")) }
    }
}

/// True for a field that is not a line of its own: an item's title, or one whose shown value holds nothing.
fn stands_elsewhere(record: &WholeRecord, path: &str) -> bool {
    let has_items = matches!(record.entry.content, Content::Checklist(_) | Content::Template(_));
    has_items && path.contains('/') || !record.fields.contains_key(path)
}

/// The fields in the order of their kind, each with what it says; the elements of a set stand together.
fn lines(seat: &Seat, record: &WholeRecord) -> Vec<(String, Vec<Markup>)> {
    let kind = record.entry.kind;
    let has_items = matches!(record.entry.content, Content::Checklist(_) | Content::Template(_));
    let field_of = |path: &str| path.split('/').next().unwrap_or_default().to_owned();
    let shown = record.fields.iter().filter(|(path, _)| {
        let field = field_of(path);
        let elsewhere = IN_HEAD.contains(&field.as_str()) || has_items && IN_ITEMS.contains(&field.as_str());
        !elsewhere
    });
    let mut shown: Vec<(&String, &Scalar)> = shown.collect();
    shown.sort_by_key(|(path, _)| kind.fields().iter().position(|field| field.name == field_of(path)));
    let mut lines: Vec<(String, Vec<Markup>)> = Vec::new();
    for (path, value) in shown {
        let (name, says) = match path.split_once('/') {
            // An element says everything by being there.
            Some((field, part)) if *value == Scalar::Flag(true) => {
                (field_word(seat, kind, field), element(seat, record, field, part))
            }
            _ if record.open.iter().any(|open| open.field == *path) => {
                (path_words(seat, record, path), html! { span.quiet { (seat.say("holds_two_values")) } })
            }
            _ => (path_words(seat, record, path), told(seat, record, path, value)),
        };
        match lines.last_mut() {
            Some((last, all)) if *last == name => all.push(says),
            _ => lines.push((name, vec![says])),
        }
    }
    lines
}

fn element(seat: &Seat, record: &WholeRecord, field: &str, part: &str) -> Markup {
    match field {
        "households" => html! { a href=(format!("/console/households/{part}")) { (short(part)) } },
        "links" => html! { a href=(format!("/console/records/{part}")) { (short(part)) } },
        _ => html! { (part_word(seat, record.entry.kind, field, part)) },
    }
}

fn told(seat: &Seat, record: &WholeRecord, path: &str, value: &Scalar) -> Markup {
    let says = said(seat, record, path, Some(value));
    match (path, value.as_text()) {
        ("household", Some(id)) => html! { a href=(format!("/console/households/{id}")) { (says) } },
        ("subject" | "visit" | "template", Some(id)) if !id.is_empty() => {
            html! { a href=(format!("/console/records/{id}")) { (says) } }
        }
        _ if record.masked.iter().any(|masked| masked == path) => {
            html! { (says) " " (reveal_link(seat, &record.entry.id, path, &path_words(seat, record, path))) }
        }
        _ => html! { (says) },
    }
}

/// What a value says; of the household that was visited, where it is.
pub(crate) fn said(seat: &Seat, record: &WholeRecord, path: &str, value: Option<&Scalar>) -> String {
    let visited = match &record.entry.content {
        Content::Visit(visit) => Some(visit.household.to_string()),
        _ => None,
    };
    match &record.entry.dwelling {
        Some(dwelling) if path == "household" && value.and_then(Scalar::as_text) == visited.as_deref() => {
            dwelling.clone()
        }
        _ => value_words(seat, path, value),
    }
}
