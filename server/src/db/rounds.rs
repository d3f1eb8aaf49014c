//! Rows of households and of what is counted, for the console's pages.

use gridbook_core::clock::Day;
use gridbook_core::id::{RecordId, ScopeId};
use gridbook_core::model::Due;

/// A household where it is, with when it wants its next visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// Which.
    pub id: RecordId,
    /// Where it lives.
    pub scope: ScopeId,
    /// Its building.
    pub building: String,
    /// Its walking order.
    pub place: String,
    /// From when it wants a visit and why, if anything asks for one.
    pub due: Option<Due>,
    /// The day of its latest visit.
    pub visited: Option<Day>,
}

/// So many codes of a field are looked for at once.
const CODES: usize = 8;

/// A code that a record's field carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tagged {
    /// The field.
    pub field: String,
    /// The code, or the id of a record that it names; several of a field, any of which will do, parted by commas.
    pub code: String,
}

impl Tagged {
    /// Its codes, a few at most: an address is what somebody typed.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.code.split(',').take(CODES)
    }
}

/// How many records of a day carry a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// Where they live.
    pub scope: ScopeId,
    /// The code.
    pub code: String,
    /// The day.
    pub day: Day,
    /// How many.
    pub records: u64,
    /// What they add up to: people reached, or items of lists.
    pub amount: u64,
}

/// What one outreach reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Where it lives.
    pub scope: ScopeId,
    /// Its day.
    pub day: Day,
    /// People (人次).
    pub people: u64,
    /// Codes of the fraud types.
    pub fraud_types: Vec<String>,
    /// The households that it names.
    pub households: Vec<RecordId>,
    /// The building that it covered.
    pub building: Option<String>,
}

impl Reached {
    /// One that reached nobody yet.
    #[must_use]
    pub fn new(scope: ScopeId, day: Day) -> Self {
        Self { scope, day, people: 0, fraud_types: Vec::new(), households: Vec::new(), building: None }
    }
}

/// A number of a month that others counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// The scope that it is about.
    pub scope: ScopeId,
    /// The month's first day.
    pub month: Day,
    /// A code of the diary's categories or of the hazards, or any other name.
    pub name: String,
    /// How many.
    pub count: u64,
}
