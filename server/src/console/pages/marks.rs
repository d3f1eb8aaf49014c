//! What the forms of the diary and the queue do: mark one record, mark a day, take marks back.

use axum::extract::State;
use axum::response::{Html, IntoResponse, Redirect};
use gridbook_core::clock::Instant;
use gridbook_core::id::ScopeId;
use gridbook_core::model::Mark;
use gridbook_core::sync::protocol::FailureCode;
use maud::html;

use crate::console::entry::{Manner, Room, article, mark_code};
use crate::console::form::Form;
use crate::console::layout::{self, Sheet};
use crate::console::login;
use crate::console::seat::Seat;
use crate::console::session::Answer;
use crate::error::Error;
use crate::handlers::Shared;
use crate::service::{MarkedDay, SeenVersion};

/// Marks one record. A script gets the record as it stands now, everybody else goes back to where the form was.
pub(crate) async fn mark(State(shared): State<Shared>, seat: Seat, form: Form) -> Answer {
    let shown = shown(form.get("record"), form.get("version"))?;
    let mark = [Mark::Seen, Mark::Returned, Mark::Approved];
    let mark = mark.into_iter().find(|mark| mark_code(*mark) == form.get("mark"));
    let mark =
        mark.ok_or_else(|| Error::refused(FailureCode::BadRequest, "mark: seen, returned or approved"))?;
    let id = shown.record;
    if shared.service.mark(&seat.who, vec![shown], mark, form.get("note")).await?.is_empty() {
        return Err(Error::Changed.into());
    }
    let back = login::local(form.get("back"));
    if seat.visitor.script {
        let entry = shared.service.entry(&seat.who, id).await?;
        let manner = if back.starts_with("/console/diary") { Manner::OnItsDay } else { Manner::Alone };
        return Ok(Html(
            article(&seat, &entry, manner, Room::of(std::slice::from_ref(&entry)), back).into_string(),
        )
        .into_response());
    }
    Ok(Redirect::to(&format!("{back}#r{id}")).into_response())
}

/// Marks all of a day that waits, and offers to take it back.
pub(crate) async fn mark_all(State(shared): State<Shared>, seat: Seat, form: Form) -> Answer {
    let grid = ScopeId::from(form.get("grid"));
    let day = form.get("day").parse().ok().zip(form.get("upto").parse().ok().map(Instant));
    let (day, upto) =
        day.ok_or_else(|| Error::refused(FailureCode::BadRequest, "day, upto: as the page says"))?;
    let MarkedDay { reviews, left, more } = shared.service.mark_day(&seat.who, &grid, day, upto).await?;
    let done = reviews.len().to_string();
    let back = login::local(form.get("back"));
    let title = seat.fill("marked_all", &[("n", &done)]);
    let body = html! {
        section.empty.confirm {
            h1 { (title) }
            @if more > 0 { p { (seat.fill("left_more", &[("n", &more.to_string())])) } }
            @if left > 0 { p { (seat.fill("left_changed", &[("n", &left.to_string())])) } }
            form method="post" action="/console/diary/take-back" {
                (layout::proof_field(&seat.visitor))
                input type="hidden" name="back" value=(back);
                @for review in &reviews { input type="hidden" name="review" value=(review); }
                div.takes {
                    a.button.primary href=(back) { (seat.say("back_to_book")) }
                    button type="submit" { (seat.say("take_back")) }
                }
            }
        }
    };
    Ok(Sheet { place: "/console/diary", title: &title, scripts: &[], body }.page(&seat))
}

/// Takes own marks back.
pub(crate) async fn take_back(State(shared): State<Shared>, seat: Seat, form: Form) -> Answer {
    let reviews = form.all("review").map(str::parse).collect::<Result<Vec<_>, _>>();
    let reviews = reviews.map_err(|_| unreadable())?;
    shared.service.take_back(&seat.who, &reviews).await?;
    Ok(Redirect::to(login::local(form.get("back"))).into_response())
}

fn shown(record: &str, version: &str) -> Result<SeenVersion, Error> {
    let record = record.parse().map_err(|_| unreadable())?;
    Ok(SeenVersion { record, version: version.to_owned() })
}

fn unreadable() -> Error {
    Error::refused(FailureCode::BadRequest, "record: the id of one")
}
