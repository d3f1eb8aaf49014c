//! The file and its connections: one writer, a few readers, and the threads that calls run on.

use std::collections::VecDeque;
use std::fs;
use std::path::Path;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::migrate;
use crate::error::{Error, Result};

/// How many reads run at the same time; more would only wait for the processor.
const READERS: usize = 4;

/// Where database work runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Threads {
    /// On tokio's blocking threads: for a server.
    Blocking,
    /// On the caller's own thread: for a simulation, where one thread does everything in one order.
    Caller,
}

impl Threads {
    /// Runs `work`.
    ///
    /// # Errors
    /// [`Error::Database`] if it panicked, or the runtime is shutting down.
    pub async fn run<T: Send + 'static>(self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        match self {
            Threads::Caller => Ok(work()),
            Threads::Blocking => {
                let done = tokio::task::spawn_blocking(work).await;
                done.map_err(|error| Error::Database(format!("the work was given up: {error}")))
            }
        }
    }
}

/// The open file.
#[derive(Debug)]
pub(super) struct Connections {
    writer: Mutex<Connection>,
    /// Taken in turn: what a connection gathers, its statements and pages, it gathers within minutes, so that a server soon
    /// is as large as it gets. Were the last one taken again, the others would grow in whichever rush first needs them.
    idle: Mutex<VecDeque<Connection>>,
    returned: Condvar,
    threads: Threads,
}

impl Connections {
    pub(super) fn open(file: &Path, threads: Threads) -> Result<Self> {
        create_private(file)?;
        let mut writer = connect(file)?;
        // On the way in only: a file that is in this mode already is not written to.
        writer.pragma_update(None, "journal_mode", "wal")?;
        migrate::migrate(&mut writer)?;
        let readers = if threads == Threads::Caller { 1 } else { READERS };
        let idle = (0..readers)
            .map(|_| {
                let reader = connect(file)?;
                reader.pragma_update(None, "query_only", true)?;
                Ok(reader)
            })
            .collect::<Result<VecDeque<_>>>()?;
        Ok(Self { writer: Mutex::new(writer), idle: Mutex::new(idle), returned: Condvar::new(), threads })
    }

    pub(super) fn threads(&self) -> Threads {
        self.threads
    }

    /// Reads on this thread; one call sees one moment.
    pub(super) fn read_here<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let mut reader = self.borrow();
        let tx = Transaction::new(reader.connection(), TransactionBehavior::Deferred)?;
        work(&tx)
    }

    /// Writes on this thread, in one transaction.
    pub(super) fn write_here<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let mut writer = lock(&self.writer);
        let tx = Transaction::new(&mut writer, TransactionBehavior::Immediate)?;
        let result = work(&tx)?;
        tx.commit()?;
        Ok(result)
    }

    /// Writes the whole file anew and empties the log of writes: nothing is left in free pages. Writers wait
    /// meanwhile, a few seconds for a large community.
    pub(super) fn rewrite(&self) -> Result<()> {
        let writer = lock(&self.writer);
        writer.execute_batch("VACUUM")?;
        // A reader of another process may still look at the old pages for a moment.
        for _ in 0..100 {
            let busy: i64 = writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
            if busy == 0 {
                writer.execute("UPDATE server SET unscrubbed = 0", [])?;
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Err(Error::admin(
            "the log of writes is in use; erased bytes stay in it until the server starts again or the next purge",
        ))
    }

    fn borrow(&self) -> Borrowed<'_> {
        let mut idle = lock(&self.idle);
        loop {
            if let Some(connection) = idle.pop_front() {
                return Borrowed { connection: Some(connection), home: self };
            }
            idle = self.returned.wait(idle).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// A reader on loan; it goes back when dropped, after a panic too.
struct Borrowed<'a> {
    connection: Option<Connection>,
    home: &'a Connections,
}

impl Borrowed<'_> {
    fn connection(&mut self) -> &mut Connection {
        self.connection.as_mut().unwrap_or_else(|| unreachable!("a reader is given back once, when dropped"))
    }
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            lock(&self.home.idle).push_back(connection);
            self.home.returned.notify_one();
        }
    }
}

/// A panic inside a call leaves a connection whose transaction was rolled back: it is fine to use again.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn connect(file: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    // The administrator's commands write to the same file while the server runs.
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "cache_size", -8_192)?;
    // Plans never depend on bound values: with partial indexes SQLite would otherwise prepare statements on their tables
    // anew at each call.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Makes the file, readable to its owner alone, if there is none; SQLite gives its side files the same mode.
fn create_private(file: &Path) -> Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(drop).map_err(|source| Error::File { path: file.to_owned(), source })
}

/// Copies the whole database to a new file.
pub(super) fn backup(connection: &Connection, file: &Path) -> Result<()> {
    if file.exists() {
        return Err(Error::admin(format!("{} exists; name a new file", file.display())));
    }
    // Under another name until it is whole: what broke off must not look like a backup.
    let mut unfinished = file.as_os_str().to_owned();
    unfinished.push(".unfinished");
    let unfinished = Path::new(&unfinished);
    let _ = fs::remove_file(unfinished);
    create_private(unfinished)?;
    let mut copy = connect(unfinished)?;
    // The caller's transaction begins with its first read. Without one, each change that a running server makes would
    // begin the copy anew.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    rusqlite::backup::Backup::new(connection, &mut copy)?.run_to_completion(1_000, Duration::ZERO, None)?;
    // One file to carry away, without side files.
    copy.pragma_update(None, "journal_mode", "delete")?;
    drop(copy);
    fs::rename(unfinished, file).map_err(|source| Error::File { path: file.to_owned(), source })
}

/// Copies the whole database, as of one moment, to a new file that only `key` opens: a SQLCipher database
/// under the 32 raw bytes that the 64 hexadecimal digits name.
pub(super) fn sealed_backup(source: &Path, file: &Path, key: &str) -> Result<()> {
    export(&connect(source)?, file, key)
}

/// The inverse: makes a server's database of a sealed backup.
pub(super) fn open_backup(sealed: &Path, key: &str, file: &Path) -> Result<()> {
    let connection = Connection::open_with_flags(sealed, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.pragma_update(None, "cipher_log_level", "NONE")?;
    connection.pragma_update(None, "key", format!("x'{key}'"))?;
    connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
        .map_err(|_| Error::admin(format!("{}: the key does not open it", sealed.display())))?;
    export(&connection, file, "")
}

fn export(connection: &Connection, file: &Path, key: &str) -> Result<()> {
    if file.exists() {
        return Err(Error::admin(format!("{} exists; name a new file", file.display())));
    }
    create_private(file)?;
    let name = file.to_str().ok_or_else(|| Error::admin("the file's name is no UTF-8"))?;
    let key = if key.is_empty() { String::new() } else { format!("x'{key}'") };
    connection.execute("ATTACH DATABASE ?1 AS copy KEY ?2", [name, &key])?;
    let version: i64 = connection.query_row("PRAGMA main.user_version", [], |row| row.get(0))?;
    // One transaction, so that the copy is of one moment.
    connection.execute_batch("BEGIN")?;
    connection.query_row("SELECT sqlcipher_export('copy')", [], |_| Ok(()))?;
    connection.pragma_update(Some("copy"), "user_version", version)?;
    connection.execute_batch("COMMIT; DETACH DATABASE copy")?;
    Ok(())
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.to_string())
    }
}
