//! One's own account: the second factor, set up with a picture that an authenticator app reads, or taken away.

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};

use crate::console::form::Form;
use crate::console::layout::{self, Sheet};
use crate::console::picture::qr_code;
use crate::console::seat::Seat;
use crate::console::session::Answer;
use crate::handlers::Shared;
use crate::listener::Peer;
use crate::service::{Coded, NewFactor};

/// Where the page is.
pub(crate) const PATH: &str = "/console/account";

/// The page.
pub(crate) async fn show(State(shared): State<Shared>, seat: Seat) -> Answer {
    let on = shared.service.has_second_factor(&seat.who).await?;
    Ok(page(&seat, on, None))
}

/// A new secret as a picture, to be confirmed with a code.
pub(crate) async fn begin(State(shared): State<Shared>, seat: Seat) -> Answer {
    if shared.service.has_second_factor(&seat.who).await? {
        return Ok(Redirect::to(PATH).into_response());
    }
    let factor = shared.service.new_factor(&seat.name);
    Ok(set_up(&seat, &factor, false)?)
}

/// Confirms it.
pub(crate) async fn set(State(shared): State<Shared>, seat: Seat, form: Form) -> Answer {
    let secret = form.get("secret");
    match shared.service.set_second_factor(&seat.who, secret, form.get("code")).await? {
        Coded::Right => Ok(Redirect::to(PATH).into_response()),
        _ => {
            // The same secret once more: the app has it already.
            let NewFactor { secret: new, address } = shared.service.new_factor(&seat.name);
            let factor = NewFactor { secret: secret.to_owned(), address: address.replace(&new, secret) };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, set_up(&seat, &factor, true)?).into_response())
        }
    }
}

/// Takes it away.
pub(crate) async fn remove(
    State(shared): State<Shared>,
    seat: Seat,
    peer: Option<Extension<Peer>>,
    form: Form,
) -> Answer {
    let from = peer.map_or(std::net::IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), |peer| peer.0.0);
    let now = shared.service.surroundings().now();
    match shared.service.remove_second_factor(&seat.who, form.get("code"), from).await? {
        Coded::Right => Ok(Redirect::to(PATH).into_response()),
        Coded::Wrong => {
            let page = page(&seat, true, Some(seat.say("code_wrong").to_owned()));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Coded::Wait(until) => {
            let wait = ((until.0 - now.0).max(0) / 1_000 + 1).to_string();
            let page = page(&seat, true, Some(seat.fill("login_wait", &[("seconds", &wait)])));
            Ok((StatusCode::TOO_MANY_REQUESTS, page).into_response())
        }
    }
}

fn page(seat: &Seat, on: bool, wrong: Option<String>) -> Response {
    let title = seat.say("account");
    let body = html! {
        div.page-head {
            h1 { (title) }
            p.quiet { (seat.name) " · " (seat.who.person) }
        }
        section.stack.narrow aria-labelledby="factor" {
            h2 #factor { (seat.say("factor")) }
            @if let Some(wrong) = &wrong { p.alert role="alert" { (wrong) } }
            @if on {
                p { span.badge { (seat.say("factor_on")) } " " (seat.say("factor_on_lead")) }
                form method="post" action=(format!("{PATH}/factor/remove")) {
                    (layout::proof_field(&seat.visitor))
                    (code_field(seat))
                    button type="submit" { (seat.say("factor_remove")) }
                }
                p.quiet.small { (seat.say("factor_lost")) }
            } @else {
                p { (seat.say("factor_lead")) }
                p { a.button.primary href=(format!("{PATH}/factor")) { (seat.say("factor_set")) } }
            }
        }
    };
    Sheet { place: "", title, scripts: &[], body }.page(seat)
}

fn set_up(seat: &Seat, factor: &NewFactor, wrong: bool) -> crate::Result<Response> {
    let title = seat.say("factor_set");
    let picture = qr_code(&factor.address)?;
    let body = html! {
        section.invitation aria-labelledby="factor" {
            h1 #factor { (title) }
            ol { li { (seat.say("factor_first")) } li { (seat.say("factor_second")) } }
            div.qr role="img" aria-label=(seat.say("factor_picture")) { (picture) }
            p.quiet { (seat.say("factor_typed")) " " span.code #secret { (factor.secret) } }
            @if wrong { p.alert role="alert" { (seat.say("code_wrong")) } }
            form method="post" action=(format!("{PATH}/factor")) {
                (layout::proof_field(&seat.visitor))
                input type="hidden" name="secret" value=(factor.secret);
                (code_field(seat))
                div.takes {
                    button.primary type="submit" { (seat.say("factor_confirm")) }
                    a.button href=(PATH) { (seat.say("leave_it")) }
                }
            }
        }
    };
    Ok(Sheet { place: "", title, scripts: &[], body }.page(seat))
}

fn code_field(seat: &Seat) -> Markup {
    html! {
        label for="code" { (seat.say("code")) }
        input #code name="code" required maxlength="8" inputmode="numeric" autocomplete="one-time-code";
    }
}
