//! The choice of a scope, the same in every form.

use gridbook_core::model::Scope;
use maud::{Markup, html};

use super::seat::Seat;

/// A labelled choice of a scope, called `name`; of all of them too, if `any`.
pub(crate) fn scope_choice(
    seat: &Seat,
    name: &str,
    label: &str,
    scopes: &[Scope],
    chosen: &str,
    any: bool,
) -> Markup {
    html! {
        label.inline for=(name) { (label) }
        select id=(name) name=(name) {
            @if any { option value="" selected[chosen.is_empty()] { (seat.say("all")) } }
            (scope_options(scopes, chosen))
        }
    }
}

/// The scopes as the options of a choice.
pub(crate) fn scope_options<'a>(scopes: impl IntoIterator<Item = &'a Scope>, chosen: &str) -> Markup {
    html! { @for one in scopes { option value=(one.id) selected[one.id.as_str() == chosen] { (one.name) } } }
}
