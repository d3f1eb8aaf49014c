//! A record's first change, written without building its document: every save of a new record goes through here, and
//! to build the document only for its bytes took a quarter of it.

use std::num::NonZeroU64;

use automerge::legacy::{ElementId, Key, ObjectId, Op, OpId, OpType, SortedVec};
use automerge::{Change, ExpandedChange, ObjType, ScalarValue};

use super::NewChange;
use super::document::to_automerge;
use crate::clock::Instant;
use crate::error::{Error, Result};
use crate::id::{ActorId, ChangeHash};
use crate::model::{Fields, Scalar};

impl NewChange {
    /// The change that begins a record's document with all its fields: byte for byte what [`super::Document::write`]
    /// gives on an empty document.
    ///
    /// # Errors
    /// [`Error::Document`] if there is no field to write.
    pub fn first(actor: ActorId, at: Instant, fields: &Fields) -> Result<Self> {
        if fields.is_empty() {
            return Err(Error::Document("a record has at least one field".into()));
        }
        let mut operations = Operations { actor: automerge::ActorId::from(actor.0), written: Vec::new() };
        for (path, value) in fields {
            match value {
                Scalar::Running(text) => operations.begin_running(path, text),
                scalar => operations.put(path, OpType::Put(to_automerge(scalar))),
            }
        }
        let Operations { actor, written } = operations;
        let change = Change::from(ExpandedChange {
            operations: written,
            actor_id: actor,
            hash: None,
            seq: 1,
            start_op: NonZeroU64::MIN,
            time: at.0,
            message: None,
            deps: Vec::new(),
            extra_bytes: Vec::new(),
            author: None,
        });
        Ok(Self { hash: ChangeHash(change.hash().0), bytes: change.raw_bytes().to_vec() })
    }
}

/// The operations so far; the first has the number 1.
struct Operations {
    actor: automerge::ActorId,
    written: Vec<Op>,
}

impl Operations {
    fn put(&mut self, path: &str, action: OpType) {
        let (obj, key) = (ObjectId::Root, Key::Map(path.into()));
        self.written.push(Op { action, obj, key, pred: SortedVec::new(), insert: false });
    }

    /// A text object and its characters, each after the one before it.
    fn begin_running(&mut self, path: &str, text: &str) {
        self.put(path, OpType::Make(ObjType::Text));
        let object = self.last();
        let mut after = ElementId::Head;
        for character in text.chars() {
            self.written.push(Op {
                action: OpType::Put(ScalarValue::from(character)),
                obj: ObjectId::Id(object.clone()),
                key: Key::Seq(after),
                pred: SortedVec::new(),
                insert: true,
            });
            after = ElementId::Id(self.last());
        }
    }

    /// The number of the operation written last.
    fn last(&self) -> OpId {
        OpId(self.written.len() as u64, self.actor.clone())
    }
}
