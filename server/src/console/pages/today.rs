//! 今日: what came in today, grid by grid, and what waits for somebody. It is live where a script runs, and the same
//! on every reload without one.

use axum::extract::State;
use axum::response::{Html, IntoResponse};
use gridbook_core::clock::Day;
use gridbook_core::model::Reading;
use maud::{Markup, html};

use crate::console::entry::state;
use crate::console::layout::{Sheet, empty};
use crate::console::period::counted;
use crate::console::seat::Seat;
use crate::console::session::Answer;
use crate::handlers::Shared;
use crate::service::{Arrived, ScopeToday, Silent, Today};

/// The page.
pub(crate) async fn show(State(shared): State<Shared>, seat: Seat) -> Answer {
    let today = shared.service.today(&seat.who).await?;
    let body = html! {
        div.page-head {
            h1 { (seat.say("today_title")) }
            p.quiet { (seat.day(today.day)) }
        }
        div data-live="/console/today" { (parts(&seat, &today)) }
    };
    Ok(Sheet { place: "/console", title: seat.say("today_title"), scripts: &["live.js"], body }.page(&seat))
}

/// The part of the page that changes.
pub(crate) async fn fragment(State(shared): State<Shared>, seat: Seat) -> Answer {
    let today = shared.service.today(&seat.who).await?;
    Ok(Html(parts(&seat, &today).into_string()).into_response())
}

fn parts(seat: &Seat, today: &Today) -> Markup {
    let sum = |of: fn(&ScopeToday) -> u64| today.scopes.iter().map(of).sum::<u64>();
    let came = sum(|scope| scope.came.iter().map(|(_, count)| count).sum());
    html! {
        ul.figures {
            (figure(seat.say("came_in"), came, "", &came_way(today.day, "", "")))
            (figure(seat.say("waiting"), sum(|scope| scope.waiting), "attend", &queue_way("", "")))
            (figure(seat.say("reading_returned"), sum(|scope| scope.returned), "", &queue_way("", "returned")))
            (figure(seat.say("conflicts"), sum(|scope| scope.conflicts), "attend", &queue_way("", "conflicts")))
        }
        section aria-labelledby="by-grid" {
            h2 #by-grid { (seat.say("by_grid")) }
            @if today.scopes.is_empty() {
                (empty(seat.say("no_grid"), seat.say("no_grid_advice")))
            } @else {
                div.scroll tabindex="0" role="region" aria-labelledby="by-grid" { (table(seat, today)) }
            }
        }
        div.columns {
            section aria-labelledby="arrived" {
                h2 #arrived { (seat.say("arrived")) }
                @if today.arrived.is_empty() { (empty(seat.say("nothing_yet"), seat.say("nothing_yet_advice"))) }
                ol.lines { @for one in &today.arrived { (arrived(seat, one)) } }
            }
            section aria-labelledby="silent" {
                h2 #silent { (seat.say("silent")) }
                @if today.silent.is_empty() {
                    p.quiet { (seat.say("nobody_silent")) }
                } @else {
                    p.quiet { (seat.say("silent_advice")) }
                    ul.lines { @for one in &today.silent { (silent(seat, one)) } }
                    @if today.more_silent > 0 {
                        p { a href="/console/people" { (seat.fill("more_silent", &[("n", &today.more_silent.to_string())])) } }
                    }
                }
            }
        }
    }
}

/// Where what came in on a day is, of a scope and a kind or of all.
fn came_way(day: Day, scope: &str, kind: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("grid", scope).append_pair("kind", kind).append_pair("came", &day.to_string());
    format!("/console/records?{}", query.finish())
}

/// Where what waits is, or is in another state, of a scope or of all.
fn queue_way(scope: &str, state: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("grid", scope).append_pair("state", state);
    format!("/console/queue?{}", query.finish())
}

/// A number, and the way to what is behind it.
fn figure(name: &str, count: u64, class: &str, way: &str) -> Markup {
    let class = if count > 0 { class } else { "" };
    html! { li class=(class) {
        span.count { (count) }
        @if count > 0 { a.name href=(way) { (name) } } @else { span.name { (name) } }
    } }
}

fn table(seat: &Seat, page: &Today) -> Markup {
    html! {
        table.stacked {
            thead { tr {
                th scope="col" { (seat.word("field.scope")) }
                th scope="col" { (seat.say("came_in")) }
                th scope="col" { (seat.say("latest")) }
                th.number scope="col" { (seat.say("waiting")) }
                th.number scope="col" { (seat.say("reading_returned")) }
                th.number scope="col" { (seat.say("conflicts")) }
            } }
            tbody { @for today in &page.scopes { tr {
                @let scope = today.scope.id.as_str();
                th scope="row" {
                    @if today.is_read { a href=(format!("/console/diary?grid={}", today.scope.id)) { (today.scope.name) } }
                    @else { (today.scope.name) }
                }
                td {
                    @if today.came.is_empty() { span.quiet { "—" } }
                    @for (kind, count) in &today.came {
                        a.chip href=(came_way(page.day, scope, kind.as_str())) { (seat.word(&format!("kind.{kind}"))) " " (count) } " "
                    }
                }
                td data-label=(seat.say("latest")) { @match today.latest { Some(at) => time { (seat.time(at)) }, None => span.quiet { "—" } } }
                (cell(seat.say("waiting"), today.waiting, today.is_read, &queue_way(scope, "")))
                (cell(seat.say("reading_returned"), today.returned, today.is_read, &queue_way(scope, "returned")))
                (cell(seat.say("conflicts"), today.conflicts, true, &queue_way(scope, "conflicts")))
            } } }
        }
    }
}

fn cell(name: &str, count: u64, counts: bool, way: &str) -> Markup {
    html! { td.number data-label=(name) { @if counts { (counted(count, way)) } @else { span.quiet { "—" } } } }
}

fn arrived(seat: &Seat, one: &Arrived) -> Markup {
    html! {
        li {
            time { (seat.moment(one.received)) }
            span.chip { (seat.word(&format!("kind.{}", one.kind))) }
            a href=(format!("/console/records/{}", one.id)) {
                (seat.directory.scope_name(&one.scope)) " · " (seat.directory.person_name(&one.author))
            }
            @if Reading::KINDS.contains(&one.kind) { (state(seat, one.reading)) }
        }
    }
}

fn silent(seat: &Seat, one: &Silent) -> Markup {
    let days = one.days.to_string();
    html! {
        li {
            a href=(format!("/console/people/{}", one.person)) { (seat.directory.person_name(&one.person)) " · " (one.label) }
            span.quiet { (seat.fill("silent_since", &[("day", &seat.zone.day(one.since).to_string()), ("days", &days)])) }
        }
    }
}
