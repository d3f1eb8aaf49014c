//! Giving a server that was restored from an old backup what it has lost.

use std::collections::BTreeMap;

use super::Workbook;
use super::edit::Operation;
use crate::error::{Error, Result};
use crate::id::{Chain, ScopeId};
use crate::store::{Reader, Run, ScopeCursor, Sealed};
use crate::sync::protocol::{
    Checkpoint, PUSH_BYTES, PUSH_CHANGES, Pulled, RecoverRequest, RecoverResponse, Span, SyncProtocol,
};
use crate::sync::recovery::{points, spans};

impl Workbook {
    /// Finds the last place of a scope's log that both ends hold, gives the server every sealed change after
    /// it that it lacks, and goes back to that place. Returns how many changes the server took.
    pub(super) async fn heal<P: SyncProtocol>(
        &self,
        protocol: &P,
        scope: &ScopeId,
        round_trips: &mut u32,
    ) -> Result<u64> {
        let checkpoints = self.read(|reader| reader.checkpoints(scope))?;
        let find = RecoverRequest::Find { scope: scope.clone(), points: points(&checkpoints) };
        *round_trips += 1;
        let RecoverResponse::Found { seq, chain } = self.shared.cancel.guard(protocol.recover(find)).await?
        else {
            return Err(Error::Protocol("find was not answered with found".into()));
        };
        if seq != 0 && !checkpoints.iter().any(|(known, at, _)| *known == seq && *at == chain) {
            return Err(Error::Protocol("the server found a place it was not asked about".into()));
        }
        let lost = self.read(|reader| runs(reader, scope, &checkpoints, seq))?;
        let earlier = self.read(|reader| reader.past_runs(scope))?;
        let mut healed = 0;
        for run in lost.iter().chain(&earlier) {
            healed += self.offer(protocol, scope, run, round_trips).await?;
        }
        let chain = if seq == 0 { Chain::START } else { chain };
        self.write(Operation::Sync, |edit| {
            lost.iter().try_for_each(|run| edit.writer.keep_run(scope, run))?;
            edit.writer.resend_reveals()?;
            edit.writer.rewind(&ScopeCursor { scope: scope.clone(), seq, chain })
        })?;
        tracing::info!(%scope, seq, healed, "server healed");
        Ok(healed)
    }

    /// Offers the runs of earlier recoveries that no page has covered by now: the server was restored once
    /// more before it could show them. Returns how many changes it took.
    pub(super) async fn heal_again<P: SyncProtocol>(
        &self,
        protocol: &P,
        round_trips: &mut u32,
    ) -> Result<u64> {
        let mut healed = 0;
        for scope in self.read(|reader| reader.scopes_with_past())? {
            for run in self.read(|reader| reader.past_runs(&scope))? {
                healed += self.offer(protocol, &scope, &run, round_trips).await?;
            }
        }
        Ok(healed)
    }

    async fn offer<P: SyncProtocol>(
        &self,
        protocol: &P,
        scope: &ScopeId,
        run: &Run,
        round_trips: &mut u32,
    ) -> Result<u64> {
        let checkpoint = |sealed: &Sealed| Checkpoint { seq: sealed.0, chain: sealed.1, seal: sealed.2 };
        let from = run.from.as_ref().map(checkpoint);
        let span = Span { scope: scope.clone(), from, to: checkpoint(&run.to), hashes: run.hashes.clone() };
        *round_trips += 1;
        let offer = RecoverRequest::Offer { span: span.clone() };
        let RecoverResponse::Wanted { positions } = self.shared.cancel.guard(protocol.recover(offer)).await?
        else {
            return Err(Error::Protocol("offer was not answered with wanted".into()));
        };
        let mut taken = 0;
        let hash_at = |position: u32| run.hashes.get(position as usize).copied();
        let wanted: Option<Vec<_>> = positions.into_iter().map(hash_at).collect();
        let wanted = wanted.ok_or_else(|| Error::Protocol("a wanted position is not in the run".into()))?;
        let places = if wanted.is_empty() {
            BTreeMap::new()
        } else {
            self.read(|reader| reader.places_of(scope, &wanted.iter().copied().collect()))?
        };
        let mut wanted = wanted.into_iter().peekable();
        while wanted.peek().is_some() {
            let mut changes = Vec::new();
            let mut bytes = 0;
            while changes.len() < PUSH_CHANGES && bytes < PUSH_BYTES {
                let Some(hash) = wanted.next() else { break };
                let Some(n) = places.get(&hash) else { continue };
                let Some((id, change)) = self.read(|reader| reader.change_at(*n, &hash))? else { continue };
                bytes += change.len();
                changes.push(Pulled(id, change));
            }
            *round_trips += 1;
            let give = RecoverRequest::Give { span: span.clone(), changes };
            match self.shared.cancel.guard(protocol.recover(give)).await? {
                RecoverResponse::Taken { count } => taken += u64::from(count),
                _ => return Err(Error::Protocol("give was not answered with taken".into())),
            }
        }
        Ok(taken)
    }
}

/// The runs after the last common place that this phone holds whole.
fn runs(reader: &Reader<'_>, scope: &ScopeId, checkpoints: &[Sealed], common: u64) -> Result<Vec<Run>> {
    let mut runs = Vec::new();
    for (from, to) in spans(checkpoints, common) {
        let after = from.as_ref().map_or(0, |from| from.seq);
        let entries = reader.entries(scope, after, to.seq)?;
        if entries.len() as u64 != to.seq - after {
            // A run with a hole cannot be proved; another phone holds it whole.
            tracing::warn!(%scope, after, upto = to.seq, held = entries.len(), "run not offered");
            continue;
        }
        let sealed = |place: Checkpoint| (place.seq, place.chain, place.seal);
        let hashes = entries.into_iter().map(|(_, hash)| hash).collect();
        runs.push(Run { from: from.map(sealed), to: sealed(to), hashes });
    }
    Ok(runs)
}
