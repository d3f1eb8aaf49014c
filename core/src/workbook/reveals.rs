//! Showing a masked number whole: never without a reason, and written down before it is shown. What was written down
//! goes up with the next exchange and ends in the server's audit log.

use super::Workbook;
use super::edit::Operation;
use crate::error::{Error, Result};
use crate::id::{RecordId, RevealId};
use crate::model::{Reason, Reveal};

impl Workbook {
    /// The fields of a record whose numbers are masked on its page and that [`Workbook::reveal`] shows to this person:
    /// none of a record of their own, which they see whole, and none where their role reveals nothing.
    ///
    /// # Errors
    /// [`Error::NoSuchRecord`], or the store's failure.
    pub fn masked_fields(&self, id: RecordId) -> Result<Vec<String>> {
        let record = self.read(|reader| reader.record(&id))?.ok_or(Error::NoSuchRecord(id))?;
        let profile = self.profile();
        if profile.sees_whole(&record) || !profile.may_reveal(&record) {
            return Ok(Vec::new());
        }
        Ok(self.load(id)?.masked_fields(record.header.kind))
    }

    /// What a field with masked numbers says as it was written; of one that holds two values both, the one shown for
    /// now last. When this returns, who asked for it when and why survives a power cut.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a reason that is none, or a field without a masked number; [`Error::NotPermitted`],
    /// [`Error::NoSuchRecord`], [`Error::DiskFull`]. Nothing is shown then.
    pub fn reveal(&self, id: RecordId, field: &str, reason: &str) -> Result<Vec<String>> {
        self.write(Operation::Reveal, |edit| {
            let record = edit.writer.reader().record(&id)?.ok_or(Error::NoSuchRecord(id))?;
            let kind = record.header.kind;
            if !edit.profile.may_reveal(&record) {
                return Err(Error::NotPermitted { scope: record.scope, kind });
            }
            let broken = |rule| Error::Invalid { kind, field: "number", rule };
            let reason = Reason::read(reason.trim()).ok_or_else(|| broken(Reason::RULE))?;
            let document = edit.document(&id, &edit.writer.require(&id)?)?;
            let written = document.written(kind, field);
            edit.keep(id, document);
            if written.is_empty() {
                return Err(broken("no number is masked in this field"));
            }
            edit.writer.keep_reveal(&Reveal {
                id: RevealId::new(edit.surroundings()),
                record: id,
                field: field.to_owned(),
                at: edit.now,
                reason: reason.as_str().to_owned(),
            })?;
            Ok(written)
        })
    }
}
