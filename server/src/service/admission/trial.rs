//! One record while changes are tried on it: what it was, what passed, and the row that comes of it.

use std::sync::Arc;

use gridbook_core::clock::Zone;
use gridbook_core::doc::{Document, ParsedChange};
use gridbook_core::gate::{self, Refusal};
use gridbook_core::id::{ChangeHash, RecordId, ScopeId};
use gridbook_core::model::{Action, Kind, Scalar};

use super::Candidate;
use super::around::Around;
use super::candidate::{Begun, Passed, project};
use super::voucher::Voucher;
use crate::db::{Held, Row, Update};

/// The most changes of one record that devices may make: a hundred times what the busiest list gathers, and few enough
/// that a phone of 2 GB still opens it. Only the server asks; to phones that hold more it would be another verdict.
const HISTORY_LIMIT: usize = 10_000;

/// How a change was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// The record has it from now on.
    New,
    /// The record had it: only the log of the scope that was named lacks it.
    Held,
}

/// One record while changes are tried on it.
#[derive(Default)]
pub(super) struct Trial {
    pub(super) place: Option<(ScopeId, Kind)>,
    /// The held changes, until the document is built from them.
    held: Vec<Vec<u8>>,
    expected: usize,
    moves: u32,
    document: Option<Document>,
    /// The latest state that passed; `None` while nothing new did.
    passed: Option<Arc<Passed>>,
    /// Of a new record: where what it goes along with lives.
    ties: Vec<(RecordId, ScopeId)>,
    /// Of a new record: where it goes at once, because what it is about has.
    pub(super) follows: Option<ScopeId>,
}

impl Trial {
    pub(super) fn of(held: Held) -> Self {
        Self {
            place: Some((held.scope, held.kind)),
            expected: held.changes.len(),
            moves: held.moves,
            held: held.changes,
            ..Self::default()
        }
    }

    pub(super) fn take(
        &mut self,
        candidate: &Candidate,
        voucher: &Voucher,
        around: &Around,
        zone: Zone,
    ) -> Result<Taken, Refusal> {
        voucher.check_actor(candidate)?;
        let change = &candidate.change;
        let late = self.place.as_ref().is_some_and(|(home, _)| *home != candidate.scope);
        let begun = candidate.begun.as_ref().map(Result::as_ref).transpose().map_err(|refusal| *refusal)?;
        let kind = match (&self.place, &begun) {
            (Some((_, kind)), _) => *kind,
            (None, Some(begun)) => begun.passed.projection.header.kind,
            (None, None) => return Err(Refusal::MissingDependency),
        };
        voucher.check(candidate, kind)?;
        if late {
            self.require_seen(candidate, voucher, around)?;
            if self.holds(change.hash()) {
                return Ok(Taken::Held);
            }
        }
        if let Some(begun) = &begun {
            voucher.check_author(&begun.passed.projection)?;
            if begun.passed.projection.header.kind != kind {
                return Err(Refusal::NotARecord);
            }
        }
        let follows = around.moved_to(candidate, &candidate.scope).filter(|_| self.place.is_none());
        // A review stands where its record stands, or it would tell of it to others.
        let about = candidate.subject().and_then(|subject| around.places.get(&subject));
        if let Some((scope, subject)) = about {
            let home = self.place.as_ref().map_or(follows.as_ref(), |(home, _)| Some(home));
            if *scope != candidate.scope && home != Some(scope) {
                return Err(Refusal::WrongScope);
            }
            voucher.check_action(&candidate.scope, *subject, Action::Review)?;
        }
        let (passed, document) = match (begun, &self.place) {
            (Some(Begun { passed, document }), None) => {
                voucher.check_touches(change, kind, None)?;
                if passed.projection.header.voided.is_some() {
                    voucher.check_action(&candidate.scope, kind, Action::Void)?;
                }
                (Arc::clone(passed), document.clone())
            }
            _ => self.extend(candidate, kind, voucher, zone)?,
        };
        if document.is_none() {
            self.held = vec![change.bytes().to_vec()];
        }
        self.document = document;
        if self.place.is_none() {
            let home = |tie: RecordId| around.places.get(&tie).map(|(home, _)| (tie, home.clone()));
            self.ties = candidate.ties().into_iter().filter_map(home).collect();
            self.follows = follows;
            self.place = Some((candidate.scope.clone(), kind));
        }
        self.passed = Some(passed);
        Ok(Taken::New)
    }

    /// Refuses late work on a record that never lived in the scope that its sender names, or that builds on what
    /// could not be seen there. What this server gave out itself needs no such proof.
    fn require_seen(&self, candidate: &Candidate, voucher: &Voucher, around: &Around) -> Result<(), Refusal> {
        if matches!(voucher, Voucher::Server { .. }) {
            return Ok(());
        }
        let listed = around.listed(candidate.record, &candidate.scope).ok_or(Refusal::WrongScope)?;
        if candidate.change.deps().all(|dependency| listed.contains(&dependency)) {
            Ok(())
        } else {
            Err(Refusal::MissingDependency)
        }
    }

    fn holds(&self, hash: ChangeHash) -> bool {
        match &self.document {
            Some(document) => document.changes().iter().any(|change| change.hash() == hash),
            None => self.held.iter().any(|bytes| gate::hash_of(bytes) == hash),
        }
    }

    /// Tries a change on top of what is held.
    fn extend(
        &mut self,
        candidate: &Candidate,
        kind: Kind,
        voucher: &Voucher,
        zone: Zone,
    ) -> Result<(Arc<Passed>, Option<Document>), Refusal> {
        let change = &candidate.change;
        let document = match self.document.take() {
            Some(document) => document,
            None => gate::build(&self.held)?,
        };
        let full = matches!(voucher, Voucher::Device { .. }) && document.change_count() >= HISTORY_LIMIT;
        let before = document.fields();
        let own = voucher.check_touches(change, kind, Some(&document));
        let tried = own.and_then(|()| {
            if full { Err(Refusal::TooLarge) } else { gate::admit(Some(document.clone()), change) }
        });
        let document = self.document.insert(document);
        let admitted = tried?;
        let projection = project(&admitted.state, zone)?;
        let after = &admitted.state.fields;
        if before.get("voided") != after.get("voided") {
            voucher.check_action(&candidate.scope, kind, Action::Void)?;
        }
        let author = after.get("author");
        let kept = match &candidate.begun {
            // Two phones make the same list of a template offline; all else is begun by its author alone, or whoever may
            // write it could begin it again in their own name.
            Some(begun) => {
                let named = before.get("author").and_then(Scalar::as_text);
                let begins = begun.as_ref().ok().map(|begun| begun.passed.projection.header.author.as_str());
                candidate.record.is_derived() || named == begins
            }
            None => {
                before.get("kind") == after.get("kind")
                    && (kind != Kind::Review || before.get("subject") == after.get("subject"))
                    && (before.get("author") == author || began(document, author))
            }
        };
        if !kept {
            return Err(Refusal::NotARecord);
        }
        Ok((Arc::new(Passed { state: admitted.state, projection }), admitted.document))
    }

    pub(super) fn finish(self, id: RecordId) -> Option<(ScopeId, Update)> {
        let ((scope, kind), passed) = (self.place?, self.passed?);
        let Passed { state, projection } = &*passed;
        let header = &projection.header;
        let row = Row {
            id,
            kind,
            scope: scope.clone(),
            grid: header.grid.clone(),
            author: header.author.clone(),
            day: projection.day,
            occurred_at: header.occurred_at,
            created: state.created,
            updated: state.updated,
            voided: header.voided.is_some(),
            conflicts: state.conflicts,
            building: projection.content.building().map(str::to_owned),
            subject: projection.content.subject(),
            fingerprint: state.version.fingerprint(),
            json: projection.json.clone(),
        };
        let (expected, moves, ties, follows) = (self.expected, self.moves, self.ties, self.follows);
        Some((scope, Update { expected, moves, ties, follows, row }))
    }
}

/// True if one of the document's first changes names this author: where two people began the same record
/// side by side, an edit may settle on either, and on nobody else.
fn began(document: &Document, author: Option<&Scalar>) -> bool {
    let firsts = document.changes().into_iter().filter(ParsedChange::is_first);
    firsts.into_iter().any(|first| {
        let state = gate::admit_first(&first).map(|admitted| admitted.state).ok();
        state.is_some_and(|state| state.fields.get("author") == author)
    })
}
