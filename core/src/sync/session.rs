//! The client's side of sync as pure functions: what the phone holds goes in, a request comes out; an
//! answer goes in, verified news come out. No I/O, no clock, no storage: the workbook does those.

use std::collections::BTreeMap;

use crate::clock::Instant;
use crate::error::{Error, Result};
use crate::gate::Refusal;
use crate::id::{ActorId, ChangeHash, RecordId, RevealId, ScopeId, Seal};
use crate::model::{Directory, Grant, Reveal};
use crate::store::{Outgoing, ScopeCursor};

use super::protocol::{Cursor, Page, Push, Receipt, ScopePage, SyncRequest, SyncResponse, VERSION};

/// What the server is told of the app: the version of the core in it, which every app has.
const APP: &str = env!("CARGO_PKG_VERSION");

/// What the phone brings to one exchange.
#[derive(Clone, Debug)]
pub struct Situation {
    /// The actor of the phone's database.
    pub actor: ActorId,
    /// Where it stands in each scope it holds or may write to.
    pub cursors: Vec<ScopeCursor>,
    /// Changes without a receipt, at most as many as one request carries.
    pub outgoing: Vec<Outgoing>,
    /// The version of the directory it holds.
    pub directory: u64,
    /// The most log entries it wants back.
    pub page: u32,
    /// Wants its own changes back too.
    pub echo: bool,
    /// Random bytes, if it wants the terms signed anew for them.
    pub ask: Vec<u8>,
    /// Reveals that the server has not acknowledged, at most as many as one request carries.
    pub reveals: Vec<Reveal>,
    /// Changes without a receipt beside those in `outgoing`.
    pub unsent: u64,
}

impl Situation {
    /// Moves on to where the phone stands once `news` are stored.
    pub fn advance(&mut self, news: &News) {
        for page in &news.pages {
            match self.cursors.iter_mut().find(|cursor| cursor.scope == page.cursor.scope) {
                Some(cursor) => cursor.clone_from(&page.cursor),
                None => self.cursors.push(page.cursor.clone()),
            }
        }
        if let Some(directory) = &news.directory {
            self.directory = directory.version;
        }
    }
}

/// A request under way, and what is needed to understand its answer.
#[derive(Clone, Debug)]
pub struct Exchange {
    situation: Situation,
}

/// One entry of a scope's log that came down.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its place in the log.
    pub seq: u64,
    /// The record.
    pub id: RecordId,
    /// The change's name, computed from its bytes.
    pub hash: ChangeHash,
    /// The raw change, which the gate has not seen yet, or a notice; empty where its record was erased.
    pub bytes: Vec<u8>,
}

/// An own change and its place in its scope's log.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// Its row number.
    pub n: i64,
    /// The record.
    pub id: RecordId,
    /// The scope.
    pub scope: ScopeId,
    /// The place.
    pub seq: u64,
    /// The change's name.
    pub hash: ChangeHash,
    /// Its record is not here: should it have come back, the change itself is wanted again.
    pub reserved: bool,
}

/// A page whose chain has been recomputed and found right.
#[derive(Clone, Debug, PartialEq)]
pub struct VerifiedPage {
    /// Where the scope's cursor stands after it.
    pub cursor: ScopeCursor,
    /// The server's seal on that place.
    pub seal: Seal,
    /// The entries, in order.
    pub entries: Vec<Entry>,
    /// How many wait after it.
    pub remaining: u64,
}

/// What an answer means for this phone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct News {
    /// Own changes that are in the server's log for good: a verified page covers them.
    pub acknowledged: Vec<Placed>,
    /// Own changes that the server has placed, while no page has reached their place yet.
    pub waiting: Vec<Placed>,
    /// Own changes, by row number and record, that build on changes which the server does not hold, as after
    /// its restoration. They stay unsent and go up again with the next exchange.
    pub held_back: Vec<(i64, RecordId)>,
    /// Own changes that the server refused: row number, record, reason.
    pub refused: Vec<(i64, RecordId, Refusal)>,
    /// New entries by scope.
    pub pages: Vec<VerifiedPage>,
    /// Scopes whose log the server has lost in part.
    pub diverged: Vec<ScopeId>,
    /// What the person may do where.
    pub grants: Vec<Grant>,
    /// Reveals that are in the server's audit log.
    pub revealed: Vec<RevealId>,
    /// The server's time.
    pub at: Instant,
    /// The names, if newer.
    pub directory: Option<Directory>,
    /// More pages wait.
    pub more: bool,
    /// A page left out own changes that this phone does not know: it must be asked for with an echo.
    pub echo_needed: bool,
}

impl Exchange {
    /// Begins an exchange.
    #[must_use]
    pub fn new(situation: Situation) -> Self {
        Self { situation }
    }

    /// The row number of the last change it sends.
    #[must_use]
    pub fn last_sent(&self) -> Option<i64> {
        self.situation.outgoing.last().map(|last| last.n)
    }

    /// The request to send.
    ///
    /// # Errors
    /// [`Error::Protocol`] if a change waits in a scope without a cursor.
    pub fn request(&self) -> Result<SyncRequest> {
        let situation = &self.situation;
        let scope_of = |outgoing: &Outgoing| {
            let position = situation.cursors.iter().position(|cursor| cursor.scope == outgoing.scope);
            position
                .and_then(|position| u16::try_from(position).ok())
                .ok_or_else(|| Error::Protocol(format!("no cursor for scope {}", outgoing.scope)))
        };
        let push = situation
            .outgoing
            .iter()
            .map(|outgoing| Ok(Push(outgoing.id, scope_of(outgoing)?, outgoing.bytes.clone())));
        Ok(SyncRequest {
            protocol: VERSION,
            actor: situation.actor.0.to_vec(),
            cursors: situation
                .cursors
                .iter()
                .map(|cursor| Cursor { scope: cursor.scope.clone(), seq: cursor.seq, chain: cursor.chain })
                .collect(),
            push: push.collect::<Result<_>>()?,
            directory: situation.directory,
            echo: situation.echo,
            page: situation.page,
            ask: situation.ask.clone(),
            reveals: situation.reveals.clone(),
            app: Some(APP.to_owned()),
            unsent: Some(u32::try_from(situation.unsent).unwrap_or(u32::MAX)),
        })
    }

    /// Understands the answer. `waiting` are own changes whose receipt came in an earlier exchange, while no
    /// page has reached their place in the log yet.
    ///
    /// A receipt counts only once a verified page covers it, or none can come any more: a server that was restored
    /// in between may have lost the entry again. Receipts in a scope that has diverged do not count at all.
    ///
    /// # Errors
    /// [`Error::Protocol`] if the answer does not fit the request or a chain does not check out; nothing of
    /// the answer may then be used.
    pub fn receive(self, response: SyncResponse, waiting: Vec<Placed>) -> Result<News> {
        let Situation { cursors, outgoing, reveals, .. } = self.situation;
        if response.receipts.len() != outgoing.len() {
            return Err(Error::Protocol(format!(
                "{} receipts for {} changes",
                response.receipts.len(),
                outgoing.len()
            )));
        }
        let revealed = reveals.get(..response.revealed as usize).ok_or_else(|| {
            Error::Protocol(format!("{} reveals acknowledged of {}", response.revealed, reveals.len()))
        })?;
        let mut news = News {
            waiting,
            revealed: revealed.iter().map(|reveal| reveal.id).collect(),
            grants: response.grants,
            at: response.at,
            directory: response.directory,
            more: response.more,
            ..News::default()
        };
        let restored = response.scopes.iter().any(|page| matches!(page, ScopePage::Diverged(_)));
        for (outgoing, receipt) in outgoing.into_iter().zip(response.receipts) {
            let Outgoing { n, id, scope, hash, reserved, .. } = outgoing;
            match receipt {
                // A server that forgot something may not know better, whichever log tells it: that a record came
                // to this scope stands in the log of the one that it left too. It is asked again once healed.
                Receipt::Refused(_) if restored => news.held_back.push((n, id)),
                Receipt::Accepted(seq) | Receipt::Known(seq) => {
                    news.waiting.push(Placed { n, id, scope, seq, hash, reserved });
                }
                // Whoever holds the dependency will bring it; until then the change simply waits.
                Receipt::Refused(Refusal::MissingDependency) => news.held_back.push((n, id)),
                Receipt::Refused(refusal) => news.refused.push((n, id, refusal)),
            }
        }
        let mut pages = Vec::new();
        for page in response.scopes {
            match page {
                ScopePage::Diverged(scope) => news.diverged.push(scope),
                ScopePage::Page(page) => pages.push(page),
            }
        }
        news.waiting.retain(|placed| !news.diverged.contains(&placed.scope));
        let mut own: BTreeMap<(&ScopeId, u64), ChangeHash> = BTreeMap::new();
        let known = news.waiting.iter().filter(|placed| !placed.reserved);
        own.extend(known.map(|placed| ((&placed.scope, placed.seq), placed.hash)));
        for page in pages {
            match verify(&cursors, page, &own)? {
                Some(verified) => news.pages.push(verified),
                None => news.echo_needed = true,
            }
        }
        let covered = |placed: &Placed| {
            let mut reached = news.pages.iter().map(|page| &page.cursor).chain(&cursors);
            // Where the person lost their role meanwhile, no page comes any more: the receipt is the last word.
            !news.grants.iter().any(|grant| grant.scope == placed.scope)
                || reached.any(|cursor| cursor.scope == placed.scope && cursor.seq >= placed.seq)
        };
        (news.acknowledged, news.waiting) = news.waiting.into_iter().partition(covered);
        Ok(news)
    }
}

/// Recomputes the chain over a page; `None` if an own change in it is unknown here.
fn verify(
    cursors: &[ScopeCursor],
    page: Page,
    own: &BTreeMap<(&ScopeId, u64), ChangeHash>,
) -> Result<Option<VerifiedPage>> {
    let start = cursors.iter().find(|cursor| cursor.scope == page.scope);
    let (after, mut chain) = start.map_or((0, crate::id::Chain::START), |cursor| (cursor.seq, cursor.chain));
    let broken = |what: &str| Error::Protocol(format!("scope {}: {what}", page.scope));
    let length = page.upto.checked_sub(page.after).ok_or_else(|| broken("the page ends before it begins"))?;
    if page.after != after || length != (page.changes.len() + page.own.len() + page.gone.len()) as u64 {
        return Err(broken("the page does not follow the cursor"));
    }
    let mut pulled = page.changes.into_iter();
    let mut gone = page.gone.into_iter().peekable();
    let mut own_seqs = page.own.iter().copied().peekable();
    let mut entries = Vec::with_capacity(pulled.len());
    for seq in page.after + 1..=page.upto {
        let hash = if let Some((_, hash)) = gone.next_if(|(place, _)| *place == seq) {
            entries.push(Entry { seq, id: RecordId::default(), hash, bytes: Vec::new() });
            hash
        } else if own_seqs.next_if_eq(&seq).is_some() {
            match own.get(&(&page.scope, seq)) {
                Some(hash) => *hash,
                None => return Ok(None),
            }
        } else {
            let pulled = pulled.next().ok_or_else(|| broken("an entry is missing"))?;
            let hash = crate::gate::hash_of(&pulled.1);
            entries.push(Entry { seq, id: pulled.0, hash, bytes: pulled.1 });
            hash
        };
        chain = chain.append(&hash);
    }
    if chain != page.chain {
        return Err(broken("the chain does not check out"));
    }
    Ok(Some(VerifiedPage {
        cursor: ScopeCursor { scope: page.scope, seq: page.upto, chain },
        seal: page.seal,
        entries,
        remaining: page.remaining,
    }))
}
