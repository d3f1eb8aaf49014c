//! 反诈宣传: the outreach log of a workbook.

use super::records::{Cursor, New, Page};
use super::{Filter, Workbook};
use crate::error::{Error, Result};
use crate::id::RecordId;
use crate::model::{Kind, Outreach, Record, Rule};

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
    /// Saves a new outreach; [`super::Visits::outreach_from`] fills one in from a visit, once for each: people are not
    /// counted twice.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::NotPermitted`], [`Error::DiskFull`].
    pub fn save(&self, new: New<Outreach>) -> Result<Record<Outreach>> {
        if let Some(visit) = new.content.visit {
            self.require_first(visit)?;
        }
        self.0.save_in_grid(new)
    }

    /// The outreach that was made from a visit, as on its own page, if one was and it is not withdrawn.
    ///
    /// # Errors
    /// The store's failure.
    pub fn of_visit(&self, visit: RecordId) -> Result<Option<Record<Outreach>>> {
        let filter = Filter { subject: Some(visit), ..Filter::default() };
        let found = self.0.list::<Outreach>(&filter, None, 1)?.items.pop();
        found.map(|outreach| self.0.get(outreach.id)).transpose()
    }

    /// Fails if the visit has its outreach already.
    pub(super) fn require_first(&self, visit: RecordId) -> Result<()> {
        match self.of_visit(visit)? {
            Some(_) => {
                Err(Error::Invalid { kind: Kind::Outreach, field: "visit", rule: Rule::OutreachExists })
            }
            None => Ok(()),
        }
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
