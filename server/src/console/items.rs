//! The items of a list as people tick them: how far the list is, and each item with who did it. The page of all lists and
//! a list's own page draw them alike.

use gridbook_core::id::PersonId;
use maud::{Markup, html};

use super::seat::Seat;
use super::values::brief;
use crate::service::ItemView;

/// How far a list is, as a bar and in words.
pub(crate) fn bar(seat: &Seat, done: usize, of: usize) -> Markup {
    let said = seat.fill("lists_done", &[("done", &done.to_string()), ("n", &of.to_string())]);
    html! {
        @if of == 0 { span.quiet { "—" } } @else {
            span.bar {
                progress value=(done) max=(of) aria-label=(said) {}
                span { (said) }
            }
        }
    }
}

/// One item with its box, by when and by whom it is to be done, and who ticked it: `most` names, and so many characters
/// of its title.
pub(crate) fn line(seat: &Seat, item: &ItemView, most: usize, title: usize) -> Markup {
    let names = |people: &[PersonId]| {
        let names = people.iter().take(most).map(|person| seat.directory.person_name(person));
        let names = names.collect::<Vec<_>>().join("、");
        if people.len() > most { format!("{names}…") } else { names }
    };
    let due = item.due.map(|due| due.to_string()).unwrap_or_default();
    html! {
        li.ticked[item.done] {
            span.box aria-hidden="true" { @if item.done { "✓" } }
            div {
                span { (brief(&item.title, title)) } " "
                @if item.done { span.visually-hidden { (seat.word("field.done")) } }
                @if item.overdue { span.badge.returned { (seat.fill("list_overdue", &[("day", &due)])) } }
                @else if !item.done && item.due.is_some() { span.quiet.small { (seat.fill("list_due", &[("day", &due)])) } }
                @if item.people > 1 {
                    " " span.chip { (seat.fill("list_people", &[("n", &item.ticks.len().to_string()), ("people", &item.people.to_string())])) }
                }
                @if !item.done && !item.asked.is_empty() {
                    " " span.quiet.small { (seat.fill("list_asked", &[("who", &names(&item.asked))])) }
                }
                @if !item.ticks.is_empty() {
                    p.quiet.small { @for (place, (by, at)) in item.ticks.iter().take(most).enumerate() {
                        @if place > 0 { "、" }
                        (seat.directory.person_name(by)) " " time { (seat.moment(*at)) }
                    }
                    @if item.ticks.len() > most { " " (seat.fill("list_ticks", &[("n", &item.ticks.len().to_string())])) } }
                }
            }
        }
    }
}
