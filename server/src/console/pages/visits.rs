//! 走访: buildings to choose from and households that want a visit; a building floor by floor; a household.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::{Path, Query, State};
use gridbook_core::id::ScopeId;
use gridbook_core::sync::protocol::FailureCode;
use maud::{Markup, html};
use serde::Deserialize;

use crate::console::choice::scope_choice;
use crate::console::contents::reveal_link;
use crate::console::entry::{Manner, Room, article, coded, tags};
use crate::console::layout::{Sheet, empty};
use crate::console::seat::Seat;
use crate::console::session::Answer;
use crate::console::values::brief;
use crate::console::words::Words;
use crate::error::Error;
use crate::handlers::Shared;
use crate::service::{Building, BuildingMap, Dwelt, HouseholdPage, Rounds, RoundsRequest, Turn};

/// Where the page is.
pub(crate) const PATH: &str = "/console/visits";

/// Characters of a request, and codes of a set, in a list.
const REQUEST: usize = 100;
const CODES: usize = 5;

/// Which grid, which building, and where a page begins.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    grid: String,
    building: String,
    after: Option<String>,
    /// Of the list of buildings: the grid and the building after which it goes on.
    after_grid: Option<String>,
    after_building: Option<String>,
}

/// Buildings, and what is due.
pub(crate) async fn show(State(shared): State<Shared>, seat: Seat, Query(wanted): Query<Wanted>) -> Answer {
    let request = RoundsRequest {
        grid: Some(ScopeId(wanted.grid.clone())).filter(|grid| !grid.as_str().is_empty()),
        after: wanted.after.as_deref().and_then(|after| after.parse().ok()),
        after_building: wanted.after_grid.clone().map(ScopeId).zip(wanted.after_building.clone()),
    };
    let rounds = shared.service.rounds(&seat.who, request).await?;
    let title = seat.word("kind.visit");
    let body = html! {
        div.page-head { h1 { (title) } p.quiet { (seat.day(rounds.today)) } }
        @if rounds.grids.is_empty() {
            (empty(seat.say("no_grid"), seat.say("no_grid_advice")))
        } @else {
            @if rounds.grids.len() > 1 { (grid_picker(&seat, &rounds, &wanted.grid)) }
            // Each list is turned by itself.
            @if wanted.after.is_none() { (buildings(&seat, &rounds, &wanted.grid)) }
            @if wanted.after_building.is_none() { (due(&seat, &rounds, &wanted.grid)) }
        }
    };
    Ok(Sheet { place: PATH, title, scripts: &[], body }.page(&seat))
}

/// One building, floor by floor.
pub(crate) async fn building(
    State(shared): State<Shared>,
    seat: Seat,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let grid = ScopeId(wanted.grid.clone());
    let after = wanted.after.as_deref().and_then(|after| after.parse().ok());
    let map = shared.service.building(&seat.who, &grid, &wanted.building, after).await?;
    let title = building_word(&seat, &wanted.building);
    let body = html! {
        p.small { a href=(format!("{PATH}?grid={grid}")) { "← " (seat.word("kind.visit")) } }
        div.page-head { h1 { (title) } p.quiet { (seat.directory.scope_name(&grid)) " · " (seat.day(map.today)) } }
        (legend(&seat))
        (floors(&seat, &map))
        @if let Some(next) = &map.next {
            p { a.button href=(format!("{}&after={next}", building_address(&grid, &wanted.building))) { (seat.say("further_rooms")) } }
        }
    };
    Ok(Sheet { place: PATH, title: &title, scripts: &[], body }.page(&seat))
}

/// One household.
pub(crate) async fn household(
    State(shared): State<Shared>,
    seat: Seat,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let id = id.parse().map_err(|_| Error::refused(FailureCode::NotFound, "no such household"))?;
    let page = shared.service.household(&seat.who, id, wanted.after.as_deref()).await?;
    let dwelling = page.household.dwelling.as_ref().map(ToString::to_string).unwrap_or_default();
    let room = Room::of(&page.timeline);
    let body = html! {
        (household_head(&seat, &page, &dwelling))
        div.columns {
            section aria-labelledby="facts" {
                h2 #facts { (seat.say("household_facts")) }
                (facts(&seat, &page))
            }
            section aria-labelledby="asks" {
                h2 #asks { (seat.say("asks")) }
                (asks(&seat, &page))
            }
        }
        section aria-labelledby="timeline" {
            h2 #timeline { (seat.say("timeline")) }
            @if page.timeline.is_empty() { (empty(seat.say("no_timeline"), seat.say("no_timeline_advice"))) }
            @else { div.timeline { @for entry in &page.timeline { (article(&seat, entry, Manner::InTimeline, room, "")) } } }
            @if let Some(next) = &page.next {
                p { a.button href=(format!("/console/households/{id}?after={next}")) { (seat.say("older")) } }
            }
        }
    };
    Ok(Sheet { place: PATH, title: &dwelling, scripts: &[], body }.page(&seat))
}

fn grid_picker(seat: &Seat, rounds: &Rounds, chosen: &str) -> Markup {
    html! {
        form.pick method="get" action=(PATH) {
            (scope_choice(seat, "grid", seat.word("field.grid"), &rounds.grids, chosen, true))
            button type="submit" { (seat.say("show")) }
        }
    }
}

fn buildings(seat: &Seat, rounds: &Rounds, chosen: &str) -> Markup {
    html! {
        section aria-labelledby="buildings" {
            h2 #buildings { (seat.word("field.building")) }
            @if rounds.buildings.is_empty() {
                (empty(seat.word("message.no_households"), seat.say("no_buildings_advice")))
            }
            @for grid in &rounds.shown {
                @let here: Vec<&Building> = rounds.buildings.iter().filter(|building| building.scope == *grid).collect();
                @if !here.is_empty() { details open[rounds.shown.len() == 1] {
                    summary { b { (seat.directory.scope_name(grid)) } " " (sums(seat, rounds.sums.get(grid).copied().unwrap_or_default())) }
                    ul.buildings { @for building in here { li {
                        a href=(building_address(grid, &building.name)) {
                            b { (building_word(seat, &building.name)) }
                            (sums(seat, (building.households, building.due)))
                        }
                    } } }
                } }
            }
            @if let Some((grid, building)) = &rounds.next_building {
                p.after { a.button href=(further(chosen, grid, building)) { (seat.say("further_buildings")) } }
            }
        }
    }
}

/// The address of the buildings after one of them.
fn further(chosen: &str, grid: &ScopeId, building: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("grid", chosen).append_pair("after_grid", grid.as_str());
    query.append_pair("after_building", building);
    format!("{PATH}?{}", query.finish())
}

/// How many households there are, and how many want a visit.
fn sums(seat: &Seat, (households, due): (usize, usize)) -> Markup {
    html! {
        span.quiet { (seat.fill("households_n", &[("n", &households.to_string())])) } " "
        @if due > 0 { span.badge.unread { (seat.fill("due_n", &[("n", &due.to_string())])) } }
        @else { span.badge { (seat.say("none_due")) } }
    }
}

fn due(seat: &Seat, rounds: &Rounds, grid: &str) -> Markup {
    html! {
        section aria-labelledby="due" {
            h2 #due { (seat.say("due_title")) }
            @if rounds.due.is_empty() {
                (empty(seat.word("message.no_households_due"), seat.say("no_due_advice")))
            } @else {
                div.scroll tabindex="0" role="region" aria-labelledby="due" { table.stacked {
                    thead { tr {
                        th scope="col" { (seat.word("field.dwelling")) }
                        th scope="col" { (seat.say("state")) }
                        th scope="col" { (seat.say("why_due")) }
                        th scope="col" { (seat.word("field.class")) }
                        th scope="col" { (seat.say("last_visit")) }
                        th scope="col" { (seat.word("field.tags")) }
                        th scope="col" { (seat.word("field.grid")) }
                    } }
                    tbody { @for one in &rounds.due { tr {
                        th scope="row" { a href=(format!("/console/households/{}", one.id)) { (one.dwelling) } }
                        td { (turn_badge(seat, Turn::of(one.due, rounds.today))) }
                        td { (reason(seat, one)) }
                        td data-label=(seat.word("field.class")) { (class_word(seat, &one.class)) }
                        td data-label=(seat.say("last_visit")) { @match one.visited { Some(day) => time { (day) }, None => span.quiet { "—" } } }
                        td { (tags(seat, "household_tag", &one.tags, CODES)) }
                        td { (seat.directory.scope_name(&one.scope)) }
                    } } }
                } }
                @if let Some(next) = &rounds.next {
                    p.after { a.button href=(format!("{PATH}?grid={grid}&after={next}")) { (seat.say("further_due")) } }
                }
            }
        }
    }
}

/// What the colours of a building mean, in the words that its rooms carry.
fn legend(seat: &Seat) -> Markup {
    let turns =
        [("late", "turn_late"), ("soon", "turn_soon"), ("later", "turn_later"), ("free", "turn_free")];
    html! { ul.legend { @for (class, key) in turns { li { span class=(format!("room {class}")) aria-hidden="true" {} (seat.say(key)) } } } }
}

/// Floors from the top, a column for each unit.
fn floors(seat: &Seat, map: &BuildingMap) -> Markup {
    let mut units: Vec<&str> = Vec::new();
    let mut floors = BTreeSet::new();
    let mut rooms = BTreeMap::<(i32, &str), Vec<&Dwelt>>::new();
    for room in &map.rooms {
        let (floor, unit) = (room.dwelling.floor(), room.dwelling.unit.as_str());
        if !units.contains(&unit) {
            units.push(unit);
        }
        floors.insert(floor);
        rooms.entry((floor, unit)).or_default().push(room);
    }
    html! {
        div.scroll tabindex="0" role="region" aria-label=(seat.say("floors")) { table.floors {
            thead { tr {
                th scope="col" { (seat.word("field.floor")) }
                @for unit in &units { th scope="col" { (seat.fill("unit_n", &[("n", unit)])) } }
            } }
            tbody { @for floor in floors.iter().rev() { tr {
                th scope="row" { (floor_word(seat, *floor)) }
                @for unit in &units { td {
                    @for room in rooms.get(&(*floor, *unit)).into_iter().flatten() { (room_cell(seat, room, map)) }
                } }
            } } }
        } }
    }
}

fn room_cell(seat: &Seat, room: &Dwelt, map: &BuildingMap) -> Markup {
    let turn = Turn::of(room.due, map.today);
    html! {
        a class=(format!("room {}", turn_class(turn))) href=(format!("/console/households/{}", room.id)) {
            b { (room.dwelling.room) } " " (class_word(seat, &room.class))
            span { (turn_words(seat, turn)) }
        }
    }
}

fn household_head(seat: &Seat, page: &HouseholdPage, dwelling: &str) -> Markup {
    let entry = &page.entry;
    let building = page.household.dwelling.as_ref().map(|dwelling| dwelling.building.as_str());
    html! {
        @if let (Some(building), Some(_)) = (building, &page.turn) {
            p.small { a href=(building_address(&entry.scope, building)) { "← " (building_word(seat, building)) } }
        }
        div.page-head {
            h1 { span.quiet { (seat.word("kind.household")) } " " (dwelling) }
            p {
                @if entry.voided { span.badge.returned { (seat.word("field.voided")) } " " }
                span.quiet { (seat.directory.scope_name(&entry.scope)) " · " }
                a href=(format!("/console/records/{}", entry.id)) { (seat.say("open_record")) }
            }
        }
        @if let Some(turn) = &page.turn {
            ul.way {
                li { b { (seat.word("field.next_visit")) } " "
                    (turn_badge(seat, Turn::of(turn.due, page.today)))
                    @if let Some(due) = turn.due { " " time { (due.day) } " " span.quiet { (reason(seat, turn)) } } }
                @if let Some(day) = turn.visited { li {
                    b { (seat.say("last_visit")) } " " time { (day) }
                    span.quiet { @match page.today.days_since(day) {
                        0 => (seat.say("ago_today")),
                        days => (seat.fill("days_ago", &[("n", &days.to_string())])),
                    } }
                } }
            }
        }
    }
}

fn facts(seat: &Seat, page: &HouseholdPage) -> Markup {
    let household = &page.household;
    let occupancy = household.occupancy.map(|occupancy| coded(seat, "occupancy", &occupancy));
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let facts = [
        ("field.class", text(&class_word(seat, &household.class))),
        ("field.occupancy", occupancy),
        ("field.contact", text(&household.contact)),
        ("field.phone", text(&household.phone)),
        ("field.note", text(&household.note)),
    ];
    html! {
        dl.fields {
            @for (key, value) in facts { @if let Some(value) = value { dt { (seat.words.word(key)) } dd {
                (value)
                @if let Some(path) = page.masked.iter().find(|path| key.strip_prefix("field.") == Some(path)) {
                    " " (reveal_link(seat, &page.entry.id, path, seat.words.word(key)))
                }
            } } }
            @if !household.tags.is_empty() { dt { (seat.word("field.tags")) } dd { (tags(seat, "household_tag", &household.tags, usize::MAX)) } }
        }
    }
}

/// Requests and hazards, each with the visit that brought it.
fn asks(seat: &Seat, page: &HouseholdPage) -> Markup {
    html! {
        @if page.asks.is_empty() { p.quiet { (seat.say("no_asks")) } }
        ul.lines { @for entry in &page.asks {
            @if let gridbook_core::model::Content::Visit(visit) = &entry.content { li {
                a href=(format!("/console/records/{}", entry.id)) { time { (entry.day) } }
                @if !visit.requests.is_empty() { span { (brief(&visit.requests, REQUEST)) } }
                @if !visit.hazards.is_empty() { span.warn { (tags(seat, "hazard", &visit.hazards, CODES)) } }
            } }
        } }
    }
}

fn turn_class(turn: Turn) -> &'static str {
    match turn {
        Turn::Late(_) => "late",
        Turn::Soon(_) => "soon",
        Turn::Later(_) => "later",
        Turn::Free => "free",
    }
}

fn turn_words(seat: &Seat, turn: Turn) -> String {
    match turn {
        Turn::Late(days) => seat.fill("turn_late_days", &[("n", &days.to_string())]),
        Turn::Soon(0) => seat.say("turn_today").to_owned(),
        Turn::Soon(days) | Turn::Later(days) => seat.fill("turn_in_days", &[("n", &days.to_string())]),
        Turn::Free => seat.say("turn_free").to_owned(),
    }
}

fn turn_badge(seat: &Seat, turn: Turn) -> Markup {
    let class = match turn {
        Turn::Late(_) => "badge returned",
        Turn::Soon(_) => "badge unread",
        Turn::Later(_) | Turn::Free => "badge",
    };
    html! { span class=(class) { (turn_words(seat, turn)) } }
}

fn reason(seat: &Seat, one: &Dwelt) -> &'static str {
    one.due.map_or("", |due| seat.word(&format!("due_reason.{}", due.reason.as_str())))
}

/// What the community calls a class.
fn class_word(seat: &Seat, class: &str) -> String {
    let known = seat.directory.rhythms.of(class);
    let word = known.map(|rhythm| if is_english(seat.words) { &rhythm.en } else { &rhythm.zh });
    word.map_or_else(|| class.to_owned(), Clone::clone)
}

fn is_english(words: Words) -> bool {
    words.tag() == "en"
}

/// A building's name with what it is: numbers are said with a word, names as they are.
pub(crate) fn building_word(seat: &Seat, name: &str) -> String {
    if name.chars().all(|c| c.is_ascii_alphanumeric()) {
        seat.fill("building_n", &[("n", name)])
    } else {
        name.to_owned()
    }
}

fn floor_word(seat: &Seat, floor: i32) -> String {
    if floor == 0 { "—".to_owned() } else { seat.fill("floor_n", &[("n", &floor.to_string())]) }
}

/// The address of a building's map.
pub(crate) fn building_address(grid: &ScopeId, building: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("grid", grid.as_str()).append_pair("building", building);
    format!("{PATH}/building?{}", query.finish())
}
