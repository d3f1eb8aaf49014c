//! What the service asks of a database, and nothing more: [`Database`] has one embedded implementation
//! ([`sqlite`]) and is shaped so that PostgreSQL fits beside it.
//!
//! Each method is one transaction. Nothing here names a row number, a connection or a lock: nodes are
//! stateless, and order is made by [`Database::append`] alone, under its scope's row lock, so that no
//! cursor ever passes a change that commits later with a smaller number.

mod audit;
mod console;
mod erasure;
mod hand_over;
mod log;
mod parcels;
mod people;
mod records;
mod rounds;
pub mod sqlite;

use async_trait::async_trait;
use gridbook_core::clock::{Day, Instant};
use gridbook_core::id::{ActorId, Chain, ChangeHash, DeviceId, PersonId, RecordId, RevealId, ScopeId};
use gridbook_core::model::Kind;

pub use audit::{AUDIT_START, Act, AuditEntry, AuditHash, AuditRow, AuditState};
pub use console::{BackOff, ConsoleAccount, ConsoleSession, Counted};
pub use erasure::{Erase, Erased, Outdated};
pub use hand_over::{HandOver, HandedOver, Meant, Redone};
pub use log::{
    Append, Appended, Arrival, Entry, Head, Held, Known, Listed, PageLimit, Quarantined, RefusedRow, Update,
};
pub use parcels::{NewParcel, ParcelRow, SealedParcel};
pub use people::{
    Actor, Contact, Decided, Device, Edit, Enrolled, Enrolling, GrantRow, Identity, InviteRow, Place,
    Registered, Roll, TokenRow, Versions,
};
pub use records::{Came, Counts, Kept, Position, RecordQuery, Row, Standings};
pub use rounds::{Figure, Home, Reached, Tagged, Tally};

use crate::error::Result;

/// The database behind the service.
#[async_trait]
pub trait Database: Send + Sync {
    /// Answers if the database does.
    async fn ping(&self) -> Result<()>;

    /// What this server is.
    async fn identity(&self) -> Result<Identity>;

    /// How often people, scopes and permissions were edited.
    async fn versions(&self) -> Result<Versions>;

    /// All people, scopes, grants, devices, actors, rhythms and tokens: small tables, listed in a stable order.
    async fn roll(&self) -> Result<Roll>;

    /// Applies `edits` in order, all or none, and raises the versions; the number that changed anything.
    ///
    /// # Errors
    /// [`crate::Error::Admin`] if an edit names what does not exist, or an id that is taken.
    async fn edit(&self, edits: Vec<Edit>, at: Instant) -> Result<usize>;

    /// [`Database::edit`] on a person's word, which is written down with it.
    ///
    /// # Errors
    /// As [`Database::edit`], and [`crate::Error::Changed`] if permissions are not any more what they were when the
    /// person was allowed to.
    async fn edit_by(&self, edits: Vec<Edit>, by: Decided, at: Instant) -> Result<usize>;

    /// At most `limit` of the newest refused changes of these devices that were meant for one of `scopes` or named none,
    /// newest first, earlier ones than `before`.
    async fn refused(
        &self,
        devices: &[DeviceId],
        scopes: &[ScopeId],
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<RefusedRow>>;

    /// How many there are of each of these devices; devices of which none was refused are left out.
    async fn refused_counts(&self, devices: &[DeviceId], scopes: &[ScopeId]) -> Result<Vec<(DeviceId, u64)>>;

    /// The buildings in which households of a scope are, with how many; withdrawn ones left out.
    async fn buildings(&self, scope: &ScopeId) -> Result<Vec<(String, u64)>>;

    /// One device.
    async fn device(&self, id: &DeviceId) -> Result<Option<Device>>;

    /// Where a person has a part now, communities spelt out into their grids and groups; by scope, then role.
    async fn places_of(&self, person: &PersonId) -> Result<Vec<Place>>;

    /// [`Database::places_of`] with those where their part has ended.
    async fn past_places_of(&self, person: &PersonId) -> Result<Vec<Place>>;

    /// Keeps a parcel in the lead's box, the same one once; false if the device's would be more than `limit`
    /// bytes together.
    async fn keep_parcel(&self, parcel: NewParcel, limit: u64) -> Result<bool>;

    /// The parcels in the box, oldest first.
    async fn parcels(&self) -> Result<Vec<ParcelRow>>;

    /// The sealed bytes of a device's parcels, oldest first.
    async fn parcels_of(&self, device: &DeviceId) -> Result<Vec<SealedParcel>>;

    /// Puts other bytes in the place of those of the device's parcel that is called so.
    async fn replace_parcel(&self, device: &DeviceId, parcel: SealedParcel) -> Result<()>;

    /// Notes that a device's parcels were accepted.
    async fn mark_parcels(&self, device: &DeviceId, at: Instant) -> Result<()>;

    /// The shortest lease among these communities', in hours; `None` where none has its own.
    async fn lease_hours(&self, communities: &[ScopeId]) -> Result<Option<u32>>;

    /// The lead's token whose secret has this SHA-256.
    async fn token(&self, hash: &[u8; 32]) -> Result<Option<TokenRow>>;

    /// Who may log in to the console as this person.
    async fn console_account(&self, person: &PersonId) -> Result<Option<ConsoleAccount>>;

    /// Counts the code of this step as used; false if it was, or a later one was.
    async fn use_code(&self, person: &PersonId, step: u64) -> Result<bool>;

    /// Begins a console session and forgets those that began before `oldest`.
    async fn begin_session(&self, session: ConsoleSession, oldest: Instant) -> Result<()>;

    /// The session whose secret has this SHA-256; `None` too once its person may not log in any more, or the
    /// console's device for them was revoked.
    async fn session(&self, hash: &[u8; 32]) -> Result<Option<ConsoleSession>>;

    /// Notes that a session's person asked for something.
    async fn touch_session(&self, hash: &[u8; 32], at: Instant) -> Result<()>;

    /// Ends a session.
    async fn end_session(&self, hash: &[u8; 32]) -> Result<()>;

    /// Counts a login for each of these before its password is looked at; until when none may be tried, if one of
    /// them has failed too often: then nothing is counted.
    async fn count_login(&self, counted: Vec<(Counted, BackOff)>, at: Instant) -> Result<Option<Instant>>;

    /// The login was right: forgets all failures of `clear` and the one just counted of `take_back`.
    async fn forgive_login(&self, clear: Vec<Counted>, take_back: Vec<Counted>) -> Result<()>;

    /// Notes that a device was in touch, and what it told.
    async fn note_contact(&self, device: &DeviceId, contact: Contact) -> Result<()>;

    /// Who made changes under this actor id.
    async fn actor(&self, id: &ActorId) -> Result<Option<Actor>>;

    /// The actors of one device, in order.
    async fn actors_of(&self, device: &DeviceId) -> Result<Vec<ActorId>>;

    /// Registers an unknown actor to a device; a known one stays whose it is.
    async fn register_actor(&self, actor: ActorId, device: &DeviceId, at: Instant) -> Result<Registered>;

    /// Trades an invitation for a device, once. The same device presenting it again gets the same answer.
    async fn enrol(&self, enrolling: Enrolling) -> Result<Enrolled>;

    /// The end of each scope's log.
    async fn heads(&self, scopes: &[ScopeId]) -> Result<Vec<Head>>;

    /// The chain after entry `seq` of a scope's log; `None` if the log is shorter or the scope unknown.
    async fn chain_at(&self, scope: &ScopeId, seq: u64) -> Result<Option<Chain>>;

    /// The entries after `after`, in order, as many as `limit` allows but at least one if there is any.
    async fn page(&self, scope: &ScopeId, after: u64, limit: PageLimit) -> Result<Vec<Entry>>;

    /// Which of these changes are listed in the given scope's log, each in the given record.
    async fn known(&self, changes: &[(ChangeHash, RecordId, ScopeId)]) -> Result<Vec<Known>>;

    /// Which of these hashes are held, in any record.
    async fn known_hashes(&self, hashes: &[ChangeHash]) -> Result<Vec<bool>>;

    /// Which of these hashes a scope's log lists, in any record.
    async fn listed_hashes(&self, scope: &ScopeId, hashes: &[ChangeHash]) -> Result<Vec<bool>>;

    /// The changes of each record that the scope's log lists; pairs of which it lists nothing are left out.
    async fn listed(&self, asked: &[(RecordId, ScopeId)]) -> Result<Vec<Listed>>;

    /// The records of a scope that are meant, with what goes along, in the order in which they came.
    async fn company(&self, scope: &ScopeId, meant: &Meant) -> Result<Vec<(RecordId, Kind)>>;

    /// Hands over what is meant, all or nothing, and writes it down: in the same transaction under both scopes'
    /// row locks, taken in the order of their ids.
    async fn hand_over(&self, wanted: HandOver) -> Result<HandedOver>;

    /// Applies a notice of a hand-over that this server gave out before it was restored, brought by a phone that
    /// holds `scope`.
    async fn hand_over_again(&self, scope: &ScopeId, notice: &[u8], at: Instant) -> Result<Redone>;

    /// The records among `ids` that exist, with all their changes, dependencies first.
    async fn held(&self, ids: &[RecordId]) -> Result<Vec<Held>>;

    /// Where the records among `ids` that exist live, and their kinds.
    async fn scopes_of(&self, ids: &[RecordId]) -> Result<Vec<(RecordId, (ScopeId, Kind))>>;

    /// Which of `ids` are records that were erased.
    async fn erased(&self, ids: &[RecordId]) -> Result<Vec<RecordId>>;

    /// The records that are older than they are to be kept, in a stable order.
    async fn outdated(&self, wanted: Outdated) -> Result<Vec<RecordId>>;

    /// Erases records with what is about them, all or none, and writes the proof down.
    async fn erase(&self, wanted: Vec<Erase>) -> Result<Vec<Erased>>;

    /// Erases what is about these records, which are erased already.
    async fn erase_about(&self, wanted: Vec<Erase>) -> Result<Vec<Erased>>;

    /// Applies a notice that this server gave out before it was restored; false if it is here already.
    async fn erase_again(&self, scope: &ScopeId, notice: &[u8], at: Instant) -> Result<bool>;

    /// Overwrites what was erased, so that none of it is left in the database's files.
    async fn scrub(&self) -> Result<()>;

    /// Appends to one scope's log, all or nothing.
    async fn append(&self, append: Append) -> Result<Appended>;

    /// Keeps what was refused, for study, up to a limit for each device; the same refusal again is kept once.
    async fn quarantine(&self, refused: Vec<Quarantined>) -> Result<()>;

    /// One page of records in the order that is asked for.
    async fn records(&self, query: &RecordQuery) -> Result<Vec<Row>>;

    /// [`Database::records`] with what the server adds to each.
    async fn kept_records(&self, query: &RecordQuery) -> Result<Vec<Kept>>;

    /// Of all that the query asks for, `after` and `limit` left out of account, the records at these places, counted
    /// from 0 in some order that stays as long as nothing is written. They come in the order that is asked for.
    async fn records_at(&self, query: &RecordQuery, places: Vec<usize>) -> Result<Vec<Kept>>;

    /// How many records [`Database::records`] would give, `after` left out of account and `limit` at most.
    async fn count_records(&self, query: &RecordQuery) -> Result<usize>;

    /// How often each of these households was visited from one day to another, both included, and on which day last;
    /// withdrawn visits, and households without one, are left out.
    async fn visits_between(
        &self,
        households: &[RecordId],
        days: (Day, Day),
    ) -> Result<Vec<(RecordId, u64, Day)>>;

    /// The reviews about any of `subjects`, voided ones left out, oldest first.
    async fn reviews_of(&self, subjects: &[RecordId]) -> Result<Vec<Row>>;

    /// Of these scopes and kinds, how many records came in since `since`, edits of earlier ones too; what nothing
    /// came in of is left out.
    async fn came_since(&self, visible: &[(ScopeId, Vec<Kind>)], since: Instant) -> Result<Vec<Came>>;

    /// The records of these scopes and kinds that came in last, latest first.
    async fn latest(&self, visible: &[(ScopeId, Vec<Kind>)], limit: usize) -> Result<Vec<Kept>>;

    /// How many records of these scopes and kinds stand where; what is empty is left out.
    async fn standings(&self, visible: &[(ScopeId, Vec<Kind>)]) -> Result<Vec<Standings>>;

    /// The rows of those of `ids` that exist, in their order, with what the server adds.
    async fn kept(&self, ids: &[RecordId]) -> Result<Vec<Kept>>;

    /// When the server took which change of a record, and from which device, dependencies first.
    async fn arrivals(&self, id: &RecordId) -> Result<Vec<(Instant, ActorId, Option<DeviceId>)>>;

    /// The newest day before `day`, or the oldest after it, with a record of these scopes and kinds.
    async fn day_beside(
        &self,
        visible: &[(ScopeId, Vec<Kind>)],
        day: Day,
        later: bool,
    ) -> Result<Option<Day>>;

    /// The lists of these scopes in which one of these people ticked something on the day, withdrawn ones left out.
    async fn ticked_on(&self, scopes: &[ScopeId], people: &[PersonId], day: Day) -> Result<Vec<RecordId>>;

    /// The newest day before `day`, or the oldest after it, on which one of these people ticked something in a list of
    /// these scopes.
    async fn ticks_beside(
        &self,
        scopes: &[ScopeId],
        people: &[PersonId],
        day: Day,
        later: bool,
    ) -> Result<Option<Day>>;

    /// The households of these scopes, of one building or all, scope by scope as one walks them.
    async fn homes(&self, scopes: &[ScopeId], building: Option<&str>) -> Result<Vec<Home>>;

    /// At most `limit` households of these scopes that want a visit by `upto`, as one walks them, after a place.
    async fn due_homes(
        &self,
        scopes: &[ScopeId],
        upto: Day,
        after: Option<(String, RecordId)>,
        limit: usize,
    ) -> Result<Vec<Home>>;

    /// The households with a visit in these scopes from one day to another, each once a scope.
    async fn visited(&self, scopes: &[ScopeId], days: (Day, Day)) -> Result<Vec<(ScopeId, RecordId)>>;

    /// A household's visits, and the records of these scopes that name it, latest first.
    async fn about(&self, household: &RecordId, scopes: &[ScopeId]) -> Result<Vec<Row>>;

    /// How many records of these scopes carry which code in a field, day by day.
    async fn tallies(&self, scopes: &[ScopeId], field: &str, days: (Day, Day)) -> Result<Vec<Tally>>;

    /// What each outreach of these scopes reached from one day to another.
    async fn reached(&self, scopes: &[ScopeId], days: (Day, Day)) -> Result<Vec<Reached>>;

    /// The imported numbers of these scopes' months that begin from one day to another.
    async fn figures(&self, scopes: &[ScopeId], months: (Day, Day)) -> Result<Vec<Figure>>;

    /// Keeps imported numbers, each in place of an earlier one of its scope, month and name.
    async fn keep_figures(&self, figures: Vec<Figure>) -> Result<()>;

    /// One record's row, if it exists.
    async fn record(&self, id: &RecordId) -> Result<Option<Row>>;

    /// Adds to the audit log, in order.
    async fn note(&self, entries: Vec<AuditEntry>) -> Result<()>;

    /// Adds those reveals of phones to the audit log, in order, that are not in it already.
    async fn note_reveals(&self, reveals: Vec<(RevealId, AuditEntry)>) -> Result<()>;

    /// At most `limit` rows of the audit log after row `after`.
    async fn audit(&self, after: u64, limit: usize) -> Result<Vec<AuditRow>>;

    /// At most `limit` rows of the audit log before row `before` that name a record, newest first.
    async fn audit_about(
        &self,
        record: &RecordId,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<AuditRow>>;

    /// Checks every row of the audit log against its chain, its head, and a head that was written down.
    async fn verify_audit(&self, noted: Option<(u64, AuditHash)>) -> Result<AuditState>;

    /// Totals for `/metrics`.
    async fn counts(&self) -> Result<Counts>;
}
