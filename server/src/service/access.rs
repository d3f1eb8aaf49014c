//! What one person may do where, as of one moment.

use std::collections::BTreeMap;

use gridbook_core::id::{PersonId, ScopeId};
use gridbook_core::model::{Action, Grant, Kind, Role, Scope, lives_in, permits, sees};

use super::Service;
use crate::error::Result;

/// One scope that the person holds.
#[derive(Clone, Debug)]
struct Holding {
    scope: Scope,
    roles: Vec<Role>,
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

    /// The grants as a phone is told, in order.
    #[must_use]
    pub fn grants(&self) -> Vec<Grant> {
        let of = |holding: &Holding| {
            let scope = holding.scope.id.clone();
            holding.roles.clone().into_iter().map(move |role| Grant { scope: scope.clone(), role })
        };
        self.holdings.values().flat_map(of).collect()
    }

    /// The scopes whose log the person may hold, in order.
    pub fn scopes(&self) -> impl Iterator<Item = &ScopeId> {
        self.holdings.keys()
    }

    /// A scope, if the person holds it.
    #[must_use]
    pub fn scope(&self, id: &ScopeId) -> Option<&Scope> {
        self.holdings.get(id).map(|holding| &holding.scope)
    }

    /// True if the person may write `kind` in the scope.
    #[must_use]
    pub fn may_write(&self, id: &ScopeId, kind: Kind) -> bool {
        let holding = self.holdings.get(id);
        holding.is_some_and(|held| held.roles.iter().any(|role| permits(*role, kind, Action::Write)))
    }

    /// The kinds that the person may read in each scope.
    #[must_use]
    pub fn readable(&self) -> Vec<(ScopeId, Vec<Kind>)> {
        let kinds = |held: &Holding| {
            let readable = |kind: &Kind| {
                lives_in(*kind, held.scope.kind)
                    && held.roles.iter().any(|role| permits(*role, *kind, Action::Read))
            };
            Kind::ALL.into_iter().filter(readable).collect()
        };
        self.holdings.values().map(|held| (held.scope.id.clone(), kinds(held))).collect()
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
        let mut holdings = BTreeMap::<ScopeId, Holding>::new();
        let mut communities = Vec::new();
        for place in self.db.places_of(person).await? {
            communities.push(place.scope.parent.clone().unwrap_or_else(|| place.scope.id.clone()));
            if !sees(place.role, place.scope.kind) {
                continue;
            }
            let holding = holdings
                .entry(place.scope.id.clone())
                .or_insert_with(|| Holding { scope: place.scope.clone(), roles: Vec::new() });
            if !holding.roles.contains(&place.role) {
                holding.roles.push(place.role);
            }
        }
        communities.sort_unstable();
        communities.dedup();
        Ok(Access { version, holdings, communities })
    }
}
