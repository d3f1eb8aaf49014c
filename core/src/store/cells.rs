//! What a record's row holds of its fields, besides the document's own state. A first sync derives it on the thread that
//! prepares pages: it takes a fraction of the content's memory, and nothing of it is worked out while storing.

use crate::clock::{Day, Instant};
use crate::id::{PersonId, RecordId};
use crate::model::{Kind, Projection};

use super::cut;

/// The cells of one row.
#[derive(Debug)]
pub struct Cells {
    /// The record's kind.
    pub kind: Kind,
    pub(super) author: PersonId,
    pub(super) day: Day,
    pub(super) occurred_at: Instant,
    pub(super) subject: Option<RecordId>,
    pub(super) walking_order: Option<String>,
    pub(super) building: Option<String>,
    pub(super) voided: bool,
    pub(super) json: Box<str>,
    pub(super) words: Words,
}

/// What the record is found by.
#[derive(Debug)]
pub(super) enum Words {
    /// Its text.
    Text(String),
    /// Its text as [`cut`] cuts it.
    Terms(Box<str>),
}

impl Cells {
    /// The cells that follow from a projection.
    #[must_use]
    pub fn of(projection: Projection) -> Self {
        let Projection { header, content, day, json } = projection;
        Self {
            kind: header.kind,
            author: header.author,
            day,
            occurred_at: header.occurred_at,
            subject: content.subject(),
            walking_order: content.walking_order(),
            building: content.building().map(str::to_owned),
            voided: header.voided.is_some(),
            json: json.into_boxed_str(),
            words: Words::Text(content.search_text()),
        }
    }

    /// The same with its text cut ahead, for a record that is new.
    #[must_use]
    pub fn cut(self) -> Self {
        let words = match self.words {
            Words::Text(text) => Words::Terms(cut(&text).into_boxed_str()),
            terms @ Words::Terms(_) => terms,
        };
        Self { words, ..self }
    }
}
