//! 户: households, where they are, and which are due.

use gridbook_core::Error;
use gridbook_core::clock::Day;
use gridbook_core::model::Record;
pub use gridbook_core::model::{Due, DueReason, Dwelling, Household, Occupancy};
pub use gridbook_core::workbook::DueHousehold;
use gridbook_core::workbook::New;

use crate::call::{Crossing, call};

use super::{Header, Instant, RecordId, ScopeId, Standing, Tags, Version};

/// A household with its header and how far it has travelled.
pub type HouseholdRecord = Record<Household>;
/// A household about to be saved.
pub type NewHousehold = New<Household>;

/// Where a household lives, written `3-1-501`: building (楼栋), unit (单元), room (室).
#[uniffi::remote(Record)]
pub struct Dwelling {
    /// Without a dash.
    pub building: String,
    /// The stairwell, without a dash.
    pub unit: String,
    /// The room.
    pub room: String,
    /// The floor, where the room number does not tell it.
    #[uniffi(default = None)]
    pub floor: Option<i32>,
}

/// Who lives in a dwelling.
#[uniffi::remote(Enum)]
pub enum Occupancy {
    /// 自住: its owner.
    OwnerOccupied,
    /// 租赁: a tenant.
    Rented,
    /// 空置: nobody.
    Vacant,
}

/// One household. Identity documents have no place here; phone and contact are optional.
#[uniffi::remote(Record)]
pub struct Household {
    /// Building, unit, room.
    pub dwelling: Option<Dwelling>,
    /// The class that sets the visit rhythm: a code of the directory's rhythms such as `red`.
    #[uniffi(default = "")]
    pub class: String,
    /// Wants a visit now; a visit that met someone clears it.
    #[uniffi(default = false)]
    pub needs_visit: bool,
    /// Who lives there.
    #[uniffi(default = None)]
    pub occupancy: Option<Occupancy>,
    /// Whom to ask for, if they agreed to be named.
    #[uniffi(default = "")]
    pub contact: String,
    /// Their phone, if they gave it.
    #[uniffi(default = "")]
    pub phone: String,
    /// Codes of the dictionary `household_tag`.
    #[uniffi(default)]
    pub tags: Tags,
    /// Anything else worth knowing at the door.
    #[uniffi(default = "")]
    pub note: String,
}

record! {
    /// A household with its header and how far it has travelled.
    HouseholdRecord of Household
}

new_record! {
    /// A household about to be saved.
    NewHousehold of Household
    /// Its grid; by default the only one in which the person may write.
    grid
    /// When it happened; by default now.
    occurred_at
}

/// Why a household is on the due list; words are under `due_reason`.
#[uniffi::remote(Enum)]
pub enum DueReason {
    /// Someone marked it: needs a visit now.
    Marked,
    /// The latest visit met nobody.
    Retry,
    /// The latest visit named a day.
    Planned,
    /// The class's rhythm.
    Rhythm,
    /// It has never been visited.
    NeverVisited,
}

/// When a household wants its next visit and why.
#[uniffi::remote(Record)]
pub struct Due {
    /// The day from which it is due.
    pub day: Day,
    /// Why.
    pub reason: DueReason,
}

/// A household that wants a visit.
#[uniffi::remote(Record)]
pub struct DueHousehold {
    /// The household, numbers masked.
    pub household: HouseholdRecord,
    /// Since when and why.
    pub due: Due,
}

/// A part of the households in walking order.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct HouseholdWalk {
    /// The households.
    pub items: Vec<HouseholdRecord>,
    /// Hand it back for the next part; none at the end.
    pub next: Option<String>,
}

/// A part of the due list in walking order.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct DueWalk {
    /// The households.
    pub items: Vec<DueHousehold>,
    /// Hand it back for the next part; none at the end.
    pub next: Option<String>,
}

/// The dwelling that `text` such as `3-1-501` names; none if it names none.
#[uniffi::export]
pub fn read_dwelling(text: String) -> Crossing<Option<Dwelling>> {
    call(|| Ok::<_, Error>(text.parse().ok()))
}

/// A dwelling as people write it: `3-1-501`.
#[uniffi::export]
pub fn write_dwelling(dwelling: Dwelling) -> Crossing<String> {
    call(|| Ok::<_, Error>(dwelling.to_string()))
}
