//! The records as they come to be: ids, first contents, edits.

use std::sync::Arc;

use gridbook_core::clock::{Instant, Surroundings};
use gridbook_core::id::RecordId;
use gridbook_core::model::Content;

use super::dice::{SeededEntropy, SetClock};
use super::{EditSeed, RecordSeed};

/// The records so far, in the order in which they were thought of.
pub(super) struct Chronicle {
    clock: Arc<SetClock>,
    surroundings: Surroundings,
    records: Vec<RecordSeed>,
}

/// Who writes, and where.
#[derive(Clone, Copy)]
pub(super) struct Desk<'a> {
    pub(super) author: &'a str,
    pub(super) scope: &'a str,
    pub(super) grid: Option<&'a str>,
}

impl Chronicle {
    pub(super) fn new(seed: u64) -> Self {
        let clock = Arc::new(SetClock::default());
        let surroundings = Surroundings { clock: clock.clone(), entropy: Arc::new(SeededEntropy::new(seed)) };
        Self { clock, surroundings, records: Vec::new() }
    }

    /// Writes a new record and says which one it is.
    pub(super) fn write(&mut self, desk: Desk<'_>, at: Instant, content: impl Into<Content>) -> usize {
        self.clock.set(at);
        let id = RecordId::new(&self.surroundings);
        self.write_as(id, desk, at, content)
    }

    /// Writes a new record whose id is known.
    pub(super) fn write_as(
        &mut self,
        id: RecordId,
        desk: Desk<'_>,
        at: Instant,
        content: impl Into<Content>,
    ) -> usize {
        self.records.push(RecordSeed {
            id,
            scope: desk.scope.to_owned(),
            grid: desk.grid.map(str::to_owned),
            author: desk.author.to_owned(),
            occurred_at: at,
            content: content.into(),
            edits: Vec::new(),
        });
        self.records.len() - 1
    }

    /// Edits a record; earlier edits must have been written before.
    pub(super) fn edit(&mut self, record: usize, author: &str, at: Instant, content: impl Into<Content>) {
        let edits = &mut self.records[record].edits;
        let at = edits.last().map_or(at, |last| at.max(last.at.plus_millis(1)));
        edits.push(EditSeed { author: author.to_owned(), at, content: content.into() });
    }

    pub(super) fn records(&self) -> &[RecordSeed] {
        &self.records
    }

    /// All records by the time they were first written.
    pub(super) fn finish(mut self) -> Vec<RecordSeed> {
        self.records.sort_by_key(|record| (record.occurred_at, record.id));
        self.records
    }
}

impl RecordSeed {
    /// The content after all edits.
    #[must_use]
    pub fn latest(&self) -> &Content {
        self.edits.last().map_or(&self.content, |edit| &edit.content)
    }
}
