//! Changes that the server writes itself: a roster's households, a demonstration's past.

use std::collections::BTreeMap;
use std::sync::Arc;

use gridbook_core::gate::Refusal;
use gridbook_core::id::{ActorId, PersonId, RecordId, ScopeId};

use super::Service;
use super::admission::{Candidate, Voucher};
use super::push::{Settled, TRIES};
use crate::db::Edit;
use crate::error::{Error, Result};

impl Service {
    /// Appends changes made on the server, in one transaction through the same gate and projection as a
    /// phone's. Unknown actors are registered to their person, without a device.
    ///
    /// # Errors
    /// [`Error::Admin`] if the scope does not exist or any change is refused; then none is appended.
    pub async fn append_trusted(
        &self,
        scope: &ScopeId,
        changes: Vec<(RecordId, Vec<u8>, PersonId)>,
    ) -> Result<usize> {
        let roll = self.db.roll().await?;
        let kind = roll.scopes.iter().find(|known| known.id == *scope).map(|known| known.kind);
        let kind = kind.ok_or_else(|| Error::admin(format!("scope {scope}: there is none")))?;
        let zone = self.zone();
        let place = scope.clone();
        let read = move || {
            let mut candidates = Vec::with_capacity(changes.len());
            let mut actors = BTreeMap::<ActorId, PersonId>::new();
            for (position, (record, bytes, person)) in changes.into_iter().enumerate() {
                let candidate = Candidate::read(position, record, place.clone(), &bytes, None, None, zone)?;
                actors.insert(candidate.change.actor(), person);
                candidates.push(Arc::new(candidate));
            }
            Ok::<_, Refusal>((candidates, actors))
        };
        let (candidates, actors) = self.threads.run(read).await?.map_err(refused)?;
        let edits = actors.into_iter().map(|(actor, person)| Edit::AddActor(actor, person)).collect();
        self.db.edit(edits, self.surroundings.now()).await?;
        for _ in 0..TRIES {
            let voucher = Voucher::Server { kinds: [(scope.clone(), kind)].into() };
            let admission = self.admit(&candidates, voucher).await?;
            if let Some((_, refusal)) = admission.refused.first() {
                return Err(refused(*refusal));
            }
            let mut receipts = vec![None; candidates.len()];
            if self.settle(admission, None, &mut receipts).await? == Settled::All {
                return Ok(candidates.len());
            }
        }
        Err(Error::admin("others are writing the same records; try again"))
    }
}

fn refused(refusal: Refusal) -> Error {
    Error::admin(format!("a change was refused: {refusal}; nothing was appended"))
}
