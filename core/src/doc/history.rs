//! A record's history field by field: who, when, from, to.

use automerge::{Automerge, Change};
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

impl FieldChange {
    /// The same with numbers masked.
    #[must_use]
    pub fn masked(self) -> Self {
        let Self { field, from, to } = self;
        let masked = |value: Option<Scalar>| value.map(|value| value.masked(&field));
        let (from, to) = (masked(from), masked(to));
        Self { field, from, to }
    }
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
    /// The fields it changed, seen from what its author knew: a value that stands beside a concurrent one, or
    /// was given up for it later, is told too.
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
            let change = parsed.to_automerge()?;
            let known = change.deps();
            let side_by_side = known.len() != replayed.get_heads().len()
                || replayed.get_heads().iter().any(|head| !known.contains(head));
            let aside = side_by_side.then(|| change_alone(&replayed, &change)).transpose()?;
            replayed.apply_changes([change]).map_err(super::document::broken)?;
            let after = read_fields(&replayed);
            steps.push(Step {
                hash: parsed.hash(),
                actor: parsed.actor(),
                at: parsed.at(),
                changes: aside.unwrap_or_else(|| difference(&before, &after)),
            });
            before = after;
        }
        Ok(steps)
    }
}

/// What a change did to the document that its author knew.
fn change_alone(replayed: &Automerge, change: &Change) -> crate::Result<Vec<FieldChange>> {
    let mut known = match change.deps() {
        [] => Automerge::new(),
        known => replayed.fork_at(known).map_err(super::document::broken)?,
    };
    let before = read_fields(&known);
    known.apply_changes([change.clone()]).map_err(super::document::broken)?;
    Ok(difference(&before, &read_fields(&known)))
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
