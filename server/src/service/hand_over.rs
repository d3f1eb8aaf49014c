//! Handing households and what is about them from one scope to another, by whoever the table lets: the command,
//! the leads' API and the console call it.

use std::collections::BTreeSet;

use gridbook_core::id::{PersonId, RecordId, ScopeId};
use gridbook_core::model::{Action, Kind, ScopeKind, leads_a_hand_over};
use gridbook_core::sync::notice::Cause;
use gridbook_core::sync::protocol::FailureCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::Service;
use super::push::TRIES;
use crate::db::{HandOver, HandedOver, Meant, RecordQuery};
use crate::error::{Error, Result};

/// Households read at once while looking for those of a building.
const PAGE: usize = 1_000;

/// Which households are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Households {
    /// These.
    Named(Vec<RecordId>),
    /// All of a building.
    Building(String),
    /// Everything that lives in the scope, households or not: the grid is given up.
    All,
}

/// What is to be handed over.
#[derive(Clone, Debug)]
pub struct HandOverRequest {
    /// Where it lives.
    pub from: ScopeId,
    /// Where it is to live.
    pub to: ScopeId,
    /// Which households.
    pub households: Households,
    /// Why.
    pub why: Cause,
    /// Only count.
    pub dry_run: bool,
}

/// What was handed over, or would be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct HandOverReport {
    /// Households.
    pub households: usize,
    /// Records in all, with what is about the households.
    pub records: usize,
    /// Households that were asked for and live in the new scope already.
    pub there_already: usize,
}

impl Service {
    /// Hands households over with everything that goes along: visits, reviews, outreach and open diary entries
    /// about them alone. One transaction; work that was not sent yet still arrives. Doing it again changes
    /// nothing.
    ///
    /// # Errors
    /// [`Error::Admin`] if nothing is meant, a household lives in neither scope, or a scope is not a grid or
    /// community; `not_found` and `not_permitted` as [`Action::HandOver`] in both scopes says.
    pub async fn hand_over(&self, by: &PersonId, request: HandOverRequest) -> Result<HandOverReport> {
        let HandOverRequest { from, to, households, why, dry_run } = request;
        if from == to {
            return Err(Error::admin("to: name another scope than the one the records live in"));
        }
        for _ in 0..TRIES {
            let access = self.require_hand_over(by, &from, &to).await?;
            self.require_grids(&from, &to).await?;
            let (meant, there_already) = self.meant(&from, &to, &households).await?;
            if dry_run {
                let going = self.db.company(&from, &meant).await?;
                return Ok(report(&going, there_already));
            }
            let wanted = HandOver {
                from: from.clone(),
                to: to.clone(),
                meant,
                why,
                who: Some(by.clone()),
                access: Some(access),
                at: self.surroundings.now(),
            };
            if let HandedOver::Done(going) = self.db.hand_over(wanted).await? {
                let report = report(&going, there_already);
                tracing::info!(%from, %to, records = report.records, why = why.as_str(), "handed over");
                return Ok(report);
            }
        }
        Err(Error::admin("permissions keep changing; try again"))
    }

    /// The version of permissions under which this person may hand over from one to the other.
    async fn require_hand_over(&self, by: &PersonId, from: &ScopeId, to: &ScopeId) -> Result<u64> {
        let access = self.access(by).await?;
        let serving = access.serving(Action::HandOver);
        for scope in [from, to] {
            if !access.knows(scope) {
                return Err(Error::refused(
                    FailureCode::NotFound,
                    format!("scope {scope}: there is no such scope"),
                ));
            }
            if !serving.contains(scope) {
                let detail = format!("scope {scope}: an administrator or lead of both scopes hands over");
                return Err(Error::refused(FailureCode::NotPermitted, detail));
            }
        }
        Ok(access.version())
    }

    async fn require_grids(&self, from: &ScopeId, to: &ScopeId) -> Result<()> {
        let scopes = self.db.roll().await?.scopes;
        for id in [from, to] {
            let scope = scopes.iter().find(|scope| scope.id == *id);
            if scope.is_some_and(|scope| scope.kind == ScopeKind::TaskGroup) {
                return Err(Error::admin(format!("scope {id}: checklists stay with their task group")));
            }
        }
        Ok(())
    }

    /// The records that are meant, and how many households of them live in the new scope already.
    async fn meant(&self, from: &ScopeId, to: &ScopeId, households: &Households) -> Result<(Meant, usize)> {
        match households {
            Households::All => Ok((Meant::All, 0)),
            Households::Building(building) => {
                let here = self.households_of(from, building).await?;
                let there = self.households_of(to, building).await?;
                if here.is_empty() && there.is_empty() {
                    return Err(Error::admin(format!(
                        "building {building}: no household of {from} is in it"
                    )));
                }
                Ok((Meant::Named(here), there.len()))
            }
            Households::Named(ids) if ids.is_empty() => {
                Err(Error::admin("households: name at least one, or a building, or all"))
            }
            Households::Named(ids) => {
                let places = self.db.scopes_of(ids).await?;
                let (mut here, mut there) = (BTreeSet::new(), 0);
                for id in ids {
                    match places.iter().find(|(found, _)| found == id) {
                        Some((_, (scope, kind))) if leads_a_hand_over(*kind) && scope == from => {
                            here.insert(*id);
                        }
                        Some((_, (scope, kind))) if leads_a_hand_over(*kind) && scope == to => there += 1,
                        _ => {
                            return Err(Error::admin(format!(
                                "household {id}: {from} has none with this id"
                            )));
                        }
                    }
                }
                Ok((Meant::Named(here), there))
            }
        }
    }

    async fn households_of(&self, scope: &ScopeId, building: &str) -> Result<BTreeSet<RecordId>> {
        let visible = vec![(scope.clone(), vec![Kind::Household])];
        let mut query = RecordQuery { visible, limit: PAGE, ..RecordQuery::default() };
        let mut found = BTreeSet::new();
        loop {
            let rows = self.db.records(&query).await?;
            query.after = rows.last().map(|row| row.position());
            let of_building = rows.iter().filter(|row| row.building.as_deref() == Some(building));
            found.extend(of_building.map(|row| row.id));
            if rows.len() < PAGE {
                return Ok(found);
            }
        }
    }
}

fn report(going: &[(RecordId, Kind)], there_already: usize) -> HandOverReport {
    let households = going.iter().filter(|(_, kind)| leads_a_hand_over(*kind)).count();
    HandOverReport { households, records: going.len(), there_already }
}
