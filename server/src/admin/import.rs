//! A roster of households becomes records of a grid, all or none.

use std::collections::BTreeSet;

use gridbook_core::doc::NewChange;
use gridbook_core::id::{ActorId, PersonId, RecordId, ScopeId};
use gridbook_core::model::{Action, Content, Header, Household, Kind, Projection, ScopeKind, allows};
use gridbook_core::roster::{self, Problem};

use super::Admin;
use crate::db::{RecordQuery, Roll};
use crate::error::{Error, Result};

/// Records read at once while looking for dwellings that are there already.
const PAGE: usize = 1_000;

/// What became of a roster.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Imported {
    /// Households added, or that would be in a dry run; 0 if there is a problem.
    pub households: usize,
    /// Lines whose dwelling is in the grid already; they are left as they are.
    pub known: Vec<usize>,
    /// What is wrong; nothing was imported if there is anything.
    pub problems: Vec<Problem>,
    /// Columns that no field of a household is called.
    pub ignored: Vec<String>,
}

impl Admin {
    /// Imports a roster into a grid, authored by the community's administrator. Dwellings that are there
    /// already are left alone, so that the same file may be imported again.
    ///
    /// # Errors
    /// [`Error::Core`] if the file cannot be read as a roster, [`Error::Admin`] if the scope is no grid or
    /// nobody administers it.
    pub async fn import(
        &self,
        file_name: &str,
        bytes: &[u8],
        grid: &ScopeId,
        dry_run: bool,
    ) -> Result<Imported> {
        let roster = roster::read(file_name, bytes)?;
        let roll = self.roll().await?;
        let author = administrator(&roll, grid)?;
        let mut imported =
            Imported { problems: roster.problems, ignored: roster.ignored, ..Imported::default() };
        if !imported.problems.is_empty() {
            return Ok(imported);
        }
        let dwellings = self.dwellings(grid).await?;
        let mut households = Vec::new();
        for (line, household) in roster.households {
            match &household.dwelling {
                Some(dwelling) if dwellings.contains(&dwelling.to_string()) => imported.known.push(line),
                _ => households.push(household),
            }
        }
        imported.households = households.len();
        if !dry_run && !households.is_empty() {
            self.add_households(grid, &author, households).await?;
        }
        Ok(imported)
    }

    /// Adds households to a grid, authored by `author`; their ids, in order.
    ///
    /// # Errors
    /// [`Error::Core`] if one breaks a rule of its kind; then none is added.
    pub async fn add_households(
        &self,
        grid: &ScopeId,
        author: &PersonId,
        households: Vec<Household>,
    ) -> Result<Vec<RecordId>> {
        let surroundings = self.service.surroundings();
        let actor = self.actor_of(author).await?;
        let mut ids = Vec::with_capacity(households.len());
        let mut changes = Vec::with_capacity(households.len());
        for household in households {
            let content = Content::from(household);
            content.check()?;
            let at = surroundings.now();
            let header = Header {
                kind: Kind::Household,
                schema: Header::SCHEMA,
                author: author.clone(),
                grid: Some(grid.clone()),
                occurred_at: at,
                voided: None,
            };
            let id = RecordId::new(surroundings);
            ids.push(id);
            let change = NewChange::first(actor, at, &header.with(&content))?;
            changes.push((id, change.bytes, author.clone()));
        }
        self.append_trusted(grid, changes).await?;
        Ok(ids)
    }

    /// The actor under which the server writes for a person: the one it has, or a new one.
    async fn actor_of(&self, person: &PersonId) -> Result<ActorId> {
        let actors = self.roll().await?.actors;
        let own = actors.into_iter().find(|actor| actor.person == *person && actor.device.is_none());
        Ok(own.map_or_else(|| ActorId::new(self.service.surroundings()), |actor| actor.id))
    }

    /// The dwellings of a grid's households.
    async fn dwellings(&self, grid: &ScopeId) -> Result<BTreeSet<String>> {
        let mut dwellings = BTreeSet::new();
        let visible = vec![(grid.clone(), vec![Kind::Household])];
        let mut query = RecordQuery { visible, limit: PAGE, ..RecordQuery::default() };
        loop {
            let rows = self.service.database().records(&query).await?;
            query.after = rows.last().map(|row| row.position());
            for row in rows.iter().filter(|row| !row.voided) {
                if let (_, Content::Household(household)) = Projection::read(row.kind, &row.json)? {
                    dwellings.extend(household.dwelling.map(|dwelling| dwelling.to_string()));
                }
            }
            if rows.len() < PAGE {
                return Ok(dwellings);
            }
        }
    }
}

/// Who answers for what is imported into a grid: its administrator, or its community's.
fn administrator(roll: &Roll, grid: &ScopeId) -> Result<PersonId> {
    let scope = roll.scopes.iter().find(|scope| scope.id == *grid && scope.kind == ScopeKind::Grid);
    let scope =
        scope.ok_or_else(|| Error::admin(format!("scope {grid}: households are imported into a grid")))?;
    let over = |id: &ScopeId| *id == scope.id || scope.parent.as_ref() == Some(id);
    let may = |role| allows(role, Kind::Household, Action::Import, ScopeKind::Grid);
    let holder =
        roll.grants.iter().find(|row| row.revoked.is_none() && may(row.grant.role) && over(&row.grant.scope));
    let holder = holder.ok_or_else(|| {
        Error::admin(format!("grid {grid}: grant someone the role administrator in its community first"))
    })?;
    Ok(holder.person.clone())
}
