//! Driving an exchange with the server: the session's pure steps, joined to the store.
//!
//! [`Workbook::sync`] may be dropped at any await: what was committed is kept, and the next one resumes.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Workbook;
use super::edit::Operation;
use super::enrolment::{Enrolment, Profile};
use crate::error::{Error, Result};
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
    /// committed by itself, so an exchange that breaks off resumes where it stopped. The next page is asked
    /// for while the last one is stored.
    ///
    /// # Errors
    /// [`Error::Offline`], [`Error::Refused`], [`Error::Cancelled`], [`Error::Protocol`], or the store's
    /// failure. What was committed before is kept.
    pub async fn sync<P: SyncProtocol>(
        &self,
        protocol: &P,
        mut progress: impl FnMut(Progress),
    ) -> Result<SyncReport> {
        self.cancel.reset();
        let mut report = SyncReport::default();
        let mut echo = false;
        let mut healed = BTreeSet::new();
        // Changes up to this row have been sent in this call; their receipts wait for a page to cover them.
        let mut sent_upto = 0;
        let mut waiting = Vec::new();
        let mut under_way = None;
        loop {
            let (exchange, answer) = match under_way.take() {
                Some(answered) => answered,
                None => {
                    let exchange = Exchange::new(self.situation(sent_upto, echo)?);
                    report.round_trips += 1;
                    let answer = self.cancel.guard(protocol.sync(exchange.request()?)).await;
                    (exchange, answer)
                }
            };
            if sent_upto == 0 {
                report.held_back = 0;
            }
            sent_upto = exchange.last_sent().unwrap_or(sent_upto);
            let mut news = exchange.receive(answer?, std::mem::take(&mut waiting))?;
            if news.echo_needed && echo {
                return Err(Error::Protocol("the server leaves out changes in spite of the echo".into()));
            }
            echo = news.echo_needed;
            waiting = std::mem::take(&mut news.waiting);
            if let Some(next) = self.next_of(&news, sent_upto)? {
                report.round_trips += 1;
                let request = next.request()?;
                let (answer, stored) = tokio::join!(
                    biased;
                    self.cancel.guard(protocol.sync(request)),
                    async {
                        // The connection may share this thread: it gets its turn to send the request first.
                        tokio::task::yield_now().await;
                        self.take_in(news, &mut report).map(&mut progress)
                    }
                );
                stored?;
                under_way = Some((next, answer));
                continue;
            }
            let (more, diverged) = (news.more, std::mem::take(&mut news.diverged));
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

    /// The exchange after `news`, if it is known before they are stored: the server can work on it meanwhile.
    fn next_of(&self, news: &News, sent_upto: i64) -> Result<Option<Exchange>> {
        let settled = news.directory.is_none() && news.grants == self.profile().grants;
        if !settled || news.echo_needed || !news.diverged.is_empty() {
            return Ok(None);
        }
        let mut situation = self.situation(sent_upto, false)?;
        situation.advance(&news.pages);
        Ok((news.more || !situation.outgoing.is_empty()).then(|| Exchange::new(situation)))
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
}

/// How many log entries a phone takes in at a time: about 1 MB in memory.
const PAGE: u32 = 1_000;
