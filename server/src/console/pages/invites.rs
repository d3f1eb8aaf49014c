//! An invitation on the screen: the picture that a new phone reads, shown once.

use axum::extract::{Path, State};
use gridbook_core::id::{DeviceId, PersonId};
use gridbook_core::sync::protocol::FailureCode;
use maud::html;

use super::people::PATH;
use crate::admin::{Managing, told};
use crate::console::form::Form;
use crate::console::layout::Sheet;
use crate::console::picture::qr_code;
use crate::console::seat::Seat;
use crate::console::session::Answer;
use crate::error::Error;
use crate::handlers::Shared;

/// Makes an invitation and shows it.
pub(crate) async fn make(
    State(shared): State<Shared>,
    seat: Seat,
    Path(id): Path<String>,
    form: Form,
) -> Answer {
    let person = PersonId(id);
    let days = form.get("days").parse();
    let days = days.map_err(|_| Error::refused(FailureCode::BadRequest, "days: a number"))?;
    let replaces = Some(DeviceId::from(form.get("replaces"))).filter(|old| !old.as_str().is_empty());
    let address = form.get("address").trim().trim_end_matches('/');
    let managing = Managing::by(&shared.service, &seat.who);
    let view = shared.service.person(&seat.who, &person).await?;
    // Nothing is made for an address that no phone could reach.
    gridbook_core::sync::invitation::Invitation::new(address, "check")
        .map_err(|_| Error::refused(FailureCode::BadRequest, "address: where phones reach this server"))?;
    let invitation = managing.invite(&person, days, replaces.as_ref()).await?;
    let pins: &[_] = if address.starts_with("https://") { &shared.reach.pins } else { &[] };
    let payload = invitation.pinned_payload(address, pins).map_err(told)?;
    let title = seat.fill("invitation_for", &[("who", &view.person.name)]);
    let body = html! {
        section.invitation aria-labelledby="invitation" {
            h1 #invitation { (title) }
            div.qr role="img" aria-label=(seat.say("invitation_picture")) { (qr_code(&payload)?) }
            ol { @for key in ["invitation_first", "invitation_second", "invitation_third"] { li { (seat.say(key)) } } }
            dl.fields {
                dt { (seat.say("invitation_code")) } dd.code { (invitation.secret) }
                dt { (seat.say("invite_address")) } dd { (address) }
                dt { (seat.say("invitation_until")) } dd { (seat.moment(invitation.expires)) }
            }
            p.alert { (seat.say("invitation_once")) }
            details.no-print {
                summary { (seat.say("invitation_text")) }
                p.code #payload { (payload) }
            }
            p.no-print { a.button.primary href=(format!("{PATH}/{person}")) { (seat.say("invitation_done")) } }
        }
    };
    Ok(Sheet { place: PATH, title: &title, scripts: &[], body }.page(&seat))
}
