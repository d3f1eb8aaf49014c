//! Where other records live, as far as a change on one record depends on it; grows while changes are admitted.

use std::collections::{BTreeMap, BTreeSet};

use gridbook_core::id::{ChangeHash, RecordId, ScopeId};

use super::trial::Trial;
use super::{Candidate, Places};

/// What is known beside the record that is being tried, growing with what was admitted.
pub(super) struct Around {
    pub(super) places: Places,
    pub(super) listed: BTreeMap<(RecordId, ScopeId), BTreeSet<ChangeHash>>,
    /// New records that follow what they are about to another scope.
    pub(super) following: BTreeMap<RecordId, ScopeId>,
}

impl Around {
    /// What the log of `scope` lists of a record that lives elsewhere; `None` if it never lived there.
    pub(super) fn listed(&self, record: RecordId, scope: &ScopeId) -> Option<&BTreeSet<ChangeHash>> {
        self.listed.get(&(record, scope.clone()))
    }

    /// The scope to which everything that a new record goes along with has moved from `scope`, if it all has.
    pub(super) fn moved_to(&self, record: &Candidate, scope: &ScopeId) -> Option<ScopeId> {
        let moved = |tie: &RecordId| match self.following.get(tie) {
            Some(home) => Some(home),
            None => {
                let (home, _) = self.places.get(tie)?;
                (home != scope && self.listed(*tie, scope).is_some()).then_some(home)
            }
        };
        let ties = record.ties();
        let home = moved(ties.first()?)?;
        ties.iter().all(|tie| moved(tie) == Some(home)).then(|| home.clone())
    }

    pub(super) fn note(&mut self, candidate: &Candidate, trial: &Trial) {
        self.places.extend(trial.place.clone().map(|place| (candidate.record, place)));
        self.following.extend(trial.follows.clone().map(|home| (candidate.record, home)));
        if let Some(listed) = self.listed.get_mut(&(candidate.record, candidate.scope.clone())) {
            // What builds on it may come late too.
            listed.insert(candidate.change.hash());
        }
    }
}
