//! Erasing records for good, by whoever the table lets.

use gridbook_core::id::{PersonId, RecordId};
use gridbook_core::model::Action;
use gridbook_core::sync::notice::Why;

use super::Service;
use crate::db::{Erase, Erased};
use crate::error::{Error, Result};

impl Service {
    /// Erases records and what is about them, here at once and on phones when they next come: changes,
    /// projections, quarantine, the lead's box. What stays is each change's name in the log, a notice there, and a row in the
    /// audit log that proves the erasure.
    ///
    /// # Errors
    /// [`Error::Admin`] if a record does not exist or was erased before, or `by` may not erase it; then none is.
    pub async fn erase(&self, by: &PersonId, records: Vec<RecordId>, why: Why) -> Result<Vec<Erased>> {
        let access = self.access(by).await?;
        let places = self.db.scopes_of(&records).await?;
        for record in &records {
            let Some((_, (scope, kind))) = places.iter().find(|(id, _)| id == record) else {
                return Err(Error::admin(format!("record {record}: there is none, or it was erased")));
            };
            if !access.may(scope, *kind, Action::Erase) {
                return Err(Error::admin(format!(
                    "{by} may not erase a {kind} in {scope}; name an administrator"
                )));
            }
        }
        let at = self.surroundings.now();
        let wanted = records.into_iter().map(|record| Erase { record, why, who: Some(by.clone()), at });
        let gone = self.db.erase(wanted.collect()).await?;
        self.forget_erased_in_box().await?;
        self.db.scrub().await?;
        tracing::info!(records = gone.len(), why = why.as_str(), "records erased");
        Ok(gone)
    }
}
