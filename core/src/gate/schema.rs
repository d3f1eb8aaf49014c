//! Step four, schema rules: the operations write fields of a record and nothing else. They are read from the
//! bytes; automerge has not seen them.
//!
//! A document stays one flat map: no operation begins a map or a list, so whatever is not the root is a running
//! text. Fields that this version does not know may be written, within the sizes, because a newer one may.

use super::Refusal;
use crate::chunk::{Action, Key, Operation, ROW_LIMIT, Value};
use crate::doc::{Document, ParsedChange};
use crate::model::{Content, Field, Fields, Header, Kind, Merge, Scalar, TEXT_LIMIT};

/// The longest path of a field, in bytes.
const PATH_LIMIT: usize = 256;
/// The most parts of a path; this version's deepest has three.
const DEPTH_LIMIT: usize = 4;
/// The longest element of a running text, in bytes: one character with what is joined to it.
const ELEMENT_LIMIT: usize = 64;

/// Checks every operation of `change` against the fields of the record's kind.
///
/// # Errors
/// [`Refusal::NotARecord`] or [`Refusal::TooLarge`].
pub(super) fn check(held: Option<&Document>, change: &ParsedChange) -> Result<(), Refusal> {
    let chunk = change.chunk().map_err(|_| Refusal::Malformed)?;
    let kind = match held {
        Some(document) => match document.field("kind") {
            Some(Scalar::Text(word)) => kind_of(&word),
            _ => None,
        },
        None => chunk.operations().find_map(|operation| match operation.ok()? {
            Operation { object: None, key: Key::Name("kind"), value: Value::Text(word), .. } => kind_of(word),
            _ => None,
        }),
    };
    let mut paths = Vec::new();
    for operation in chunk.operations() {
        let operation = operation?;
        check_operation(kind, &operation)?;
        if let (None, Key::Name(path)) = (operation.object, operation.key) {
            paths.push(path);
        }
    }
    // Once each, or a value that nobody looked at would lie beneath the last one.
    paths.sort_unstable();
    if paths.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Refusal::NotARecord);
    }
    match (held, kind) {
        // A first change is read as a record by whoever takes it, all its values at once.
        (Some(_), Some(kind)) => check_types(kind, change),
        _ => Ok(()),
    }
}

/// Checks that every value is of its field's type, also one that loses against another written meanwhile: it would
/// come to light once that other is gone, and refuse an honest edit then.
fn check_types(kind: Kind, change: &ParsedChange) -> Result<(), Refusal> {
    let writes = change.writes().map_err(|_| Refusal::Malformed)?;
    let written = writes.into_iter().filter_map(|(path, value)| Some((path, value?)));
    let (header, content): (Fields, Fields) =
        written.partition(|(path, _)| Header::NAMES.contains(&path.as_str()));
    let sound = (header.is_empty() || Header::accepts(kind, &header))
        && (content.is_empty() || Content::from_fields(kind, &content).is_ok());
    if sound { Ok(()) } else { Err(Refusal::NotARecord) }
}

/// Checks how large the record has become.
///
/// # Errors
/// [`Refusal::TooLarge`].
pub(super) fn check_size(fields: &Fields) -> Result<(), Refusal> {
    let long = |scalar: &Scalar| matches!(scalar, Scalar::Running(text) if is_long(text));
    let large = fields.len() as u64 > ROW_LIMIT || fields.values().any(long);
    if large { Err(Refusal::TooLarge) } else { Ok(()) }
}

fn check_operation(kind: Option<Kind>, operation: &Operation<'_>) -> Result<(), Refusal> {
    match (operation.object, operation.key) {
        (None, Key::Name(path)) if !operation.insert => check_field(kind, path, operation),
        (Some(_), Key::First | Key::Element(_)) => check_element(operation),
        _ => Err(Refusal::NotARecord),
    }
}

fn check_field(kind: Option<Kind>, path: &str, operation: &Operation<'_>) -> Result<(), Refusal> {
    let (name, depth) = parts(path).ok_or(Refusal::NotARecord)?;
    let in_header = Header::NAMES.contains(&name);
    let field = kind.and_then(|kind| kind.fields().iter().find(|field| field.name == name));
    let right_depth = match field {
        Some(field) => depth == depth_of(field),
        None => !in_header || depth == 0,
    };
    let right_action = match (operation.action, operation.value) {
        (Action::Put, Value::Text(text)) if is_long(text) => return Err(Refusal::TooLarge),
        (Action::Put, Value::Foreign(..)) => false,
        (Action::Put, _) | (Action::Delete, Value::Null) => true,
        (Action::MakeText, Value::Null) => {
            !in_header && field.is_none_or(|field| field.merge == Merge::Characters)
        }
        _ => false,
    };
    if right_depth && right_action { Ok(()) } else { Err(Refusal::NotARecord) }
}

/// A character that is typed into a running text or taken out of it.
fn check_element(operation: &Operation<'_>) -> Result<(), Refusal> {
    let typed = match (operation.action, operation.value) {
        (Action::Put, Value::Text(text)) => {
            operation.insert && operation.replaces == 0 && (1..=ELEMENT_LIMIT).contains(&text.len())
        }
        (Action::Delete, Value::Null) => {
            !operation.insert && operation.replaces > 0 && matches!(operation.key, Key::Element(_))
        }
        _ => false,
    };
    if typed { Ok(()) } else { Err(Refusal::NotARecord) }
}

/// The name a path begins with and how many parts follow it.
fn parts(path: &str) -> Option<(&str, usize)> {
    let fits = path.len() <= PATH_LIMIT && path.split('/').all(|part| !part.is_empty());
    let depth = path.split('/').count() - 1;
    (fits && depth < DEPTH_LIMIT).then(|| (path.split('/').next().unwrap_or(path), depth))
}

fn depth_of(field: &Field) -> usize {
    field.merge.depth()
}

fn is_long(text: &str) -> bool {
    text.len() > TEXT_LIMIT && text.chars().nth(TEXT_LIMIT).is_some()
}

fn kind_of(word: &str) -> Option<Kind> {
    word.parse().ok()
}
