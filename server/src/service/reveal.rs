//! Numbers shown whole, for a reason that is written down first: a record over the leads' API, a field on the console;
//! and what phones tell of the numbers that they showed.

use gridbook_core::clock::Zone;
use gridbook_core::doc::Document;
use gridbook_core::id::{DeviceId, PersonId, RecordId};
use gridbook_core::model::masking::mask;
use gridbook_core::model::{Action, Reason, Reveal};
use gridbook_core::sync::protocol::{FailureCode, PUSH_REVEALS, SyncRequest};

use super::records::Shown;
use super::{Access, RecordView, Service};
use crate::db::{Act, AuditEntry, Device};
use crate::error::{Error, Result};

/// The longest path of a field: an item's title with the longest id.
const PATH: usize = 200;

/// Refuses more than one request may carry.
pub(super) fn require_size(request: &SyncRequest) -> Result<()> {
    if request.reveals.len() > PUSH_REVEALS {
        let detail = format!("reveals: at most {PUSH_REVEALS} at once");
        return Err(Error::refused(FailureCode::TooLarge, detail));
    }
    Ok(())
}

impl Service {
    /// One record with its numbers as they were written. Who asked, and why, is written down first.
    ///
    /// # Errors
    /// As [`Service::record`], `bad_request` without a reason, and `not_permitted`.
    pub async fn reveal(&self, person: &PersonId, id: &str, reason: &str) -> Result<RecordView> {
        let row = self.row_for(person, id, Action::Reveal).await?;
        let reason = required(reason)?;
        // The author's own are written down too: a reveal is an act, not a look.
        self.note(person, Act::Reveal, vec![row.id], reason.as_str().to_owned()).await?;
        self.view(person, row, Shown::Whole).await
    }

    /// What one field of a record says as it was written, both values where it holds two. Who asked, for which field,
    /// and why, is written down first.
    ///
    /// # Errors
    /// As [`Service::reveal`], and `not_found` for a field without a masked number.
    pub(crate) async fn reveal_field(
        &self,
        person: &PersonId,
        id: RecordId,
        field: &str,
        reason: &str,
    ) -> Result<Vec<String>> {
        let nothing = || Error::refused(FailureCode::NotFound, "no masked number in such a field");
        let row = self.row_for(person, &id.to_string(), Action::Reveal).await?;
        let reason = required(reason)?;
        let held = self.db.held(&[row.id]).await?.pop().ok_or_else(nothing)?;
        let (kind, path) = (row.kind, field.to_owned());
        let read = move || Ok::<_, Error>(Document::load(held.changes)?.written(kind, &path));
        let written = self.threads.run(read).await??;
        if written.is_empty() {
            return Err(nothing());
        }
        self.note(person, Act::Reveal, vec![row.id], detail(field, &reason)).await?;
        Ok(written)
    }

    /// Writes down what a device showed; how many of the request's reveals are in the audit log now. What it showed
    /// without permission as it is now is written down like the rest, and says so.
    pub(super) async fn take_reveals(
        &self,
        device: &Device,
        access: &Access,
        reveals: &[Reveal],
    ) -> Result<u32> {
        if reveals.is_empty() {
            return Ok(0);
        }
        let at = self.surroundings.now();
        let mut entries = Vec::with_capacity(reveals.len());
        for reveal in reveals {
            let row = self.db.record(&reveal.record).await?;
            let permitted = row.is_some_and(|row| {
                row.author == device.person || access.may(&row.scope, row.kind, Action::Reveal)
            });
            let detail = told(&device.id, reveal, self.zone(), permitted);
            let (who, records) = (Some(device.person.clone()), vec![reveal.record]);
            entries.push((reveal.id, AuditEntry { at, who, act: Act::Reveal, records, detail }));
        }
        self.db.note_reveals(entries).await?;
        Ok(u32::try_from(reveals.len()).unwrap_or(u32::MAX))
    }
}

fn required(reason: &str) -> Result<Reason> {
    Reason::read(reason)
        .ok_or_else(|| Error::refused(FailureCode::BadRequest, format!("reason: {}", Reason::RULE)))
}

/// The field and the reason, as the audit log keeps them.
fn detail(field: &str, reason: &Reason) -> String {
    format!("{}: {}", mask(field), reason.as_str())
}

fn told(device: &DeviceId, reveal: &Reveal, zone: Zone, permitted: bool) -> String {
    // A path is letters, digits, dashes and slashes; what else a device sends is left out.
    let plain = |character: &char| character.is_ascii_alphanumeric() || "_-/".contains(*character);
    let field: String = reveal.field.chars().filter(plain).take(PATH).collect();
    let at = zone.local(reveal.at).format("%Y-%m-%d %H:%M:%S");
    let without = if permitted { "" } else { ", without permission as of now" };
    format!("{} (on phone {device} at {at}{without})", detail(&field, &Reason::of_log(&reveal.reason)))
}
