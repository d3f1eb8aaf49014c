//! What a screen can act on: a variant only where it does something of its own. Variants carry codes and fields,
//! never prose; the words are in `core/resources/words.toml` under `error`, `phone_refusal` and `rule`.

use gridbook_core::Error;

use crate::key_vault::VAULT;

use crate::mirror::{Kind, LockReason, RecordId, Rule, ScopeId};

/// What a call may fail with. Nothing is lost by any of them: what was not written is still in its draft.
#[derive(Clone, Debug, PartialEq, thiserror::Error, uniffi::Error)]
pub enum GridbookError {
    /// The phone has no place at a server: show the screen that scans an invitation.
    #[error("not enrolled")]
    NotEnrolled,
    /// The phone is locked: offer to unlock it, which needs a network.
    #[error("locked: {reason:?}")]
    Locked {
        /// Why.
        reason: LockReason,
    },
    /// A PIN is set and was not given: ask for it.
    #[error("PIN needed")]
    PinNeeded,
    /// It is not the PIN.
    #[error("wrong PIN, {left} left")]
    PinWrong {
        /// Tries until the phone locks.
        left: u8,
    },
    /// After several wrong PINs the next one must wait.
    #[error("wait {seconds} s for the next PIN")]
    PinWait {
        /// Seconds until the next try counts.
        seconds: u64,
    },
    /// What was chosen is no PIN.
    #[error("no PIN: {}", rule.code)]
    BadPin {
        /// The rule it breaks.
        rule: Rule,
    },
    /// The key does not open the database: it was restored or copied without its vault.
    #[error("wrong key")]
    WrongKey,
    /// A newer version of the app wrote the database; it was not touched. Ask to update.
    #[error("schema {found}, this version knows {known}")]
    NewerSchema {
        /// The schema in the file.
        found: i64,
        /// The newest that this version knows.
        known: i64,
    },
    /// The disk is full: ask to free some space and save again.
    #[error("disk full")]
    DiskFull,
    /// The database is damaged: open it again, which moves it aside and salvages it.
    #[error("damaged")]
    Damaged,
    /// The server cannot be reached: everything is kept, try again later.
    #[error("offline")]
    Offline {
        /// What the network said, for a log.
        detail: String,
    },
    /// The server asks to be left alone for a while.
    #[error("{code}: wait {seconds} s")]
    TryLater {
        /// Why; words are under `phone_refusal`.
        code: String,
        /// How long.
        seconds: u64,
    },
    /// The server refused the whole request.
    #[error("refused: {code}")]
    Refused {
        /// Why; words are under `phone_refusal`.
        code: String,
    },
    /// The invitation cannot be taken: show the rule and scan again.
    #[error("bad invitation: {}", rule.code)]
    BadInvitation {
        /// The rule it breaks.
        rule: Rule,
    },
    /// This phone was revoked: it writes no more, and the next sync hands in what was not sent.
    #[error("revoked")]
    Revoked,
    /// This phone was revoked, has handed in its work and holds nothing any more.
    #[error("wiped")]
    Wiped,
    /// A field breaks a rule: mark it.
    #[error("{kind}.{field}: {}", rule.code)]
    Invalid {
        /// The kind of record.
        kind: Kind,
        /// The field, as `docs/DATA.md` names it.
        field: String,
        /// The rule it breaks.
        rule: Rule,
    },
    /// The person may not do this here.
    #[error("no permission to write a {kind} in {scope}")]
    NotPermitted {
        /// The kind of record.
        kind: Kind,
        /// The scope.
        scope: ScopeId,
    },
    /// The record was withdrawn, here or elsewhere, and takes no more edits.
    #[error("{id} is voided")]
    Voided {
        /// The record.
        id: RecordId,
    },
    /// Nothing on this phone is called so, or it is of another kind.
    #[error("not found")]
    NotFound,
    /// Several records are called so: let the person choose.
    #[error("{} records match", ids.len())]
    Ambiguous {
        /// The records.
        ids: Vec<RecordId>,
    },
    /// The file is no roster: show why and choose another.
    #[error("no roster: {}", rule.code)]
    BadRoster {
        /// The rule it breaks.
        rule: Rule,
    },
    /// The caller cancelled; whatever was received is kept.
    #[error("cancelled")]
    Cancelled,
    /// Anything else: say that it went wrong, and keep the detail for a log. It names no resident.
    #[error("{code}: {detail}")]
    Unexpected {
        /// What kind of failure: `store`, `document`, `protocol`, `file`, `vault`, `sealed`, `panic`, …
        code: String,
        /// For developers.
        detail: String,
    },
}

impl GridbookError {
    /// A failure that no screen has a special answer to.
    pub(crate) fn unexpected(code: &str, detail: &str) -> Self {
        GridbookError::Unexpected { code: code.to_owned(), detail: detail.to_owned() }
    }
}

impl From<Error> for GridbookError {
    fn from(error: Error) -> Self {
        let unexpected = |code: &str| GridbookError::unexpected(code, &error.to_string());
        match &error {
            Error::Invalid { kind, field, rule } => {
                Self::Invalid { kind: *kind, field: (*field).to_owned(), rule: (*rule).into() }
            }
            Error::NoSuchRecord(_)
            | Error::UnknownId(_)
            | Error::NoSuchDwelling
            | Error::WrongKind { .. } => Self::NotFound,
            Error::AmbiguousId(ids) => Self::Ambiguous { ids: ids.clone() },
            Error::BadInvitation(rule) | Error::NotEncrypted(rule) => {
                Self::BadInvitation { rule: (*rule).into() }
            }
            Error::Voided(id) => Self::Voided { id: *id },
            Error::NotPermitted { scope, kind } => Self::NotPermitted { kind: *kind, scope: scope.clone() },
            Error::NotEnrolled => Self::NotEnrolled,
            Error::WrongKey(_) => Self::WrongKey,
            Error::NewerSchema { found, known } => Self::NewerSchema { found: *found, known: *known },
            Error::DiskFull => Self::DiskFull,
            Error::Damaged(_) => Self::Damaged,
            Error::Roster(rule) => Self::BadRoster { rule: (*rule).into() },
            Error::Offline(detail) => Self::Offline { detail: detail.clone() },
            Error::Wait { code, wait } => Self::TryLater { code: code.clone(), seconds: wait.as_secs() },
            Error::Refused { code, .. } => Self::Refused { code: code.clone() },
            Error::Revoked { .. } | Error::Withdrawn => Self::Revoked,
            Error::Wiped => Self::Wiped,
            Error::LeaseOver => Self::Locked { reason: LockReason::Lease },
            Error::PinLocked => Self::Locked { reason: LockReason::Pin },
            Error::PinNeeded => Self::PinNeeded,
            Error::PinWrong { left } => Self::PinWrong { left: *left },
            Error::PinWait { seconds } => Self::PinWait { seconds: *seconds },
            Error::BadPin(rule) => Self::BadPin { rule: (*rule).into() },
            Error::Cancelled => Self::Cancelled,
            Error::Store(_) => unexpected("store"),
            Error::Document(_) => unexpected("document"),
            Error::Sealed(_) => unexpected("sealed"),
            Error::Protocol(_) => unexpected("protocol"),
            Error::MessageTooLarge => unexpected("message_too_large"),
            Error::File { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => Self::DiskFull,
            Error::File { path, .. } if path.starts_with(VAULT) => unexpected("vault"),
            Error::File { .. } => unexpected("file"),
            _ => unexpected("other"),
        }
    }
}
