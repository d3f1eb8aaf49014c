//! 人员与设备: who works where with which phone, when it was last in touch, and what of its work was refused. Facts
//! for help: nothing here counts what anybody does.

use std::collections::{BTreeMap, BTreeSet};

use gridbook_core::id::{DeviceId, PersonId, ScopeId};
use gridbook_core::model::{Action, Grant, Kind, Person, Scope, equips};
use gridbook_core::sync::protocol::FailureCode;

use super::rounds::{BUILDINGS, building_order};
use super::{Access, Seated, Service};
use crate::db::{Device, Roll};
use crate::error::{Error, Result};

/// People on one page.
const PAGE: usize = 60;

/// Which people.
#[derive(Clone, Debug, Default)]
pub(crate) struct PeopleRequest {
    /// Only those with a part in this scope.
    pub(crate) scope: Option<ScopeId>,
    /// Only names with this in them.
    pub(crate) name: String,
    /// What follows this person: the page before's `next`.
    pub(crate) after: Option<PersonId>,
}

/// A page of people, by name.
pub(crate) struct People {
    /// The people.
    pub(crate) people: Vec<PersonView>,
    /// Where the next page begins.
    pub(crate) next: Option<PersonId>,
}

/// One person with what they have.
#[derive(Clone, Debug)]
pub(crate) struct PersonView {
    /// Who.
    pub(crate) person: Person,
    /// Their roles, as far as the reader has a part there.
    pub(crate) grants: Vec<Grant>,
    /// Their phones, revoked ones last.
    pub(crate) phones: Vec<Device>,
    /// How many changes of each phone were refused, as far as they were meant for where the reader has a part.
    pub(crate) refused: BTreeMap<DeviceId, u64>,
    /// True if they have a password for the console.
    pub(crate) console: bool,
    /// True if the reader decides over all that they have.
    pub(crate) managed: bool,
    /// True if the reader gives them phones, shuts these out and opens what they handed in.
    pub(crate) equipped: bool,
}

impl Access {
    /// True if the person gives phones to whoever holds this grant, shuts them out and opens what they handed in.
    fn equips(&self, grant: &Grant) -> bool {
        self.roles_in(&grant.scope).any(|role| equips(role, grant.role))
    }

    /// True if the person leads or manages in the scope, and so is told of those who work there.
    pub(crate) fn leads(&self, scope: &ScopeId) -> bool {
        Kind::ALL.iter().any(|kind| self.may(scope, *kind, Action::Review))
            || self.serving(Action::Manage).contains(scope)
    }
}

impl Service {
    /// The people who work where the reader leads or manages, by name.
    ///
    /// # Errors
    /// [`Error::Refused`] with `not_found` for a scope in which they do neither.
    pub(crate) async fn people(&self, seated: &Seated, asked: &PeopleRequest) -> Result<People> {
        if asked.scope.as_ref().is_some_and(|scope| !seated.access.leads(scope)) {
            return Err(Error::refused(FailureCode::NotFound, "no such scope"));
        }
        let roll = self.db.roll().await?;
        let mut people = views(&roll, &seated.access);
        if let Some(scope) = &asked.scope {
            let parent =
                roll.scopes.iter().find(|known| known.id == *scope).and_then(|known| known.parent.clone());
            let here = |grant: &Grant| grant.scope == *scope || Some(&grant.scope) == parent.as_ref();
            people.retain(|view| view.grants.iter().any(here));
        }
        let wanted = asked.name.trim();
        people.retain(|view| view.person.name.contains(wanted) || view.person.id.as_str() == wanted);
        let begin =
            asked.after.as_ref().and_then(|after| people.iter().position(|view| view.person.id == *after));
        let mut people = people.split_off(begin.map_or(0, |at| at + 1));
        let more = people.len() > PAGE;
        people.truncate(PAGE);
        let next = people.last().filter(|_| more).map(|view| view.person.id.clone());
        self.count_refused(seated, &mut people).await?;
        Ok(People { people, next })
    }

    /// One of them.
    ///
    /// # Errors
    /// [`Error::Refused`] with `not_found` for anybody else.
    pub(crate) async fn person(&self, seated: &Seated, id: &PersonId) -> Result<PersonView> {
        let mut found = views(&self.db.roll().await?, &seated.access);
        found.retain(|view| view.person.id == *id);
        self.count_refused(seated, &mut found).await?;
        found.pop().ok_or_else(|| Error::refused(FailureCode::NotFound, "no such person"))
    }

    async fn count_refused(&self, seated: &Seated, people: &mut [PersonView]) -> Result<()> {
        let scopes: Vec<ScopeId> = seated.access.known_scopes().map(|scope| scope.id.clone()).collect();
        let phones = people.iter().flat_map(|view| &view.phones).map(|phone| phone.id.clone());
        let counts = self.db.refused_counts(&phones.collect::<Vec<_>>(), &scopes).await?;
        let counts: BTreeMap<DeviceId, u64> = counts.into_iter().collect();
        for view in people {
            let of = |phone: &Device| Some((phone.id.clone(), *counts.get(&phone.id)?));
            view.refused = view.phones.iter().filter_map(of).collect();
        }
        Ok(())
    }

    /// A page of the buildings of a scope from which the reader may hand over, as one walks them, with how many
    /// households are in each; and after which one the next page goes on.
    ///
    /// # Errors
    /// [`Error::Refused`] with `not_found` for any other scope.
    pub(crate) async fn buildings_to_hand_over(
        &self,
        seated: &Seated,
        scope: &ScopeId,
        after: Option<&str>,
    ) -> Result<(Vec<(String, u64)>, Option<String>)> {
        if !seated.access.serving(Action::HandOver).contains(scope) {
            return Err(Error::refused(FailureCode::NotFound, "no such grid"));
        }
        let mut buildings = self.db.buildings(scope).await?;
        buildings.sort_by_cached_key(|(building, _)| building_order(building));
        if let Some(after) = after.map(building_order) {
            buildings.retain(|(building, _)| building_order(building) > after);
        }
        let more = buildings.len() > BUILDINGS;
        buildings.truncate(BUILDINGS);
        let next = buildings.last().filter(|_| more).map(|(building, _)| building.clone());
        Ok((buildings, next))
    }
}

/// The people of whom the reader is told, by name. Whoever has no role any more is told of to who manages all that
/// they once had.
pub(super) fn views(roll: &Roll, access: &Access) -> Vec<PersonView> {
    let manages: BTreeSet<ScopeId> = access.serving(Action::Manage).into_iter().collect();
    let parent = |id: &ScopeId| -> Option<&Scope> { roll.scopes.iter().find(|scope| scope.id == *id) };
    // A role in a community holds in its grids and groups.
    let reaches = |granted: &ScopeId| {
        access.leads(granted)
            || access
                .known_scopes()
                .any(|scope| scope.parent.as_ref() == Some(granted) && access.leads(&scope.id))
    };
    let mut views = Vec::new();
    for person in &roll.people {
        let rows: Vec<_> = roll.grants.iter().filter(|row| row.person == person.id).collect();
        let holding: Vec<_> = rows.iter().filter(|row| row.revoked.is_none()).collect();
        let counted: Vec<&Grant> = if holding.is_empty() {
            rows.iter().map(|row| &row.grant).collect()
        } else {
            holding.iter().map(|row| &row.grant).collect()
        };
        let equipped = !counted.is_empty() && counted.iter().all(|grant| access.equips(grant));
        let managed = !counted.is_empty() && counted.iter().all(|grant| manages.contains(&grant.scope));
        let told =
            if holding.is_empty() { managed } else { counted.iter().any(|grant| reaches(&grant.scope)) };
        if !told {
            continue;
        }
        let seen = |scope: &ScopeId| {
            parent(scope)
                .is_some_and(|scope| access.knows(&scope.id) || access.communities().contains(&scope.id))
        };
        let grants = holding.iter().map(|row| row.grant.clone()).filter(|grant| seen(&grant.scope)).collect();
        let own = roll.devices.iter().filter(|device| device.person == person.id);
        let console = own.clone().any(|device| device.is_console() && device.revoked.is_none());
        let mut phones: Vec<Device> = own.filter(|device| !device.is_console()).cloned().collect();
        phones.sort_by_key(|device| (device.revoked.is_some(), device.enrolled));
        let refused = BTreeMap::new();
        views.push(PersonView {
            person: person.clone(),
            grants,
            phones,
            refused,
            console,
            managed,
            equipped,
        });
    }
    views.sort_by(|one, other| {
        one.person.name.cmp(&other.person.name).then_with(|| one.person.id.cmp(&other.person.id))
    });
    views
}
