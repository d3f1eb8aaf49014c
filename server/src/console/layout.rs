//! The frame around every page: header, navigation, main, footer; and the plain frame of who is not logged in.

use axum::response::{IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};

use super::assets;
use super::failure::Failed;
use super::form;
use super::login;
use super::seat::{Seat, Visitor};

/// The pages of the header: address, the key of their word. Only pages that exist stand here.
const PAGES: &[(&str, &str)] = &[
    ("/console", "nav_today"),
    ("/console/diary", "nav_diary"),
    ("/console/visits", "nav_visits"),
    ("/console/fraud", "nav_fraud"),
    ("/console/figures", "nav_figures"),
    ("/console/lists", "lists"),
    ("/console/ledgers", "ledger"),
    ("/console/people", "nav_people"),
];

/// What a page puts into the frame.
pub(crate) struct Sheet<'a> {
    /// The page of the header that it belongs to, by its address; `""` for none.
    pub(crate) place: &'a str,
    /// Its title, for the window and for who cannot see.
    pub(crate) title: &'a str,
    /// Its scripts, by name of file.
    pub(crate) scripts: &'a [&'a str],
    /// What stands in `main`, its heading included.
    pub(crate) body: Markup,
}

impl Sheet<'_> {
    /// The whole page.
    pub(crate) fn page(&self, seat: &Seat) -> Response {
        let words = seat.words;
        let header = html! {
            header.masthead {
                a.brand href=(login::HOME) {
                    img src=(assets::address("mark.svg")) alt="" width="28" height="28";
                    span.brand-name { (words.say("name")) }
                    span.community { (seat.community) }
                }
                nav aria-label=(words.say("navigation")) {
                    ul { @for (path, key) in PAGES {
                        li { a href=(path) aria-current=[(*path == self.place).then_some("page")] { (words.say(key)) } }
                    } }
                }
                div.who {
                    (switches(&seat.visitor))
                    form method="post" action="/console/logout" {
                        (proof_field(&seat.visitor))
                        a.person href="/console/account" title=(words.say("account")) { (seat.name) }
                        button.plain type="submit" { (words.say("logout")) }
                    }
                }
            }
        };
        document(&seat.visitor, self.title, self.scripts, &header, &self.body)
    }
}

/// The frame of who is not logged in.
pub(crate) fn bare(visitor: &Visitor, title: &str, body: &Markup) -> Response {
    let header = html! {
        header.masthead {
            span.brand {
                img src=(assets::address("mark.svg")) alt="" width="28" height="28";
                span.brand-name { (visitor.words.say("name")) }
            }
            div.who { (switches(visitor)) }
        }
    };
    document(visitor, title, &[], &header, body)
}

/// A failure before anybody is known.
pub(crate) fn failure_page(visitor: &Visitor, failed: &Failed) -> Response {
    let body = failure_text(visitor, failed);
    (failed.status(), bare(visitor, failed.title(visitor.words), &body)).into_response()
}

/// A failure of a page.
pub(crate) fn failure_in_frame(seat: &Seat, failed: &Failed) -> Response {
    let title = failed.title(seat.words);
    let body = failure_text(&seat.visitor, failed);
    let page = Sheet { place: "", title, scripts: &[], body }.page(seat);
    (failed.status(), page).into_response()
}

fn failure_text(visitor: &Visitor, failed: &Failed) -> Markup {
    let words = visitor.words;
    html! {
        section.empty {
            h1 { (failed.title(words)) }
            p { (failed.advice(words)) }
            p { a.button href=(login::HOME) { (words.say("to_first_page")) } }
        }
    }
}

/// The hidden field that every form carries.
pub(crate) fn proof_field(visitor: &Visitor) -> Markup {
    html! { input type="hidden" name=(form::PROOF) value=(visitor.proof()); }
}

/// What stands where there is nothing yet: a heading, and what to do.
pub(crate) fn empty(title: &str, advice: &str) -> Markup {
    html! { div.empty { p.empty-title { (title) } p { (advice) } } }
}

fn switches(visitor: &Visitor) -> Markup {
    let words = visitor.words;
    let language = if words.tag() == "en" { "zh" } else { "en" };
    let (size, size_text) =
        if visitor.large { ("normal", words.say("text_normal")) } else { ("large", words.say("text_large")) };
    html! {
        form.switch method="post" action="/console/settings" {
            (proof_field(visitor))
            input type="hidden" name="back" value=(visitor.asked);
            input type="hidden" name="set" value="language";
            button.plain type="submit" name="to" value=(language) lang=(language) { (words.say("switch_language")) }
        }
        form.switch method="post" action="/console/settings" {
            (proof_field(visitor))
            input type="hidden" name="back" value=(visitor.asked);
            input type="hidden" name="set" value="text";
            button.plain type="submit" name="to" value=(size) { (size_text) }
        }
    }
}

fn document(visitor: &Visitor, title: &str, scripts: &[&str], header: &Markup, body: &Markup) -> Response {
    let words = visitor.words;
    let page = html! {
        (DOCTYPE)
        html lang=(words.tag()) class=[visitor.large.then_some("large")] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light";
                meta name="gridbook-csrf" content=(visitor.proof());
                title { (title) " · " (words.say("name")) }
                link rel="icon" href=(assets::address("mark.svg")) type="image/svg+xml";
                link rel="stylesheet" href=(assets::address("console.css"));
                link rel="stylesheet" href=(assets::address("print.css")) media="print";
                @for script in scripts { script src=(assets::address(script)) defer {} }
            }
            body {
                a.skip href="#main" { (words.say("skip")) }
                (header)
                main #main tabindex="-1" { (body) }
                p #said .said role="status" aria-live="polite"
                    data-lost=(words.say("connection_lost")) data-unsent=(words.say("note_unsent")) {}
            }
        }
    };
    axum::response::Html(page.into_string()).into_response()
}
