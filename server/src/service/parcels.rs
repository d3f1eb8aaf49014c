//! The lead's box: what revoked phones had not sent. A phone hands it in sealed; a lead reads it, and lets it
//! through the gate as the person's own.

use std::collections::{BTreeMap, BTreeSet};

use gridbook_core::clock::{Instant, Zone};
use gridbook_core::doc::{Document, ParsedChange};
use gridbook_core::gate;
use gridbook_core::id::{Chain, DeviceId, PersonId, RecordId, ScopeId};
use gridbook_core::model::masking::mask_field;
use gridbook_core::model::{Projection, unflatten};
use gridbook_core::sync::parcel::{Parcel, ParcelDraft, digest};
use gridbook_core::sync::protocol::{
    BoxRequest, BoxResponse, Cursor, FailureCode, PUSH_BYTES, PUSH_CHANGES, Push, Receipt, SyncRequest,
    VERSION,
};
use gridbook_core::sync::statement::Statement;
use serde::Serialize;
use serde_json::Value;

use super::{Service, require_version};
use crate::db::{Act, AuditEntry, NewParcel, ParcelRow, SealedParcel};
use crate::error::{Error, Result};

/// The most bytes that the box keeps of one device: years of one person's work.
const BOX_BYTES: u64 = 32 * 1024 * 1024;

/// One record in the box, as a lead reads it.
#[derive(Debug, Serialize)]
pub struct BoxedRecord {
    /// Its id.
    pub id: RecordId,
    /// Where it was written.
    pub scope: ScopeId,
    /// How many of its changes are in the box.
    pub changes: usize,
    /// The record with these changes on top of what the server holds; `None` if that cannot be put together.
    pub record: Option<Value>,
}

/// One draft in the box.
#[derive(Debug, Serialize)]
pub struct BoxedDraft {
    /// Its id.
    pub id: RecordId,
    /// What it would have been.
    pub kind: gridbook_core::model::Kind,
    /// When it was last touched.
    pub updated: Instant,
    /// What had been entered.
    pub fields: Value,
}

/// What became of a box.
#[derive(Debug, Default, Serialize)]
pub struct Accepted {
    /// Changes that are in the log now.
    pub accepted: usize,
    /// Changes that were in the log already.
    pub known: usize,
    /// Records with a change that was refused, and why.
    pub refused: Vec<(RecordId, String)>,
}

impl Service {
    /// Keeps a revoked device's parcel and signs for it; the same parcel again is signed for again.
    ///
    /// # Errors
    /// [`Error::Refused`]: the device is not revoked, or the box is full.
    pub async fn hand_in(&self, device: &DeviceId, request: BoxRequest) -> Result<BoxResponse> {
        require_version(request.protocol)?;
        let known = self.db.device(device).await?;
        let known = known.filter(|device| device.revoked.is_some()).ok_or_else(|| {
            Error::refused(FailureCode::BadRequest, "the device is not revoked; sync instead")
        })?;
        let digest = digest(&request.sealed);
        let bytes = match Parcel::open(&self.identity.box_key, &known.id, &request.sealed) {
            Ok(parcel) => {
                let access = self.past_access(&known.person).await?;
                let reveals = parcel.reveals.get(..PUSH_CHANGES).unwrap_or(&parcel.reveals);
                self.take_reveals(&known, &access, reveals).await?;
                // What was erased meanwhile does not come back by way of the box.
                match self.without_erased(parcel).await? {
                    Some(left) => self.sealed_here(&left, &known.id)?,
                    None => request.sealed,
                }
            }
            // It is kept: a person may find out what it is.
            Err(_) => request.sealed,
        };
        let at = self.surroundings.now();
        let parcel = NewParcel { device: known.id, person: known.person, digest, at, bytes };
        if !self.db.keep_parcel(parcel, BOX_BYTES).await? {
            return Err(Error::refused(FailureCode::TooLarge, "the box is full; tell the administrator"));
        }
        tracing::info!(%device, "parcel kept");
        let parts = [device.as_str().as_bytes(), &digest[..]];
        Ok(BoxResponse { proof: Statement::Parcel.sign(&self.identity.signing_key, &parts) })
    }

    /// What is in the box, oldest first.
    ///
    /// # Errors
    /// Only what the database says.
    pub async fn parcels(&self) -> Result<Vec<ParcelRow>> {
        self.db.parcels().await
    }

    /// What one device handed in, opened, numbers masked. Who opened it is written down.
    ///
    /// # Errors
    /// [`Error::Admin`] if it handed in nothing.
    pub async fn open_box(&self, device: &DeviceId) -> Result<(Vec<BoxedRecord>, Vec<BoxedDraft>)> {
        let (pushes, parcels) = self.unsealed(device).await?;
        let mut order = Vec::new();
        let mut by_record = BTreeMap::<RecordId, (ScopeId, Vec<Vec<u8>>)>::new();
        for (scope, Push(record, _, bytes)) in pushes {
            let (_, changes) = by_record.entry(record).or_insert_with(|| {
                order.push(record);
                (scope, Vec::new())
            });
            changes.push(bytes);
        }
        let held = self.db.held(&order).await?;
        let mut records = Vec::new();
        for id in order {
            let Some((scope, changes)) = by_record.remove(&id) else { continue };
            let before = held.iter().find(|held| held.id == id).map(|held| held.changes.as_slice());
            let count = changes.len();
            let record = readable(before, changes).map(|record| masked("", record));
            records.push(BoxedRecord { id, scope, changes: count, record });
        }
        let drafts = parcels.into_iter().flat_map(|parcel| parcel.drafts);
        let drafts = drafts.map(|draft| BoxedDraft {
            id: draft.id,
            kind: draft.kind,
            updated: draft.updated,
            fields: masked("", serde_json::from_str(&draft.json).unwrap_or(Value::String(draft.json))),
        });
        let shown = records.iter().map(|record| record.id).collect();
        self.note_box(None, Act::Read, shown, format!("box of device {device}")).await?;
        Ok((records, drafts.collect()))
    }

    /// Lets what one device handed in through the gate, as its person's own and by what that person was
    /// allowed while they had a part. What is refused stays in the box.
    ///
    /// # Errors
    /// [`Error::Admin`] if it handed in nothing; otherwise only what the database says.
    pub async fn accept_box(&self, device: &DeviceId) -> Result<Accepted> {
        self.accept_box_by(None, device).await
    }

    /// [`Service::accept_box`] on a person's word.
    pub(crate) async fn accept_box_by(&self, by: Option<&PersonId>, device: &DeviceId) -> Result<Accepted> {
        let (pushes, parcels) = self.unsealed(device).await?;
        let known = self.db.device(device).await?;
        let known = known.ok_or_else(|| Error::admin(format!("device {device}: there is none")))?;
        let access = self.past_access(&known.person).await?;
        let now = self.surroundings.now();
        for parcel in &parcels {
            // A copied phone may have been revoked before it ever told of its own actor.
            self.db.register_actor(parcel.actor, device, now).await?;
        }
        let mut accepted = Accepted::default();
        for lot in lots(pushes) {
            let request = request(lot);
            let receipts = self.take_released(&known, access.clone(), &request).await?;
            for (Push(record, ..), receipt) in request.push.iter().zip(receipts) {
                match receipt {
                    Receipt::Accepted(_) => accepted.accepted += 1,
                    Receipt::Known(_) => accepted.known += 1,
                    Receipt::Refused(why) => accepted.refused.push((*record, why.as_str().to_owned())),
                }
            }
        }
        self.db.mark_parcels(device, now).await?;
        self.note_box(by, Act::Grant, Vec::new(), format!("box of device {device} into the log")).await?;
        Ok(accepted)
    }

    /// Takes everything of erased records out of the box.
    pub(super) async fn forget_erased_in_box(&self) -> Result<()> {
        let devices: BTreeSet<DeviceId> =
            self.db.parcels().await?.into_iter().map(|parcel| parcel.device).collect();
        for device in devices {
            for SealedParcel { digest, bytes } in self.db.parcels_of(&device).await? {
                let Ok(parcel) = Parcel::open(&self.identity.box_key, &device, &bytes) else { continue };
                if let Some(left) = self.without_erased(parcel).await? {
                    let bytes = self.sealed_here(&left, &device)?;
                    self.db.replace_parcel(&device, SealedParcel { digest, bytes }).await?;
                }
            }
        }
        Ok(())
    }

    /// A parcel without what is erased; `None` if it holds nothing of that.
    async fn without_erased(&self, mut parcel: Parcel) -> Result<Option<Parcel>> {
        let about: Vec<(RecordId, RecordId)> = parcel
            .changes
            .iter()
            .filter_map(|Push(record, _, bytes)| Some((*record, subject_of(bytes, self.zone())?)))
            .collect();
        let mut named: BTreeSet<RecordId> = parcel.changes.iter().map(|Push(record, ..)| *record).collect();
        named.extend(about.iter().map(|(_, subject)| *subject));
        named.extend(parcel.drafts.iter().flat_map(named_by));
        let gone = self.db.erased(&named.into_iter().collect::<Vec<_>>()).await?;
        let mut gone: BTreeSet<RecordId> = gone.into_iter().collect();
        // Dependencies come first, so what is about a record comes after it.
        for (record, subject) in about {
            if gone.contains(&subject) {
                gone.insert(record);
            }
        }
        parcel.changes.retain(|Push(record, ..)| !gone.contains(record));
        parcel.drafts.retain(|draft| named_by(draft).is_disjoint(&gone));
        Ok((!gone.is_empty()).then_some(parcel))
    }

    fn sealed_here(&self, parcel: &Parcel, device: &DeviceId) -> Result<Vec<u8>> {
        Ok(parcel.seal(&self.box_key(), device, &self.surroundings)?)
    }

    /// A command typed on the server's own machine names no person.
    async fn note_box(
        &self,
        by: Option<&PersonId>,
        act: Act,
        records: Vec<RecordId>,
        detail: String,
    ) -> Result<()> {
        let at = self.surroundings.now();
        self.db.note(vec![AuditEntry { at, who: by.cloned(), act, records, detail }]).await
    }

    /// The changes with their scopes in the order in which they were written, and the parcels.
    async fn unsealed(&self, device: &DeviceId) -> Result<(Vec<(ScopeId, Push)>, Vec<Parcel>)> {
        let mut parcels = Vec::new();
        for sealed in self.db.parcels_of(device).await? {
            parcels.push(Parcel::open(&self.identity.box_key, device, &sealed.bytes)?);
        }
        if parcels.is_empty() {
            return Err(Error::admin(format!("device {device}: it has handed in nothing")));
        }
        let mut pushes = Vec::new();
        for parcel in &mut parcels {
            for push in std::mem::take(&mut parcel.changes) {
                let scope = parcel.scopes.get(usize::from(push.1)).cloned();
                pushes.push((scope.unwrap_or_default(), push));
            }
        }
        Ok((pushes, parcels))
    }
}

/// The record that a new one is about, as its first change says.
fn subject_of(bytes: &[u8], zone: Zone) -> Option<RecordId> {
    let change = gate::read(bytes).ok().filter(ParsedChange::is_first)?;
    let state = gate::admit_first(&change).ok()?.state;
    Projection::of(&state.fields, zone).ok()?.content.subject()
}

/// The records that a draft is of, edits or speaks of.
fn named_by(draft: &ParcelDraft) -> BTreeSet<RecordId> {
    fn collect(value: &Value, named: &mut BTreeSet<RecordId>) {
        match value {
            Value::String(text) => named.extend(text.parse::<RecordId>().ok()),
            Value::Array(items) => items.iter().for_each(|item| collect(item, named)),
            Value::Object(fields) => fields.iter().for_each(|(name, value)| {
                named.extend(name.parse::<RecordId>().ok());
                collect(value, named);
            }),
            _ => {}
        }
    }
    let mut named: BTreeSet<RecordId> = [Some(draft.id), draft.record].into_iter().flatten().collect();
    if let Ok(fields) = serde_json::from_str(&draft.json) {
        collect(&fields, &mut named);
    }
    named
}

/// As many changes at once as a phone would send.
fn lots(pushes: Vec<(ScopeId, Push)>) -> Vec<Vec<(ScopeId, Push)>> {
    let mut lots: Vec<Vec<(ScopeId, Push)>> = Vec::new();
    let mut size = 0;
    for (scope, push) in pushes {
        size += push.2.len();
        match lots.last_mut() {
            Some(lot) if lot.len() < PUSH_CHANGES && size <= PUSH_BYTES => lot.push((scope, push)),
            _ => {
                size = push.2.len();
                lots.push(vec![(scope, push)]);
            }
        }
    }
    lots
}

/// The changes as a device would send them.
pub(super) fn request(lot: Vec<(ScopeId, Push)>) -> SyncRequest {
    let mut scopes: Vec<ScopeId> = lot.iter().map(|(scope, _)| scope.clone()).collect();
    scopes.sort_unstable();
    scopes.dedup();
    let index = |scope: &ScopeId| {
        let position = scopes.iter().position(|known| known == scope);
        position.and_then(|position| u16::try_from(position).ok()).unwrap_or(u16::MAX)
    };
    let push = lot.iter().map(|(scope, Push(record, _, bytes))| Push(*record, index(scope), bytes.clone()));
    SyncRequest {
        protocol: VERSION,
        push: push.collect(),
        cursors: scopes
            .iter()
            .map(|scope| Cursor { scope: scope.clone(), seq: 0, chain: Chain::START })
            .collect(),
        ..SyncRequest::default()
    }
}

/// What stands under `name`, every text in it with its numbers masked.
fn masked(name: &str, value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(mask_field(name, &text)),
        Value::Array(items) => items.into_iter().map(|item| masked(name, item)).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| {
                let shown = masked(&name, value);
                (name, shown)
            })
            .collect(),
        other => other,
    }
}

/// A record as a person can read it: its changes go through the gate one by one.
fn readable(held: Option<&[Vec<u8>]>, boxed: Vec<Vec<u8>>) -> Option<Value> {
    let mut document = held.map(Document::load).transpose().ok()?;
    let mut fields = None;
    for bytes in boxed {
        let admitted = gate::admit(document, &gate::read(&bytes).ok()?).ok()?;
        fields = Some(admitted.state.fields);
        // A record of one change comes without a document.
        document = Some(admitted.document.map_or_else(|| Document::load([&bytes]), Ok).ok()?);
    }
    serde_json::to_value(unflatten(&fields?)).ok()
}
