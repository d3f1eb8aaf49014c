//! What a line of each register says, cell by cell: names and values stand side by side here and nowhere else.

use gridbook_core::clock::{Day, Instant};
use gridbook_core::id::{PersonId, RecordId, ScopeId};
use gridbook_core::model::{
    Checklist, Content, DiaryEntry, Household, ItemProgress, Kind, Outreach, Reading, Tags, Visit, dictionary,
};
use serde::Serialize;

use super::Cell;
use crate::console::wording::Wording;
use crate::service::LedgerRecord;

/// The longest text of a cell; a spreadsheet takes 32,767 characters.
const LONGEST: usize = 32_000;
/// Widths of columns, in characters.
const NARROW: u16 = 11;
const MIDDLE: u16 = 18;
const WIDE: u16 = 42;

/// A cell with what its column is called, and how wide that is.
pub(super) struct Named {
    /// The column's name.
    pub(super) name: &'static str,
    /// Its width in characters.
    pub(super) width: u16,
    /// What is in the cell.
    pub(super) cell: Cell,
}

/// The columns of a kind's register.
pub(super) fn names_of(wording: &Wording, kind: Kind) -> Vec<Named> {
    let content = match kind {
        Kind::Visit => Visit::default().into(),
        Kind::Diary => DiaryEntry::default().into(),
        Kind::Outreach => Outreach::default().into(),
        Kind::Checklist => Checklist::default().into(),
        _ => Household::default().into(),
    };
    let blank = LedgerRecord {
        id: RecordId::default(),
        scope: ScopeId::default(),
        author: PersonId::default(),
        day: wording.zone.day(Instant(0)),
        received: Instant(0),
        reading: Reading::Unread,
        voided: None,
        conflicts: 0,
        content,
        dwelling: None,
        visits: None,
    };
    Writer { wording, record: &blank }.line(None)
}

/// The lines of one record: one, and of a checklist one for each item.
pub(super) fn lines_of(wording: &Wording, kind: Kind, record: &LedgerRecord) -> Vec<Vec<Named>> {
    let writer = Writer { wording, record };
    match &record.content {
        Content::Checklist(list) if kind == Kind::Checklist => {
            let items = list.progress();
            if items.is_empty() {
                return vec![writer.line(None)];
            }
            items.iter().map(|item| writer.line(Some(item))).collect()
        }
        _ => vec![writer.line(None)],
    }
}

struct Writer<'a> {
    wording: &'a Wording,
    record: &'a LedgerRecord,
}

impl Writer<'_> {
    fn line(&self, item: Option<&ItemProgress<'_>>) -> Vec<Named> {
        let mut line = match &self.record.content {
            Content::Visit(visit) => self.visit(visit),
            Content::Diary(entry) => self.diary(entry),
            Content::Outreach(outreach) => self.outreach(outreach),
            Content::Checklist(list) => self.checklist(list, item),
            Content::Household(household) => self.household(household),
            _ => Vec::new(),
        };
        line.extend(self.end());
        line
    }

    fn visit(&self, visit: &Visit) -> Vec<Named> {
        vec![
            self.field("date", NARROW, Cell::Day(self.record.day)),
            self.field("grid", MIDDLE, self.scope()),
            self.field("dwelling", NARROW, text(self.record.dwelling.as_deref().unwrap_or_default())),
            self.field("outcome", NARROW, self.value("visit_outcome", visit.outcome.as_ref())),
            self.field("purposes", MIDDLE, self.tags("visit_purpose", &visit.purposes)),
            self.field("started", MIDDLE, self.moment(visit.started)),
            self.field("ended", MIDDLE, self.moment(visit.ended)),
            self.field("companions", MIDDLE, text(&visit.companions)),
            self.field("visit_note", WIDE, text(&visit.note)),
            self.field("requests", WIDE, text(&visit.requests)),
            self.field("hazards", MIDDLE, self.tags("hazard", &visit.hazards)),
            self.field("next_visit", NARROW, day(visit.next_visit)),
        ]
    }

    fn diary(&self, entry: &DiaryEntry) -> Vec<Named> {
        let category = self.wording.words.code(dictionary::named("diary_category"), &entry.category);
        vec![
            self.field("date", NARROW, Cell::Day(self.record.day)),
            self.field("grid", MIDDLE, self.scope()),
            self.field("category", NARROW, text(&category)),
            self.field("text", WIDE, text(&entry.text)),
            self.field("links", NARROW, count(entry.links.0.len())),
            self.field("needs_follow_up", NARROW, self.flag(entry.needs_follow_up)),
            self.field("done", NARROW, self.flag(entry.done)),
        ]
    }

    fn outreach(&self, outreach: &Outreach) -> Vec<Named> {
        vec![
            self.field("date", NARROW, Cell::Day(self.record.day)),
            self.field("grid", MIDDLE, self.scope()),
            self.field("form", NARROW, self.value("outreach_form", outreach.form.as_ref())),
            self.field("place", MIDDLE, text(&outreach.place)),
            self.field("building", NARROW, text(&outreach.building)),
            self.field("households", NARROW, count(outreach.households.0.len())),
            self.field("fraud_types", WIDE, self.tags("fraud_type", &outreach.fraud_types)),
            self.field("reached", NARROW, Cell::Number(outreach.reached.into())),
            self.field("leaflets", NARROW, Cell::Number(outreach.leaflets.into())),
            self.field("consultations", NARROW, Cell::Number(outreach.consultations.into())),
            self.field("dissuaded", NARROW, Cell::Number(outreach.dissuaded.into())),
            self.field("note", WIDE, text(&outreach.note)),
        ]
    }

    /// One item of the list; the list alone, where it has none.
    fn checklist(&self, list: &Checklist, item: Option<&ItemProgress<'_>>) -> Vec<Named> {
        let of =
            |read: fn(&Self, &ItemProgress<'_>) -> Cell| item.map_or(Cell::Nothing, |item| read(self, item));
        let asked = item.and_then(|item| list.assignees.get(item.id));
        let asked = asked.map(|people| {
            let names = people.iter().map(|person| self.person(&PersonId::from(person)));
            names.collect::<Vec<_>>().join("、")
        });
        vec![
            self.field("group", MIDDLE, self.scope()),
            self.field("title", MIDDLE, text(&list.title)),
            self.field("starts", NARROW, day(list.starts)),
            self.field("ends", NARROW, day(list.ends)),
            self.said("ledger_item", WIDE, of(|_, item| text(&item.item.title))),
            self.field("due", NARROW, of(|_, item| day(item.item.due))),
            self.field("assignees", MIDDLE, text(&asked.unwrap_or_default())),
            self.field("people", NARROW, of(|_, item| Cell::Number(item.needed.into()))),
            self.said("ledger_ticked", NARROW, of(|_, item| count(item.ticks.len()))),
            self.field("ticks", WIDE, of(Self::ticks)),
            self.field("done", NARROW, of(|this, item| this.flag(item.done))),
        ]
    }

    fn household(&self, household: &Household) -> Vec<Named> {
        let dwelling = household.dwelling.clone().unwrap_or_default();
        let (times, last) = self.record.visits.unzip();
        let class = self.wording.words.code(dictionary::named("household_class"), &household.class);
        vec![
            self.field("grid", MIDDLE, self.scope()),
            self.field(
                "dwelling",
                NARROW,
                text(&household.dwelling.as_ref().map(ToString::to_string).unwrap_or_default()),
            ),
            self.field("building", NARROW, text(&dwelling.building)),
            self.field("unit", NARROW, text(&dwelling.unit)),
            self.field(
                "floor",
                NARROW,
                household.dwelling.as_ref().map_or(Cell::Nothing, |at| Cell::Number(at.floor().into())),
            ),
            self.field("room", NARROW, text(&dwelling.room)),
            self.field("class", NARROW, text(&class)),
            self.field("occupancy", NARROW, self.value("occupancy", household.occupancy.as_ref())),
            self.field("tags", MIDDLE, self.tags("household_tag", &household.tags)),
            self.field("needs_visit", NARROW, self.flag(household.needs_visit)),
            self.field("contact", NARROW, text(&household.contact)),
            self.field("phone", MIDDLE, text(&household.phone)),
            self.field("note", WIDE, text(&household.note)),
            self.said(
                "ledger_visits",
                NARROW,
                times.map_or(Cell::Nothing, |times| Cell::Number(times.cast_signed())),
            ),
            self.said("ledger_last_visit", NARROW, day(last.flatten())),
            self.said("ledger_listed", NARROW, Cell::Day(self.record.day)),
        ]
    }

    /// What every register ends with.
    fn end(&self) -> Vec<Named> {
        let record = self.record;
        let voided = record.voided.as_ref().map(|voided| text(&voided.reason)).unwrap_or(Cell::Nothing);
        let mut end =
            vec![self.field("author", NARROW, text(self.wording.directory.person_name(&record.author)))];
        if Reading::KINDS.contains(&record.content.kind()) {
            let state = self.wording.say(&format!("reading_{}", record.reading.as_str()));
            end.push(self.said("state", NARROW, text(state)));
        }
        end.extend([
            self.said("ledger_received", MIDDLE, self.moment(Some(record.received))),
            self.said("conflicts", NARROW, Cell::Number(record.conflicts.into())),
            self.field("voided", MIDDLE, voided),
            self.field("id", MIDDLE, text(&record.id.to_string())),
        ]);
        end
    }

    fn field(&self, name: &str, width: u16, cell: Cell) -> Named {
        Named { name: self.wording.word(&format!("field.{name}")), width, cell }
    }

    fn said(&self, key: &str, width: u16, cell: Cell) -> Named {
        Named { name: self.wording.words.say(key), width, cell }
    }

    fn scope(&self) -> Cell {
        text(self.wording.directory.scope_name(&self.record.scope))
    }

    fn person(&self, id: &PersonId) -> String {
        self.wording.directory.person_name(id).to_owned()
    }

    fn flag(&self, flag: bool) -> Cell {
        text(self.wording.say(if flag { "yes" } else { "no" }))
    }

    fn moment(&self, at: Option<Instant>) -> Cell {
        at.map_or(Cell::Nothing, |at| {
            let day = self.wording.zone.day(at);
            Cell::Moment(day, at.0 - self.wording.zone.start_of(day).0)
        })
    }

    fn ticks(&self, item: &ItemProgress<'_>) -> Cell {
        let ticks =
            item.ticks.iter().map(|(by, at)| format!("{} {}", self.person(by), self.wording.moment(*at)));
        text(&ticks.collect::<Vec<_>>().join("、"))
    }

    fn tags(&self, name: &str, tags: &Tags) -> Cell {
        let dictionary = dictionary::named(name);
        let words: Vec<String> = tags.iter().map(|code| self.wording.words.code(dictionary, code)).collect();
        text(&words.join("、"))
    }

    /// The word of a value that serialises as a code.
    fn value(&self, name: &str, value: Option<&impl Serialize>) -> Cell {
        let code = value.and_then(|value| serde_json::to_value(value).ok());
        let code = code.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
        text(&self.wording.words.code(dictionary::named(name), code))
    }
}

fn day(day: Option<Day>) -> Cell {
    day.map_or(Cell::Nothing, Cell::Day)
}

fn count(count: usize) -> Cell {
    Cell::Number(i64::try_from(count).unwrap_or(i64::MAX))
}

/// Text without what no spreadsheet shows, and no longer than a cell.
fn text(text: &str) -> Cell {
    if text.is_empty() {
        return Cell::Nothing;
    }
    let plain: String = text.chars().filter(|c| !c.is_control() || *c == '\n' || *c == '\t').collect();
    match plain.char_indices().nth(LONGEST) {
        Some((end, _)) => Cell::Text(format!("{}…", &plain[..end])),
        None => Cell::Text(plain),
    }
}
