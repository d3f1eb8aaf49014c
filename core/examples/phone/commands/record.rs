//! `search`, `show`, `reveal`, `history`, `void`, `rescue`: what every kind of record can be asked.

use clap::Args;
use gridbook_core::model::{Content, Record};
use serde_json::json;

use crate::failure::Failure;
use crate::fields::{field_named, field_word, path_words, value_words};
use crate::headline::headline;
use crate::phone::Phone;
use crate::print::{Output, Table};

#[derive(Args)]
pub(crate) struct Search {
    /// What to look for; two Chinese characters are enough
    text: String,
    /// How many to show
    #[arg(long, default_value_t = 20)]
    most: usize,
}

#[derive(Args)]
pub(crate) struct Show {
    /// The record: its id, or a household's dwelling
    record: String,
}

#[derive(Args)]
pub(crate) struct Reveal {
    /// The record: its id, or a household's dwelling
    record: String,
    /// The field with the masked number, as `show` names it
    #[arg(long)]
    field: String,
    /// Why the number is needed; it is kept and goes to the server
    #[arg(long)]
    reason: String,
}

#[derive(Args)]
pub(crate) struct History {
    /// The record: its id, or a household's dwelling
    record: String,
}

#[derive(Args)]
pub(crate) struct Void {
    /// The record: its id, or a household's dwelling
    record: String,
    /// Why it is withdrawn
    #[arg(long)]
    reason: String,
}

#[derive(Args)]
pub(crate) struct Rescue {
    /// The record: its id, or a household's dwelling
    record: String,
}

/// How many visits `show` lists under a household.
const LATEST_VISITS: usize = 5;

impl Search {
    pub(crate) fn run(self, phone: &Phone) -> Result<Output, Failure> {
        let page = phone.workbook.search(&self.text, None, self.most)?;
        let mut table = Table::of(phone.speech, &["when", "kind", "what", "who", "standing", "id"]);
        for record in &page.items {
            table.row([
                phone.time(record.header.occurred_at),
                phone.speech.kind(record.header.kind),
                headline(phone, &record.content),
                phone.name(Some(&record.header.author)),
                phone.speech.standing(record.standing),
                record.id.short(),
            ]);
        }
        let mut text = table.or_else(phone.speech, "phone.nothing_found");
        if page.next.is_some() {
            text = format!("{text}\n{}", phone.speech.fill("phone.more", &[("n", &self.most.to_string())]));
        }
        Ok(Output::new(&page.items, text))
    }
}

/// A record of any kind by its id, or a household by its dwelling.
fn named(phone: &Phone, text: &str) -> Result<Record, Failure> {
    let id = match phone.workbook.resolve_short(text) {
        Ok(id) => id,
        Err(gridbook_core::Error::UnknownId) if text.contains('-') => {
            phone.workbook.households().resolve(text)?.id
        }
        Err(error) => return Err(error.into()),
    };
    Ok(phone.workbook.record(id)?)
}

impl Show {
    pub(crate) fn run(self, phone: &Phone) -> Result<Output, Failure> {
        let record = named(phone, &self.record)?;
        let reviews = phone.workbook.reviews().of(record.id)?;
        let conflicts = phone.workbook.conflicts_in(record.id)?;
        let refusals = phone.workbook.refusals(record.id)?;
        let mut sections = vec![facts(phone, &record)];
        let masked = phone.workbook.masked_fields(record.id)?;
        if !masked.is_empty() {
            let words = masked.iter().map(|path| path_words(phone, record.header.kind, path));
            let values = [("id", record.id.short()), ("fields", phone.speech.join(words))];
            let values: Vec<_> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
            sections.push(phone.speech.fill("phone.reveal_hint", &values));
        }
        if !refusals.is_empty() {
            let reasons = refusals.iter().map(|word| phone.speech.say(&format!("refusal.{word}")));
            let why = phone.speech.join(reasons);
            sections.push(phone.speech.fill("phone.refused_because", &[("why", &why)]));
            sections.push(phone.speech.fill("phone.rescue_hint", &[("id", &record.id.short())]));
        }
        if !conflicts.is_empty() {
            let n = conflicts.len().to_string();
            sections.push(phone.speech.fill("phone.has_conflicts", &[("n", &n)]));
        }
        if !reviews.is_empty() {
            let mut table = Table::of(phone.speech, &["when", "who", "mark", "note"]);
            for review in &reviews {
                table.whole_row([
                    phone.time(review.header.occurred_at),
                    phone.name(Some(&review.header.author)),
                    review.content.mark.map_or_else(String::new, |mark| phone.speech.mark(mark)),
                    review.content.note.clone(),
                ]);
            }
            sections.push(table.to_string());
        }
        let mut output = Output::new(&record, "");
        if matches!(record.content, Content::Household(_)) {
            let visits = phone.workbook.households().visits(record.id, LATEST_VISITS)?.items;
            let mut table = Table::of(phone.speech, &["when", "what", "who", "standing", "id"]);
            for visit in &visits {
                table.row([
                    phone.time(visit.header.occurred_at),
                    headline(phone, &visit.content.clone().into()),
                    phone.name(Some(&visit.header.author)),
                    phone.speech.standing(visit.standing),
                    visit.id.short(),
                ]);
            }
            sections.push(table.or_else(phone.speech, "phone.no_visits"));
            output.json["visits"] = json!(visits);
        }
        output.json["reviews"] = json!(reviews);
        output.json["open_conflicts"] = json!(conflicts);
        output.json["refusals"] = json!(refusals);
        output.json["masked_fields"] = json!(masked);
        output.text = format!("{}\n", sections.join("\n\n"));
        Ok(output)
    }
}

/// Every fact of the record, a line each.
fn facts(phone: &Phone, record: &Record) -> String {
    let kind = record.header.kind;
    let speech = phone.speech;
    let mut table = Table::bare();
    table.whole_row([speech.kind(kind), format!("{} · {}", record.id, speech.standing(record.standing))]);
    let mut header = record.header.fields();
    for shown_otherwise in ["kind", "schema"] {
        header.remove(shown_otherwise);
    }
    let content = record.content.fields();
    let order = |path: &str| {
        let name = path.split('/').next().unwrap_or_default();
        kind.fields().iter().position(|field| field.name == name)
    };
    let mut lines: Vec<_> = content.iter().collect();
    lines.sort_by_key(|(path, _)| order(path));
    for (path, value) in header.iter().chain(lines) {
        // The elements of a set say everything by being there.
        let element = *value == gridbook_core::model::Scalar::Flag(true) && path.contains('/');
        let words = path_words(phone, kind, path);
        match words.split_once(" / ") {
            Some((field, part)) if element => table.whole_row([field, part]),
            _ => table.whole_row([words, value_words(phone, path, Some(value))]),
        }
    }
    table.whole_row([field_word(kind, "created", speech), phone.time(record.created)]);
    table.whole_row([field_word(kind, "updated", speech), phone.time(record.updated)]);
    table.to_string()
}

impl Reveal {
    pub(crate) fn run(self, phone: &Phone) -> Result<Output, Failure> {
        let record = named(phone, &self.record)?;
        let field = field_named(record.header.kind, &self.field, phone.speech);
        let values = phone.workbook.reveal(record.id, &field, &self.reason)?;
        let text = phone.speech.fill(
            "phone.revealed",
            &[
                ("field", &path_words(phone, record.header.kind, &field)),
                ("value", &phone.speech.join(values.iter().cloned())),
            ],
        );
        Ok(Output::new(&json!({ "record": record.id, "field": field, "values": values }), text))
    }
}

impl History {
    pub(crate) fn run(self, phone: &Phone) -> Result<Output, Failure> {
        let record = named(phone, &self.record)?;
        let kind = record.header.kind;
        let history = phone.workbook.history(record.id)?;
        let mut table = Table::of(phone.speech, &["when", "who", "field", "from", "to"]);
        for step in &history {
            let (when, who) = (phone.time(step.at), phone.name(step.person.as_ref()));
            for change in &step.changes {
                table.row([
                    when.clone(),
                    who.clone(),
                    path_words(phone, kind, &change.field),
                    value_words(phone, &change.field, change.from.as_ref()),
                    value_words(phone, &change.field, change.to.as_ref()),
                ]);
            }
        }
        Ok(Output::new(&history, table.to_string()))
    }
}

impl Void {
    pub(crate) fn run(self, phone: &Phone) -> Result<Output, Failure> {
        let record = named(phone, &self.record)?;
        if self.reason.trim().is_empty() {
            return Err(Failure::input("no_reason", &[]));
        }
        let voided = phone.workbook.void(record.id, &self.reason)?;
        let kind = phone.speech.kind(voided.header.kind);
        let text = phone.speech.fill("phone.voided", &[("kind", &kind), ("id", &voided.id.short())]);
        Ok(Output::new(&voided, text))
    }
}

impl Rescue {
    pub(crate) fn run(self, phone: &Phone) -> Result<Output, Failure> {
        let record = named(phone, &self.record)?;
        let rescued = phone.workbook.rescue(record.id)?;
        let kind = phone.speech.kind(rescued.header.kind);
        let text = phone.speech.fill("phone.rescued", &[("kind", &kind), ("id", &rescued.id.short())]);
        Ok(Output::new(&rescued, text))
    }
}
