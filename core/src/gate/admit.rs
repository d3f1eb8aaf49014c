//! The steps in their order. Step two, that the sender is who they say and the actor theirs, is the server's:
//! it knows devices.

use super::{Refusal, fit, schema, trial};
use crate::doc::{Document, ParsedChange, State};

/// A change that passed, and the document's state with it.
#[derive(Clone, Debug)]
pub struct Admitted {
    /// The state with the change applied.
    pub state: State,
    /// The document with the change applied; `None` where it consists of this change alone and was not built.
    pub document: Option<Document>,
}

/// Tries `change` on the record's document; `held` is `None` where nothing of the record is here.
///
/// The caller keeps its own copy of the document and swaps the admitted one in only once it is stored.
///
/// # Errors
/// Any [`Refusal`] but those that the server alone gives.
pub fn admit(held: Option<Document>, change: &ParsedChange) -> Result<Admitted, Refusal> {
    fit::check(held.as_ref(), change)?;
    schema::check(held.as_ref(), change)?;
    trial::run(held.unwrap_or_default(), change)
}

/// As [`admit`] where nothing of the record is here, without the trial if the change is a plain one: fields
/// written once, texts typed from beginning to end. Those fields are read from the bytes, and automerge gets to
/// see them when a second change comes. That it takes them then, as the same, is what `tests/hostile/tests/mutants.rs`
/// shows; uploads and first syncs live from not trying each record anew on the server and on every phone.
///
/// # Errors
/// As [`admit`].
pub fn admit_first(change: &ParsedChange) -> Result<Admitted, Refusal> {
    fit::check(None, change)?;
    schema::check(None, change)?;
    let Some(state) = State::of_single(change) else { return trial::run(Document::new(), change) };
    schema::check_size(&state.fields)?;
    Ok(Admitted { state, document: None })
}
