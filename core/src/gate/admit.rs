//! Field rules and the trial: does the change fit the document, and is the result still a record?

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Refusal, scan};
use crate::doc::{Document, ParsedChange, State};

/// A change that passed, and the document's state with it.
#[derive(Clone, Debug)]
pub struct Admitted {
    /// The state with the change applied.
    pub state: State,
    /// The document with the change applied; `None` where it consists of this change alone and was not built.
    pub document: Option<Document>,
}

/// Reads foreign bytes as a change.
///
/// # Errors
/// [`Refusal::TooLarge`] or [`Refusal::Malformed`].
pub fn read(bytes: &[u8]) -> Result<ParsedChange, Refusal> {
    scan::scan(bytes)?;
    contained(|| ParsedChange::parse(bytes).ok()).ok_or(Refusal::Malformed)
}

/// Tries `change` on the record's document; `held` is `None` where nothing of the record is here.
///
/// The caller keeps its own copy of the document and swaps the admitted one in only once it is stored.
///
/// # Errors
/// [`Refusal::MissingDependency`], [`Refusal::WrongSequence`] or [`Refusal::DoesNotApply`].
pub fn admit(held: Option<Document>, change: &ParsedChange) -> Result<Admitted, Refusal> {
    match held {
        None => begin(change),
        Some(document) => extend(document, change),
    }
}

fn begin(change: &ParsedChange) -> Result<Admitted, Refusal> {
    if !change.is_first() {
        return Err(Refusal::MissingDependency);
    }
    if change.seq() != 1 || change.start_op() != 1 {
        return Err(Refusal::WrongSequence);
    }
    if let Some(state) = contained(|| State::of_single(change)) {
        return Ok(Admitted { state, document: None });
    }
    apply(Document::new(), change)
}

fn extend(document: Document, change: &ParsedChange) -> Result<Admitted, Refusal> {
    if change.deps().any(|dependency| !document.holds(&dependency)) {
        return Err(Refusal::MissingDependency);
    }
    // Two devices may begin the same record side by side, but no actor begins it twice.
    if change.is_first() && change.seq() != 1 {
        return Err(Refusal::WrongSequence);
    }
    let next_op = document.max_op_of(change.deps()) + 1;
    if change.seq() != document.last_seq(&change.actor()) + 1 || change.start_op() != next_op {
        return Err(Refusal::WrongSequence);
    }
    apply(document, change)
}

fn apply(mut document: Document, change: &ParsedChange) -> Result<Admitted, Refusal> {
    let admitted = contained(move || {
        document.apply(change).ok()?;
        let state = State::of(&document);
        Some(Admitted { state, document: Some(document) })
    });
    admitted.ok_or(Refusal::DoesNotApply)
}

/// Runs `attempt`; a panic inside counts as a refusal. Whatever it touched is dropped with it.
fn contained<T>(attempt: impl FnOnce() -> Option<T>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(attempt)).ok().flatten()
}
