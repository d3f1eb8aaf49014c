//! 阅评 at the console: marks on records at the version that was shown, and taking a mark back.

use std::collections::BTreeSet;

use gridbook_core::clock::{Day, Instant};
use gridbook_core::doc::{Document, edits_that_void};
use gridbook_core::id::{PersonId, RecordId, ScopeId};
use gridbook_core::model::{Action, Content, Kind, Mark, Reading, Review, Voided};
use gridbook_core::sync::protocol::FailureCode;

use super::day::waits_for;
use super::desk::require_taken;
use super::diary_book::no_grid;
use super::{Seated, Service};
use crate::db::Row;
use crate::error::{Error, Result};

/// Records marked at once, and marks taken back: all of most days, and a page that lists them stays small.
const AT_ONCE: usize = 1_000;
/// Why a mark is taken back, as its history says.
const TAKEN_BACK: &str = "taken back at the console";

/// A record as it was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SeenVersion {
    /// Which.
    pub(crate) record: RecordId,
    /// The fingerprint of the version that was shown: what the mark covers.
    pub(crate) version: String,
}

/// What became of a day that was marked.
pub(crate) struct MarkedDay {
    /// The reviews that were written.
    pub(crate) reviews: Vec<RecordId>,
    /// How many wait still, because they changed or came in since the day was shown.
    pub(crate) left: usize,
    /// How many more there are than are marked at once.
    pub(crate) more: usize,
}

impl Service {
    /// Marks what waits of a grid's day as read, on however many pages it is, as far as it had come in by `upto`; at most
    /// [`AT_ONCE`], the earliest first.
    ///
    /// # Errors
    /// As [`Service::mark`].
    pub(crate) async fn mark_day(
        &self,
        seated: &Seated,
        grid: &ScopeId,
        day: Day,
        upto: Instant,
    ) -> Result<MarkedDay> {
        let may = |action| Reading::KINDS.iter().any(|kind| seated.access.may(grid, *kind, action));
        if !may(Action::Read) {
            return Err(no_grid());
        }
        if !may(Action::Review) {
            return Err(Error::refused(FailureCode::NotPermitted, "your role marks nothing there"));
        }
        let (mut shown, mut left, mut more) = (Vec::new(), 0, 0);
        self.through_day(grid, day, |kept| {
            match waits_for(seated, &kept) {
                true if kept.received > upto => left += 1,
                true if shown.len() == AT_ONCE => more += 1,
                true => shown.push(SeenVersion { record: kept.row.id, version: kept.row.fingerprint }),
                false => {}
            }
            Ok(())
        })
        .await?;
        let wanted = shown.len();
        let reviews = self.mark(seated, shown, Mark::Seen, "").await?;
        left += wanted - reviews.len();
        Ok(MarkedDay { reviews, left, more })
    }

    /// Marks records, each at the version that was shown, in the record's own scope. Those that were changed since
    /// are left alone. Returns the reviews that were written.
    ///
    /// # Errors
    /// [`Error::Refused`] with `not_found` or `not_permitted`, and the core's for a return without a note; then
    /// nothing is written.
    pub(crate) async fn mark(
        &self,
        seated: &Seated,
        shown: Vec<SeenVersion>,
        mark: Mark,
        note: &str,
    ) -> Result<Vec<RecordId>> {
        if shown.len() > AT_ONCE {
            return Err(Error::refused(FailureCode::TooLarge, "too many records at once"));
        }
        let ids: Vec<RecordId> = shown.iter().map(|one| one.record).collect();
        let rows = self.db.kept(&ids).await?;
        let pen = self.pen(seated).await?;
        let now = self.surroundings.now();
        let (mut reviews, mut changes) = (Vec::new(), Vec::new());
        for one in shown {
            let row = rows.iter().map(|kept| &kept.row).find(|row| row.id == one.record);
            let row = require(seated, row, Action::Review)?;
            if row.fingerprint != one.version || row.voided {
                continue;
            }
            let review = Review {
                subject: row.id,
                mark: Some(mark),
                note: note.trim().to_owned(),
                covers: one.version,
            };
            let bytes = self.begin(seated, &pen, &Content::from(review), now)?;
            let id = RecordId::new(&self.surroundings);
            reviews.push(id);
            changes.push((row.scope.clone(), id, bytes));
        }
        let receipts = self.put_down(seated, &pen, changes).await?;
        receipts.iter().try_for_each(require_taken)?;
        Ok(reviews)
    }

    /// Takes own marks back; others' are left alone. Returns how many were.
    ///
    /// # Errors
    /// As [`Service::mark`].
    pub(crate) async fn take_back(&self, seated: &Seated, reviews: &[RecordId]) -> Result<usize> {
        if reviews.len() > AT_ONCE {
            return Err(Error::refused(FailureCode::TooLarge, "too many records at once"));
        }
        let pen = self.pen(seated).await?;
        let now = self.surroundings.now();
        let voided = Voided { by: seated.person.clone(), at: now, reason: TAKEN_BACK.to_owned() };
        let edits = edits_that_void(&voided)?;
        let rows = self.db.kept(reviews).await?;
        let held = self.db.held(reviews).await?;
        let mut changes = Vec::new();
        for id in reviews.iter().collect::<BTreeSet<_>>() {
            let row = rows.iter().map(|kept| &kept.row).find(|row| row.id == *id);
            let row = require(seated, row, Action::Void)?;
            let one = held.iter().find(|one| one.id == *id && is_own_mark(row, &seated.person));
            let Some(one) = one else { continue };
            let mut document = Document::load(&one.changes)?;
            let change = document.write(pen.actor, now, &edits)?;
            changes.extend(change.map(|change| (one.scope.clone(), one.id, change.bytes)));
        }
        let receipts = self.put_down(seated, &pen, changes).await?;
        receipts.iter().try_for_each(require_taken)?;
        Ok(receipts.len())
    }
}

/// The row, if the person may see it and do `action` with it.
fn require<'a>(seated: &Seated, row: Option<&'a Row>, action: Action) -> Result<&'a Row> {
    let readable = row.filter(|row| seated.access.may(&row.scope, row.kind, Action::Read));
    let row = readable.ok_or_else(|| Error::refused(FailureCode::NotFound, "no such record"))?;
    if seated.access.may(&row.scope, row.kind, action) {
        Ok(row)
    } else {
        Err(Error::refused(FailureCode::NotPermitted, "your role may read this, but not do that with it"))
    }
}

fn is_own_mark(row: &Row, person: &PersonId) -> bool {
    row.kind == Kind::Review && row.author == *person && !row.voided
}
