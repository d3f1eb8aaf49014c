//! A record's flat fields in words: what each is called, and what its value says.

use std::borrow::Cow;

use gridbook_core::clock::Instant;
use gridbook_core::id::{PersonId, RecordId, ScopeId};
use gridbook_core::model::{Kind, Scalar, Voided, dictionary};

use super::seat::Seat;
use crate::service::WholeRecord;

/// What screens call a path of a record such as `purposes/care` or `ticks/<item>/<person>`; an item by its title.
pub(crate) fn path_words(seat: &Seat, record: &WholeRecord, path: &str) -> String {
    let kind = record.entry.kind;
    let mut parts = path.split('/');
    let field = parts.next().unwrap_or_default();
    let title = |item: &str| record.fields.get(&format!("items/{item}/title")).and_then(Scalar::as_text);
    let mut words = vec![field_word(seat, kind, field)];
    words.extend(parts.map(|part| match title(part) {
        Some(title) => title.to_owned(),
        None => part_word(seat, kind, field, part),
    }));
    words.join(" / ")
}

/// What screens call a field of a kind.
pub(crate) fn field_word(seat: &Seat, kind: Kind, field: &str) -> String {
    let own = seat.words.find(&format!("field.{kind}_{field}"));
    own.or_else(|| seat.words.find(&format!("field.{field}"))).unwrap_or(field).to_owned()
}

/// What an element of a set says, or the part of a field that a path names.
pub(crate) fn part_word(seat: &Seat, kind: Kind, field: &str, part: &str) -> String {
    match (dictionary::of_field(field), field) {
        (Some(dictionary), _) => seat.words.code(dictionary, part),
        (None, "ticks" | "assignees") => seat.directory.person_name(&PersonId::from(part)).to_owned(),
        (None, "items") => field_word(seat, kind, part),
        _ => short(part),
    }
}

/// What a value says.
pub(crate) fn value_words(seat: &Seat, path: &str, value: Option<&Scalar>) -> String {
    let field = path.split('/').next().unwrap_or_default();
    match value {
        None | Some(Scalar::Null) => "—".to_owned(),
        Some(Scalar::Flag(flag)) => seat.say(if *flag { "yes" } else { "no" }).to_owned(),
        Some(Scalar::Number(number)) if matches!(field, "started" | "ended" | "occurred_at" | "ticks") => {
            seat.moment(Instant(*number))
        }
        Some(Scalar::Number(number)) => number.to_string(),
        Some(Scalar::Text(text) | Scalar::Running(text)) => text_words(seat, field, text),
    }
}

fn text_words(seat: &Seat, field: &str, text: &str) -> String {
    match field {
        "household" | "subject" | "visit" | "template" => short(text),
        "author" => seat.directory.person_name(&PersonId::from(text)).to_owned(),
        "grid" | "group" => seat.directory.scope_name(&ScopeId::from(text)).to_owned(),
        "kind" => seat.words.find(&format!("kind.{text}")).unwrap_or(text).to_owned(),
        "voided" => match serde_json::from_str::<Voided>(text) {
            Ok(voided) => {
                let by = seat.directory.person_name(&voided.by);
                format!("{} · {by} · {}", voided.reason, seat.moment(voided.at))
            }
            Err(_) => text.to_owned(),
        },
        _ => dictionary::of_field(field)
            .map_or_else(|| text.to_owned(), |dictionary| seat.words.code(dictionary, text)),
    }
}

/// A text in a list, where the record is a step away: its beginning, if it is longer than `most` characters.
pub(crate) fn brief(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((end, _)) => Cow::Owned(format!("{}…", text[..end].trim_end())),
        None => Cow::Borrowed(text),
    }
}

/// A record's id as people say it; any other text as it is.
pub(crate) fn short(text: &str) -> String {
    text.parse::<RecordId>().map_or_else(|_| text.to_owned(), |id| id.short())
}
