//! 反诈: whom outreach reached, by fraud type, by building and over time. Counts alone: of people reached and of
//! households, never of who installed what.

use std::collections::{BTreeMap, BTreeSet};

use gridbook_core::clock::Day;
use gridbook_core::id::ScopeId;
use gridbook_core::model::{Action, Kind, Reach, Scope};
use gridbook_core::sync::protocol::FailureCode;

use super::{Access, Service};
use crate::db::{Home, Reached};
use crate::error::{Error, Result};

/// The longest period that is shown, in days: three years.
const LONGEST: i64 = 1_096;
/// A period up to this is shown week by week, a longer one month by month.
const WEEKS: i64 = 62;

/// Which part.
#[derive(Clone, Debug, Default)]
pub(crate) struct PeriodRequest {
    /// Only this grid.
    pub(crate) grid: Option<ScopeId>,
    /// The first day; twelve months, if none is named.
    pub(crate) from: Option<Day>,
    /// The last day; today, if none is named.
    pub(crate) to: Option<Day>,
}

/// What outreach came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    /// How many outreaches.
    pub(crate) events: u64,
    /// People reached (人次): who was reached twice counts twice.
    pub(crate) people: u64,
    /// Households reached, each once.
    pub(crate) households: u64,
}

/// A building, or a grid where all are shown.
pub(crate) struct Covered {
    /// The grid.
    pub(crate) scope: ScopeId,
    /// The building; `""` for a whole grid.
    pub(crate) building: String,
    /// Households there.
    pub(crate) homes: u64,
    /// Of these, reached in the period.
    pub(crate) reached: u64,
    /// How many of them were reached in each part of it.
    pub(crate) parts: Vec<u64>,
}

/// The page against fraud.
pub(crate) struct Coverage {
    /// The grids to choose from.
    pub(crate) grids: Vec<Scope>,
    /// The period.
    pub(crate) days: (Day, Day),
    /// All of it.
    pub(crate) all: Sum,
    /// Households known.
    pub(crate) homes: u64,
    /// The period part by part: first and last day, and what was done.
    pub(crate) parts: Vec<(Day, Day, Sum)>,
    /// By fraud type, with how many outreaches there were in each part. One may be about several.
    pub(crate) types: BTreeMap<String, (Sum, Vec<u64>)>,
    /// Grids, or the buildings of the one that is shown, in walking order.
    pub(crate) places: Vec<Covered>,
}

/// What is being added up.
#[derive(Default)]
struct Tallying {
    sum: Sum,
    reach: Reach,
}

impl Tallying {
    fn add(&mut self, one: &Reached) {
        self.sum.events += 1;
        self.sum.people += one.people;
        self.reach.add(&one.scope, one.households.iter().copied(), one.building.as_deref());
    }

    fn covers(&self, home: &Home) -> bool {
        self.reach.covers(&home.scope, &home.id, &home.building)
    }

    fn sum(&self, homes: &[Home]) -> Sum {
        Sum { households: homes.iter().filter(|home| self.covers(home)).count() as u64, ..self.sum }
    }
}

impl Service {
    /// Whom outreach reached in a period.
    ///
    /// # Errors
    /// [`Error::Refused`] with `not_found` for a grid in which the person may not read outreach.
    pub(crate) async fn coverage(&self, access: &Access, asked: PeriodRequest) -> Result<Coverage> {
        let today = self.zone().day(self.surroundings.now());
        let to = asked.to.unwrap_or(today);
        let from = asked.from.unwrap_or_else(|| to.plus_days(-335).month_start()).min(to);
        let days = (from.max(to.plus_days(-LONGEST)), to);
        let grids = readable(access, &[Kind::Outreach, Kind::Household]);
        let shown = chosen(&grids, asked.grid.as_ref())?;
        let homes = walked(self.db.homes(&shown, None).await?);
        let parts = parts(days);
        let (mut all, mut by_part) = (Tallying::default(), Vec::new());
        by_part.resize_with(parts.len(), Tallying::default);
        let mut by_type = BTreeMap::<String, (Tallying, Vec<u64>)>::new();
        for one in self.db.reached(&shown, days).await? {
            let part = parts.partition_point(|(_, last)| *last < one.day);
            all.add(&one);
            if let Some(part) = by_part.get_mut(part) {
                part.add(&one);
            }
            for code in &one.fraud_types {
                let (tallying, counts) = by_type
                    .entry(code.clone())
                    .or_insert_with(|| (Tallying::default(), vec![0; parts.len()]));
                tallying.add(&one);
                counts[part] += 1;
            }
        }
        let by_grid = shown.len() > 1;
        let mut places: Vec<Covered> = Vec::new();
        for home in &homes {
            let building = if by_grid { "" } else { home.building.as_str() };
            let here = |last: &&mut Covered| last.scope == home.scope && last.building == building;
            let is_new = places.last_mut().filter(here).is_none();
            if is_new {
                let (scope, building) = (home.scope.clone(), building.to_owned());
                places.push(Covered { scope, building, homes: 0, reached: 0, parts: vec![0; parts.len()] });
            }
            let Some(place) = places.last_mut() else { continue };
            place.homes += 1;
            if all.covers(home) {
                place.reached += 1;
                for (count, part) in place.parts.iter_mut().zip(&by_part) {
                    *count += u64::from(part.covers(home));
                }
            }
        }
        let sums = by_part.iter().map(|part| part.sum(&homes));
        Ok(Coverage {
            grids,
            days,
            all: all.sum(&homes),
            homes: homes.len() as u64,
            parts: parts.iter().zip(sums).map(|((first, last), sum)| (*first, *last, sum)).collect(),
            types: by_type
                .into_iter()
                .map(|(code, (tallying, counts))| (code, (tallying.sum(&homes), counts)))
                .collect(),
            places,
        })
    }

    /// What outreach of these scopes came to among these homes.
    pub(super) async fn reach_of(&self, scopes: &[ScopeId], homes: &[Home], days: (Day, Day)) -> Result<Sum> {
        let mut all = Tallying::default();
        self.db.reached(scopes, days).await?.iter().for_each(|one| all.add(one));
        Ok(all.sum(homes))
    }
}

/// The homes of each grid together, grids as one walks them, whatever they are called.
fn walked(mut homes: Vec<Home>) -> Vec<Home> {
    let mut begins = BTreeMap::new();
    for home in &homes {
        begins.entry(home.scope.clone()).or_insert_with(|| home.place.clone());
    }
    homes.sort_by_cached_key(|home| (begins.get(&home.scope).cloned(), home.scope.clone()));
    homes
}

/// The scopes in which the person may read all of these kinds, grids first, by name.
pub(super) fn readable(access: &Access, kinds: &[Kind]) -> Vec<Scope> {
    access.scopes_where(|scope| kinds.iter().all(|kind| access.may(&scope.id, *kind, Action::Read)))
}

/// The one that is asked for, or all.
pub(super) fn chosen(grids: &[Scope], wanted: Option<&ScopeId>) -> Result<Vec<ScopeId>> {
    let ids = grids.iter().map(|scope| scope.id.clone());
    let shown: BTreeSet<ScopeId> = ids.filter(|id| wanted.is_none_or(|wanted| wanted == id)).collect();
    if wanted.is_some() && shown.is_empty() {
        return Err(Error::refused(FailureCode::NotFound, "no such grid"));
    }
    Ok(shown.into_iter().collect())
}

/// A period week by week or month by month.
fn parts((from, to): (Day, Day)) -> Vec<(Day, Day)> {
    let by_week = to.days_since(from) <= WEEKS;
    let mut parts = Vec::new();
    let mut first = from;
    while first <= to {
        let next = if by_week {
            first.week_start().plus_days(7)
        } else {
            first.month_start().plus_days(32).month_start()
        };
        if next <= first {
            // The calendar ends here.
            parts.push((first, to));
            break;
        }
        parts.push((first, next.plus_days(-1).min(to)));
        first = next;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_falls_into_whole_weeks_or_months_without_a_gap() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        let months = parts((day("2025-12-10"), day("2026-03-02")));
        assert_eq!(months.len(), 4);
        assert_eq!(months[0], (day("2025-12-10"), day("2025-12-31")));
        assert_eq!(months[3], (day("2026-03-01"), day("2026-03-02")));
        let last = Day::LAST;
        for from in [last, last.month_start(), last.plus_days(-20), last.plus_days(-400)] {
            assert_eq!(parts((from, last)).last().map(|part| part.1), Some(last), "{from}");
        }
        let weeks = parts((day("2026-11-18"), day("2026-11-30")));
        assert_eq!(
            weeks,
            [
                (day("2026-11-18"), day("2026-11-22")),
                (day("2026-11-23"), day("2026-11-29")),
                (day("2026-11-30"), day("2026-11-30")),
            ]
        );
    }
}
