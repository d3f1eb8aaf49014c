//! The whole gate: what passes it saves, loads again as the same and takes an edit.

#![no_main]

use std::sync::LazyLock;

use gridbook_core::clock::Instant;
use gridbook_core::doc::{Document, Edits};
use gridbook_core::gate;
use gridbook_core::id::ActorId;
use gridbook_core::model::{Fields, Scalar};
use libfuzzer_sys::fuzz_target;

/// A diary with a running text, to which changes may be added.
static HELD: LazyLock<Document> = LazyLock::new(|| {
    let fields = Fields::from([
        ("kind".to_owned(), Scalar::Text("diary".to_owned())),
        ("text".to_owned(), Scalar::Running("楼道灯坏了".to_owned())),
    ]);
    Document::begin(ActorId([7; 16]), Instant(1_795_397_400_000), &fields).expect("a record").0
});

fuzz_target!(|bytes: &[u8]| {
    let Ok(change) = gate::read(&gate::chunk(bytes, b"")) else { return };
    let quick = gate::admit_first(&change).map(|admitted| admitted.state);
    let tried = gate::admit(None, &change);
    assert_eq!(quick, tried.as_ref().map(|admitted| admitted.state.clone()).map_err(|refusal| *refusal));
    for admitted in [tried, gate::admit(Some(HELD.clone()), &change)].into_iter().flatten() {
        assert!(change.is_canonical());
        let document = admitted.document.expect("a trial builds the document");
        let mut loaded = Document::open(&document.save()).expect("it loads");
        assert_eq!(loaded.fields(), document.fields());
        let edit = Edits::from([("done".to_owned(), Some(Scalar::Flag(true)))]);
        loaded.write(ActorId([3; 16]), Instant(1), &edit).expect("it takes an edit");
    }
});
