//! 日记本: a grid's page of a day, and the queue of what waits to be read.

use std::collections::BTreeSet;

use gridbook_core::clock::{Day, Instant};
use gridbook_core::id::{PersonId, RecordId, ScopeId};
use gridbook_core::model::masking::mask;
use gridbook_core::model::{Action, Content, DaySums, Kind, MISSED_DAYS, Projection, Reading, Role, Scope};
use gridbook_core::sync::protocol::FailureCode;

use super::entry::Entry;
use super::naming::in_order;
use super::records::{place, text};
use super::{Seated, Service};
use crate::db::{Act, Kept, RecordQuery, Row};
use crate::error::{Error, Result};

/// More records than a grid writes in a day.
const DAY_LIMIT: usize = 1_000;
/// Entries on one page; a sheet for the printer has all of a day.
const PAGE: usize = 50;
/// Lists looked at for a day's ticks.
const LISTS: usize = 300;
/// Looks at a record among which somebody's own is searched: more than lead one grid.
const LATEST_LOOKS: usize = 20;
/// What a sample is drawn from: the newest that wait.
const SAMPLED: usize = 2_000;

/// Which page of the book.
#[derive(Clone, Debug, Default)]
pub(crate) struct BookRequest {
    /// The grid; the first that the person may read, if none is named.
    pub(crate) grid: Option<ScopeId>,
    /// The day; today if none is named.
    pub(crate) day: Option<Day>,
    /// What follows this place: the page before's `next`.
    pub(crate) after: Option<String>,
    /// All of the day on one sheet.
    pub(crate) whole: bool,
    /// An open page asks anew because something came in. Who sees it saw the rest of the page already: only what is
    /// new since that look is another one.
    pub(crate) by_itself: bool,
}

/// A grid's page of a day.
pub(crate) struct Book {
    /// The grid; `None` if the person may read none.
    pub(crate) grid: Option<Scope>,
    /// The day.
    pub(crate) day: Day,
    /// The days before and after with something in them.
    pub(crate) beside: (Option<Day>, Option<Day>),
    /// The sums of the whole day.
    pub(crate) sums: DaySums,
    /// Those who wrote that day.
    pub(crate) authors: Vec<PersonId>,
    /// The entries in the order of the day.
    pub(crate) entries: Vec<Entry>,
    /// What the grid's workers ticked.
    pub(crate) ticks: Vec<Tick>,
    /// Where the next page begins.
    pub(crate) next: Option<String>,
}

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

/// Which part of the queue.
#[derive(Clone, Debug, Default)]
pub(crate) struct QueueRequest {
    /// Only this grid.
    pub(crate) grid: Option<ScopeId>,
    /// Only this kind.
    pub(crate) kind: Option<Kind>,
    /// Only this state; what waits, if none is named.
    pub(crate) reading: Option<Reading>,
    /// Only what has a field with two values, whatever its state.
    pub(crate) conflicts: bool,
    /// So many at random instead of a page.
    pub(crate) sample: Option<usize>,
    /// What follows this place.
    pub(crate) after: Option<String>,
}

/// A part of the queue.
pub(crate) struct Queue {
    /// The entries: newest first.
    pub(crate) entries: Vec<Entry>,
    /// Where the next page begins.
    pub(crate) next: Option<String>,
}

impl Service {
    /// A grid's page of a day. Who looked is written down.
    ///
    /// # Errors
    /// [`Error::Refused`] with `not_found` for a grid that the person may not read.
    pub(crate) async fn book(&self, seated: &Seated, asked: BookRequest) -> Result<Book> {
        let day = asked.day.unwrap_or_else(|| self.zone().day(self.surroundings.now()));
        let readable = |scope: &&Scope| {
            Reading::KINDS.iter().any(|kind| seated.access.may(&scope.id, *kind, Action::Read))
        };
        let mut grids: Vec<&Scope> = seated.access.known_scopes().filter(readable).collect();
        grids.sort_by_key(|scope| (scope.parent.is_none(), in_order(&scope.name)));
        let grid = match &asked.grid {
            Some(wanted) => {
                grids.into_iter().find(|scope| scope.id == *wanted).map(Some).ok_or_else(no_grid)?
            }
            None => grids.into_iter().next(),
        };
        let Some(grid) = grid.cloned() else {
            let (beside, sums) = ((None, None), DaySums::default());
            let (authors, entries, ticks) = (Vec::new(), Vec::new(), Vec::new());
            return Ok(Book { grid: None, day, beside, sums, authors, entries, ticks, next: None });
        };
        let visible = vec![(grid.id.clone(), Reading::KINDS.to_vec())];
        let query = RecordQuery {
            visible: visible.clone(),
            day: Some(day),
            earliest_first: true,
            limit: DAY_LIMIT,
            ..RecordQuery::default()
        };
        let rows = self.db.records(&query).await?;
        let (mut sums, mut authors) = (DaySums::default(), BTreeSet::new());
        for row in rows.iter().filter(|row| !row.voided) {
            authors.insert(row.author.clone());
            match Projection::read(row.kind, &row.json)?.1 {
                Content::Visit(visit) => sums.visit(&visit),
                Content::Outreach(outreach) => sums.outreach(&outreach),
                Content::Diary(entry) => sums.entry(&entry),
                _ => {}
            }
        }
        // Counted on every page of the day, and listed on the first.
        let mut ticks = self.ticks(seated, &grid, day).await?;
        ticks.iter().for_each(|_| sums.tick());
        if asked.after.is_some() {
            ticks.clear();
        }
        let after = asked.after.as_deref().and_then(place);
        let mut rows: Vec<Row> =
            rows.into_iter().filter(|row| after.is_none_or(|after| row.position() > after)).collect();
        let more = !asked.whole && rows.len() > PAGE;
        if more {
            rows.truncate(PAGE);
        }
        let next = rows.last().filter(|_| more).map(|row| text(row.position()));
        let beside =
            (self.db.day_beside(&visible, day, false).await?, self.db.day_beside(&visible, day, true).await?);
        let kept = self.kept_of(&rows).await?;
        let looked = if asked.by_itself { self.not_seen_yet(&seated.person, &kept).await? } else { rows };
        self.note_others(&seated.person, Act::Read, &looked, String::new()).await?;
        let entries = self.entries(seated, kept).await?;
        let authors = authors.into_iter().collect();
        Ok(Book { grid: Some(grid), day, beside, sums, authors, entries, ticks, next })
    }

    /// What waits to be read, or is in another state, newest first; or a sample of it. Who looked is written down.
    ///
    /// # Errors
    /// [`Error::Refused`] with `not_found` for a grid that the person may not read.
    pub(crate) async fn queue(&self, seated: &Seated, asked: QueueRequest) -> Result<Queue> {
        let mut visible = seated.access.allowed(Action::Read);
        for (_, kinds) in &mut visible {
            kinds.retain(|kind| {
                let among = asked.conflicts || Reading::KINDS.contains(kind);
                among && *kind != Kind::Review && asked.kind.is_none_or(|only| only == *kind)
            });
        }
        if let Some(grid) = &asked.grid {
            if !seated.access.knows(grid) {
                return Err(no_grid());
            }
            visible.retain(|(scope, _)| scope == grid);
        }
        let readings = match asked.reading {
            _ if asked.conflicts => Vec::new(),
            Some(one) => vec![one],
            None => Reading::WAITING.to_vec(),
        };
        let limit = if asked.sample.is_some() { SAMPLED } else { PAGE + 1 };
        let after = asked.after.as_deref().and_then(place);
        let query = RecordQuery {
            visible,
            readings,
            conflicts: asked.conflicts,
            after,
            limit,
            ..RecordQuery::default()
        };
        let mut rows = self.db.records(&query).await?;
        let mut next = None;
        match asked.sample {
            Some(wanted) => rows = self.drawn(rows, wanted.min(PAGE)),
            None if rows.len() > PAGE => {
                rows.truncate(PAGE);
                next = rows.last().map(|row| text(row.position()));
            }
            None => {}
        }
        self.note_others(&seated.person, Act::Read, &rows, String::new()).await?;
        let kept = self.kept_of(&rows).await?;
        Ok(Queue { entries: self.entries(seated, kept).await?, next })
    }

    /// One record that the console shows in a list; who looked was written down with the list.
    ///
    /// # Errors
    /// [`Error::Refused`] with `not_found`.
    pub(crate) async fn entry(&self, seated: &Seated, id: RecordId) -> Result<Entry> {
        let nothing = || Error::refused(FailureCode::NotFound, "no such record");
        let mut kept = self.db.kept(&[id]).await?;
        kept.retain(|kept| seated.access.may(&kept.row.scope, kept.row.kind, Action::Read));
        let rows: Vec<Row> = kept.iter().map(|kept| kept.row.clone()).collect();
        self.note_others(&seated.person, Act::Read, &rows, String::new()).await?;
        self.entries(seated, kept).await?.pop().ok_or_else(nothing)
    }

    /// Those of the rows that the person has not looked at since their last change came in.
    async fn not_seen_yet(&self, person: &PersonId, kept: &[Kept]) -> Result<Vec<Row>> {
        let mut fresh = Vec::new();
        for Kept { row, received, .. } in kept.iter().filter(|kept| kept.row.author != *person) {
            let looks = self.db.audit_about(&row.id, LATEST_LOOKS).await?;
            let seen = looks.iter().map(|look| &look.entry).any(|look| {
                look.act == Act::Read && look.who.as_ref() == Some(person) && look.at >= *received
            });
            if !seen {
                fresh.push(row.clone());
            }
        }
        Ok(fresh)
    }

    /// So many of the rows at random, in their order.
    fn drawn(&self, rows: Vec<Row>, wanted: usize) -> Vec<Row> {
        let mut keyed: Vec<([u8; 8], usize, Row)> =
            rows.into_iter().enumerate().map(|(at, row)| (self.surroundings.random(), at, row)).collect();
        keyed.sort_unstable_by_key(|(key, at, _)| (*key, *at));
        keyed.truncate(wanted);
        keyed.sort_unstable_by_key(|(_, at, _)| *at);
        keyed.into_iter().map(|(.., row)| row).collect()
    }

    async fn kept_of(&self, rows: &[Row]) -> Result<Vec<Kept>> {
        self.db.kept(&rows.iter().map(|row| row.id).collect::<Vec<_>>()).await
    }

    /// What the grid's workers ticked on the day, as far as the person may read their groups' lists.
    async fn ticks(&self, seated: &Seated, grid: &Scope, day: Day) -> Result<Vec<Tick>> {
        let grants = self.db.roll().await?.grants.into_iter();
        let workers: BTreeSet<PersonId> = grants
            .filter(|row| row.grant.scope == grid.id && row.grant.role == Role::Worker)
            .map(|row| row.person)
            .collect();
        let mut visible = seated.access.allowed(Action::Read);
        visible.iter_mut().for_each(|(_, kinds)| kinds.retain(|kind| *kind == Kind::Checklist));
        let ends_from = Some(day.plus_days(-MISSED_DAYS));
        let query = RecordQuery { visible, ends_from, limit: LISTS, ..RecordQuery::default() };
        let (mut ticks, mut shown) = (Vec::new(), Vec::new());
        for row in self.db.records(&query).await?.into_iter().filter(|row| !row.voided) {
            let (_, Content::Checklist(list)) = Projection::read(row.kind, &row.json)? else { continue };
            let before = ticks.len();
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
            if ticks.len() > before {
                shown.push(row);
            }
        }
        self.note_others(&seated.person, Act::Read, &shown, String::new()).await?;
        ticks.sort_by_key(|tick| tick.at);
        Ok(ticks)
    }
}

fn no_grid() -> Error {
    Error::refused(FailureCode::NotFound, "no such grid")
}
