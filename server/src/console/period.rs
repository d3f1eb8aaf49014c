//! The grid and the days that a page counts over: read from its address, chosen in its form, carried by its links.

use gridbook_core::clock::Day;
use gridbook_core::id::ScopeId;
use gridbook_core::model::{Kind, Scope};
use maud::{Markup, html};
use serde::Deserialize;

use super::choice::scope_choice;
use super::seat::Seat;
use crate::service::PeriodRequest;

/// What the address names. A day that is none is left out: an address typed by hand leads somewhere.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Period {
    pub(crate) grid: String,
    pub(crate) from: String,
    pub(crate) to: String,
}

impl Period {
    /// What is asked for; a month stands for its first day.
    pub(crate) fn request(&self) -> PeriodRequest {
        let day = |text: &str| text.parse().or_else(|_| format!("{text}-01").parse()).ok();
        let grid = Some(ScopeId(self.grid.clone())).filter(|grid| !grid.as_str().is_empty());
        PeriodRequest { grid, from: day(&self.from), to: day(&self.to) }
    }

    /// The form that chooses, in days or in whole months.
    pub(crate) fn form(
        &self,
        seat: &Seat,
        path: &str,
        grids: &[Scope],
        days: (Day, Day),
        months: bool,
    ) -> Markup {
        let (kind, length) = if months { ("month", 7) } else { ("date", 10) };
        let text = |day: Day| day.to_string()[..length].to_owned();
        html! {
            form.pick method="get" action=(path) {
                @if grids.len() > 1 {
                    (scope_choice(seat, "grid", seat.word("field.grid"), grids, &self.grid, true))
                }
                span.pair {
                    label.inline for="from" { (seat.say("period_from")) }
                    input #from type=(kind) name="from" value=(text(days.0));
                }
                span.pair {
                    label.inline for="to" { (seat.say("period_to")) }
                    input #to type=(kind) name="to" value=(text(days.1));
                }
                button type="submit" { (seat.say("show")) }
            }
        }
    }
}

/// The address of the records behind a number.
pub(crate) fn behind(grid: &str, kind: Kind, days: (Day, Day), code: Option<(&str, &str)>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("grid", grid).append_pair("kind", kind.as_str());
    query.append_pair("from", &days.0.to_string()).append_pair("to", &days.1.to_string());
    if let Some((field, code)) = code {
        query.append_pair("field", field).append_pair("code", code);
    }
    format!("/console/records?{}", query.finish())
}

/// A number that leads to its records; nought leads nowhere.
pub(crate) fn counted(count: u64, address: &str) -> Markup {
    html! { @if count > 0 { a href=(address) { (count) } } @else { span.quiet { "0" } } }
}
