//! Taking in what others wrote: through the gate, into document, row and search.

use super::Workbook;
use super::edit::{Arrival, Edit, Operation, Origin};
use super::prepare::{Begun, Prepared};
use crate::doc::{Document, NewChange, State};
use crate::error::{Error, Result};
use crate::gate::{self, Refusal};
use crate::id::{ChangeHash, RecordId, ScopeId};
use crate::model::Projection;
use crate::store::{Cells, Found, Moving, Row, SalvagedChange};
use crate::sync::notice::{Move, Notice, Says};
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
    /// It says that a record was erased.
    Erased(RecordId),
    /// It says that a record was handed over.
    Moved(RecordId),
}

impl Edit<'_> {
    /// Takes in one entry of a scope's log.
    pub(super) fn ingest(&mut self, scope: &ScopeId, prepared: Prepared) -> Result<Ingested> {
        let Prepared { entry: Entry { seq, id, hash, bytes }, begun } = prepared;
        if bytes.is_empty() {
            // What has just got its receipt stands at this place already.
            if !self.placed.contains(&(scope.clone(), seq)) {
                self.writer.keep_entry(scope, seq, &hash, &id, &bytes)?;
            }
            return Ok(Ingested::Known);
        }
        if let Some(notice) = Notice::read(&bytes) {
            self.writer.keep_entry(scope, seq, &hash, &notice.record, &bytes)?;
            return self.obey(scope, seq, notice);
        }
        let change = NewChange { hash, bytes };
        let origin = Origin::Log(seq);
        // It comes back with all that is kept of it, whose places are told anew: in pieces it would lack changes of this
        // phone's own, and the next one would take the number of one that the server has.
        if self.reserved.remove(&id) && self.writer.reader().find(&id)?.is_none() {
            self.recall(id, scope)?;
        }
        let begun = match begun {
            Ok(Begun { state, document, cells }) => {
                let arrival = Arrival { id, scope, found: None, state: &state, change: &change, origin };
                if self.put_cells(&arrival, &cells)? {
                    if let Some(document) = document {
                        self.keep(id, document);
                    }
                    return Ok(Ingested::New);
                }
                Ok(())
            }
            Err(refusal) => Err(refusal),
        };
        let tried = match self.writer.reader().find(&id)? {
            Some(found) if found.scope != *scope => {
                // It lives elsewhere by now, and that scope's log has it too.
                self.writer.keep_entry(scope, seq, &hash, &id, &[])?;
                return Ok(Ingested::Known);
            }
            Some(found) => {
                if let Some(n) = self.writer.reader().change_number(found.n, &hash)? {
                    self.writer.acknowledge_again(n, seq)?;
                    return Ok(Ingested::Known);
                }
                self.extend(id, scope, &found, &change, origin)?
            }
            None => begun,
        };
        let Err(refusal) = tried else { return Ok(Ingested::New) };
        let reason = refusal.as_str();
        self.writer.quarantine(&id, scope, &change.hash, reason, self.now, &change.bytes)?;
        tracing::warn!(record = %id, change = %change.hash, reason, "change quarantined");
        Ok(Ingested::Refused(refusal))
    }

    /// Brings a record back that had left, with what is kept of it: it was handed back, or a server that was restored to
    /// before its hand-over goes on with it where it was, and lists only what came since. What is kept without what it
    /// builds on stays out of sight.
    fn recall(&mut self, id: RecordId, scope: &ScopeId) -> Result<()> {
        let kept = self.writer.reader().reserved_of(&id)?;
        let Ok(document) = Document::load(&kept) else { return Ok(()) };
        let state = State::of(&document);
        let Ok(projection) = Projection::of(&state.fields, self.profile.zone()) else { return Ok(()) };
        let row = Row {
            id,
            scope,
            cells: &Cells::of(projection),
            version: &state.version,
            created: state.created,
            updated: state.updated,
            conflicts: state.conflicts,
        };
        let Some(n) = self.writer.insert_record(&row)? else { return Ok(()) };
        self.writer.recall(&id, n, scope)?;
        self.keep(id, document);
        self.touch(id);
        Ok(())
    }

    /// Does what the server says of a record, at this place of a scope's log.
    fn obey(&mut self, scope: &ScopeId, seq: u64, notice: Notice) -> Result<Ingested> {
        let Notice { record, kind, at, says } = notice;
        match says {
            Says::Erased { why } => {
                let gone = self.writer.erase(&record, kind, at, why.as_str())?;
                self.let_go(gone);
                Ok(Ingested::Erased(record))
            }
            Says::Moved(Move { from, to, number, why }) => {
                let sees_both = self.holds.contains(&to);
                let (from, to, why) = (&from, &to, why.as_str());
                let moving = Moving { id: record, kind, from, to, number, at, why };
                self.writer.hand_over(&moving, scope, seq, sees_both)?;
                self.touch(record);
                Ok(Ingested::Moved(record))
            }
        }
    }

    /// Lets a change of a record that is here through the gate and stores it; the inner error is a refusal.
    fn extend(
        &mut self,
        id: RecordId,
        scope: &ScopeId,
        found: &Found,
        change: &NewChange,
        origin: Origin,
    ) -> Result<std::result::Result<(), Refusal>> {
        let parsed = match gate::read(&change.bytes) {
            Ok(parsed) => parsed,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let held = self.document(&id, found)?;
        let admitted = match gate::admit(Some(held.clone()), &parsed) {
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
                self.put_cells(&arrival, &Cells::of(projection))?;
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
        if change.reserved {
            return self.restore_reserved(change, hash);
        }
        let held = match &found {
            Some(found) => Some(self.document(&change.id, found)?),
            None => None,
        };
        let admitted = gate::admit(held, &parsed).map_err(|refusal| Error::Document(refusal.to_string()))?;
        let origin = if change.own && !change.acknowledged { Origin::Own } else { Origin::Salvage };
        let scope = change.scope.clone().or_else(|| grid_of(&admitted.state.fields)).ok_or_else(|| {
            Error::Document("the scope of a salvaged change is lost; the server sends it again".into())
        })?;
        let document = admitted.document.map_or_else(|| Document::load([&change.bytes]), Ok)?;
        let new = NewChange { hash, bytes: change.bytes.clone() };
        self.put(&Arrival {
            id: change.id,
            scope: &scope,
            found: found.as_ref(),
            state: &admitted.state,
            change: &new,
            origin,
        })?;
        self.keep(change.id, document);
        Ok(())
    }

    /// Stores a change that was out of sight, and out of sight again: it goes out, or waits for the role that it needs.
    fn restore_reserved(&mut self, change: &SalvagedChange, hash: ChangeHash) -> Result<()> {
        let scope = change.scope.as_ref().ok_or_else(|| Error::Document("its scope is lost".into()))?;
        self.writer.put_reserved(&change.id, scope, hash, &change.bytes, change.refusal.as_deref(), self.now)
    }
}

/// The grid that a record names, which is its scope unless it was handed over since.
fn grid_of(fields: &crate::model::Fields) -> Option<ScopeId> {
    fields.get("grid")?.as_text().map(ScopeId::from)
}

impl Workbook {
    /// Stores changes that were read from a damaged database, in one transaction; which of them can be, in their order.
    ///
    /// # Errors
    /// What is no fault of a change's; none is stored then.
    pub(super) fn restore_changes(&self, changes: &[SalvagedChange]) -> Result<Vec<bool>> {
        self.write(Operation::Salvage, |edit| {
            let restored = changes.iter().map(|change| match edit.restore(change) {
                Ok(()) => Ok(true),
                Err(Error::Document(_) | Error::Invalid { .. }) => Ok(false),
                Err(error) => Err(error),
            });
            restored.collect()
        })
    }
}
