//! The audit log as people read it, and how the service writes to it.

use gridbook_core::clock::Instant;
use gridbook_core::id::{PersonId, RecordId};
use gridbook_core::model::Action;
use gridbook_core::sync::protocol::FailureCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Seated, Service};
use crate::db::{Act, AuditEntry, AuditRow, Kept, Row};
use crate::error::{Error, Result};
use crate::openapi::nouns;

/// Rows on one page.
const PAGE: usize = 200;
/// Looks at a record among which somebody's own is searched: more than lead one grid.
const LATEST_LOOKS: usize = 20;

/// One row as an auditor sees it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = AuditRow)]
pub struct AuditView {
    /// Its number.
    pub n: u64,
    /// When, by the server's clock.
    #[schema(value_type = nouns::Instant)]
    pub at: Instant,
    /// Who; `null` for a command on the server's own machine.
    #[schema(value_type = Option<nouns::Id>)]
    pub who: Option<PersonId>,
    /// What.
    #[schema(value_type = nouns::Act)]
    pub act: Act,
    /// Which records.
    #[schema(value_type = Vec<nouns::RecordId>)]
    pub records: Vec<RecordId>,
    /// Facts, and the reason given.
    pub detail: String,
    /// The row's hash, 64 hexadecimal digits.
    pub hash: String,
}

impl From<AuditRow> for AuditView {
    fn from(row: AuditRow) -> Self {
        let AuditEntry { at, who, act, records, detail } = row.entry;
        let hash = data_encoding::HEXLOWER.encode(&row.hash);
        Self { n: row.n, at, who, act, records, detail, hash }
    }
}

impl Service {
    /// The audit log after row `after`. Reading it is written down as well.
    ///
    /// The log is one for the whole server, so an auditor of one of its communities sees all rows; they hold
    /// ids and reasons, no record's content.
    ///
    /// # Errors
    /// [`Error::Refused`] with `not_permitted` unless the person is an auditor somewhere.
    pub async fn audit_page(&self, person: &PersonId, after: u64) -> Result<Vec<AuditView>> {
        if self.access(person).await?.serving(Action::Audit).is_empty() {
            let detail = "only an auditor reads the audit log";
            return Err(Error::refused(FailureCode::NotPermitted, detail));
        }
        let rows = self.db.audit(after, PAGE).await?;
        self.note(person, Act::Audit, Vec::new(), format!("after {after}")).await?;
        Ok(rows.into_iter().map(AuditView::from).collect())
    }

    /// Writes down that the person was shown these records. Where an open page asked anew by itself, only what changed
    /// since their look is another one.
    pub(super) async fn note_shown(&self, seated: &Seated, kept: &[Kept], by_itself: bool) -> Result<()> {
        let mut shown = Vec::new();
        for Kept { row, received, .. } in kept {
            if !by_itself || !self.was_seen(&seated.person, row, *received).await? {
                shown.push(row.clone());
            }
        }
        self.note_others(&seated.person, Act::Read, &shown, String::new()).await
    }

    /// True if the person has looked at the record since its last change came in, or wrote it.
    async fn was_seen(&self, person: &PersonId, row: &Row, received: Instant) -> Result<bool> {
        if row.author == *person {
            return Ok(true);
        }
        let looks = self.db.audit_about(&row.id, None, LATEST_LOOKS).await?;
        Ok(looks
            .iter()
            .map(|look| &look.entry)
            .any(|look| look.act == Act::Read && look.who.as_ref() == Some(person) && look.at >= received))
    }

    /// Writes one act of a person down.
    pub(super) async fn note(
        &self,
        person: &PersonId,
        act: Act,
        records: Vec<RecordId>,
        detail: String,
    ) -> Result<()> {
        let (at, who) = (self.surroundings.now(), Some(person.clone()));
        self.db.note(vec![AuditEntry { at, who, act, records, detail }]).await
    }
}
