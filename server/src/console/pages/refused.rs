//! What the server did not take of phones' work, with reasons, and what revoked phones handed in.

use axum::extract::{Query, State};
use gridbook_core::id::{DeviceId, PersonId};
use maud::{Markup, html};

use super::people::{Done, PATH, deed};
use crate::console::layout::{Sheet, empty};
use crate::console::seat::Seat;
use crate::console::session::Answer;
use crate::db::{ParcelRow, RefusedRow};
use crate::handlers::Shared;

/// The page.
pub(crate) async fn show(State(shared): State<Shared>, seat: Seat, Query(done): Query<Done>) -> Answer {
    let found = shared.service.refused(&seat.who).await?;
    let title = seat.say("box");
    let body = html! {
        div.page-head {
            h1 { (title) }
            p.quiet { (seat.say("box_lead")) }
        }
        (done.line(&seat))
        section aria-labelledby="handed-in" {
            h2 #handed-in { (seat.say("handed_in")) }
            @if found.parcels.is_empty() { (empty(seat.say("nothing_handed_in"), seat.say("nothing_handed_in_advice"))) }
            ul.cards { @for (row, label, decides) in &found.parcels { (parcel(&seat, row, label, *decides)) } }
        }
        section aria-labelledby="refused" {
            h2 #refused { (seat.say("not_taken")) }
            @if found.refused.is_empty() { (empty(seat.say("nothing_refused"), seat.say("nothing_refused_advice"))) }
            @else {
                p.quiet { (seat.say("refused_advice")) }
                ul.lines { @for (person, label, row) in &found.refused { (line(&seat, person, label, row)) } }
            }
        }
        p { a href=(PATH) { (seat.say("back_to_people")) } }
    };
    Ok(Sheet { place: PATH, title, scripts: &[], body }.page(&seat))
}

fn parcel(seat: &Seat, row: &ParcelRow, label: &str, decides: bool) -> Markup {
    let DeviceId(device) = &row.device;
    let size = row.size.div_ceil(1_024).to_string();
    html! {
        li {
            div {
                b { (seat.directory.person_name(&row.person)) } " " (label) " "
                @if let Some(at) = row.accepted {
                    span.badge { (seat.fill("accepted_at", &[("at", &seat.moment(at))])) }
                } @else { span.badge.unread { (seat.say("not_accepted")) } }
                br;
                span.quiet.small { (seat.fill("handed_in_at", &[("at", &seat.moment(row.at)), ("size", &size)])) }
            }
            @if decides && row.accepted.is_none() {
                (deed(seat, "accept_box", &row.person, &[("device", device)], seat.say("deed_accept_box")))
            }
        }
    }
}

fn line(seat: &Seat, person: &PersonId, label: &str, row: &RefusedRow) -> Markup {
    html! {
        li {
            time { (seat.moment(row.at)) }
            b { (seat.directory.person_name(person)) }
            span.quiet { (label) @if let Some(scope) = &row.scope { " · " (seat.directory.scope_name(scope)) } }
            span { (seat.word(&format!("refusal.{}", row.reason.as_str()))) }
            span.quiet.small { (row.record.short()) }
        }
    }
}
