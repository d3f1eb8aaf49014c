//! Showing one masked number: a page asks for the reason, the next one shows the number, once. Neither needs a script.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use gridbook_core::id::RecordId;
use gridbook_core::model::{Reason, dictionary};
use gridbook_core::sync::protocol::FailureCode;
use maud::html;
use serde::Deserialize;

use crate::console::form::Form;
use crate::console::layout::{self, Sheet};
use crate::console::seat::Seat;
use crate::console::session::Answer;
use crate::console::values::path_words;
use crate::error::Error;
use crate::handlers::Shared;
use crate::service::Depth;

/// Which field is meant.
#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    field: String,
}

/// Asks for the reason.
pub(crate) async fn ask(
    State(shared): State<Shared>,
    seat: Seat,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Answer {
    asking(&shared, &seat, named(&id)?, &asked.field, false).await
}

/// Shows the number, or asks once more where no reason was given.
pub(crate) async fn show(
    State(shared): State<Shared>,
    seat: Seat,
    Path(id): Path<String>,
    form: Form,
) -> Answer {
    let (id, field) = (named(&id)?, form.get("field"));
    let preset = dictionary::named("reveal_reason").entry(form.get("reason"));
    let preset = preset.map(|entry| seat.words.code(dictionary::named("reveal_reason"), &entry.code));
    let written = Some(form.get("other").trim().to_owned()).filter(|other| !other.is_empty());
    let reason = written.or(preset).unwrap_or_default();
    if Reason::read(&reason).is_none() {
        let page = asking(&shared, &seat, id, field, true).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    let numbers = shared.service.reveal_field(&seat.who.person, id, field, &reason).await?;
    let record = shared.service.whole_record(&seat.who, id, Depth::Fields).await?;
    let title = seat.fill("reveal_shown", &[("field", &path_words(&seat, &record, field))]);
    let body = html! {
        section.empty.confirm {
            h1 { (title) }
            @for number in &numbers { p.text { b { (number) } } }
            p { (seat.say("reveal_once")) }
            div.takes { a.button.primary href=(format!("/console/records/{id}")) { (seat.say("go_back")) } }
        }
    };
    Ok(Sheet { place: "", title: &title, scripts: &[], body }.page(&seat))
}

async fn asking(shared: &Shared, seat: &Seat, id: RecordId, field: &str, wanting: bool) -> Answer {
    let record = shared.service.whole_record(&seat.who, id, Depth::Fields).await?;
    if !record.masked.iter().any(|masked| masked == field) {
        return Err(Error::refused(FailureCode::NotFound, "no masked number in such a field").into());
    }
    let title = seat.fill("reveal_show_field", &[("field", &path_words(seat, &record, field))]);
    let reasons = dictionary::named("reveal_reason");
    let offered = reasons.entries.iter().filter(|entry| entry.until.is_none());
    let address = format!("/console/records/{id}");
    let body = html! {
        section.empty.confirm {
            h1 { (title) }
            p #lead { (seat.say("reveal_lead")) }
            @if wanting { p.alert role="alert" { (seat.say("reveal_wanted")) } }
            form.stack method="post" action=(format!("{address}/reveal")) {
                (layout::proof_field(&seat.visitor))
                input type="hidden" name="field" value=(field);
                fieldset aria-describedby="lead" {
                    legend { (seat.say("reveal_reason")) }
                    div.choices { @for entry in offered {
                        label.choice {
                            input type="radio" name="reason" value=(entry.code);
                            (seat.words.code(reasons, &entry.code))
                        }
                    } }
                }
                label for="other" { (seat.say("reveal_other")) }
                input #other name="other" maxlength="200" autocomplete="off" aria-describedby="rule"
                    aria-invalid=[wanting.then_some("true")];
                p.quiet.small #rule { (seat.say("reveal_other_rule")) }
                div.takes {
                    button.primary type="submit" { (seat.say("reveal_show")) }
                    a.button href=(address) { (seat.say("leave_it")) }
                }
            }
        }
    };
    let page: Response = Sheet { place: "", title: &title, scripts: &[], body }.page(seat);
    Ok(page)
}

fn named(id: &str) -> Result<RecordId, Error> {
    id.parse().map_err(|_| Error::refused(FailureCode::NotFound, "no such record"))
}
