//! Whose phone it is, what that person may do, and the names it knows.

use super::WorkbookHandle;
use crate::call::Crossing;
use crate::mirror::{Directory, Grant, Kind, PersonId, RecordAction, ScopeId};

#[uniffi::export]
impl WorkbookHandle {
    /// Whose phone it is or is going to be.
    pub fn person(&self) -> Crossing<Option<PersonId>> {
        self.with(|workbook| Ok(workbook.person()))
    }

    /// What the person may do where, as of the last exchange.
    pub fn grants(&self) -> Crossing<Vec<Grant>> {
        self.with(|workbook| Ok(workbook.grants()))
    }

    /// What the person may do with records of `kind` in `scope`, as of the last exchange: offer nothing else.
    pub fn permitted(&self, scope: ScopeId, kind: Kind) -> Crossing<Vec<RecordAction>> {
        self.with(|workbook| Ok(workbook.permitted(&scope, kind)))
    }

    /// The grids in which the person may write records of `kind`: a form asks which one where there are several.
    pub fn grids(&self, kind: Kind) -> Crossing<Vec<ScopeId>> {
        self.with(|workbook| workbook.grids(kind))
    }

    /// The names that this phone knows.
    pub fn directory(&self) -> Crossing<Directory> {
        self.with(|workbook| Ok(workbook.directory().into()))
    }
}
