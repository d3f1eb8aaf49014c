//! What the stories share: a real server on a free port over a temporary folder, and a phone reduced to
//! the wire, written with the core's encoding, proof and documents.
#![allow(dead_code, unreachable_pub, reason = "each story uses its part")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use gridbook_core::clock::{Clock, Instant, Surroundings, SystemEntropy, Zone};
use gridbook_core::doc::{Document, Edits, NewChange};
use gridbook_core::gate;
use gridbook_core::id::{ActorId, Chain, ChangeHash, DeviceId, PersonId, RecordId, ScopeId};
use gridbook_core::key::{Signer, SoftwareKey};
use gridbook_core::model::{
    Content, DiaryEntry, Fields, Header, Outcome, Projection, Role, Scalar, ScopeKind, Visit,
};
use gridbook_core::sync::encoding::{decode, encode};
use gridbook_core::sync::proof::{DEVICE_HEADER, NONCE_HEADER, PROOF_HEADER, Stamp, TIME_HEADER};
use gridbook_core::sync::protocol::{
    Checkpoint, Cursor, EnrolRequest, EnrolResponse, Failure, Page, Push, Receipt, RecoverRequest,
    RecoverResponse, ScopePage, SyncRequest, SyncResponse, VERSION,
};
use gridbook_server::db::{Append, Appended, Arrival, Row, Update};
use gridbook_server::limits::Limits;
use gridbook_server::{Running, Server};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// 2026-11-23, nine in the morning in UTC+8.
pub const MONDAY: i64 = 1_795_395_600_000;
pub const DAY: i64 = 24 * 60 * 60 * 1_000;

/// A clock that tests turn by hand.
#[derive(Debug)]
pub struct TurnedClock(AtomicI64);

impl TurnedClock {
    pub fn forward(&self, milliseconds: i64) {
        self.0.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

impl Clock for TurnedClock {
    fn now(&self) -> Instant {
        Instant(self.0.load(Ordering::SeqCst))
    }
}

pub struct Site {
    pub folder: tempfile::TempDir,
    pub clock: Arc<TurnedClock>,
    pub server: Server,
    pub running: Running,
    pub community: ScopeId,
    pub grid: ScopeId,
}

impl Site {
    pub async fn open() -> Self {
        Self::open_with(Limits::default()).await
    }

    pub async fn open_with(limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(TurnedClock(AtomicI64::new(MONDAY)));
        let server = Server::open(folder.path(), surroundings(&clock)).await.unwrap().with_limits(limits);
        let admin = server.admin();
        let community = admin.add_community("样例社区").await.unwrap();
        let grid = admin.add_scope(&community, ScopeKind::Grid, "第一网格").await.unwrap();
        let running = serve(&server).await;
        Self { folder, clock, server, running, community, grid }
    }

    pub fn surroundings(&self) -> Surroundings {
        surroundings(&self.clock)
    }

    pub async fn person(&self, name: &str, role: Role, scope: &ScopeId) -> PersonId {
        let admin = self.server.admin();
        let person = admin.add_person(name).await.unwrap();
        admin.grant(&person, role, scope).await.unwrap();
        person
    }

    pub async fn worker(&self, name: &str) -> Phone {
        let person = self.person(name, Role::Worker, &self.grid).await;
        self.phone_of(&person).await
    }

    pub async fn phone_of(&self, person: &PersonId) -> Phone {
        let invitation = self.server.admin().invite(person, 7).await.unwrap();
        let mut phone = Phone::new(&self.running.url(), self.surroundings());
        phone.enrol(&invitation.secret).await.unwrap();
        phone
    }

    pub async fn group(&self, name: &str) -> ScopeId {
        self.server.admin().find_scope(name).await.unwrap().id
    }

    /// Puts another database file in place of the server's and starts it again on a new port.
    pub async fn restore(self, backup: &std::path::Path) -> Self {
        let Self { folder, clock, server, running, community, grid } = self;
        running.stop().await.unwrap();
        drop(server);
        for name in ["gridbook.db", "gridbook.db-wal", "gridbook.db-shm"] {
            std::fs::remove_file(folder.path().join(name)).ok();
        }
        std::fs::copy(backup, folder.path().join("gridbook.db")).unwrap();
        let server = Server::open(folder.path(), surroundings(&clock)).await.unwrap();
        let running = serve(&server).await;
        Self { folder, clock, server, running, community, grid }
    }
}

/// Puts records' rows into a scope's log as they are, without the changes that a phone would have made: many at once.
pub async fn append_rows(site: &Site, scope: &ScopeId, rows: Vec<Row>) {
    let (mut arrivals, mut updates) = (Vec::new(), Vec::new());
    for row in rows {
        let mut hash = [0; 32];
        hash[..16].copy_from_slice(row.id.as_bytes());
        arrivals.push(Arrival {
            hash: ChangeHash(hash),
            record: row.id,
            actor: ActorId([1; 16]),
            device: None,
            named: None,
            held: false,
            bytes: vec![0; 8],
        });
        updates.push(Update { expected: 0, moves: 0, ties: Vec::new(), follows: None, row });
    }
    let append = Append { scope: scope.clone(), access: None, at: Instant(MONDAY), arrivals, updates };
    let appended = site.server.service().database().append(append).await.unwrap();
    assert!(matches!(appended, Appended::Done(_)));
}

/// The row of a record that was written at a moment.
pub fn row_of(
    id: RecordId,
    scope: &ScopeId,
    author: &PersonId,
    at: Instant,
    content: impl Into<Content>,
) -> Row {
    let content = content.into();
    let (kind, schema) = (content.kind(), Header::SCHEMA);
    let grid = Some(scope.clone());
    let header = Header { kind, schema, author: author.clone(), grid, occurred_at: at, voided: None };
    let fields: Fields = header.fields().into_iter().chain(content.fields()).collect();
    let projection = Projection::of(&fields, Zone::china()).unwrap();
    Row {
        id,
        kind,
        scope: scope.clone(),
        grid: Some(scope.clone()),
        author: author.clone(),
        day: projection.day,
        occurred_at: at,
        created: at,
        updated: at,
        voided: false,
        conflicts: 0,
        building: content.building().map(str::to_owned),
        subject: content.subject(),
        fingerprint: "00000000".into(),
        json: projection.json,
    }
}

fn surroundings(clock: &Arc<TurnedClock>) -> Surroundings {
    Surroundings { clock: Arc::clone(clock) as Arc<dyn Clock>, entropy: Arc::new(SystemEntropy) }
}

async fn serve(server: &Server) -> Running {
    server.serve(tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap()).unwrap()
}

/// A refusal as it came: status and body.
pub type Refused = (u16, Failure);

pub struct Phone {
    pub secret: [u8; 32],
    pub actor: ActorId,
    pub device: DeviceId,
    pub person: PersonId,
    pub url: String,
    /// What it calls itself.
    pub label: String,
    pub surroundings: Surroundings,
    pub cursors: BTreeMap<ScopeId, (u64, Chain)>,
    /// The log as this phone knows it: (record, hash, bytes) by scope and number.
    pub log: BTreeMap<(ScopeId, u64), (RecordId, ChangeHash, Vec<u8>)>,
    pub checkpoints: BTreeMap<ScopeId, Vec<Checkpoint>>,
    pub documents: BTreeMap<RecordId, Document>,
    http: reqwest::Client,
}

impl Phone {
    pub fn new(url: &str, surroundings: Surroundings) -> Self {
        Self {
            secret: surroundings.random(),
            actor: ActorId::new(&surroundings),
            device: DeviceId::default(),
            person: PersonId::default(),
            url: url.to_owned(),
            label: "测试机".to_owned(),
            surroundings,
            cursors: BTreeMap::new(),
            log: BTreeMap::new(),
            checkpoints: BTreeMap::new(),
            documents: BTreeMap::new(),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    pub async fn enrol(&mut self, invite: &str) -> Result<EnrolResponse, Refused> {
        let request = EnrolRequest {
            protocol: VERSION,
            invite: invite.to_owned(),
            key: SoftwareKey::ed25519(&self.secret).key(),
            actor: self.actor,
            label: self.label.clone(),
        };
        let response: EnrolResponse = self.post("/v1/enrol", &request).await?;
        self.device = response.device.clone();
        self.person = response.person.clone();
        for grant in &response.grants {
            self.cursors.entry(grant.scope.clone()).or_insert((0, Chain::START));
        }
        Ok(response)
    }

    pub async fn post<A: DeserializeOwned>(
        &self,
        path: &str,
        request: &impl Serialize,
    ) -> Result<A, Refused> {
        let body = encode(request).unwrap();
        let stamp = self.stamp();
        let signature = self.sign(&stamp, path, &body);
        self.post_raw(path, body, &stamp, &signature).await
    }

    pub fn stamp(&self) -> Stamp {
        Stamp::new(&self.device, self.surroundings.now(), &self.surroundings)
    }

    pub fn sign(&self, stamp: &Stamp, path: &str, body: &[u8]) -> String {
        stamp.sign(&SoftwareKey::ed25519(&self.secret), path, body).unwrap()
    }

    pub async fn post_raw<A: DeserializeOwned>(
        &self,
        path: &str,
        body: Vec<u8>,
        stamp: &Stamp,
        signature: &str,
    ) -> Result<A, Refused> {
        let request = self.http.post(format!("{}{path}", self.url)).body(body);
        let request = request
            .header(DEVICE_HEADER, stamp.device.as_str())
            .header(TIME_HEADER, stamp.at.0.to_string())
            .header(NONCE_HEADER, stamp.nonce_text())
            .header(PROOF_HEADER, signature);
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        assert!(answer.headers().contains_key("gridbook-server-time"), "every answer tells the time");
        assert!(answer.headers().contains_key("x-request-id"), "every answer names its request");
        let body = answer.bytes().await.unwrap();
        if status == 200 { Ok(decode(&body).unwrap()) } else { Err((status, decode(&body).unwrap())) }
    }

    /// A new record's first change.
    pub fn begin(&mut self, content: impl Into<Content>) -> (RecordId, NewChange) {
        let id = RecordId::new(&self.surroundings);
        (id, self.begin_as(id, content, &self.person.clone()))
    }

    pub fn begin_as(&mut self, id: RecordId, content: impl Into<Content>, author: &PersonId) -> NewChange {
        let content = content.into();
        let header = Header {
            kind: content.kind(),
            schema: Header::SCHEMA,
            author: author.clone(),
            grid: None,
            occurred_at: self.surroundings.now(),
            voided: None,
        };
        let fields = header.fields().into_iter().chain(content.fields());
        let edits = fields.map(|(path, value)| (path, Some(value))).collect();
        let mut document = Document::new();
        let change = document.write(self.actor, self.surroundings.now(), &edits).unwrap().unwrap();
        self.documents.insert(id, document);
        change
    }

    /// An edit of one text field of a record that this phone holds.
    pub fn edit(&mut self, id: RecordId, field: &str, value: &str) -> NewChange {
        self.write(id, field, Scalar::Text(value.into()))
    }

    /// An edit of one field of a record that this phone holds.
    pub fn write(&mut self, id: RecordId, field: &str, value: Scalar) -> NewChange {
        self.write_all(id, [(field.to_owned(), Some(value))].into())
    }

    /// One change with these edits of a record that this phone holds.
    pub fn write_all(&mut self, id: RecordId, edits: Edits) -> NewChange {
        let now = self.surroundings.now();
        self.documents.get_mut(&id).unwrap().write(self.actor, now, &edits).unwrap().unwrap()
    }

    pub fn request(&self, pushes: &[(RecordId, &ScopeId, &[u8])]) -> SyncRequest {
        let scopes: Vec<_> = self.cursors.keys().cloned().collect();
        SyncRequest {
            protocol: VERSION,
            actor: self.actor.0.to_vec(),
            cursors: self
                .cursors
                .iter()
                .map(|(scope, (seq, chain))| Cursor { scope: scope.clone(), seq: *seq, chain: *chain })
                .collect(),
            push: pushes
                .iter()
                .map(|(record, scope, bytes)| {
                    let index =
                        scopes.iter().position(|known| known == *scope).unwrap_or(usize::from(u16::MAX));
                    Push(*record, u16::try_from(index).unwrap(), bytes.to_vec())
                })
                .collect(),
            directory: 0,
            echo: false,
            page: 2_000,
            ask: Vec::new(),
            reveals: Vec::new(),
            // As a phone did that does not tell of itself.
            app: None,
            unsent: None,
        }
    }

    pub async fn send(&self, request: &SyncRequest) -> Result<SyncResponse, Refused> {
        self.post("/v1/sync", request).await
    }

    /// One exchange; pages are checked against the chain and kept.
    pub async fn sync(&mut self, pushes: &[(RecordId, &ScopeId, &[u8])]) -> SyncResponse {
        let request = self.request(pushes);
        let response = self.send(&request).await.unwrap();
        self.take(pushes, &response);
        response
    }

    pub async fn push(&mut self, scope: &ScopeId, changes: &[(RecordId, NewChange)]) -> Vec<Receipt> {
        let pushes: Vec<_> =
            changes.iter().map(|(id, change)| (*id, scope, change.bytes.as_slice())).collect();
        self.sync(&pushes).await.receipts
    }

    pub fn take(&mut self, pushes: &[(RecordId, &ScopeId, &[u8])], response: &SyncResponse) {
        for ((record, scope, bytes), receipt) in pushes.iter().zip(&response.receipts) {
            if let Receipt::Accepted(seq) | Receipt::Known(seq) = receipt {
                let hash = gate::hash_of(bytes);
                self.log.insert(((*scope).clone(), *seq), (*record, hash, bytes.to_vec()));
            }
        }
        for page in &response.scopes {
            if let ScopePage::Page(page) = page {
                self.take_page(page);
            }
        }
    }

    fn take_page(&mut self, page: &Page) {
        let (after, mut chain) = self.cursors.get(&page.scope).copied().unwrap_or((0, Chain::START));
        assert_eq!(page.after, after);
        let mut pulled = page.changes.iter();
        for seq in after + 1..=page.upto {
            if !page.own.contains(&seq) {
                let change = pulled.next().unwrap();
                let entry = (change.0, gate::hash_of(&change.1), change.1.clone());
                self.log.insert((page.scope.clone(), seq), entry);
                self.apply(change.0, &change.1);
            }
            chain = chain.append(&self.log[&(page.scope.clone(), seq)].1);
        }
        assert!(pulled.next().is_none(), "every change has its place");
        assert_eq!(chain, page.chain, "the chain checks out on the phone");
        self.cursors.insert(page.scope.clone(), (page.upto, page.chain));
        let checkpoint = Checkpoint { seq: page.upto, chain: page.chain, seal: page.seal };
        self.checkpoints.entry(page.scope.clone()).or_default().push(checkpoint);
    }

    fn apply(&mut self, record: RecordId, bytes: &[u8]) {
        let change = gate::read(bytes).unwrap();
        let document = self.documents.entry(record).or_default();
        document.apply(&change).unwrap();
    }

    pub async fn recover(&self, request: &RecoverRequest) -> Result<RecoverResponse, Refused> {
        self.post("/v1/recover", request).await
    }

    /// What this phone reads in a field.
    pub fn text(&self, id: RecordId, field: &str) -> String {
        let fields = self.documents[&id].fields();
        fields.get(field).and_then(|value| value.as_text()).unwrap_or_default().to_owned()
    }
}

/// The records of a response's pages, in order.
pub fn pulled(response: &SyncResponse, scope: &ScopeId) -> Vec<RecordId> {
    let page = response.scopes.iter().find_map(|page| match page {
        ScopePage::Page(page) if page.scope == *scope => Some(page),
        _ => None,
    });
    page.map(|page| page.changes.iter().map(|pulled| pulled.0).collect()).unwrap_or_default()
}

pub fn visit(note: &str) -> Visit {
    Visit {
        household: RecordId::derived(&["household", note]),
        outcome: Some(Outcome::Met),
        note: note.into(),
        ..Visit::default()
    }
}

pub fn diary(day: &str, text: &str) -> DiaryEntry {
    DiaryEntry { date: day.parse().ok(), text: text.into(), ..DiaryEntry::default() }
}
