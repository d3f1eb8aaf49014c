//! Who may do what: one table, role × kind × action, and the one function that reads it. Deny by default.

use serde::{Deserialize, Serialize};

use super::{Kind, ScopeKind};
use crate::id::ScopeId;

/// What a person is in a scope. A role in a community holds in its grids and task groups too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

impl Role {
    /// Every role.
    pub const ALL: [Role; 5] = [Role::Administrator, Role::Lead, Role::Worker, Role::Member, Role::Auditor];

    /// The word that the wire, rows and command lines carry.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Administrator => "administrator",
            Role::Lead => "lead",
            Role::Worker => "worker",
            Role::Member => "member",
            Role::Auditor => "auditor",
        }
    }

    /// The role with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Role::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

/// What one does with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// See it.
    Read,
    /// Create, edit or void it.
    Write,
}

/// A role in a scope.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Grant {
    /// Where.
    pub scope: ScopeId,
    /// As what.
    pub role: Role,
}

/// The kinds each role may write. Every role reads every kind in its scope, a member only what a task
/// group shares.
const WRITES: &[(Role, &[Kind])] = &[
    (Role::Administrator, &[Kind::Household, Kind::Checklist, Kind::Template, Kind::Review]),
    (
        Role::Lead,
        &[
            Kind::Household,
            Kind::Visit,
            Kind::Diary,
            Kind::Outreach,
            Kind::Checklist,
            Kind::Template,
            Kind::Review,
        ],
    ),
    (Role::Worker, &[Kind::Household, Kind::Visit, Kind::Diary, Kind::Outreach, Kind::Checklist]),
    (Role::Member, &[Kind::Checklist]),
];

/// What a member of a task group reads.
const MEMBER_READS: &[Kind] = &[Kind::Checklist, Kind::Template, Kind::Review];

/// True if `role` may do `action` with records of `kind` in its scope.
#[must_use]
pub fn permits(role: Role, kind: Kind, action: Action) -> bool {
    match action {
        Action::Read => role != Role::Member || MEMBER_READS.contains(&kind),
        Action::Write => WRITES.iter().any(|(writer, kinds)| *writer == role && kinds.contains(&kind)),
    }
}

/// True if records of `kind` have their place in scopes of `scope_kind`. What task groups share and what
/// households tell are kept apart, so that seeing a scope is all or nothing.
#[must_use]
pub fn lives_in(kind: Kind, scope_kind: ScopeKind) -> bool {
    match kind {
        Kind::Household | Kind::Visit | Kind::Diary | Kind::Outreach => scope_kind != ScopeKind::TaskGroup,
        Kind::Checklist | Kind::Template => scope_kind == ScopeKind::TaskGroup,
        Kind::Review => true,
    }
}

/// True if `role` may read everything that lives in scopes of `scope_kind`, and so may hold a copy of one.
#[must_use]
pub fn sees(role: Role, scope_kind: ScopeKind) -> bool {
    Kind::ALL.iter().all(|kind| !lives_in(*kind, scope_kind) || permits(role, *kind, Action::Read))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_sees_task_groups_and_no_household() {
        assert!(sees(Role::Member, ScopeKind::TaskGroup));
        assert!(!sees(Role::Member, ScopeKind::Grid));
        assert!(!sees(Role::Member, ScopeKind::Community));
        assert!(sees(Role::Auditor, ScopeKind::Grid));
        assert!(!lives_in(Kind::Visit, ScopeKind::TaskGroup));
        assert!(!lives_in(Kind::Checklist, ScopeKind::Grid));
    }
}
