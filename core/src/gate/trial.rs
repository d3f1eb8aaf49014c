//! Step five, the trial: automerge applies the change to a copy, which must save, load again as the same and take
//! one more edit. Whatever panics on the way refuses this change alone.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Admitted, Refusal, schema};
use crate::clock::Instant;
use crate::doc::{Document, Edits, ParsedChange, State};
use crate::id::ActorId;
use crate::model::Scalar;

/// Applies `change` to `document`, a copy.
///
/// # Errors
/// [`Refusal::DoesNotApply`], or [`Refusal::TooLarge`] if the record becomes so.
pub(super) fn run(mut document: Document, change: &ParsedChange) -> Result<Admitted, Refusal> {
    contained(move || {
        document.apply(change).ok()?;
        let state = State::of(&document);
        if let Err(refusal) = schema::check_size(&state.fields) {
            return Some(Err(refusal));
        }
        survives(&document, &state).then_some(Ok(Admitted { state, document: Some(document) }))
    })
    .unwrap_or(Err(Refusal::DoesNotApply))
}

/// Builds a record's document from changes that were taken in before, dependencies first.
///
/// # Errors
/// [`Refusal::DoesNotApply`] if automerge fails at it: then nothing more is taken in for this record.
pub fn build<B: AsRef<[u8]>>(changes: &[B]) -> Result<Document, Refusal> {
    contained(|| Document::load(changes).ok()).ok_or(Refusal::DoesNotApply)
}

/// True if the document lives on: saved and loaded it is the same, and it takes an edit.
fn survives(document: &Document, state: &State) -> bool {
    let Ok(mut loaded) = Document::open(&document.save()) else { return false };
    if loaded.version() != state.version || loaded.fields() != state.fields {
        return false;
    }
    let edit = Edits::from([("schema".to_owned(), Some(Scalar::Number(i64::MAX)))]);
    let written = loaded.write(EDITOR, Instant(0), &edit);
    written.is_ok_and(|change| change.is_some()) && loaded.field("schema") == Some(Scalar::Number(i64::MAX))
}

/// Under whom the trial's edit is written; it is never kept.
const EDITOR: ActorId = ActorId([0xfe; 16]);

/// Runs `attempt`; a panic inside counts as a refusal. Whatever it touched is dropped with it.
fn contained<T>(attempt: impl FnOnce() -> Option<T>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(attempt)).ok().flatten()
}
