//! What a screen can act on: a variant only where it does something of its own. Variants carry codes and fields,
//! never prose; the words are in `core/resources/words.toml` under `error`, `phone_refusal` and `rule`. What the core
//! says to developers goes to the log.

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
    /// The database is damaged: close the workbook and open it again, which moves it aside and salvages it.
    #[error("damaged")]
    Damaged,
    /// The server cannot be reached: everything is kept, try again later.
    #[error("offline")]
    Offline,
    /// The server asks to be left alone for a while: say for how long.
    #[error("{code}: wait {seconds} s")]
    TryLater {
        /// Why; words are under `phone_refusal`.
        code: String,
        /// Seconds until it wants to be asked again.
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
    /// Anything else: say that it went wrong.
    #[error("unexpected: {code}")]
    Unexpected {
        /// What failed. Words are under `error` for `store`, `document`, `protocol`, `message_too_large`, `file`, `vault`
        /// and `sealed`; those of `error.unexpected` for the rest: `value` (what was handed over is none of its type),
        /// `closed`, `panic`, `bridge`, `key`, `nonce`, `draft`, `threads`.
        code: String,
    },
}

impl GridbookError {
    /// A failure that no screen has a special answer to.
    pub(crate) fn unexpected(code: &str) -> Self {
        GridbookError::Unexpected { code: code.to_owned() }
    }

    /// What was handed over is no value of its type; what it was is not said, because it may be what someone typed.
    pub(crate) fn no_value<E>(_: E) -> Self {
        GridbookError::unexpected("value")
    }
}

impl From<Error> for GridbookError {
    fn from(error: Error) -> Self {
        let unexpected = |code: &str| {
            tracing::warn!(code, %error, "no screen has an answer to this");
            GridbookError::unexpected(code)
        };
        // Every variant by name: a new one of the core's has to be decided about here.
        match &error {
            Error::Invalid { kind, field, rule } => {
                Self::Invalid { kind: *kind, field: (*field).to_owned(), rule: (*rule).into() }
            }
            Error::NoSuchRecord(_) | Error::UnknownId | Error::NoSuchDwelling | Error::WrongKind { .. } => {
                Self::NotFound
            }
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
            Error::Damaged(_) => {
                tracing::warn!(%error, "opening it again salvages it");
                Self::Damaged
            }
            Error::Roster(rule) => Self::BadRoster { rule: (*rule).into() },
            Error::Offline(_) => {
                tracing::info!(%error, "tried again later");
                Self::Offline
            }
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
            Error::File { source, .. } if source.kind() == std::io::ErrorKind::StorageFull => Self::DiskFull,
            Error::File { path, .. } if path.starts_with(VAULT) => unexpected("vault"),
            Error::Store(_)
            | Error::Document(_)
            | Error::Sealed(_)
            | Error::Protocol(_)
            | Error::MessageTooLarge
            | Error::File { .. } => unexpected(error.code()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::Path;
    use std::time::Duration;

    use gridbook_core::model::words::{Locale, find};

    use super::*;

    fn file(path: &Path, source: io::Error) -> Error {
        Error::File { path: path.to_owned(), source }
    }

    #[test]
    fn what_no_screen_expects_has_words_by_its_code_and_carries_no_prose() {
        let secret = || String::from("13800000000");
        for (error, expected) in [
            (Error::Store(secret()), "store"),
            (Error::Document(secret()), "document"),
            (Error::Protocol(secret()), "protocol"),
            (Error::Sealed("13800000000"), "sealed"),
            (Error::MessageTooLarge, "message_too_large"),
            (file(Path::new("13800000000"), io::Error::other("13800000000")), "file"),
            (file(&Path::new(VAULT).join("key"), io::Error::other("13800000000")), "vault"),
        ] {
            let crossed = GridbookError::from(error);
            let GridbookError::Unexpected { code } = &crossed else { panic!("{crossed:?}") };
            assert_eq!(code, expected);
            for locale in [Locale::Chinese, Locale::English] {
                assert!(find(&format!("error.{code}"), locale).is_some(), "{code}");
            }
            assert!(!format!("{crossed:?} {crossed}").contains("138"), "{crossed:?}");
        }
        let offline = GridbookError::from(Error::Offline(secret()));
        assert!(!format!("{offline:?} {offline}").contains("138"));
    }

    #[test]
    fn what_a_screen_shows_or_marks_comes_with_its_fields() {
        let wait = Error::Wait { code: "busy".into(), wait: Duration::from_secs(90) };
        assert_eq!(GridbookError::from(wait), GridbookError::TryLater { code: "busy".into(), seconds: 90 });
        let full = file(Path::new("workbook.db"), io::Error::from(io::ErrorKind::StorageFull));
        assert_eq!(GridbookError::from(full), GridbookError::DiskFull);
        let damaged = Error::Damaged("page 1".into());
        assert_eq!(GridbookError::from(damaged), GridbookError::Damaged);
    }
}
