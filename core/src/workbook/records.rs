//! What all kinds of record share: save, get, edit, void, list.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::edit::Operation;
use super::visits::follow_outcome;
use super::{Filter, Workbook};
use crate::clock::Instant;
use crate::error::{Error, Result};
use crate::id::{RecordId, ScopeId};
use crate::model::{Body, Content, Kind, Record, Rule};
use crate::store::Place;

/// A record about to be written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct New<C> {
    /// The id, if a draft already gave it one.
    pub id: Option<RecordId>,
    /// The grid it belongs to; by default the only one in which the person may write this kind.
    pub grid: Option<ScopeId>,
    /// When it happened; by default now.
    pub occurred_at: Option<Instant>,
    /// What it says.
    pub content: C,
}

impl<C> New<C> {
    /// A record of now, in the person's own grid.
    pub fn of(content: C) -> Self {
        Self { id: None, grid: None, occurred_at: None, content }
    }
}

/// A place in a list, opaque to screens: hand it back for the next page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(pub(super) Place);

/// As text, for those that cannot hold it as it is; as opaque as before.
impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0.day, self.0.n)
    }
}

impl FromStr for Cursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let place = text
            .split_once('.')
            .and_then(|(day, n)| Some(Place { day: day.parse().ok()?, n: n.parse().ok()? }));
        place.map(Self).ok_or(Error::Document("no place in a list".into()))
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Page<T> {
    /// The entries.
    pub items: Vec<T>,
    /// Where the next page begins; `None` at the end.
    #[serde(skip)]
    pub next: Option<Cursor>,
}

impl Workbook {
    /// A record of any kind, as on its own page: numbers masked unless the person wrote it;
    /// [`Workbook::reveal`] shows one.
    ///
    /// # Errors
    /// [`Error::NoSuchRecord`] if it is not on this phone.
    pub fn record(&self, id: RecordId) -> Result<Record> {
        let record = self.read(|reader| reader.record(&id))?.ok_or(Error::NoSuchRecord(id))?;
        Ok(self.profile().shown(record))
    }

    /// A record of one kind.
    ///
    /// # Errors
    /// [`Error::NoSuchRecord`] or [`Error::WrongKind`].
    pub fn get<B: Body>(&self, id: RecordId) -> Result<Record<B>> {
        self.record(id)?.of()
    }

    /// Saves an edited record: only what its author changed is written, and a field that someone else
    /// changed meanwhile keeps both values.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::Voided`], [`Error::NotPermitted`], [`Error::NoSuchRecord`],
    /// [`Error::DiskFull`]; nothing is written then, and the draft is still there.
    pub fn edit<B: Body>(&self, record: &Record<B>) -> Result<Record<B>> {
        let mut content: Content = record.content.clone().into();
        self.write(Operation::Edit, |edit| {
            if let Content::Visit(visit) = &mut content {
                follow_outcome(edit, record, visit)?;
            }
            edit.revise(record.id, &record.version, &record.header, &content)?;
            edit.record(record.id)
        })
    }

    /// Withdraws a record; it stays, struck through, with who, when and why.
    ///
    /// # Errors
    /// [`Error::Voided`] if it is withdrawn already, [`Error::NotPermitted`], [`Error::NoSuchRecord`].
    pub fn void(&self, id: RecordId, reason: &str) -> Result<Record> {
        self.write(Operation::Void, |edit| {
            edit.void(id, reason)?;
            edit.any_record(id)
        })
    }

    /// At most `most` records of one kind, newest day first, numbers masked; handing one back to
    /// [`Workbook::edit`] leaves what is masked as it was.
    ///
    /// # Errors
    /// The store's failure.
    pub fn list<B: Body>(
        &self,
        filter: &Filter,
        after: Option<&Cursor>,
        most: usize,
    ) -> Result<Page<Record<B>>> {
        let mut page = self.list_whole(filter, after, most)?;
        page.items.iter_mut().for_each(Record::<B>::mask);
        Ok(page)
    }

    /// [`Workbook::list`] with numbers as they were written: to go on working with, not to show.
    pub(super) fn list_whole<B: Body>(
        &self,
        filter: &Filter,
        after: Option<&Cursor>,
        most: usize,
    ) -> Result<Page<Record<B>>> {
        let (rows, more) = part(most, |most| {
            self.read(|reader| reader.list(B::KIND, filter, after.map(|cursor| cursor.0), most))
        })?;
        let next = rows.last().filter(|_| more).map(|(place, _)| Cursor(*place));
        let items = rows.into_iter().map(|(_, record)| record.of()).collect::<Result<_>>()?;
        Ok(Page { items, next })
    }

    /// Saves a new record of a kind that lives in a grid.
    pub(super) fn save_in_grid<B: Body>(&self, new: New<B>) -> Result<Record<B>> {
        let grid = self.grid_for(B::KIND, new.grid.clone())?;
        let new = New { grid: Some(grid.clone()), ..new };
        self.write(Operation::Save, |edit| {
            let id = edit.create(&grid, new)?;
            edit.record(id)
        })
    }

    /// The grids in which this person may write records of `kind`: a form asks which one where there are several.
    ///
    /// # Errors
    /// [`Error::NotEnrolled`].
    pub fn grids(&self, kind: Kind) -> Result<Vec<ScopeId>> {
        let profile = self.profile();
        profile.person()?;
        let is_grid = |scope: &&&ScopeId| {
            let known = profile.directory.scope(scope);
            known.is_none_or(|scope| scope.kind == crate::model::ScopeKind::Grid)
        };
        Ok(profile.writable(kind).iter().filter(is_grid).map(|scope| (*scope).clone()).collect())
    }

    /// The grid to write a record of `kind` in: the one asked for, or the only one there is.
    pub(super) fn grid_for(&self, kind: Kind, asked: Option<ScopeId>) -> Result<ScopeId> {
        if let Some(grid) = asked {
            return Ok(grid);
        }
        match self.grids(kind)?.as_slice() {
            [grid] => Ok(grid.clone()),
            [] => Err(Error::NotPermitted { scope: ScopeId::default(), kind }),
            _ => Err(Error::Invalid { kind, field: "grid", rule: Rule::GridMissing }),
        }
    }
}

/// At most `most` of the rows that `read` finds, and whether there are more: one more is asked for, so that a list that
/// ends with its page says so.
pub(super) fn part<T>(most: usize, read: impl FnOnce(usize) -> Result<Vec<T>>) -> Result<(Vec<T>, bool)> {
    let mut rows = read(most.saturating_add(1))?;
    let more = rows.len() > most;
    rows.truncate(most);
    Ok((rows, more))
}
