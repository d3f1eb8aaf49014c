//! Records as flat fields: the one shape that documents, history and conflicts share.
//!
//! A set `purposes` with the element `safety` is the field `purposes/safety = true`; an item's title is
//! `items/<id>/title`. No nested object is ever created, so two phones that make the same record, or the
//! same set, while offline merge without one hiding the other (`docs/adr/0003-flat-documents.md`).

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::masking::mask_field;

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

impl Scalar {
    /// The same with numbers masked, as the field at `path` shows it.
    #[must_use]
    pub fn masked(self, path: &str) -> Self {
        match self {
            Scalar::Text(text) => Scalar::Text(mask_field(path, &text)),
            Scalar::Running(text) => Scalar::Running(mask_field(path, &text)),
            other => other,
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

/// The deepest path is `items/<id>/title`. Deeper ones are passed over: only a hostile change has them.
const LEVELS: usize = 2;

/// The inverse of [`flatten`], up to sets, which come back as `{element: true}`; cleared fields are left out.
#[must_use]
pub fn unflatten(fields: &Fields) -> Nested<'_> {
    let mut root = Nested::default();
    for (path, scalar) in fields.iter().filter(|(_, scalar)| **scalar != Scalar::Null) {
        if path.split(SEPARATOR).nth(LEVELS + 1).is_some() {
            continue;
        }
        root.insert(path, LEVELS, scalar);
    }
    root
}

/// Fields as they nest, borrowed: serialises to one JSON object.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Nested<'a>(BTreeMap<&'a str, Node<'a>>);

/// What stands at one name of a [`Nested`].
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Node<'a> {
    Scalar(&'a Scalar),
    Object(Nested<'a>),
}

impl<'a> Nested<'a> {
    /// Puts `scalar` at `path`, at most `levels` objects below this one. A scalar in the way of a deeper path
    /// gives way to it: only a broken document has one.
    fn insert(&mut self, path: &'a str, levels: usize, scalar: &'a Scalar) {
        let Some((name, rest)) = path.split_once(SEPARATOR).filter(|_| levels > 0) else {
            self.0.entry(path).or_insert(Node::Scalar(scalar));
            return;
        };
        let node = self.0.entry(name).or_insert_with(|| Node::Object(Nested::default()));
        if let Node::Scalar(_) = node {
            *node = Node::Object(Nested::default());
        }
        if let Node::Object(inner) = node {
            inner.insert(rest, levels - 1, scalar);
        }
    }
}
