//! The records behind a number: what a page counted, listed newest first.

use gridbook_core::clock::Day;
use gridbook_core::id::ScopeId;
use gridbook_core::model::{Action, Kind};
use gridbook_core::sync::protocol::FailureCode;

use super::diary_book::Queue;
use super::records::{end_page, place};
use super::{Seated, Service};
use crate::db::{RecordQuery, Tagged};
use crate::error::{Error, Result};

/// Entries on one page.
const PAGE: usize = 30;

/// Which records.
#[derive(Clone, Debug, Default)]
pub(crate) struct FindRequest {
    /// Only this grid or task group.
    pub(crate) grid: Option<ScopeId>,
    /// Only this kind.
    pub(crate) kind: Option<Kind>,
    /// Only from this day to that.
    pub(crate) days: Option<(Day, Day)>,
    /// Only what came in on this day, be it an edit of something older; withdrawn records too, as they are counted.
    pub(crate) came: Option<Day>,
    /// Only what carries this code.
    pub(crate) tagged: Option<Tagged>,
    /// What follows this place.
    pub(crate) after: Option<String>,
}

impl Service {
    /// Records that meet all that is asked for, newest first, withdrawn ones left out but for what came in on a day. Who
    /// looked is written down.
    ///
    /// # Errors
    /// [`Error::Refused`] with `not_found` for a grid in which the person has no part.
    pub(crate) async fn listed(&self, seated: &Seated, asked: FindRequest) -> Result<Queue> {
        let mut visible = seated.access.allowed(Action::Read);
        for (_, kinds) in &mut visible {
            kinds.retain(|kind| *kind != Kind::Review && asked.kind.is_none_or(|only| only == *kind));
        }
        if let Some(grid) = &asked.grid {
            if !seated.access.knows(grid) {
                return Err(Error::refused(FailureCode::NotFound, "no such grid"));
            }
            visible.retain(|(scope, _)| scope == grid);
        }
        let query = RecordQuery {
            visible,
            days: asked.days,
            tagged: asked.tagged,
            live: asked.came.is_none(),
            received: asked
                .came
                .map(|day| (self.zone().start_of(day), self.zone().start_of(day.plus_days(1)))),
            after: asked.after.as_deref().and_then(place),
            limit: PAGE + 1,
            ..RecordQuery::default()
        };
        let mut kept = self.db.kept_records(&query).await?;
        let next = end_page(&mut kept, PAGE);
        self.note_shown(seated, &kept, false).await?;
        Ok(Queue { entries: self.entries(seated, kept).await?, next })
    }
}
