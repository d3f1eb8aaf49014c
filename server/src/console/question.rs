//! The page that asks before something is done: what it does, and the form that sends the same once more, confirmed.
//! Every mutation that nobody could undo asks by it.

use axum::response::Response;
use maud::{Markup, html};

use super::layout::{self, Sheet};
use super::seat::Seat;

/// A question, with what is sent along with the answer.
pub(crate) struct Question<'a> {
    /// The page of the header that it belongs to.
    pub(crate) place: &'a str,
    /// The question itself.
    pub(crate) title: &'a str,
    /// What would happen. It stands inside the form, so that it may ask for more.
    pub(crate) says: Markup,
    /// Where the answer is sent to.
    pub(crate) action: &'a str,
    /// What is sent along.
    pub(crate) fields: Vec<(&'a str, &'a str)>,
    /// The word of the button that confirms.
    pub(crate) yes: &'a str,
    /// Another button, by its name in the form and its word: it sends the same without confirming it.
    pub(crate) other: Option<(&'a str, &'a str)>,
    /// Where who leaves it goes.
    pub(crate) back: &'a str,
}

impl Question<'_> {
    /// The page that asks.
    pub(crate) fn page(&self, seat: &Seat) -> Response {
        let body = html! {
            section.empty.confirm {
                h1 { (self.title) }
                form method="post" action=(self.action) {
                    (layout::proof_field(&seat.visitor))
                    @for (name, value) in &self.fields { input type="hidden" name=(name) value=(value); }
                    (self.says)
                    div.takes {
                        button.primary type="submit" name="confirmed" value="1" { (self.yes) }
                        @if let Some((name, word)) = self.other { button type="submit" name=(name) value="1" { (word) } }
                        a.button href=(self.back) { (seat.say("leave_it")) }
                    }
                }
            }
        };
        Sheet { place: self.place, title: self.title, scripts: &[], body }.page(seat)
    }
}
