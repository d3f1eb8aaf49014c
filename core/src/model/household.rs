//! 户: one dwelling, how often it wants a visit, and whom to ask for.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::content::{content, require, require_short};
use super::{Dwelling, Kind, Rule, Tags, dictionary};
use crate::error::Result;

/// Who lives in the dwelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occupancy {
    /// 自住: its owner.
    OwnerOccupied,
    /// 租赁: a tenant.
    Rented,
    /// 空置: nobody.
    Vacant,
}

content! {
    /// One household. Identity documents have no place here; phone and contact are optional.
    Household is Household {
        /// Building–unit–room.
        dwelling: Option<Dwelling> = KeepBoth,
        /// The class that sets the visit rhythm, a code of the directory's rhythms such as `red`.
        class: String = KeepBoth,
        /// Wants a visit now, whatever the rhythm says; a visit that met someone clears it.
        needs_visit: bool = KeepBoth,
        /// Who lives there.
        occupancy: Option<Occupancy> = KeepBoth,
        /// Whom to ask for, if they agreed to be named.
        contact: String = KeepBoth,
        /// Their phone, if they gave it.
        phone: String = KeepBoth,
        /// Codes of the dictionary `household_tag`, such as 独居老人.
        tags: Tags = PerElement,
        /// Anything else worth knowing at the door.
        note: String = KeepBoth,
    }

    fn check(&self) -> Result<()> {
        require(self.dwelling.is_some(), Kind::Household, "dwelling", Rule::DwellingForm)?;
        require_short(&self.contact, Kind::Household, "contact")?;
        require_short(&self.phone, Kind::Household, "phone")?;
        require_short(&self.note, Kind::Household, "note")
    }

    fn walking_order(&self) -> Option<String> {
        self.dwelling.as_ref().map(Dwelling::walking_order)
    }

    fn building(&self) -> Option<&str> {
        self.dwelling.as_ref().map(|dwelling| dwelling.building.as_str())
    }

    fn written(&self) -> Vec<&str> {
        vec![&self.contact, &self.note]
    }

    fn known_by(&self) -> Vec<Cow<'static, str>> {
        let dwelling = self.dwelling.iter().map(|dwelling| Cow::Owned(dwelling.to_string()));
        dwelling.chain(dictionary::words("household_tag", self.tags.iter())).collect()
    }
}
