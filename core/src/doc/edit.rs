//! What an edit changes: the difference between what a screen was shown and what it hands back.
//!
//! Only these fields are written, so an edit never touches a field its author did not, and fields of a
//! newer version survive an older phone.

use std::collections::BTreeMap;

use crate::model::{Field, Fields, Merge, Scalar};

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

fn emptied(path: &str, fields: &[Field]) -> Option<Scalar> {
    let name = path.split('/').next().unwrap_or(path);
    match fields.iter().find(|field| field.name == name).map(|field| field.merge) {
        Some(Merge::PerElement | Merge::PerEntry) => None,
        Some(Merge::Characters) => Some(Scalar::Running(String::new())),
        Some(Merge::KeepBoth) | None => Some(Scalar::Null),
    }
}
