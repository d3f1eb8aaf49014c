//! Most records consist of one change: their fields are read straight from its operations, 2.5 times
//! faster than by building the document. A first sync lives from this.

use automerge::legacy::{ElementId, Key, ObjectId, Op, OpId, OpType};
use automerge::{ObjType, ScalarValue};

use super::ParsedChange;
use super::document::from_automerge;
use crate::model::{Fields, Scalar};

/// The fields of the document that consists of just `change`; `None` where the operations are not the
/// plain ones that a first change consists of, and the document must be built to know.
#[must_use]
pub fn read_single(change: &ParsedChange) -> Option<Fields> {
    if !change.is_first() {
        return None;
    }
    let decoded = change.change.decode();
    let first = decoded.start_op.get();
    let mut reader = Reader { fields: Fields::new(), text: None };
    for (number, operation) in (first..).zip(&decoded.operations) {
        let id = OpId::new(number, &decoded.actor_id);
        reader.read(id, operation)?;
    }
    reader.finish_text();
    Some(reader.fields)
}

struct Reader {
    fields: Fields,
    text: Option<RunningText>,
}

/// A text object being filled, character after character.
struct RunningText {
    field: String,
    object: ObjectId,
    last: ElementId,
    text: String,
}

impl Reader {
    fn read(&mut self, id: OpId, operation: &Op) -> Option<()> {
        if operation.pred.iter().next().is_some() {
            return None;
        }
        match (&operation.obj, &operation.key, &operation.action) {
            (ObjectId::Root, Key::Map(field), OpType::Put(value)) => {
                let previous = self.fields.insert(field.to_string(), from_automerge(value)?);
                previous.is_none().then_some(())
            }
            (ObjectId::Root, Key::Map(field), OpType::Make(ObjType::Text)) => {
                self.finish_text();
                self.text = Some(RunningText {
                    field: field.to_string(),
                    object: ObjectId::Id(id),
                    last: ElementId::Head,
                    text: String::new(),
                });
                Some(())
            }
            (object, Key::Seq(after), OpType::Put(ScalarValue::Str(characters))) if operation.insert => {
                let running = self.text.as_mut()?;
                if running.object != *object || running.last != *after {
                    return None;
                }
                running.text.push_str(characters);
                running.last = ElementId::Id(id);
                Some(())
            }
            _ => None,
        }
    }

    fn finish_text(&mut self) {
        if let Some(running) = self.text.take() {
            self.fields.insert(running.field, Scalar::Running(running.text));
        }
    }
}
