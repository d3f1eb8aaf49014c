//! One writer and one reader on the same file: a screen's list never waits for a page being stored.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::Key;
use super::failure::store_error;
use super::open::{connect_reader, connect_writer};
use super::watermark::Watermark;
use crate::error::{Error, Result};
use crate::id::ScopeId;

/// The phone's database, open.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    key: Key,
    writer: Mutex<Line>,
    reader: Mutex<Line>,
    watermark: Mutex<Watermark>,
}

/// What the note says must still be true when the log goes with the last connection.
impl Drop for Store {
    fn drop(&mut self) {
        lock(&self.watermark).fall();
    }
}

/// A connection, and whether it can still be trusted.
#[derive(Debug)]
struct Line {
    connection: Connection,
    /// SQLCipher takes a read that failed for a page that does not check out, and never forgets it: one
    /// failing read of a tired flash chip would make every later save fail until the app is started anew.
    spoiled: bool,
}

impl Line {
    fn new(connection: Connection) -> Mutex<Self> {
        Mutex::new(Self { connection, spoiled: false })
    }
}

/// Reads inside one consistent view of the database.
#[derive(Debug)]
pub struct Reader<'a> {
    pub(super) connection: &'a Connection,
    /// The scope whose name was read last, and its number: the rows of a list are mostly of one, and to join
    /// its name to each costs a list a twelfth of its time.
    pub(super) last_scope: RefCell<Option<(i64, ScopeId)>>,
}

impl<'a> Reader<'a> {
    fn new(connection: &'a Connection) -> Self {
        Self { connection, last_scope: RefCell::new(None) }
    }
}

/// Reads and writes inside one transaction; nothing counts until it commits.
#[derive(Debug)]
pub struct Writer<'a> {
    transaction: Transaction<'a>,
    /// The scope asked for last and its number: a page of a log is all in one.
    pub(super) last_scope: RefCell<Option<(ScopeId, i64)>>,
}

impl Store {
    pub(super) fn new(path: &Path, key: &Key, writer: Connection, reader: Connection) -> Self {
        Self {
            path: path.to_owned(),
            key: key.clone(),
            writer: Line::new(writer),
            reader: Line::new(reader),
            watermark: Mutex::new(Watermark::new(path)),
        }
    }

    /// Notes whether a failure may have spoiled the connection; and beside the file, if it may be damaged,
    /// so that the next opening looks at every page.
    fn watch<T>(&self, line: &mut Line, result: Result<T>) -> Result<T> {
        line.spoiled |= matches!(result, Err(Error::Damaged(_) | Error::Store(_)));
        if matches!(result, Err(Error::Damaged(_))) {
            Self::suspect(&self.path);
        }
        result
    }

    fn writer(&self) -> Result<MutexGuard<'_, Line>> {
        let mut line = lock(&self.writer);
        if line.spoiled {
            let connection = connect_writer(&self.path, &self.key);
            line.connection = self.watch(&mut line, connection)?;
            line.spoiled = false;
        }
        Ok(line)
    }

    fn reader(&self) -> Result<MutexGuard<'_, Line>> {
        let mut line = lock(&self.reader);
        if line.spoiled {
            let connection = connect_reader(&self.path, &self.key);
            line.connection = self.watch(&mut line, connection)?;
            line.spoiled = false;
        }
        Ok(line)
    }

    /// Runs `body` on the last committed state.
    ///
    /// # Errors
    /// What `body` returns, or [`crate::Error::Damaged`] / [`crate::Error::Store`] from SQLite.
    pub fn read<T>(&self, body: impl FnOnce(&Reader<'_>) -> Result<T>) -> Result<T> {
        let mut line = self.reader()?;
        let result = look(&line.connection, body);
        self.watch(&mut line, result)
    }

    /// Runs `body` in one transaction. When this returns `Ok`, what it wrote survives a power cut; when it
    /// returns an error, nothing of it happened.
    ///
    /// # Errors
    /// What `body` returns, [`crate::Error::DiskFull`], or another of SQLite's failures.
    pub fn write<T>(&self, body: impl FnOnce(&Writer<'_>) -> Result<T>) -> Result<T> {
        let mut line = self.writer()?;
        let result = change(&mut line.connection, body);
        if result.is_ok() {
            lock(&self.watermark).rise();
        }
        self.watch(&mut line, result)
    }

    /// Looks at every page and index: true if nothing is damaged. If something is, the next opening salvages
    /// what can be read. Takes seconds on a full phone.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn is_sound(&self) -> Result<bool> {
        let mut line = self.reader()?;
        let report = line.connection.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0));
        let report = self.watch(&mut line, report.map_err(store_error))?;
        if report != "ok" {
            Self::suspect(&self.path);
        }
        Ok(report == "ok")
    }

    /// Folds the write-ahead log into the database file, as a clean close does.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn checkpoint(&self) -> Result<()> {
        let mut line = self.writer()?;
        lock(&self.watermark).fall();
        let folded = line.connection.pragma_update(None, "wal_checkpoint", "TRUNCATE").or_else(|error| {
            if error == rusqlite::Error::ExecuteReturnedResults { Ok(()) } else { Err(error) }
        });
        self.watch(&mut line, folded.map_err(store_error))
    }

    /// Writes the whole file anew, so that nothing is left in free pages.
    pub(super) fn rewrite(&self) -> Result<()> {
        let mut line = self.writer()?;
        let written = line.connection.execute_batch("VACUUM");
        lock(&self.watermark).rise();
        self.watch(&mut line, written.map_err(store_error))
    }

    /// Lets go of the file: from here on every read and write fails.
    pub fn close(&self) {
        lock(&self.watermark).fall();
        for connection in [&self.writer, &self.reader] {
            if let Ok(nothing) = Connection::open_in_memory() {
                *lock(connection) = Line { connection: nothing, spoiled: false };
            }
        }
    }

    /// Lets the database grow to `pages` pages of 4 KiB and no further: how tests fill a disk.
    ///
    /// # Errors
    /// SQLite's failure.
    pub fn limit_pages(&self, pages: u32) -> Result<()> {
        let line = self.writer()?;
        let set = line.connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()));
        set.map_err(store_error)
    }
}

fn look<T>(connection: &Connection, body: impl FnOnce(&Reader<'_>) -> Result<T>) -> Result<T> {
    let view = connection.unchecked_transaction().map_err(store_error)?;
    let result = body(&Reader::new(connection));
    drop(view);
    result
}

fn change<T>(connection: &mut Connection, body: impl FnOnce(&Writer<'_>) -> Result<T>) -> Result<T> {
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(store_error)?;
    let writer = Writer { transaction, last_scope: RefCell::new(None) };
    let value = body(&writer)?;
    writer.transaction.commit().map_err(store_error)?;
    Ok(value)
}

/// A panic in one edit rolled it back; the connection behind the lock is as good as before.
fn lock<T>(line: &Mutex<T>) -> MutexGuard<'_, T> {
    line.lock().unwrap_or_else(PoisonError::into_inner)
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
        Reader::new(&self.transaction)
    }
}
