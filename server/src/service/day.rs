//! All that a grid has of a day, part by part: however much it is, nothing of it is left out. The diary, its sheets and a
//! day's marks go through it.

use gridbook_core::clock::Day;
use gridbook_core::id::ScopeId;
use gridbook_core::model::{Action, Reading};

use super::{Seated, Service};
use crate::db::{Kept, RecordQuery};
use crate::error::Result;

/// Records held at a time: more than a grid writes in most days.
const PART: usize = 1_000;

impl Service {
    /// Shows `each` record of the day, earliest first.
    pub(super) async fn through_day(
        &self,
        grid: &ScopeId,
        day: Day,
        mut each: impl FnMut(Kept) -> Result<()> + Send,
    ) -> Result<()> {
        let mut query = RecordQuery {
            visible: vec![(grid.clone(), Reading::KINDS.to_vec())],
            day: Some(day),
            earliest_first: true,
            limit: PART,
            ..RecordQuery::default()
        };
        loop {
            let part = self.db.kept_records(&query).await?;
            let is_last = part.len() < PART;
            query.after = part.last().map(|kept| kept.row.position());
            part.into_iter().try_for_each(&mut each)?;
            if is_last {
                return Ok(());
            }
        }
    }
}

/// True if the record waits to be read, by this person among others.
pub(super) fn waits_for(seated: &Seated, Kept { row, reading, .. }: &Kept) -> bool {
    reading.waits() && !row.voided && seated.access.may(&row.scope, row.kind, Action::Review)
}
