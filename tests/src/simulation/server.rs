//! The real server of the simulation, on the caller's thread, with backups that are too old when needed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gridbook_core::clock::Surroundings;
use gridbook_core::id::{ChangeHash, DeviceId, PersonId, ScopeId};
use gridbook_core::model::{Kind, Role, ScopeKind};
use gridbook_core::sync::notice::Cause;
use gridbook_core::workbook::{Key, OpenOptions, Workbook};
use gridbook_server::db::Meant;
use gridbook_server::{ForDevice, HandOverReport, HandOverRequest, Households, Server};

use super::chance::{WorldClock, surroundings};
use super::turns::Place;

pub(super) struct SimulatedServer {
    pub(super) community: ScopeId,
    pub(super) grids: Vec<ScopeId>,
    pub(super) group: ScopeId,
    people: BTreeMap<&'static str, PersonId>,
    data: PathBuf,
    surroundings: Surroundings,
    auditor: String,
    /// `None` only while it is being replaced.
    server: Option<Server>,
}

impl SimulatedServer {
    pub(super) async fn new(folder: &Path, clock: Arc<WorldClock>, seed: u64) -> Self {
        let data = folder.join("server");
        let surroundings = surroundings(clock, seed.wrapping_mul(31));
        let server = Server::open_single_threaded(&data, surroundings.clone()).await.expect("a server");
        let admin = server.admin();
        let community = admin.add_community("虚构社区").await.expect("a community");
        let mut grids = Vec::new();
        for name in ["第一网格", "第二网格"] {
            grids.push(admin.add_scope(&community, ScopeKind::Grid, name).await.expect("a grid"));
        }
        let group = admin.find_scope("安全防范").await.expect("a task group").id;
        let auditor = admin.add_person("审计员").await.expect("a person");
        admin.grant(&auditor, Role::Auditor, &community).await.expect("a grant");
        let auditor = admin.invite(&auditor, 365).await.expect("an invitation").secret;
        let people = BTreeMap::new();
        Self { community, grids, group, people, data, surroundings, auditor, server: Some(server) }
    }

    fn server(&self) -> &Server {
        self.server.as_ref().expect("the server is open")
    }

    /// An invitation for a person, who is made, with their grants, on first mention.
    pub(super) async fn invite(&mut self, person: &'static str, grants: &[(ScopeId, Role)]) -> String {
        let admin = self.server().admin();
        let id = match self.people.get(person) {
            Some(id) => id.clone(),
            None => admin.add_person(person).await.expect("a person"),
        };
        for (scope, role) in grants {
            admin.grant(&id, *role, scope).await.expect("a grant");
        }
        let invitation = admin.invite(&id, 30).await.expect("an invitation");
        self.people.insert(person, id);
        invitation.secret
    }

    /// The protocol as one device reaches it.
    pub(super) fn end(&self, device: &DeviceId) -> ForDevice {
        self.server().service().for_device(device.clone())
    }

    /// The lead hands a household over from one grid to the other with what is about it, or all there is. What
    /// it came to, or `None` if there is no household.
    pub(super) async fn hand_over(&self, way: [usize; 2], which: usize, all: bool) -> Option<HandOverReport> {
        let (from, to) = (self.grids[way[0]].clone(), self.grids[way[1]].clone());
        let service = self.server().service();
        let there = service.database().company(&from, &Meant::All).await.expect("the server answers");
        let homes: Vec<_> = there.iter().filter(|(_, kind)| *kind == Kind::Household).collect();
        let households = match homes.get(which % homes.len().max(1)) {
            _ if all => Households::All,
            Some((home, _)) => Households::Named(vec![*home]),
            None => return None,
        };
        let request = HandOverRequest { from, to, households, why: Cause::Recut, dry_run: false };
        let by = self.people.get("组长").expect("a lead");
        match service.hand_over(by, request).await {
            Ok(report) => Some(report),
            // Another hand-over took it meanwhile.
            Err(gridbook_server::Error::Admin(_)) => None,
            Err(error) => panic!("a hand-over failed: {error}"),
        }
    }

    /// A device loses its place.
    pub(super) async fn revoke(&self, device: &DeviceId) {
        self.server().admin().revoke_device(device).await.expect("it is revoked");
    }

    /// A person loses everything they have.
    pub(super) async fn dismiss(&self, person: &str) {
        self.server().admin().dismiss(&self.people[person]).await.expect("they are dismissed");
    }

    /// Sees to it that a person has a role, or has it not.
    pub(super) async fn set_place(&self, place: &Place, held: bool) {
        let (admin, person) = (self.server().admin(), &self.people[place.person]);
        let set = if held {
            admin.grant(person, place.role, &place.scope).await
        } else {
            admin.revoke_grant(person, place.role, &place.scope).await
        };
        set.expect("the role is set");
    }

    /// Lets in what a revoked device handed in: how many changes came, how many records were refused. `None` if
    /// it handed in nothing.
    pub(super) async fn accept_box(&self, device: &DeviceId) -> Option<(usize, usize)> {
        let service = self.server().service();
        let parcels = service.parcels().await.expect("the box is read");
        if !parcels.iter().any(|parcel| parcel.device == *device) {
            return None;
        }
        let accepted = service.accept_box(device).await.expect("the box opens");
        Some((accepted.accepted + accepted.known, accepted.refused.len()))
    }

    /// True if it holds every one of these changes.
    pub(super) async fn holds(&self, hashes: &[ChangeHash]) -> bool {
        let known = self.server().service().database().known_hashes(hashes).await;
        known.expect("the server answers").into_iter().all(|known| known)
    }

    pub(super) async fn back_up(&self, file: &Path) {
        self.server().backup(file).await.expect("a backup");
    }

    /// Stops it, puts a backup in place of its database, and starts it.
    pub(super) async fn restore(&mut self, backup: &Path) {
        self.server = None;
        for suffix in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(self.data.join(format!("gridbook.db{suffix}")));
        }
        std::fs::copy(backup, self.data.join("gridbook.db")).expect("the backup is copied");
        self.restart().await;
    }

    pub(super) async fn restart(&mut self) {
        self.server = None;
        let server = Server::open_single_threaded(&self.data, self.surroundings.clone()).await;
        self.server = Some(server.expect("the server starts again"));
    }

    /// A new phone of an auditor, who reads everything, with all that the server has.
    pub(super) async fn fresh_phone(&self) -> Workbook {
        let opened = Workbook::open(OpenOptions {
            path: &self.data.join("auditor.db"),
            key: &Key::new([3; 32]),
            install_nonce: None,
            surroundings: self.surroundings.clone(),
        });
        let workbook = opened.expect("a phone").workbook;
        let end = self.end(&DeviceId::default());
        let enrolment = workbook.enrol(&end, "simulated", &self.auditor, "auditor").await.expect("enrolment");
        workbook.sync(&self.end(&enrolment.device), |_| {}).await.expect("the auditor syncs");
        workbook
    }
}
