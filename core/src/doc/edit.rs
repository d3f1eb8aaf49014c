//! What an edit changes: the difference between what a screen was shown and what it hands back.
//!
//! Only these fields are written, so an edit never touches a field its author did not, and fields of a
//! newer version survive an older phone.

use std::collections::BTreeMap;

use super::Document;
use super::numbers::keep_masked;
use crate::error::{Error, Result};
use crate::model::{
    Content, Field, Fields, Header, Kind, Merge, Projection, Scalar, Version, Voided, unflatten,
};

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

/// The edits that turn a record, as its author saw it at `seen`, into the header and the content that they hand back:
/// what [`Document::write_at`] is given. What their screen showed masked and they left as it was is no edit.
///
/// # Errors
/// [`Error::Document`] if the record's fields do not read as its kind's; [`Error::Invalid`] if a masked number was changed
/// in part.
pub fn revision(document: &Document, seen: &Version, header: &Header, content: &Content) -> Result<Edits> {
    let kind = content.kind();
    let base = typed_fields(kind, &document.fields_at(seen))?;
    let mut target = header.with(content);
    keep_masked(kind, &base, &mut target)?;
    let mut edits = edits_between(&base, &target, kind.fields());
    // A resumed draft brings the header of now over the version of then: nobody edited that.
    let now = document.fields();
    edits.retain(|path, value| !Header::NAMES.contains(&path.as_str()) || now.get(path) != value.as_ref());
    Ok(edits)
}

/// `fields` as this version reads and would write them: what an edit is compared with, so that fields of a
/// newer version are never touched.
fn typed_fields(kind: Kind, fields: &Fields) -> Result<Fields> {
    let json = serde_json::to_string(&unflatten(fields)).map_err(|error| Error::shape(kind, &error))?;
    let (header, content) = Projection::read(kind, &json)?;
    Ok(header.with(&content))
}

fn emptied(path: &str, fields: &[Field]) -> Option<Scalar> {
    let name = path.split('/').next().unwrap_or(path);
    match fields.iter().find(|field| field.name == name).map(|field| field.merge) {
        Some(Merge::PerElement | Merge::PerEntry) => None,
        Some(Merge::Characters) => Some(Scalar::Running(String::new())),
        Some(Merge::KeepBoth) | None => Some(Scalar::Null),
    }
}
