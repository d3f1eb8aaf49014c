//! One exchange up to the point where its answer is stored: what the phone brings, what came back and was
//! verified. Called by [`Workbook::sync`].

use super::Workbook;
use super::prepare::{Preparer, Preparing};
use crate::error::{Error, Result};
use crate::id::Chain;
use crate::store::ScopeCursor;
use crate::sync::notice::Notice;
use crate::sync::protocol::{ASK_BYTES, PUSH_BYTES, PUSH_CHANGES, PUSH_REVEALS, SyncProtocol, Terms};
use crate::sync::session::{Exchange, News, Placed, Situation};

/// How many log entries a phone takes in at a time: about 1 MB in memory.
const PAGE: u32 = 1_000;

/// A verified answer, its pages being prepared.
pub(super) struct Incoming {
    /// The news; the entries of its pages are in `preparing`.
    pub(super) news: News,
    /// The entries, page by page.
    pub(super) preparing: Vec<Preparing>,
    /// How many entries there are in all.
    pub(super) entries: usize,
    /// True if the server itself says something among them: once they are stored, records may have left.
    pub(super) tells: bool,
}

impl Incoming {
    /// Entries that wait at the server after these.
    pub(super) fn remaining(&self) -> u64 {
        self.news.pages.iter().map(|page| page.remaining).sum()
    }
}

impl Workbook {
    /// Asks the server, verifies its answer, and begins to prepare what it brought.
    pub(super) async fn ask<P: SyncProtocol>(
        &self,
        protocol: &P,
        exchange: Exchange,
        mut waiting: Vec<Placed>,
        preparer: &mut Preparer,
    ) -> Result<Incoming> {
        self.read(|reader| {
            // Their records may have left, or come back, since they were sent.
            waiting.iter_mut().try_for_each(|placed| {
                placed.reserved = reader.is_reserved(placed.n)?;
                Ok(())
            })
        })?;
        let request = exchange.request()?;
        let asked = request.ask.clone();
        let response = self.shared.cancel.guard(protocol.sync(request)).await?;
        self.renew(&asked, response.terms.as_ref())?;
        let mut news = exchange.receive(response, waiting)?;
        let zone = self.zone();
        let entries = news.pages.iter().map(|page| page.entries.len()).sum();
        let mut held = news.pages.iter().flat_map(|page| &page.entries);
        let tells = held.any(|entry| Notice::read(&entry.bytes).is_some());
        let pages = news.pages.iter_mut().map(|page| std::mem::take(&mut page.entries));
        let preparing = pages.map(|entries| preparer.begin(entries, zone)).collect::<Result<_>>()?;
        Ok(Incoming { news, preparing, entries, tells })
    }

    /// Renews the lease, if these are the terms that were asked for: an earlier answer renews nothing.
    fn renew(&self, asked: &[u8], terms: Option<&Terms>) -> Result<()> {
        let profile = self.profile();
        let (Some(terms), Some(keys)) = (terms, profile.server) else { return Ok(()) };
        if asked.is_empty() || !terms.hold(&keys.signing, &profile.signer.key(), asked) {
            return Ok(());
        }
        self.note_contact(terms, true)
    }

    /// The exchange after this one, if it is known before its news are stored: the server can work on it
    /// meanwhile. Where records may leave with them, it is not: of a record that comes back own changes are
    /// wanted again. `waiting` are own changes that the server has placed beside those in the news.
    pub(super) fn next_after(
        &self,
        incoming: &Incoming,
        sent_upto: i64,
        waiting: usize,
    ) -> Result<Option<Exchange>> {
        let news = &incoming.news;
        if news.grants != self.profile().grants
            || news.echo_needed
            || !news.diverged.is_empty()
            || incoming.tells
        {
            return Ok(None);
        }
        if self.read(|reader| reader.departing())? {
            return Ok(None);
        }
        let answered = waiting + news.waiting.len() + news.acknowledged.len() + news.refused.len();
        let mut situation = self.situation(sent_upto, false, answered)?;
        situation.advance(news);
        // Their answer is not stored yet: the exchange after that brings what is left.
        situation.reveals.clear();
        Ok((news.more || !situation.outgoing.is_empty()).then(|| Exchange::new(situation)))
    }

    /// What the phone brings after row `sent_upto`; so many own changes were `answered` while the store does not say so
    /// yet.
    pub(super) fn situation(&self, sent_upto: i64, echo: bool, answered: usize) -> Result<Situation> {
        let profile = self.profile();
        profile.enrolment.as_ref().ok_or(Error::NotEnrolled)?;
        let guarded = self.shared.guarded.is_some();
        self.read(|reader| {
            let mut cursors = reader.cursors()?;
            for grant in &profile.grants {
                if !cursors.iter().any(|cursor| cursor.scope == grant.scope) {
                    cursors.push(ScopeCursor { scope: grant.scope.clone(), seq: 0, chain: Chain::START });
                }
            }
            let outgoing = reader.outgoing(sent_upto, PUSH_CHANGES, PUSH_BYTES)?;
            let unsent = reader.unsent_count()?.saturating_sub((outgoing.len() + answered) as u64);
            Ok(Situation {
                actor: profile.actor,
                cursors,
                outgoing,
                directory: profile.directory.version,
                page: PAGE,
                echo,
                ask: if guarded {
                    self.shared.surroundings.random::<ASK_BYTES>().to_vec()
                } else {
                    Vec::new()
                },
                reveals: reader.unsent_reveals(PUSH_REVEALS)?,
                unsent,
            })
        })
    }
}
