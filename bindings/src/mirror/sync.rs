//! How the phone stands towards its server, and what an exchange did.

pub use gridbook_core::workbook::{
    Changed, ErasureRow, HandOverRow, HandedIn, Headline, Operation, Phase, Progress, SyncReport,
};

use super::{DeviceId, Instant, Kind, PersonId, RecordId, ScopeId};

/// How far an exchange is.
pub type SyncProgress = Progress;
/// What an edit did.
pub type EditKind = Operation;
/// A record that was erased for good.
pub type Erasure = ErasureRow;
/// What was handed over to or from this phone's scopes.
pub type HandOver = HandOverRow;

/// How far an exchange is.
#[uniffi::remote(Record)]
pub struct SyncProgress {
    /// Changes acknowledged so far.
    pub sent: u64,
    /// Changes of this phone still without a receipt.
    pub unsent: u64,
    /// Changes of others taken in so far.
    pub received: u64,
    /// Changes of others still waiting at the server.
    pub remaining: u64,
}

/// What a phone handed in before it wiped itself.
#[uniffi::remote(Record)]
pub struct HandedIn {
    /// Changes without a receipt.
    pub changes: u64,
    /// Drafts.
    pub drafts: u64,
}

/// What an exchange did.
#[uniffi::remote(Record)]
pub struct SyncReport {
    /// Changes that got their receipt.
    pub sent: u64,
    /// Changes of others that are new here.
    pub received: u64,
    /// Changes that wait until someone else has brought the server what they build on.
    pub held_back: u64,
    /// Records with a change that the server refused; `refusals` says why.
    pub refused: Vec<RecordId>,
    /// Changes of others that did not pass this phone's gate.
    pub quarantined: u64,
    /// Records that were erased for good.
    pub erased: Vec<RecordId>,
    /// Records that were handed over: they came, left, or moved from one scope of this phone to another.
    pub handed_over: Vec<RecordId>,
    /// Scopes that the person no longer sees and that were taken off this phone.
    pub dropped: Vec<ScopeId>,
    /// Changes given back to a server that had lost them.
    pub healed: u64,
    /// Requests to the server.
    pub round_trips: u32,
    /// Set if the phone was revoked: what it handed in before it wiped itself.
    pub handed_in: Option<HandedIn>,
}

/// Whether the workbook can be worked with; words are under `phase`.
#[uniffi::remote(Enum)]
pub enum Phase {
    /// It reads and writes.
    Working,
    /// The phone was revoked: it reads, and waits for a network to hand in what was not sent.
    Withdrawn,
    /// Everything was handed in and taken off this phone.
    Wiped,
}

/// What needs the person first of how a phone stands: one line says it.
#[uniffi::remote(Enum)]
pub enum Headline {
    /// The phone was revoked and holds nothing any more.
    Wiped,
    /// The phone was revoked and waits to hand in what was not sent.
    Withdrawn,
    /// It has no place at a server and works on no invitation.
    NotEnrolled,
    /// It works on an invitation alone.
    Joining,
    /// The server did not take some change.
    Refused,
    /// Changes wait to be sent: `unsent` says how many.
    Waiting,
    /// Everything is on the server.
    NothingWaits,
}

/// What an edit did.
#[uniffi::remote(Enum)]
#[non_exhaustive]
pub enum EditKind {
    /// A new record.
    Save,
    /// An edit of a record.
    Edit,
    /// A record was withdrawn.
    Void,
    /// A refused edit was written anew.
    Rescue,
    /// One of two values was chosen.
    Choose,
    /// A checklist's item was ticked or unticked.
    Tick,
    /// Households came from a spreadsheet.
    Import,
    /// A draft was kept or discarded.
    Draft,
    /// An exchange with the server brought news.
    Sync,
    /// A damaged database was rebuilt.
    Salvage,
    /// A masked number was shown whole.
    Reveal,
}

/// What one committed edit changed.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct RecordsChanged {
    /// What was done.
    pub edit: EditKind,
    /// The records it touched, each once.
    pub records: Vec<RecordId>,
}

impl From<&Changed> for RecordsChanged {
    fn from(changed: &Changed) -> Self {
        let Changed { operation, records } = changed;
        Self { edit: *operation, records: records.clone() }
    }
}

/// A record that was erased for good; words for the reason are under `erased`.
#[uniffi::remote(Record)]
pub struct Erasure {
    /// The id that it had.
    pub record: RecordId,
    /// What it was.
    pub kind: Kind,
    /// When, by the server's clock.
    pub at: Instant,
    /// Why, as a word.
    pub why: String,
    /// How many changes of this phone that the server had not taken went with it.
    pub lost: u64,
}

/// What was handed over to or from this phone's scopes; words for the reason are under `hand_over`.
#[uniffi::remote(Record)]
pub struct HandOver {
    /// The scope that was left.
    pub from: ScopeId,
    /// The scope that took over.
    pub to: ScopeId,
    /// When, by the server's clock.
    pub at: Instant,
    /// Why, as a word.
    pub why: String,
    /// True if it came to a scope of this phone.
    pub came: bool,
    /// True if records left this phone, or will as soon as nothing of them waits to be sent.
    pub went: bool,
    /// Households among the records.
    pub households: u64,
    /// Records in all.
    pub records: u64,
    /// Records that have not left yet because changes of them wait to be sent.
    pub waiting: u64,
    /// Changes of this phone that the server refused; they are in quarantine.
    pub refused: u64,
}

/// The phone's place at its server.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct Enrolment {
    /// The server's address.
    pub server: String,
    /// This phone, as the server names it.
    pub device: DeviceId,
    /// Whose phone it is.
    pub person: PersonId,
}

impl From<gridbook_core::workbook::Enrolment> for Enrolment {
    fn from(enrolment: gridbook_core::workbook::Enrolment) -> Self {
        let gridbook_core::workbook::Enrolment { address, device, person } = enrolment;
        Self { server: address.url, device, person }
    }
}

/// A place that the phone works for already and has not been given yet, because there was no network.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct Joining {
    /// The server's address.
    pub server: String,
    /// Whose phone it is going to be.
    pub person: PersonId,
    /// Until when the invitation can be used.
    pub expires: Instant,
    /// What the server said if it refused; words are under `phone_refusal`.
    pub refused: Option<String>,
}

impl From<gridbook_core::workbook::Joining> for Joining {
    fn from(joining: gridbook_core::workbook::Joining) -> Self {
        let gridbook_core::workbook::Joining { address, person, expires, refused } = joining;
        Self { server: address.url, person, expires, refused }
    }
}

/// How the phone stands towards its server.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct PhoneStatus {
    /// Whether the workbook can be worked with.
    pub phase: Phase,
    /// What of all this needs the person first.
    pub headline: Headline,
    /// The phone's place, once enrolled.
    pub enrolment: Option<Enrolment>,
    /// Set while the phone works on an invitation alone.
    pub joining: Option<Joining>,
    /// Changes without a receipt.
    pub unsent: u64,
    /// Records of which the server holds every change.
    pub on_server: u64,
    /// When the server last answered an exchange, by this phone's clock.
    pub contact: Option<Instant>,
    /// Records with a change that the server refused.
    pub refused: u64,
    /// Records with two values in a field.
    pub conflicts: u64,
    /// Foreign changes in quarantine.
    pub quarantined: u64,
    /// Drafts.
    pub drafts: u64,
}

impl From<gridbook_core::workbook::Status> for PhoneStatus {
    fn from(status: gridbook_core::workbook::Status) -> Self {
        let headline = status.headline();
        let gridbook_core::workbook::Status {
            phase,
            enrolment,
            joining,
            unsent,
            on_server,
            contact,
            refused,
            conflicts,
            quarantined,
            drafts,
        } = status;
        let (enrolment, joining) = (enrolment.map(Into::into), joining.map(Into::into));
        Self {
            phase,
            headline,
            enrolment,
            joining,
            unsent,
            on_server,
            contact,
            refused,
            conflicts,
            quarantined,
            drafts,
        }
    }
}

/// What an invitation says before it is taken.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct InvitationPreview {
    /// The server's address.
    pub server: String,
    /// Whose phone it will be, where the invitation is signed.
    pub person: Option<String>,
    /// Until when it can be used, where the invitation is signed.
    pub expires: Option<Instant>,
    /// True if it names the keys that the server may have.
    pub pinned: bool,
}
