//! What a grid's workers ticked on a day, in whichever group's lists: the diary shows it among the day's work, and turns to
//! days that have nothing else.

use std::collections::BTreeSet;

use gridbook_core::clock::{Day, Instant};
use gridbook_core::id::{PersonId, RecordId, ScopeId};
use gridbook_core::model::masking::mask;
use gridbook_core::model::{Action, Content, Kind, Projection, Role};

use super::{Seated, Service};
use crate::db::Kept;
use crate::error::Result;

/// A tick of the day.
pub(crate) struct Tick {
    /// The list.
    pub(crate) list: RecordId,
    /// Its title.
    pub(crate) list_title: String,
    /// The item's title.
    pub(crate) item: String,
    /// Who.
    pub(crate) by: PersonId,
    /// When.
    pub(crate) at: Instant,
}

/// Whose ticks belong to a grid's diary, and in which groups' lists.
pub(super) struct Tickers {
    workers: Vec<PersonId>,
    groups: Vec<ScopeId>,
}

impl Service {
    /// Those who work or worked in the grid, and the groups whose lists the reader may read.
    pub(super) async fn tickers(&self, seated: &Seated, grid: &ScopeId) -> Result<Tickers> {
        let grants = self.db.roll().await?.grants.into_iter();
        let here = grants.filter(|row| row.grant.scope == *grid && row.grant.role == Role::Worker);
        let workers: BTreeSet<PersonId> = here.map(|row| row.person).collect();
        let readable = seated.access.allowed(Action::Read).into_iter();
        let groups = readable.filter(|(_, kinds)| kinds.contains(&Kind::Checklist)).map(|(scope, _)| scope);
        Ok(Tickers { workers: workers.into_iter().collect(), groups: groups.collect() })
    }

    /// What they ticked on the day, as it came, and the lists.
    pub(super) async fn ticks(&self, tickers: &Tickers, day: Day) -> Result<(Vec<Tick>, Vec<Kept>)> {
        let Tickers { workers, groups } = tickers;
        let lists = self.db.ticked_on(groups, workers, day).await?;
        let (mut ticks, mut shown) = (Vec::new(), Vec::new());
        for kept in self.db.kept(&lists).await?.into_iter().filter(|kept| !kept.row.voided) {
            let row = &kept.row;
            let (_, Content::Checklist(list)) = Projection::read(row.kind, &row.json)? else { continue };
            for item in list.progress() {
                let made =
                    item.ticks.iter().filter(|(by, at)| workers.contains(*by) && self.zone().day(*at) == day);
                ticks.extend(made.map(|(by, at)| Tick {
                    list: row.id,
                    list_title: mask(&list.title),
                    item: mask(&item.item.title),
                    by: (*by).clone(),
                    at: *at,
                }));
            }
            shown.push(kept);
        }
        ticks.sort_by_key(|tick| tick.at);
        Ok((ticks, shown))
    }

    /// The days before and after with a record or a tick in the grid's diary.
    pub(super) async fn days_beside(
        &self,
        grid: &ScopeId,
        tickers: &Tickers,
        day: Day,
    ) -> Result<(Option<Day>, Option<Day>)> {
        let visible = [(grid.clone(), gridbook_core::model::Reading::KINDS.to_vec())];
        let Tickers { workers, groups } = tickers;
        let earlier = [
            self.db.day_beside(&visible, day, false).await?,
            self.db.ticks_beside(groups, workers, day, false).await?,
        ];
        let later = [
            self.db.day_beside(&visible, day, true).await?,
            self.db.ticks_beside(groups, workers, day, true).await?,
        ];
        Ok((earlier.into_iter().flatten().max(), later.into_iter().flatten().min()))
    }
}
