//! Driving an exchange with the server: the session's pure steps, joined to the store.
//!
//! [`Workbook::sync`] may be dropped at any await: what was committed is kept, and the next one resumes.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use super::Workbook;
use super::enrolment::{Enrolment, Joining};
use super::leaving::{HandedIn, Phase};
use super::prepare::Preparer;
use crate::clock::Instant;
use crate::error::{Error, Result};
use crate::id::{ActorId, RecordId, ScopeId};
use crate::key::Signer;
use crate::sync::protocol::SyncProtocol;
use crate::sync::session::Exchange;

/// How often a scope's log may turn out to be restored within one exchange; more is no restoration.
const RESTORATIONS: u32 = 3;

/// How far an exchange is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// Changes acknowledged so far.
    pub sent: u64,
    /// Changes of this phone still without a receipt.
    pub unsent: u64,
    /// Changes of others taken in so far.
    pub received: u64,
    /// Changes of others still waiting at the server.
    pub remaining: u64,
}

/// What an exchange did.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SyncReport {
    /// Changes that got their receipt.
    pub sent: u64,
    /// Changes of others that are new here.
    pub received: u64,
    /// Changes that wait until someone else has brought the server what they build on.
    pub held_back: u64,
    /// Records with a change that the server refused; each says why.
    pub refused: Vec<RecordId>,
    /// Changes of others that did not pass this phone's gate; they are in quarantine.
    pub quarantined: u64,
    /// Records that were erased for good, with what was about them.
    pub erased: Vec<RecordId>,
    /// Records that were handed over: they came, left, or moved from one scope of this phone to another.
    pub handed_over: Vec<RecordId>,
    /// Scopes that the person no longer sees and that were taken off this phone.
    pub dropped: Vec<ScopeId>,
    /// Changes given back to a server that had lost them.
    pub healed: u64,
    /// Round trips.
    pub round_trips: u32,
    /// Set if the phone was revoked: what it handed in before it wiped itself.
    pub handed_in: Option<HandedIn>,
}

impl SyncReport {
    fn add(&mut self, counted: SyncReport) {
        self.sent += counted.sent;
        self.held_back += counted.held_back;
        self.received += counted.received;
        self.quarantined += counted.quarantined;
        self.refused.extend(counted.refused);
        self.dropped.extend(counted.dropped);
        self.erased.extend(counted.erased);
        self.handed_over.extend(counted.handed_over);
        self.handed_over.sort_unstable();
        self.handed_over.dedup();
    }
}

/// What the phone remembers of its last contact.
pub(super) const CONTACT: &str = "contact";

/// How the phone stands towards its server.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Status {
    /// Whether the workbook can be worked with.
    pub phase: Phase,
    /// Whose phone it is, once enrolled.
    pub enrolment: Option<Enrolment>,
    /// Set while the phone works on an invitation alone.
    pub joining: Option<Joining>,
    /// Changes without a receipt.
    pub unsent: u64,
    /// Records of which the server holds every change.
    pub on_server: u64,
    /// When the server last answered an exchange, by this phone's clock.
    pub contact: Option<Instant>,
    /// Records with a change that the server refused.
    pub refused: u64,
    /// Records with two values in a field.
    pub conflicts: u64,
    /// Foreign changes in quarantine.
    pub quarantined: u64,
    /// Drafts.
    pub drafts: u64,
}

impl Status {
    /// A phone that holds nothing and has no place.
    fn of(phase: Phase) -> Self {
        Self {
            phase,
            enrolment: None,
            joining: None,
            unsent: 0,
            on_server: 0,
            contact: None,
            refused: 0,
            conflicts: 0,
            quarantined: 0,
            drafts: 0,
        }
    }
}

impl Workbook {
    /// What the device signs with, for the client that asks in its name.
    #[must_use]
    pub fn signer(&self) -> Arc<dyn Signer> {
        Arc::clone(&self.profile().signer)
    }

    /// Sends everything that has no receipt and takes in everything that is new, page by page. Each page is
    /// committed by itself, so an exchange that breaks off resumes where it stopped. The next page is asked
    /// for while the last one is stored. A phone that was revoked hands in what it had not sent and wipes
    /// itself; [`SyncReport::handed_in`] says so. An exchange that is under way is waited for ([`Workbook::turn`]).
    ///
    /// # Errors
    /// [`Error::Offline`], [`Error::Refused`], [`Error::Cancelled`], [`Error::Protocol`], or the store's
    /// failure. What was committed before is kept.
    pub async fn sync<P: SyncProtocol>(
        &self,
        protocol: &P,
        progress: impl FnMut(Progress),
    ) -> Result<SyncReport> {
        self.turn().await?.sync(protocol, progress).await
    }

    pub(super) async fn sync_in_turn<P: SyncProtocol>(
        &self,
        protocol: &P,
        progress: impl FnMut(Progress),
    ) -> Result<SyncReport> {
        match self.exchange(protocol, progress).await {
            Err(revoked @ Error::Revoked { .. }) => {
                let handed_in = Some(self.leave(protocol, revoked).await?);
                Ok(SyncReport { handed_in, ..SyncReport::default() })
            }
            result => result,
        }
    }

    async fn exchange<P: SyncProtocol>(
        &self,
        protocol: &P,
        mut progress: impl FnMut(Progress),
    ) -> Result<SyncReport> {
        let mut report = SyncReport::default();
        let mut echo = false;
        let mut healed: BTreeMap<ScopeId, u32> = BTreeMap::new();
        let mut healed_again = false;
        // Changes up to this row have been sent in this call; their receipts wait for a page to cover them.
        let mut sent_upto = 0;
        let mut waiting = Vec::new();
        let mut answered = None;
        let mut preparer = Preparer::default();
        let mut takes_reveals = false;
        loop {
            let mut incoming = match answered.take() {
                Some(answer) => answer?,
                None => {
                    let exchange = Exchange::new(self.situation(sent_upto, echo, waiting.len())?);
                    sent_upto = exchange.last_sent().unwrap_or(sent_upto);
                    report.round_trips += 1;
                    self.ask(protocol, exchange, std::mem::take(&mut waiting), &mut preparer).await?
                }
            };
            if incoming.news.echo_needed && echo {
                return Err(Error::Protocol("the server leaves out changes in spite of the echo".into()));
            }
            echo = incoming.news.echo_needed;
            takes_reveals |= !incoming.news.revealed.is_empty();
            waiting = std::mem::take(&mut incoming.news.waiting);
            let remaining = incoming.remaining();
            if let Some(next) = self.next_after(&incoming, sent_upto, waiting.len())? {
                sent_upto = next.last_sent().unwrap_or(sent_upto);
                report.round_trips += 1;
                let (answer, stored) = tokio::join!(
                    biased;
                    self.ask(protocol, next, std::mem::take(&mut waiting), &mut preparer),
                    async {
                        report.add(self.take_in(incoming).await?);
                        progress(self.progress(&report, remaining)?);
                        Ok::<_, Error>(())
                    }
                );
                stored?;
                answered = Some(answer);
                continue;
            }
            let (more, diverged) = (incoming.news.more, std::mem::take(&mut incoming.news.diverged));
            report.add(self.take_in(incoming).await?);
            progress(self.progress(&report, remaining)?);
            for scope in &diverged {
                let times = healed.entry(scope.clone()).or_default();
                *times += 1;
                if *times > RESTORATIONS {
                    return Err(Error::Protocol(format!("scope {scope} diverged again after recovery")));
                }
                report.healed += self.heal(protocol, scope, &mut report.round_trips).await?;
                report.held_back = 0;
                sent_upto = 0;
            }
            let unsent = self.read(|reader| reader.outgoing(sent_upto, 1, 0))?;
            // A server that took none does not know of them: they wait for its next version.
            let reveals = std::mem::take(&mut takes_reveals)
                && !self.read(|reader| reader.unsent_reveals(1))?.is_empty();
            if more || echo || !diverged.is_empty() || !unsent.is_empty() || reveals {
                continue;
            }
            if !waiting.is_empty() {
                return Err(Error::Protocol(
                    "the server acknowledged changes that its log does not show".into(),
                ));
            }
            if !healed_again && !self.read(|reader| reader.scopes_with_past())?.is_empty() {
                healed_again = true;
                report.healed += self.heal_again(protocol, &mut report.round_trips).await?;
                sent_upto = 0;
                continue;
            }
            let rescued = self.rescue_past_actors()?;
            report.refused.retain(|id| !rescued.contains(id));
            if !rescued.is_empty() {
                sent_upto = 0;
                continue;
            }
            return Ok(report);
        }
    }

    /// How the phone stands towards its server. A phone that was wiped says so, and holds nothing.
    ///
    /// # Errors
    /// The store's failure.
    pub fn status(&self) -> Result<Status> {
        if self.phase() == Phase::Wiped {
            return Ok(Status::of(Phase::Wiped));
        }
        let (enrolment, joining) = (self.enrolment(), self.joining());
        self.read(|reader| {
            Ok(Status {
                phase: self.phase(),
                enrolment,
                joining,
                unsent: reader.unsent_count()?,
                on_server: reader.on_server_count()?,
                contact: reader.meta(CONTACT)?,
                refused: reader.refused_count()?,
                conflicts: reader.in_conflict_count()?,
                quarantined: reader.quarantined_count()?,
                drafts: reader.drafts()?.len() as u64,
            })
        })
    }

    /// Why the server refused changes of a record; words for each are under `refusal`.
    ///
    /// # Errors
    /// [`Error::NoSuchRecord`], or the store's failure.
    pub fn refusals(&self, id: RecordId) -> Result<Vec<String>> {
        self.read(|reader| {
            let found = reader.find(&id)?.ok_or(Error::NoSuchRecord(id))?;
            reader.refusals_of(found.n)
        })
    }

    /// The actor under which this phone writes now.
    #[must_use]
    pub fn actor(&self) -> ActorId {
        self.profile().actor
    }

    pub(super) fn progress(&self, report: &SyncReport, remaining: u64) -> Result<Progress> {
        let unsent = self.read(|reader| reader.unsent_count())?;
        Ok(Progress { sent: report.sent, unsent, received: report.received, remaining })
    }
}
