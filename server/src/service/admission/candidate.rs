//! A change that could be read, with what it says by itself; `push`, `recover` and `trusted` make them.

use std::collections::BTreeSet;
use std::sync::Arc;

use gridbook_core::clock::Zone;
use gridbook_core::doc::{Document, ParsedChange, State};
use gridbook_core::gate::{self, Refusal};
use gridbook_core::id::{ActorId, ChangeHash, DeviceId, RecordId, ScopeId};
use gridbook_core::model::{Kind, Projection, ties};

/// One change that could be read, on its way in.
pub(in crate::service) struct Candidate {
    /// Where it stands in the request.
    pub(in crate::service) position: usize,
    pub(in crate::service) record: RecordId,
    pub(in crate::service) scope: ScopeId,
    pub(in crate::service) change: ParsedChange,
    /// The device it is attributed to, if known.
    pub(in crate::service) device: Option<DeviceId>,
    /// For a first change: what it makes of the record by itself.
    pub(super) begun: Option<Result<Begun, Refusal>>,
}

/// A record as its first change alone has it. A batch may be tried again, so what it says is shared.
pub(super) struct Begun {
    pub(super) passed: Arc<Passed>,
    pub(super) document: Option<Document>,
}

/// What a record says after a change that passed.
pub(super) struct Passed {
    pub(super) state: State,
    pub(super) projection: Projection,
}

impl Candidate {
    /// Reads bytes as a change, through the gate's first look; one that none of `actors` wrote, where they are known,
    /// is looked at no further.
    pub(in crate::service) fn read(
        position: usize,
        record: RecordId,
        scope: ScopeId,
        bytes: &[u8],
        device: Option<DeviceId>,
        actors: Option<&BTreeSet<ActorId>>,
        zone: Zone,
    ) -> Result<Self, Refusal> {
        let change = gate::read(bytes)?;
        if actors.is_some_and(|actors| !actors.contains(&change.actor())) {
            return Err(Refusal::ForeignActor);
        }
        let begun = change.is_first().then(|| begin(&change, zone));
        Ok(Self { position, record, scope, change, device, begun })
    }

    /// The change in the record, and the scope that its sender named: what a receipt is for.
    pub(in crate::service) fn name(&self) -> (ChangeHash, RecordId, ScopeId) {
        (self.change.hash(), self.record, self.scope.clone())
    }

    /// What a new record goes along with, should that be handed over.
    pub(in crate::service) fn ties(&self) -> Vec<RecordId> {
        let begun = self.begun.as_ref().and_then(|begun| begun.as_ref().ok());
        begun.map(|begun| ties(&begun.passed.projection.content)).unwrap_or_default()
    }

    /// The record that a new one is about, whatever its kind.
    pub(in crate::service) fn about(&self) -> Option<RecordId> {
        self.begun.as_ref()?.as_ref().ok()?.passed.projection.content.subject()
    }

    /// The record that a new review is about.
    pub(in crate::service) fn subject(&self) -> Option<RecordId> {
        let Projection { header, content, .. } = &self.begun.as_ref()?.as_ref().ok()?.passed.projection;
        (header.kind == Kind::Review).then(|| content.subject())?
    }
}

/// A first change by itself: what its author says the record is.
fn begin(change: &ParsedChange, zone: Zone) -> Result<Begun, Refusal> {
    let gate::Admitted { state, document } = gate::admit_first(change)?;
    let projection = project(&state, zone)?;
    Ok(Begun { passed: Arc::new(Passed { state, projection }), document })
}

pub(super) fn project(state: &State, zone: Zone) -> Result<Projection, Refusal> {
    Projection::of(&state.fields, zone).map_err(|_| Refusal::NotARecord)
}
