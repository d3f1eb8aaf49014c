//! 清单: the task groups' lists, live: what is done, by whom and when, what is overdue; and the templates, from which a
//! period's list may be made.

use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse, Redirect};
use gridbook_core::clock::Day;
use gridbook_core::id::ScopeId;
use gridbook_core::model::{Action, Kind, Recurrence};
use gridbook_core::sync::protocol::FailureCode;
use maud::{Markup, html};
use serde::Deserialize;

use super::templates;
use crate::console::entry::coded;
use crate::console::form::Form;
use crate::console::items::{bar, line};
use crate::console::layout::{self, Sheet, empty};
use crate::console::question::Question;
use crate::console::seat::Seat;
use crate::console::session::Answer;
use crate::console::values::brief;
use crate::error::Error;
use crate::handlers::Shared;
use crate::service::{GroupSum, ListState, ListView, Lists, ListsRequest, TemplateView};

/// Where the page is.
pub(crate) const PATH: &str = "/console/lists";

/// Items of one card; the record's own page has all.
const ITEMS: usize = 10;
/// Names beside one item of it.
const TICKS: usize = 4;
/// Characters of a title in a card.
const TITLE: usize = 60;

/// Which lists.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    group: String,
    state: String,
    after: String,
    /// Of the templates.
    templates: String,
}

impl Wanted {
    fn request(&self) -> ListsRequest {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let state = ListState::ALL.into_iter().find(|state| state.as_str() == self.state);
        ListsRequest {
            group: some(&self.group).map(ScopeId),
            state: state.unwrap_or_default(),
            after: some(&self.after),
            templates_after: some(&self.templates),
            by_itself: false,
        }
    }

    fn query(&self, state: ListState, after: &str, templates: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let pairs = [
            ("group", self.group.as_str()),
            ("state", state.as_str()),
            ("after", after),
            ("templates", templates),
        ];
        query.extend_pairs(pairs.into_iter().filter(|(_, value)| !value.is_empty())).finish()
    }
}

/// The page.
pub(crate) async fn show(State(shared): State<Shared>, seat: Seat, Query(wanted): Query<Wanted>) -> Answer {
    let request = wanted.request();
    let lists = shared.service.lists(&seat.who, &request).await?;
    let title = seat.say("lists");
    let live = format!("{PATH}/part?{}", wanted.query(request.state, &wanted.after, &wanted.templates));
    let body = html! {
        div.page-head {
            h1 { (title) }
            p.quiet { (seat.say("lists_lead")) }
        }
        div data-live=(live) { (parts(&seat, &wanted, &request, &lists)) }
    };
    Ok(Sheet { place: PATH, title, scripts: &["live.js"], body }.page(&seat))
}

/// The part of the page that changes.
pub(crate) async fn part(State(shared): State<Shared>, seat: Seat, Query(wanted): Query<Wanted>) -> Answer {
    let request = ListsRequest { by_itself: true, ..wanted.request() };
    let lists = shared.service.lists(&seat.who, &request).await?;
    Ok(Html(parts(&seat, &wanted, &request, &lists).into_string()).into_response())
}

/// Makes the list of this period from a template, once it was confirmed.
pub(crate) async fn begin(State(shared): State<Shared>, seat: Seat, form: Form) -> Answer {
    let template = form.get("template").parse();
    let template =
        template.map_err(|_| Error::refused(FailureCode::BadRequest, "template: the id of one"))?;
    if form.get("confirmed") == "1" {
        let list = shared.service.begin_list(&seat.who, template).await?;
        return Ok(Redirect::to(&format!("/console/records/{list}")).into_response());
    }
    let view = shared.service.template_view(&seat.who, template).await?;
    let (from, to) = view.period.map(|(from, to)| (from.to_string(), to.to_string())).unwrap_or_default();
    let title = seat.fill("ask_begin", &[("title", &view.title), ("from", &from), ("to", &to)]);
    let says = html! {
        p { (seat.say("why_begin")) }
        ol { @for item in &view.items { li { (item) } } }
    };
    let question = Question {
        place: PATH,
        title: &title,
        says,
        action: &format!("{PATH}/begin"),
        fields: vec![("template", form.get("template"))],
        yes: seat.say("template_begin"),
        other: None,
        back: PATH,
    };
    Ok(question.page(&seat))
}

fn parts(seat: &Seat, wanted: &Wanted, request: &ListsRequest, lists: &Lists) -> Markup {
    html! {
        @if lists.groups.is_empty() {
            (empty(seat.say("no_groups"), seat.say("no_groups_advice")))
        } @else {
            div.scroll tabindex="0" role="region" aria-label=(seat.say("lists_by_group")) { (groups(seat, wanted, &lists.groups)) }
            nav.states aria-label=(seat.say("state")) { @for state in ListState::ALL {
                a.button href=(format!("{PATH}?{}", wanted.query(state, "", &wanted.templates)))
                    aria-current=[(state == request.state).then_some("page")] { (state_word(seat, state)) }
            } }
            @if lists.lists.is_empty() { (empty(seat.say("no_lists"), seat.say("no_lists_advice"))) }
            div.lists { @for list in &lists.lists { (card(seat, list)) } }
            @if let Some(next) = &lists.next {
                p { a.button href=(format!("{PATH}?{}", wanted.query(request.state, next, &wanted.templates))) { (seat.say("older")) } }
            }
            section aria-labelledby="templates" {
                h2 #templates { (seat.word("kind.template")) }
                @if lists.templates.is_empty() { (empty(seat.say("no_templates"), seat.say("no_templates_advice"))) }
                ul.cards { @for view in &lists.templates { (template(seat, view)) } }
                @if let Some(next) = &lists.templates_next {
                    p { a.button href=(format!("{PATH}?{}#templates", wanted.query(request.state, &wanted.after, next))) { (seat.say("more_templates")) } }
                }
                @if !seat.scopes(&[Kind::Template], Action::Write).is_empty() {
                    p { a.button href=(format!("{}/new?group={}", templates::PATH, wanted.group)) { (seat.say("template_new")) } }
                }
            }
        }
    }
}

fn state_word(seat: &Seat, state: ListState) -> &'static str {
    seat.say(match state {
        ListState::Running => "lists_running",
        ListState::Overdue => "lists_overdue",
        ListState::Ended => "lists_ended",
    })
}

fn groups(seat: &Seat, wanted: &Wanted, groups: &[GroupSum]) -> Markup {
    html! {
        table {
            thead { tr {
                th scope="col" { (seat.word("field.group")) }
                th.number scope="col" { (seat.say("lists_running")) }
                th scope="col" { (seat.say("lists_progress")) }
                th.number scope="col" { (seat.say("lists_overdue_items")) }
            } }
            tbody {
                @for sum in groups { tr {
                    th scope="row" {
                        a href=(format!("{PATH}?group={}", sum.scope.id))
                            aria-current=[(sum.scope.id.as_str() == wanted.group).then_some("true")] { (sum.scope.name) }
                    }
                    td.number { (sum.running) }
                    td { (bar(seat, sum.done, sum.items)) }
                    td.number.attend[sum.overdue > 0] { (sum.overdue) }
                } }
                @if !wanted.group.is_empty() { tr { td colspan="4" { a href=(PATH) { (seat.say("lists_all_groups")) } } } }
            }
        }
    }
}

fn card(seat: &Seat, list: &ListView) -> Markup {
    let head = format!("l{}", list.id);
    html! {
        article.list aria-labelledby=(head) {
            header {
                h3 id=(head) { a href=(format!("/console/records/{}", list.id)) { (brief(&list.title, TITLE)) } }
                p.quiet { (seat.directory.scope_name(&list.scope)) " · " (period(list.period)) }
                (bar(seat, list.done(), list.items.len()))
            }
            ul.items {
                @for item in list.items.iter().take(ITEMS) { (line(seat, item, TICKS, TITLE)) }
                @if list.items.len() > ITEMS {
                    li { a href=(format!("/console/records/{}", list.id)) {
                        (seat.fill("list_more", &[("n", &(list.items.len() - ITEMS).to_string())]))
                    } }
                }
            }
        }
    }
}

fn period((starts, ends): (Option<Day>, Option<Day>)) -> String {
    let word = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
    if starts == ends { word(starts) } else { format!("{} — {}", word(starts), word(ends)) }
}

/// How often lists are made.
pub(crate) fn recurs_word(seat: &Seat, recurs: Option<Recurrence>) -> String {
    recurs.map(|recurs| coded(seat, "recurrence", &recurs)).unwrap_or_default()
}

fn template(seat: &Seat, view: &TemplateView) -> Markup {
    html! {
        li {
            div {
                a href=(format!("/console/records/{}", view.id)) { b { (brief(&view.title, TITLE)) } } " "
                span.chip { (recurs_word(seat, view.recurs)) } " "
                span.quiet { (seat.directory.scope_name(&view.scope)) " · " (seat.fill("template_items", &[("n", &view.items.len().to_string())])) }
            }
            div.takes {
                @if view.paused { span.badge.unread { (seat.word("field.paused")) } }
                @else if view.may_begin {
                    form method="post" action=(format!("{PATH}/begin")) {
                        (layout::proof_field(&seat.visitor))
                        input type="hidden" name="template" value=(view.id);
                        button type="submit" { (seat.say("template_begin")) }
                    }
                }
                @if seat.may(&view.scope, Kind::Template, Action::Write) {
                    a.button href=(format!("{}/{}", templates::PATH, view.id)) { (seat.say("template_edit")) }
                }
            }
        }
    }
}
