//! One record over the leads' API: read, its history. What the person may not see is
//! answered exactly like what does not exist, from the same look-up.

use std::collections::BTreeMap;

use gridbook_core::clock::Instant;
use gridbook_core::doc::{Document, FieldChange};
use gridbook_core::id::{ActorId, PersonId, RecordId};
use gridbook_core::model::Action;
use gridbook_core::sync::protocol::FailureCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::records::Shown;
use super::{RecordView, Service};
use crate::db::{Act, Row};
use crate::error::{Error, Result};
use crate::openapi::nouns;

/// One change in a record's history as a lead sees it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Step)]
pub struct StepView {
    /// When, by its author's clock.
    #[schema(value_type = nouns::Instant)]
    pub at: Instant,
    /// Who made it, where that is known.
    #[schema(value_type = Option<nouns::Id>)]
    pub by: Option<PersonId>,
    /// The fields it changed, numbers masked.
    #[schema(value_type = Vec<nouns::FieldChange>)]
    pub changes: Vec<FieldChange>,
}

impl Service {
    /// One record, numbers masked.
    ///
    /// # Errors
    /// [`Error::Refused`] with `not_found` if there is none that the person may read.
    pub async fn record(&self, person: &PersonId, id: &str) -> Result<RecordView> {
        let row = self.row_for(person, id, Action::Read).await?;
        self.note_others(person, Act::Read, std::slice::from_ref(&row), String::new()).await?;
        self.view(person, row, Shown::Masked).await
    }

    /// Who changed which field of a record when, numbers masked.
    ///
    /// # Errors
    /// As [`Service::record`], and `not_permitted`.
    pub async fn history(&self, person: &PersonId, id: &str) -> Result<Vec<StepView>> {
        let row = self.row_for(person, id, Action::History).await?;
        self.note_others(person, Act::History, std::slice::from_ref(&row), String::new()).await?;
        let held = self.db.held(&[row.id]).await?;
        let changes = held.into_iter().next().map(|held| held.changes).unwrap_or_default();
        let steps = self.threads.run(move || Document::load(changes)?.history()).await??;
        let mut people = BTreeMap::<ActorId, Option<PersonId>>::new();
        let mut views = Vec::with_capacity(steps.len());
        for step in steps {
            let by = match people.get(&step.actor) {
                Some(known) => known.clone(),
                None => {
                    let by = self.db.actor(&step.actor).await?.map(|actor| actor.person);
                    people.insert(step.actor, by.clone());
                    by
                }
            };
            views.push(StepView {
                at: step.at,
                by,
                changes: step.changes.into_iter().map(FieldChange::masked).collect(),
            });
        }
        Ok(views)
    }

    /// The record's row, if the person may read it and may do `action` with it.
    pub(super) async fn row_for(&self, person: &PersonId, id: &str, action: Action) -> Result<Row> {
        let nothing = || Error::refused(FailureCode::NotFound, "no such record");
        let access = self.access(person).await?;
        // Whatever the text is, one look-up is made: what does not parse is nobody's id.
        let id: RecordId = id.parse().unwrap_or_default();
        let places = self.db.scopes_of(&[id]).await?;
        let Some((_, (scope, kind))) = places.first() else { return Err(nothing()) };
        if !access.may(scope, *kind, Action::Read) {
            return Err(nothing());
        }
        if !access.may(scope, *kind, action) {
            let detail = "your role may read this, but not do that with it";
            return Err(Error::refused(FailureCode::NotPermitted, detail));
        }
        self.db.record(&id).await?.ok_or_else(nothing)
    }

    pub(super) async fn view(&self, person: &PersonId, row: Row, shown: Shown) -> Result<RecordView> {
        let view = self.views(person, vec![row], shown).await?.pop();
        view.ok_or_else(|| Error::Database("a record without a view".into()))
    }
}
