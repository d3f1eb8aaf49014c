//! The real server as the rows use it: one grid, the people of the workload, a log of visits.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use gridbook_core::clock::{Instant, Surroundings};
use gridbook_core::id::{ActorId, PersonId, RecordId, ScopeId};
use gridbook_core::model::{Role, ScopeKind};
use gridbook_core::sync::encoding::encode;
use gridbook_core::sync::http::HttpServer;
use gridbook_core::sync::protocol::{
    EnrolRequest, EnrolResponse, RecoverRequest, RecoverResponse, SyncProtocol, SyncRequest, SyncResponse,
};
use gridbook_core::workbook::{SyncReport, Workbook};
use gridbook_server::Server;

use crate::Outcome;
use crate::work::{HOUSEHOLDS, PEOPLE, Work, Workload, change_of, household};

/// How many changes are appended at a time.
const BATCH: usize = 2_000;

/// A server with one grid.
pub(crate) struct Site {
    pub(crate) server: Server,
    pub(crate) grid: ScopeId,
    pub(crate) people: Vec<PersonId>,
    actors: Vec<ActorId>,
    households: Vec<RecordId>,
}

impl Site {
    /// Founds it in `folder`, with its households.
    pub(crate) async fn found(folder: &Path) -> Outcome<Self> {
        let server = Server::open(&folder.join("server"), Surroundings::system()).await?;
        let admin = server.admin();
        let community = admin.add_community("虚构社区").await?;
        let grid = admin.add_scope(&community, ScopeKind::Grid, "第一网格").await?;
        let mut people = Vec::new();
        for number in 0..PEOPLE {
            let person = admin.add_person(&format!("虚构人员{number}")).await?;
            admin.grant(&person, Role::Worker, &grid).await?;
            people.push(person);
        }
        let actors: Vec<_> = (0..PEOPLE).map(|number| ActorId([number as u8 * 23 + 7; 16])).collect();
        let at = Instant(1_760_000_000_000);
        let mut households = Vec::new();
        let mut changes = Vec::new();
        for number in 0..HOUSEHOLDS {
            let id = RecordId::new(&crate::work::stopped_at(at, number as u64));
            let bytes = change_of(&people[0], &grid, at, household(number), actors[0])?;
            changes.push((id, bytes, people[0].clone()));
            households.push(id);
        }
        admin.append_trusted(&grid, changes).await?;
        Ok(Self { server, grid, people, actors, households })
    }

    /// Visits to its households by its people.
    pub(crate) fn workload(&self, seed: u64) -> Workload {
        Workload::new(seed, self.grid.clone(), self.people.clone(), self.households.clone())
    }

    /// Appends visits, each as its author's phone would have sent it.
    pub(crate) async fn append(&self, visits: &[Work]) -> Outcome<()> {
        for batch in visits.chunks(BATCH) {
            let changes = batch.iter().map(|work| {
                Ok((work.id, work.change(self.actors[work.person])?, self.people[work.person].clone()))
            });
            let changes = changes.collect::<Outcome<Vec<_>>>()?;
            self.server.admin().append_trusted(&self.grid, changes).await?;
        }
        Ok(())
    }

    /// A new phone of one of its people, enrolled and empty.
    pub(crate) async fn phone(&self, path: &Path, person: usize) -> Outcome<Workbook> {
        let workbook = crate::phone::open(path)?;
        let invitation = self.server.admin().invite(&self.people[person], 1).await?;
        let end = self.server.service().for_device(String::new().as_str().into());
        workbook.enrol(&end, "http://bench.invalid", &invitation.secret, "bench").await?;
        Ok(workbook)
    }
}

/// One exchange of a workbook over HTTP.
pub(crate) async fn sync_over_http(workbook: &Workbook, url: &str) -> Outcome<SyncReport> {
    let enrolment = workbook.enrolment().ok_or("not enrolled")?;
    let device = Some((enrolment.device, workbook.signer()));
    let end = HttpServer::new(url, device, Surroundings::system())?;
    Ok(workbook.sync(&end, |_| {}).await?)
}

/// An end of the protocol that counts the bytes of every body, as they are on the wire.
pub(crate) struct Counting<P> {
    pub(crate) end: P,
    pub(crate) up: AtomicU64,
    pub(crate) down: AtomicU64,
}

impl<P> Counting<P> {
    pub(crate) fn new(end: P) -> Self {
        Self { end, up: AtomicU64::new(0), down: AtomicU64::new(0) }
    }
}

impl<P: SyncProtocol> SyncProtocol for Counting<P> {
    async fn enrol(&self, request: EnrolRequest) -> gridbook_core::Result<EnrolResponse> {
        self.end.enrol(request).await
    }

    async fn sync(&self, request: SyncRequest) -> gridbook_core::Result<SyncResponse> {
        self.up.fetch_add(encode(&request)?.len() as u64, Ordering::Relaxed);
        let answer = self.end.sync(request).await?;
        self.down.fetch_add(encode(&answer)?.len() as u64, Ordering::Relaxed);
        Ok(answer)
    }

    async fn recover(&self, request: RecoverRequest) -> gridbook_core::Result<RecoverResponse> {
        self.end.recover(request).await
    }
}
