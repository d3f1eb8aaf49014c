//! One writer and one reader on the same file: a screen's list never waits for a page being stored.

use std::cell::RefCell;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::failure::store_error;
use crate::error::Result;
use crate::id::ScopeId;

/// The phone's database, open.
#[derive(Debug)]
pub struct Store {
    writer: Mutex<Connection>,
    reader: Mutex<Connection>,
}

/// Reads inside one consistent view of the database.
#[derive(Debug)]
pub struct Reader<'a> {
    pub(super) connection: &'a Connection,
}

/// Reads and writes inside one transaction; nothing counts until it commits.
#[derive(Debug)]
pub struct Writer<'a> {
    transaction: Transaction<'a>,
    /// The scope asked for last and its number: a page of a log is all in one.
    pub(super) last_scope: RefCell<Option<(ScopeId, i64)>>,
}

impl Store {
    pub(super) fn new(writer: Connection, reader: Connection) -> Self {
        Self { writer: Mutex::new(writer), reader: Mutex::new(reader) }
    }

    /// Runs `body` on the last committed state.
    ///
    /// # Errors
    /// What `body` returns, or [`crate::Error::Damaged`] / [`crate::Error::Store`] from SQLite.
    pub fn read<T>(&self, body: impl FnOnce(&Reader<'_>) -> Result<T>) -> Result<T> {
        let connection = lock(&self.reader);
        let view = connection.unchecked_transaction().map_err(store_error)?;
        let result = body(&Reader { connection: &connection });
        drop(view);
        result
    }

    /// Runs `body` in one transaction. When this returns `Ok`, what it wrote survives a power cut; when it
    /// returns an error, nothing of it happened.
    ///
    /// # Errors
    /// What `body` returns, [`crate::Error::DiskFull`], or another of SQLite's failures.
    pub fn write<T>(&self, body: impl FnOnce(&Writer<'_>) -> Result<T>) -> Result<T> {
        let mut connection = lock(&self.writer);
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(store_error)?;
        let writer = Writer { transaction, last_scope: RefCell::new(None) };
        let value = body(&writer)?;
        writer.transaction.commit().map_err(store_error)?;
        Ok(value)
    }

    /// Looks at every page and index: true if nothing is damaged. Takes seconds on a full phone.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn is_sound(&self) -> Result<bool> {
        let report: String = lock(&self.reader)
            .query_row("PRAGMA integrity_check", [], |row| row.get(0))
            .map_err(store_error)?;
        Ok(report == "ok")
    }

    /// Folds the write-ahead log into the database file, as a clean close does.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn checkpoint(&self) -> Result<()> {
        lock(&self.writer)
            .pragma_update(None, "wal_checkpoint", "TRUNCATE")
            .or_else(
                |error| if error == rusqlite::Error::ExecuteReturnedResults { Ok(()) } else { Err(error) },
            )
            .map_err(store_error)
    }

    /// Writes the whole file anew, so that nothing is left in free pages.
    pub(super) fn rewrite(&self) -> Result<()> {
        lock(&self.writer).execute_batch("VACUUM").map_err(store_error)
    }

    /// Lets the database grow to `pages` pages of 4 KiB and no further: how tests fill a disk.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn limit_pages(&self, pages: u32) -> Result<()> {
        let set = lock(&self.writer).pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()));
        set.map_err(store_error)
    }
}

/// A panic in one edit rolled it back; the connection behind the lock is as good as before.
fn lock(connection: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'a> std::ops::Deref for Writer<'a> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.transaction
    }
}

impl Writer<'_> {
    /// Reads what this transaction sees, its own writes included.
    #[must_use]
    pub fn reader(&self) -> Reader<'_> {
        Reader { connection: &self.transaction }
    }
}
