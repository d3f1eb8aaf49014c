//! SQLite's failures in the core's words. The text of a failure never holds a value: SQLite names tables
//! and rules only.

use rusqlite::ErrorCode;

use crate::error::Error;

/// The core's error for one of SQLite's.
pub(super) fn store_error(error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => Error::DiskFull,
        // Out of memory is what SQLite says of a page that SQLCipher does not give because its check code is wrong; where
        // memory is really short, the next opening finds every page as it was written.
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::OutOfMemory) => {
            Error::Damaged(error.to_string())
        }
        // A short read or a failing disk: what SQLCipher reports when a page's check code is wrong mid-query.
        Some(ErrorCode::SystemIoFailure) if is_read_failure(&error) => Error::Damaged(error.to_string()),
        _ => Error::Store(error.to_string()),
    }
}

fn is_read_failure(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error().map(|error| error.extended_code);
    matches!(code, Some(rusqlite::ffi::SQLITE_IOERR_SHORT_READ | rusqlite::ffi::SQLITE_IOERR_READ))
}
