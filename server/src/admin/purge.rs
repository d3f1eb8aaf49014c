//! Erasing what is asked for, and what is older than it is to be kept; handing over.

use gridbook_core::clock::Day;
use gridbook_core::id::{PersonId, RecordId, ScopeId};
use gridbook_core::model::{Action, Kind, ScopeKind, kept_days, serves};
use gridbook_core::sync::notice::Why;

use super::Admin;
use crate::db::{Edit, Erased, Outdated};
use crate::error::{Error, Result};
use crate::service::{HandOverReport, HandOverRequest};

/// The longest that anything may be told to be kept: thirty years.
const LONGEST: u32 = 10_958;

impl Admin {
    /// How many days each kind is kept in a community after its day and its last change; `None` as long as
    /// nobody erases it.
    ///
    /// # Errors
    /// Only what the database says.
    pub async fn retention(&self, community: &ScopeId) -> Result<Vec<(Kind, Option<u32>)>> {
        let edited = self.roll().await?.retention;
        let of = |kind: Kind| {
            let own = edited.iter().find(|(scope, edited, _)| scope == community && *edited == kind);
            own.map_or(kept_days(kind), |(.., days)| Some(*days).filter(|days| *days > 0))
        };
        Ok(Kind::ALL.into_iter().map(|kind| (kind, of(kind))).collect())
    }

    /// Sets how many days a kind is kept in a community; 0 keeps it until somebody erases it.
    ///
    /// # Errors
    /// [`Error::Admin`] if the scope is no community, or the days are out of range.
    pub async fn set_retention(&self, community: &ScopeId, kind: Kind, days: u32) -> Result<()> {
        if self.find_scope(community.as_str()).await?.kind != ScopeKind::Community {
            return Err(Error::admin(format!("scope {community}: time of keeping is set for a community")));
        }
        if days > LONGEST {
            return Err(Error::admin(format!("days: at most {LONGEST}, thirty years")));
        }
        self.edit(Edit::SetRetention(community.clone(), kind, days)).await.map(drop)
    }

    /// The records whose time of keeping is over today, in every community.
    ///
    /// # Errors
    /// Only what the database says.
    pub async fn overdue(&self) -> Result<Vec<RecordId>> {
        let scopes = self.roll().await?.scopes;
        let today = self.service.zone().day(self.now());
        let mut overdue = Vec::new();
        for community in scopes.iter().filter(|scope| scope.kind == ScopeKind::Community) {
            for (kind, days) in self.retention(&community.id).await? {
                if let Some(days) = days {
                    let before = today.plus_days(-i64::from(days));
                    overdue.extend(self.older(&community.id, kind, before).await?);
                }
            }
        }
        Ok(overdue)
    }

    /// The records of a kind in a scope, or in a community's scopes, that belong to a day before `before` and
    /// have not changed since.
    ///
    /// # Errors
    /// Only what the database says.
    pub async fn older(&self, within: &ScopeId, kind: Kind, before: Day) -> Result<Vec<RecordId>> {
        let received = self.service.zone().start_of(before);
        let wanted = Outdated { kind, within: within.clone(), day: before, received };
        self.service.database().outdated(wanted).await
    }

    /// Erases records for good, with what is about them.
    ///
    /// # Errors
    /// [`Error::Admin`] if one does not exist, or `by` may not erase it; then none is.
    pub async fn erase(&self, by: &PersonId, records: Vec<RecordId>, why: Why) -> Result<Vec<Erased>> {
        self.service.erase(by, records, why).await
    }

    /// Hands households over to another scope, with what is about them.
    ///
    /// # Errors
    /// As [`crate::service::Service::hand_over`].
    pub async fn hand_over(&self, by: &PersonId, request: HandOverRequest) -> Result<HandOverReport> {
        self.service.hand_over(by, request).await
    }

    /// The only person whose role erases, where there is just one: whom a command names if nobody is named.
    ///
    /// # Errors
    /// [`Error::Admin`] if there is none, or several to choose from.
    pub async fn eraser(&self) -> Result<PersonId> {
        let grants = self.roll().await?.grants;
        let holding = grants.into_iter().filter(|row| row.revoked.is_none());
        let mut people: Vec<_> =
            holding.filter(|row| serves(row.grant.role, Action::Erase)).map(|row| row.person).collect();
        people.sort_unstable();
        people.dedup();
        match people.as_slice() {
            [one] => Ok(one.clone()),
            _ => Err(Error::admin("say who decided it: --by PERSON, an administrator")),
        }
    }
}
