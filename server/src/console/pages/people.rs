//! 人员与设备: who works in the reader's grids with which phone, and one of them with what may be decided.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, header};
use gridbook_core::id::{PersonId, ScopeId};
use gridbook_core::model::{Action, Role, Scope, ScopeKind};
use maud::{Markup, html};
use serde::Deserialize;

use crate::console::choice::{scope_choice, scope_options};
use crate::console::layout::{self, Sheet, empty};
use crate::console::seat::Seat;
use crate::console::session::Answer;
use crate::db::Device;
use crate::handlers::Shared;
use crate::service::{PeopleRequest, PersonView};

/// Where the page is.
pub(crate) const PATH: &str = "/console/people";
/// Where the box is.
pub(crate) const BOX: &str = "/console/people/box";
/// Where all that is decided here is sent to.
pub(crate) const DEED: &str = "/console/people/deed";

/// What was done, and what the page says of it.
const DONE: [(&str, &str); 8] = [
    ("add", "done_add"),
    ("grant", "done_grant"),
    ("revoke_grant", "done_revoke_grant"),
    ("revoke_invites", "done_revoke_invites"),
    ("revoke_phone", "done_revoke_phone"),
    ("release", "done_release"),
    ("dismiss", "done_dismiss"),
    ("accept_box", "done_accept_box"),
];

/// Which people.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    scope: String,
    name: String,
    after: String,
}

/// What was just done.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Done {
    done: String,
}

impl Done {
    /// What a page says of it.
    pub(crate) fn line(&self, seat: &Seat) -> Markup {
        let key = DONE.iter().find(|(word, _)| *word == self.done).map(|(_, key)| *key);
        html! { @if let Some(key) = key { p.done role="status" { (seat.say(key)) } } }
    }
}

/// The page.
pub(crate) async fn show(State(shared): State<Shared>, seat: Seat, Query(wanted): Query<Wanted>) -> Answer {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let request = PeopleRequest {
        scope: some(&wanted.scope).map(ScopeId),
        name: wanted.name.clone(),
        after: some(&wanted.after).map(PersonId),
    };
    let found = shared.service.people(&seat.who, &request).await?;
    let now = shared.service.surroundings().now();
    let title = seat.say("people");
    let managed = managed_scopes(&seat);
    let body = html! {
        div.page-head {
            h1 { (title) }
            p.quiet { (seat.say("people_lead")) }
        }
        div.turner {
            (search(&seat, &wanted))
            nav aria-label=(seat.say("people_ways")) {
                @if !seat.who.access.serving(Action::HandOver).is_empty() {
                    a.button href="/console/hand-over" { (seat.say("hand_over")) }
                }
                a.button href=(BOX) { (seat.say("box")) }
            }
        }
        @if found.people.is_empty() {
            (empty(seat.say("no_people"), seat.say("no_people_advice")))
        } @else {
            div.scroll tabindex="0" role="region" aria-label=(title) { (table(&seat, &found.people, now)) }
        }
        @if let Some(next) = &found.next {
            p { a.button href=(format!("{PATH}?{}", query(&wanted, next))) { (seat.say("more_people")) } }
        }
        @if !managed.is_empty() { (add(&seat, &managed)) }
    };
    Ok(Sheet { place: PATH, title, scripts: &[], body }.page(&seat))
}

fn query(wanted: &Wanted, next: &PersonId) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let pairs = [("scope", wanted.scope.as_str()), ("name", &wanted.name), ("after", next.as_str())];
    query.extend_pairs(pairs.into_iter().filter(|(_, value)| !value.is_empty())).finish()
}

/// One person.
pub(crate) async fn one(
    State(shared): State<Shared>,
    seat: Seat,
    Path(id): Path<String>,
    Query(done): Query<Done>,
    headers: HeaderMap,
) -> Answer {
    let view = shared.service.person(&seat.who, &PersonId(id)).await?;
    let now = shared.service.surroundings().now();
    let asked = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let scheme = if seat.visitor.secure { "https" } else { "http" };
    let address = shared.reach.address.clone().unwrap_or_else(|| format!("{scheme}://{asked}"));
    let title = view.person.name.clone();
    let body = html! {
        div.page-head {
            h1 { (title) }
            p.quiet { (view.person.id) }
        }
        (done.line(&seat))
        div.columns {
            section aria-labelledby="roles" {
                h2 #roles { (seat.say("roles")) }
                (roles(&seat, &view))
            }
            section aria-labelledby="phones" {
                h2 #phones { (seat.say("phones")) }
                @if view.phones.is_empty() {
                    (empty(seat.say("no_phone"), seat.say(if view.equipped { "no_phone_advice" } else { "not_managed_advice" })))
                }
                ul.cards { @for phone in &view.phones { (phone_card(&seat, &view, phone, now)) } }
                @if view.console { p.quiet { (seat.say("has_console")) } }
                @if view.equipped && !view.grants.is_empty() { (invite(&seat, &view, &address)) }
            }
        }
        @if view.managed && view.person.id != seat.who.person && has_something(&view) {
            section.danger aria-labelledby="dismiss" {
                h2 #dismiss { (seat.say("deed_dismiss")) }
                p { (seat.say("why_dismiss")) }
                (deed(&seat, "dismiss", &view.person.id, &[], seat.say("deed_dismiss")))
            }
        }
        p { a href=(PATH) { (seat.say("back_to_people")) } }
    };
    Ok(Sheet { place: PATH, title: &title, scripts: &[], body }.page(&seat))
}

fn has_something(view: &PersonView) -> bool {
    view.console || !view.grants.is_empty() || view.phones.iter().any(|phone| phone.revoked.is_none())
}

/// The scopes in which the reader decides over people.
fn managed_scopes(seat: &Seat) -> Vec<Scope> {
    let serving = seat.who.access.serving(Action::Manage);
    seat.who.access.scopes_where(|scope| serving.contains(&scope.id))
}

fn search(seat: &Seat, wanted: &Wanted) -> Markup {
    let scopes = seat.who.access.scopes_where(|scope| seat.leads(&scope.id));
    html! {
        form.pick method="get" action=(PATH) {
            span.pair {
                (scope_choice(seat, "scope", seat.word("field.scope"), &scopes, &wanted.scope, true))
            }
            span.pair {
                label.inline for="name" { (seat.say("person_name")) }
                input #name name="name" value=(wanted.name) maxlength="60" autocomplete="off";
            }
            button type="submit" { (seat.say("show")) }
        }
    }
}

fn table(seat: &Seat, people: &[PersonView], now: gridbook_core::clock::Instant) -> Markup {
    html! {
        table.people {
            thead { tr {
                th scope="col" { (seat.say("person_name")) }
                th scope="col" { (seat.say("roles")) }
                th scope="col" { (seat.say("phones")) }
            } }
            tbody { @for view in people { tr {
                th scope="row" { a href=(format!("{PATH}/{}", view.person.id)) { (view.person.name) } }
                td {
                    @if view.grants.is_empty() { span.quiet { (seat.say("no_role")) } }
                    @for grant in &view.grants {
                        span.chip { (seat.word(&format!("role.{}", grant.role.as_str()))) " · " (seat.directory.scope_name(&grant.scope)) } " "
                    }
                    @if view.console { span.chip { (seat.say("console_chip")) } }
                }
                td {
                    @let working: Vec<&Device> = view.phones.iter().filter(|phone| phone.revoked.is_none()).collect();
                    @if working.is_empty() { span.quiet.none { "—" } }
                    @for phone in working { div.phone-line {
                        (phone.label) " " span.quiet { (contact(seat, phone, now)) } (refused(seat, view, phone))
                    } }
                }
            } } }
        }
    }
}

/// When a phone was last in touch, to the hour, with which app, and what stayed on it: facts, so that somebody may ask
/// whether help is needed.
fn contact(seat: &Seat, phone: &Device, now: gridbook_core::clock::Instant) -> String {
    let Some(contact) = &phone.contact else { return seat.say("contact_never").to_owned() };
    let days = phone.silent_days(seat.zone, now);
    let when = if days < 1 {
        seat.fill("contact_today", &[("at", &seat.time(contact.at))])
    } else {
        seat.fill("contact_at", &[("at", &seat.moment(contact.at)), ("days", &days.to_string())])
    };
    let app = seat.fill("app_version", &[("app", contact.app.as_deref().unwrap_or("—"))]);
    let unsent = match contact.unsent {
        None => seat.say("unsent_untold").to_owned(),
        Some(0) => seat.say("unsent_none").to_owned(),
        Some(n) => seat.fill("unsent_n", &[("n", &n.to_string())]),
    };
    [when, app, unsent].join(" · ")
}

/// How many of a phone's changes were refused, and the way to them.
fn refused(seat: &Seat, view: &PersonView, phone: &Device) -> Markup {
    html! { @if let Some(count) = view.refused.get(&phone.id) {
        " " a.small href=(format!("{BOX}?phone={}", phone.id)) { (seat.fill("refused_n", &[("n", &count.to_string())])) }
    } }
}

fn roles(seat: &Seat, view: &PersonView) -> Markup {
    let managed = managed_scopes(seat);
    html! {
        @if view.grants.is_empty() { (empty(seat.say("no_role"), seat.say("no_role_advice"))) }
        ul.cards { @for grant in &view.grants { li {
            span {
                b { (seat.word(&format!("role.{}", grant.role.as_str()))) } " "
                (seat.directory.scope_name(&grant.scope))
            }
            @let own = view.person.id == seat.who.person && grant.role == Role::Administrator;
            @if managed.iter().any(|scope| scope.id == grant.scope) && !own {
                (deed(seat, "revoke_grant", &view.person.id,
                    &[("role", grant.role.as_str()), ("scope", grant.scope.as_str())], seat.say("deed_revoke_grant")))
            }
        } } }
        @if !managed.is_empty() {
            form.stack method="post" action=(DEED) {
                (layout::proof_field(&seat.visitor))
                h3 { (seat.say("deed_grant")) }
                input type="hidden" name="person" value=(view.person.id);
                (role_and_scope(seat, &managed))
                button type="submit" name="deed" value="grant" { (seat.say("deed_grant")) }
            }
        }
    }
}

fn role_and_scope(seat: &Seat, scopes: &[Scope]) -> Markup {
    html! {
        label for="role" { (seat.say("role")) }
        select #role name="role" { @for role in [Role::Worker, Role::Lead, Role::Member, Role::Administrator, Role::Auditor] {
            option value=(role.as_str()) { (seat.word(&format!("role.{}", role.as_str()))) }
        } }
        label for="where" { (seat.word("field.scope")) }
        select #where name="scope" {
            @for kind in [ScopeKind::Grid, ScopeKind::TaskGroup, ScopeKind::Community] {
                optgroup label=(seat.word(&format!("scope_kind.{}", kind.as_str()))) {
                    (scope_options(scopes.iter().filter(|scope| scope.kind == kind), ""))
                }
            }
        }
    }
}

fn phone_card(seat: &Seat, view: &PersonView, phone: &Device, now: gridbook_core::clock::Instant) -> Markup {
    let fields = [("device", phone.id.as_str())];
    html! {
        li {
            div {
                b { (phone.label) } " "
                @match phone.revoked {
                    Some(at) => span.badge.returned { (seat.fill("revoked_at", &[("at", &seat.moment(at))])) },
                    None => span.quiet { (contact(seat, phone, now)) },
                }
                br;
                span.quiet.small { (seat.fill("enrolled_at", &[("at", &seat.moment(phone.enrolled))])) " · " (phone.id) }
                (refused(seat, view, phone))
            }
            @if view.equipped {
                div.takes {
                    @if view.managed { (deed(seat, "release", &view.person.id, &fields, seat.say("deed_release"))) }
                    @if phone.revoked.is_none() {
                        (deed(seat, "revoke_phone", &view.person.id, &fields, seat.say("deed_revoke_phone")))
                    }
                }
            }
        }
    }
}

fn invite(seat: &Seat, view: &PersonView, address: &str) -> Markup {
    html! {
        form.stack method="post" action=(format!("{PATH}/{}/invite", view.person.id)) {
            (layout::proof_field(&seat.visitor))
            h3 { (seat.say("invite")) }
            label for="days" { (seat.say("invite_days")) }
            select #days name="days" { @for days in [1, 3, 7, 30] { option value=(days) selected[days == 7] { (days) } } }
            label for="replaces" { (seat.say("invite_replaces")) }
            select #replaces name="replaces" {
                option value="" { (seat.say("invite_replaces_none")) }
                @for phone in view.phones.iter().filter(|phone| phone.revoked.is_none()) {
                    option value=(phone.id) { (phone.label) }
                }
            }
            label for="address" { (seat.say("invite_address")) }
            input #address name="address" value=(address) required maxlength="200" autocomplete="off" inputmode="url";
            button.primary type="submit" { (seat.say("invite_make")) }
        }
        (deed(seat, "revoke_invites", &view.person.id, &[], seat.say("deed_revoke_invites")))
    }
}

fn add(seat: &Seat, scopes: &[Scope]) -> Markup {
    html! {
        section.narrow aria-labelledby="add" {
            h2 #add { (seat.say("deed_add")) }
            form.stack method="post" action=(DEED) {
                (layout::proof_field(&seat.visitor))
                label for="new-name" { (seat.say("person_name")) }
                input #new-name name="name" required maxlength="60" autocomplete="off";
                (role_and_scope(seat, scopes))
                button type="submit" name="deed" value="add" { (seat.say("deed_add")) }
            }
        }
    }
}

/// A button that leads to the page on which a deed is confirmed.
pub(crate) fn deed(
    seat: &Seat,
    word: &str,
    person: &PersonId,
    fields: &[(&str, &str)],
    says: &str,
) -> Markup {
    html! {
        form.deed method="post" action=(DEED) {
            (layout::proof_field(&seat.visitor))
            input type="hidden" name="person" value=(person);
            @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
            button type="submit" name="deed" value=(word) { (says) }
        }
    }
}
