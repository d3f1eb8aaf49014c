//! People, scopes and roles: the names that a phone knows.

pub use gridbook_core::model::{Action, Grant, Person, Rhythm, Role, Scope, ScopeKind};

use super::{PersonId, ScopeId};

/// What one does with records of a kind.
pub type RecordAction = Action;

/// What one does with records of a kind.
#[uniffi::remote(Enum)]
pub enum RecordAction {
    /// See it, identity and telephone numbers masked.
    Read,
    /// Create or edit it.
    Write,
    /// Withdraw it.
    Void,
    /// Put a mark on it: the kind is the reviewed record's.
    Review,
    /// See who changed which field when.
    History,
    /// See the numbers in it unmasked.
    Reveal,
    /// Take many away at once, as a file.
    Export,
    /// Bring many in at once from a roster.
    Import,
    /// Erase it for good, everywhere.
    Erase,
    /// Hand it over to another scope; needed in both.
    HandOver,
    /// Give phones to people, shut these out, and open what they handed in.
    Equip,
    /// Decide over people, phones and scopes.
    Manage,
    /// Read who looked at, revealed, exported, granted and erased what.
    Audit,
}

/// What a scope is; words are under `scope_kind`.
#[uniffi::remote(Enum)]
pub enum ScopeKind {
    /// 社区: contains grids and task groups.
    Community,
    /// 网格.
    Grid,
    /// 任务组.
    TaskGroup,
}

/// One scope.
#[uniffi::remote(Record)]
pub struct Scope {
    /// Names it, as the server does.
    pub id: ScopeId,
    /// What it is.
    pub kind: ScopeKind,
    /// Its name on screens.
    pub name: String,
    /// The community it belongs to; none for a community.
    pub parent: Option<ScopeId>,
}

/// One person.
#[uniffi::remote(Record)]
pub struct Person {
    /// Names them, as the server does.
    pub id: PersonId,
    /// Their name on screens.
    pub name: String,
}

/// What a person is in a scope; words are under `role`.
#[uniffi::remote(Enum)]
pub enum Role {
    /// 管理员.
    Administrator,
    /// 组长 / 网格长.
    Lead,
    /// 网格员.
    Worker,
    /// 任务组成员.
    Member,
    /// 审计员: reads, writes nothing.
    Auditor,
}

/// A role in a scope.
#[uniffi::remote(Record)]
pub struct Grant {
    /// Where.
    pub scope: ScopeId,
    /// What the person is there.
    pub role: Role,
}

/// How often one class of household is visited.
#[uniffi::remote(Record)]
pub struct Rhythm {
    /// The class's code, such as `red`.
    pub class: String,
    /// Its name in Chinese.
    pub zh: String,
    /// Its name in English.
    pub en: String,
    /// Days between two visits; 0 means no rhythm.
    pub days: u32,
}

/// The names that this phone knows.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct Directory {
    /// Grows with every edit.
    pub version: u64,
    /// Scopes.
    pub scopes: Vec<Scope>,
    /// People.
    pub people: Vec<Person>,
    /// Visit rhythms.
    pub rhythms: Vec<Rhythm>,
    /// The community's zone, in minutes east of Greenwich.
    pub zone_minutes: i32,
}

impl From<gridbook_core::model::Directory> for Directory {
    fn from(directory: gridbook_core::model::Directory) -> Self {
        let gridbook_core::model::Directory { version, scopes, people, actors: _, rhythms, zone_minutes } =
            directory;
        Self { version, scopes, people, rhythms: rhythms.0, zone_minutes }
    }
}
