//! What an edit changes: the difference between what a screen was shown and what it hands back.
//!
//! Only these fields are written, so an edit never touches a field its author did not, and fields of a
//! newer version survive an older phone.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::model::{Field, Fields, Merge, Scalar, Voided};

/// New values by path; `None` takes an element out of its set or map.
pub type Edits = BTreeMap<String, Option<Scalar>>;

/// The edits that turn `base` into `target`.
///
/// A scalar that is emptied is written as [`Scalar::Null`], because a mere deletion would lose silently
/// against a concurrent value; an element of a set is taken out, so that adding it again elsewhere wins.
#[must_use]
pub fn edits_between(base: &Fields, target: &Fields, fields: &[Field]) -> Edits {
    let mut edits = Edits::new();
    for (path, value) in target {
        if base.get(path) != Some(value) {
            edits.insert(path.clone(), Some(value.clone()));
        }
    }
    for (path, value) in base {
        if !target.contains_key(path) && *value != Scalar::Null {
            edits.insert(path.clone(), emptied(path, fields));
        }
    }
    edits
}

/// The edit that withdraws a record: one fact in one field.
///
/// # Errors
/// [`Error::Document`] if it cannot be written, which only a broken build cannot.
pub fn edits_that_void(voided: &Voided) -> Result<Edits> {
    let text = serde_json::to_string(voided).map_err(|error| Error::Document(error.to_string()))?;
    Ok(Edits::from([("voided".to_owned(), Some(Scalar::Text(text)))]))
}

fn emptied(path: &str, fields: &[Field]) -> Option<Scalar> {
    let name = path.split('/').next().unwrap_or(path);
    match fields.iter().find(|field| field.name == name).map(|field| field.merge) {
        Some(Merge::PerElement | Merge::PerEntry) => None,
        Some(Merge::Characters) => Some(Scalar::Running(String::new())),
        Some(Merge::KeepBoth) | None => Some(Scalar::Null),
    }
}
