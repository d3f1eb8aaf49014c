//! Most records consist of one change: their fields are read straight from its columns, ten times faster
//! than by building the document. A first sync lives from this.

use super::ParsedChange;
use super::change::scalar;
use crate::chunk::{Action, Key, Operation, Place, Value};
use crate::model::{Fields, Scalar};

/// The fields of the document that consists of just `change`; `None` where the operations are not the
/// plain ones that a first change consists of, and the document must be built to know.
#[must_use]
pub fn read_single(change: &ParsedChange) -> Option<Fields> {
    let chunk = change.chunk().ok()?;
    if !chunk.dependencies.is_empty() || chunk.start_op != 1 {
        return None;
    }
    let mut reader = Reader { fields: Fields::new(), text: None };
    for operation in chunk.operations() {
        reader.read(&operation.ok()?)?;
    }
    reader.finish_text();
    Some(reader.fields)
}

struct Reader<'a> {
    fields: Fields,
    text: Option<RunningText<'a>>,
}

/// A text object being filled, character after character.
struct RunningText<'a> {
    field: &'a str,
    object: Place,
    last: Key<'a>,
    text: String,
}

impl<'a> Reader<'a> {
    fn read(&mut self, operation: &Operation<'a>) -> Option<()> {
        if operation.replaces > 0 {
            return None;
        }
        match (operation.object, operation.key, operation.action, operation.value) {
            (None, Key::Name(field), Action::Put, value) if !operation.insert => {
                self.begin_field(field, scalar(value)?)
            }
            (None, Key::Name(field), Action::MakeText, Value::Null) if !operation.insert => {
                self.finish_text();
                self.begin_field(field, Scalar::Null)?;
                let object = own_place(operation);
                self.text = Some(RunningText { field, object, last: Key::First, text: String::new() });
                Some(())
            }
            (Some(object), after, Action::Put, Value::Text(characters)) if operation.insert => {
                let running = self.text.as_mut()?;
                if running.object != object || running.last != after || characters.is_empty() {
                    return None;
                }
                running.text.push_str(characters);
                running.last = Key::Element(own_place(operation));
                Some(())
            }
            _ => None,
        }
    }

    /// A field is written once.
    fn begin_field(&mut self, field: &str, value: Scalar) -> Option<()> {
        self.fields.insert(field.to_owned(), value).is_none().then_some(())
    }

    fn finish_text(&mut self) {
        if let Some(running) = self.text.take() {
            self.fields.insert(running.field.to_owned(), Scalar::Running(running.text));
        }
    }
}

/// The name of an operation among those of its own change.
fn own_place(operation: &Operation<'_>) -> Place {
    Place { counter: operation.counter, actor: 0 }
}
