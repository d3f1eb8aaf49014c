//! Taking in what others wrote: through the gate, into document, row and search.

use super::Workbook;
use super::edit::{Arrival, Edit, Operation, Origin};
use crate::doc::{Document, NewChange};
use crate::error::{Error, Result};
use crate::gate::{self, Refusal};
use crate::id::{RecordId, ScopeId};
use crate::model::Projection;
use crate::store::{Found, SalvagedChange};
use crate::sync::session::Entry;

/// What became of one entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ingested {
    /// It is new here.
    New,
    /// It was here already.
    Known,
    /// It did not pass the gate and is in quarantine.
    Refused(Refusal),
}

impl Edit<'_> {
    /// Takes in one entry of a scope's log.
    pub(super) fn ingest(&mut self, scope: &ScopeId, entry: Entry) -> Result<Ingested> {
        let found = self.writer.reader().find(&entry.id)?;
        if let Some(found) = &found
            && let Some(n) = self.writer.reader().change_number(found.n, &entry.hash)?
        {
            self.writer.acknowledge(n, entry.seq)?;
            return Ok(Ingested::Known);
        }
        let change = NewChange { hash: entry.hash, bytes: entry.bytes };
        match self.admit(entry.id, scope, found.as_ref(), &change, Origin::Log(entry.seq))? {
            Ok(()) => Ok(Ingested::New),
            Err(refusal) => {
                let reason = refusal.as_str();
                self.writer.quarantine(&entry.id, scope, &change.hash, reason, self.now, &change.bytes)?;
                tracing::warn!(record = %entry.id, change = %change.hash, reason, "change quarantined");
                Ok(Ingested::Refused(refusal))
            }
        }
    }

    /// Lets a change through the gate and stores it; the inner error is a refusal.
    fn admit(
        &mut self,
        id: RecordId,
        scope: &ScopeId,
        found: Option<&Found>,
        change: &NewChange,
        origin: Origin,
    ) -> Result<std::result::Result<(), Refusal>> {
        let parsed = match gate::read(&change.bytes) {
            Ok(parsed) => parsed,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let held = found.map(|found| self.document(&id, found)).transpose()?;
        let kept = held.clone();
        let refusal = match gate::admit(held, &parsed) {
            Err(refusal) => Some(refusal),
            Ok(admitted) => match Projection::of(&admitted.state.fields, self.profile.zone()) {
                Err(_) => Some(Refusal::NotARecord),
                Ok(projection) if found.is_some_and(|found| found.kind != projection.header.kind) => {
                    Some(Refusal::NotARecord)
                }
                Ok(projection) => {
                    let arrival = Arrival { id, scope, found, state: &admitted.state, change, origin };
                    self.put_projected(&arrival, &projection)?;
                    if let Some(document) = admitted.document {
                        self.keep(id, document);
                    }
                    None
                }
            },
        };
        Ok(match refusal {
            None => Ok(()),
            Some(refusal) => {
                if let Some(document) = kept {
                    self.keep(id, document);
                }
                Err(refusal)
            }
        })
    }

    /// Stores a change that was read from a damaged database.
    fn restore(&mut self, change: &SalvagedChange) -> Result<()> {
        let hash = gate::hash_of(&change.bytes);
        let found = self.writer.reader().find(&change.id)?;
        if let Some(found) = &found
            && self.writer.reader().change_number(found.n, &hash)?.is_some()
        {
            return Ok(());
        }
        let parsed = gate::read(&change.bytes).map_err(|refusal| Error::Document(refusal.to_string()))?;
        let held = match &found {
            Some(found) => Some(self.document(&change.id, found)?),
            None => None,
        };
        let admitted = gate::admit(held, &parsed).map_err(|refusal| Error::Document(refusal.to_string()))?;
        let origin = if change.own && !change.acknowledged { Origin::Own } else { Origin::Salvage };
        let scope = change.scope.clone().or_else(|| grid_of(&admitted.state.fields)).ok_or_else(|| {
            Error::Document("the scope of a salvaged change is lost; the server sends it again".into())
        })?;
        let new = NewChange { hash, bytes: change.bytes.clone() };
        self.put(&Arrival {
            id: change.id,
            scope: &scope,
            found: found.as_ref(),
            state: &admitted.state,
            change: &new,
            origin,
        })?;
        let document = admitted.document.map_or_else(|| Document::load([&change.bytes]), Ok)?;
        self.keep(change.id, document);
        Ok(())
    }
}

/// The grid that a record names, which is its scope unless it was handed over since.
fn grid_of(fields: &crate::model::Fields) -> Option<ScopeId> {
    fields.get("grid")?.as_text().map(ScopeId::from)
}

impl Workbook {
    /// Stores one change that was read from a damaged database.
    pub(super) fn restore_change(&self, change: &SalvagedChange) -> Result<()> {
        self.write(Operation::Salvage, |edit| edit.restore(change))
    }
}
