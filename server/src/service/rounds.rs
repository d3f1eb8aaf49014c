//! 走访: the buildings of a lead's grids, which households want a visit, and one household with all that happened
//! there. The core says when a visit is due; who may not read visits is told nothing of when there was one.

use std::collections::BTreeMap;

use gridbook_core::clock::Day;
use gridbook_core::id::{RecordId, ScopeId};
use gridbook_core::model::{Action, Content, Due, Dwelling, Household, Kind, Projection, Scope, Tags};
use gridbook_core::sync::protocol::FailureCode;

use super::coverage::readable;
use super::entry::Entry;
use super::records::{place, text};
use super::{Seated, Service};
use crate::db::{Act, Home, Row};
use crate::error::{Error, Result};

/// Households on one page of the due list, and entries on one of a household's.
const PAGE: usize = 50;
/// Buildings on one page, here and where households are handed over.
pub(super) const BUILDINGS: usize = 100;
/// Requests and hazards on a household's page, and entries of its timeline.
const ASKS: usize = 30;
const ENTRIES: usize = 30;
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

/// Where a page of buildings ends: the grid and the building.
pub(crate) type LastBuilding = (ScopeId, String);

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
    /// How many households each grid has, and how many of these want a visit by today.
    pub(crate) sums: BTreeMap<ScopeId, (usize, usize)>,
    /// A page of their buildings, as one walks them.
    pub(crate) buildings: Vec<Building>,
    /// Where their next page begins.
    pub(crate) next_building: Option<LastBuilding>,
    /// Households that want a visit by today, as one walks them.
    pub(crate) due: Vec<Dwelt>,
    /// Where the next page begins.
    pub(crate) next: Option<RecordId>,
}

/// Where a page of visits begins: the lists of buildings and of what is due are each turned by themselves.
#[derive(Clone, Debug, Default)]
pub(crate) struct RoundsRequest {
    /// Only this grid.
    pub(crate) grid: Option<ScopeId>,
    /// Households that are due after this one.
    pub(crate) after: Option<RecordId>,
    /// Buildings after this one.
    pub(crate) after_building: Option<LastBuilding>,
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
    pub(crate) async fn rounds(&self, seated: &Seated, asked: RoundsRequest) -> Result<Rounds> {
        let today = self.zone().day(self.surroundings.now());
        let grids = walked(seated);
        let mut shown: Vec<ScopeId> = match &asked.grid {
            Some(wanted) => vec![walked_one(seated, wanted)?],
            None => grids.iter().map(|scope| scope.id.clone()).collect(),
        };
        let mut begins = BTreeMap::new();
        let (mut sums, mut buildings) = (BTreeMap::new(), BTreeMap::new());
        for home in self.db.homes(&shown, None).await? {
            begins.entry(home.scope.clone()).or_insert(home.place);
            let due = usize::from(home.due.is_some_and(|due| due.day <= today));
            let of_grid: &mut (usize, usize) = sums.entry(home.scope.clone()).or_default();
            let of_building: &mut (usize, usize) = buildings.entry((home.scope, home.building)).or_default();
            for sum in [of_grid, of_building] {
                *sum = (sum.0 + 1, sum.1 + due);
            }
        }
        // Grids too stand as one walks them, whatever they are called.
        shown.sort_by_cached_key(|scope| (begins.get(scope).cloned(), scope.clone()));
        let buildings = buildings.into_iter();
        let buildings =
            buildings.map(|((scope, name), (households, due))| Building { scope, name, households, due });
        let order = |scope: &ScopeId, name: &str| {
            (shown.iter().position(|known| known == scope), building_order(name))
        };
        let last = asked.after_building.as_ref().map(|(scope, name)| order(scope, name));
        let mut buildings: Vec<Building> = buildings
            .filter(|building| {
                last.as_ref().is_none_or(|last| order(&building.scope, &building.name) > *last)
            })
            .collect();
        buildings.sort_by_cached_key(|building| order(&building.scope, &building.name));
        let more = buildings.len() > BUILDINGS;
        buildings.truncate(BUILDINGS);
        let last = buildings.last().filter(|_| more);
        let next_building = last.map(|last| (last.scope.clone(), last.name.clone()));
        // Further buildings stand alone: nobody looks at a household there.
        let (mut due, mut next) = (Vec::new(), None);
        if asked.after_building.is_none() {
            let after = self.place_of(seated, asked.after).await?;
            let mut homes = self.db.due_homes(&shown, today, after, PAGE + 1).await?;
            next = cut(&mut homes, PAGE);
            due = self.dwelt(seated, homes).await?;
        }
        Ok(Rounds { today, grids, shown, sums, buildings, next_building, due, next })
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
        let asking: Vec<Row> = rows.iter().filter(|row| asks(row)).take(ASKS).cloned().collect();
        if let Some(after) = after.and_then(place) {
            rows.retain(|row| row.position() < after);
        }
        let more = rows.len() > ENTRIES;
        rows.truncate(ENTRIES);
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

/// A building's place in the order of walking; no two have the same.
pub(super) fn building_order(name: &str) -> (String, String) {
    (Dwelling::new(name, "", "").walking_order(), name.to_owned())
}

/// The grids of whose households and visits the person may read, by name.
fn walked(seated: &Seated) -> Vec<Scope> {
    readable(&seated.access, &[Kind::Household, Kind::Visit])
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
