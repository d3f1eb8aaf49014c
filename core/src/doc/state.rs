//! What a row needs to know of a document: its fields now and which version they are.

use super::{Document, ParsedChange, read_single};
use crate::clock::Instant;
use crate::model::{Fields, Version};

/// A document's fields and facts at one version.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// The fields.
    pub fields: Fields,
    /// The heads.
    pub version: Version,
    /// When the first change was made, by its author's clock.
    pub created: Instant,
    /// When the latest change was made, by its author's clock.
    pub updated: Instant,
    /// How many fields hold two values.
    pub conflicts: u32,
}

impl State {
    /// The state of the document that consists of just `change`, read without building it; `None` where
    /// it must be built to know.
    #[must_use]
    pub fn of_single(change: &ParsedChange) -> Option<Self> {
        Some(Self {
            fields: read_single(change)?,
            version: Version(vec![change.hash()]),
            created: change.at(),
            updated: change.at(),
            conflicts: 0,
        })
    }

    /// The state of a document.
    #[must_use]
    pub fn of(document: &Document) -> Self {
        let (created, updated) = document.span();
        Self {
            fields: document.fields(),
            version: document.version(),
            created,
            updated,
            conflicts: u32::try_from(document.conflicts().len()).unwrap_or(u32::MAX),
        }
    }
}
