//! What one person may do where, as of one moment.

use std::collections::BTreeMap;

use gridbook_core::id::{PersonId, ScopeId};
use gridbook_core::model::{Action, Grant, Kind, Role, Scope, ScopeKind, allows, sees, serves};

use super::Service;
use super::naming::in_order;
use crate::db::Place;
use crate::error::Result;

/// One scope that the person has a part in.
#[derive(Clone, Debug)]
struct Holding {
    scope: Scope,
    roles: Vec<Role>,
}

impl Holding {
    /// True if some role sees everything in the scope, so that its log may be held.
    fn whole(&self) -> bool {
        self.roles.iter().any(|role| sees(*role, self.scope.kind))
    }

    fn may(&self, kind: Kind, action: Action) -> bool {
        self.roles.iter().any(|role| allows(*role, kind, action, self.scope.kind))
    }
}

/// What one person may do where, communities spelt out into their grids and groups.
#[derive(Clone, Debug)]
pub struct Access {
    /// The access version it was read at: an append made under another one is refused.
    version: u64,
    holdings: BTreeMap<ScopeId, Holding>,
    /// Where the person has a part without seeing what is in it: whose names they may know.
    communities: Vec<ScopeId>,
}

impl Access {
    /// The version of permissions that this is.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The grants as a phone is told, in order: those with which it may hold a scope's log.
    #[must_use]
    pub fn grants(&self) -> Vec<Grant> {
        let of = |holding: &Holding| {
            let scope = holding.scope.clone();
            let roles = holding.roles.clone().into_iter().filter(move |role| sees(*role, scope.kind));
            let scope = holding.scope.id.clone();
            roles.map(move |role| Grant { scope: scope.clone(), role })
        };
        self.holdings.values().flat_map(of).collect()
    }

    /// The scopes whose log the person may hold, in order.
    pub fn scopes(&self) -> impl Iterator<Item = &ScopeId> {
        self.holdings.values().filter(|held| held.whole()).map(|held| &held.scope.id)
    }

    /// A scope, if the person may hold its log.
    #[must_use]
    pub fn scope(&self, id: &ScopeId) -> Option<&Scope> {
        self.holdings.get(id).filter(|held| held.whole()).map(|held| &held.scope)
    }

    /// True if the person has any part in the scope, so that it exists for them.
    #[must_use]
    pub fn knows(&self, id: &ScopeId) -> bool {
        self.holdings.contains_key(id)
    }

    /// True if the person may do `action` with records of `kind` in the scope.
    #[must_use]
    pub fn may(&self, id: &ScopeId, kind: Kind, action: Action) -> bool {
        let holding = self.holdings.get(id);
        holding.is_some_and(|held| held.may(kind, action))
    }

    /// The kinds with which the person may do `action` in each scope.
    #[must_use]
    pub fn allowed(&self, action: Action) -> Vec<(ScopeId, Vec<Kind>)> {
        let kinds = |held: &Holding| Kind::ALL.into_iter().filter(|kind| held.may(*kind, action)).collect();
        self.holdings.values().map(|held| (held.scope.id.clone(), kinds(held))).collect()
    }

    /// The scopes in which the person has a task that concerns every kind.
    #[must_use]
    pub fn serving(&self, action: Action) -> Vec<ScopeId> {
        let serves = |held: &&Holding| held.roles.iter().any(|role| serves(*role, action));
        self.holdings.values().filter(serves).map(|held| held.scope.id.clone()).collect()
    }

    /// The roles that the person has in a scope, be it through its community.
    pub(super) fn roles_in(&self, id: &ScopeId) -> impl Iterator<Item = Role> {
        self.holdings.get(id).into_iter().flat_map(|held| held.roles.iter().copied())
    }

    /// The roles that the person has anywhere.
    pub(super) fn roles(&self) -> impl Iterator<Item = Role> {
        self.holdings.values().flat_map(|held| held.roles.iter().copied())
    }

    /// The scopes that the person has a part in, in order.
    pub fn known_scopes(&self) -> impl Iterator<Item = &Scope> {
        self.holdings.values().map(|held| &held.scope)
    }

    /// The scopes that the person has a part in and that fit, as lists show them: grids, groups and communities, by name.
    pub(crate) fn scopes_where(&self, fits: impl Fn(&Scope) -> bool) -> Vec<Scope> {
        let mut scopes: Vec<Scope> = self.known_scopes().filter(|scope| fits(scope)).cloned().collect();
        scopes.sort_by_cached_key(|scope| {
            (scope.kind == ScopeKind::Community, scope.kind, in_order(&scope.name), scope.id.clone())
        });
        scopes
    }

    /// The communities whose names the person may know, in order.
    #[must_use]
    pub fn communities(&self) -> &[ScopeId] {
        &self.communities
    }
}

impl Service {
    /// What `person` may do where, now.
    ///
    /// # Errors
    /// Only what the database says.
    pub async fn access(&self, person: &PersonId) -> Result<Access> {
        // The version first: an edit between the two reads makes an append fail, never pass.
        let version = self.db.versions().await?.access;
        Ok(Access::of(version, self.db.places_of(person).await?))
    }

    /// What `person` could do where while they had a part: what a revoked phone's work is measured by.
    pub(super) async fn past_access(&self, person: &PersonId) -> Result<Access> {
        let version = self.db.versions().await?.access;
        Ok(Access::of(version, self.db.past_places_of(person).await?))
    }
}

impl Access {
    fn of(version: u64, places: Vec<Place>) -> Self {
        let mut holdings = BTreeMap::<ScopeId, Holding>::new();
        let mut communities = Vec::new();
        for place in places {
            communities.push(place.scope.parent.clone().unwrap_or_else(|| place.scope.id.clone()));
            let holding = holdings
                .entry(place.scope.id.clone())
                .or_insert_with(|| Holding { scope: place.scope.clone(), roles: Vec::new() });
            if !holding.roles.contains(&place.role) {
                holding.roles.push(place.role);
            }
        }
        communities.sort_unstable();
        communities.dedup();
        Self { version, holdings, communities }
    }
}
