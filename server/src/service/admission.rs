//! Tries changes on the records they touch: the gate's rules, then permission, then the record's own shape.
//!
//! Pure: what is held comes in, verdicts and rows go out. One bad change refuses itself, and through the
//! gate's own rule whatever builds on it; everything else goes on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gridbook_core::clock::Zone;
use gridbook_core::doc::{Document, ParsedChange, State};
use gridbook_core::gate::{self, Refusal};
use gridbook_core::id::{ActorId, ChangeHash, DeviceId, PersonId, RecordId, ScopeId};
use gridbook_core::model::{Action, Kind, Projection, Scalar, ScopeKind, lives_in, may_touch, ties};

use super::Access;
use crate::db::{Arrival, Held, Row, Update};

/// The most changes of one record that devices may make: a hundred times what the busiest list gathers, and few enough
/// that a phone of 2 GB still opens it. Only the server asks; to phones that hold more it would be another verdict.
const HISTORY_LIMIT: usize = 10_000;

/// One change that could be read, on its way in.
pub(super) struct Candidate {
    /// Where it stands in the request.
    pub(super) position: usize,
    pub(super) record: RecordId,
    pub(super) scope: ScopeId,
    pub(super) change: ParsedChange,
    /// The device it is attributed to, if known.
    pub(super) device: Option<DeviceId>,
    /// For a first change: what it makes of the record by itself.
    begun: Option<Result<Begun, Refusal>>,
}

/// A record as its first change alone has it. A batch may be tried again, so what it says is shared.
struct Begun {
    passed: Arc<Passed>,
    document: Option<Document>,
}

/// What a record says after a change that passed.
struct Passed {
    state: State,
    projection: Projection,
}

impl Candidate {
    /// Reads bytes as a change, through the gate's first look; one that none of `actors` wrote, where they are known,
    /// is looked at no further.
    pub(super) fn read(
        position: usize,
        record: RecordId,
        scope: ScopeId,
        bytes: &[u8],
        device: Option<DeviceId>,
        actors: Option<&BTreeSet<ActorId>>,
        zone: Zone,
    ) -> Result<Self, Refusal> {
        let change = gate::read(bytes)?;
        if actors.is_some_and(|actors| !actors.contains(&change.actor())) {
            return Err(Refusal::ForeignActor);
        }
        let begun = change.is_first().then(|| begin(&change, zone));
        Ok(Self { position, record, scope, change, device, begun })
    }

    /// The change in the record, and the scope that its sender named: what a receipt is for.
    pub(super) fn name(&self) -> (ChangeHash, RecordId, ScopeId) {
        (self.change.hash(), self.record, self.scope.clone())
    }

    /// What a new record goes along with, should that be handed over.
    pub(super) fn ties(&self) -> Vec<RecordId> {
        let begun = self.begun.as_ref().and_then(|begun| begun.as_ref().ok());
        begun.map(|begun| ties(&begun.passed.projection.content)).unwrap_or_default()
    }

    /// The record that a new one is about, whatever its kind.
    pub(super) fn about(&self) -> Option<RecordId> {
        self.begun.as_ref()?.as_ref().ok()?.passed.projection.content.subject()
    }

    /// The record that a new review is about.
    pub(super) fn subject(&self) -> Option<RecordId> {
        let Projection { header, content, .. } = &self.begun.as_ref()?.as_ref().ok()?.passed.projection;
        (header.kind == Kind::Review).then(|| content.subject())?
    }
}

/// Who answers for the changes.
pub(super) enum Voucher {
    /// A device: its person must be allowed to, and is the author of what it begins.
    Device { person: PersonId, actors: BTreeSet<ActorId>, access: Access },
    /// The server itself: it took these once before, or wrote them.
    Server { kinds: BTreeMap<ScopeId, ScopeKind> },
}

impl Voucher {
    /// Refuses what may not be written there, before any document is looked at.
    fn check(&self, candidate: &Candidate, kind: Kind) -> Result<(), Refusal> {
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
    fn check_action(&self, scope: &ScopeId, kind: Kind, action: Action) -> Result<(), Refusal> {
        match self {
            Voucher::Device { access, .. } if !access.may(scope, kind, action) => Err(Refusal::NotPermitted),
            _ => Ok(()),
        }
    }

    fn check_actor(&self, candidate: &Candidate) -> Result<(), Refusal> {
        match self {
            Voucher::Device { actors, .. } if !actors.contains(&candidate.change.actor()) => {
                Err(Refusal::ForeignActor)
            }
            _ => Ok(()),
        }
    }

    /// Refuses what is written in another's name: on the record that is held, or in one that is begun.
    fn check_touches(
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

    fn check_author(&self, begun: &Projection) -> Result<(), Refusal> {
        match self {
            Voucher::Device { person, .. } if begun.header.author != *person => Err(Refusal::NotARecord),
            _ => Ok(()),
        }
    }
}

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

/// What is known beside the record that is being tried, growing with what was admitted.
struct Around {
    places: Places,
    listed: BTreeMap<(RecordId, ScopeId), BTreeSet<ChangeHash>>,
    /// New records that follow what they are about to another scope.
    following: BTreeMap<RecordId, ScopeId>,
}

impl Around {
    /// What the log of `scope` lists of a record that lives elsewhere; `None` if it never lived there.
    fn listed(&self, record: RecordId, scope: &ScopeId) -> Option<&BTreeSet<ChangeHash>> {
        self.listed.get(&(record, scope.clone()))
    }

    /// The scope to which everything that a new record goes along with has moved from `scope`, if it all has.
    fn moved_to(&self, record: &Candidate, scope: &ScopeId) -> Option<ScopeId> {
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

    fn note(&mut self, candidate: &Candidate, trial: &Trial) {
        self.places.extend(trial.place.clone().map(|place| (candidate.record, place)));
        self.following.extend(trial.follows.clone().map(|home| (candidate.record, home)));
        if let Some(listed) = self.listed.get_mut(&(candidate.record, candidate.scope.clone())) {
            // What builds on it may come late too.
            listed.insert(candidate.change.hash());
        }
    }
}

/// How a change was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Taken {
    /// The record has it from now on.
    New,
    /// The record had it: only the log of the scope that was named lacks it.
    Held,
}

/// One record while changes are tried on it.
#[derive(Default)]
struct Trial {
    place: Option<(ScopeId, Kind)>,
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
    follows: Option<ScopeId>,
}

impl Trial {
    fn of(held: Held) -> Self {
        Self {
            place: Some((held.scope, held.kind)),
            expected: held.changes.len(),
            moves: held.moves,
            held: held.changes,
            ..Self::default()
        }
    }

    fn take(
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
        let kept = change.is_first()
            || (before.get("kind") == after.get("kind")
                && (kind != Kind::Review || before.get("subject") == after.get("subject"))
                && (before.get("author") == author || began(document, author)));
        if !kept {
            return Err(Refusal::NotARecord);
        }
        Ok((Arc::new(Passed { state: admitted.state, projection }), admitted.document))
    }

    fn finish(self, id: RecordId) -> Option<(ScopeId, Update)> {
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

/// A first change by itself: what its author says the record is.
fn begin(change: &ParsedChange, zone: Zone) -> Result<Begun, Refusal> {
    let gate::Admitted { state, document } = gate::admit_first(change)?;
    let projection = project(&state, zone)?;
    Ok(Begun { passed: Arc::new(Passed { state, projection }), document })
}

fn project(state: &State, zone: Zone) -> Result<Projection, Refusal> {
    Projection::of(&state.fields, zone).map_err(|_| Refusal::NotARecord)
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
