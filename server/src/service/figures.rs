//! 统计: what was recorded in a period against the same one a year before, recorded or imported. Of scopes alone,
//! never of a person.

use std::collections::BTreeMap;

use gridbook_core::clock::Day;
use gridbook_core::id::ScopeId;
use gridbook_core::model::{Kind, Scope, dictionary};

use super::coverage::{PeriodRequest, Sum, chosen, readable};
use super::{Access, Service};
use crate::db::Home;
use crate::error::Result;

/// The fields whose codes are incidents, with the kind that carries them.
const INCIDENTS: [(&str, &str, Kind); 2] =
    [("category", "diary_category", Kind::Diary), ("hazards", "hazard", Kind::Visit)];

/// The outcomes of a visit in which somebody was reached, at the door or by telephone.
pub(crate) const MET: [&str; 2] = ["met", "phone"];

/// A number now and a year before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pair {
    /// In the period.
    pub(crate) now: u64,
    /// A year before.
    pub(crate) before: u64,
    /// True if part of the first was imported, so that no records stand behind it.
    pub(crate) now_imported: bool,
    /// True if part of the second was imported.
    pub(crate) before_imported: bool,
}

/// One kind of incident.
pub(crate) struct Incident {
    /// The field that carries its code, with the kind; `None` for what others count.
    pub(crate) field: Option<(&'static str, Kind)>,
    /// Its code, or the name that others gave it.
    pub(crate) name: String,
    /// How many.
    pub(crate) pair: Pair,
}

/// What was done in one period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Done {
    /// Visits.
    pub(crate) visits: u64,
    /// Of these, that met someone or reached them by telephone.
    pub(crate) met: u64,
    /// Households visited, each once.
    pub(crate) visited: u64,
    /// What outreach came to.
    pub(crate) outreach: Sum,
    /// Items of task groups' lists that are done, and all of them.
    pub(crate) items: (u64, u64),
}

/// The page of figures.
pub(crate) struct Figures {
    /// The grids to choose from.
    pub(crate) grids: Vec<Scope>,
    /// The period: first day of a month to the last of another, or today.
    pub(crate) days: (Day, Day),
    /// The same days a year before.
    pub(crate) before: (Day, Day),
    /// Households known.
    pub(crate) homes: u64,
    /// Incidents: of the diary, hazards, and what others count.
    pub(crate) incidents: Vec<Incident>,
    /// What was done in the period and a year before.
    pub(crate) done: (Done, Done),
}

/// How often a code came up in a month of a scope, and whether the number was imported.
type Months = BTreeMap<(ScopeId, Day, String), (u64, bool)>;

impl Service {
    /// The figures of whole months against those of a year before.
    ///
    /// # Errors
    /// [`crate::Error::Refused`] with `not_found` for a grid in which the person may not read all that is counted.
    pub(crate) async fn figures(&self, access: &Access, asked: PeriodRequest) -> Result<Figures> {
        let today = self.zone().day(self.surroundings.now());
        let last = asked.to.unwrap_or(today).month_start();
        let first = asked.from.unwrap_or_else(|| january(last)).month_start().min(last);
        // A year at most: what is compared must not overlap.
        let first = first.max(year_before(last).plus_days(32).month_start());
        let mut end = last.plus_days(32).month_start().plus_days(-1);
        if today >= last {
            end = end.min(today);
        }
        let days = (first, end);
        let before = (year_before(first), year_before(end));
        let grids = readable(access, &[Kind::Household, Kind::Visit, Kind::Diary, Kind::Outreach]);
        let shown = chosen(&grids, asked.grid.as_ref())?;
        let groups = match asked.grid {
            Some(_) => Vec::new(),
            None => readable(access, &[Kind::Checklist]).into_iter().map(|scope| scope.id).collect(),
        };
        let homes = self.db.homes(&shown, None).await?;
        // Side by side: each waits for the database most of the time.
        let (incidents, now, earlier) = tokio::try_join!(
            self.incidents(&shown, days, before),
            self.done(&shown, &homes, &groups, days),
            self.done(&shown, &homes, &groups, before),
        )?;
        Ok(Figures { days, before, homes: homes.len() as u64, incidents, done: (now, earlier), grids })
    }

    async fn incidents(
        &self,
        scopes: &[ScopeId],
        days: (Day, Day),
        before: (Day, Day),
    ) -> Result<Vec<Incident>> {
        let mut incidents: Vec<Incident> = Vec::new();
        let (imported_now, imported_before) =
            (self.imported(scopes, days).await?, self.imported(scopes, before).await?);
        for (field, dictionary, kind) in INCIDENTS {
            let (now, earlier) = self.months(scopes, field, days, before).await?;
            let known: Vec<&str> =
                dictionary::named(dictionary).entries.iter().map(|entry| entry.code.as_str()).collect();
            let own = |imported: &Months| -> Months {
                let own = imported.iter().filter(|((.., name), _)| known.contains(&name.as_str()));
                own.map(|(place, count)| (place.clone(), *count)).collect()
            };
            // What was imported of a month stands in place of what was recorded in it.
            let (now, earlier) = (over(now, own(&imported_now)), over(earlier, own(&imported_before)));
            let found = now.keys().chain(earlier.keys()).map(|(.., name)| name.as_str());
            let unknown: std::collections::BTreeSet<&str> =
                found.filter(|name| !known.contains(name)).collect();
            for name in known.iter().copied().chain(unknown) {
                let pair = pair(&now, &earlier, name);
                if pair.now + pair.before > 0 {
                    incidents.push(Incident { field: Some((field, kind)), name: name.to_owned(), pair });
                }
            }
        }
        let coded =
            |name: &str| INCIDENTS.iter().any(|(_, named, _)| dictionary::named(named).entry(name).is_some());
        let others = imported_now.keys().chain(imported_before.keys()).map(|(.., name)| name.clone());
        let others: std::collections::BTreeSet<String> = others.filter(|name| !coded(name)).collect();
        incidents.extend(others.into_iter().map(|name| {
            let pair = pair(&imported_now, &imported_before, &name);
            Incident { field: None, name, pair }
        }));
        Ok(incidents)
    }

    /// The months of a period and of a year before, in one look: codes come before days in the index.
    async fn months(
        &self,
        scopes: &[ScopeId],
        field: &str,
        days: (Day, Day),
        before: (Day, Day),
    ) -> Result<(Months, Months)> {
        let (mut now, mut earlier) = (Months::new(), Months::new());
        for tally in self.db.tallies(scopes, field, (before.0, days.1)).await? {
            let months = match tally.day {
                day if day >= days.0 => &mut now,
                day if day <= before.1 => &mut earlier,
                _ => continue,
            };
            months.entry((tally.scope, tally.day.month_start(), tally.code)).or_default().0 += tally.records;
        }
        Ok((now, earlier))
    }

    async fn imported(&self, scopes: &[ScopeId], days: (Day, Day)) -> Result<Months> {
        let figures = self.db.figures(scopes, (days.0.month_start(), days.1)).await?;
        Ok(figures.into_iter().map(|one| ((one.scope, one.month, one.name), (one.count, true))).collect())
    }

    async fn done(
        &self,
        grids: &[ScopeId],
        homes: &[Home],
        groups: &[ScopeId],
        days: (Day, Day),
    ) -> Result<Done> {
        let mut done = Done { outreach: self.reach_of(grids, homes, days).await?, ..Done::default() };
        for tally in self.db.tallies(grids, "outcome", days).await? {
            done.visits += tally.records;
            if MET.contains(&tally.code.as_str()) {
                done.met += tally.records;
            }
        }
        done.visited = self.db.visited(grids, days).await?.len() as u64;
        for tally in self.db.tallies(groups, "items", days).await? {
            done.items.1 += tally.amount;
            if tally.code == "done" {
                done.items.0 += tally.amount;
            }
        }
        Ok(done)
    }
}

/// The recorded months with the imported ones in their place.
fn over(mut recorded: Months, imported: Months) -> Months {
    recorded.extend(imported);
    recorded
}

fn pair(now: &Months, before: &Months, name: &str) -> Pair {
    let sum = |months: &Months| {
        let of = months.iter().filter(|((.., known), _)| known == name);
        of.fold((0, false), |(sum, any), (_, (count, imported))| (sum + count, any || *imported))
    };
    let ((now, now_imported), (before, before_imported)) = (sum(now), sum(before));
    Pair { now, before, now_imported, before_imported }
}

/// The same day a year before; the 28th for a 29th of February.
fn year_before(day: Day) -> Day {
    let text = day.to_string();
    let (year, rest) = text.split_once('-').unwrap_or_default();
    let year: i32 = year.parse().unwrap_or_default();
    let same = format!("{:04}-{rest}", year - 1).parse();
    same.unwrap_or_else(|_| day.plus_days(-366))
}

fn january(day: Day) -> Day {
    let text = day.to_string();
    let (year, _) = text.split_once('-').unwrap_or_default();
    format!("{year}-01-01").parse().unwrap_or(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_before_is_the_same_day_of_the_calendar() {
        let before = |text: &str| year_before(text.parse().unwrap()).to_string();
        assert_eq!(before("2026-11-24"), "2025-11-24");
        assert_eq!(before("2028-02-29"), "2027-02-28");
        assert_eq!(january("2026-11-24".parse().unwrap()).to_string(), "2026-01-01");
    }
}
