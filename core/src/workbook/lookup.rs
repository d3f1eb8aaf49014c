//! Finding what a person names: a record by the end of its id, a household by its dwelling.

use super::{Households, Workbook};
use crate::error::{Error, Result};
use crate::id::RecordId;
use crate::model::{Dwelling, Household, Record};

/// Fewer characters of an id say too little: 24 bits.
const SHORTEST_TAIL: usize = 6;

/// How many records that share a tail an error names.
const CANDIDATES: usize = 10;

impl Workbook {
    /// The record or draft that `text` names: a whole id, or at least its last six characters;
    /// [`RecordId::short`] gives eight.
    ///
    /// # Errors
    /// [`Error::UnknownId`] if `text` is neither or nothing here ends so, [`Error::AmbiguousId`] if several do.
    pub fn resolve_short(&self, text: &str) -> Result<RecordId> {
        let text = text.trim();
        if let Ok(id) = text.parse() {
            return Ok(id);
        }
        let tail: String = text.chars().filter(|character| *character != '-').collect();
        if tail.len() < SHORTEST_TAIL || !tail.chars().all(|character| character.is_ascii_hexdigit()) {
            return Err(Error::UnknownId);
        }
        let found = self.read(|reader| reader.ids_ending(&tail, CANDIDATES))?;
        match found.as_slice() {
            [id] => Ok(*id),
            [] => Err(Error::UnknownId),
            _ => Err(Error::AmbiguousId(found)),
        }
    }
}

impl Households<'_> {
    /// The household that `text` names: by its dwelling such as `3-1-501`, or as
    /// [`Workbook::resolve_short`] does.
    ///
    /// # Errors
    /// [`Error::NoSuchDwelling`], [`Error::AmbiguousId`] if two households share the dwelling, and those of
    /// [`Workbook::resolve_short`] and [`Workbook::get`].
    pub fn resolve(&self, text: &str) -> Result<Record<Household>> {
        let workbook = self.workbook();
        if let Ok(id) = text.trim().parse() {
            return workbook.get(id);
        }
        let Ok(dwelling) = text.parse::<Dwelling>() else {
            return workbook.get(workbook.resolve_short(text)?);
        };
        let mut found = self.all_at(&dwelling)?;
        match found.len() {
            1 => Ok(found.swap_remove(0)),
            0 => Err(Error::NoSuchDwelling),
            _ => Err(Error::AmbiguousId(found.iter().map(|household| household.id).collect())),
        }
    }
}
