//! `GET /v1/records`: what a lead asks for and is given, from projected rows alone.

use std::collections::BTreeMap;

use gridbook_core::clock::{Day, Instant};
use gridbook_core::id::{PersonId, RecordId, ScopeId};
use gridbook_core::model::masking::mask;
use gridbook_core::model::{Action, Content, Kind, Mark, Projection, Voided};
use gridbook_core::sync::protocol::FailureCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::asking::{self, broken, unknown};
use super::{Access, Service};
use crate::db::{Act, AuditEntry, Kept, Position, RecordQuery, Row};
use crate::error::{Error, Result};
use crate::openapi::nouns;

/// Records on one page unless asked otherwise, and at most.
const PAGE: usize = 50;
const PAGE_LIMIT: usize = 200;

/// What a lead asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecordRequest {
    /// Only this kind.
    pub kind: Option<Kind>,
    /// Only this grid.
    pub grid: Option<ScopeId>,
    /// Only this day.
    pub date: Option<Day>,
    /// Only this author.
    pub author: Option<PersonId>,
    /// Only what follows this place: the earlier page's `next`.
    pub after: Option<Position>,
    /// At most so many.
    pub limit: Option<usize>,
}

impl RecordRequest {
    /// Reads a query's names and values.
    ///
    /// # Errors
    /// [`Error::Refused`] with `bad_request`, naming the parameter and its rule.
    pub fn parse(pairs: Vec<(String, String)>) -> Result<Self> {
        let mut request = Self::default();
        for (name, value) in pairs {
            match name.as_str() {
                "kind" => request.kind = Some(asking::kind("kind", &value)?),
                "grid" => request.grid = Some(ScopeId(value)),
                "date" => request.date = Some(asking::day("date", &value)?),
                "author" => request.author = Some(PersonId(value)),
                "after" => {
                    let after =
                        place(&value).ok_or_else(|| broken("after", "the next of an earlier page"))?;
                    request.after = Some(after);
                }
                "limit" => {
                    let limit = value.parse().ok().filter(|limit| (1..=PAGE_LIMIT).contains(limit));
                    request.limit = Some(limit.ok_or_else(|| broken("limit", "a number from 1 to 200"))?);
                }
                _ => return Err(unknown(&name, &["kind", "grid", "date", "author", "after", "limit"])),
            }
        }
        Ok(request)
    }
}

/// One page of records.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordPage {
    /// The records, newest first.
    pub records: Vec<RecordView>,
    /// What to hand back as `after` for the following page; `null` on the last.
    pub next: Option<String>,
}

/// One record as a lead sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Record)]
pub struct RecordView {
    /// Which.
    #[schema(value_type = nouns::RecordId)]
    pub id: RecordId,
    /// Of what kind.
    #[schema(value_type = nouns::Kind)]
    pub kind: Kind,
    /// The scope in which it lives.
    #[schema(value_type = nouns::Id)]
    pub scope: ScopeId,
    /// The grid in which it happened, where it names one.
    #[schema(value_type = Option<nouns::Id>)]
    pub grid: Option<ScopeId>,
    /// Who wrote it first.
    #[schema(value_type = nouns::Id)]
    pub author: PersonId,
    /// What they are called.
    pub author_name: String,
    /// The day it belongs to, in the community's zone.
    #[schema(value_type = nouns::Day)]
    pub day: Day,
    /// When it happened.
    #[schema(value_type = nouns::Instant)]
    pub occurred_at: Instant,
    /// When it was written, by that phone's clock.
    #[schema(value_type = nouns::Instant)]
    pub created: Instant,
    /// When it was changed last, by that phone's clock.
    #[schema(value_type = nouns::Instant)]
    pub updated: Instant,
    /// Set once it was withdrawn; a record is never deleted.
    #[schema(value_type = Option<nouns::Voided>)]
    pub voided: Option<Voided>,
    /// How many fields hold two values that someone must choose between.
    pub conflicts: u32,
    /// The latest mark on it.
    pub review: Option<ReviewView>,
    /// What it says: the fields of its kind.
    #[schema(value_type = nouns::Content)]
    pub content: Content,
}

/// The latest mark on a record.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Review)]
pub struct ReviewView {
    /// The mark.
    #[schema(value_type = nouns::Mark)]
    pub mark: Mark,
    /// What the lead said.
    pub note: String,
    /// Who.
    #[schema(value_type = nouns::Id)]
    pub by: PersonId,
    /// When, by that phone's clock.
    #[schema(value_type = nouns::Instant)]
    pub at: Instant,
    /// False once the record was edited after it.
    pub current: bool,
}

/// How numbers in a view look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// First three and last four digits.
    Masked,
    /// As they were written: only after a reason was given and kept.
    Whole,
}

impl Service {
    /// One page of what `person` may read, numbers masked.
    ///
    /// # Errors
    /// [`Error::Refused`] with `not_found` for a grid that the person has no part in.
    pub async fn records(&self, person: &PersonId, request: RecordRequest) -> Result<RecordPage> {
        let visible = readable(&self.access(person).await?, &request)?;
        let (rows, next) = self.rows(visible, &request).await?;
        self.note_others(person, Act::Read, &rows, String::new()).await?;
        Ok(RecordPage { records: self.views(person, rows, Shown::Masked).await?, next })
    }

    async fn rows(
        &self,
        visible: Vec<(ScopeId, Vec<Kind>)>,
        request: &RecordRequest,
    ) -> Result<(Vec<Row>, Option<String>)> {
        let limit = request.limit.unwrap_or(PAGE);
        let query = RecordQuery {
            visible,
            grid: request.grid.clone(),
            day: request.date,
            authors: request.author.iter().cloned().collect(),
            after: request.after,
            limit: limit + 1,
            ..RecordQuery::default()
        };
        let mut rows = self.database().records(&query).await?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|row| text(row.position()));
        Ok((rows, next))
    }

    /// Writes down which records of others somebody gets to see.
    pub(super) async fn note_others(
        &self,
        person: &PersonId,
        act: Act,
        rows: &[Row],
        detail: String,
    ) -> Result<()> {
        let records: Vec<RecordId> =
            rows.iter().filter(|row| row.author != *person).map(|row| row.id).collect();
        if records.is_empty() {
            return Ok(());
        }
        let (at, who) = (self.surroundings.now(), Some(person.clone()));
        self.database().note(vec![AuditEntry { at, who, act, records, detail }]).await
    }

    /// The rows as `person` is shown them, with the marks that they may read.
    pub(super) async fn views(
        &self,
        person: &PersonId,
        rows: Vec<Row>,
        shown: Shown,
    ) -> Result<Vec<RecordView>> {
        let access = self.access(person).await?;
        let ids: Vec<RecordId> = rows.iter().map(|row| row.id).collect();
        let mut reviews: BTreeMap<RecordId, Row> = BTreeMap::new();
        for review in self.database().reviews_of(&ids).await? {
            if !access.may(&review.scope, Kind::Review, Action::Read) {
                continue;
            }
            // Oldest first: the latest stays.
            reviews.extend(review.subject.map(|subject| (subject, review)));
        }
        let people = self.database().roll().await?.people;
        let names: BTreeMap<_, _> = people.into_iter().map(|person| (person.id, person.name)).collect();
        rows.into_iter()
            .map(|row| {
                let (header, content) = Projection::read(row.kind, &row.json)?;
                let content = if shown == Shown::Whole { content } else { content.masked() };
                let voided = header.voided.map(|voided| match shown {
                    Shown::Whole => voided,
                    Shown::Masked => voided.masked(),
                });
                let review = reviews.get(&row.id).and_then(|review| seen(review, &row.fingerprint));
                Ok(RecordView {
                    author_name: names.get(&row.author).cloned().unwrap_or_default(),
                    id: row.id,
                    kind: row.kind,
                    scope: row.scope,
                    grid: row.grid,
                    author: row.author,
                    day: row.day,
                    occurred_at: row.occurred_at,
                    created: row.created,
                    updated: row.updated,
                    voided,
                    conflicts: row.conflicts,
                    review,
                    content,
                })
            })
            .collect()
    }
}

/// The scopes and kinds asked for that may be read with this access.
fn readable(access: &Access, request: &RecordRequest) -> Result<Vec<(ScopeId, Vec<Kind>)>> {
    if request.grid.as_ref().is_some_and(|grid| !access.knows(grid)) {
        return Err(Error::refused(FailureCode::NotFound, "no such grid"));
    }
    let mut visible = access.allowed(Action::Read);
    for (_, kinds) in &mut visible {
        kinds.retain(|kind| request.kind.is_none_or(|only| only == *kind));
    }
    Ok(visible)
}

fn seen(review: &Row, fingerprint: &str) -> Option<ReviewView> {
    let (_, content) = Projection::read(review.kind, &review.json).ok()?;
    let Content::Review(content) = content else { return None };
    Some(ReviewView {
        mark: content.mark?,
        note: mask(&content.note),
        by: review.author.clone(),
        at: review.updated,
        current: content.covers == fingerprint,
    })
}

/// A place as `next` and `after` carry it.
pub(super) fn text(position: Position) -> String {
    format!("{}_{}_{}", position.day.number(), position.occurred_at.0, position.id)
}

/// Cuts what was read, one more than the page has room for, to the page; where the next one begins, if there is one.
pub(super) fn end_page(kept: &mut Vec<Kept>, room: usize) -> Option<String> {
    let more = kept.len() > room;
    kept.truncate(room);
    kept.last().filter(|_| more).map(|kept| text(kept.row.position()))
}

pub(super) fn place(text: &str) -> Option<Position> {
    let mut parts = text.splitn(3, '_');
    let day = Day::from_number(parts.next()?.parse().ok()?)?;
    let occurred_at = Instant(parts.next()?.parse().ok()?);
    Some(Position { day, occurred_at, id: parts.next()?.parse().ok()? })
}
