//! The way up: every change passes the gate and the rules, then joins its scope's log or is kept aside.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gridbook_core::gate::{self, CHANGE_LIMIT, Refusal};
use gridbook_core::id::{ActorId, RecordId, ScopeId};
use gridbook_core::sync::protocol::{FailureCode, PUSH_BYTES, PUSH_CHANGES, Push, Receipt, SyncRequest};
use sha2::{Digest, Sha256};

use super::admission::{self, Admission, Candidate, Known, Places, Voucher};
use super::{Access, News, Service};
use crate::db::{Append, Appended, Device, Held, Quarantined, Registered};
use crate::error::{Error, Result};

/// How often a batch is tried anew when other requests touch the same records; each try means that
/// somebody else got on.
pub(super) const TRIES: usize = 64;

/// How many unknown actors one request may bring beside its own; more than a phone ever has.
const WRITERS: usize = 4;

/// Refuses more than one request may carry.
pub(super) fn require_size(request: &SyncRequest) -> Result<()> {
    let bytes: usize = request.push.iter().map(|push| push.2.len()).sum();
    // One change is always taken in: the gate says what is wrong with it.
    if request.push.len() > PUSH_CHANGES || (request.push.len() > 1 && bytes > PUSH_BYTES + CHANGE_LIMIT) {
        let detail = format!("push: at most {PUSH_CHANGES} changes or {PUSH_BYTES} bytes at once");
        return Err(Error::refused(FailureCode::TooLarge, detail));
    }
    Ok(())
}

/// The pushes of one request as far as they are decided.
struct Batch {
    /// By position.
    receipts: Vec<Option<Receipt>>,
    /// Those that could be read and have no receipt yet, in order.
    open: Vec<Arc<Candidate>>,
    /// Pushes that repeat an earlier one of the same request: (position, the earlier one's).
    copies: Vec<(usize, usize)>,
}

impl Service {
    /// Takes what a device pushes; one receipt a push, in its order, and the permissions they were taken under.
    pub(super) async fn take(
        &self,
        device: &Device,
        access: Access,
        request: &SyncRequest,
    ) -> Result<(Vec<Receipt>, Access)> {
        self.take_under(device, access, request, true).await
    }

    /// [`Service::take`] of what a lead released from the box: the device is revoked, and what its person
    /// was allowed once is all that counts.
    pub(super) async fn take_released(
        &self,
        device: &Device,
        access: Access,
        request: &SyncRequest,
    ) -> Result<Vec<Receipt>> {
        Ok(self.take_under(device, access, request, false).await?.0)
    }

    async fn take_under(
        &self,
        device: &Device,
        access: Access,
        request: &SyncRequest,
        revocable: bool,
    ) -> Result<(Vec<Receipt>, Access)> {
        let mut access = access;
        if request.push.is_empty() {
            return Ok((Vec::new(), access));
        }
        let mut batch = self.read_all(device, request).await?;
        if self.register_writers(device, request, &batch).await? {
            batch = self.read_all(device, request).await?;
        }
        for _ in 0..TRIES {
            batch.open.retain(|candidate| batch.receipts[candidate.position].is_none());
            if batch.open.is_empty() {
                break;
            }
            self.mark_known(&mut batch).await?;
            batch.open.retain(|candidate| batch.receipts[candidate.position].is_none());
            let voucher = Voucher::Device {
                person: device.person.clone(),
                actors: self.db.actors_of(&device.id).await?.into_iter().collect(),
                access: access.clone(),
            };
            let admission = self.admit(&batch.open, voucher).await?;
            let settled =
                self.settle(admission, revocable.then(|| access.version()), &mut batch.receipts).await?;
            if settled == Settled::AccessChanged {
                access = self.access_of(device).await?;
            }
        }
        for (position, earlier) in batch.copies {
            batch.receipts[position] = batch.receipts[earlier].clone().map(|receipt| match receipt {
                Receipt::Accepted(seq) => Receipt::Known(seq),
                same => same,
            });
        }
        let receipts: Option<Vec<_>> = batch.receipts.into_iter().collect();
        let receipts = receipts.ok_or_else(|| {
            Error::refused(FailureCode::Busy, "others are writing the same records; send it again")
        })?;
        self.keep_aside(device, request, &receipts).await?;
        self.metrics.received(&receipts);
        Ok((receipts, access))
    }

    /// Reads every push through the gate's first look; what cannot be read has its receipt at once.
    async fn read_all(&self, device: &Device, request: &SyncRequest) -> Result<Batch> {
        let scopes: Vec<ScopeId> = request.cursors.iter().map(|cursor| cursor.scope.clone()).collect();
        let pushes = request.push.clone();
        let actors: BTreeSet<ActorId> = self.db.actors_of(&device.id).await?.into_iter().collect();
        let device = device.id.clone();
        let zone = self.zone();
        let read = move || {
            let mut batch =
                Batch { receipts: vec![None; pushes.len()], open: Vec::new(), copies: Vec::new() };
            let mut seen = BTreeMap::new();
            for (position, Push(record, scope, bytes)) in pushes.into_iter().enumerate() {
                let scope = scopes.get(usize::from(scope)).cloned().ok_or(Refusal::WrongScope);
                let read = scope.and_then(|scope| {
                    Candidate::read(
                        position,
                        record,
                        scope,
                        &bytes,
                        Some(device.clone()),
                        Some(&actors),
                        zone,
                    )
                });
                match read {
                    Err(refusal) => batch.receipts[position] = Some(Receipt::Refused(refusal)),
                    Ok(candidate) => match seen.entry(candidate.name()) {
                        Entry::Occupied(earlier) => batch.copies.push((position, *earlier.get())),
                        Entry::Vacant(first) => {
                            first.insert(position);
                            batch.open.push(Arc::new(candidate));
                        }
                    },
                }
            }
            batch
        };
        self.threads.run(read).await
    }

    /// Registers the actors of refused changes to the device, as far as they are nobody's: a phone may have taken a new one
    /// before it was ever in contact under the last. True if there were any.
    async fn register_writers(&self, device: &Device, request: &SyncRequest, batch: &Batch) -> Result<bool> {
        let foreign = Some(Receipt::Refused(Refusal::ForeignActor));
        let pushed = request.push.iter().zip(&batch.receipts).filter(|(_, receipt)| **receipt == foreign);
        let pushed: Vec<Vec<u8>> = pushed.map(|(Push(.., bytes), _)| bytes.clone()).collect();
        if pushed.is_empty() {
            return Ok(false);
        }
        let read = move || pushed.iter().filter_map(|bytes| Some(gate::read(bytes).ok()?.actor())).collect();
        let actors: BTreeSet<ActorId> = self.threads.run(read).await?;
        let mut new = false;
        for actor in actors.into_iter().take(WRITERS) {
            let registered = self.db.register_actor(actor, &device.id, self.surroundings.now()).await?;
            new |= registered == Registered::New;
        }
        Ok(new)
    }

    /// Gives what is in the log already its receipt again: a retry is blind.
    async fn mark_known(&self, batch: &mut Batch) -> Result<()> {
        let asked: Vec<_> = batch.open.iter().map(|candidate| candidate.name()).collect();
        let known = self.db.known(&asked).await?;
        let known: BTreeMap<_, _> =
            known.into_iter().map(|known| ((known.hash, known.record), known.seq)).collect();
        for candidate in &batch.open {
            if let Some(seq) = known.get(&(candidate.change.hash(), candidate.record)) {
                batch.receipts[candidate.position] = Some(Receipt::Known(*seq));
            }
        }
        Ok(())
    }

    /// Tries candidates on what is held now.
    pub(super) async fn admit(&self, candidates: &[Arc<Candidate>], voucher: Voucher) -> Result<Admission> {
        let records: BTreeSet<RecordId> = candidates.iter().map(|candidate| candidate.record).collect();
        let records: Vec<RecordId> = records.into_iter().collect();
        let about: Vec<RecordId> = candidates.iter().flat_map(|candidate| candidate.ties()).collect();
        let about_new = candidates.iter().filter_map(|candidate| candidate.about());
        let concerned: BTreeSet<RecordId> = about_new.chain(records.clone()).collect();
        let erased = self.db.erased(&Vec::from_iter(concerned.iter().copied())).await?;
        let mut gone: BTreeSet<RecordId> = erased.into_iter().collect();
        let held = self.db.held(&records).await?;
        let places: Places = self.db.scopes_of(&about).await?.into_iter().collect();
        let listed = self.db.listed(&elsewhere(candidates, &held, &places)).await?;
        let listed =
            listed.into_iter().map(|one| ((one.record, one.scope), one.hashes.into_iter().collect()));
        let listed = listed.collect();
        let candidates = candidates.to_vec();
        let zone = self.zone();
        let known = Known { held, places, listed, erased: gone.clone() };
        let mut admission =
            self.threads.run(move || admission::admit(&candidates, known, &voucher, zone)).await?;
        // Known only now: what a record has come to be about.
        let mut subjects = admission.subjects();
        subjects.retain(|subject| !concerned.contains(subject));
        if !subjects.is_empty() {
            gone.extend(self.db.erased(&subjects).await?);
        }
        admission.refuse_about(&gone);
        Ok(admission)
    }

    /// Appends what was admitted and writes down what became of each position.
    pub(super) async fn settle(
        &self,
        admission: Admission,
        access: Option<u64>,
        receipts: &mut [Option<Receipt>],
    ) -> Result<Settled> {
        for (scope, admitted) in admission.admitted {
            if admitted.arrivals.is_empty() {
                continue;
            }
            let append = Append {
                scope: scope.clone(),
                access,
                at: self.surroundings.now(),
                arrivals: admitted.arrivals,
                updates: admitted.updates,
            };
            match self.db.append(append).await? {
                Appended::Done(seqs) => {
                    self.news.tell(News::Records(scope));
                    for (position, seq) in admitted.positions.into_iter().zip(seqs) {
                        receipts[position] = Some(Receipt::Accepted(seq));
                    }
                }
                Appended::Stale => return Ok(Settled::Stale),
                Appended::AccessChanged => return Ok(Settled::AccessChanged),
            }
        }
        // A refusal counts only on a state that held until everything else was appended.
        for (position, refusal) in admission.refused {
            receipts[position] = Some(Receipt::Refused(refusal));
        }
        Ok(Settled::All)
    }

    /// Keeps refused changes with their reasons.
    async fn keep_aside(&self, device: &Device, request: &SyncRequest, receipts: &[Receipt]) -> Result<()> {
        let at = self.surroundings.now();
        let mut refused = Vec::new();
        for (Push(record, scope, bytes), receipt) in request.push.iter().zip(receipts) {
            let Receipt::Refused(reason) = receipt else { continue };
            tracing::info!(device = %device.id, %record, %reason, "change refused");
            if *reason == Refusal::Erased {
                // Nothing of an erased record is kept, for study either.
                continue;
            }
            refused.push(Quarantined {
                digest: Sha256::digest(bytes).into(),
                record: *record,
                scope: request.cursors.get(usize::from(*scope)).map(|cursor| cursor.scope.clone()),
                device: device.id.clone(),
                reason: *reason,
                bytes: bytes.clone(),
                at,
            });
        }
        if refused.is_empty() { Ok(()) } else { self.db.quarantine(refused).await }
    }
}

/// Records that do not live in the scope that a change of them, or a new record about them, names.
fn elsewhere(candidates: &[Arc<Candidate>], held: &[Held], places: &Places) -> Vec<(RecordId, ScopeId)> {
    let homes: BTreeMap<RecordId, &ScopeId> = held.iter().map(|held| (held.id, &held.scope)).collect();
    let mut pairs = BTreeSet::new();
    for candidate in candidates {
        let home = |id: &RecordId| homes.get(id).copied().or_else(|| Some(&places.get(id)?.0));
        for id in candidate.ties().into_iter().chain([candidate.record]) {
            if home(&id).is_some_and(|home| *home != candidate.scope) {
                pairs.insert((id, candidate.scope.clone()));
            }
        }
    }
    pairs.into_iter().collect()
}

/// How far a batch got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Settled {
    /// Every change is decided.
    All,
    /// Another request touched a record meanwhile.
    Stale,
    /// Permissions changed meanwhile.
    AccessChanged,
}
