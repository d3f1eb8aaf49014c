//! 日记本: a grid's page of a day, and the queue of what waits to be read.

use std::collections::BTreeSet;

use gridbook_core::clock::{Day, Instant};
use gridbook_core::id::{PersonId, RecordId, ScopeId};
use gridbook_core::model::{Action, Content, DaySums, Kind, Projection, Reading, Scope};
use gridbook_core::sync::protocol::FailureCode;

use super::day::waits_for;
use super::entry::Entry;
use super::records::{end_page, place};
use super::ticks::Tick;
use super::{Seated, Service};
use crate::db::{Kept, RecordQuery};
use crate::error::{Error, Result};

/// Entries on one page, and more than a sheet for the printer has room for.
const PAGE: usize = 30;
const SHEET: usize = 1_000;
/// People looked for by one name.
const AUTHORS: usize = 100;

/// Which page of the book.
#[derive(Clone, Debug, Default)]
pub(crate) struct BookRequest {
    /// The grid; the first that the person may read, if none is named.
    pub(crate) grid: Option<ScopeId>,
    /// The day; today if none is named.
    pub(crate) day: Option<Day>,
    /// What follows this place: the page before's `next`.
    pub(crate) after: Option<String>,
    /// As much of the day as a sheet has room for.
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

/// What all of a day comes to, and what one page shows of it.
#[derive(Default)]
struct WholeDay {
    sums: DaySums,
    authors: BTreeSet<PersonId>,
    waiting: usize,
    shown: Vec<Kept>,
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
        let readable = |scope: &Scope| {
            Reading::KINDS.iter().any(|kind| seated.access.may(&scope.id, *kind, Action::Read))
        };
        let mut grids = seated.access.scopes_where(readable).into_iter();
        let grid = match &asked.grid {
            Some(wanted) => Some(grids.find(|scope| scope.id == *wanted).ok_or_else(no_grid)?),
            None => grids.next(),
        };
        let Some(grid) = grid else {
            let (beside, sums) = ((None, None), DaySums::default());
            let (authors, entries, ticks) = (Vec::new(), Vec::new(), Vec::new());
            let (grid, next, waiting) = (None, None, 0);
            return Ok(Book { grid, day, beside, sums, authors, entries, ticks, next, waiting, at });
        };
        let WholeDay { mut sums, authors, waiting, mut shown } =
            self.whole_day(seated, &grid, day, &asked).await?;
        // Counted on every page of the day, and listed on the first: only there they are looked at.
        let tickers = self.tickers(seated, &grid.id).await?;
        let (mut ticks, mut lists) = self.ticks(&tickers, day).await?;
        ticks.iter().for_each(|_| sums.tick());
        if asked.after.is_some() {
            ticks.clear();
            lists.clear();
        }
        let next = end_page(&mut shown, room(&asked));
        let beside = self.days_beside(&grid.id, &tickers, day).await?;
        lists.extend(shown.iter().cloned());
        self.note_shown(seated, &lists, asked.by_itself).await?;
        let entries = self.entries(seated, shown).await?;
        let authors = authors.into_iter().collect();
        Ok(Book { grid: Some(grid), day, beside, sums, authors, entries, ticks, next, waiting, at })
    }

    async fn whole_day(
        &self,
        seated: &Seated,
        grid: &Scope,
        day: Day,
        asked: &BookRequest,
    ) -> Result<WholeDay> {
        let mut whole = WholeDay::default();
        let after = asked.after.as_deref().and_then(place);
        self.through_day(&grid.id, day, |kept| {
            whole.waiting += usize::from(waits_for(seated, &kept));
            if !kept.row.voided {
                whole.authors.insert(kept.row.author.clone());
                match Projection::read(kept.row.kind, &kept.row.json)?.1 {
                    Content::Visit(visit) => whole.sums.visit(&visit),
                    Content::Outreach(outreach) => whole.sums.outreach(&outreach),
                    Content::Diary(entry) => whole.sums.entry(&entry),
                    _ => {}
                }
            }
            // One more than there is room for says that a page follows.
            let follows = after.is_none_or(|after| kept.row.position() > after);
            if follows && whole.shown.len() <= room(asked) {
                whole.shown.push(kept);
            }
            Ok(())
        })
        .await?;
        Ok(whole)
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
}

/// How many entries there is room for.
fn room(asked: &BookRequest) -> usize {
    if asked.whole { SHEET } else { PAGE }
}

pub(super) fn no_grid() -> Error {
    Error::refused(FailureCode::NotFound, "no such grid")
}
