//! Records as flat fields: the one shape that documents, history and conflicts share.
//!
//! A set `purposes` with the element `safety` is the field `purposes/safety = true`; an item's title is
//! `items/<id>/title`. No nested object is ever created, so two phones that make the same record, or the
//! same set, while offline merge without one hiding the other (`docs/adr/0003-flat-documents.md`).

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

/// The value of one flat field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(untagged)]
pub enum Scalar {
    /// Cleared: someone emptied the field, which a concurrent edit must be able to see.
    Null,
    /// True or false.
    Flag(bool),
    /// A whole number: a count, or an instant in milliseconds.
    Number(i64),
    /// Text that is replaced as a whole.
    Text(String),
    /// Running text, merged character by character.
    Running(String),
}

impl Scalar {
    /// The text of either kind of text field.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Scalar::Text(text) | Scalar::Running(text) => Some(text),
            _ => None,
        }
    }
}

/// A record's fields by path, such as `note`, `purposes/safety`, `items/<id>/title`.
pub type Fields = BTreeMap<String, Scalar>;

/// What separates the parts of a path.
const SEPARATOR: char = '/';

/// Adds `content`'s fields to `fields`; empty text, zero, false and absent values are left out, for
/// they are what an absent field means.
///
/// # Panics
/// If `content` does not serialise to a JSON object: every content and header is a struct.
pub fn flatten<T: Serialize>(content: &T, fields: &mut Fields) {
    match serde_json::to_value(content) {
        Ok(Value::Object(object)) => {
            for (name, value) in object {
                flatten_value(name, value, fields);
            }
        }
        other => unreachable!("a record's content is a struct, not {other:?}"),
    }
}

fn flatten_value(path: String, value: Value, fields: &mut Fields) {
    let scalar = match value {
        Value::Object(object) => {
            for (name, value) in object {
                flatten_value(format!("{path}{SEPARATOR}{name}"), value, fields);
            }
            return;
        }
        Value::Array(elements) => {
            for element in elements {
                if let Value::String(element) = element {
                    fields.insert(format!("{path}{SEPARATOR}{element}"), Scalar::Flag(true));
                }
            }
            return;
        }
        Value::Null | Value::Bool(false) => return,
        Value::Bool(true) => Scalar::Flag(true),
        Value::Number(number) => match number.as_i64() {
            Some(0) | None => return,
            Some(number) => Scalar::Number(number),
        },
        Value::String(text) if text.is_empty() => return,
        Value::String(text) => Scalar::Text(text),
    };
    fields.insert(path, scalar);
}

/// The parts that a path may have; the longest of ours are an item's or a tick's, with three.
const DEPTH: usize = 4;

/// The inverse of [`flatten`], up to sets, which come back as `{element: true}`. Deeper paths than any
/// record has are passed over: only a hostile change has them, and reading them would exhaust the stack.
#[must_use]
pub fn unflatten(fields: &Fields) -> Value {
    let mut root = Map::new();
    for (path, scalar) in fields {
        if path.split(SEPARATOR).nth(DEPTH).is_some() {
            continue;
        }
        let value = match scalar {
            Scalar::Null => continue,
            Scalar::Flag(flag) => Value::Bool(*flag),
            Scalar::Number(number) => Value::from(*number),
            Scalar::Text(text) | Scalar::Running(text) => Value::from(text.as_str()),
        };
        insert_at(&mut root, path, value);
    }
    Value::Object(root)
}

/// Puts `value` at `path`. A scalar in the way of a deeper path gives way to it: only a broken document has one.
fn insert_at(object: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once(SEPARATOR) {
        None => {
            object.entry(path).or_insert(value);
        }
        Some((name, rest)) => {
            let inner = object.entry(name).or_insert_with(|| Value::Object(Map::new()));
            if !inner.is_object() {
                *inner = Value::Object(Map::new());
            }
            if let Value::Object(inner) = inner {
                insert_at(inner, rest, value);
            }
        }
    }
}
