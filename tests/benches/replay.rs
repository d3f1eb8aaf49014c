//! The other end of the protocol inside this process: replays a prepared log, so that what a phone does
//! with an answer is measured alone, and large fixtures are built quickly.

use gridbook_core::id::{ActorId, Chain, DeviceId, PersonId, RecordId, ScopeId, Seal};
use gridbook_core::model::{Directory, Grant, Person, Role, Scope, ScopeKind};
use gridbook_core::sync::protocol::{
    EnrolRequest, EnrolResponse, Page, Pulled, Receipt, RecoverRequest, RecoverResponse, ScopePage,
    SyncProtocol, SyncRequest, SyncResponse,
};
use gridbook_core::{Error, Result};

use crate::work::{PEOPLE, Work};

/// The log of one grid.
pub(crate) struct Replay {
    grid: ScopeId,
    people: Vec<PersonId>,
    actors: Vec<ActorId>,
    log: Vec<(Pulled, Chain)>,
}

impl Replay {
    /// An empty log of an invented grid.
    pub(crate) fn new() -> Self {
        Self {
            grid: ScopeId::from("sk7d2mq9e"),
            people: (0..PEOPLE).map(|number| PersonId(format!("pq{number}x4h7d{number}"))).collect(),
            actors: (0..PEOPLE).map(|number| ActorId([number as u8 * 23 + 7; 16])).collect(),
            log: Vec::new(),
        }
    }

    /// The grid.
    pub(crate) fn grid(&self) -> ScopeId {
        self.grid.clone()
    }

    /// Who writes into it; the phone that enrols belongs to the first.
    pub(crate) fn people(&self) -> Vec<PersonId> {
        self.people.clone()
    }

    /// The actor of one of them.
    pub(crate) fn actor(&self, person: usize) -> ActorId {
        self.actors[person]
    }

    /// Appends visits, each as its author's phone would have sent it.
    pub(crate) fn append(&mut self, visits: &[Work]) -> crate::Outcome<()> {
        for work in visits {
            self.append_change(work.id, work.change(self.actors[work.person])?);
        }
        Ok(())
    }

    /// Appends one change.
    pub(crate) fn append_change(&mut self, id: RecordId, bytes: Vec<u8>) {
        let before = self.log.last().map_or(Chain::START, |(_, chain)| *chain);
        let chain = before.append(&gridbook_core::gate::hash_of(&bytes));
        self.log.push((Pulled(id, bytes), chain));
    }

    fn directory(&self) -> Directory {
        Directory {
            version: 1,
            scopes: vec![Scope {
                id: self.grid.clone(),
                kind: ScopeKind::Grid,
                name: "第一网格".into(),
                parent: None,
            }],
            people: (self.people.iter())
                .map(|id| Person { id: id.clone(), name: "虚构人员".into() })
                .collect(),
            actors: self.actors.iter().copied().zip(self.people.iter().cloned()).collect(),
            zone_minutes: 480,
            ..Directory::default()
        }
    }

    fn grants(&self) -> Vec<Grant> {
        vec![Grant { scope: self.grid.clone(), role: Role::Worker }]
    }
}

impl SyncProtocol for Replay {
    async fn enrol(&self, _: EnrolRequest) -> Result<EnrolResponse> {
        Ok(EnrolResponse {
            server: None,
            terms: None,
            device: DeviceId::from("dz3kq8w1"),
            person: self.people[0].clone(),
            grants: self.grants(),
            directory: self.directory(),
        })
    }

    async fn sync(&self, request: SyncRequest) -> Result<SyncResponse> {
        let after = request.cursors.first().map_or(0, |cursor| cursor.seq);
        let start = usize::try_from(after).unwrap_or(usize::MAX).min(self.log.len());
        let end = (start + request.page as usize).min(self.log.len());
        let page = Page {
            scope: self.grid.clone(),
            after,
            upto: end as u64,
            chain: end.checked_sub(1).map_or(Chain::START, |last| self.log[last].1),
            seal: Seal([9; 32]),
            changes: self.log[start..end].iter().map(|(pulled, _)| pulled.clone()).collect(),
            own: Vec::new(),
            gone: Vec::new(),
            remaining: (self.log.len() - end) as u64,
        };
        Ok(SyncResponse {
            receipts: request.push.iter().map(|_| Receipt::Accepted(1)).collect(),
            scopes: if page.changes.is_empty() { Vec::new() } else { vec![ScopePage::Page(page)] },
            grants: self.grants(),
            more: end < self.log.len(),
            ..SyncResponse::default()
        })
    }

    async fn recover(&self, _: RecoverRequest) -> Result<RecoverResponse> {
        Err(Error::Protocol("a replayed log never diverges".into()))
    }
}
