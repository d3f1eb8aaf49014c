//! Step three, field rules: the change goes exactly where its head says, and nowhere else.

use super::Refusal;
use crate::clock::Instant;
use crate::doc::{Document, ParsedChange};

/// The earliest time a change may carry: a phone whose battery was dry begins again at 1970.
const EARLIEST: Instant = Instant(0);
/// The latest: 2100-01-01. Phones' clocks are wrong by years and their work counts all the same; what is
/// refused is a time that no screen can show. The receiver's clock is not asked, since it may be wrong too,
/// and every receiver must come to the same verdict.
const LATEST: Instant = Instant(4_102_444_800_000);

/// Checks number, place and time of `change` against the record's document; `None` where nothing is held.
///
/// # Errors
/// [`Refusal::ImpossibleTime`], [`Refusal::MissingDependency`] or [`Refusal::WrongSequence`].
pub(super) fn check(held: Option<&Document>, change: &ParsedChange) -> Result<(), Refusal> {
    if !(EARLIEST..=LATEST).contains(&change.at()) {
        return Err(Refusal::ImpossibleTime);
    }
    let Some(document) = held else {
        if !change.is_first() {
            return Err(Refusal::MissingDependency);
        }
        return if change.seq() == 1 && change.start_op() == 1 {
            Ok(())
        } else {
            Err(Refusal::WrongSequence)
        };
    };
    if change.deps().any(|dependency| !document.holds(&dependency)) {
        return Err(Refusal::MissingDependency);
    }
    // Two devices may begin the same record side by side, but no actor begins it twice.
    if change.is_first() && change.seq() != 1 {
        return Err(Refusal::WrongSequence);
    }
    let next_op = document.max_op_of(change.deps()) + 1;
    // An actor's changes are one line, or automerge panics where it looks at the later one without the earlier.
    let in_line = change.seq() == document.last_seq(&change.actor()) + 1 && document.holds_line(change);
    if in_line && change.start_op() == next_op { Ok(()) } else { Err(Refusal::WrongSequence) }
}
