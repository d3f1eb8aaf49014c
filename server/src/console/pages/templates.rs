//! 清单模板: a template made, edited or ended. A form, then a page that says what it comes to, then the deed; what breaks a
//! rule comes back as it was typed.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use gridbook_core::id::{PersonId, RecordId, ScopeId};
use gridbook_core::model::{
    Action, Body, DUE_AFTER_LIMIT, Kind, PEOPLE_LIMIT, Rule, TITLE_LIMIT, Template, TemplateItem, dictionary,
};
use gridbook_core::sync::protocol::FailureCode;
use maud::{Markup, html};
use serde::Deserialize;

use super::{assignees, lists};
use crate::console::choice::scope_options;
use crate::console::entry::code_of;
use crate::console::form::Form;
use crate::console::layout::{self, Sheet, empty};
use crate::console::question::Question;
use crate::console::seat::Seat;
use crate::console::session::Answer;
use crate::error::Error;
use crate::handlers::Shared;
use crate::service::{SeenVersion, TemplateShown, asked_of};

/// Where a form is sent to.
pub(crate) const PATH: &str = "/console/templates";
/// Rows without an item in a new form, in one that is edited, and how many more the button brings.
const FIRST_ROWS: usize = 6;
const SPARE_ROWS: usize = 2;
const MORE_ROWS: usize = 5;

/// For which group a new one is.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    group: String,
}

/// A template as a form holds it.
struct Draft {
    /// Which; of a new one the id that it gets.
    id: RecordId,
    /// The version that was shown; empty for a new one.
    version: String,
    /// A form carries no assignees: they have a page of their own.
    content: Template,
    /// True if the content is what is kept, and nothing was typed yet.
    is_kept: bool,
}

impl Draft {
    fn read(form: &Form) -> Result<Self, Error> {
        let bad = |rule: &str| Error::refused(FailureCode::BadRequest, rule);
        let id = form.get("id").parse().map_err(|_| bad("id: the id of a template"))?;
        let number = |text: &str| text.trim().parse().unwrap_or_default();
        let mut content = Template {
            title: form.get("title").trim().to_owned(),
            group: ScopeId::from(form.get("group")),
            recurs: serde_json::from_value(form.get("recurs").into()).ok(),
            paused: form.get("paused") == "1",
            ..Template::default()
        };
        let numbers = form.all("due_after").zip(form.all("people"));
        let rows = form.all("item").zip(form.all("what")).zip(numbers);
        let rows = rows.filter(|((_, what), _)| !what.trim().is_empty());
        for (position, ((item, what), (due_after, people))) in (1..).zip(rows) {
            let item_content = TemplateItem {
                title: what.trim().to_owned(),
                due_after: number(due_after),
                people: number(people),
                position,
            };
            content.items.insert(item.to_owned(), item_content);
        }
        Ok(Self { id, version: form.get("version").to_owned(), content, is_kept: false })
    }

    fn is_new(&self) -> bool {
        self.version.is_empty()
    }

    fn shown(&self) -> SeenVersion {
        SeenVersion { record: self.id, version: self.version.clone() }
    }
}

/// The form for a new one.
pub(crate) async fn new(State(shared): State<Shared>, seat: Seat, Query(wanted): Query<Wanted>) -> Answer {
    let groups = seat.scopes(&[Kind::Template], Action::Write);
    if groups.is_empty() {
        let title = seat.say("template_new");
        let body = html! { h1 { (title) } (empty(seat.say("no_template_group"), seat.say("no_template_group_advice"))) };
        return Ok(Sheet { place: lists::PATH, title, scripts: &[], body }.page(&seat));
    }
    let id = RecordId::new(shared.service.surroundings());
    let content = Template { group: ScopeId(wanted.group), ..Template::default() };
    Ok(entry(
        &shared,
        &seat,
        &Draft { id, version: String::new(), content, is_kept: false },
        FIRST_ROWS,
        None,
    ))
}

/// The form for one that there is, and the way to end it.
pub(crate) async fn edit(State(shared): State<Shared>, seat: Seat, Path(id): Path<String>) -> Answer {
    let TemplateShown { shown, content } = found(&shared, &seat, &id).await?;
    let draft = Draft { id: shown.record, version: shown.version, content, is_kept: true };
    Ok(entry(&shared, &seat, &draft, SPARE_ROWS, None))
}

/// What a form sends: more rows, a question, or the deed.
pub(crate) async fn save(State(shared): State<Shared>, seat: Seat, form: Form) -> Answer {
    let draft = Draft::read(&form)?;
    if form.get("more") == "1" {
        return Ok(entry(&shared, &seat, &draft, MORE_ROWS, None));
    }
    if form.get("again") == "1" {
        return Ok(entry(&shared, &seat, &draft, SPARE_ROWS, None));
    }
    if let Err(gridbook_core::Error::Invalid { field, rule, .. }) = draft.content.check() {
        return Ok(entry(&shared, &seat, &draft, SPARE_ROWS, Some((field, rule))));
    }
    if form.get("confirmed") != "1" {
        return asked(&shared, &seat, &draft).await;
    }
    let (id, shown) = (draft.id, draft.shown());
    if draft.is_new() {
        shared.service.make_template(&seat.who, id, draft.content).await?;
    } else {
        shared.service.edit_template(&seat.who, &shown, draft.content).await?;
    }
    Ok(Redirect::to(&format!("/console/records/{id}")).into_response())
}

/// Ends one, once it was confirmed.
pub(crate) async fn end(State(shared): State<Shared>, seat: Seat, form: Form) -> Answer {
    let TemplateShown { shown, content } = found(&shared, &seat, form.get("id")).await?;
    let (id, version) = (shown.record.to_string(), form.get("version"));
    if form.get("confirmed") == "1" {
        let shown = SeenVersion { record: shown.record, version: version.to_owned() };
        shared.service.end_template(&seat.who, &shown, form.get("reason")).await?;
        return Ok(Redirect::to(lists::PATH).into_response());
    }
    let says = html! {
        p { (seat.say("why_template_end")) }
        label for="reason" { (seat.say("template_reason")) }
        input #reason name="reason" maxlength="200" autocomplete="off";
    };
    let question = Question {
        place: lists::PATH,
        title: &seat.fill("ask_template_end", &[("title", &content.title)]),
        says,
        action: &format!("{PATH}/end"),
        fields: vec![("id", &id), ("version", version)],
        yes: seat.say("template_end"),
        other: None,
        back: &format!("{PATH}/{id}"),
    };
    Ok(question.page(&seat))
}

async fn found(shared: &Shared, seat: &Seat, id: &str) -> Result<TemplateShown, Error> {
    let id = id.parse().map_err(|_| Error::refused(FailureCode::NotFound, "no such template"))?;
    shared.service.template(&seat.who, id).await
}

/// What it would be, with what changes in it.
async fn asked(shared: &Shared, seat: &Seat, draft: &Draft) -> Answer {
    let before = if draft.is_new() {
        Template::default()
    } else {
        let held = shared.service.template(&seat.who, draft.id).await?;
        if held.shown != draft.shown() {
            return Err(Error::Changed.into());
        }
        held.content
    };
    let content = &draft.content;
    let group = if draft.is_new() { &content.group } else { &before.group };
    let title = if draft.is_new() { "ask_template_new" } else { "ask_template_edit" };
    let says = html! {
        p {
            (seat.directory.scope_name(group)) " · " span.chip { (lists::recurs_word(seat, content.recurs)) }
            @if content.paused { " " span.badge.unread { (seat.word("field.paused")) } }
        }
        ol { @for (id, item) in content.in_order() { li {
            (item.title) " " (asks(seat, item)) " "
            @if !draft.is_new() { @match before.items.get(id) {
                None => span.badge { (seat.say("template_added")) },
                Some(held) if !same(held, item) => span.badge { (seat.say("template_changed")) },
                Some(_) => {},
            } }
        } } }
        @for (_, gone) in before.in_order().into_iter().filter(|(id, _)| !content.items.contains_key(*id)) {
            p.old { span.badge.returned { (seat.say("template_removed")) } " " (gone.title) }
        }
        p { (seat.say(if draft.is_new() { "why_template_new" } else { "why_template_edit" })) }
    };
    let (id, recurs) = (draft.id.to_string(), code_of(&content.recurs));
    let numbers: Vec<(String, String)> = content
        .in_order()
        .iter()
        .map(|(_, item)| (item.due_after.to_string(), item.people.to_string()))
        .collect();
    let mut fields = vec![
        ("id", id.as_str()),
        ("version", &draft.version),
        ("group", content.group.as_str()),
        ("title", &content.title),
        ("recurs", &recurs),
        ("paused", if content.paused { "1" } else { "" }),
    ];
    for ((item, content), (due_after, people)) in content.in_order().into_iter().zip(&numbers) {
        fields.extend([("item", item.as_str()), ("what", &content.title)]);
        fields.extend([("due_after", due_after.as_str()), ("people", people)]);
    }
    let question = Question {
        place: lists::PATH,
        title: &seat.fill(title, &[("title", &content.title)]),
        says,
        action: PATH,
        fields,
        yes: seat.say("template_save"),
        other: Some(("again", seat.say("template_again"))),
        back: lists::PATH,
    };
    Ok(question.page(seat))
}

/// True if both ask for the same, wherever they stand.
fn same(one: &TemplateItem, other: &TemplateItem) -> bool {
    (&one.title, one.due_after, one.needed()) == (&other.title, other.due_after, other.needed())
}

/// By when an item is to be done and by how many.
fn asks(seat: &Seat, item: &TemplateItem) -> Markup {
    html! { span.quiet.small {
        @if item.due_after == 0 { (seat.say("template_due_end")) }
        @else { (seat.fill("template_due_after", &[("n", &item.due_after.to_string())])) }
        @if item.people > 1 { " · " (seat.fill("template_people", &[("n", &item.people.to_string())])) }
    } }
}

/// Who is asked to do an item that is kept, and the way to choose them.
fn who_is_asked(seat: &Seat, draft: &Draft, item: &str) -> Markup {
    let asked: Vec<PersonId> = asked_of(&draft.content.assignees, item).collect();
    let names = assignees::names(seat, &asked).join("、");
    html! {
        a.asked href=(assignees::path(&draft.id.to_string(), item)) {
            (seat.say("choose_assignees")) @if !names.is_empty() { "：" (names) }
        }
    }
}

/// The form with what it holds, and so many rows more; a rule that it breaks stands above.
fn entry(
    shared: &Shared,
    seat: &Seat,
    draft: &Draft,
    spare: usize,
    broken: Option<(&str, Rule)>,
) -> Response {
    let content = &draft.content;
    let title = seat.say(if draft.is_new() { "template_new" } else { "template_edit" });
    let recurs = code_of(&content.recurs);
    let ids = (0..spare).map(|_| RecordId::new(shared.service.surroundings()).short());
    let blank = TemplateItem::default();
    let held = content.in_order().into_iter().map(|(id, item)| (id.clone(), item));
    let rows = held.chain(ids.map(|id| (id, &blank)));
    let body = html! {
        div.page-head { h1 { (title) } p.quiet { (seat.say("template_lead")) } }
        @if let Some((field, rule)) = broken {
            p.alert role="alert" { (seat.word(&format!("field.{field}"))) "：" (rule.words(seat.words.0)) }
        }
        form.stack.template method="post" action=(PATH) {
            (layout::proof_field(&seat.visitor))
            input type="hidden" name="id" value=(draft.id);
            input type="hidden" name="version" value=(draft.version);
            label for="title" { (seat.word("field.title")) }
            input #title name="title" value=(content.title) maxlength=(TITLE_LIMIT) required autocomplete="off";
            @if draft.is_new() {
                label for="group" { (seat.word("field.group")) }
                select #group name="group" {
                    (scope_options(&seat.scopes(&[Kind::Template], Action::Write), content.group.as_str()))
                }
            } @else {
                p.quiet { (seat.word("field.group")) "：" (seat.directory.scope_name(&content.group)) }
                input type="hidden" name="group" value=(content.group);
            }
            label for="recurs" { (seat.word("field.recurs")) }
            select #recurs name="recurs" { @for entry in &dictionary::named("recurrence").entries {
                option value=(entry.code) selected[entry.code == recurs] { (seat.words.code(dictionary::named("recurrence"), &entry.code)) }
            } }
            fieldset {
                legend { (seat.word("field.items")) }
                ol.rows { @for (place, (id, item)) in rows.enumerate() { li {
                    input type="hidden" name="item" value=(id);
                    label.what { span.visually-hidden { (seat.fill("template_what", &[("n", &(place + 1).to_string())])) }
                        input name="what" value=(item.title) maxlength=(TITLE_LIMIT) autocomplete="off"; }
                    label.inline { span { (seat.word("field.due_after")) }
                        input type="number" name="due_after" min="0" max=(DUE_AFTER_LIMIT) value=(item.due_after); }
                    label.inline { span { (seat.word("field.people")) }
                        input type="number" name="people" min="1" max=(PEOPLE_LIMIT) value=(item.needed()); }
                    @if draft.is_kept && content.items.contains_key(&id) { (who_is_asked(seat, draft, &id)) }
                } } }
                p.quiet.small { (seat.say("template_rows_advice")) }
                button type="submit" name="more" value="1" formnovalidate { (seat.fill("template_more", &[("n", &MORE_ROWS.to_string())])) }
            }
            @if !draft.is_new() {
                label.choice { input type="checkbox" name="paused" value="1" checked[content.paused]; " " (seat.say("template_pause")) }
            }
            div.takes {
                button.primary type="submit" { (seat.say("template_check")) }
                a.button href=(lists::PATH) { (seat.say("leave_it")) }
            }
        }
        @if !draft.is_new() && seat.may(&content.group, Kind::Template, Action::Void) {
            section.danger aria-labelledby="end" {
                h2 #end { (seat.say("template_end")) }
                p { (seat.say("why_template_end")) }
                form method="post" action=(format!("{PATH}/end")) {
                    (layout::proof_field(&seat.visitor))
                    input type="hidden" name="id" value=(draft.id);
                    input type="hidden" name="version" value=(draft.version);
                    button type="submit" { (seat.say("template_end")) }
                }
            }
        }
        p { a href=(lists::PATH) { (seat.say("back_to_lists")) } }
    };
    Sheet { place: lists::PATH, title, scripts: &[], body }.page(seat)
}
