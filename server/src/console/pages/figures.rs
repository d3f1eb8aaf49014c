//! 统计: what came up and what was done, against the same months a year before. Every number leads to its records.

use axum::extract::{Query, State};
use gridbook_core::clock::Day;
use gridbook_core::model::{Kind, dictionary};
use maud::{Markup, html};

use super::fraud::share;
use crate::console::charts;
use crate::console::layout::{Sheet, empty};
use crate::console::period::{Period, behind, counted};
use crate::console::seat::Seat;
use crate::console::session::Answer;
use crate::handlers::Shared;
use crate::service::{Done, Figures, Incident, MET, Pair};

/// Where the page is.
pub(crate) const PATH: &str = "/console/figures";

/// The page.
pub(crate) async fn show(State(shared): State<Shared>, seat: Seat, Query(period): Query<Period>) -> Answer {
    let figures = shared.service.figures(&seat.who.access, period.request()).await?;
    let title = seat.say("nav_figures");
    let spans =
        [figures.days.0, figures.days.1, figures.before.0, figures.before.1].map(|day| day.to_string());
    let [from, to, from_before, to_before] = &spans;
    let body = html! {
        div.page-head {
            h1 { (title) }
            p.quiet { (seat.fill("compared", &[("from", from), ("to", to), ("from_before", from_before), ("to_before", to_before)])) }
        }
        @if figures.grids.is_empty() {
            (empty(seat.say("no_grid"), seat.say("no_grid_advice")))
        } @else {
            (period.form(&seat, PATH, &figures.grids, figures.days, true))
            (incidents(&seat, &figures, &period.grid))
            (work(&seat, &figures, &period.grid))
        }
    };
    Ok(Sheet { place: PATH, title, scripts: &[], body }.page(&seat))
}

fn incidents(seat: &Seat, figures: &Figures, grid: &str) -> Markup {
    let shown = &figures.incidents;
    let labels: Vec<String> = shown.iter().map(|one| incident_word(seat, one)).collect();
    let series = [
        (seat.say("this_period"), shown.iter().map(|one| one.pair.now).collect()),
        (seat.say("year_before"), shown.iter().map(|one| one.pair.before).collect()),
    ];
    html! {
        section aria-labelledby="incidents" {
            h2 #incidents { (seat.say("incidents")) }
            @if shown.is_empty() {
                (empty(seat.say("no_incidents"), seat.say("no_incidents_advice")))
            } @else {
                div.charted {
                    (charts::lying(&labels, &series, None))
                    div.scroll tabindex="0" role="region" aria-labelledby="incidents" { table {
                        (heads(seat, seat.say("incident_kind")))
                        tbody { @for one in shown {
                            @let way = |days| one.field.map(|(field, kind)| behind(grid, kind, days, Some((field, &one.name))));
                            (row(seat, &incident_word(seat, one), one.pair, way(figures.days), way(figures.before)))
                        } }
                    } }
                }
                @if shown.iter().any(|one| one.pair.now_imported || one.pair.before_imported) {
                    p.quiet.small { "* " (seat.say("imported_note")) }
                }
            }
        }
    }
}

fn work(seat: &Seat, figures: &Figures, grid: &str) -> Markup {
    let (now, before) = &figures.done;
    let line = |name: &str, of: fn(&Done) -> u64, kind: Kind, code: Option<(&str, &str)>| {
        let pair = Pair { now: of(now), before: of(before), ..Pair::default() };
        let way = |days: (Day, Day)| Some(behind(grid, kind, days, code));
        row(seat, name, pair, way(figures.days), way(figures.before))
    };
    // A share leads where the number leads that it is a share of.
    let ratio = |name: &str, of: fn(&Done) -> u64, whole: fn(&Done) -> Option<u64>, kind: Kind| {
        let told = |done: &Done, days| {
            let share = share(of(done), whole(done).unwrap_or(figures.homes));
            html! { td.number { a href=(behind(grid, kind, days, None)) { (share) } } }
        };
        html! { tr { th scope="row" { (name) } (told(now, figures.days)) (told(before, figures.before)) td {} } }
    };
    let met = MET.join(",");
    html! {
        section aria-labelledby="work" {
            h2 #work { (seat.say("work")) }
            div.scroll tabindex="0" role="region" aria-labelledby="work" { table {
                (heads(seat, seat.say("work_kind")))
                tbody {
                    (line(seat.say("visits_made"), |done| done.visits, Kind::Visit, None))
                    (line(seat.say("visits_met"), |done| done.met, Kind::Visit, Some(("outcome", &met))))
                    (line(seat.say("households_visited"), |done| done.visited, Kind::Visit, None))
                    (ratio(seat.say("share_visited"), |done| done.visited, |_| None, Kind::Visit))
                    (line(seat.say("events"), |done| done.outreach.events, Kind::Outreach, None))
                    (line(seat.word("field.reached"), |done| done.outreach.people, Kind::Outreach, None))
                    (line(seat.say("households_reached"), |done| done.outreach.households, Kind::Outreach, None))
                    (ratio(seat.say("share_reached"), |done| done.outreach.households, |_| None, Kind::Outreach))
                    @if grid.is_empty() {
                        (line(seat.say("items_done"), |done| done.items.0, Kind::Checklist, None))
                        (line(seat.say("items_all"), |done| done.items.1, Kind::Checklist, None))
                        (ratio(seat.say("share_done"), |done| done.items.0, |done| Some(done.items.1), Kind::Checklist))
                    }
                }
            } }
            p.quiet.small { (seat.fill("share_note", &[("n", &figures.homes.to_string())])) }
        }
    }
}

fn heads(seat: &Seat, first: &str) -> Markup {
    html! { thead { tr {
        th scope="col" { (first) }
        th.number scope="col" { (seat.say("this_period")) }
        th.number scope="col" { (seat.say("year_before")) }
        th.number scope="col" { (seat.say("change")) }
    } } }
}

fn row(seat: &Seat, name: &str, pair: Pair, way: Option<String>, way_before: Option<String>) -> Markup {
    let cell = |count: u64, imported: bool, way: Option<String>| {
        html! { td.number {
            // Behind an imported number stand no records.
            @match way.filter(|_| !imported) { Some(way) => (counted(count, &way)), None => (count) }
            @if imported { abbr title=(seat.say("imported")) { "*" } }
        } }
    };
    html! { tr {
        th scope="row" { (name) }
        (cell(pair.now, pair.now_imported, way))
        (cell(pair.before, pair.before_imported, way_before))
        td.number { (change(seat, pair)) }
    } }
}

fn change(seat: &Seat, pair: Pair) -> String {
    match pair.now.cmp(&pair.before) {
        std::cmp::Ordering::Greater => format!("+{}", pair.now - pair.before),
        std::cmp::Ordering::Less => format!("−{}", pair.before - pair.now),
        std::cmp::Ordering::Equal => seat.say("no_change").to_owned(),
    }
}

fn incident_word(seat: &Seat, one: &Incident) -> String {
    if one.name.is_empty() {
        return seat.say("uncategorised").to_owned();
    }
    match one.field.and_then(|(field, _)| dictionary::of_field(field)) {
        Some(dictionary) => seat.words.code(dictionary, &one.name),
        None => one.name.clone(),
    }
}
