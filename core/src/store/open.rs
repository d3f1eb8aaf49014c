//! Opening the phone's database: the key, the pragmas, the schema, and what to do with a damaged file.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::failure::store_error;
use super::salvage::{Salvaged, salvage_into};
use super::{Key, Store, schema};
use crate::clock::Instant;
use crate::error::{Error, Result};

/// The newest schema this build knows; `docs/DATA.md` says what each version brought.
pub const SCHEMA_VERSION: i64 = schema::NEWEST;

/// How long a statement waits for another connection's lock.
const BUSY: Duration = Duration::from_secs(10);

/// An open store, and what was saved if the file had to be replaced.
#[derive(Debug)]
pub struct Opening {
    /// The store.
    pub store: Store,
    /// Set if the database was damaged: it was moved aside, and this is what could be read of it.
    pub salvaged: Option<Salvaged>,
}

impl Store {
    /// Opens the database at `path`, creating it if there is none.
    ///
    /// # Errors
    /// [`Error::WrongKey`], [`Error::NewerSchema`] (nothing is touched in either case), [`Error::DiskFull`],
    /// or [`Error::File`] where the folder cannot be written.
    pub fn open(path: &Path, key: &Key, now: Instant) -> Result<Opening> {
        if !path.exists() {
            return create(path, key).map(|store| Opening { store, salvaged: None });
        }
        check_key(path, key)?;
        let suspect = suspect_path(path);
        match open_existing(path, key, suspect.exists()) {
            Ok(store) => {
                if noted_key(path).is_none() {
                    note_key(path, key)?;
                }
                let _ = std::fs::remove_file(suspect);
                Ok(Opening { store, salvaged: None })
            }
            Err(Error::Damaged(_)) => match examine(path, key)? {
                // A read failed, and now it did not: the file is as it was written.
                Finding::Sound => {
                    open_existing(path, key, false).map(|store| Opening { store, salvaged: None })
                }
                Finding::Damaged if noted_key(path).is_some() => replace(path, key, now),
                Finding::Damaged => Err(Error::WrongKey(path.to_owned())),
            },
            Err(error) => Err(error),
        }
    }

    /// Removes the database at `path` with everything beside it; one that is not there is removed already.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn erase(path: &Path) -> Result<()> {
        for suffix in ["", "-wal", "-shm", ".key-id", ".suspect"] {
            let file = with_suffix(path, suffix);
            match std::fs::remove_file(&file) {
                Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Error::File { path: file, source });
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Notes beside the file that a read failed, so that the next open looks at every page.
    pub fn suspect(path: &Path) {
        let _ = std::fs::write(suspect_path(path), b"");
    }
}

fn create(path: &Path, key: &Key) -> Result<Store> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|source| Error::File { path: folder.to_owned(), source })?;
    }
    note_key(path, key)?;
    open_existing(path, key, false)
}

/// Writes the key's fingerprint beside the database, and waits until it has reached the disk.
fn note_key(path: &Path, key: &Key) -> Result<()> {
    let file = key_path(path);
    let write = || {
        let mut written = std::fs::File::create(&file)?;
        written.write_all(key.fingerprint().as_bytes())?;
        written.sync_all()
    };
    write().map_err(|source| Error::File { path: file.clone(), source })
}

/// The fingerprint beside the database, unless a power cut has left none or a part of one.
fn noted_key(path: &Path) -> Option<String> {
    std::fs::read_to_string(key_path(path)).ok().filter(|noted| noted.len() == Key::FINGERPRINT)
}

/// Fails if the fingerprint beside the database says that it belongs to another key.
fn check_key(path: &Path, key: &Key) -> Result<()> {
    match noted_key(path) {
        Some(noted) if noted != key.fingerprint() => Err(Error::WrongKey(path.to_owned())),
        _ => Ok(()),
    }
}

fn open_existing(path: &Path, key: &Key, thorough: bool) -> Result<Store> {
    if path.exists() {
        // Only a database whose making broke off has a rollback journal, and nobody may look past it.
        let half_made = with_suffix(path, "-journal").exists();
        let flags =
            if half_made { OpenFlags::SQLITE_OPEN_READ_WRITE } else { OpenFlags::SQLITE_OPEN_READ_ONLY };
        let looking = connect(path, key, flags)?;
        schema::refuse_newer(&looking)?;
        if thorough && check_every_page(&looking)? == Finding::Damaged {
            return Err(Error::Damaged("a page does not check out".into()));
        }
    }
    let mut writer = connect_writer(path, key)?;
    schema::migrate(&mut writer)?;
    let reader = connect_reader(path, key)?;
    // One read of the schema's heart: a damaged first page shows here, not in the middle of a visit.
    reader.query_row("SELECT count(*) FROM scope", [], |_| Ok(())).map_err(store_error)?;
    Ok(Store::new(path, key, writer, reader))
}

/// Opens the connection that writes, and makes the file if there is none.
pub(super) fn connect_writer(path: &Path, key: &Key) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let writer = connect(path, key, flags)?;
    // FULL: when a save returns, it has reached the disk. WAL: readers never wait for it.
    // Half the cache of a reader: it holds twice what the longest page of a log makes dirty.
    let pragmas = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -4096;";
    writer.execute_batch(pragmas).map_err(store_error)?;
    Ok(writer)
}

/// Opens the connection that reads.
pub(super) fn connect_reader(path: &Path, key: &Key) -> Result<Connection> {
    let reader = connect(path, key, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    reader.execute_batch("PRAGMA query_only = 1").map_err(store_error)?;
    Ok(reader)
}

/// Opens a connection with the key and the pragmas every connection needs.
pub(super) fn connect(path: &Path, key: &Key, flags: OpenFlags) -> Result<Connection> {
    let connection = connect_unread(path, key, flags)?;
    // 8 MiB of cache, because every miss decrypts a page; temporary tables never leave memory in the clear.
    let pragmas = "PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = OFF;";
    connection.execute_batch(pragmas).map_err(store_error)?;
    // Plans never depend on bound values: with partial indexes on a table SQLite would otherwise prepare
    // every statement on it anew at each call, a quarter of a first sync's time.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(store_error)?;
    connection.set_prepared_statement_cache_capacity(96);
    Ok(connection)
}

/// Opens a connection with the key, and reads nothing yet.
fn connect_unread(path: &Path, key: &Key, flags: OpenFlags) -> Result<Connection> {
    let connection =
        Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(store_error)?;
    connection.busy_timeout(BUSY).map_err(store_error)?;
    // SQLCipher would write to standard error by itself; what matters comes back as an error.
    connection.pragma_update(None, "cipher_log_level", "NONE").map_err(store_error)?;
    connection.pragma_update(None, "key", key.pragma().as_str()).map_err(store_error)?;
    Ok(connection)
}

/// What a look at every page came to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Finding {
    Sound,
    Damaged,
}

/// Tells a damaged file from a disk that could not be read just now: only the former is moved aside.
fn examine(path: &Path, key: &Key) -> Result<Finding> {
    check_every_page(&connect_unread(path, key, OpenFlags::SQLITE_OPEN_READ_WRITE)?)
}

fn check_every_page(connection: &Connection) -> Result<Finding> {
    // SQLCipher's own words for a page that the operating system did not give; others are about its content.
    const UNREAD: &str = "error reading";
    let codes = lines(connection, "PRAGMA cipher_integrity_check")?;
    if let Some(unread) = codes.iter().find(|line| line.starts_with(UNREAD)) {
        return Err(Error::Store(format!("the disk does not give back what was written: {unread}")));
    }
    if !codes.is_empty() {
        return Ok(Finding::Damaged);
    }
    match lines(connection, "PRAGMA quick_check") {
        Ok(report) if report == ["ok"] => Ok(Finding::Sound),
        Ok(_) | Err(Error::Damaged(_)) => Ok(Finding::Damaged),
        Err(error) => Err(error),
    }
}

/// The lines that a pragma answers.
fn lines(connection: &Connection, pragma: &str) -> Result<Vec<String>> {
    let mut statement = connection.prepare(pragma).map_err(store_error)?;
    let rows = statement.query_map([], |row| row.get(0)).map_err(store_error)?;
    rows.collect::<rusqlite::Result<_>>().map_err(store_error)
}

/// Moves a damaged database aside, starts a new one and copies what can be read. The old file is never deleted.
fn replace(path: &Path, key: &Key, now: Instant) -> Result<Opening> {
    let aside = with_suffix(path, &format!(".damaged-{}", now.0));
    for suffix in ["", "-wal", "-shm"] {
        let (from, to) = (with_suffix(path, suffix), with_suffix(&aside, suffix));
        if from.exists() {
            std::fs::rename(&from, &to).map_err(|source| Error::File { path: from, source })?;
        }
    }
    let _ = std::fs::remove_file(suspect_path(path));
    let store = open_existing(path, key, false)?;
    let salvaged = salvage_into(&store, &aside, key)?;
    Ok(Opening { store, salvaged: Some(salvaged) })
}

fn key_path(path: &Path) -> PathBuf {
    with_suffix(path, ".key-id")
}

fn suspect_path(path: &Path) -> PathBuf {
    with_suffix(path, ".suspect")
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
