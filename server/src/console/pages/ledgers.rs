//! 台账: which register, of which grid and period, and the file itself.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use gridbook_core::clock::Day;
use gridbook_core::id::ScopeId;
use gridbook_core::model::{Action, Kind, Scope, ScopeKind};
use gridbook_core::sync::protocol::FailureCode;
use maud::{Markup, html};
use serde::Deserialize;

use crate::console::choice::scope_options;
use crate::console::form::Form;
use crate::console::layout::{self, Sheet, empty};
use crate::console::ledger::{self, Format, Taken, Taker};
use crate::console::seat::Seat;
use crate::console::session::Answer;
use crate::error::Error;
use crate::handlers::Shared;
use crate::service::{LEDGERS, LedgerRequest};

/// Where the page is.
pub(crate) const PATH: &str = "/console/ledgers";
/// Which part of the registers.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    scope: String,
    from: String,
    to: String,
}

impl Wanted {
    fn scope(&self) -> Option<ScopeId> {
        Some(ScopeId(self.scope.clone())).filter(|scope| !scope.as_str().is_empty())
    }

    /// This month up to today, where no other days are named; the earlier first.
    fn days(&self, today: Day) -> (Day, Day) {
        let (from, to) = LedgerRequest::days(self.from.parse().ok(), self.to.parse().ok(), today);
        (from.min(to), from.max(to))
    }
}

/// The page.
pub(crate) async fn show(State(shared): State<Shared>, seat: Seat, Query(wanted): Query<Wanted>) -> Answer {
    page(&shared, &seat, &wanted, None).await
}

/// One register as a file.
pub(crate) async fn file(State(shared): State<Shared>, seat: Seat, form: Form) -> Answer {
    let text = |name: &str| form.get(name).to_owned();
    let wanted = Wanted { scope: text("scope"), from: text("from"), to: text("to") };
    let refuse = |rule: &str| Error::refused(FailureCode::BadRequest, rule);
    let kind = LEDGERS.into_iter().find(|kind| kind.as_str() == form.get("kind"));
    let kind = kind.ok_or_else(|| refuse("kind: one that has a register"))?;
    let format =
        Format::from_word(form.get("format")).ok_or_else(|| refuse("format: one of xlsx, csv, jsonl"))?;
    let service = &shared.service;
    let days = wanted.days(seat.zone.day(service.surroundings().now()));
    let request = LedgerRequest { kind, scope: wanted.scope(), days };
    let taker = Taker { person: &seat.who.person, access: &seat.who.access, wording: &seat.wording };
    match ledger::take(service, &taker, request, format, shared.limits.ledger_lines).await? {
        Taken::File(file) => Ok(file),
        Taken::TooMany => page(&shared, &seat, &wanted, Some(kind)).await,
    }
}

async fn page(shared: &Shared, seat: &Seat, wanted: &Wanted, too_many: Option<Kind>) -> Answer {
    let today = seat.zone.day(shared.service.surroundings().now());
    let (scope, days) = (wanted.scope(), wanted.days(today));
    let most = shared.limits.ledger_lines;
    let sizes = shared.service.ledger_sizes(&seat.who.access, &LEDGERS, scope.as_ref(), days, most).await?;
    let scopes = exported(seat);
    let title = seat.say("ledger");
    let body = html! {
        div.page-head {
            h1 { (title) }
            p.quiet { (seat.say("ledger_lead")) }
        }
        @if scopes.is_empty() {
            (empty(seat.say("ledger_none"), seat.say("ledger_none_advice")))
        } @else {
            @if let Some(kind) = too_many {
                p.alert role="alert" {
                    (seat.fill("ledger_too_many", &[("kind", seat.word(&format!("kind.{kind}"))), ("n", &most.to_string())]))
                }
            }
            (choice(seat, &scopes, scope.as_ref(), days, today))
            div.scroll tabindex="0" role="region" aria-label=(title) { table.ledgers {
                thead { tr {
                    th scope="col" { (title) }
                    th.number scope="col" { (seat.say("ledger_count")) }
                    th scope="col" { (seat.say("ledger_take")) }
                } }
                tbody { @for (kind, size) in &sizes { (line(seat, *kind, *size, most, scope.as_ref(), days)) } }
            } }
            p.quiet.small { (seat.say("ledger_advice")) }
        }
    };
    let status = if too_many.is_some() { StatusCode::PAYLOAD_TOO_LARGE } else { StatusCode::OK };
    let page: Response = Sheet { place: PATH, title, scripts: &[], body }.page(seat);
    Ok((status, page).into_response())
}

/// The scopes that the person may take some register of away: grids first, by name.
fn exported(seat: &Seat) -> Vec<Scope> {
    seat.scopes(&LEDGERS, Action::Export)
}

fn choice(
    seat: &Seat,
    scopes: &[Scope],
    chosen: Option<&ScopeId>,
    (from, to): (Day, Day),
    today: Day,
) -> Markup {
    let last_month = today.month_start().plus_days(-1);
    let periods = [
        ("ledger_week", today.week_start(), today),
        ("ledger_month", today.month_start(), today),
        ("ledger_last_month", last_month.month_start(), last_month),
    ];
    let scope = chosen.map_or("", |scope| scope.as_str());
    html! {
        form.pick method="get" action=(PATH) {
            label.inline for="scope" { (seat.word("field.scope")) }
            select #scope name="scope" {
                option value="" selected[scope.is_empty()] { (seat.say("all")) }
                @for kind in [ScopeKind::Grid, ScopeKind::TaskGroup, ScopeKind::Community] {
                    @let here: Vec<&Scope> = scopes.iter().filter(|scope| scope.kind == kind).collect();
                    @if !here.is_empty() {
                        optgroup label=(seat.word(&format!("scope_kind.{}", kind.as_str()))) {
                            (scope_options(here, scope))
                        }
                    }
                }
            }
            span.pair {
                label.inline for="from" { (seat.say("ledger_from")) }
                input #from type="date" name="from" value=(from) required;
            }
            span.pair {
                label.inline for="to" { (seat.say("ledger_to")) }
                input #to type="date" name="to" value=(to) required;
            }
            button type="submit" { (seat.say("show")) }
            span.periods { @for (key, from, to) in periods {
                a href=(format!("{PATH}?scope={scope}&from={from}&to={to}")) { (seat.say(key)) }
            } }
        }
    }
}

fn line(
    seat: &Seat,
    kind: Kind,
    size: Option<usize>,
    most: usize,
    scope: Option<&ScopeId>,
    (from, to): (Day, Day),
) -> Markup {
    let word = seat.word(&format!("kind.{kind}"));
    let id = scope.map_or("", |scope| scope.as_str());
    // The book has the day's visits, outreach and ticks too: it is there where nobody added an entry.
    let has_book = scope.is_some_and(|scope| seat.may(scope, kind, Action::Read) && kind == Kind::Diary);
    let book = html! {
        @if has_book {
            a.button href=(format!("/console/diary/sheet?grid={id}&day={from}&to={to}")) { (seat.say("ledger_book")) }
        }
    };
    html! {
        tr {
            th scope="row" { (seat.fill("ledger_of", &[("kind", word)])) }
            @match size {
                None => { td.number { "—" } td.quiet { (seat.say("ledger_elsewhere")) } },
                Some(size) if size > most => {
                    td.number { "> " (most) }
                    td.quiet { (seat.say("ledger_narrow")) }
                },
                Some(0) => { td.number { "0" } td.quiet { (seat.say("ledger_nothing")) " " (book) } },
                Some(size) => {
                    td.number { (size) }
                    td { form.takes method="post" action=(format!("{PATH}/file")) {
                        (layout::proof_field(&seat.visitor))
                        input type="hidden" name="kind" value=(kind);
                        input type="hidden" name="scope" value=(id);
                        input type="hidden" name="from" value=(from);
                        input type="hidden" name="to" value=(to);
                        @for format in ["xlsx", "csv"] {
                            button type="submit" name="format" value=(format)
                                aria-label=(format!("{word} {}", format.to_uppercase())) { (format.to_uppercase()) }
                        }
                        (book)
                    } }
                },
            }
        }
    }
}
