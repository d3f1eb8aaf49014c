//! Taking in what others wrote: through the gate, into document, row and search.

use super::Workbook;
use super::edit::{Arrival, Edit, Operation, Origin};
use super::prepare::{Begun, Prepared};
use crate::doc::{Document, NewChange, ParsedChange};
use crate::error::{Error, Result};
use crate::gate::{self, Admitted, Refusal};
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
    pub(super) fn ingest(&mut self, scope: &ScopeId, prepared: Prepared) -> Result<Ingested> {
        let Prepared { entry: Entry { seq, id, hash, bytes }, parsed, begun } = prepared;
        let change = NewChange { hash, bytes };
        let origin = Origin::Log(seq);
        if let Ok(Begun { admitted: Admitted { state, document }, projection }) = &begun {
            let arrival = Arrival { id, scope, found: None, state, change: &change, origin };
            if self.put_projected(&arrival, projection)? {
                if let Some(document) = document {
                    self.keep(id, document.clone());
                }
                return Ok(Ingested::New);
            }
        }
        let found = self.writer.reader().find(&id)?;
        if let Some(found) = &found
            && let Some(n) = self.writer.reader().change_number(found.n, &hash)?
        {
            self.writer.acknowledge(n, seq)?;
            return Ok(Ingested::Known);
        }
        let tried = match (&found, parsed, begun) {
            (Some(found), Ok(parsed), _) => self.extend(id, scope, found, &parsed, &change, origin)?,
            (_, Err(refusal), _) | (None, _, Err(refusal)) => Err(refusal),
            (None, _, Ok(_)) => return Err(Error::Store(format!("record {id} is neither here nor new"))),
        };
        let Err(refusal) = tried else { return Ok(Ingested::New) };
        let reason = refusal.as_str();
        self.writer.quarantine(&id, scope, &change.hash, reason, self.now, &change.bytes)?;
        tracing::warn!(record = %id, change = %change.hash, reason, "change quarantined");
        Ok(Ingested::Refused(refusal))
    }

    /// Lets a change of a record that is here through the gate and stores it; the inner error is a refusal.
    fn extend(
        &mut self,
        id: RecordId,
        scope: &ScopeId,
        found: &Found,
        parsed: &ParsedChange,
        change: &NewChange,
        origin: Origin,
    ) -> Result<std::result::Result<(), Refusal>> {
        let held = self.document(&id, found)?;
        let admitted = match gate::admit(Some(held.clone()), parsed) {
            Ok(admitted) => admitted,
            Err(refusal) => {
                self.keep(id, held);
                return Ok(Err(refusal));
            }
        };
        match Projection::of(&admitted.state.fields, self.profile.zone()) {
            Ok(projection) if projection.header.kind == found.kind => {
                let found = Some(found);
                let arrival = Arrival { id, scope, found, state: &admitted.state, change, origin };
                self.put_projected(&arrival, &projection)?;
                self.keep(id, admitted.document.unwrap_or(held));
                Ok(Ok(()))
            }
            _ => {
                self.keep(id, held);
                Ok(Err(Refusal::NotARecord))
            }
        }
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
