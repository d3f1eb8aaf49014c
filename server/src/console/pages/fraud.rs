//! 反诈: whom outreach reached, over time, by fraud type and by building. Each chart has its table.

use axum::extract::{Query, State};
use gridbook_core::clock::Day;
use gridbook_core::model::{Kind, dictionary};
use maud::{Markup, html};
use serde::Deserialize;

use crate::console::charts;
use crate::console::layout::{Sheet, empty};
use crate::console::period::{Period, behind, counted};
use crate::console::seat::Seat;
use crate::console::session::Answer;
use crate::handlers::Shared;
use crate::service::{Coverage, Covered, Sum};

/// Where the page is.
pub(crate) const PATH: &str = "/console/fraud";

/// Numbers in the table of places and parts of the period: so many as a page has room for, each being a link.
const CELLS: usize = 240;

/// Which part.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    #[serde(flatten)]
    period: Period,
    /// The place after which the places go on.
    after: String,
}

/// The page.
pub(crate) async fn show(State(shared): State<Shared>, seat: Seat, Query(wanted): Query<Wanted>) -> Answer {
    let Wanted { period, after } = &wanted;
    let coverage = shared.service.coverage(&seat.who.access, period.request()).await?;
    let title = seat.word("kind.outreach");
    let body = html! {
        div.page-head { h1 { (title) } p.quiet { (coverage.days.0) " — " (coverage.days.1) } }
        @if coverage.grids.is_empty() {
            (empty(seat.say("no_grid"), seat.say("no_grid_advice")))
        } @else {
            (period.form(&seat, PATH, &coverage.grids, coverage.days, false))
            (figures(&seat, &coverage, &period.grid))
            @if coverage.all.events == 0 {
                (empty(seat.say("no_outreach"), seat.say("no_outreach_advice")))
            } @else {
                (over_time(&seat, &coverage, &period.grid))
                (by_type(&seat, &coverage, &period.grid))
            }
            (by_place(&seat, &coverage, period, after))
            p.quiet.small { (seat.say("coverage_note")) }
        }
    };
    Ok(Sheet { place: PATH, title, scripts: &[], body }.page(&seat))
}

fn figures(seat: &Seat, coverage: &Coverage, grid: &str) -> Markup {
    let all = coverage.all;
    let way = behind(grid, Kind::Outreach, coverage.days, None);
    let figure = |count: String, name: &str| {
        html! { li { span.count { (count) } @if all.events > 0 { a.name href=(way) { (name) } } @else { span.name { (name) } } } }
    };
    html! {
        ul.figures {
            (figure(all.events.to_string(), seat.say("events")))
            (figure(all.people.to_string(), seat.word("field.reached")))
            (figure(all.households.to_string(), seat.say("households_reached")))
            (figure(share(all.households, coverage.homes), seat.say("share_reached")))
        }
    }
}

fn over_time(seat: &Seat, coverage: &Coverage, grid: &str) -> Markup {
    let labels = coverage.parts.iter().map(|(first, last, _)| part_label(*first, *last)).collect();
    let of = |which: fn(&Sum) -> u64| coverage.parts.iter().map(|(.., sum)| which(sum)).collect::<Vec<_>>();
    let series = [
        (seat.word("field.reached"), of(|sum| sum.people)),
        (seat.say("households_reached"), of(|sum| sum.households)),
    ];
    html! {
        section aria-labelledby="time" {
            h2 #time { (seat.say("over_time")) }
            div.charted {
                (charts::standing(labels, &series))
                div.scroll tabindex="0" role="region" aria-labelledby="time" { table {
                    thead { tr { th scope="col" { (seat.say("period")) } (sum_heads(seat)) } }
                    tbody { @for (first, last, sum) in coverage.parts.iter().rev() { tr {
                        th scope="row" { (first) span.quiet { " — " (last) } }
                        (sum_cells(*sum, &behind(grid, Kind::Outreach, (*first, *last), None)))
                    } } }
                } }
            }
        }
    }
}

fn by_type(seat: &Seat, coverage: &Coverage, grid: &str) -> Markup {
    let dictionary = dictionary::named("fraud_type");
    let known = dictionary.entries.iter().map(|entry| entry.code.as_str());
    let others = coverage.types.keys().map(String::as_str).filter(|code| dictionary.entry(code).is_none());
    let shown: Vec<(&str, &(Sum, Vec<u64>))> =
        known.chain(others).filter_map(|code| Some((code, coverage.types.get(code)?))).collect();
    let labels: Vec<String> = shown.iter().map(|(code, _)| seat.words.code(dictionary, code)).collect();
    let people = shown.iter().map(|(_, (sum, _))| sum.people).collect();
    html! {
        section aria-labelledby="types" {
            h2 #types { (seat.word("field.fraud_types")) }
            div.charted {
                (charts::lying(&labels, &[(seat.word("field.reached"), people)], None))
                div.scroll tabindex="0" role="region" aria-labelledby="types" { table {
                    thead { tr { th scope="col" { (seat.word("field.fraud_types")) } (sum_heads(seat)) } }
                    tbody { @for (code, (sum, _)) in &shown { tr {
                        th scope="row" { (seat.words.code(dictionary, code)) }
                        (sum_cells(*sum, &behind(grid, Kind::Outreach, coverage.days, Some(("fraud_types", code)))))
                    } } }
                } }
            }
            h3 #types-time { (seat.say("types_over_time")) }
            div.scroll tabindex="0" role="region" aria-labelledby="types-time" { table.dense {
                thead { tr {
                    th scope="col" { (seat.word("field.fraud_types")) }
                    @for (first, last, _) in &coverage.parts { th.number scope="col" { (part_label(*first, *last)) } }
                } }
                tbody { @for (code, (_, counts)) in &shown { tr {
                    th scope="row" { (seat.words.code(dictionary, code)) }
                    @for ((first, last, _), count) in coverage.parts.iter().zip(counts) {
                        td.number { (counted(*count, &behind(grid, Kind::Outreach, (*first, *last), Some(("fraud_types", code))))) }
                    }
                } } }
            } }
        }
    }
}

/// What the address of further places calls one.
fn called(place: &Covered) -> &str {
    if place.building.is_empty() { place.scope.as_str() } else { &place.building }
}

/// Grid by grid, or building by building where one grid is shown: all of the period, and part by part.
fn by_place(seat: &Seat, coverage: &Coverage, period: &Period, after: &str) -> Markup {
    let begin = coverage.places.iter().position(|place| called(place) == after).map_or(0, |at| at + 1);
    let (rest, most) = (&coverage.places[begin..], (CELLS / coverage.parts.len().max(1)).max(1));
    let shown = &rest[..rest.len().min(most)];
    let name = |place: &Covered| {
        if place.building.is_empty() {
            seat.directory.scope_name(&place.scope).to_owned()
        } else {
            super::visits::building_word(seat, &place.building)
        }
    };
    let whole = coverage.places.iter().any(|place| place.building.is_empty());
    let labels: Vec<String> = shown.iter().map(name).collect();
    let shares = shown.iter().map(|place| percent(place.reached, place.homes)).collect();
    let days = |grid: &str| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("grid", grid);
        query
            .append_pair("from", &coverage.days.0.to_string())
            .append_pair("to", &coverage.days.1.to_string());
        query
    };
    let grid_way = |place: &Covered| format!("{PATH}?{}", days(place.scope.as_str()).finish());
    let building_way = |place: &Covered| super::visits::building_address(&place.scope, &place.building);
    let outreach = |place: &Covered, days| {
        let building = Some(("building", place.building.as_str())).filter(|(_, name)| !name.is_empty());
        behind(place.scope.as_str(), Kind::Outreach, days, building)
    };
    let place_word = if whole { seat.word("field.grid") } else { seat.word("field.building") };
    html! {
        section aria-labelledby="places" {
            h2 #places { (seat.say(if whole { "share_by_grid" } else { "share_by_building" })) }
            @if coverage.places.is_empty() {
                (empty(seat.word("message.no_households"), seat.say("no_buildings_advice")))
            } @else {
                div.charted {
                    (charts::lying(&labels, &[(seat.say("share_reached"), shares)], Some(100)))
                    div.scroll tabindex="0" role="region" aria-labelledby="places" { table {
                        thead { tr {
                            th scope="col" { (place_word) }
                            th.number scope="col" { (seat.word("kind.household")) }
                            th.number scope="col" { (seat.say("households_reached")) }
                            th.number scope="col" { (seat.say("share_reached")) }
                        } }
                        tbody { @for place in shown { tr {
                            th scope="row" { a href=(if whole { grid_way(place) } else { building_way(place) }) { (name(place)) } }
                            td.number { (place.homes) }
                            td.number { (counted(place.reached, &outreach(place, coverage.days))) }
                            td.number { (share(place.reached, place.homes)) }
                        } } }
                    } }
                }
                @if coverage.all.events > 0 {
                    h3 #places-time { (seat.say("places_over_time")) }
                    div.scroll tabindex="0" role="region" aria-labelledby="places-time" { table.dense {
                        thead { tr {
                            th scope="col" { (place_word) }
                            @for (first, last, _) in &coverage.parts { th.number scope="col" { (part_label(*first, *last)) } }
                        } }
                        tbody { @for place in shown { tr {
                            th scope="row" { (name(place)) }
                            @for ((first, last, _), count) in coverage.parts.iter().zip(&place.parts) {
                                td.number { (counted(*count, &outreach(place, (*first, *last)))) }
                            }
                        } } }
                    } }
                }
                @if let Some(last) = shown.last().filter(|_| shown.len() < rest.len()) {
                    @let way = days(&period.grid).append_pair("after", called(last)).finish();
                    p.after { a.button href=(format!("{PATH}?{way}#places")) { (seat.say("further_places")) } }
                }
            }
            @if whole && period.grid.is_empty() { p.quiet.small { (seat.say("choose_grid_for_buildings")) } }
        }
    }
}

fn sum_heads(seat: &Seat) -> Markup {
    html! {
        th.number scope="col" { (seat.say("events")) }
        th.number scope="col" { (seat.word("field.reached")) }
        th.number scope="col" { (seat.say("households_reached")) }
    }
}

fn sum_cells(sum: Sum, way: &str) -> Markup {
    html! {
        td.number { (counted(sum.events, way)) }
        td.number { (counted(sum.people, way)) }
        td.number { (counted(sum.households, way)) }
    }
}

/// A month by its number, with its year in January and at its side; a week by its first day.
fn part_label(first: Day, last: Day) -> String {
    let text = first.to_string();
    let (year, month, day) = (&text[2..4], &text[5..7], &text[8..10]);
    match last.days_since(first) {
        0..=7 => format!("{}/{}", month.trim_start_matches('0'), day.trim_start_matches('0')),
        _ if month == "01" => format!("{year}/1"),
        _ => month.trim_start_matches('0').to_owned(),
    }
}

fn percent(part: u64, whole: u64) -> u64 {
    (part * 100 + whole / 2).checked_div(whole).unwrap_or(0)
}

/// A share in whole percent.
pub(crate) fn share(part: u64, whole: u64) -> String {
    if whole == 0 { "—".to_owned() } else { format!("{}%", percent(part, whole)) }
}
