//! 阅评: what leads say of records.

use super::edit::Operation;
use super::records::New;
use super::{Filter, Workbook};
use crate::error::{Error, Result};
use crate::id::RecordId;
use crate::model::{Action, Mark, Record, Review};

/// The reviews of a workbook.
#[derive(Debug)]
pub struct Reviews<'a>(&'a Workbook);

/// More reviews than any record gathers.
const THREAD: usize = 500;

impl Workbook {
    /// Reviews.
    #[must_use]
    pub fn reviews(&self) -> Reviews<'_> {
        Reviews(self)
    }
}

impl Reviews<'_> {
    /// Marks the present version of a record, in the record's own scope.
    ///
    /// # Errors
    /// [`crate::Error::NoSuchRecord`], [`crate::Error::Invalid`] for a return without a note,
    /// [`crate::Error::NotPermitted`] unless the person is a lead there.
    pub fn mark(&self, subject: RecordId, mark: Mark, note: &str) -> Result<Record<Review>> {
        self.0.write(Operation::Save, |edit| {
            let found = edit.writer.require(&subject)?;
            if !edit.profile.may(&found.scope, found.kind, Action::Review) {
                return Err(Error::NotPermitted { scope: found.scope, kind: found.kind });
            }
            let review = Review {
                subject,
                mark: Some(mark),
                note: note.trim().to_owned(),
                covers: found.version.fingerprint(),
            };
            let id = edit.create(&found.scope, New::of(review))?;
            edit.record(id)
        })
    }

    /// All reviews of a record, latest first.
    ///
    /// # Errors
    /// The store's failure.
    pub fn of(&self, subject: RecordId) -> Result<Vec<Record<Review>>> {
        let filter = Filter { subject: Some(subject), ..Filter::default() };
        Ok(self.0.list::<Review>(&filter, None, THREAD)?.items)
    }
}
