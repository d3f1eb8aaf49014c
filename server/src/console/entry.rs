//! One record in a list: what it says in a few lines, where it stands, the marks on it, and the form that answers it.
//! The diary's pages and the queue are made of these.

use std::borrow::Cow;

use gridbook_core::clock::Day;
use gridbook_core::model::{Action, Content, Mark, Reading, Tags, Visit, dictionary};
use maud::{Markup, html};

use super::layout;
use super::seat::Seat;
use super::values::brief;
use crate::service::{Entry, Given};

/// Characters of a code in a list; those of the dictionaries are shorter, others are whatever a phone sent.
const CODE: usize = 40;

/// How an entry is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// On its day's page, where day and grid are said above.
    OnItsDay,
    /// Among others.
    Alone,
    /// In a household's timeline: to be read.
    InTimeline,
}

/// How much of each record there is room for on a page.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    /// Characters of a title.
    title: usize,
    /// Characters of each text and each mark's note.
    text: usize,
    /// Codes of a set.
    codes: usize,
    /// Marks, the latest.
    marks: usize,
}

impl Room {
    /// On paper everything is there.
    pub(crate) const PAPER: Room =
        Room { title: usize::MAX, text: usize::MAX, codes: usize::MAX, marks: usize::MAX };

    /// Bytes that the texts of a list may take: what is left of 150 kB beside everything else in it.
    const TEXTS: usize = 30_000;
    /// The lengths to which texts are shortened, until they fit; the last one always does.
    const LENGTHS: [usize; 7] = [2_000, 1_000, 600, 400, 300, 200, 100];

    /// In a list every text is whole as long as all fit on the page, and shortened alike where they do not: the record
    /// is a step away.
    pub(crate) fn of(entries: &[Entry]) -> Self {
        let mut room = Room { title: 60, text: 0, codes: 5, marks: 2 };
        for length in Self::LENGTHS {
            room.text = length;
            let sizes =
                entries.iter().flat_map(|entry| texts(entry, room)).map(|text| size(&brief(&text, length)));
            if sizes.sum::<usize>() <= Self::TEXTS {
                break;
            }
        }
        room
    }
}

/// Everything that an entry tells in running words.
fn texts(entry: &Entry, room: Room) -> Vec<Cow<'_, str>> {
    let mut texts: Vec<Cow<'_, str>> = match &entry.content {
        Content::Visit(visit) => vec![visit.note.as_str().into(), visit.requests.as_str().into()],
        Content::Diary(diary) => vec![diary.text.as_str().into()],
        Content::Outreach(outreach) => vec![outreach.note.as_str().into()],
        other => vec![other.written().into()],
    };
    texts.extend(latest(&entry.marks, room).iter().map(|mark| Cow::from(&mark.note)));
    texts
}

/// How many bytes a text takes on a page.
fn size(text: &str) -> usize {
    text.chars().map(|c| if matches!(c, '<' | '>' | '&' | '"') { 6 } else { c.len_utf8() }).sum()
}

fn latest(marks: &[Given], room: Room) -> &[Given] {
    &marks[marks.len().saturating_sub(room.marks)..]
}

/// The latest marks, in short.
fn in_short(marks: &[Given], room: Room) -> Vec<Given> {
    let short = |one: &Given| Given { note: brief(&one.note, room.text).into_owned(), ..one.clone() };
    latest(marks, room).iter().map(short).collect()
}

/// The entry as an article of its own, which a script may replace.
pub(crate) fn article(seat: &Seat, entry: &Entry, manner: Manner, room: Room, back: &str) -> Markup {
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
                strong { (brief(&title(seat, entry), room.title)) }
                span.author { (seat.directory.person_name(&entry.author)) }
                @if Reading::KINDS.contains(&entry.kind) { (state(seat, entry.reading)) }
                @if entry.voided { span.badge.returned { (seat.word("field.voided")) } }
                @if entry.conflicts > 0 { span.badge.unread { (seat.say("conflicts")) } }
            }
            div.says { (says(seat, entry, room)) }
            @if !entry.marks.is_empty() {
                (thread(seat, &in_short(&entry.marks, room), Some(back).filter(|_| may_mark)))
            }
            footer {
                @if may_mark && manner != Manner::InTimeline { (answer(seat, entry, back)) }
                a.open href=(format!("/console/records/{}", entry.id)) { (seat.say("open_record")) }
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
    html! { ul.marks { @for one in marks { (mark(seat, one, back)) } } }
}

/// One line of the thread.
pub(crate) fn mark(seat: &Seat, one: &Given, back: Option<&str>) -> Markup {
    html! {
        li class=[(!one.current).then_some("past")] {
            b { (mark_word(seat, one.mark)) } " "
            (seat.directory.person_name(&one.by)) " "
            time { (seat.moment(one.at)) }
            @if !one.note.is_empty() { " " q { (one.note) } }
            @if !one.current { " " span.quiet { (seat.say("mark_of_earlier")) } }
            @if let Some(back) = back.filter(|_| one.by == seat.who.person) {
                form.undo.no-print method="post" action="/console/diary/take-back" {
                    (layout::proof_field(&seat.visitor))
                    input type="hidden" name="back" value=(back);
                    button.plain type="submit" name="review" value=(one.id) { (seat.say("take_back")) }
                }
            }
        }
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

/// What a record says in a few lines.
pub(crate) fn says(seat: &Seat, entry: &Entry, room: Room) -> Markup {
    let text = |text: &str| html! { @if !text.is_empty() { p.text { (brief(text, room.text)) } } };
    match &entry.content {
        Content::Visit(visit) => visit_says(seat, visit, room),
        Content::Diary(diary) => html! {
            (text(&diary.text))
            @if diary.needs_follow_up {
                p.facts { span.chip { (seat.word(if diary.done { "field.done" } else { "field.needs_follow_up" })) } }
            }
        },
        Content::Outreach(outreach) => html! {
            (text(&outreach.note))
            p.facts { (tags(seat, "fraud_type", &outreach.fraud_types, room.codes)) }
        },
        other => html! { (text(&other.written())) },
    }
}

fn visit_says(seat: &Seat, visit: &Visit, room: Room) -> Markup {
    html! {
        @if !visit.note.is_empty() { p.text { (brief(&visit.note, room.text)) } }
        @if !visit.requests.is_empty() { p.text { b { (seat.word("field.requests")) "：" } (brief(&visit.requests, room.text)) } }
        p.facts {
            (tags(seat, "visit_purpose", &visit.purposes, room.codes))
            @if !visit.hazards.0.is_empty() { span.warn { (tags(seat, "hazard", &visit.hazards, room.codes)) } }
            @if let Some(Day(day)) = visit.next_visit { span.quiet { (seat.word("field.next_visit")) " " (day) } }
        }
    }
}

/// The words of a set of codes, so many at most.
pub(crate) fn tags(seat: &Seat, dictionary: &str, tags: &Tags, most: usize) -> Markup {
    let dictionary = dictionary::named(dictionary);
    html! {
        @for code in tags.0.iter().take(most) { span.chip { (brief(&seat.words.code(dictionary, code), CODE)) } " " }
        @if tags.0.len() > most { "…" }
    }
}

/// The word of a value that serialises as a code.
pub(crate) fn coded(seat: &Seat, dictionary: &str, value: &impl serde::Serialize) -> String {
    seat.words.code(dictionary::named(dictionary), &code_of(value))
}

/// The code as which a value serialises; nothing where it is none.
pub(crate) fn code_of(value: &impl serde::Serialize) -> String {
    let code = serde_json::to_value(value).ok();
    code.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}

fn joined(parts: impl IntoIterator<Item = String>) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}
