//! The embedded database: one SQLite file, one writer, a few readers.
//!
//! The only room of the server that names rusqlite. WAL with `synchronous=FULL`: what is answered as
//! accepted survives a power cut. Every call runs off the async threads.

mod admin;
mod audit;
mod columns;
mod connections;
mod console;
mod devices;
mod erasure;
mod figures;
mod hand_over;
mod log;
mod migrate;
mod parcels;
mod reading;
mod records;
mod roll;
mod rounds;
mod tags;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use gridbook_core::clock::{Day, Instant, Surroundings};
use gridbook_core::id::{ActorId, Chain, ChangeHash, DeviceId, PersonId, RecordId, RevealId, ScopeId};
use gridbook_core::model::Kind;
use rusqlite::{Connection, Transaction};

use connections::Connections;
pub use connections::Threads;

use super::{
    Actor, Append, Appended, AuditEntry, AuditHash, AuditRow, AuditState, BackOff, Came, ConsoleAccount,
    ConsoleSession, Contact, Counted, Counts, Database, Decided, Device, Edit, Enrolled, Enrolling, Entry,
    Erase, Erased, Figure, HandOver, HandedOver, Head, Held, Home, Identity, Kept, Known, Listed, Meant,
    NewParcel, Outdated, PageLimit, ParcelRow, Place, Quarantined, Reached, RecordQuery, Redone, RefusedRow,
    Registered, Roll, Row, SealedParcel, Standings, Tally, TokenRow, Versions,
};
use crate::error::Result;

/// The embedded database.
#[derive(Clone, Debug)]
pub struct Sqlite {
    connections: Arc<Connections>,
}

impl Sqlite {
    /// Opens the file, makes it if there is none, and brings its schema up to date.
    ///
    /// # Errors
    /// [`crate::Error::NewerSchema`] if a newer server wrote it, which touches nothing; otherwise
    /// [`crate::Error::Database`] or [`crate::Error::File`].
    pub fn open(file: &Path, surroundings: &Surroundings, threads: Threads) -> Result<Self> {
        let connections = Connections::open(file, threads)?;
        connections.write_here(|tx| migrate::ensure_identity(tx, surroundings))?;
        let pending = connections.read_here(|c| {
            Ok(c.query_row("SELECT unscrubbed FROM server", [], |row| row.get::<_, bool>(0))?)
        })?;
        if pending {
            // A purge was interrupted before its last step. Where another process is in the way, the next start tries.
            if let Err(error) = connections.rewrite() {
                tracing::warn!(%error, "erased bytes are not scrubbed yet");
            }
        }
        Ok(Self { connections: Arc::new(connections) })
    }

    /// Writes a consistent copy to `file` while the server keeps running.
    ///
    /// # Errors
    /// [`crate::Error::Admin`] if the file exists; otherwise what the database or the disk says.
    pub async fn backup(&self, file: &Path) -> Result<()> {
        let file = file.to_owned();
        self.read(move |connection| connections::backup(connection, &file)).await
    }

    /// Writes a consistent copy to `file` that only `key`, 64 hexadecimal digits, opens.
    ///
    /// # Errors
    /// As [`Sqlite::backup`].
    pub async fn sealed_backup(&self, file: &Path, key: &str) -> Result<()> {
        let (file, key) = (file.to_owned(), key.to_owned());
        self.read(move |connection| {
            let source = connection.path().map(Path::new).unwrap_or(Path::new(""));
            connections::sealed_backup(source, &file, &key)
        })
        .await
    }

    /// Makes the database `file` of a sealed backup.
    ///
    /// # Errors
    /// [`crate::Error::Admin`] if there is a database already, or the key does not open the backup.
    pub fn open_backup(sealed: &Path, key: &str, file: &Path) -> Result<()> {
        connections::open_backup(sealed, key, file)
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let connections = Arc::clone(&self.connections);
        self.connections.threads().run(move || connections.read_here(work)).await?
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let connections = Arc::clone(&self.connections);
        self.connections.threads().run(move || connections.write_here(work)).await?
    }
}

#[async_trait]
impl Database for Sqlite {
    async fn ping(&self) -> Result<()> {
        self.read(|c| Ok(c.query_row("SELECT only FROM server", [], |_| Ok(()))?)).await
    }

    async fn identity(&self) -> Result<Identity> {
        self.read(roll::identity).await
    }

    async fn versions(&self) -> Result<Versions> {
        self.read(roll::versions).await
    }

    async fn roll(&self) -> Result<Roll> {
        self.read(roll::roll).await
    }

    async fn edit(&self, edits: Vec<Edit>, at: Instant) -> Result<usize> {
        self.write(move |tx| admin::edit(tx, &edits, None, at)).await
    }

    async fn edit_by(&self, edits: Vec<Edit>, by: Decided, at: Instant) -> Result<usize> {
        self.write(move |tx| admin::edit_by(tx, &edits, &by, at)).await
    }

    async fn refused(
        &self,
        devices: &[DeviceId],
        scopes: &[ScopeId],
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<RefusedRow>> {
        let (devices, scopes) = (devices.to_vec(), scopes.to_vec());
        self.read(move |c| log::refused(c, &devices, &scopes, before, limit)).await
    }

    async fn refused_counts(&self, devices: &[DeviceId], scopes: &[ScopeId]) -> Result<Vec<(DeviceId, u64)>> {
        let (devices, scopes) = (devices.to_vec(), scopes.to_vec());
        self.read(move |c| log::refused_counts(c, &devices, &scopes)).await
    }

    async fn buildings(&self, scope: &ScopeId) -> Result<Vec<(String, u64)>> {
        let scope = scope.clone();
        self.read(move |c| records::buildings(c, &scope)).await
    }

    async fn device(&self, id: &DeviceId) -> Result<Option<Device>> {
        let id = id.clone();
        self.read(move |c| devices::device(c, &id)).await
    }

    async fn places_of(&self, person: &PersonId) -> Result<Vec<Place>> {
        let person = person.clone();
        self.read(move |c| roll::places_of(c, &person)).await
    }

    async fn past_places_of(&self, person: &PersonId) -> Result<Vec<Place>> {
        let person = person.clone();
        self.read(move |c| roll::past_places_of(c, &person)).await
    }

    async fn keep_parcel(&self, parcel: NewParcel, limit: u64) -> Result<bool> {
        self.write(move |tx| parcels::keep(tx, &parcel, limit)).await
    }

    async fn parcels(&self) -> Result<Vec<ParcelRow>> {
        self.read(parcels::all).await
    }

    async fn parcels_of(&self, device: &DeviceId) -> Result<Vec<SealedParcel>> {
        let device = device.clone();
        self.read(move |c| parcels::of(c, &device)).await
    }

    async fn replace_parcel(&self, device: &DeviceId, parcel: SealedParcel) -> Result<()> {
        let device = device.clone();
        self.write(move |tx| parcels::replace(tx, &device, &parcel)).await
    }

    async fn mark_parcels(&self, device: &DeviceId, at: Instant) -> Result<()> {
        let device = device.clone();
        self.write(move |tx| parcels::mark(tx, &device, at)).await
    }

    async fn lease_hours(&self, communities: &[ScopeId]) -> Result<Option<u32>> {
        let communities = communities.to_vec();
        self.read(move |c| roll::lease_hours(c, &communities)).await
    }

    async fn token(&self, hash: &[u8; 32]) -> Result<Option<TokenRow>> {
        let hash = *hash;
        self.read(move |c| roll::token(c, &hash)).await
    }

    async fn console_account(&self, person: &PersonId) -> Result<Option<ConsoleAccount>> {
        let person = person.clone();
        self.read(move |c| console::account(c, &person)).await
    }

    async fn use_code(&self, person: &PersonId, step: u64) -> Result<bool> {
        let person = person.clone();
        self.write(move |tx| console::use_code(tx, &person, step)).await
    }

    async fn begin_session(&self, session: ConsoleSession, oldest: Instant) -> Result<()> {
        self.write(move |tx| console::begin(tx, &session, oldest)).await
    }

    async fn session(&self, hash: &[u8; 32]) -> Result<Option<ConsoleSession>> {
        let hash = *hash;
        self.read(move |c| console::session(c, &hash)).await
    }

    async fn touch_session(&self, hash: &[u8; 32], at: Instant) -> Result<()> {
        let hash = *hash;
        self.write(move |tx| console::touch(tx, &hash, at)).await
    }

    async fn end_session(&self, hash: &[u8; 32]) -> Result<()> {
        let hash = *hash;
        self.write(move |tx| console::end(tx, &hash)).await
    }

    async fn count_login(&self, counted: Vec<(Counted, BackOff)>, at: Instant) -> Result<Option<Instant>> {
        self.write(move |tx| console::count(tx, &counted, at)).await
    }

    async fn forgive_login(&self, clear: Vec<Counted>, take_back: Vec<Counted>) -> Result<()> {
        self.write(move |tx| console::forgive(tx, &clear, &take_back)).await
    }

    async fn note_contact(&self, device: &DeviceId, contact: Contact) -> Result<()> {
        let device = device.clone();
        self.write(move |tx| devices::note_contact(tx, &device, &contact)).await
    }

    async fn actor(&self, id: &ActorId) -> Result<Option<Actor>> {
        let id = *id;
        self.read(move |c| devices::actor(c, &id)).await
    }

    async fn actors_of(&self, device: &DeviceId) -> Result<Vec<ActorId>> {
        let device = device.clone();
        self.read(move |c| devices::actors_of(c, &device)).await
    }

    async fn register_actor(&self, actor: ActorId, device: &DeviceId, at: Instant) -> Result<Registered> {
        let device = device.clone();
        self.write(move |tx| devices::register_actor(tx, &actor, &device, at)).await
    }

    async fn enrol(&self, enrolling: Enrolling) -> Result<Enrolled> {
        self.write(move |tx| devices::enrol(tx, &enrolling)).await
    }

    async fn heads(&self, scopes: &[ScopeId]) -> Result<Vec<Head>> {
        let scopes = scopes.to_vec();
        self.read(move |c| log::heads(c, &scopes)).await
    }

    async fn chain_at(&self, scope: &ScopeId, seq: u64) -> Result<Option<Chain>> {
        let scope = scope.clone();
        self.read(move |c| log::chain_at(c, &scope, seq)).await
    }

    async fn page(&self, scope: &ScopeId, after: u64, limit: PageLimit) -> Result<Vec<Entry>> {
        let scope = scope.clone();
        self.read(move |c| log::page(c, &scope, after, limit)).await
    }

    async fn known(&self, changes: &[(ChangeHash, RecordId, ScopeId)]) -> Result<Vec<Known>> {
        let changes = changes.to_vec();
        self.read(move |c| log::known(c, &changes)).await
    }

    async fn known_hashes(&self, hashes: &[ChangeHash]) -> Result<Vec<bool>> {
        let hashes = hashes.to_vec();
        self.read(move |c| log::known_hashes(c, &hashes)).await
    }

    async fn listed_hashes(&self, scope: &ScopeId, hashes: &[ChangeHash]) -> Result<Vec<bool>> {
        let (scope, hashes) = (scope.clone(), hashes.to_vec());
        self.read(move |c| log::listed_hashes(c, &scope, &hashes)).await
    }

    async fn listed(&self, asked: &[(RecordId, ScopeId)]) -> Result<Vec<Listed>> {
        let asked = asked.to_vec();
        self.read(move |c| hand_over::listed(c, &asked)).await
    }

    async fn company(&self, scope: &ScopeId, meant: &Meant) -> Result<Vec<(RecordId, Kind)>> {
        let (scope, meant) = (scope.clone(), meant.clone());
        self.read(move |c| hand_over::company_in(c, &scope, &meant)).await
    }

    async fn hand_over(&self, wanted: HandOver) -> Result<HandedOver> {
        self.write(move |tx| hand_over::hand_over(tx, &wanted)).await
    }

    async fn hand_over_again(&self, scope: &ScopeId, notice: &[u8], at: Instant) -> Result<Redone> {
        let (scope, notice) = (scope.clone(), notice.to_vec());
        self.write(move |tx| hand_over::redo(tx, &scope, &notice, at)).await
    }

    async fn held(&self, ids: &[RecordId]) -> Result<Vec<Held>> {
        let ids = ids.to_vec();
        self.read(move |c| log::held(c, &ids)).await
    }

    async fn scopes_of(&self, ids: &[RecordId]) -> Result<Vec<(RecordId, (ScopeId, Kind))>> {
        let ids = ids.to_vec();
        self.read(move |c| log::scopes_of(c, &ids)).await
    }

    async fn erased(&self, ids: &[RecordId]) -> Result<Vec<RecordId>> {
        let ids = ids.to_vec();
        self.read(move |c| erasure::erased(c, &ids)).await
    }

    async fn outdated(&self, wanted: Outdated) -> Result<Vec<RecordId>> {
        self.read(move |c| erasure::outdated(c, &wanted)).await
    }

    async fn erase(&self, wanted: Vec<Erase>) -> Result<Vec<Erased>> {
        self.write(move |tx| {
            let gone: Result<Vec<_>> = wanted.iter().map(|wanted| erasure::erase(tx, wanted)).collect();
            Ok(gone?.into_iter().flatten().collect())
        })
        .await
    }

    async fn erase_about(&self, wanted: Vec<Erase>) -> Result<Vec<Erased>> {
        self.write(move |tx| {
            let gone: Result<Vec<_>> = wanted.iter().map(|wanted| erasure::erase_about(tx, wanted)).collect();
            Ok(gone?.into_iter().flatten().collect())
        })
        .await
    }

    async fn erase_again(&self, scope: &ScopeId, notice: &[u8], at: Instant) -> Result<bool> {
        let (scope, notice) = (scope.clone(), notice.to_vec());
        self.write(move |tx| erasure::erase_again(tx, &scope, &notice, at)).await
    }

    async fn scrub(&self) -> Result<()> {
        let connections = Arc::clone(&self.connections);
        self.connections.threads().run(move || connections.rewrite()).await?
    }

    async fn append(&self, append: Append) -> Result<Appended> {
        self.write(move |tx| log::append(tx, &append)).await
    }

    async fn quarantine(&self, refused: Vec<Quarantined>) -> Result<()> {
        self.write(move |tx| log::quarantine(tx, &refused)).await
    }

    async fn records(&self, query: &RecordQuery) -> Result<Vec<Row>> {
        let query = query.clone();
        self.read(move |c| records::records(c, &query)).await
    }

    async fn kept_records(&self, query: &RecordQuery) -> Result<Vec<Kept>> {
        let query = query.clone();
        self.read(move |c| records::kept_records(c, &query)).await
    }

    async fn records_at(&self, query: &RecordQuery, places: Vec<usize>) -> Result<Vec<Kept>> {
        let query = query.clone();
        self.read(move |c| records::records_at(c, &query, &places)).await
    }

    async fn count_records(&self, query: &RecordQuery) -> Result<usize> {
        let query = query.clone();
        self.read(move |c| records::count(c, &query)).await
    }

    async fn visits_between(
        &self,
        households: &[RecordId],
        days: (Day, Day),
    ) -> Result<Vec<(RecordId, u64, Day)>> {
        let households = households.to_vec();
        self.read(move |c| records::visits_between(c, &households, days)).await
    }

    async fn reviews_of(&self, subjects: &[RecordId]) -> Result<Vec<Row>> {
        let subjects = subjects.to_vec();
        self.read(move |c| records::reviews_of(c, &subjects)).await
    }

    async fn came_since(&self, visible: &[(ScopeId, Vec<Kind>)], since: Instant) -> Result<Vec<Came>> {
        let visible = visible.to_vec();
        self.read(move |c| reading::came_since(c, &visible, since)).await
    }

    async fn latest(&self, visible: &[(ScopeId, Vec<Kind>)], limit: usize) -> Result<Vec<Kept>> {
        let visible = visible.to_vec();
        self.read(move |c| reading::latest(c, &visible, limit)).await
    }

    async fn standings(&self, visible: &[(ScopeId, Vec<Kind>)]) -> Result<Vec<Standings>> {
        let visible = visible.to_vec();
        self.read(move |c| reading::standings(c, &visible)).await
    }

    async fn kept(&self, ids: &[RecordId]) -> Result<Vec<Kept>> {
        let ids = ids.to_vec();
        self.read(move |c| reading::kept(c, &ids)).await
    }

    async fn arrivals(&self, id: &RecordId) -> Result<Vec<(Instant, ActorId, Option<DeviceId>)>> {
        let id = *id;
        self.read(move |c| reading::arrivals(c, &id)).await
    }

    async fn day_beside(
        &self,
        visible: &[(ScopeId, Vec<Kind>)],
        day: Day,
        later: bool,
    ) -> Result<Option<Day>> {
        let visible = visible.to_vec();
        self.read(move |c| reading::day_beside(c, &visible, day, later)).await
    }

    async fn ticked_on(&self, scopes: &[ScopeId], people: &[PersonId], day: Day) -> Result<Vec<RecordId>> {
        let (scopes, people) = (scopes.to_vec(), people.to_vec());
        self.read(move |c| tags::ticked_on(c, &scopes, &people, day)).await
    }

    async fn ticks_beside(
        &self,
        scopes: &[ScopeId],
        people: &[PersonId],
        day: Day,
        later: bool,
    ) -> Result<Option<Day>> {
        let (scopes, people) = (scopes.to_vec(), people.to_vec());
        self.read(move |c| tags::ticks_beside(c, &scopes, &people, day, later)).await
    }

    async fn homes(&self, scopes: &[ScopeId], building: Option<&str>) -> Result<Vec<Home>> {
        let (scopes, building) = (scopes.to_vec(), building.map(str::to_owned));
        self.read(move |c| rounds::homes(c, &scopes, building.as_deref())).await
    }

    async fn due_homes(
        &self,
        scopes: &[ScopeId],
        upto: Day,
        after: Option<(String, RecordId)>,
        limit: usize,
    ) -> Result<Vec<Home>> {
        let scopes = scopes.to_vec();
        self.read(move |c| rounds::due_homes(c, &scopes, upto, after.as_ref(), limit)).await
    }

    async fn visited(&self, scopes: &[ScopeId], days: (Day, Day)) -> Result<Vec<(ScopeId, RecordId)>> {
        let scopes = scopes.to_vec();
        self.read(move |c| rounds::visited(c, &scopes, days)).await
    }

    async fn about(&self, household: &RecordId, scopes: &[ScopeId]) -> Result<Vec<Row>> {
        let (household, scopes) = (*household, scopes.to_vec());
        self.read(move |c| rounds::about(c, &household, &scopes)).await
    }

    async fn tallies(&self, scopes: &[ScopeId], field: &str, days: (Day, Day)) -> Result<Vec<Tally>> {
        let (scopes, field) = (scopes.to_vec(), field.to_owned());
        self.read(move |c| tags::tallies(c, &scopes, &field, days)).await
    }

    async fn reached(&self, scopes: &[ScopeId], days: (Day, Day)) -> Result<Vec<Reached>> {
        let scopes = scopes.to_vec();
        self.read(move |c| tags::reached(c, &scopes, days)).await
    }

    async fn figures(&self, scopes: &[ScopeId], months: (Day, Day)) -> Result<Vec<Figure>> {
        let scopes = scopes.to_vec();
        self.read(move |c| figures::figures(c, &scopes, months)).await
    }

    async fn keep_figures(&self, figures: Vec<Figure>) -> Result<()> {
        self.write(move |tx| figures::keep(tx, &figures)).await
    }

    async fn record(&self, id: &RecordId) -> Result<Option<Row>> {
        let id = *id;
        self.read(move |c| records::record(c, &id)).await
    }

    async fn note(&self, entries: Vec<AuditEntry>) -> Result<()> {
        self.write(move |tx| audit::note(tx, &entries)).await
    }

    async fn note_reveals(&self, reveals: Vec<(RevealId, AuditEntry)>) -> Result<()> {
        self.write(move |tx| audit::note_reveals(tx, reveals)).await
    }

    async fn audit(&self, after: u64, limit: usize) -> Result<Vec<AuditRow>> {
        self.read(move |c| audit::page(c, after, limit)).await
    }

    async fn audit_about(
        &self,
        record: &RecordId,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<AuditRow>> {
        let record = *record;
        self.read(move |c| audit::about(c, &record, before, limit)).await
    }

    async fn verify_audit(&self, noted: Option<(u64, AuditHash)>) -> Result<AuditState> {
        self.read(move |c| audit::verify(c, noted)).await
    }

    async fn counts(&self) -> Result<Counts> {
        self.read(records::counts).await
    }
}
