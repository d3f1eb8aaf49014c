//! 日记本: a grid's page of a day, and the queue of what waits to be read.

use std::collections::BTreeSet;

use gridbook_core::clock::{Day, Instant};
use gridbook_core::id::{PersonId, RecordId, ScopeId};
use gridbook_core::model::masking::mask;
use gridbook_core::model::{Action, Content, DaySums, Kind, MISSED_DAYS, Projection, Reading, Role, Scope};
use gridbook_core::sync::protocol::FailureCode;

use super::entry::Entry;
use super::naming::in_order;
use super::records::{end_page, place};
use super::{Seated, Service};
use crate::db::{Kept, RecordQuery};
use crate::error::{Error, Result};

/// More records than a grid writes in a day.
const DAY_LIMIT: usize = 1_000;
/// Entries on one page; a sheet for the printer has all of a day.
const PAGE: usize = 30;
/// People looked for by one name.
const AUTHORS: usize = 100;
/// Lists looked at for a day's ticks, of those that had begun by then the latest.
const LISTS: usize = 300;
/// A list that begins so many days later may be ticked already.
const AHEAD_DAYS: i64 = 7;

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
    /// How many of the whole day wait for the reader's mark.
    pub(crate) waiting: usize,
    /// When it was read: what came in later is not in it.
    pub(crate) at: Instant,
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
    /// Only of these days, both included.
    pub(crate) days: Option<(Day, Day)>,
    /// Only by people with this in their name; `""` for anybody.
    pub(crate) author: String,
    /// So many at random, of all of it, instead of a page.
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
        let at = self.surroundings.now();
        let day = asked.day.unwrap_or_else(|| self.zone().day(at));
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
            let (grid, next, waiting) = (None, None, 0);
            return Ok(Book { grid, day, beside, sums, authors, entries, ticks, next, waiting, at });
        };
        let visible = vec![(grid.id.clone(), Reading::KINDS.to_vec())];
        let query = day_of(visible.clone(), day);
        let rows = self.db.kept_records(&query).await?;
        let waiting = rows.iter().filter(|kept| waits_for(seated, kept)).count();
        let (mut sums, mut authors) = (DaySums::default(), BTreeSet::new());
        for row in rows.iter().map(|kept| &kept.row).filter(|row| !row.voided) {
            authors.insert(row.author.clone());
            match Projection::read(row.kind, &row.json)?.1 {
                Content::Visit(visit) => sums.visit(&visit),
                Content::Outreach(outreach) => sums.outreach(&outreach),
                Content::Diary(entry) => sums.entry(&entry),
                _ => {}
            }
        }
        // Counted on every page of the day, and listed on the first: only there they are looked at.
        let (mut ticks, lists) = self.ticks(seated, &grid, day).await?;
        ticks.iter().for_each(|_| sums.tick());
        let mut shown = lists;
        if asked.after.is_some() {
            ticks.clear();
            shown.clear();
        }
        let after = asked.after.as_deref().and_then(place);
        let later = |kept: &Kept| after.is_none_or(|after| kept.row.position() > after);
        let mut kept: Vec<Kept> = rows.into_iter().filter(later).collect();
        let next = if asked.whole { None } else { end_page(&mut kept, PAGE) };
        let beside =
            (self.db.day_beside(&visible, day, false).await?, self.db.day_beside(&visible, day, true).await?);
        shown.extend(kept.iter().cloned());
        self.note_shown(seated, &shown, asked.by_itself).await?;
        let entries = self.entries(seated, kept).await?;
        let authors = authors.into_iter().collect();
        Ok(Book { grid: Some(grid), day, beside, sums, authors, entries, ticks, next, waiting, at })
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
        let authors = match asked.author.trim() {
            "" => Vec::new(),
            name => self.authors_named(seated, name).await?,
        };
        if authors.is_empty() && !asked.author.trim().is_empty() {
            return Ok(Queue { entries: Vec::new(), next: None });
        }
        let query = RecordQuery {
            visible,
            readings,
            authors,
            days: asked.days,
            conflicts: asked.conflicts,
            after: asked.after.as_deref().and_then(place),
            limit: PAGE + 1,
            ..RecordQuery::default()
        };
        let (kept, next) = match asked.sample {
            Some(wanted) => (self.sampled(query, wanted.min(PAGE)).await?, None),
            None => {
                let mut kept = self.db.kept_records(&query).await?;
                let next = end_page(&mut kept, PAGE);
                (kept, next)
            }
        };
        self.note_shown(seated, &kept, false).await?;
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
        self.note_shown(seated, &kept, false).await?;
        self.entries(seated, kept).await?.pop().ok_or_else(nothing)
    }

    /// So many at random of all that the query asks for, newest first.
    async fn sampled(&self, query: RecordQuery, wanted: usize) -> Result<Vec<Kept>> {
        let query = RecordQuery { after: None, limit: usize::MAX, ..query };
        let all = self.db.count_records(&query).await?;
        let mut places = BTreeSet::new();
        while places.len() < wanted.min(all) {
            let drawn = u64::from_be_bytes(self.surroundings.random());
            places.insert(usize::try_from(drawn % all as u64).unwrap_or_default());
        }
        self.db.records_at(&query, places.into_iter().collect()).await
    }

    /// The people with this in their name, or with this number, of those whose names the person may know.
    async fn authors_named(&self, seated: &Seated, name: &str) -> Result<Vec<PersonId>> {
        let people = self.directory(&seated.access).await?.people;
        let found = people.into_iter().filter(|one| one.name.contains(name) || one.id.as_str() == name);
        Ok(found.map(|one| one.id).take(AUTHORS).collect())
    }

    /// What the grid's workers ticked on the day, as far as the person may read their groups' lists, and these lists.
    async fn ticks(&self, seated: &Seated, grid: &Scope, day: Day) -> Result<(Vec<Tick>, Vec<Kept>)> {
        let grants = self.db.roll().await?.grants.into_iter();
        let workers: BTreeSet<PersonId> = grants
            .filter(|row| row.grant.scope == grid.id && row.grant.role == Role::Worker)
            .map(|row| row.person)
            .collect();
        let mut visible = seated.access.allowed(Action::Read);
        visible.iter_mut().for_each(|(_, kinds)| kinds.retain(|kind| *kind == Kind::Checklist));
        let ends_from = Some(day.plus_days(-MISSED_DAYS));
        let ever = day.plus_days(i64::MIN);
        let days = Some((ever, day.plus_days(AHEAD_DAYS)));
        let query = RecordQuery { visible, ends_from, days, limit: LISTS, ..RecordQuery::default() };
        let (mut ticks, mut shown) = (Vec::new(), Vec::new());
        for kept in self.db.kept_records(&query).await?.into_iter().filter(|kept| !kept.row.voided) {
            let row = &kept.row;
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
                shown.push(kept);
            }
        }
        ticks.sort_by_key(|tick| tick.at);
        Ok((ticks, shown))
    }
}

/// What a grid has of a day, in its order.
pub(super) fn day_of(visible: Vec<(ScopeId, Vec<Kind>)>, day: Day) -> RecordQuery {
    RecordQuery { visible, day: Some(day), earliest_first: true, limit: DAY_LIMIT, ..RecordQuery::default() }
}

/// True if the record waits to be read, by this person among others.
pub(super) fn waits_for(seated: &Seated, Kept { row, reading, .. }: &Kept) -> bool {
    reading.waits() && !row.voided && seated.access.may(&row.scope, row.kind, Action::Review)
}

pub(super) fn no_grid() -> Error {
    Error::refused(FailureCode::NotFound, "no such grid")
}
