//! The town that stories are told in: a real server on a real port over a real folder, and phones that
//! reach it over HTTP.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use gridbook_core::clock::Surroundings;
use gridbook_core::id::{PersonId, ScopeId};
use gridbook_core::model::{Household, Outcome, Record, Role, ScopeKind, Visit};
use gridbook_core::sync::http::HttpServer;
use gridbook_core::workbook::{Key, New, OpenOptions, Opened, SalvageReport, SyncReport, Workbook};
use gridbook_core::{Error, Result};
use gridbook_server::limits::{Limits, Rate};
use gridbook_server::{Running, Server};
use tokio::net::TcpListener;

/// A community with two grids and the five task groups, and its server.
pub struct Town {
    folder: tempfile::TempDir,
    address: SocketAddr,
    people: BTreeMap<String, PersonId>,
    server: Option<(Server, Running)>,
    /// The community.
    pub community: ScopeId,
    /// Its two grids.
    pub grids: [ScopeId; 2],
    /// The task group 安全防范.
    pub safety: ScopeId,
}

impl Town {
    /// Founds a town and starts its server.
    ///
    /// # Panics
    /// If the machine gives it no port or folder: a story cannot begin then.
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let server = open_server(&folder.path().join("server"), Surroundings::system()).await;
        let admin = server.admin();
        let community = admin.add_community("虚构社区").await.expect("a community");
        let first = admin.add_scope(&community, ScopeKind::Grid, "第一网格").await.expect("a grid");
        let second = admin.add_scope(&community, ScopeKind::Grid, "第二网格").await.expect("a grid");
        let safety = admin.find_scope("安全防范").await.expect("a task group").id;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let running = server.serve(listener).expect("it serves");
        Self {
            folder,
            address: running.address(),
            people: BTreeMap::new(),
            server: Some((server, running)),
            community,
            grids: [first, second],
            safety,
        }
    }

    /// Where its server listens.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The town's own folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The server.
    ///
    /// # Panics
    /// While it is down.
    #[must_use]
    pub fn server(&self) -> &Server {
        &self.server.as_ref().expect("the server is up").0
    }

    /// A person of the town with these roles; made on first mention.
    ///
    /// # Panics
    /// If the server refuses.
    pub async fn person(&mut self, name: &str, roles: &[(ScopeId, Role)]) -> PersonId {
        let admin = self.server().admin();
        let id = match self.people.get(name) {
            Some(id) => id.clone(),
            None => admin.add_person(name).await.expect("a person"),
        };
        for (scope, role) in roles {
            admin.grant(&id, *role, scope).await.expect("a grant");
        }
        self.people.insert(name.to_owned(), id.clone());
        id
    }

    /// An invitation for a person of the town.
    ///
    /// # Panics
    /// If the server refuses.
    pub async fn invite(&self, person: &PersonId) -> String {
        self.server().admin().invite(person, 7).await.expect("an invitation").secret
    }

    /// A new, enrolled phone of a person with these roles. A person may have several.
    ///
    /// # Panics
    /// If it cannot enrol.
    pub async fn phone(&mut self, name: &str, roles: &[(ScopeId, Role)]) -> Phone {
        self.phone_in(name, roles, Surroundings::system()).await
    }

    /// [`Town::phone`] with a clock of its own.
    ///
    /// # Panics
    /// If it cannot enrol.
    pub async fn phone_in(
        &mut self,
        name: &str,
        roles: &[(ScopeId, Role)],
        surroundings: Surroundings,
    ) -> Phone {
        let person = self.person(name, roles).await;
        let number = std::fs::read_dir(self.folder.path()).map_or(0, Iterator::count);
        let path = self.folder.path().join(format!("phone-{number}/workbook.db"));
        let phone = Phone::open_in(&path, surroundings);
        let end = HttpServer::new(&self.url(), None, Surroundings::system()).expect("a client");
        phone
            .workbook()
            .enrol(&end, &self.url(), &self.invite(&person).await, name)
            .await
            .expect("enrolment");
        phone
    }

    /// A worker of the first grid, who is also a member of the task group.
    pub async fn worker(&mut self, name: &str) -> Phone {
        let roles = [(self.grids[0].clone(), Role::Worker), (self.safety.clone(), Role::Member)];
        self.phone(name, &roles).await
    }

    /// A lead of the whole community.
    pub async fn lead(&mut self, name: &str) -> Phone {
        let roles = [(self.community.clone(), Role::Lead)];
        self.phone(name, &roles).await
    }

    /// Stops the server.
    ///
    /// # Panics
    /// If it does not stop.
    pub async fn stop(&mut self) {
        if let Some((_, running)) = self.server.take() {
            running.stop().await.expect("it stops");
        }
    }

    /// Starts the server again at its old address.
    ///
    /// # Panics
    /// If the port is gone.
    pub async fn start(&mut self) {
        self.start_in(Surroundings::system()).await;
    }

    /// [`Town::start`] on a machine with a clock of its own.
    ///
    /// # Panics
    /// If the port is gone.
    pub async fn start_in(&mut self, surroundings: Surroundings) {
        let server = open_server(&self.data(), surroundings).await;
        let listener = TcpListener::bind(self.address).await.expect("the old port");
        let running = server.serve(listener).expect("it serves");
        self.server = Some((server, running));
    }

    /// Keeps a backup; returns its file.
    ///
    /// # Panics
    /// If the disk refuses.
    pub async fn back_up(&self) -> PathBuf {
        let number = std::fs::read_dir(self.folder.path()).map_or(0, Iterator::count);
        let file = self.folder.path().join(format!("backup-{number}.db"));
        self.server().backup(&file).await.expect("a backup");
        file
    }

    /// Replaces the server's database by a backup and starts it again.
    ///
    /// # Panics
    /// If the disk refuses.
    pub async fn restore(&mut self, backup: &Path) {
        self.stop().await;
        for suffix in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(self.data().join(format!("gridbook.db{suffix}")));
        }
        std::fs::copy(backup, self.data().join("gridbook.db")).expect("the backup is copied");
        self.start().await;
    }

    /// The server's folder.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("server")
    }

    /// Lets phones talk to the server until nothing is new for any of them.
    ///
    /// # Panics
    /// If one cannot sync, or they never come to rest.
    pub async fn settle(&self, phones: &[&Phone]) {
        for _ in 0..6 {
            let mut moved = 0;
            for phone in phones {
                let report = phone.sync().await.expect("the phone syncs");
                moved += report.sent + report.received + report.healed;
            }
            if moved == 0 {
                return;
            }
        }
        panic!("the town does not come to rest");
    }
}

/// A server in `folder`. It lets phones ask as often as they like: a story does in a second what a town does in
/// a month.
async fn open_server(folder: &Path, surroundings: Surroundings) -> Server {
    let unbounded = Rate::new(u32::MAX, Duration::from_nanos(1));
    let limits =
        Limits { device: unbounded, strangers: unbounded, enrolments: unbounded, ..Limits::default() };
    Server::open(folder, surroundings).await.expect("a server").with_limits(limits)
}

fn open(path: &Path, surroundings: Surroundings) -> Opened {
    let (key, install_nonce) = (&Key::new(KEY), Some([1; 16]));
    Workbook::open(OpenOptions { path, key, install_nonce, surroundings }).expect("the phone opens")
}

/// A phone: a workbook in its own folder.
pub struct Phone {
    path: PathBuf,
    workbook: Option<Workbook>,
    offline: bool,
}

/// The key of every phone in a story; on a real one it lives in the platform's key store.
pub const KEY: [u8; 32] = [7; 32];

impl Phone {
    /// Opens, or makes, the phone whose database is at `path`.
    ///
    /// # Panics
    /// If it does not open, or had to be salvaged.
    #[must_use]
    pub fn open(path: &Path) -> Self {
        Self::open_in(path, Surroundings::system())
    }

    /// [`Phone::open`] with a clock of its own.
    ///
    /// # Panics
    /// As [`Phone::open`].
    #[must_use]
    pub fn open_in(path: &Path, surroundings: Surroundings) -> Self {
        let Opened { workbook, salvage } = open(path, surroundings);
        assert!(salvage.is_none(), "{salvage:?}");
        Self { path: path.to_owned(), workbook: Some(workbook), offline: false }
    }

    /// Its database file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The workbook.
    ///
    /// # Panics
    /// Never: it is closed only while it is reopened.
    #[must_use]
    pub fn workbook(&self) -> &Workbook {
        self.workbook.as_ref().expect("the phone is open")
    }

    /// Closes the app and opens it again.
    pub fn reopen(&mut self) {
        self.workbook = None;
        *self = Self { offline: self.offline, ..Self::open(&self.path) };
    }

    /// Closes the app, lets noise take the database's first page with the names of its tables, and opens it again; what
    /// could be saved.
    ///
    /// # Panics
    /// If it does not open, or noticed nothing.
    pub fn damage(&mut self) -> SalvageReport {
        self.workbook = None;
        let mut bytes = std::fs::read(&self.path).expect("a database");
        bytes[..4_096].fill(0x5a);
        std::fs::write(&self.path, bytes).expect("it is written");
        let opened = open(&self.path, Surroundings::system());
        self.workbook = Some(opened.workbook);
        opened.salvage.expect("the damage is noticed")
    }

    /// Loses the network.
    pub fn go_offline(&mut self) {
        self.offline = true;
    }

    /// Has the network again.
    pub fn go_online(&mut self) {
        self.offline = false;
    }

    /// The client of this phone for its server.
    ///
    /// # Errors
    /// If the phone is not enrolled.
    pub fn client(&self) -> Result<HttpServer> {
        let enrolment = self.workbook().enrolment().ok_or(Error::NotEnrolled)?;
        // Nothing listens on port 9 of this machine: the request fails as it does without a network.
        let server = if self.offline { "http://127.0.0.1:9".to_owned() } else { enrolment.address.url };
        let device = Some((enrolment.device, self.workbook().signer()));
        HttpServer::new(&server, device, Surroundings::system())
    }

    /// One exchange.
    ///
    /// # Errors
    /// The workbook's.
    pub async fn sync(&self) -> Result<SyncReport> {
        self.workbook().sync(&self.client()?, |_| {}).await
    }

    /// Saves a household at a dwelling such as `3-1-501`.
    ///
    /// # Panics
    /// If it is refused.
    #[must_use]
    pub fn household(&self, dwelling: &str) -> Record<Household> {
        let household =
            Household { dwelling: dwelling.parse().ok(), class: "yellow".into(), ..Household::default() };
        self.workbook().households().save(New::of(household)).expect("a household")
    }

    /// Saves a visit that met someone.
    ///
    /// # Panics
    /// If it is refused.
    #[must_use]
    pub fn visit(&self, household: &Record<Household>, note: &str) -> Record<Visit> {
        let visit = Visit {
            household: household.id,
            outcome: Some(Outcome::Met),
            note: note.into(),
            ..Visit::default()
        };
        self.workbook().visits().save(New::of(visit)).expect("a visit")
    }
}
