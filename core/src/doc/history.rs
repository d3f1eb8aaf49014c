//! A record's history field by field: who, when, from, to.

use automerge::Automerge;
use serde::Serialize;

use super::Document;
use super::document::read_fields;
use crate::clock::Instant;
use crate::id::{ActorId, ChangeHash};
use crate::model::{Fields, Scalar};

/// One field that a change changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldChange {
    /// The field's path.
    pub field: String,
    /// What it was; `None` if it was empty.
    pub from: Option<Scalar>,
    /// What it became; `None` if it was emptied.
    pub to: Option<Scalar>,
}

/// One change in a record's history.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    /// The change.
    pub hash: ChangeHash,
    /// Who made it.
    pub actor: ActorId,
    /// When, by their clock.
    pub at: Instant,
    /// The fields it changed; empty for a value that lost against a concurrent one, which is a conflict.
    pub changes: Vec<FieldChange>,
}

impl Document {
    /// The history, dependencies first: one line of time through what may have happened side by side.
    ///
    /// # Errors
    /// [`crate::Error::Document`] if the document cannot be replayed, which only a broken one cannot.
    pub fn history(&self) -> crate::Result<Vec<Step>> {
        let mut replayed = Automerge::new();
        let mut before = Fields::new();
        let mut steps = Vec::new();
        for parsed in self.changes() {
            replayed.apply_changes([parsed.change.clone()]).map_err(super::document::broken)?;
            let after = read_fields(&replayed);
            steps.push(Step {
                hash: parsed.hash(),
                actor: parsed.actor(),
                at: parsed.at(),
                changes: difference(&before, &after),
            });
            before = after;
        }
        Ok(steps)
    }
}

fn difference(before: &Fields, after: &Fields) -> Vec<FieldChange> {
    let shown = |scalar: Option<&Scalar>| scalar.filter(|scalar| **scalar != Scalar::Null).cloned();
    let gone = before.keys().filter(|field| !after.contains_key(*field));
    after
        .keys()
        .chain(gone)
        .map(|field| FieldChange {
            field: field.clone(),
            from: shown(before.get(field)),
            to: shown(after.get(field)),
        })
        .filter(|change| change.from != change.to)
        .collect()
}
