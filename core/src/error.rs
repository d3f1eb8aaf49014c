//! The core's error: rich, for developers and logs. It carries facts and ids, never a resident's name,
//! number or note. Screens get a smaller one from the bindings.

use std::path::PathBuf;
use std::time::Duration;

use crate::id::{RecordId, ScopeId};
use crate::model::{Kind, Rule};

/// What every fallible function of the core returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong in the core. It is exhaustive, so that whoever shows errors decides about each new one.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A field of what the user entered breaks a rule; nothing was written, the draft is still there.
    #[error("{kind}.{field}: {rule}")]
    Invalid {
        /// The kind of record.
        kind: Kind,
        /// The field, as `docs/DATA.md` names it.
        field: &'static str,
        /// The rule it breaks.
        rule: Rule,
    },
    /// The record is not on this device.
    #[error("record {0} is not on this device")]
    NoSuchRecord(RecordId),
    /// What was given is no record's id, nor the end of one that is here.
    #[error("no record or draft on this device has an id that ends so")]
    UnknownId,
    /// Several records have an id that ends so; more characters tell them apart.
    #[error("{} records match; give more characters of the id", .0.len())]
    AmbiguousId(Vec<RecordId>),
    /// No household on this device has this dwelling.
    #[error("no household on this device has this dwelling")]
    NoSuchDwelling,
    /// What was scanned or typed is no invitation.
    #[error("no invitation: {0}")]
    BadInvitation(Rule),
    /// The record is of another kind than the caller expects.
    #[error("record {id} is a {found}, not a {expected}")]
    WrongKind {
        /// The record.
        id: RecordId,
        /// What it is.
        found: Kind,
        /// What the caller asked for.
        expected: Kind,
    },
    /// The record was voided and takes no more edits.
    #[error("record {0} is voided and can no longer be edited")]
    Voided(RecordId),
    /// This device may not write records of this kind in this scope.
    #[error("no permission to write a {kind} in scope {scope}")]
    NotPermitted {
        /// The scope.
        scope: ScopeId,
        /// The kind of record.
        kind: Kind,
    },
    /// The device has not been enrolled with a server yet.
    #[error("this device is not enrolled; scan an invitation first")]
    NotEnrolled,
    /// The key does not open the database, or the file is not a database.
    #[error("the key does not open the database at {0}")]
    WrongKey(PathBuf),
    /// The database was written by a newer version of the app; it was not touched.
    #[error("the database has schema {found}, this version knows {known}; install the newer version")]
    NewerSchema {
        /// The schema in the file.
        found: i64,
        /// The newest schema this build knows.
        known: i64,
    },
    /// The disk is full; the save did not happen and nothing earlier was harmed.
    #[error("the disk is full; free some space and save again")]
    DiskFull,
    /// The database is damaged; opening it again moves it aside and salvages what can be read.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// SQLite refused for another reason.
    #[error("store: {0}")]
    Store(String),
    /// Bytes that should be a change or a document are not, or do not fit the document.
    #[error("document: {0}")]
    Document(String),
    /// What a roster file holds cannot be imported.
    #[error("roster: {0}")]
    Roster(Rule),
    /// What was sealed cannot be opened, or not be sealed.
    #[error("sealed: {0}")]
    Sealed(&'static str),
    /// The server cannot be reached; trying again later is safe.
    #[error("the server cannot be reached: {0}")]
    Offline(String),
    /// The server answered with a refusal of the whole request.
    #[error("the server refused: {code} {detail}")]
    Refused {
        /// A stable word, listed in `docs/PROTOCOL.md`.
        code: String,
        /// What happened, without personal data.
        detail: String,
    },
    /// The server revoked this device. What was not sent is handed in before anything is wiped.
    #[error("this device was revoked; ask the administrator")]
    Revoked {
        /// When, in milliseconds since 1970.
        at: i64,
        /// The server's signature, as `docs/PROTOCOL.md` says.
        proof: Vec<u8>,
    },
    /// This phone was revoked and writes no more; what it holds waits to be handed in.
    #[error("this phone was revoked; sync once to hand in what was not sent")]
    Withdrawn,
    /// This phone was revoked, has handed in what was not sent, and holds nothing any more.
    #[error("this phone was revoked and is wiped; enrol it with a new invitation")]
    Wiped,
    /// The phone was too long without contact; its data opens again at the next.
    #[error("too long without contact; the data is locked until the server is reached")]
    LeaseOver,
    /// Too many wrong PINs; the administrator must release the phone.
    #[error("too many wrong PINs; the data is locked until the administrator releases this phone")]
    PinLocked,
    /// A PIN is set and was not given.
    #[error("the PIN is needed")]
    PinNeeded,
    /// It is not the PIN.
    #[error("wrong PIN; {left} tries left")]
    PinWrong {
        /// Tries until the phone locks.
        left: u8,
    },
    /// After several wrong PINs the next one must wait.
    #[error("too many wrong PINs; try again in {seconds} s")]
    PinWait {
        /// Seconds until the next try counts.
        seconds: u64,
    },
    /// What was chosen is no PIN.
    #[error("PIN: {0}")]
    BadPin(Rule),
    /// Requests to this address would cross the network unencrypted.
    #[error("not encrypted: {0}")]
    NotEncrypted(Rule),
    /// The server wants to be asked again after a while, and says when.
    #[error("the server asks to wait {} s: {code}", wait.as_secs())]
    Wait {
        /// Why: a stable word, listed in `docs/PROTOCOL.md`.
        code: String,
        /// How long.
        wait: Duration,
    },
    /// The other end breaks the protocol.
    #[error("protocol: {0}")]
    Protocol(String),
    /// A message is larger, or inflates to more, than the protocol allows.
    #[error("the message inflates beyond the limit; send less at once")]
    MessageTooLarge,
    /// The caller cancelled; whatever was received is kept.
    #[error("cancelled")]
    Cancelled,
    /// A file could not be read or written.
    #[error("file {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
}

impl Error {
    /// JSON that is not what it should be. The parser's own words quote the value that it met, which may be a
    /// resident's name: only the place is told.
    #[must_use]
    pub fn shape(what: impl std::fmt::Display, error: &serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        Self::Document(format!("{what}: not of the expected shape at line {line}, column {column}"))
    }

    /// A stable word for programs; `error.<code>` in `core/resources/words.toml` says what to do.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Error::Invalid { .. } => "invalid",
            Error::NoSuchRecord(_) => "no_such_record",
            Error::UnknownId => "unknown_id",
            Error::AmbiguousId(_) => "ambiguous_id",
            Error::NoSuchDwelling => "no_such_dwelling",
            Error::BadInvitation(_) => "bad_invitation",
            Error::WrongKind { .. } => "wrong_kind",
            Error::Voided(_) => "voided",
            Error::NotPermitted { .. } => "not_permitted",
            Error::NotEnrolled => "not_enrolled",
            Error::WrongKey(_) => "wrong_key",
            Error::NewerSchema { .. } => "newer_schema",
            Error::DiskFull => "disk_full",
            Error::Damaged(_) => "damaged",
            Error::Store(_) => "store",
            Error::Document(_) => "document",
            Error::Roster(_) => "roster",
            Error::Sealed(_) => "sealed",
            Error::Offline(_) => "offline",
            Error::Refused { .. } => "refused",
            Error::Revoked { .. } => "revoked",
            Error::Withdrawn => "withdrawn",
            Error::Wiped => "wiped",
            Error::LeaseOver => "lease_over",
            Error::PinLocked => "pin_locked",
            Error::PinNeeded => "pin_needed",
            Error::PinWrong { .. } => "pin_wrong",
            Error::PinWait { .. } => "pin_wait",
            Error::BadPin(_) => "bad_pin",
            Error::NotEncrypted(_) => "not_encrypted",
            Error::Wait { .. } => "wait",
            Error::Protocol(_) => "protocol",
            Error::MessageTooLarge => "message_too_large",
            Error::Cancelled => "cancelled",
            Error::File { .. } => "file",
        }
    }

    /// True where the same call may succeed later without anyone doing anything.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Error::Offline(_) | Error::Wait { .. } => true,
            Error::Refused { code, .. } => code == "busy" || code == "slow_down",
            _ => false,
        }
    }
}
