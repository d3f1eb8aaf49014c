//! What must hold of every change that the gate lets through.

use gridbook_core::clock::Instant;
use gridbook_core::doc::{Document, Edits, ParsedChange, State};
use gridbook_core::gate::{self, Refusal};
use gridbook_core::id::ActorId;
use gridbook_core::model::Scalar;

/// Sends bytes through the gate, on top of `held`, and looks closely at what was let through.
///
/// # Errors
/// The refusal.
///
/// # Panics
/// If the gate let something through that it must not, with what is wrong.
pub fn try_change(held: Option<&Document>, bytes: &[u8]) -> Result<(), Refusal> {
    let change = gate::read(bytes)?;
    let admitted = gate::admit(held.cloned(), &change);
    if held.is_none() {
        check_shortcut(&change, admitted.as_ref().map(|admitted| &admitted.state));
    }
    let document = admitted?.document.expect("a trial builds the document");
    assert!(change.is_canonical(), "automerge encodes the content differently");
    check_lives_on(&document, held);
    Ok(())
}

/// What a phone reads of a first change without a trial is what the trial finds.
fn check_shortcut(change: &ParsedChange, tried: Result<&State, &Refusal>) {
    let quick = gate::admit_first(change);
    match (&quick, tried) {
        (Ok(quick), Ok(tried)) => assert_eq!(quick.state, *tried, "the short way reads something else"),
        (Err(quick), Err(tried)) => assert_eq!(quick, tried),
        (quick, tried) => panic!("the short way says {quick:?}, the trial {tried:?}"),
    }
}

/// Saved, loaded, edited and merged, the document goes on.
fn check_lives_on(document: &Document, held: Option<&Document>) {
    let mut loaded = Document::open(&document.save()).expect("it loads");
    assert_eq!((loaded.version(), loaded.fields()), (document.version(), document.fields()));
    let changes = document.changes();
    assert_eq!(changes.len(), document.change_count(), "every change is read again");
    let again = Document::load(changes.iter().map(ParsedChange::bytes)).expect("its changes load");
    assert_eq!(again.fields(), document.fields());
    let note = |text: &str| Edits::from([("note".to_owned(), Some(Scalar::Text(text.to_owned())))]);
    let edit = loaded.write(ActorId([3; 16]), Instant(1), &note("之后")).expect("it takes an edit");
    let edit = ParsedChange::parse(&edit.expect("a change").bytes).expect("which is read");
    let mut aside = document.clone();
    aside.write(ActorId([4; 16]), Instant(2), &note("同时")).expect("it takes another");
    gate::admit(Some(aside), &edit).expect("and the two come together");
    if let Some(held) = held {
        let kept = held.changes().iter().all(|change| document.holds(&change.hash()));
        assert!(kept, "nothing that was held is lost");
    }
    document.history().expect("its history is told");
    let _ = document.conflicts();
}
