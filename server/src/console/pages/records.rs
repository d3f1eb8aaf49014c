//! 记录: one record with its fields, its history, both values where two stand side by side, and its marks.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect};
use gridbook_core::model::{Action, Reading, TEXT_LIMIT};
use gridbook_core::sync::protocol::FailureCode;
use maud::{Markup, html};
use serde::Deserialize;

use crate::console::contents::{IN_HEAD, contents, fitting, reveal_link, said};
use crate::console::entry::{answer, mark, state, title};
use crate::console::form::Form;
use crate::console::layout::{self, Sheet};
use crate::console::question::Question;
use crate::console::seat::Seat;
use crate::console::session::Answer;
use crate::console::values::{brief, path_words, value_words};
use crate::db::Act;
use crate::error::Error;
use crate::handlers::Shared;
use crate::service::{AuditView, Depth, Looks, OpenField, SeenVersion, StepView, WholeRecord};

/// Bytes that a record's conflicts, fields, marks and past may take together on one page of at most 150 kB.
const ROOM: usize = 130_000;
/// Bytes for the values of fields that hold two: both of the longest.
const CONFLICTS: usize = 50_000;
/// Bytes for marks, the latest first.
const MARKS: usize = 20_000;
/// Bytes for a record's past: at least one change of the longest text.
const PAST: usize = 50_000;

/// Where a page begins that has only a record's earlier marks, or its past.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Turned {
    /// The number, from the oldest on, of the change before which the past ends.
    before: Option<usize>,
    /// The number of the mark before which the marks end.
    marks: Option<usize>,
    /// The number of the look before which those who looked end.
    looks: Option<u64>,
}

impl Turned {
    /// True for a page that has only a part.
    fn is_part(&self) -> bool {
        self.before.is_some() || self.marks.is_some() || self.looks.is_some()
    }
}

/// The page.
pub(crate) async fn show(
    State(shared): State<Shared>,
    seat: Seat,
    Path(id): Path<String>,
    Query(turned): Query<Turned>,
) -> Answer {
    let id = id.parse().map_err(|_| Error::refused(FailureCode::NotFound, "no such record"))?;
    let record =
        shared.service.whole_record(&seat.who, id, Depth::Past { looks_before: turned.looks }).await?;
    let entry = &record.entry;
    let here = format!("/console/records/{}", entry.id);
    let heading = title(&seat, entry);
    let today = seat.zone.day(shared.service.surroundings().now());
    let may = |action| seat.may(&entry.scope, entry.kind, action) && !entry.voided;
    let history = record.history.as_deref().unwrap_or_default();
    let body = match &turned {
        Turned { before: Some(before), .. } => past(&seat, &record, history, *before, PAST),
        Turned { marks: Some(upto), .. } => marks(&seat, &record, Some(*upto), may(Action::Review)),
        Turned { looks: Some(_), .. } => {
            html! { @if let Some(looks) = &record.looks { (who_looked(&seat, &record, looks)) } }
        }
        Turned { before: None, marks: None, looks: None } => {
            let conflicts = record.open.iter().map(|open| conflict(&seat, &record, open, may(Action::Write)));
            let (conflicts, more) = fitting(conflicts, CONFLICTS);
            let record_itself = html! {
                @for conflict in conflicts { (conflict) }
                @if more > 0 { p.quiet { (seat.fill("conflicts_left", &[("n", &more.to_string())])) } }
                div.columns {
                    section aria-labelledby="fields" {
                        h2 #fields { (seat.say("fields")) }
                        (contents(&seat, &record, today))
                    }
                    (marks(&seat, &record, None, may(Action::Review)))
                }
            };
            let room = ROOM.saturating_sub(record_itself.0.len()).min(PAST);
            html! {
                (record_itself)
                @if record.history.is_some() { (past(&seat, &record, history, usize::MAX, room)) }
                @if let Some(looks) = &record.looks { (who_looked(&seat, &record, looks)) }
            }
        }
    };
    let body = html! {
        (head(&seat, &record, &heading))
        @if turned.is_part() { p { a href=(here) { (seat.say("back_to_record")) } } }
        (body)
    };
    Ok(Sheet { place: "", title: &heading, scripts: &[], body }.page(&seat))
}

/// The marks before one, oldest first: the latest of them that there is room for; after the last the form for another.
fn marks(seat: &Seat, record: &WholeRecord, before: Option<usize>, may_mark: bool) -> Markup {
    let entry = &record.entry;
    let here = format!("/console/records/{}", entry.id);
    let given = &entry.marks[..before.unwrap_or(usize::MAX).min(entry.marks.len())];
    let back = Some(here.as_str()).filter(|_| may_mark);
    let (latest, left) = fitting(given.iter().rev().map(|one| mark(seat, one, back)), MARKS);
    html! {
        section aria-labelledby="marks" {
            h2 #marks { (seat.word("kind.review")) }
            @if left > 0 { p { a href=(format!("{here}?marks={left}#marks")) { (seat.say("older")) } } }
            @if given.is_empty() { p.quiet { (seat.word("message.no_reviews")) } }
            @else { ul.marks { @for one in latest.iter().rev() { (one) } } }
            @if may_mark && before.is_none() { (answer(seat, entry, &here)) }
        }
    }
}

/// Chooses one of two values.
pub(crate) async fn choose(
    State(shared): State<Shared>,
    seat: Seat,
    Path(id): Path<String>,
    form: Form,
) -> Answer {
    let record = id.parse().map_err(|_| Error::refused(FailureCode::NotFound, "no such record"))?;
    let shown = SeenVersion { record, version: form.get("version").to_owned() };
    let place = form.get("place").parse();
    let place = place.map_err(|_| Error::refused(FailureCode::BadRequest, "place: the number of a value"))?;
    if form.get("confirmed") != "1" {
        return sure(&shared, &seat, &shown, form.get("field"), place).await;
    }
    shared.service.choose(&seat.who, &shown, form.get("field"), place).await?;
    Ok(Redirect::to(&format!("/console/records/{record}")).into_response())
}

/// Asks once more, with the value that would stay and what would go.
async fn sure(shared: &Shared, seat: &Seat, shown: &SeenVersion, field: &str, place: usize) -> Answer {
    let record = shared.service.whole_record(&seat.who, shown.record, Depth::Fields).await?;
    let open = record.open.iter().find(|open| open.field == field).ok_or(Error::Changed)?;
    if record.entry.version != shown.version || place >= open.candidates.len() {
        return Err(Error::Changed.into());
    }
    let (address, field_name) =
        (format!("/console/records/{}", shown.record), path_words(seat, &record, field));
    let title = seat.fill("ask_choose", &[("field", &field_name)]);
    let says = html! {
        @for (number, (value, by, at)) in open.candidates.iter().enumerate() {
            p {
                b { (seat.say(if number == place { "choose_stays" } else { "choose_goes" })) } " "
                (value_words(seat, field, Some(value))) " "
                span.quiet.small { (name(seat, by.as_ref())) " · " (seat.moment(*at)) }
            }
        }
        p { (seat.say("choose_advice")) }
    };
    let place = place.to_string();
    let question = Question {
        place: "",
        title: &title,
        says,
        action: &format!("{address}/choose"),
        fields: vec![("version", &shown.version), ("field", field), ("place", &place)],
        yes: seat.say("choose_this"),
        other: None,
        back: &address,
    };
    Ok(question.page(seat))
}

fn head(seat: &Seat, record: &WholeRecord, heading: &str) -> Markup {
    let entry = &record.entry;
    html! {
        div.page-head {
            h1 { span.quiet { (seat.word(&format!("kind.{}", entry.kind))) } " " (heading) }
            p {
                @if Reading::KINDS.contains(&entry.kind) { (state(seat, entry.reading)) " " }
                @if entry.voided { span.badge.returned { (seat.word("field.voided")) } " " }
                span.quiet { (seat.directory.scope_name(&entry.scope)) " · " (seat.directory.person_name(&entry.author)) }
            }
        }
        ol.way {
            li { b { (seat.word("standing.on_phone")) } " " time { (seat.moment(entry.at)) } }
            @if let Some(at) = record.arrived {
                li { b { (seat.word("standing.on_server")) } " " time { (seat.moment(at)) }
                    @if entry.received != at { " " span.quiet { (seat.fill("last_change_came", &[("at", &seat.moment(entry.received))])) } } }
            }
            @if let Some(mark) = entry.marks.iter().rfind(|mark| mark.current) {
                li { b { (seat.word("standing.reviewed")) } " " time { (seat.moment(mark.at)) } }
            }
        }
    }
}

/// Both values side by side, with who wrote them, and the choice. Of more than two long ones each shows its beginning.
fn conflict(seat: &Seat, record: &WholeRecord, open: &OpenField, may_choose: bool) -> Markup {
    let entry = &record.entry;
    let most = 2 * TEXT_LIMIT / open.candidates.len().max(1);
    html! {
        section.conflict aria-label=(seat.word("message.conflict")) {
            h2 { (path_words(seat, record, &open.field)) "：" (seat.word("message.conflict")) }
            div.columns { @for (place, (value, by, at)) in open.candidates.iter().enumerate() {
                form method="post" action=(format!("/console/records/{}/choose", entry.id)) {
                    (layout::proof_field(&seat.visitor))
                    input type="hidden" name="version" value=(entry.version);
                    input type="hidden" name="field" value=(open.field);
                    input type="hidden" name="place" value=(place);
                    p.text { (brief(&value_words(seat, &open.field, Some(value)), most)) }
                    p.quiet.small { (name(seat, by.as_ref())) " · " (seat.moment(*at)) }
                    @if may_choose { button type="submit" { (seat.say("choose_this")) } }
                }
            } }
            p.quiet.small { (seat.say("choose_advice")) }
            @if record.masked.contains(&open.field) {
                p { (reveal_link(seat, &entry.id, &open.field, &path_words(seat, record, &open.field))) }
            }
        }
    }
}

/// Who changed what before a change, newest first, as much of it as there is room for; on a page that has too little for
/// one change, the way to it.
fn past(seat: &Seat, record: &WholeRecord, history: &[StepView], before: usize, room: usize) -> Markup {
    let changes = history.iter().flat_map(|step| step.changes.iter().map(move |change| (step, change)));
    let changes: Vec<_> = changes.filter(|(_, change)| !IN_HEAD.contains(&change.field.as_str())).collect();
    let upto = before.min(changes.len());
    let rows = changes[..upto].iter().rev().map(|(step, change)| {
        html! { tr {
            td { time { (seat.moment(step.at)) } }
            td { (name(seat, step.by.as_ref())) }
            td { (path_words(seat, record, &change.field)) }
            td.old data-label=(seat.say("from")) { (said(seat, record, &change.field, change.from.as_ref())) }
            td data-label=(seat.say("to")) { (said(seat, record, &change.field, change.to.as_ref())) }
        } }
    });
    let (fit, left) = if room < PAST { (Vec::new(), upto) } else { fitting(rows, room) };
    html! {
        section aria-labelledby="history" {
            h2 #history { (seat.say("history")) }
            @if !fit.is_empty() { div.scroll tabindex="0" role="region" aria-labelledby="history" { table.history.stacked {
                thead { tr {
                    th scope="col" { (seat.say("when")) }
                    th scope="col" { (seat.say("who")) }
                    th scope="col" { (seat.say("field")) }
                    th scope="col" { (seat.say("from")) }
                    th scope="col" { (seat.say("to")) }
                } }
                tbody { @for row in fit { (row) } }
            } } }
            @if left > 0 {
                p { a href=(format!("/console/records/{}?before={left}#history", record.entry.id)) { (seat.say("older")) } }
            }
        }
    }
}

fn who_looked(seat: &Seat, record: &WholeRecord, looks: &Looks) -> Markup {
    html! {
        section aria-labelledby="looks" {
            h2 #looks { (seat.say("looks")) }
            ul.lines { @for look in &looks.rows { li {
                time { (seat.moment(look.at)) }
                span.chip { (seat.say(&format!("act_{}", look.act.as_str()))) }
                span { (name(seat, look.who.as_ref())) }
                @if !look.detail.is_empty() { span.quiet { (detail(seat, record, look)) } }
            } } }
            @if let Some(older) = looks.older {
                p { a href=(format!("/console/records/{}?looks={older}#looks", record.entry.id)) { (seat.say("older")) } }
            }
        }
    }
}

/// Of a number that was shown: the field in words, and the reason.
fn detail(seat: &Seat, record: &WholeRecord, look: &AuditView) -> String {
    let field = look.detail.split_once(": ").filter(|_| look.act == Act::Reveal);
    match field.filter(|(path, _)| record.entry.kind.field_of(path).is_some()) {
        Some((path, reason)) => format!("{}：{reason}", path_words(seat, record, path)),
        None => look.detail.clone(),
    }
}

fn name<'a>(seat: &'a Seat, person: Option<&'a gridbook_core::id::PersonId>) -> &'a str {
    person.map_or_else(|| seat.say("the_server"), |person| seat.directory.person_name(person))
}
