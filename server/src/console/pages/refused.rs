//! What the server did not take of phones' work, with reasons, and what shut-out phones handed in.

use axum::extract::{Query, State};
use gridbook_core::id::DeviceId;
use maud::{Markup, html};
use serde::Deserialize;

use super::people::{BOX, Done, PATH, deed};
use crate::console::layout::{Sheet, empty};
use crate::console::seat::Seat;
use crate::console::session::Answer;
use crate::handlers::Shared;
use crate::service::{HandedIn, RefusedChange, RefusedRequest};

/// Which part of the box.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    phone: String,
    before: String,
    parcels: String,
    #[serde(flatten)]
    done: Done,
}

impl Wanted {
    fn request(&self) -> RefusedRequest {
        RefusedRequest {
            phone: Some(DeviceId::from(self.phone.as_str())).filter(|phone| !phone.as_str().is_empty()),
            before: self.before.parse().ok(),
            parcels_before: self.parcels.parse().ok(),
        }
    }

    fn address(&self, before: Option<u64>, parcels: Option<u64>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if !self.phone.is_empty() {
            query.append_pair("phone", &self.phone);
        }
        query.extend_pairs(before.map(|before| ("before", before.to_string())));
        query.extend_pairs(parcels.map(|before| ("parcels", before.to_string())));
        format!("{BOX}?{}", query.finish())
    }
}

/// The page.
pub(crate) async fn show(State(shared): State<Shared>, seat: Seat, Query(wanted): Query<Wanted>) -> Answer {
    let asked = wanted.request();
    let found = shared.service.refused(&seat.who, &asked).await?;
    let title = seat.say("box");
    let body = html! {
        div.page-head {
            h1 { (title) }
            p.quiet { (seat.say("box_lead")) }
        }
        (wanted.done.line(&seat))
        @if let Some((person, label)) = &found.phone {
            p { span.chip { (seat.directory.person_name(person)) " · " (label) } " " a href=(BOX) { (seat.say("box_all")) } }
        }
        section aria-labelledby="handed-in" {
            h2 #handed-in { (seat.say("handed_in")) }
            @if found.parcels.is_empty() { (empty(seat.say("nothing_handed_in"), seat.say("nothing_handed_in_advice"))) }
            ul.cards { @for one in &found.parcels { (parcel(&seat, one)) } }
            @if let Some(next) = found.parcels_next {
                p { a.button href=(wanted.address(asked.before, Some(next))) { (seat.say("older")) } }
            }
        }
        section aria-labelledby="refused" {
            h2 #refused { (seat.say("not_taken")) }
            @if found.refused.is_empty() { (empty(seat.say("nothing_refused"), seat.say("nothing_refused_advice"))) }
            @else {
                p.quiet { (seat.say("refused_advice")) }
                ul.lines { @for one in &found.refused { (line(&seat, one)) } }
            }
            @if let Some(next) = found.next {
                p.after { a.button href=(wanted.address(Some(next), asked.parcels_before)) { (seat.say("older")) } }
            }
        }
        p { a href=(PATH) { (seat.say("back_to_people")) } }
    };
    Ok(Sheet { place: PATH, title, scripts: &[], body }.page(&seat))
}

fn parcel(seat: &Seat, one: &HandedIn) -> Markup {
    let row = &one.parcel;
    let DeviceId(device) = &row.device;
    let size = row.size.div_ceil(1_024).to_string();
    html! {
        li {
            div {
                b { (seat.directory.person_name(&row.person)) } " " (one.label) " "
                @if let Some(at) = row.accepted {
                    span.badge { (seat.fill("accepted_at", &[("at", &seat.moment(at))])) }
                } @else { span.badge.unread { (seat.say("not_accepted")) } }
                br;
                span.quiet.small { (seat.fill("handed_in_at", &[("at", &seat.moment(row.at)), ("size", &size)])) }
            }
            @if one.decides && row.accepted.is_none() {
                (deed(seat, "accept_box", &row.person, &[("device", device)], seat.say("deed_accept_box")))
            }
        }
    }
}

fn line(seat: &Seat, one: &RefusedChange) -> Markup {
    html! {
        li {
            time { (seat.moment(one.at)) }
            span.chip { @match one.kind {
                Some(kind) => (seat.word(&format!("kind.{kind}"))),
                None => (seat.say("kind_untold")),
            } }
            @if one.opens { a href=(format!("/console/records/{}", one.record)) { (one.record.short()) } }
            @else { span.quiet { (one.record.short()) } }
            b { (seat.directory.person_name(&one.person)) }
            span.quiet { (one.label) @if let Some(scope) = &one.scope { " · " (seat.directory.scope_name(scope)) } }
            span { (seat.word(&format!("refusal.{}", one.reason.as_str()))) }
        }
    }
}
