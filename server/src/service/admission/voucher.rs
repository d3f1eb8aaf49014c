//! Who answers for changes, and so what they may be: permission, before and beside the gate's own rules.

use std::collections::{BTreeMap, BTreeSet};

use gridbook_core::doc::{Document, ParsedChange};
use gridbook_core::gate::Refusal;
use gridbook_core::id::{ActorId, PersonId, ScopeId};
use gridbook_core::model::{Action, Kind, Projection, Scalar, ScopeKind, lives_in, may_touch};

use super::Candidate;
use crate::service::Access;

/// Who answers for the changes.
pub(in crate::service) enum Voucher {
    /// A device: its person must be allowed to, and is the author of what it begins.
    Device { person: PersonId, actors: BTreeSet<ActorId>, access: Access },
    /// The server itself: it took these once before, or wrote them.
    Server { kinds: BTreeMap<ScopeId, ScopeKind> },
}

impl Voucher {
    /// Refuses what may not be written there, before any document is looked at.
    pub(super) fn check(&self, candidate: &Candidate, kind: Kind) -> Result<(), Refusal> {
        match self {
            Voucher::Device { access, .. } => {
                let scope = access.scope(&candidate.scope).ok_or(Refusal::WrongScope)?;
                if !lives_in(kind, scope.kind) {
                    return Err(Refusal::WrongScope);
                }
                if access.may(&candidate.scope, kind, Action::Write) {
                    Ok(())
                } else {
                    Err(Refusal::NotPermitted)
                }
            }
            Voucher::Server { kinds } => {
                let kind_of = kinds.get(&candidate.scope).ok_or(Refusal::WrongScope)?;
                if lives_in(kind, *kind_of) { Ok(()) } else { Err(Refusal::WrongScope) }
            }
        }
    }

    /// Refuses an action beyond writing: withdrawing a record, or marking one.
    pub(super) fn check_action(&self, scope: &ScopeId, kind: Kind, action: Action) -> Result<(), Refusal> {
        match self {
            Voucher::Device { access, .. } if !access.may(scope, kind, action) => Err(Refusal::NotPermitted),
            _ => Ok(()),
        }
    }

    pub(super) fn check_actor(&self, candidate: &Candidate) -> Result<(), Refusal> {
        match self {
            Voucher::Device { actors, .. } if !actors.contains(&candidate.change.actor()) => {
                Err(Refusal::ForeignActor)
            }
            _ => Ok(()),
        }
    }

    /// Refuses what is written in another's name: on the record that is held, or in one that is begun.
    pub(super) fn check_touches(
        &self,
        change: &ParsedChange,
        kind: Kind,
        held: Option<&Document>,
    ) -> Result<(), Refusal> {
        let Voucher::Device { person, .. } = self else { return Ok(()) };
        let own = |(path, value): &(String, Option<Scalar>)| match held {
            Some(document) => document.may_touch(kind, path, value.as_ref(), person),
            None => may_touch(kind, Some(person.as_str()), path, value.as_ref(), person),
        };
        let writes = change.writes().map_err(|_| Refusal::Malformed)?;
        if writes.iter().all(own) { Ok(()) } else { Err(Refusal::NotPermitted) }
    }

    pub(super) fn check_author(&self, begun: &Projection) -> Result<(), Refusal> {
        match self {
            Voucher::Device { person, .. } if begun.header.author != *person => Err(Refusal::NotARecord),
            _ => Ok(()),
        }
    }
}
