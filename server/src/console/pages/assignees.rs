//! 谁来做: who is asked to do an item of a template. A form, then a page that says what it comes to, then the deed.

use std::collections::BTreeSet;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use gridbook_core::id::{PersonId, RecordId};
use gridbook_core::sync::protocol::FailureCode;
use maud::html;

use super::{lists, templates};
use crate::console::form::Form;
use crate::console::layout::{self, Sheet, empty};
use crate::console::question::Question;
use crate::console::seat::Seat;
use crate::console::session::Answer;
use crate::error::Error;
use crate::handlers::Shared;
use crate::service::{AssigneesShown, SeenVersion};

/// The form.
pub(crate) async fn show(
    State(shared): State<Shared>,
    seat: Seat,
    Path((template, item)): Path<(String, String)>,
) -> Answer {
    let held = shared.service.assignees(&seat.who, id(&template)?, &item).await?;
    Ok(entry(&seat, &held, &path(&template, &item)))
}

/// What the form sends: a question, or the deed.
pub(crate) async fn save(
    State(shared): State<Shared>,
    seat: Seat,
    Path((template, item)): Path<(String, String)>,
    form: Form,
) -> Answer {
    let asked: BTreeSet<PersonId> = form.all("asked").map(PersonId::from).collect();
    let shown = SeenVersion { record: id(&template)?, version: form.get("version").to_owned() };
    if form.get("confirmed") == "1" {
        shared.service.ask_people(&seat.who, &shown, &item, asked).await?;
        return Ok(Redirect::to(&format!("{}/{template}", templates::PATH)).into_response());
    }
    let held = shared.service.assignees(&seat.who, shown.record, &item).await?;
    if held.shown != shown {
        return Err(Error::Changed.into());
    }
    let action = path(&template, &item);
    let says = html! {
        p { @if asked.is_empty() { (seat.say("nobody_asked")) } @else { (names(&seat, &asked).join("、")) } }
        p { (seat.say("why_template_edit")) }
    };
    let mut fields = vec![("version", shown.version.as_str())];
    fields.extend(asked.iter().map(|person| ("asked", person.as_str())));
    let question = Question {
        place: lists::PATH,
        title: &seat.fill("ask_assignees", &[("title", &held.title)]),
        says,
        action: &action,
        fields,
        yes: seat.say("template_save"),
        other: None,
        back: &action,
    };
    Ok(question.page(&seat))
}

/// Where the page of an item is.
pub(super) fn path(template: &str, item: &str) -> String {
    format!("{}/{template}/{item}", templates::PATH)
}

/// The names of people, in their order.
pub(super) fn names<'a>(seat: &'a Seat, people: impl IntoIterator<Item = &'a PersonId>) -> Vec<&'a str> {
    let mut names: Vec<&str> = people.into_iter().map(|person| seat.directory.person_name(person)).collect();
    names.sort_unstable();
    names
}

fn id(template: &str) -> Result<RecordId, Error> {
    template.parse().map_err(|_| Error::refused(FailureCode::NotFound, "no such template"))
}

fn entry(seat: &Seat, held: &AssigneesShown, path: &str) -> Response {
    let title = seat.fill("assignees", &[("title", &held.title)]);
    let back = format!("{}/{}", templates::PATH, held.shown.record);
    let mut people: Vec<(&str, &PersonId)> =
        held.people.iter().map(|person| (seat.directory.person_name(person), person)).collect();
    people.sort_unstable();
    let body = html! {
        div.page-head { h1 { (title) } p.quiet { (seat.say("assignees_lead")) } }
        @if people.is_empty() {
            (empty(seat.say("no_assignees"), seat.say("no_assignees_advice")))
        } @else {
            form.stack.template method="post" action=(path) {
                (layout::proof_field(&seat.visitor))
                input type="hidden" name="version" value=(held.shown.version);
                fieldset {
                    legend { (seat.word("field.assignees")) }
                    @for (name, person) in people {
                        label.choice { input type="checkbox" name="asked" value=(person) checked[held.asked.contains(person)]; " " (name) }
                    }
                }
                div.takes {
                    button.primary type="submit" { (seat.say("template_check")) }
                    a.button href=(back) { (seat.say("leave_it")) }
                }
            }
        }
        p { a href=(back) { (seat.say("template_edit")) } }
    };
    Sheet { place: lists::PATH, title: &title, scripts: &[], body }.page(seat)
}
