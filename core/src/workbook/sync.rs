//! Driving an exchange with the server: the session's pure steps, joined to the store.
//!
//! [`Workbook::sync`] may be dropped at any await: what was committed is kept, and the next one resumes.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;
use tokio::sync::Notify;

use super::Workbook;
use super::edit::{Edit, Operation};
use super::enrolment::{Enrolment, Profile};
use super::ingest::Ingested;
use crate::error::{Error, Result};
use crate::gate::Refusal;
use crate::id::{ActorId, RecordId, ScopeId};
use crate::store::ScopeCursor;
use crate::sync::proof;
use crate::sync::protocol::{EnrolRequest, PUSH_BYTES, PUSH_CHANGES, SyncProtocol, VERSION};
use crate::sync::session::{Exchange, News, Situation};

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
    /// Scopes that the person no longer sees and that were taken off this phone.
    pub dropped: Vec<ScopeId>,
    /// Changes given back to a server that had lost them.
    pub healed: u64,
    /// Round trips.
    pub round_trips: u32,
}

/// How the phone stands towards its server.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Status {
    /// Whose phone it is, once enrolled.
    pub enrolment: Option<Enrolment>,
    /// Changes without a receipt.
    pub unsent: u64,
    /// Records with a change that the server refused.
    pub refused: u64,
    /// Records with two values in a field.
    pub conflicts: u64,
    /// Foreign changes in quarantine.
    pub quarantined: u64,
    /// Drafts.
    pub drafts: u64,
}

/// Stops a running exchange.
#[derive(Debug, Default)]
pub(super) struct Cancel {
    asked: AtomicBool,
    wake: Notify,
}

impl Cancel {
    /// Waits for `work`, unless cancelled first.
    pub(super) async fn guard<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let woken = self.wake.notified();
        if self.asked.load(Ordering::SeqCst) {
            return Err(Error::Cancelled);
        }
        tokio::select! {
            biased;
            () = woken => Err(Error::Cancelled),
            result = work => result,
        }
    }
}

impl Workbook {
    /// Trades an invitation for this phone's place. `server` is kept for later exchanges. A phone that is
    /// enrolled already keeps everything it holds.
    ///
    /// # Errors
    /// [`Error::Refused`] with the server's word, [`Error::Offline`].
    pub async fn enrol<P: SyncProtocol>(
        &self,
        protocol: &P,
        server: &str,
        invite: &str,
        label: &str,
    ) -> Result<Enrolment> {
        let (actor, key) = {
            let profile = self.profile();
            (profile.actor, proof::public_key(&profile.secret.0))
        };
        let request = EnrolRequest {
            protocol: VERSION,
            invite: invite.to_owned(),
            key,
            actor,
            label: label.to_owned(),
        };
        let response = protocol.enrol(request).await?;
        let enrolment =
            Enrolment { server: server.to_owned(), device: response.device, person: response.person };
        let profile = Profile {
            enrolment: Some(enrolment.clone()),
            grants: response.grants,
            directory: response.directory,
            ..Profile::clone(&self.profile())
        };
        self.write(Operation::Sync, |edit| profile.store(edit.writer))?;
        self.set_profile(profile);
        Ok(enrolment)
    }

    /// The device key's secret half, for the client that signs requests.
    #[must_use]
    pub fn device_secret(&self) -> zeroize::Zeroizing<[u8; 32]> {
        zeroize::Zeroizing::new(self.profile().secret.0)
    }

    /// Sends everything that has no receipt and takes in everything that is new, page by page. Each page is
    /// committed by itself, so an exchange that breaks off resumes where it stopped.
    ///
    /// # Errors
    /// [`Error::Offline`], [`Error::Refused`], [`Error::Cancelled`], [`Error::Protocol`], or the store's
    /// failure. What was committed before is kept.
    pub async fn sync<P: SyncProtocol>(
        &self,
        protocol: &P,
        mut progress: impl FnMut(Progress),
    ) -> Result<SyncReport> {
        self.cancel.asked.store(false, Ordering::SeqCst);
        let mut report = SyncReport::default();
        let mut echo = false;
        let mut healed = BTreeSet::new();
        // Changes up to this row have been sent in this call; their receipts wait for a page to cover them.
        let mut sent_upto = 0;
        let mut waiting = Vec::new();
        loop {
            let situation = self.situation(sent_upto, echo)?;
            let sent_before = sent_upto;
            sent_upto = situation.outgoing.last().map_or(sent_upto, |last| last.n);
            let exchange = Exchange::new(situation);
            let request = exchange.request()?;
            report.round_trips += 1;
            let response = self.cancel.guard(protocol.sync(request)).await?;
            let mut news = exchange.receive(response, std::mem::take(&mut waiting))?;
            if news.echo_needed && echo {
                return Err(Error::Protocol("the server leaves out changes in spite of the echo".into()));
            }
            echo = news.echo_needed;
            waiting = std::mem::take(&mut news.waiting);
            let (more, diverged) = (news.more, std::mem::take(&mut news.diverged));
            if sent_before == 0 {
                report.held_back = 0;
            }
            progress(self.take_in(news, &mut report)?);
            for scope in &diverged {
                if !healed.insert(scope.clone()) {
                    return Err(Error::Protocol(format!("scope {scope} diverged again after recovery")));
                }
                report.healed += self.heal(protocol, scope, &mut report.round_trips).await?;
                sent_upto = 0;
            }
            let unsent = self.read(|reader| reader.outgoing(sent_upto, 1, 0))?;
            if more || echo || !diverged.is_empty() || !unsent.is_empty() {
                continue;
            }
            if waiting.is_empty() {
                return Ok(report);
            }
            return Err(Error::Protocol("the server acknowledged changes that its log does not show".into()));
        }
    }

    /// Stops a running exchange; what was committed is kept.
    pub fn cancel_sync(&self) {
        self.cancel.asked.store(true, Ordering::SeqCst);
        self.cancel.wake.notify_waiters();
    }

    /// How the phone stands towards its server.
    ///
    /// # Errors
    /// The store's failure.
    pub fn status(&self) -> Result<Status> {
        let enrolment = self.enrolment();
        self.read(|reader| {
            Ok(Status {
                enrolment,
                unsent: reader.unsent_count()?,
                refused: reader.refused()?.len() as u64,
                conflicts: reader.in_conflict()?.len() as u64,
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

    fn situation(&self, sent_upto: i64, echo: bool) -> Result<Situation> {
        let profile = self.profile();
        profile.person()?;
        self.read(|reader| {
            let mut cursors = reader.cursors()?;
            for grant in &profile.grants {
                if !cursors.iter().any(|cursor| cursor.scope == grant.scope) {
                    cursors.push(ScopeCursor {
                        scope: grant.scope.clone(),
                        seq: 0,
                        chain: crate::id::Chain::START,
                    });
                }
            }
            Ok(Situation {
                actor: profile.actor,
                cursors,
                outgoing: reader.outgoing(sent_upto, PUSH_CHANGES, PUSH_BYTES)?,
                directory: profile.directory.version,
                page: PAGE,
                echo,
            })
        })
    }

    /// Stores an answer in one transaction: receipts, pages, grants, names.
    fn take_in(&self, news: News, report: &mut SyncReport) -> Result<Progress> {
        let remaining = news.pages.iter().map(|page| page.remaining).sum();
        let before = self.profile();
        let mut profile = Profile::clone(&before);
        let regained = news.grants.iter().any(|grant| !profile.grants.contains(grant));
        profile.grants.clone_from(&news.grants);
        if let Some(directory) = news.directory.clone() {
            profile.directory = directory;
        }
        let counted = self.write(Operation::Sync, |edit| {
            let mut counted = SyncReport::default();
            note_receipts(edit, &news, &mut counted)?;
            for page in news.pages {
                let scope = page.cursor.scope.clone();
                for entry in page.entries {
                    match edit.ingest(&scope, entry)? {
                        Ingested::New => counted.received += 1,
                        Ingested::Known => {}
                        Ingested::Refused(_) => counted.quarantined += 1,
                    }
                }
                edit.writer.advance(&page.cursor, &page.seal)?;
            }
            if regained {
                edit.writer.retry_refused()?;
            }
            for cursor in edit.writer.reader().cursors()? {
                let granted = profile.grants.iter().any(|grant| grant.scope == cursor.scope);
                if !granted && edit.writer.unsent_in(&cursor.scope)? == 0 {
                    edit.writer.drop_scope(&cursor.scope)?;
                    counted.dropped.push(cursor.scope);
                }
            }
            if profile.grants != before.grants || profile.directory != before.directory {
                profile.store_news(edit.writer)?;
            }
            Ok(counted)
        })?;
        self.set_profile(profile);
        report.sent += counted.sent;
        report.held_back += counted.held_back;
        report.received += counted.received;
        report.quarantined += counted.quarantined;
        report.refused.extend(counted.refused);
        report.dropped.extend(counted.dropped);
        let unsent = self.read(|reader| reader.unsent_count())?;
        Ok(Progress { sent: report.sent, unsent, received: report.received, remaining })
    }
}

/// How many log entries a phone takes in at a time: about 1 MB in memory.
const PAGE: u32 = 1_000;

fn note_receipts(edit: &mut Edit<'_>, news: &News, counted: &mut SyncReport) -> Result<()> {
    for placed in &news.acknowledged {
        edit.writer.acknowledge(placed.n, placed.seq)?;
        counted.sent += 1;
        edit.touch(placed.id);
    }
    for (n, id, refusal) in &news.refused {
        edit.writer.refuse(*n, refusal.as_str())?;
        counted.refused.push(*id);
        edit.touch(*id);
        tracing::warn!(record = %id, reason = refusal.as_str(), "change refused by the server");
    }
    for (n, id) in &news.held_back {
        let found = edit.writer.require(id)?;
        if edit.writer.reader().refusals_of(found.n)?.is_empty() {
            counted.held_back += 1;
        } else {
            // What it builds on was refused for good, and so is it.
            edit.writer.refuse(*n, Refusal::MissingDependency.as_str())?;
            counted.refused.push(*id);
        }
    }
    counted.refused.sort_unstable();
    counted.refused.dedup();
    Ok(())
}
