//! One record in a list: what it says in a few lines, where it stands, the marks on it, and the form that answers it.
//! The diary's pages and the queue are made of these.

use gridbook_core::clock::Day;
use gridbook_core::model::{Action, Content, Mark, Reading, Tags, Visit, dictionary};
use maud::{Markup, html};

use super::layout;
use super::seat::Seat;
use crate::service::{Entry, Given};

/// How an entry is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// On its day's page, where day and grid are said above.
    OnItsDay,
    /// Among others.
    Alone,
    /// In a household's timeline: to be read.
    InTimeline,
    /// For the printer.
    Paper,
}

/// The entry as an article of its own, which a script may replace.
pub(crate) fn article(seat: &Seat, entry: &Entry, manner: Manner, back: &str) -> Markup {
    let id = format!("r{}", entry.id);
    let may_mark = seat.may(&entry.scope, entry.kind, Action::Review) && !entry.voided;
    html! {
        article.entry.waits[entry.reading.waits()] id=(id) tabindex="-1" aria-labelledby=(format!("{id}-head")) {
            header id=(format!("{id}-head")) {
                @match manner {
                    Manner::Alone => span.where { (entry.day) " " (seat.directory.scope_name(&entry.scope)) },
                    Manner::InTimeline => span.where { (entry.day) },
                    _ => "",
                }
                time { (seat.time(entry.at)) }
                span.chip { (seat.word(&format!("kind.{}", entry.kind))) }
                strong { (title(seat, entry)) }
                span.author { (seat.directory.person_name(&entry.author)) }
                @if Reading::KINDS.contains(&entry.kind) { (state(seat, entry.reading)) }
                @if entry.voided { span.badge.returned { (seat.word("field.voided")) } }
                @if entry.conflicts > 0 { span.badge.unread { (seat.say("conflicts")) } }
            }
            div.says { (says(seat, entry)) }
            @if !entry.marks.is_empty() {
                (thread(seat, &entry.marks, Some(back).filter(|_| may_mark && manner != Manner::Paper)))
            }
            @if manner != Manner::Paper {
                footer {
                    @if may_mark && manner != Manner::InTimeline { (answer(seat, entry, back)) }
                    a.open href=(format!("/console/records/{}", entry.id)) { (seat.say("open_record")) }
                }
            }
        }
    }
}

/// The badge of where a record stands.
pub(crate) fn state(seat: &Seat, reading: Reading) -> Markup {
    let word = reading.as_str();
    html! { span class=(format!("badge {word}")) { (seat.say(&format!("reading_{word}"))) } }
}

/// The marks on a record, oldest first. Where the reader may mark it and so comes `back` to, they may take their own back.
pub(crate) fn thread(seat: &Seat, marks: &[Given], back: Option<&str>) -> Markup {
    html! {
        ul.marks { @for one in marks {
            li class=[(!one.current).then_some("past")] {
                b { (mark_word(seat, one.mark)) } " "
                (seat.directory.person_name(&one.by)) " "
                time { (seat.moment(one.at)) }
                @if !one.note.is_empty() { " " q { (one.note) } }
                @if !one.current { " " span.quiet { (seat.say("mark_of_earlier")) } }
                @if let Some(back) = back.filter(|_| one.current && one.by == seat.who.person) {
                    form.undo.no-print method="post" action="/console/diary/take-back" {
                        (layout::proof_field(&seat.visitor))
                        input type="hidden" name="back" value=(back);
                        button.plain type="submit" name="review" value=(one.id) { (seat.say("take_back")) }
                    }
                }
            }
        } }
    }
}

/// What screens call a mark.
pub(crate) fn mark_word(seat: &Seat, mark: Mark) -> String {
    seat.words.code(dictionary::named("review_mark"), mark_code(mark))
}

/// The code of a mark in forms.
pub(crate) fn mark_code(mark: Mark) -> &'static str {
    match mark {
        Mark::Seen => "seen",
        Mark::Returned => "returned",
        Mark::Approved => "approved",
    }
}

/// The form that marks a record at the version that is shown.
pub(crate) fn answer(seat: &Seat, entry: &Entry, back: &str) -> Markup {
    let note = format!("n{}", entry.id);
    html! {
        form.answer method="post" action="/console/diary/mark" data-entry=(format!("r{}", entry.id)) {
            (layout::proof_field(&seat.visitor))
            input type="hidden" name="record" value=(entry.id);
            input type="hidden" name="version" value=(entry.version);
            input type="hidden" name="back" value=(back);
            label.inline for=(note) { (seat.word("field.review_note")) }
            input.note id=(note) name="note" maxlength="2000" autocomplete="off";
            @for mark in [Mark::Seen, Mark::Approved, Mark::Returned] {
                button type="submit" name="mark" value=(mark_code(mark)) { (mark_word(seat, mark)) }
            }
        }
    }
}

/// What a list calls the record.
pub(crate) fn title(seat: &Seat, entry: &Entry) -> String {
    match &entry.content {
        Content::Visit(visit) => {
            let outcome =
                visit.outcome.map(|outcome| coded(seat, "visit_outcome", &outcome)).unwrap_or_default();
            let dwelling =
                entry.dwelling.clone().unwrap_or_else(|| seat.say("household_elsewhere").to_owned());
            joined([dwelling, outcome])
        }
        Content::Diary(diary) => seat.words.code(dictionary::named("diary_category"), &diary.category),
        Content::Outreach(outreach) => {
            let form = outreach.form.map(|form| coded(seat, "outreach_form", &form)).unwrap_or_default();
            let reached = seat.fill("reached", &[("n", &outreach.reached.to_string())]);
            joined([form, outreach.place.clone(), reached])
        }
        Content::Household(household) => {
            household.dwelling.as_ref().map(ToString::to_string).unwrap_or_default()
        }
        Content::Checklist(list) => list.title.clone(),
        Content::Template(template) => template.title.clone(),
        _ => String::new(),
    }
}

fn says(seat: &Seat, entry: &Entry) -> Markup {
    match &entry.content {
        Content::Visit(visit) => visit_says(seat, visit),
        Content::Diary(diary) => html! {
            p.text { (diary.text) }
            @if diary.needs_follow_up {
                p.facts { span.chip { (seat.word(if diary.done { "field.done" } else { "field.needs_follow_up" })) } }
            }
        },
        Content::Outreach(outreach) => html! {
            @if !outreach.note.is_empty() { p.text { (outreach.note) } }
            p.facts { (tags(seat, "fraud_type", &outreach.fraud_types)) }
        },
        other => html! { p.text { (other.written()) } },
    }
}

fn visit_says(seat: &Seat, visit: &Visit) -> Markup {
    html! {
        @if !visit.note.is_empty() { p.text { (visit.note) } }
        @if !visit.requests.is_empty() { p.text { b { (seat.word("field.requests")) "：" } (visit.requests) } }
        p.facts {
            (tags(seat, "visit_purpose", &visit.purposes))
            @if !visit.hazards.0.is_empty() { span.warn { (tags(seat, "hazard", &visit.hazards)) } }
            @if let Some(Day(day)) = visit.next_visit { span.quiet { (seat.word("field.next_visit")) " " (day) } }
        }
    }
}

/// The words of a set of codes.
pub(crate) fn tags(seat: &Seat, dictionary: &str, tags: &Tags) -> Markup {
    let dictionary = dictionary::named(dictionary);
    html! { @for code in &tags.0 { span.chip { (seat.words.code(dictionary, code)) } " " } }
}

/// The word of a value that serialises as a code.
pub(crate) fn coded(seat: &Seat, dictionary: &str, value: &impl serde::Serialize) -> String {
    let code = serde_json::to_value(value).ok();
    let code = code.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
    seat.words.code(dictionary::named(dictionary), code)
}

fn joined(parts: impl IntoIterator<Item = String>) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}
