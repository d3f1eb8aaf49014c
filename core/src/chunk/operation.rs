//! The operations of a change, read row by row across its columns.

use super::head::Actors;
use super::number::Rest;
use super::runs::{Flags, Runs, Steps};
use super::{Chunk, Flaw, Place, Value};

/// The most operations of one change, and the most that they replace together.
pub const ROW_LIMIT: u64 = 4_096;

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Writes a value, or inserts one into a text.
    Put,
    /// Takes a value away.
    Delete,
    /// Begins a text.
    MakeText,
    /// Anything else: begins a map, a list or a table, counts, marks.
    Foreign(u64),
}

/// Where in its object an operation works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key<'a> {
    /// At this name of a map.
    Name(&'a str),
    /// At the beginning of a text.
    First,
    /// After, or at, this element of a text.
    Element(Place),
}

/// One operation, borrowed from its change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation<'a> {
    /// Its number.
    pub counter: u64,
    /// The object it works on; `None` for the document's root.
    pub object: Option<Place>,
    /// Where in the object.
    pub key: Key<'a>,
    /// True if it inserts an element after its key rather than working on it.
    pub insert: bool,
    /// What it does.
    pub action: Action,
    /// The value it writes.
    pub value: Value<'a>,
    /// How many earlier operations it replaces.
    pub replaces: u64,
}

/// The operations of a change, in order. After a [`Flaw`] there are no more; what came before it is not to be
/// trusted, since a column that is too long shows only at the end.
#[derive(Clone)]
pub struct Operations<'a> {
    next: u64,
    limit: u64,
    done: bool,
    replaced_in_all: u64,
    actors: Actors<'a>,
    object_actor: Runs<'a, u64>,
    object_counter: Runs<'a, u64>,
    key_actor: Runs<'a, u64>,
    key_counter: Steps<'a>,
    key_name: Runs<'a, &'a str>,
    insert: Flags<'a>,
    action: Runs<'a, u64>,
    value_meta: Runs<'a, u64>,
    values: Rest<'a>,
    replaced: Runs<'a, u64>,
    replaced_actor: Runs<'a, u64>,
    replaced_counter: Steps<'a>,
}

impl<'a> Operations<'a> {
    pub(super) fn of(chunk: &Chunk<'a>) -> Self {
        let columns = &chunk.columns;
        Self {
            next: chunk.start_op,
            limit: chunk.start_op + ROW_LIMIT,
            // A change without operations is never written.
            done: false,
            replaced_in_all: 0,
            actors: chunk.actors(),
            object_actor: Runs::new(columns.object_actor),
            object_counter: Runs::new(columns.object_counter),
            key_actor: Runs::new(columns.key_actor),
            key_counter: Steps::new(columns.key_counter),
            key_name: Runs::new(columns.key_name),
            insert: Flags::new(columns.insert),
            action: Runs::new(columns.action),
            value_meta: Runs::new(columns.value_meta),
            values: Rest(columns.values),
            replaced: Runs::new(columns.replaced),
            replaced_actor: Runs::new(columns.replaced_actor),
            replaced_counter: Steps::new(columns.replaced_counter),
        }
    }

    fn row(&mut self) -> Option<Operation<'a>> {
        let counter = self.next;
        let object = (self.object_actor.next()?, self.object_counter.next()?);
        let object = Place::read(object.0, object.1, counter, &mut self.actors)?;
        let key = self.key(counter)?;
        let insert = self.insert.next()?;
        let action = match self.action.next_value()? {
            1 => Action::Put,
            3 => Action::Delete,
            4 => Action::MakeText,
            other => Action::Foreign(other),
        };
        let value = Value::read(self.value_meta.next_value()?, &mut self.values)?;
        let replaces = self.replaced.next_value()?;
        Some(Operation { counter, object, key, insert, action, value, replaces })
    }

    fn key(&mut self, counter: u64) -> Option<Key<'a>> {
        match (self.key_name.next()?, self.key_actor.next()?, self.key_counter.next()?) {
            (Some(name), None, None) => Some(Key::Name(name)),
            (None, None, Some(0)) => Some(Key::First),
            (None, actor, element) => {
                let element = element.and_then(|element| u64::try_from(element).ok());
                Place::read(actor, element, counter, &mut self.actors)?.map(Key::Element)
            }
            _ => None,
        }
    }

    /// Reads what `operation` replaces: operations of ascending number, each once.
    fn read_replaced(&mut self, operation: &Operation<'_>) -> Option<()> {
        let mut last = None;
        for _ in 0..operation.replaces {
            let actor = self.replaced_actor.next_value()?;
            let counter = u64::try_from(self.replaced_counter.next()??).ok()?;
            Place::read(Some(actor), Some(counter), operation.counter, &mut self.actors)??;
            let place = Some((counter, self.actors.bytes(actor)?));
            if place <= last {
                return None;
            }
            last = place;
        }
        Some(())
    }

    fn is_finished(&self) -> bool {
        self.object_actor.is_finished()
            && self.object_counter.is_finished()
            && self.key_actor.is_finished()
            && self.key_counter.is_finished()
            && self.key_name.is_finished()
            && self.insert.is_finished()
            && self.value_meta.is_finished()
            && self.values.is_empty()
            && self.replaced.is_finished()
            && self.replaced_actor.is_finished()
            && self.replaced_counter.is_finished()
            && self.actors.are_used()
    }

    fn step(&mut self) -> Result<Operation<'a>, Flaw> {
        if self.next >= self.limit {
            return Err(Flaw::Excessive);
        }
        let operation = self.row().ok_or(Flaw::Broken)?;
        self.replaced_in_all = self.replaced_in_all.saturating_add(operation.replaces);
        if self.replaced_in_all > ROW_LIMIT {
            return Err(Flaw::Excessive);
        }
        self.read_replaced(&operation).ok_or(Flaw::Broken)?;
        self.next += 1;
        if self.action.is_at_end() {
            self.done = true;
            if !self.is_finished() {
                return Err(Flaw::Broken);
            }
        }
        Ok(operation)
    }
}

impl<'a> Iterator for Operations<'a> {
    type Item = Result<Operation<'a>, Flaw>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let step = self.step();
        self.done |= step.is_err();
        Some(step)
    }
}
