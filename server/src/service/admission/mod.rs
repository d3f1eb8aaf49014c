//! Tries changes on the records they touch: the gate's rules, then permission, then the record's own shape.
//!
//! Pure: what is held comes in, verdicts and rows go out. One bad change refuses itself, and through the
//! gate's own rule whatever builds on it; everything else goes on.

mod around;
mod candidate;
mod trial;
mod voucher;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gridbook_core::clock::Zone;
use gridbook_core::gate::Refusal;
use gridbook_core::id::{ChangeHash, RecordId, ScopeId};
use gridbook_core::model::Kind;

use crate::db::{Arrival, Held, Row, Update};
use around::Around;
pub(super) use candidate::Candidate;
use trial::{Taken, Trial};
pub(super) use voucher::Voucher;

/// Where records live, and their kinds.
pub(super) type Places = BTreeMap<RecordId, (ScopeId, Kind)>;

/// What is known of the records, and of those that they go along with, before the changes are tried.
#[derive(Default)]
pub(super) struct Known {
    /// The records that exist.
    pub(super) held: Vec<Held>,
    /// Where the records live that new ones go along with, and their kinds, as far as they exist.
    pub(super) places: Places,
    /// Where a record does not live in the scope that was named, but did once: what that scope's log lists of it.
    pub(super) listed: BTreeMap<(RecordId, ScopeId), BTreeSet<ChangeHash>>,
    /// Which of the records, and of those they are about, were erased.
    pub(super) erased: BTreeSet<RecordId>,
}

/// What came of it.
#[derive(Default)]
pub(super) struct Admission {
    /// By position: refused, or on the list of its scope.
    pub(super) refused: Vec<(usize, Refusal)>,
    /// By scope: positions and arrivals in order, and the records' new rows.
    pub(super) admitted: BTreeMap<ScopeId, Admitted>,
}

impl Admission {
    /// What the records are about that were admitted.
    pub(super) fn subjects(&self) -> Vec<RecordId> {
        let updates = self.admitted.values().flat_map(|admitted| &admitted.updates);
        updates.filter_map(|update| update.row.subject).collect()
    }

    /// Refuses the changes of records that have come to be about one that was erased.
    pub(super) fn refuse_about(&mut self, gone: &BTreeSet<RecordId>) {
        if gone.is_empty() {
            return;
        }
        for admitted in self.admitted.values_mut() {
            let about = |row: &Row| row.subject.is_some_and(|subject| gone.contains(&subject));
            let lost: BTreeSet<RecordId> = admitted
                .updates
                .iter()
                .filter(|update| about(&update.row))
                .map(|update| update.row.id)
                .collect();
            admitted.updates.retain(|update| !lost.contains(&update.row.id));
            let arrivals = std::mem::take(&mut admitted.arrivals);
            for (position, arrival) in std::mem::take(&mut admitted.positions).into_iter().zip(arrivals) {
                if lost.contains(&arrival.record) {
                    self.refused.push((position, Refusal::Erased));
                } else {
                    admitted.positions.push(position);
                    admitted.arrivals.push(arrival);
                }
            }
        }
    }
}

/// What may be appended to one scope's log.
#[derive(Default)]
pub(super) struct Admitted {
    pub(super) positions: Vec<usize>,
    pub(super) arrivals: Vec<Arrival>,
    pub(super) updates: Vec<Update>,
}

/// Tries `candidates` in order.
pub(super) fn admit(candidates: &[Arc<Candidate>], known: Known, voucher: &Voucher, zone: Zone) -> Admission {
    let mut records: BTreeMap<RecordId, Trial> =
        known.held.into_iter().map(|held| (held.id, Trial::of(held))).collect();
    let mut around = Around { places: known.places, listed: known.listed, following: BTreeMap::new() };
    let mut admission = Admission::default();
    for candidate in candidates {
        let gone = |id: &RecordId| known.erased.contains(id);
        if gone(&candidate.record) || candidate.about().as_ref().is_some_and(gone) {
            admission.refused.push((candidate.position, Refusal::Erased));
            continue;
        }
        let trial = records.entry(candidate.record).or_default();
        match trial.take(candidate, voucher, &around, zone) {
            Err(refusal) => admission.refused.push((candidate.position, refusal)),
            Ok(taken) => {
                around.note(candidate, trial);
                let home = trial.place.as_ref().map_or(&candidate.scope, |(home, _)| home);
                let admitted = admission.admitted.entry(home.clone()).or_default();
                admitted.positions.push(candidate.position);
                admitted.arrivals.push(Arrival {
                    hash: candidate.change.hash(),
                    record: candidate.record,
                    actor: candidate.change.actor(),
                    device: candidate.device.clone(),
                    named: (*home != candidate.scope).then(|| candidate.scope.clone()),
                    held: taken == Taken::Held,
                    bytes: candidate.change.bytes().to_vec(),
                });
            }
        }
    }
    for (id, trial) in records {
        if let Some((scope, update)) = trial.finish(id) {
            admission.admitted.entry(scope).or_default().updates.push(update);
        }
    }
    admission
}
