//! The server's error: what a client is told, what an administrator did wrong, and what only the log sees.

use std::path::PathBuf;
use std::time::Duration;

use gridbook_core::sync::protocol::{FailureCode, Revocation};

/// What every fallible function of the server returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What a revoked device is told.
const REVOKED: &str = "the device was revoked; ask the administrator";

/// Everything that can go wrong in the server.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The request is refused as a whole; code and detail go to the client.
    #[error("{}: {detail}", code.as_str())]
    Refused {
        /// Why, as the protocol lists it.
        code: FailureCode,
        /// What happened and what to do, without personal data.
        detail: String,
    },
    /// The device was revoked: the refusal that is signed.
    #[error("revoked: {}", REVOKED)]
    Revoked(Revocation),
    /// Whoever asks has to wait first.
    #[error("{detail}")]
    SlowDown {
        /// What is too much.
        detail: String,
        /// How long.
        wait: Duration,
    },
    /// The record is not any more as it was shown; look again.
    #[error("the record was changed meanwhile")]
    Changed,
    /// What the administrator asked for cannot be done; the text says what to do instead.
    #[error("{0}")]
    Admin(String),
    /// The database failed; the client only learns that something did.
    #[error("database: {0}")]
    Database(String),
    /// The database was written by a newer server; it was not touched.
    #[error("the database has schema {found}, this server knows {known}; install the newer server")]
    NewerSchema {
        /// The schema in the file.
        found: i64,
        /// The newest schema this build knows.
        known: i64,
    },
    /// A file or socket could not be used.
    #[error("{path}: {source}")]
    File {
        /// The file, or the address.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The core could not do its part.
    #[error(transparent)]
    Core(#[from] gridbook_core::Error),
}

impl Error {
    /// A refusal of the whole request.
    pub fn refused(code: FailureCode, detail: impl Into<String>) -> Self {
        Self::Refused { code, detail: detail.into() }
    }

    /// A mistake of the administrator's.
    pub fn admin(text: impl Into<String>) -> Self {
        Self::Admin(text.into())
    }

    /// A stable word for programs that call the administrator's commands.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Error::Refused { code, .. } => code.as_str(),
            Error::Revoked(_) => FailureCode::Revoked.as_str(),
            Error::SlowDown { .. } => FailureCode::SlowDown.as_str(),
            Error::Changed => "changed",
            Error::Admin(_) => "not_possible",
            Error::Database(_) => "database",
            Error::NewerSchema { .. } => "newer_schema",
            Error::File { .. } => "file",
            Error::Core(_) => "core",
        }
    }

    /// What the client is told: internals stay here.
    #[must_use]
    pub fn told(&self) -> (FailureCode, &str) {
        match self {
            Error::Refused { code, detail } => (*code, detail),
            Error::Revoked(_) => (FailureCode::Revoked, REVOKED),
            Error::Changed => (FailureCode::BadRequest, "the record was changed meanwhile; look again"),
            Error::SlowDown { detail, .. } => (FailureCode::SlowDown, detail),
            _ => (FailureCode::Internal, "the server could not do this; try again later"),
        }
    }
}

impl From<Error> for gridbook_core::Error {
    /// What a client without HTTP between sees: the same code and detail as over HTTP.
    fn from(error: Error) -> Self {
        if let Error::Revoked(revocation) = error {
            return revocation.into();
        }
        let (code, detail) = error.told();
        gridbook_core::Error::Refused { code: code.as_str().to_owned(), detail: detail.to_owned() }
    }
}
