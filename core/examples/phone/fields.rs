//! A record's flat fields as words: what `show`, `history` and `conflicts` print.

use gridbook_core::clock::Instant;
use gridbook_core::id::PersonId;
use gridbook_core::model::{Kind, Scalar, Voided, dictionary};

use crate::phone::Phone;
use crate::speech::Speech;

/// What screens call a field: the kind's own word, or the one that all kinds share.
pub(crate) fn field_word(kind: Kind, field: &str, speech: Speech) -> String {
    speech
        .find(&format!("field.{kind}_{field}"))
        .or_else(|| speech.find(&format!("field.{field}")))
        .unwrap_or_else(|| field.to_owned())
}

/// The field of `kind` whose name or word is `text`; a path such as `purposes/care` stays as it is.
pub(crate) fn field_named(kind: Kind, text: &str, speech: Speech) -> String {
    let named = kind.fields().iter().find(|field| field_word(kind, field.name, speech) == text.trim());
    named.map_or_else(|| text.trim().to_owned(), |field| field.name.to_owned())
}

/// A path such as `purposes/safety_check` or `ticks/<item>/<person>` in words.
pub(crate) fn path_words(phone: &Phone, kind: Kind, path: &str) -> String {
    let mut parts = path.split('/');
    let field = parts.next().unwrap_or_default();
    let mut words = vec![field_word(kind, field, phone.speech)];
    words.extend(parts.map(|part| match dictionary::of_field(field) {
        Some(dictionary) => phone.speech.code(dictionary, part),
        None => part_word(phone, kind, field, part),
    }));
    words.join(" / ")
}

fn part_word(phone: &Phone, kind: Kind, field: &str, part: &str) -> String {
    match field {
        "households" | "links" => part.parse().map_or_else(|_| part.to_owned(), |id| phone.dwelling(id)),
        "ticks" | "assignees" => phone.directory.person_name(&PersonId::from(part)).to_owned(),
        "items" => field_word(kind, part, phone.speech),
        _ => part.to_owned(),
    }
}

/// A field's value in words.
pub(crate) fn value_words(phone: &Phone, path: &str, value: Option<&Scalar>) -> String {
    let field = path.split('/').next().unwrap_or_default();
    match value {
        None | Some(Scalar::Null) => "—".to_owned(),
        Some(Scalar::Flag(flag)) => phone.speech.say(if *flag { "choice.yes" } else { "choice.no" }),
        Some(Scalar::Number(number)) if is_moment(field) => phone.time(Instant(*number)),
        Some(Scalar::Number(number)) => number.to_string(),
        Some(Scalar::Text(text) | Scalar::Running(text)) => text_words(phone, field, text),
    }
}

fn text_words(phone: &Phone, field: &str, text: &str) -> String {
    match field {
        "class" => {
            let class = phone.directory.rhythms.of(text);
            class.map_or_else(|| text.to_owned(), |class| phone.speech.rhythm(class).to_owned())
        }
        "household" => text.parse().map_or_else(|_| text.to_owned(), |id| phone.dwelling(id)),
        "subject" | "visit" | "template" => {
            text.parse().map_or_else(|_| text.to_owned(), |id: gridbook_core::id::RecordId| id.short())
        }
        "author" => phone.directory.person_name(&PersonId::from(text)).to_owned(),
        "grid" | "group" => phone.directory.scope_name(&text.into()).to_owned(),
        "kind" => text.parse().map_or_else(|_| text.to_owned(), |kind| phone.speech.kind(kind)),
        "voided" => serde_json::from_str::<Voided>(text).map_or_else(
            |_| text.to_owned(),
            |voided| {
                format!("{} · {} · {}", voided.reason, phone.name(Some(&voided.by)), phone.time(voided.at))
            },
        ),
        _ => dictionary::of_field(field)
            .map_or_else(|| text.to_owned(), |dictionary| phone.speech.code(dictionary, text)),
    }
}

/// True for fields whose number is a moment.
fn is_moment(field: &str) -> bool {
    matches!(field, "started" | "ended" | "occurred_at" | "ticks")
}
