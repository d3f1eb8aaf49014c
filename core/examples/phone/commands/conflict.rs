//! `conflicts`, `resolve`: fields that hold two values until a person chooses.

use clap::Args;
use gridbook_core::model::{Kind, Scalar, dictionary};
use gridbook_core::workbook::OpenConflict;

use crate::failure::Failure;
use crate::fields::{field_named, path_words, value_words};
use crate::headline::headline;
use crate::phone::Phone;
use crate::print::{Output, Table};

#[derive(Args)]
pub(crate) struct Resolve {
    /// The record's id
    record: String,
    /// The field, as `conflicts` shows it
    field: String,
    /// The value to keep; need not be one of the two
    #[arg(required_unless_present = "take", conflicts_with = "take")]
    value: Option<String>,
    /// Keep the value with this number in `conflicts`
    #[arg(long, value_name = "N")]
    take: Option<usize>,
}

pub(crate) fn show(phone: &Phone) -> Result<Output, Failure> {
    let conflicts = phone.workbook.conflicts()?;
    let mut table = Table::of(phone.speech, &["id", "what", "field", "number", "value", "who", "when"]);
    for conflict in &conflicts {
        let record = phone.workbook.record(conflict.record)?;
        let what = headline(phone, &record.content);
        for (number, (candidate, person)) in (1..).zip(&conflict.candidates) {
            let first = number == 1;
            let once = |text: String| if first { text } else { String::new() };
            table.row([
                once(conflict.record.short()),
                once(what.clone()),
                once(path_words(phone, conflict.kind, &conflict.field)),
                number.to_string(),
                value_words(phone, &conflict.field, Some(&candidate.value)),
                phone.name(person.as_ref()),
                phone.time(candidate.at),
            ]);
        }
    }
    let mut text = table.or_else(phone.speech, "message.no_conflicts");
    if !conflicts.is_empty() {
        text = format!("{text}\n{}", phone.speech.say("phone.how_to_resolve"));
    }
    Ok(Output::new(&conflicts, text))
}

impl Resolve {
    pub(crate) fn run(self, phone: &Phone) -> Result<Output, Failure> {
        let record = phone.workbook.record(phone.id(&self.record)?)?;
        let kind = record.header.kind;
        let open = phone.workbook.conflicts_in(record.id)?;
        let field = self.field(phone, kind, &open);
        let conflict = open.iter().find(|conflict| conflict.field == field);
        let Some(conflict) = conflict else {
            // The core says so in its own words.
            let unchanged = phone.workbook.choose(record.id, &field, Scalar::Null)?;
            return Ok(Output::new(&unchanged, ""));
        };
        let candidates = &conflict.candidates;
        let value = match (self.take, self.value) {
            (Some(number), _) => {
                let chosen = number.checked_sub(1).and_then(|place| candidates.get(place));
                let (candidate, _) = chosen
                    .ok_or_else(|| Failure::input("no_such_choice", &[("number", &number.to_string())]))?;
                candidate.value.clone()
            }
            (None, value) => {
                let like = candidates.last().map(|(candidate, _)| &candidate.value);
                typed(phone, &field, value.unwrap_or_default(), like)?
            }
        };
        let chosen = phone.workbook.choose(record.id, &field, value.clone())?;
        let text = phone.speech.fill(
            "phone.chosen",
            &[
                ("id", &record.id.short()),
                ("field", &path_words(phone, kind, &field)),
                ("value", &value_words(phone, &field, Some(&value))),
            ],
        );
        Ok(Output::new(&chosen, text))
    }

    /// The field's path: typed as such, by its name, or as `conflicts` prints it.
    fn field(&self, phone: &Phone, kind: Kind, open: &[OpenConflict]) -> String {
        let printed = open.iter().find(|conflict| path_words(phone, kind, &conflict.field) == self.field);
        printed.map_or_else(|| field_named(kind, &self.field, phone.speech), |found| found.field.clone())
    }
}

/// What was typed as a value of the same type as the one the field holds now.
fn typed(phone: &Phone, field: &str, text: String, like: Option<&Scalar>) -> Result<Scalar, Failure> {
    let unreadable = || Failure::input("bad_value", &[("text", &text)]);
    match like {
        Some(Scalar::Flag(_)) => match text.as_str() {
            "true" | "yes" | "是" => Ok(Scalar::Flag(true)),
            "false" | "no" | "否" => Ok(Scalar::Flag(false)),
            _ => Err(unreadable()),
        },
        Some(Scalar::Number(_)) => text
            .parse()
            .ok()
            .or_else(|| phone.moment(&text).ok().map(|moment| moment.0))
            .map(Scalar::Number)
            .ok_or_else(unreadable),
        Some(Scalar::Running(_)) => Ok(Scalar::Running(text)),
        _ if field == "class" => Ok(Scalar::Text(phone.class(&text)?)),
        _ if field == "dwelling" => {
            text.parse::<gridbook_core::model::Dwelling>().map_err(|_| unreadable())?;
            Ok(Scalar::Text(text))
        }
        _ => match dictionary::of_field(field) {
            Some(known) => Ok(Scalar::Text(known.code_of(&text).ok_or_else(unreadable)?.to_owned())),
            None => Ok(Scalar::Text(text)),
        },
    }
}
