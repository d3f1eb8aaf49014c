//! 走访: the buildings of a lead's grids, which households want a visit, and one household with all that happened
//! there. The core says when a visit is due; who may not read visits is told nothing of when there was one.

use std::collections::BTreeMap;

use gridbook_core::clock::Day;
use gridbook_core::id::{RecordId, ScopeId};
use gridbook_core::model::{Action, Content, Due, Dwelling, Household, Kind, Projection, Scope, Tags};
use gridbook_core::sync::protocol::FailureCode;

use super::entry::Entry;
use super::naming::in_order;
use super::records::{place, text};
use super::{Seated, Service};
use crate::db::{Act, Home, Row};
use crate::error::{Error, Result};

/// Households on one page of the due list, and entries on one of a household's.
const PAGE: usize = 50;
/// Rooms on one page of a building: some 100 kB.
const ROOMS: usize = 600;
/// A visit that is due within so many days is due soon.
const SOON_DAYS: i64 = 7;

/// How a household stands to its next visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// The day has passed, by so many days.
    Late(i64),
    /// Today, or in so many days, a week at most.
    Soon(i64),
    /// Later than in a week.
    Later(i64),
    /// Nothing asks for one.
    Free,
}

impl Turn {
    /// What a due day means on `today`.
    #[must_use]
    pub(crate) fn of(due: Option<Due>, today: Day) -> Self {
        match due.map(|due| due.day.days_since(today)) {
            None => Turn::Free,
            Some(days) if days < 0 => Turn::Late(-days),
            Some(days) if days <= SOON_DAYS => Turn::Soon(days),
            Some(days) => Turn::Later(days),
        }
    }
}

/// A building in a grid.
pub(crate) struct Building {
    /// The grid.
    pub(crate) scope: ScopeId,
    /// What it is called.
    pub(crate) name: String,
    /// Households.
    pub(crate) households: usize,
    /// Of these, how many want a visit by today.
    pub(crate) due: usize,
}

/// A household in a list.
pub(crate) struct Dwelt {
    /// Which.
    pub(crate) id: RecordId,
    /// Its grid.
    pub(crate) scope: ScopeId,
    /// Where.
    pub(crate) dwelling: Dwelling,
    /// Its class.
    pub(crate) class: String,
    /// What there is to know at the door.
    pub(crate) tags: Tags,
    /// From when it wants a visit and why.
    pub(crate) due: Option<Due>,
    /// The day of its latest visit.
    pub(crate) visited: Option<Day>,
}

/// The page of visits.
pub(crate) struct Rounds {
    /// Today.
    pub(crate) today: Day,
    /// The grids to choose from.
    pub(crate) grids: Vec<Scope>,
    /// The grids that are shown.
    pub(crate) shown: Vec<ScopeId>,
    /// Their buildings, as one walks them.
    pub(crate) buildings: Vec<Building>,
    /// Households that want a visit by today, as one walks them.
    pub(crate) due: Vec<Dwelt>,
    /// Where the next page begins.
    pub(crate) next: Option<RecordId>,
}

/// A building with its rooms.
pub(crate) struct BuildingMap {
    /// Today.
    pub(crate) today: Day,
    /// The rooms, as one walks them.
    pub(crate) rooms: Vec<Dwelt>,
    /// Where the next page begins.
    pub(crate) next: Option<RecordId>,
}

/// One household with all that happened there.
pub(crate) struct HouseholdPage {
    /// Today.
    pub(crate) today: Day,
    /// The record.
    pub(crate) entry: Entry,
    /// What it says.
    pub(crate) household: Household,
    /// Fields with a masked number that the person may see, for a reason.
    pub(crate) masked: Vec<String>,
    /// When it wants its next visit; `None` if the person may not know of visits.
    pub(crate) turn: Option<Dwelt>,
    /// Requests and hazards that visits brought, latest first.
    pub(crate) asks: Vec<Entry>,
    /// Visits, outreach and diary entries, latest first.
    pub(crate) timeline: Vec<Entry>,
    /// Where the next page begins.
    pub(crate) next: Option<String>,
}

impl Service {
    /// The buildings and what is due in a grid, or in all. Who looked at which household is written down.
    ///
    /// # Errors
    /// [`Error::Refused`] with `not_found` for a grid in which the person may not read visits.
    pub(crate) async fn rounds(
        &self,
        seated: &Seated,
        grid: Option<ScopeId>,
        after: Option<RecordId>,
    ) -> Result<Rounds> {
        let today = self.zone().day(self.surroundings.now());
        let grids = walked(seated);
        let mut shown: Vec<ScopeId> = match &grid {
            Some(wanted) => vec![walked_one(seated, wanted)?],
            None => grids.iter().map(|scope| scope.id.clone()).collect(),
        };
        let mut buildings: Vec<Building> = Vec::new();
        let mut begins = BTreeMap::new();
        for home in self.db.homes(&shown, None).await? {
            begins.entry(home.scope.clone()).or_insert_with(|| home.place.clone());
            let due = usize::from(home.due.is_some_and(|due| due.day <= today));
            match buildings.last_mut() {
                Some(last) if last.scope == home.scope && last.name == home.building => {
                    last.households += 1;
                    last.due += due;
                }
                _ => buildings.push(Building { scope: home.scope, name: home.building, households: 1, due }),
            }
        }
        // Grids too stand as one walks them, whatever they are called.
        shown.sort_by_cached_key(|scope| begins.get(scope).cloned());
        let after = self.place_of(seated, after).await?;
        let mut due = self.db.due_homes(&shown, today, after, PAGE + 1).await?;
        let next = cut(&mut due, PAGE);
        let due = self.dwelt(seated, due).await?;
        Ok(Rounds { today, grids, shown, buildings, due, next })
    }

    /// A building's rooms. Who looked is written down.
    ///
    /// # Errors
    /// [`Error::Refused`] with `not_found` if the person may read no household there.
    pub(crate) async fn building(
        &self,
        seated: &Seated,
        grid: &ScopeId,
        building: &str,
        after: Option<RecordId>,
    ) -> Result<BuildingMap> {
        let grid = walked_one(seated, grid)?;
        let mut homes = self.db.homes(&[grid], Some(building)).await?;
        if homes.is_empty() {
            return Err(nothing());
        }
        if let Some(place) = self.place_of(seated, after).await? {
            homes.retain(|home| (home.place.as_str(), home.id) > (place.0.as_str(), place.1));
        }
        let next = cut(&mut homes, ROOMS);
        let today = self.zone().day(self.surroundings.now());
        Ok(BuildingMap { today, rooms: self.dwelt(seated, homes).await?, next })
    }

    /// One household with its timeline. Who looked at what is written down.
    ///
    /// # Errors
    /// [`Error::Refused`] with `not_found` if there is none that the person may read.
    pub(crate) async fn household(
        &self,
        seated: &Seated,
        id: RecordId,
        after: Option<&str>,
    ) -> Result<HouseholdPage> {
        let kept = self.db.kept(&[id]).await?.pop();
        let readable = |row: &Row| seated.access.may(&row.scope, row.kind, Action::Read);
        let kept = kept.filter(|kept| kept.row.kind == Kind::Household && readable(&kept.row));
        let kept = kept.ok_or_else(nothing)?;
        let row = kept.row.clone();
        let entry = self.entries(seated, vec![kept]).await?.pop().ok_or_else(nothing)?;
        let Content::Household(household) = entry.content.clone() else { return Err(nothing()) };
        let masked = if seated.access.may(&row.scope, row.kind, Action::Reveal) {
            Projection::read(row.kind, &row.json)?.1.masked_fields()
        } else {
            Vec::new()
        };

        let knows_visits = seated.access.may(&row.scope, Kind::Visit, Action::Read);
        let mut turn = None;
        if knows_visits && let Some(building) = &row.building {
            let mut homes = self.db.homes(std::slice::from_ref(&row.scope), Some(building)).await?;
            homes.retain(|home| home.id == id);
            let found = homes.pop().zip(household.dwelling.clone());
            turn = found.map(|(home, dwelling)| dwelt(home, dwelling, &household));
        }
        let scopes: Vec<ScopeId> = seated.access.known_scopes().map(|scope| scope.id.clone()).collect();
        let mut rows = self.db.about(&id, &scopes).await?;
        rows.retain(|row| readable(row));
        let asking: Vec<Row> = rows.iter().filter(|row| asks(row)).take(PAGE).cloned().collect();
        if let Some(after) = after.and_then(place) {
            rows.retain(|row| row.position() < after);
        }
        let more = rows.len() > PAGE;
        rows.truncate(PAGE);
        let next = rows.last().filter(|_| more).map(|row| text(row.position()));
        let looked: Vec<Row> =
            [row].into_iter().chain(asking.iter().cloned()).chain(rows.iter().cloned()).collect();
        self.note_others(&seated.person, Act::Read, &once(looked), String::new()).await?;
        let timeline = self.shown(seated, &rows).await?;
        let asks = self.shown(seated, &asking).await?;
        let today = self.zone().day(self.surroundings.now());
        Ok(HouseholdPage { today, entry, household, masked, turn, asks, timeline, next })
    }

    async fn shown(&self, seated: &Seated, rows: &[Row]) -> Result<Vec<Entry>> {
        let kept = self.db.kept(&rows.iter().map(|row| row.id).collect::<Vec<_>>()).await?;
        self.entries(seated, kept).await
    }

    /// The households with what their records say; who looked is written down.
    async fn dwelt(&self, seated: &Seated, homes: Vec<Home>) -> Result<Vec<Dwelt>> {
        let kept = self.db.kept(&homes.iter().map(|home| home.id).collect::<Vec<_>>()).await?;
        let rows: Vec<Row> = kept.into_iter().map(|kept| kept.row).collect();
        self.note_others(&seated.person, Act::Read, &rows, String::new()).await?;
        // By id: a household may have been erased between the two questions.
        let rows: BTreeMap<RecordId, Row> = rows.into_iter().map(|row| (row.id, row)).collect();
        let mut all = Vec::with_capacity(rows.len());
        for home in homes {
            let Some(row) = rows.get(&home.id) else { continue };
            let (_, Content::Household(household)) = Projection::read(row.kind, &row.json)? else { continue };
            all.extend(household.dwelling.clone().map(|dwelling| dwelt(home, dwelling, &household)));
        }
        Ok(all)
    }

    /// Where a household stands in the order of walking; `None` for one that the person may not read.
    async fn place_of(&self, seated: &Seated, id: Option<RecordId>) -> Result<Option<(String, RecordId)>> {
        let Some(id) = id else { return Ok(None) };
        let Some(row) = self.db.record(&id).await? else { return Ok(None) };
        if !seated.access.may(&row.scope, row.kind, Action::Read) {
            return Ok(None);
        }
        let (_, content) = Projection::read(row.kind, &row.json)?;
        Ok(content.walking_order().map(|place| (place, id)))
    }
}

/// The grids of whose households and visits the person may read, by name.
fn walked(seated: &Seated) -> Vec<Scope> {
    let both = |scope: &&Scope| {
        [Kind::Household, Kind::Visit].iter().all(|kind| seated.access.may(&scope.id, *kind, Action::Read))
    };
    let mut scopes: Vec<Scope> = seated.access.known_scopes().filter(both).cloned().collect();
    scopes.sort_by_cached_key(|scope| (scope.parent.is_none(), in_order(&scope.name)));
    scopes
}

fn walked_one(seated: &Seated, wanted: &ScopeId) -> Result<ScopeId> {
    walked(seated).into_iter().map(|scope| scope.id).find(|id| id == wanted).ok_or_else(nothing)
}

fn dwelt(home: Home, dwelling: Dwelling, household: &Household) -> Dwelt {
    let (class, tags) = (household.class.clone(), household.tags.clone());
    Dwelt { id: home.id, scope: home.scope, dwelling, class, tags, due: home.due, visited: home.visited }
}

/// True if a visit brought a request or a hazard.
fn asks(row: &Row) -> bool {
    let content = Projection::read(row.kind, &row.json).map(|(_, content)| content);
    matches!(content, Ok(Content::Visit(visit)) if !row.voided && (!visit.requests.is_empty() || !visit.hazards.is_empty()))
}

/// Each row once.
fn once(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_by_key(|row| row.id);
    rows.dedup_by_key(|row| row.id);
    rows
}

/// Cuts a list to one page; the last one's id, if more follows.
fn cut(homes: &mut Vec<Home>, page: usize) -> Option<RecordId> {
    let more = homes.len() > page;
    homes.truncate(page);
    homes.last().filter(|_| more).map(|home| home.id)
}

fn nothing() -> Error {
    Error::refused(FailureCode::NotFound, "no such household or building")
}
