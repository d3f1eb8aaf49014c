//! How the console writes for a person: through the core's documents, as a device of theirs, and by the same way into
//! the log as a phone's upload (docs/adr/0018-the-console-writes-as-a-device.md).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use gridbook_core::clock::Instant;
use gridbook_core::doc::{Document, NewChange};
use gridbook_core::id::{ActorId, DeviceId, RecordId, ScopeId};
use gridbook_core::model::{Action, Content, Header, Kind};
use gridbook_core::sync::protocol::{FailureCode, PUSH_CHANGES, Push, Receipt};
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

use super::marking::SeenVersion;
use super::parcels::request;
use super::{Seated, Service};
use crate::error::{Error, Result};

/// The actors of this process, one for each device. A new process takes new ones: a server that was put back to a
/// backup must never give a number out twice, and two nodes must not share a line.
#[derive(Clone, Default)]
pub(super) struct Desks(Arc<Mutex<BTreeMap<DeviceId, Desk>>>);

/// One device's actor, once it wrote something, and whose turn it is.
type Desk = Arc<Turn<Option<ActorId>>>;

/// A person's turn to write: nobody else writes as their device meanwhile, because an actor's changes are one line.
pub(super) struct Pen {
    /// The actor of what is written.
    pub(super) actor: ActorId,
    _turn: OwnedMutexGuard<Option<ActorId>>,
}

impl Service {
    /// Waits for the person's turn.
    pub(super) async fn pen(&self, seated: &Seated) -> Result<Pen> {
        let desk = {
            let mut desks = self.desks.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(desks.entry(seated.device.clone()).or_default())
        };
        let mut turn = desk.lock_owned().await;
        let actor = match *turn {
            Some(actor) => actor,
            None => {
                let device = self.active(&seated.device).await?;
                let actor = ActorId::new(&self.surroundings);
                self.register(&device, &actor.0).await?;
                *turn.insert(actor)
            }
        };
        Ok(Pen { actor, _turn: turn })
    }

    /// The first change of a record that the person writes: its bytes.
    ///
    /// # Errors
    /// The core's, where the content breaks a rule.
    pub(super) fn begin(
        &self,
        seated: &Seated,
        pen: &Pen,
        content: &Content,
        occurred_at: Instant,
    ) -> Result<Vec<u8>> {
        content.check()?;
        let header = Header {
            kind: content.kind(),
            schema: Header::SCHEMA,
            author: seated.person.clone(),
            grid: None,
            occurred_at,
            voided: None,
        };
        let now = self.surroundings.now();
        Ok(NewChange::first(pen.actor, now, &header.with(content))?.bytes)
    }

    /// A record's document at the version that was shown, with its scope and kind, if the person may do `action` with it.
    ///
    /// # Errors
    /// [`Error::Refused`] with `not_found` or `not_permitted`, and [`Error::Changed`] if it is not as it was shown.
    pub(super) async fn opened(
        &self,
        seated: &Seated,
        shown: &SeenVersion,
        action: Action,
    ) -> Result<(ScopeId, Kind, Document)> {
        let nothing = || Error::refused(FailureCode::NotFound, "no such record");
        let held = self.db.held(&[shown.record]).await?.pop().ok_or_else(nothing)?;
        let allowed = |action| seated.access.may(&held.scope, held.kind, action);
        if !allowed(Action::Read) {
            return Err(nothing());
        }
        if !allowed(action) {
            let detail = "your role may read this, but not do that with it";
            return Err(Error::refused(FailureCode::NotPermitted, detail));
        }
        let changes = held.changes;
        let document = self.threads.run(move || Document::load(changes)).await??;
        if document.version().fingerprint() != shown.version {
            return Err(Error::Changed);
        }
        Ok((held.scope, held.kind, document))
    }

    /// Sends what was written, as the person's phone would: gate, permission, log, receipts in the same order.
    pub(super) async fn put_down(
        &self,
        seated: &Seated,
        _pen: &Pen,
        changes: Vec<(ScopeId, RecordId, Vec<u8>)>,
    ) -> Result<Vec<Receipt>> {
        let device = self.active(&seated.device).await?;
        let mut receipts = Vec::with_capacity(changes.len());
        for lot in changes.chunks(PUSH_CHANGES) {
            let access = self.access_of(&device).await?;
            let push = |(scope, record, bytes): &(ScopeId, RecordId, Vec<u8>)| {
                (scope.clone(), Push(*record, 0, bytes.clone()))
            };
            receipts.extend(self.take(&device, access, &request(lot.iter().map(push).collect())).await?.0);
        }
        Ok(receipts)
    }
}

/// Fails unless the change is in the log.
pub(super) fn require_taken(receipt: &Receipt) -> Result<()> {
    use gridbook_core::gate::Refusal;
    match receipt {
        Receipt::Accepted(_) | Receipt::Known(_) => Ok(()),
        Receipt::Refused(Refusal::NotPermitted | Refusal::WrongScope) => {
            Err(Error::refused(FailureCode::NotPermitted, "your role does not write that there"))
        }
        // Somebody else wrote, moved or erased the record since it was read.
        Receipt::Refused(_) => Err(Error::Changed),
    }
}
