//! Fields that hold two values, and a record's history.

pub use gridbook_core::doc::FieldChange;
pub use gridbook_core::model::Scalar;
pub use gridbook_core::workbook::HistoryStep;

use super::{ChangeHash, Instant, Kind, PersonId, RecordId};

/// The value of one field.
pub type FieldValue = Scalar;

/// The value of one field.
#[uniffi::remote(Enum)]
pub enum FieldValue {
    /// Someone emptied the field.
    Null,
    /// True or false.
    Flag(bool),
    /// A whole number: a count, or milliseconds since 1970.
    Number(i64),
    /// Text that is replaced as a whole.
    Text(String),
    /// Running text, merged character by character.
    Running(String),
}

/// One of the values that a field holds.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct Candidate {
    /// The value; hand it to `choose`.
    pub value: FieldValue,
    /// Who wrote it, where the directory knows.
    pub person: Option<PersonId>,
    /// When, by their clock.
    pub at: Instant,
}

/// A field that holds two values until someone chooses.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct OpenConflict {
    /// The record.
    pub record: RecordId,
    /// Its kind.
    pub kind: Kind,
    /// The field's path, such as `outcome` or `purposes/safety_check`.
    pub field: String,
    /// The values, the one shown for now last.
    pub candidates: Vec<Candidate>,
}

impl From<gridbook_core::workbook::OpenConflict> for OpenConflict {
    fn from(conflict: gridbook_core::workbook::OpenConflict) -> Self {
        let gridbook_core::workbook::OpenConflict { record, kind, field, candidates } = conflict;
        let candidates = candidates.into_iter().map(|(candidate, person)| {
            let gridbook_core::doc::Candidate { value, actor: _, at } = candidate;
            Candidate { value, person, at }
        });
        Self { record, kind, field, candidates: candidates.collect() }
    }
}

/// What happened to one field in one change.
#[uniffi::remote(Record)]
pub struct FieldChange {
    /// The field's path.
    pub field: String,
    /// What it was; none if it was empty.
    pub from: Option<FieldValue>,
    /// What it became; none if it was emptied.
    pub to: Option<FieldValue>,
}

/// One change in a record's history.
#[uniffi::remote(Record)]
pub struct HistoryStep {
    /// The change, which has this name on every phone.
    pub hash: ChangeHash,
    /// Who made it, where the directory knows.
    pub person: Option<PersonId>,
    /// When, by their clock.
    pub at: Instant,
    /// The fields it changed, each once.
    pub changes: Vec<FieldChange>,
}
