//! `POST /v1/recover`: a server that was restored from an older backup gets back what phones still hold.
//!
//! Seals prove that this server had acknowledged a run of changes, so what is given back needs no author
//! and no permission; it still passes the gate.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gridbook_core::gate::{Refusal, hash_of};
use gridbook_core::id::{Chain, ChangeHash, DeviceId, ScopeId};
use gridbook_core::model::ScopeKind;
use gridbook_core::sync::notice::{Notice, Says};
use gridbook_core::sync::protocol::{
    FailureCode, PUSH_CHANGES, Pulled, Receipt, RecoverRequest, RecoverResponse, Span,
};
use gridbook_core::sync::recovery::POINTS;
use sha2::{Digest, Sha256};

use super::admission::{Candidate, Voucher};
use super::push::{Settled, TRIES};
use super::{Access, Service};
use crate::db::{Device, Erase, Quarantined, Redone};
use crate::error::{Error, Result};

impl Service {
    /// One step of recovery with a device whose proof was checked.
    ///
    /// # Errors
    /// [`Error::Refused`]: a scope the device may not see, a seal or chain that is not this server's.
    pub async fn recover(&self, device: &DeviceId, request: RecoverRequest) -> Result<RecoverResponse> {
        let device = self.active(device).await?;
        let access = self.access_of(&device).await?;
        match request {
            RecoverRequest::Find { scope, points } => {
                require_scope(&access, &scope)?;
                self.find(&scope, points).await
            }
            RecoverRequest::Offer { span } => {
                self.require_sealed(&access, &span)?;
                // One that is held by way of another scope is listed here again once it is given back.
                let held = self.db.listed_hashes(&span.scope, &span.hashes).await?;
                let lacking = (0_u32..).zip(held).filter(|(_, held)| !held);
                Ok(RecoverResponse::Wanted { positions: lacking.map(|(position, _)| position).collect() })
            }
            RecoverRequest::Give { span, changes } => {
                let kind = self.require_sealed(&access, &span)?;
                self.give(&device, access.version(), span, kind, changes).await
            }
        }
    }

    async fn find(&self, scope: &ScopeId, points: Vec<(u64, Chain)>) -> Result<RecoverResponse> {
        if points.len() > POINTS {
            return Err(Error::refused(FailureCode::TooLarge, format!("points: at most {POINTS}")));
        }
        for (seq, chain) in points {
            if self.db.chain_at(scope, seq).await? == Some(chain) {
                return Ok(RecoverResponse::Found { seq, chain });
            }
        }
        Ok(RecoverResponse::Found { seq: 0, chain: Chain::START })
    }

    /// Checks that this server sealed both ends of the run, and that the hashes lead from one to the other.
    fn require_sealed(&self, access: &Access, span: &Span) -> Result<ScopeKind> {
        let kind = require_scope(access, &span.scope)?;
        let bad = |detail: &str| Err(Error::refused(FailureCode::BadRequest, detail));
        let sealed = span.from.iter().chain([&span.to]).all(|place| self.sealed(&span.scope, place));
        if !sealed {
            return bad("span: a seal is not this server's");
        }
        let (seq, chain) = span.from.as_ref().map_or((0, Chain::START), |from| (from.seq, from.chain));
        if seq.checked_add(span.hashes.len() as u64) != Some(span.to.seq) {
            return bad("span: to.seq - from.seq hashes are expected");
        }
        if span.hashes.iter().fold(chain, |chain, hash| chain.append(hash)) != span.to.chain {
            return bad("span: the hashes do not lead from one chain to the other");
        }
        Ok(kind)
    }

    async fn give(
        &self,
        device: &Device,
        access: u64,
        span: Span,
        kind: ScopeKind,
        changes: Vec<Pulled>,
    ) -> Result<RecoverResponse> {
        if changes.len() > PUSH_CHANGES {
            return Err(Error::refused(FailureCode::TooLarge, format!("changes: at most {PUSH_CHANGES}")));
        }
        let acknowledged: BTreeSet<ChangeHash> = span.hashes.iter().copied().collect();
        let mut given = Given::default();
        let mut candidates = Vec::new();
        let mut early = Vec::new();
        for (position, Pulled(record, bytes)) in changes.iter().enumerate() {
            if let Some(notice) = Notice::read(bytes).filter(|_| acknowledged.contains(&hash_of(bytes))) {
                // In the order of the log: what stands before it is taken first.
                let before = std::mem::take(&mut candidates);
                given.receipts.extend(self.vouch(device, access, before, &span.scope, kind).await?);
                if !self.redo(&span.scope, &notice, bytes, &mut given).await? {
                    early.push((notice, bytes));
                }
                continue;
            }
            let read = Candidate::read(position, *record, span.scope.clone(), bytes, None, None, self.zone());
            match read {
                Ok(candidate) if !acknowledged.contains(&candidate.change.hash()) => {
                    let detail = "changes: one is not among the span's hashes";
                    return Err(Error::refused(FailureCode::BadRequest, detail));
                }
                Ok(mut candidate) => {
                    let actor = self.db.actor(&candidate.change.actor()).await?;
                    candidate.device = actor.and_then(|actor| actor.device);
                    candidates.push(Arc::new(candidate));
                }
                Err(reason) => given.refused.push((position, reason)),
            }
        }
        given.receipts.extend(self.vouch(device, access, candidates, &span.scope, kind).await?);
        for (notice, bytes) in early {
            // Its record's changes came after it; a phone that has them in another run offers it again.
            self.redo(&span.scope, &notice, bytes, &mut given).await?;
        }
        let Given { receipts, mut refused, noticed, erased } = given;
        if !erased.is_empty() {
            // What was begun about them meanwhile; of what was here before, the run has notices of its own.
            self.db.erase_about(erased).await?;
            self.forget_erased_in_box().await?;
            self.db.scrub().await?;
        }
        refused.extend(receipts.iter().filter_map(|(position, receipt)| match receipt {
            Receipt::Refused(reason) => Some((*position, *reason)),
            _ => None,
        }));
        self.keep_given(device, &span.scope, &changes, refused).await?;
        let taken = receipts.iter().filter(|(_, receipt)| matches!(receipt, Receipt::Accepted(_))).count();
        let taken = taken + noticed;
        tracing::info!(device = %device.id, scope = %span.scope, taken, "changes given back");
        self.metrics.recovered(taken);
        Ok(RecoverResponse::Taken { count: u32::try_from(taken).unwrap_or(u32::MAX) })
    }

    /// What this server had told in a log before it was restored, it does again; false if the record that it
    /// is about is not here yet.
    async fn redo(&self, scope: &ScopeId, notice: &Notice, bytes: &[u8], given: &mut Given) -> Result<bool> {
        let now = self.surroundings.now();
        match notice.says {
            Says::Erased { why } => {
                if self.db.erase_again(scope, bytes, now).await? {
                    given.noticed += 1;
                    given.erased.push(Erase { record: notice.record, why, who: None, at: now });
                }
            }
            Says::Moved(_) => match self.db.hand_over_again(scope, bytes, now).await? {
                Redone::Done => given.noticed += 1,
                Redone::Known => {}
                Redone::Unknown => return Ok(false),
            },
        }
        Ok(true)
    }

    async fn keep_given(
        &self,
        device: &Device,
        scope: &ScopeId,
        changes: &[Pulled],
        refused: Vec<(usize, Refusal)>,
    ) -> Result<()> {
        let at = self.surroundings.now();
        let kept: Vec<_> = refused
            .into_iter()
            .filter(|(_, reason)| *reason != Refusal::Erased)
            .map(|(position, reason)| Quarantined {
                digest: Sha256::digest(&changes[position].1).into(),
                record: changes[position].0,
                scope: Some(scope.clone()),
                device: device.id.clone(),
                reason,
                bytes: changes[position].1.clone(),
                at,
            })
            .collect();
        if kept.is_empty() { Ok(()) } else { self.db.quarantine(kept).await }
    }

    /// Takes changes that the server itself answers for; a receipt a candidate.
    ///
    /// The device that brought them was checked at `access`: after its revocation none is taken.
    async fn vouch(
        &self,
        device: &Device,
        access: u64,
        candidates: Vec<Arc<Candidate>>,
        scope: &ScopeId,
        kind: ScopeKind,
    ) -> Result<Vec<(usize, Receipt)>> {
        let mut access = access;
        let mut decided = Vec::new();
        let mut open = candidates;
        let size = open.iter().map(|candidate| candidate.position + 1).max().unwrap_or(0);
        for _ in 0..TRIES {
            if open.is_empty() {
                break;
            }
            let names: Vec<_> = open.iter().map(|candidate| candidate.name()).collect();
            let known = self.db.known(&names).await?.into_iter();
            let known: BTreeMap<_, _> = known.map(|known| ((known.hash, known.record), known.seq)).collect();
            let name = |candidate: &Candidate| (candidate.change.hash(), candidate.record);
            let (here, lacking): (Vec<_>, Vec<_>) =
                open.into_iter().partition(|candidate| known.contains_key(&name(candidate)));
            let again = here.iter().map(|one| (one.position, Receipt::Known(known[&name(one)])));
            decided.extend(again);
            let voucher = Voucher::Server { kinds: [(scope.clone(), kind)].into() };
            let admission = self.admit(&lacking, voucher).await?;
            let mut receipts = vec![None; size];
            if self.settle(admission, Some(access), &mut receipts).await? == Settled::AccessChanged {
                access = self.db.versions().await?.access;
                self.active(&device.id).await?;
            }
            open = lacking;
            open.retain(|candidate| receipts[candidate.position].is_none());
            let settled = receipts.into_iter().enumerate();
            decided.extend(settled.filter_map(|(position, receipt)| Some((position, receipt?))));
        }
        if !open.is_empty() {
            let detail = "others are writing the same records; send it again";
            return Err(Error::refused(FailureCode::Busy, detail));
        }
        decided.sort_by_key(|(position, _)| *position);
        Ok(decided)
    }
}

/// What came of what a phone gave back.
#[derive(Default)]
struct Given {
    receipts: Vec<(usize, Receipt)>,
    refused: Vec<(usize, Refusal)>,
    /// Notices that were obeyed again.
    noticed: usize,
    /// What was erased again.
    erased: Vec<Erase>,
}

fn require_scope(access: &Access, scope: &ScopeId) -> Result<ScopeKind> {
    let held = access.scope(scope).map(|scope| scope.kind);
    held.ok_or_else(|| Error::refused(FailureCode::NotFound, "no such scope"))
}
