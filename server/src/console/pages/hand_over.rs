//! 移交: from which grid to which, what, why; what would go along is counted before anything moves.

use axum::extract::{Query, State};
use axum::response::Response;
use gridbook_core::id::ScopeId;
use gridbook_core::model::{Action, Scope, ScopeKind};
use gridbook_core::sync::notice::Cause;
use gridbook_core::sync::protocol::FailureCode;
use maud::{Markup, html};
use serde::Deserialize;

use super::people;
use crate::admin::told;
use crate::console::choice::{scope_choice, scope_options};
use crate::console::form::Form;
use crate::console::layout::{self, Sheet, empty};
use crate::console::question::Question;
use crate::console::seat::Seat;
use crate::console::session::Answer;
use crate::error::Error;
use crate::handlers::Shared;
use crate::service::{HandOverReport, HandOverRequest, Households};

/// Where the page is.
const PATH: &str = "/console/hand-over";
/// What a form calls everything that lives in the grid; a building is named after a mark of its own.
const ALL: &str = "all";
const BUILDING: &str = "building:";

/// The grid that households go from, once it was chosen, and the one they go to.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    from: String,
    to: String,
    /// The building after which the list of them goes on.
    after: Option<String>,
}

/// The page: first the grid, then what and where to.
pub(crate) async fn show(State(shared): State<Shared>, seat: Seat, Query(wanted): Query<Wanted>) -> Answer {
    let scopes = scopes(&seat);
    let from = ScopeId(wanted.from);
    let buildings = if from.as_str().is_empty() {
        None
    } else {
        Some(shared.service.buildings_to_hand_over(&seat.who, &from, wanted.after.as_deref()).await?)
    };
    let title = seat.say("hand_over");
    let body = html! {
        div.page-head {
            h1 { (title) }
            p.quiet { (seat.say("hand_over_lead")) }
        }
        @if scopes.len() < 2 { (empty(seat.say("no_hand_over"), seat.say("no_hand_over_advice"))) }
        @else {
            form.pick method="get" action=(PATH) {
                input type="hidden" name="to" value=(wanted.to);
                span.pair {
                    (scope_choice(&seat, "from", seat.say("hand_over_from"), &scopes, from.as_str(), false))
                }
                button type="submit" { (seat.say("hand_over_choose")) }
            }
            @if let Some((buildings, next)) = &buildings {
                (what(&seat, &scopes, &from, &wanted.to, buildings))
                @if let Some(next) = next {
                    p { a.button href=(further(&from, &wanted.to, next)) { (seat.say("further_buildings")) } }
                }
            }
        }
        p { a href=(people::PATH) { (seat.say("back_to_people")) } }
    };
    Ok(Sheet { place: people::PATH, title, scripts: &[], body }.page(&seat))
}

/// Counts, and hands over what was confirmed.
pub(crate) async fn go(State(shared): State<Shared>, seat: Seat, form: Form) -> Answer {
    let bad = |rule: &str| Error::refused(FailureCode::BadRequest, rule);
    let households = match form.get("what") {
        ALL => Households::All,
        what => {
            let building = what.strip_prefix(BUILDING).ok_or_else(|| bad("what: a building, or all"))?;
            Households::Building(building.to_owned())
        }
    };
    let why = Cause::from_word(form.get("why")).filter(|why| *why != Cause::Follows);
    let why = why.ok_or_else(|| bad("why: recut or staff"))?;
    let dry_run = form.get("confirmed") != "1";
    let (from, to) = (ScopeId::from(form.get("from")), ScopeId::from(form.get("to")));
    let request = HandOverRequest { from: from.clone(), to: to.clone(), households, why, dry_run };
    let report = shared.service.hand_over(&seat.who.person, request).await.map_err(told)?;
    let names = (seat.directory.scope_name(&from), seat.directory.scope_name(&to));
    if dry_run && report.records > 0 {
        return Ok(counted(&seat, &form, names, &report));
    }
    let body =
        if dry_run { nothing(&seat, names, &report) } else { moved(&seat, (&from, &to), names, &report) };
    Ok(Sheet { place: people::PATH, title: seat.say("hand_over"), scripts: &[], body }.page(&seat))
}

/// The grids between which the reader may hand over, by name.
fn scopes(seat: &Seat) -> Vec<Scope> {
    let serving = seat.who.access.serving(Action::HandOver);
    let fits = |scope: &Scope| scope.kind != ScopeKind::TaskGroup && serving.contains(&scope.id);
    seat.who.access.scopes_where(fits)
}

/// The address of the buildings after one of them.
fn further(from: &ScopeId, to: &str, building: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("from", from.as_str()).append_pair("to", to).append_pair("after", building);
    format!("{PATH}?{}", query.finish())
}

fn what(seat: &Seat, scopes: &[Scope], from: &ScopeId, to: &str, buildings: &[(String, u64)]) -> Markup {
    html! {
        form.stack.wide method="post" action=(PATH) {
            (layout::proof_field(&seat.visitor))
            input type="hidden" name="from" value=(from);
            fieldset {
                legend { (seat.say("hand_over_what")) }
                div.choices { @for (building, count) in buildings {
                    label.choice {
                        input type="radio" name="what" value=(format!("{BUILDING}{building}")) required;
                        " " (seat.fill("hand_over_building", &[("building", building), ("n", &count.to_string())]))
                    }
                } }
                label.choice { input type="radio" name="what" value=(ALL) required; " " (seat.say("hand_over_all")) }
            }
            label for="to" { (seat.say("hand_over_to")) }
            select #to name="to" { (scope_options(scopes.iter().filter(|scope| scope.id != *from), to)) }
            label for="why" { (seat.say("hand_over_why")) }
            select #why name="why" { @for why in [Cause::Staff, Cause::Recut] {
                option value=(why.as_str()) { (seat.word(&format!("hand_over.{}", why.as_str()))) }
            } }
            button.primary type="submit" { (seat.say("hand_over_count")) }
        }
    }
}

fn sums(seat: &Seat, report: &HandOverReport) -> Markup {
    let values = [("households", report.households.to_string()), ("records", report.records.to_string())];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    html! {
        p.sums { (seat.fill("hand_over_sums", &values)) }
        @if report.there_already > 0 {
            p.quiet { (seat.fill("hand_over_there", &[("n", &report.there_already.to_string())])) }
        }
    }
}

/// What would go along, before it does.
fn counted(seat: &Seat, form: &Form, (from, to): (&str, &str), report: &HandOverReport) -> Response {
    let households = report.households.to_string();
    let says = html! {
        p { b {
            @match form.get("what").strip_prefix(BUILDING) {
                Some(building) => {
                    (seat.fill("hand_over_building", &[("building", building), ("n", &households)]))
                },
                None => (seat.say("hand_over_all")),
            }
        } }
        (sums(seat, report))
        p { (seat.say("hand_over_advice")) }
    };
    let question = Question {
        place: people::PATH,
        title: &seat.fill("hand_over_ask", &[("from", from), ("to", to)]),
        says,
        action: PATH,
        fields: ["from", "to", "what", "why"].into_iter().map(|name| (name, form.get(name))).collect(),
        yes: seat.say("hand_over"),
        other: None,
        back: PATH,
    };
    question.page(seat)
}

/// That there is nothing to go.
fn nothing(seat: &Seat, (from, to): (&str, &str), report: &HandOverReport) -> Markup {
    html! {
        section.empty.confirm {
            h1 { (seat.fill("hand_over_ask", &[("from", from), ("to", to)])) }
            (sums(seat, report))
            p { (seat.say("hand_over_nothing")) }
            a.button.primary href=(PATH) { (seat.say("go_back")) }
        }
    }
}

/// What went, and the way back.
fn moved(
    seat: &Seat,
    ids: (&ScopeId, &ScopeId),
    (from, to): (&str, &str),
    report: &HandOverReport,
) -> Markup {
    html! {
        section.empty.confirm {
            h1 { (seat.fill("hand_over_done", &[("from", from), ("to", to)])) }
            (sums(seat, report))
            p { (seat.say("hand_over_after")) }
            div.takes {
                a.button.primary href=(people::PATH) { (seat.say("back_to_people")) }
                a.button href=(format!("{PATH}?from={}&to={}", ids.1, ids.0)) { (seat.say("hand_over_back")) }
            }
        }
    }
}
