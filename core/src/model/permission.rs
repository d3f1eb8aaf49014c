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

/// What one does with records of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
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
    /// See the numbers in it unmasked, each time with a reason that is kept.
    Reveal,
    /// Take many away at once, as a file.
    Export,
    /// Bring many in at once from a roster.
    Import,
    /// Erase it for good, everywhere.
    Erase,
    /// Hand it over to another scope; needed in both. It concerns every kind, or none.
    HandOver,
    /// Give phones to people, shut these out, and open what they handed in; of whom is said by [`equips`]. It concerns
    /// every kind, or none.
    Equip,
    /// Decide over people, phones and scopes. It concerns every kind, or none.
    Manage,
    /// Read who looked at, revealed, exported, granted and erased what. It concerns every kind, or none.
    Audit,
}

impl Action {
    /// Every action.
    pub const ALL: [Action; 13] = [
        Action::Read,
        Action::Write,
        Action::Void,
        Action::Review,
        Action::History,
        Action::Reveal,
        Action::Export,
        Action::Import,
        Action::Erase,
        Action::HandOver,
        Action::Equip,
        Action::Manage,
        Action::Audit,
    ];
}

/// A role in a scope.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Grant {
    /// Where.
    pub scope: ScopeId,
    /// As what.
    pub role: Role,
}

/// What task groups share: no resident is in it.
const SHARED: &[Kind] = &[Kind::Checklist, Kind::Template, Kind::Review];
/// What a worker writes.
const DAILY: &[Kind] = &[Kind::Household, Kind::Visit, Kind::Diary, Kind::Outreach, Kind::Checklist];
/// What a lead marks: everything but another mark.
const MARKED: &[Kind] =
    &[Kind::Household, Kind::Visit, Kind::Diary, Kind::Outreach, Kind::Checklist, Kind::Template];
/// What an administrator keeps: lists of dwellings and what task groups share, no visit, diary or outreach.
const KEPT: &[Kind] = &[Kind::Household, Kind::Checklist, Kind::Template];
/// What an administrator reads: reviews only where all they may be about is read too, see [`allows`].
const KEPT_AND_REVIEWS: &[Kind] = &[Kind::Household, Kind::Checklist, Kind::Template, Kind::Review];
/// Everything.
const ALL: &[Kind] = &Kind::ALL;

/// The table. What is not in it is denied.
const TABLE: &[(Role, Action, &[Kind])] = &[
    (Role::Administrator, Action::Read, KEPT_AND_REVIEWS),
    (Role::Administrator, Action::Write, &[Kind::Checklist, Kind::Template]),
    (Role::Administrator, Action::Void, &[Kind::Checklist, Kind::Template]),
    (Role::Administrator, Action::History, KEPT),
    (Role::Administrator, Action::Import, &[Kind::Household]),
    (Role::Administrator, Action::Erase, ALL),
    (Role::Administrator, Action::HandOver, ALL),
    (Role::Administrator, Action::Equip, ALL),
    (Role::Administrator, Action::Manage, ALL),
    (Role::Lead, Action::Read, ALL),
    (Role::Lead, Action::Write, ALL),
    (Role::Lead, Action::Void, ALL),
    (Role::Lead, Action::Review, MARKED),
    (Role::Lead, Action::History, ALL),
    (Role::Lead, Action::Reveal, ALL),
    (Role::Lead, Action::Export, ALL),
    (Role::Lead, Action::HandOver, ALL),
    (Role::Lead, Action::Equip, ALL),
    (Role::Worker, Action::Read, ALL),
    (Role::Worker, Action::Write, DAILY),
    (Role::Worker, Action::Void, DAILY),
    (Role::Worker, Action::History, ALL),
    (Role::Worker, Action::Reveal, DAILY),
    (Role::Member, Action::Read, SHARED),
    (Role::Member, Action::Write, &[Kind::Checklist]),
    (Role::Member, Action::Void, &[Kind::Checklist]),
    (Role::Member, Action::History, SHARED),
    (Role::Auditor, Action::Read, ALL),
    (Role::Auditor, Action::History, ALL),
    (Role::Auditor, Action::Audit, ALL),
];

/// The actions that show what a record says.
const SHOWS: &[Action] =
    &[Action::Read, Action::Write, Action::Void, Action::History, Action::Reveal, Action::Export];

/// True if the table lets `role` do `action` with records of `kind`, wherever they live.
#[must_use]
pub fn permits(role: Role, kind: Kind, action: Action) -> bool {
    TABLE.iter().any(|(who, what, kinds)| *who == role && *what == action && kinds.contains(&kind))
}

/// True if `role`, held in a scope of `scope_kind`, may do `action` with the records of `kind` that live
/// there. A review quotes its record, so it follows whoever reads all that reviews there may be about.
#[must_use]
pub fn allows(role: Role, kind: Kind, action: Action, scope_kind: ScopeKind) -> bool {
    lives_in(kind, scope_kind)
        && permits(role, kind, action)
        && (kind != Kind::Review || !SHOWS.contains(&action) || sees(role, scope_kind))
}

/// True if `role` has a task that concerns every kind: [`Action::HandOver`], [`Action::Equip`], [`Action::Manage`] or
/// [`Action::Audit`].
#[must_use]
pub fn serves(role: Role, action: Action) -> bool {
    Kind::ALL.iter().all(|kind| permits(role, *kind, action))
}

/// True if `role` has work at the console: marking, deciding over people and phones, or auditing.
#[must_use]
pub fn sits_at_console(role: Role) -> bool {
    serves(role, Action::Manage)
        || serves(role, Action::Audit)
        || Kind::ALL.iter().any(|kind| permits(role, *kind, Action::Review))
}

/// True if `role` gives phones to people who are `other` in the same scope, shuts these out and opens what they handed in:
/// a lead those of the workers and members there, who manages those of anybody.
#[must_use]
pub fn equips(role: Role, other: Role) -> bool {
    serves(role, Action::Equip) && (serves(role, Action::Manage) || !sits_at_console(other))
}

/// True if `role` means anything in scopes of `scope_kind`: it sees what lives there, or has a task there.
#[must_use]
pub fn fits(role: Role, scope_kind: ScopeKind) -> bool {
    sees(role, scope_kind) || serves(role, Action::Manage)
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
        assert!(
            !sees(Role::Administrator, ScopeKind::Grid) && sees(Role::Administrator, ScopeKind::TaskGroup)
        );
        assert!(allows(Role::Administrator, Kind::Household, Action::Read, ScopeKind::Grid));
        assert!(!allows(Role::Administrator, Kind::Review, Action::Read, ScopeKind::Grid));
        assert!(!allows(Role::Member, Kind::Review, Action::Read, ScopeKind::Grid));
        assert!(allows(Role::Lead, Kind::Review, Action::Read, ScopeKind::Grid));
        assert!(fits(Role::Administrator, ScopeKind::Community) && !fits(Role::Member, ScopeKind::Grid));
        assert!(!lives_in(Kind::Visit, ScopeKind::TaskGroup));
        assert!(!lives_in(Kind::Checklist, ScopeKind::Grid));
    }

    #[test]
    fn a_role_has_its_word_alone() {
        for role in Role::ALL {
            assert_eq!(Role::from_word(role.as_str()), Some(role));
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str(), "one word everywhere");
        }
        assert_eq!(Role::from_word(""), None);
    }

    #[test]
    fn a_lead_equips_whom_they_lead_and_nobody_beside_or_above() {
        let of = |role| Role::ALL.into_iter().filter(|other| equips(role, *other)).collect::<Vec<_>>();
        assert_eq!(of(Role::Administrator), Role::ALL);
        assert_eq!(of(Role::Lead), [Role::Worker, Role::Member]);
        for role in [Role::Worker, Role::Member, Role::Auditor] {
            assert!(of(role).is_empty());
        }
    }

    #[test]
    fn who_marks_manages_or_audits_sits_at_the_console() {
        let seated: Vec<_> = Role::ALL.into_iter().filter(|role| sits_at_console(*role)).collect();
        assert_eq!(seated, [Role::Administrator, Role::Lead, Role::Auditor]);
    }
}
