//! 反诈宣传: the outreach log of a workbook.

use super::records::{Cursor, New, Page};
use super::{Filter, Workbook};
use crate::error::Result;
use crate::model::{Outreach, Record};

/// The outreach log of a workbook.
#[derive(Debug)]
pub struct OutreachLog<'a>(&'a Workbook);

impl Workbook {
    /// The outreach log.
    #[must_use]
    pub fn outreach(&self) -> OutreachLog<'_> {
        OutreachLog(self)
    }
}

impl OutreachLog<'_> {
    /// Saves a new outreach; [`super::Visits::outreach_from`] fills one in from a visit.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`], [`crate::Error::NotPermitted`], [`crate::Error::DiskFull`].
    pub fn save(&self, new: New<Outreach>) -> Result<Record<Outreach>> {
        self.0.save_in_grid(new)
    }

    /// At most `most` outreaches, newest day first.
    ///
    /// # Errors
    /// The store's failure.
    pub fn list(
        &self,
        filter: &Filter,
        after: Option<&Cursor>,
        most: usize,
    ) -> Result<Page<Record<Outreach>>> {
        self.0.list(filter, after, most)
    }
}
