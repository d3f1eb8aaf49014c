//! One edit: document, row, search entry and draft in one transaction.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};

use super::enrolment::Profile;
use super::{Changed, New, Phase, Workbook};
use crate::clock::{Instant, Surroundings};
use crate::doc::{Document, Edits, NewChange, State, edits_that_void, revision};
use crate::error::{Error, Result};
use crate::gate;
use crate::id::{RecordId, ScopeId};
use crate::model::{
    Action, Body, Content, Field, Header, Kind, Projection, Record, Rule, Scalar, Version, Voided,
};
use crate::store::{Cells, Found, Reader, Row, StoredChange, Writer};

/// What an edit does, for listeners and logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Operation {
    /// A new record.
    Save,
    /// An edit of a record.
    Edit,
    /// A record was withdrawn.
    Void,
    /// A refused edit was written anew on top of what the server has.
    Rescue,
    /// One of two values was chosen.
    Choose,
    /// A checklist's item was ticked or unticked.
    Tick,
    /// Households came from a spreadsheet.
    Import,
    /// A draft was kept or discarded.
    Draft,
    /// An exchange with the server brought news.
    Sync,
    /// A damaged database was rebuilt.
    Salvage,
    /// A masked number was shown whole.
    Reveal,
}

/// An edit in progress.
pub(super) struct Edit<'a> {
    pub(super) writer: &'a Writer<'a>,
    pub(super) profile: &'a Profile,
    pub(super) now: Instant,
    workbook: &'a Workbook,
    /// Documents this edit has built or changed; they join the cache once it is committed.
    documents: BTreeMap<RecordId, Document>,
    touched: BTreeSet<RecordId>,
    /// Records that are gone; they leave the cache once it is committed.
    erased: Vec<RecordId>,
    /// Of an exchange: the scopes whose logs this phone may hold.
    pub(super) holds: BTreeSet<ScopeId>,
    /// Of an exchange: the records of which changes are kept out of sight.
    pub(super) reserved: BTreeSet<RecordId>,
    /// Of an exchange: the places of own changes that it acknowledged.
    pub(super) placed: BTreeSet<(ScopeId, u64)>,
}

/// One change about to be stored.
pub(super) struct Arrival<'a> {
    pub(super) id: RecordId,
    pub(super) scope: &'a ScopeId,
    /// The record, if it is here already.
    pub(super) found: Option<&'a Found>,
    /// The document's state with the change applied.
    pub(super) state: &'a State,
    pub(super) change: &'a NewChange,
    pub(super) origin: Origin,
}

/// Where a change comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// Written here, to be sent.
    Own,
    /// Pulled from the scope's log at this place.
    Log(u64),
    /// Read from a damaged database, where it had a receipt; the server will send it again.
    Salvage,
}

impl Workbook {
    /// Runs one edit. Everything it wrote is durable when this returns `Ok`; on an error nothing happened.
    ///
    /// # Errors
    /// What `body` returns, or the store's failure.
    pub(super) fn write<T>(
        &self,
        operation: Operation,
        body: impl FnOnce(&mut Edit<'_>) -> Result<T>,
    ) -> Result<T> {
        let now = self.shared.surroundings.now();
        let result = self.shared.store.write(|writer| {
            // Under the write lock: what waited for it while the phone was revoked must not slip through.
            let profile = self.require_open(operation)?;
            let mut edit = Edit {
                writer,
                profile: &profile,
                now,
                workbook: self,
                documents: BTreeMap::new(),
                touched: BTreeSet::new(),
                erased: Vec::new(),
                holds: BTreeSet::new(),
                reserved: BTreeSet::new(),
                placed: BTreeSet::new(),
            };
            let value = body(&mut edit)?;
            Ok((value, edit.documents, edit.touched.into_iter().collect::<Vec<_>>(), edit.erased))
        });
        let (value, documents, records, erased) = result?;
        let mut cache = self.shared.documents.lock().unwrap_or_else(PoisonError::into_inner);
        for (id, document) in documents {
            cache.put(id, document);
        }
        for id in erased {
            cache.pop(&id);
        }
        drop(cache);
        tracing::debug!(?operation, records = records.len(), "edit committed");
        let tells_nothing = matches!(operation, Operation::Draft | Operation::Reveal) && records.is_empty();
        if !tells_nothing {
            self.shared.listeners.tell(&Changed { operation, records });
        }
        Ok(value)
    }

    /// Reads a consistent view.
    pub(super) fn read<T>(&self, body: impl FnOnce(&Reader<'_>) -> Result<T>) -> Result<T> {
        if self.phase() == Phase::Wiped {
            return Err(Error::Wiped);
        }
        self.look_at_lease()?;
        self.shared.store.read(body)
    }

    fn look_at_lease(&self) -> Result<()> {
        self.shared.guarded.as_ref().map_or(Ok(()), |guarded| guarded.guard.look())
    }

    /// The profile, if edits of this sort may be made: a revoked phone only takes its leave, with all that can be read.
    fn require_open(&self, operation: Operation) -> Result<Arc<Profile>> {
        match self.phase() {
            Phase::Wiped => Err(Error::Wiped),
            Phase::Withdrawn if !matches!(operation, Operation::Sync | Operation::Salvage) => {
                Err(Error::Withdrawn)
            }
            Phase::Withdrawn | Phase::Working => {
                self.look_at_lease()?;
                Ok(self.profile())
            }
        }
    }
}

impl Edit<'_> {
    /// When a record was begun that gets this id: when its draft was, otherwise now. What was begun yesterday and is
    /// saved today tells of yesterday.
    pub(super) fn begun(&self, id: Option<RecordId>) -> Result<Instant> {
        let Some(id) = id else { return Ok(self.now) };
        let draft = self.writer.reader().draft(&id)?;
        Ok(draft.and_then(|draft| draft.id.made_at()).map_or(self.now, |begun| begun.min(self.now)))
    }

    /// Writes a new record and takes its draft away. Returns its id.
    pub(super) fn create<C: Into<Content>>(&mut self, scope: &ScopeId, new: New<C>) -> Result<RecordId> {
        let content = new.content.into();
        let kind = content.kind();
        content.check()?;
        self.permit(scope, kind)?;
        let begun = self.begun(new.id)?;
        let id = new.id.unwrap_or_else(|| RecordId::new(self.surroundings()));
        let header = Header {
            kind,
            schema: Header::SCHEMA,
            author: self.profile.person()?.clone(),
            grid: new.grid,
            occurred_at: new.occurred_at.unwrap_or(begun),
            voided: None,
        };
        let fields = header.with(&content);
        let change = NewChange::first(self.profile.actor, self.now, &fields)?;
        let state = State {
            fields,
            version: Version(vec![change.hash]),
            created: self.now,
            updated: self.now,
            conflicts: 0,
        };
        let (state, change) = (&state, &change);
        self.put(&Arrival { id, scope, found: None, state, change, origin: Origin::Own })?;
        self.writer.remove_draft(&id)?;
        Ok(id)
    }

    /// Writes what differs between the version its author saw and `content`, and takes the draft away.
    pub(super) fn revise(
        &mut self,
        id: RecordId,
        seen: &Version,
        header: &Header,
        content: &Content,
    ) -> Result<()> {
        content.check()?;
        let found = self.editable(&id)?;
        let document = self.document(&id, &found)?;
        let edits = revision(&document, seen, header, content)?;
        self.writer.remove_draft(&id)?;
        self.put_edits(id, &found, Some(seen), &edits)
    }

    /// A record as this edit has left it. Read here, because another connection would have to decrypt every
    /// page anew.
    pub(super) fn record<B: Body>(&self, id: RecordId) -> Result<Record<B>> {
        self.any_record(id)?.of()
    }

    /// [`Edit::record`] of any kind.
    pub(super) fn any_record(&self, id: RecordId) -> Result<Record> {
        let record = self.writer.reader().record(&id)?.ok_or(Error::NoSuchRecord(id))?;
        Ok(self.profile.shown(record))
    }

    /// Withdraws a record.
    pub(super) fn void(&mut self, id: RecordId, reason: &str) -> Result<()> {
        let found = self.editable(&id)?;
        if !self.profile.may(&found.scope, found.kind, Action::Void) {
            return Err(Error::NotPermitted { scope: found.scope, kind: found.kind });
        }
        let voided =
            Voided { by: self.profile.person()?.clone(), at: self.now, reason: reason.trim().to_owned() };
        self.put_edits(id, &found, None, &edits_that_void(&voided)?)
    }

    /// Writes `edits`, on top of the version their author saw if one is given.
    pub(super) fn put_edits(
        &mut self,
        id: RecordId,
        found: &Found,
        seen: Option<&Version>,
        edits: &Edits,
    ) -> Result<()> {
        let mut document = self.document(&id, found)?;
        self.require_own(&document, found, edits)?;
        let change = match seen {
            Some(seen) => document.write_at(seen, self.profile.actor, self.now, edits)?,
            None => document.write(self.profile.actor, self.now, edits)?,
        };
        if let Some(change) = change {
            let (state, change) = (&State::of(&document), &change);
            let (scope, found) = (&found.scope, Some(found));
            self.put(&Arrival { id, scope, found, state, change, origin: Origin::Own })?;
        }
        self.documents.insert(id, document);
        Ok(())
    }

    /// Fails where something would be written in another's name that is not there already.
    fn require_own(&self, document: &Document, found: &Found, edits: &Edits) -> Result<()> {
        let person = self.profile.person()?;
        let own =
            edits.iter().all(|(path, value)| document.may_touch(found.kind, path, value.as_ref(), person));
        if own { Ok(()) } else { Err(Error::NotPermitted { scope: found.scope.clone(), kind: found.kind }) }
    }

    /// Stores one change with the row that follows from it.
    pub(super) fn put(&mut self, arrival: &Arrival<'_>) -> Result<()> {
        let cells = Cells::of(Projection::of(&arrival.state.fields, self.profile.zone())?);
        if self.put_cells(arrival, &cells)? {
            return Ok(());
        }
        Err(Error::Store(format!("record {} is here already", arrival.id)))
    }

    /// Stores the row of a record that no change was written for.
    pub(super) fn put_state(&mut self, id: RecordId, found: &Found, state: &State) -> Result<()> {
        let cells = &Cells::of(Projection::of(&state.fields, self.profile.zone())?);
        let (scope, version) = (&found.scope, &state.version);
        let (created, updated, conflicts) = (state.created, state.updated, state.conflicts);
        let row = Row { id, scope, cells, version, created, updated, conflicts };
        self.writer.update_record(found.n, &row)?;
        self.touch(id);
        Ok(())
    }

    /// [`Edit::put`] where the row's cells are there already. False if the record was not looked for and is here: nothing
    /// is written then.
    pub(super) fn put_cells(&mut self, arrival: &Arrival<'_>, cells: &Cells) -> Result<bool> {
        let Arrival { id, scope, found, state, change, origin } = *arrival;
        if origin == Origin::Own {
            require_passable(cells.kind, state, change)?;
        }
        let row = Row {
            id,
            scope,
            cells,
            version: &state.version,
            created: state.created,
            updated: state.updated,
            conflicts: state.conflicts,
        };
        let record_n = match found {
            Some(found) => {
                self.writer.update_record(found.n, &row)?;
                found.n
            }
            None => match self.writer.insert_record(&row)? {
                Some(n) => n,
                None => return Ok(false),
            },
        };
        self.writer.put_change(&StoredChange {
            record_n,
            id: &id,
            scope,
            hash: change.hash,
            own: origin == Origin::Own,
            seq: match origin {
                Origin::Log(seq) => Some(seq),
                Origin::Own | Origin::Salvage => None,
            },
            bytes: &change.bytes,
        })?;
        self.touch(id);
        Ok(true)
    }

    /// The document of a record that is here: as this edit left it, from the cache, or built.
    pub(super) fn document(&mut self, id: &RecordId, found: &Found) -> Result<Document> {
        if let Some(document) = self.documents.remove(id) {
            return Ok(document);
        }
        let cached =
            self.workbook.shared.documents.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
        match cached {
            Some(document) if document.version() == found.version => Ok(document),
            _ => Document::load(self.writer.reader().changes_of(found.n)?),
        }
    }

    /// The clock and the randomness.
    pub(super) fn surroundings(&self) -> &Surroundings {
        &self.workbook.shared.surroundings
    }

    /// Keeps a document for the rest of this edit and, once committed, in the cache.
    pub(super) fn keep(&mut self, id: RecordId, document: Document) {
        self.documents.insert(id, document);
    }

    /// Lets go of everything that is held of records that are gone.
    pub(super) fn let_go(&mut self, gone: Vec<RecordId>) {
        for id in &gone {
            self.documents.remove(id);
            self.touch(*id);
        }
        self.erased.extend(gone);
    }

    /// Notes that a record changed, for the listeners.
    pub(super) fn touch(&mut self, id: RecordId) {
        self.touched.insert(id);
    }

    /// The record if it is here, not withdrawn, and the person may write it.
    pub(super) fn editable(&self, id: &RecordId) -> Result<Found> {
        let found = self.writer.require(id)?;
        if found.voided {
            return Err(Error::Voided(*id));
        }
        self.permit(&found.scope, found.kind)?;
        Ok(found)
    }

    pub(super) fn permit(&self, scope: &ScopeId, kind: Kind) -> Result<()> {
        self.profile.person()?;
        if self.profile.may_write(scope, kind) {
            Ok(())
        } else {
            Err(Error::NotPermitted { scope: scope.clone(), kind })
        }
    }
}

/// What this phone writes must pass the gate's first look everywhere, or it would never leave the phone. The
/// error names the longest of its fields.
fn require_passable(kind: Kind, state: &State, change: &NewChange) -> Result<()> {
    if gate::read(&change.bytes).is_ok() {
        return Ok(());
    }
    let length = |field: &Field| state.fields.get(field.name).and_then(Scalar::as_text).map_or(0, str::len);
    let longest = kind.fields().iter().max_by_key(|field| length(field)).map_or("text", |field| field.name);
    let rule = Rule::ChangeTooLarge;
    Err(Error::Invalid { kind, field: longest, rule })
}
