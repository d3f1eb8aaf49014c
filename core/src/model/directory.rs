//! The directory: names behind the ids that records carry. The server keeps it, phones hold a copy.

use serde::{Deserialize, Serialize};

use super::RhythmTable;
use crate::id::{ActorId, PersonId, ScopeId};

/// What a scope is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScopeKind {
    /// 社区: contains grids and task groups.
    Community,
    /// 网格.
    Grid,
    /// 任务组.
    TaskGroup,
}

impl ScopeKind {
    /// Every kind of scope.
    pub const ALL: [ScopeKind; 3] = [ScopeKind::Community, ScopeKind::Grid, ScopeKind::TaskGroup];

    /// The word that the wire and rows carry.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ScopeKind::Community => "community",
            ScopeKind::Grid => "grid",
            ScopeKind::TaskGroup => "task_group",
        }
    }

    /// The kind of scope with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        ScopeKind::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// One scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Its id.
    pub id: ScopeId,
    /// What it is.
    pub kind: ScopeKind,
    /// Its name on screens.
    pub name: String,
    /// The community it belongs to; none for a community.
    pub parent: Option<ScopeId>,
}

/// One person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Their id.
    pub id: PersonId,
    /// Their name on screens.
    pub name: String,
}

/// The names a device may know: its communities' scopes and people, and which actor is whose.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directory {
    /// Grows with every edit; a phone asks only for a newer one.
    pub version: u64,
    /// Scopes.
    pub scopes: Vec<Scope>,
    /// People.
    pub people: Vec<Person>,
    /// Which actor id belongs to whom: how history knows who made a change.
    pub actors: Vec<(ActorId, PersonId)>,
    /// Visit rhythms.
    pub rhythms: RhythmTable,
    /// The community's zone, in minutes east of Greenwich.
    pub zone_minutes: i32,
}

impl Directory {
    /// The name of a person, or their id while the name is not known here.
    #[must_use]
    pub fn person_name<'a>(&'a self, id: &'a PersonId) -> &'a str {
        self.people.iter().find(|person| person.id == *id).map_or(id.as_str(), |person| &person.name)
    }

    /// The name of a scope, or its id while the name is not known here.
    #[must_use]
    pub fn scope_name<'a>(&'a self, id: &'a ScopeId) -> &'a str {
        self.scopes.iter().find(|scope| scope.id == *id).map_or(id.as_str(), |scope| &scope.name)
    }

    /// The scope with this id.
    #[must_use]
    pub fn scope(&self, id: &ScopeId) -> Option<&Scope> {
        self.scopes.iter().find(|scope| scope.id == *id)
    }

    /// Whose actor this is.
    #[must_use]
    pub fn person_of(&self, actor: &ActorId) -> Option<&PersonId> {
        self.actors.iter().find(|(known, _)| known == actor).map(|(_, person)| person)
    }
}
