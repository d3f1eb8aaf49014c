//! `GET /v1/summary`: what the pages 统计 and 反诈 read, as one answer. It is made of what they are made of
//! (`figures`, `coverage`), so that a report and a page never differ. Counts of scopes alone, never of a person.

use gridbook_core::clock::Day;
use gridbook_core::id::{PersonId, ScopeId};
use gridbook_core::model::Kind;
use serde::Serialize;
use utoipa::ToSchema;

use super::asking::{broken, day, in_order, unknown};
use super::{Coverage, Covered, Done, Figures, Incident, PeriodRequest, Service, Sum};
use crate::error::Result;
use crate::openapi::nouns;

impl PeriodRequest {
    /// Reads a query's names and values.
    ///
    /// # Errors
    /// [`crate::Error::Refused`] with `bad_request`, naming the parameter and its rule.
    pub(crate) fn parse(pairs: Vec<(String, String)>) -> Result<Self> {
        let mut request = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "grid" => request.grid = Some(ScopeId(value)),
                "from" => request.from = Some(day("from", &value)?),
                "to" => request.to = Some(day("to", &value)?),
                _ => return Err(unknown(&name, &["grid", "from", "to"])),
            }
        }
        Ok(request)
    }
}

/// What was recorded and done in whole months, against those of a year before.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Summary)]
pub(crate) struct SummaryView {
    /// The grids that are counted: the one asked for, or all in which one may read everything that is counted. None
    /// where there is no such grid; then all counts but those of lists are 0.
    grids: Vec<GridView>,
    /// The days counted: from the first of a month to the last of one, or today.
    period: Period,
    /// The same days a year before.
    before: Period,
    /// Households known now.
    households: u64,
    /// What was done in the period.
    done: DoneView,
    /// What was done a year before.
    done_before: DoneView,
    /// What came up, by kind; what never did is left out.
    incidents: Vec<IncidentView>,
    /// Whom outreach against fraud reached in the period.
    coverage: CoverageView,
}

/// A grid or community with its name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Grid)]
pub(crate) struct GridView {
    /// Which.
    #[schema(value_type = nouns::Id)]
    id: ScopeId,
    /// What it is called.
    name: String,
}

/// Days, the first and the last included.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Period {
    /// The first.
    #[schema(value_type = nouns::Day)]
    pub(crate) from: Day,
    /// The last.
    #[schema(value_type = nouns::Day)]
    pub(crate) to: Day,
}

impl From<(Day, Day)> for Period {
    fn from((from, to): (Day, Day)) -> Self {
        Self { from, to }
    }
}

/// What was done in a period.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Done)]
pub(crate) struct DoneView {
    /// Visits.
    visits: u64,
    /// Of these, that met someone or reached them by telephone.
    met: u64,
    /// Households visited, each once.
    households_visited: u64,
    /// Outreach against fraud.
    outreach: SumView,
    /// Items of task groups' lists that are done. Lists are of groups, not of grids: 0 where a grid was asked for.
    items_done: u64,
    /// All items of these lists.
    items: u64,
}

impl From<Done> for DoneView {
    fn from(done: Done) -> Self {
        Self {
            visits: done.visits,
            met: done.met,
            households_visited: done.visited,
            outreach: done.outreach.into(),
            items_done: done.items.0,
            items: done.items.1,
        }
    }
}

/// What outreach came to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Outreached)]
pub(crate) struct SumView {
    /// How many outreaches.
    events: u64,
    /// People reached (人次): who was reached twice counts twice.
    people: u64,
    /// Households reached, each once.
    households: u64,
}

impl From<Sum> for SumView {
    fn from(sum: Sum) -> Self {
        Self { events: sum.events, people: sum.people, households: sum.households }
    }
}

/// How often something came up.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IncidentCount)]
pub(crate) struct IncidentView {
    /// The kind of the records that say it; `null` where others count it and the number was imported.
    #[schema(value_type = Option<nouns::Kind>)]
    kind: Option<Kind>,
    /// The field that carries its code; `null` as with `kind`.
    field: Option<&'static str>,
    /// Its code in the field's dictionary, or the name under which it was imported.
    name: String,
    /// How often in the period.
    now: u64,
    /// How often a year before.
    before: u64,
    /// Part of `now` was imported, so that no records stand behind it.
    now_imported: bool,
    /// Part of `before` was imported.
    before_imported: bool,
}

impl From<Incident> for IncidentView {
    fn from(Incident { field, name, pair }: Incident) -> Self {
        Self {
            kind: field.map(|(_, kind)| kind),
            field: field.map(|(field, _)| field),
            name,
            now: pair.now,
            before: pair.before,
            now_imported: pair.now_imported,
            before_imported: pair.before_imported,
        }
    }
}

/// Whom outreach reached.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Coverage)]
pub(crate) struct CoverageView {
    /// All of it.
    all: SumView,
    /// By grid, or by building of the grid that was asked for, in walking order.
    places: Vec<PlaceView>,
    /// By fraud type; an outreach may be about several.
    fraud_types: Vec<FraudTypeView>,
    /// Week by week, or month by month where the period is longer than two months.
    parts: Vec<PartView>,
}

/// How many of a place's households were reached.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Place)]
pub(crate) struct PlaceView {
    /// The grid.
    #[schema(value_type = nouns::Id)]
    grid: ScopeId,
    /// The building; `null` for a whole grid.
    building: Option<String>,
    /// Households there.
    households: u64,
    /// Of these, reached in the period.
    reached: u64,
}

impl From<Covered> for PlaceView {
    fn from(place: Covered) -> Self {
        Self {
            grid: place.scope,
            building: Some(place.building).filter(|building| !building.is_empty()),
            households: place.homes,
            reached: place.reached,
        }
    }
}

/// What outreach about one type of fraud came to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudType)]
pub(crate) struct FraudTypeView {
    /// Its code in the dictionary `fraud_type`.
    code: String,
    /// What it came to.
    outreach: SumView,
    /// How many outreaches there were in each of `parts`.
    events: Vec<u64>,
}

/// What outreach came to in a part of the period.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Part)]
pub(crate) struct PartView {
    /// The days.
    period: Period,
    /// What it came to.
    outreach: SumView,
}

impl From<Coverage> for CoverageView {
    fn from(coverage: Coverage) -> Self {
        let part =
            |(from, to, sum): (Day, Day, Sum)| PartView { period: (from, to).into(), outreach: sum.into() };
        let fraud_type = |(code, (sum, events)): (String, (Sum, Vec<u64>))| FraudTypeView {
            code,
            outreach: sum.into(),
            events,
        };
        Self {
            all: coverage.all.into(),
            places: coverage.places.into_iter().map(PlaceView::from).collect(),
            fraud_types: coverage.types.into_iter().map(fraud_type).collect(),
            parts: coverage.parts.into_iter().map(part).collect(),
        }
    }
}

impl Service {
    /// What the figures and the page against fraud say of the same months.
    ///
    /// # Errors
    /// [`crate::Error::Refused`] with `not_found` for a grid in which the person may not read all that is counted,
    /// with `bad_request` for a period that ends before it begins or has more than twelve months.
    pub(crate) async fn summary(&self, person: &PersonId, asked: PeriodRequest) -> Result<SummaryView> {
        let today = self.zone().day(self.surroundings.now());
        in_order(asked.from, asked.to.unwrap_or(today))?;
        let access = self.access(person).await?;
        let figures = self.figures(&access, asked.clone()).await?;
        let Figures { grids, days, before, homes, incidents, done } = figures;
        // What is compared must not overlap, so the figures are of a year at most.
        if asked.from.is_some_and(|from| from.month_start() < days.0) {
            return Err(broken("from", "within the twelve months that end with to"));
        }
        let period = PeriodRequest { from: Some(days.0), to: Some(days.1), grid: asked.grid.clone() };
        let coverage = self.coverage(&access, period).await?;
        let counted =
            grids.into_iter().filter(|grid| asked.grid.as_ref().is_none_or(|only| *only == grid.id));
        Ok(SummaryView {
            grids: counted.map(|grid| GridView { id: grid.id, name: grid.name }).collect(),
            period: days.into(),
            before: before.into(),
            households: homes,
            done: done.0.into(),
            done_before: done.1.into(),
            incidents: incidents.into_iter().map(IncidentView::from).collect(),
            coverage: coverage.into(),
        })
    }
}
