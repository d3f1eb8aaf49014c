//! Honest records to attack: documents with their changes, one of every kind.

use gridbook_core::doc::{Document, Edits};
use gridbook_core::id::ActorId;
use gridbook_core::model::{Kind, Scalar};

use crate::samples;

/// A record's document and the bytes of its changes, dependencies first.
#[derive(Clone, Debug)]
pub struct Record {
    /// The document.
    pub document: Document,
    /// Its changes.
    pub changes: Vec<Vec<u8>>,
}

/// The actor that begins every record here.
pub const AUTHOR: ActorId = ActorId([7; 16]);
/// Another that edits it.
pub const LEAD: ActorId = ActorId([9; 16]);

impl Record {
    /// A record of `kind` that was begun and edited by two people.
    ///
    /// # Panics
    /// If an honest edit cannot be written, which ends the test that asks.
    #[must_use]
    pub fn of(kind: Kind) -> Self {
        let (document, first) =
            Document::begin(AUTHOR, samples::MOMENT, &samples::fields(kind)).expect("a record is begun");
        let mut record = Self { document, changes: vec![first.bytes] };
        let target = samples::header(kind).with(&samples::edited(kind));
        let edits = gridbook_core::doc::edits_between(&record.document.fields(), &target, kind.fields());
        record.write(LEAD, &edits);
        record.write(AUTHOR, &Edits::from([("grid".to_owned(), Some(Scalar::Text("sgrid0002".into())))]));
        record
    }

    /// One of every kind.
    #[must_use]
    pub fn all() -> Vec<Self> {
        Kind::ALL.into_iter().map(Self::of).collect()
    }

    /// The document as it was before its last change.
    ///
    /// # Panics
    /// Never: its own changes load.
    #[must_use]
    pub fn before_last(&self) -> Document {
        Document::load(&self.changes[..self.changes.len() - 1]).expect("its own changes load")
    }

    fn write(&mut self, actor: ActorId, edits: &Edits) {
        let change = self.document.write(actor, samples::MOMENT, edits).expect("an honest edit");
        self.changes.extend(change.map(|change| change.bytes));
    }
}
