//! What is decided over people and phones: first a page that says what it does, then the deed. Nothing changes before
//! somebody confirmed it.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect};
use gridbook_core::id::{DeviceId, PersonId, ScopeId};
use gridbook_core::model::{Role, fits};
use gridbook_core::sync::protocol::FailureCode;
use maud::html;

use super::people::{DEED, PATH};
use crate::admin::Managing;
use crate::console::form::Form;
use crate::console::layout::Sheet;
use crate::console::question::Question;
use crate::console::seat::Seat;
use crate::console::session::Answer;
use crate::error::Error;
use crate::handlers::Shared;

/// A deed: its word in forms, and the keys of its name, of the question, and of what it does.
struct Deed {
    word: &'static str,
    name: &'static str,
    question: &'static str,
    why: &'static str,
}

const DEEDS: [Deed; 8] = [
    Deed { word: "add", name: "deed_add", question: "ask_add", why: "why_add" },
    Deed { word: "grant", name: "deed_grant", question: "ask_grant", why: "why_grant" },
    Deed {
        word: "revoke_grant",
        name: "deed_revoke_grant",
        question: "ask_revoke_grant",
        why: "why_revoke_grant",
    },
    Deed {
        word: "revoke_invites",
        name: "deed_revoke_invites",
        question: "ask_revoke_invites",
        why: "why_revoke_invites",
    },
    Deed {
        word: "revoke_phone",
        name: "deed_revoke_phone",
        question: "ask_revoke_phone",
        why: "why_revoke_phone",
    },
    Deed { word: "release", name: "deed_release", question: "ask_release", why: "why_release" },
    Deed { word: "dismiss", name: "deed_dismiss", question: "ask_dismiss", why: "why_dismiss" },
    Deed { word: "accept_box", name: "deed_accept_box", question: "ask_accept_box", why: "why_accept_box" },
];

/// The fields that a deed may need.
const FIELDS: [&str; 5] = ["person", "name", "role", "scope", "device"];

/// Asks, or does what was confirmed.
pub(crate) async fn deed(State(shared): State<Shared>, seat: Seat, form: Form) -> Answer {
    let deed = DEEDS.iter().find(|deed| deed.word == form.get("deed"));
    let deed = deed.ok_or_else(|| Error::refused(FailureCode::BadRequest, "deed: one that there is"))?;
    if form.get("confirmed") == "1" {
        done(&shared, &seat, deed, &form).await
    } else {
        asked(&shared, &seat, deed, &form).await
    }
}

async fn done(shared: &Shared, seat: &Seat, deed: &Deed, form: &Form) -> Answer {
    let managing = Managing::by(&shared.service, &seat.who);
    let mut person = PersonId::from(form.get("person"));
    let device = DeviceId::from(form.get("device"));
    let scope = ScopeId::from(form.get("scope"));
    let role = Role::from_word(form.get("role"));
    let role = role.ok_or_else(|| Error::refused(FailureCode::BadRequest, "role: one that there is"));
    let mut back = None;
    match deed.word {
        "add" => person = managing.add_person(form.get("name"), role?, &scope).await?,
        "grant" => drop(managing.grant(&person, role?, &scope).await?),
        "revoke_grant" => drop(managing.revoke_grant(&person, role?, &scope).await?),
        "revoke_invites" => drop(managing.revoke_invites(&person).await?),
        "revoke_phone" => drop(managing.revoke_device(&person, &device).await?),
        "release" => managing.release(&person, &device).await?,
        "dismiss" => drop(managing.dismiss(&person).await?),
        _ => {
            managing.accept_box(&person, &device).await?;
            back = Some(format!("{PATH}/box?done={}", deed.word));
        }
    }
    let back = back.unwrap_or_else(|| format!("{PATH}/{person}?done={}", deed.word));
    Ok(Redirect::to(&back).into_response())
}

async fn asked(shared: &Shared, seat: &Seat, deed: &Deed, form: &Form) -> Answer {
    let scope = ScopeId::from(form.get("scope"));
    let role = Role::from_word(form.get("role"));
    let (who, phone, back) = if deed.word == "add" {
        (form.get("name").trim().to_owned(), String::new(), PATH.to_owned())
    } else {
        let view = shared.service.person(&seat.who, &PersonId::from(form.get("person"))).await?;
        let phone = view.phones.iter().find(|phone| phone.id.as_str() == form.get("device"));
        let phone = phone.map(|phone| phone.label.clone()).unwrap_or_default();
        (view.person.name, phone, format!("{PATH}/{}", view.person.id))
    };
    let kind = seat.who.access.known_scopes().find(|known| known.id == scope).map(|scope| scope.kind);
    let misfit = role.zip(kind).is_some_and(|(role, kind)| !fits(role, kind)) && deed.word != "revoke_grant";
    let role_word = role.map(|role| seat.word(&format!("role.{}", role.as_str()))).unwrap_or_default();
    let values = [
        ("who", who.as_str()),
        ("role", role_word),
        ("scope", seat.directory.scope_name(&scope)),
        ("phone", &phone),
    ];
    let title = seat.fill(deed.question, &values);
    if misfit {
        let body = html! {
            section.empty.confirm {
                h1 { (title) }
                p.alert role="alert" { (seat.say("role_does_not_fit")) }
                p { a.button.primary href=(back) { (seat.say("go_back")) } }
            }
        };
        return Ok(Sheet { place: PATH, title: &title, scripts: &[], body }.page(seat));
    }
    let given = FIELDS.into_iter().map(|name| (name, form.get(name))).filter(|(_, value)| !value.is_empty());
    let question = Question {
        place: PATH,
        title: &title,
        says: html! { p { (seat.say(deed.why)) } },
        action: DEED,
        fields: given.chain([("deed", deed.word)]).collect(),
        yes: seat.say(deed.name),
        other: None,
        back: &back,
    };
    Ok(question.page(seat))
}
