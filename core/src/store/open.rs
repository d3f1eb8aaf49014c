//! Opening the phone's database: the key, the pragmas, the schema, and what to do with a damaged file.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::beside::{DAMAGED, KeyNote, key_path, marked, marker_path, suspect_path};
use super::failure::store_error;
use super::salvage::{Salvaged, salvage_into};
use super::{Key, Store, schema, watermark};
use crate::clock::Instant;
use crate::error::{Error, Result};
use crate::file::{self, with_suffix, write_whole};

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
        if let Some(aside) = marked(path) {
            check_key(path, key)?;
            return replace(path, key, &aside);
        }
        if !path.exists() {
            return create(path, key).map(|store| Opening { store, salvaged: None });
        }
        check_key(path, key)?;
        let suspect = suspect_path(path);
        match open_existing(path, key, suspect.exists()) {
            Ok(store) => {
                if !KeyNote::read(path).is_begun() {
                    KeyNote::begun(path, key)?;
                }
                let _ = std::fs::remove_file(suspect);
                Ok(Opening { store, salvaged: None })
            }
            Err(Error::Damaged(_)) => match examine(path, key)? {
                // A read failed, and now it did not: the file is as it was written.
                Finding::Sound => {
                    open_existing(path, key, false).map(|store| Opening { store, salvaged: None })
                }
                Finding::Damaged if KeyNote::read(path).fingerprint.is_some() => {
                    let aside = with_suffix(path, &format!("{DAMAGED}{}", now.0));
                    let name = aside.file_name().unwrap_or_default().to_string_lossy();
                    write_whole(&marker_path(path), name.as_bytes())?;
                    replace(path, key, &aside)
                }
                Finding::Damaged => Err(Error::WrongKey(path.to_owned())),
            },
            Err(error) => Err(error),
        }
    }

    /// Removes the database at `path` with everything beside it, damaged ones that were moved aside too: without the
    /// key nobody reads them any more. One that is not there is removed already.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn erase(path: &Path) -> Result<()> {
        let beside = ["", "-wal", "-shm", ".key-id", ".suspect", ".salvaging", watermark::SUFFIX];
        let beside = beside.iter().map(|suffix| with_suffix(path, suffix));
        beside.chain(damaged_files(path)).try_for_each(|file| file::remove(&file))
    }

    /// Notes that everything salvaged is in the new database. A salvage that broke off before begins anew
    /// with the next opening.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn salvage_is_done(path: &Path) -> Result<()> {
        file::remove(&marker_path(path))
    }

    /// Notes beside the file that a read failed, so that the next open looks at every page.
    pub(super) fn suspect(path: &Path) {
        let _ = std::fs::write(suspect_path(path), b"");
    }
}

/// Damaged databases that were moved aside from `path`, with their logs.
fn damaged_files(path: &Path) -> Vec<PathBuf> {
    file::beginning(&with_suffix(path, DAMAGED))
}

fn create(path: &Path, key: &Key) -> Result<Store> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|source| Error::File { path: folder.to_owned(), source })?;
    }
    write_whole(&key_path(path), key.fingerprint().as_bytes())?;
    let store = open_existing(path, key, false)?;
    KeyNote::begun(path, key)?;
    Ok(store)
}

/// Fails if the fingerprint beside the database says that it belongs to another key.
fn check_key(path: &Path, key: &Key) -> Result<()> {
    match KeyNote::read(path).fingerprint {
        Some(noted) if noted != key.fingerprint() => Err(Error::WrongKey(path.to_owned())),
        _ => Ok(()),
    }
}

fn open_existing(path: &Path, key: &Key, thorough: bool) -> Result<Store> {
    if path.exists() {
        let looking = connect_looking(path, key)?;
        schema::refuse_newer(&looking)?;
        if schema::version(&looking)? == 0 && KeyNote::read(path).is_begun() && marked(path).is_none() {
            return Err(Error::Damaged("the database is empty and was not".into()));
        }
        if watermark::is_missed(path) {
            return Err(Error::Damaged("the log of writes ends before a save".into()));
        }
        if thorough && check_every_page(&looking)? == Finding::Damaged {
            return Err(Error::Damaged("a page does not check out".into()));
        }
        watermark::take_away(path).map_err(|source| Error::File { path: path.to_owned(), source })?;
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

/// Opens a connection to a file that may be damaged: nothing of it changes, and its log of writes is not folded in at
/// the end.
pub(super) fn connect_looking(path: &Path, key: &Key) -> Result<Connection> {
    connect(path, key, looking_flags(path))
}

fn looking_flags(path: &Path) -> OpenFlags {
    // Only a database whose making broke off has a rollback journal, and nobody may look past it.
    let half_made = with_suffix(path, "-journal").exists();
    if half_made { OpenFlags::SQLITE_OPEN_READ_WRITE } else { OpenFlags::SQLITE_OPEN_READ_ONLY }
}

/// Opens a connection with the key and the pragmas every connection needs.
fn connect(path: &Path, key: &Key, flags: OpenFlags) -> Result<Connection> {
    let connection = connect_unread(path, &key.pragma(), flags)?;
    // 8 MiB of cache, because every miss decrypts a page; temporary tables never leave memory in the clear.
    let pragmas = "PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = OFF;";
    connection.execute_batch(pragmas).map_err(store_error)?;
    // Plans never depend on bound values: with partial indexes on a table SQLite would otherwise prepare
    // every statement on it anew at each call, a quarter of a first sync's time.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(store_error)?;
    connection.set_prepared_statement_cache_capacity(96);
    Ok(connection)
}

/// Opens a connection with the key that this pragma says, and reads nothing yet.
pub(super) fn connect_unread(path: &Path, pragma: &str, flags: OpenFlags) -> Result<Connection> {
    let connection =
        Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(store_error)?;
    connection.busy_timeout(BUSY).map_err(store_error)?;
    // SQLCipher would write to standard error by itself; what matters comes back as an error.
    connection.pragma_update(None, "cipher_log_level", "NONE").map_err(store_error)?;
    connection.pragma_update(None, "key", pragma).map_err(store_error)?;
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
    if watermark::is_missed(path) {
        return Ok(Finding::Damaged);
    }
    let connection = connect_unread(path, &key.pragma(), looking_flags(path))?;
    let finding = check_every_page(&connection)?;
    let emptied =
        finding == Finding::Sound && schema::version(&connection)? == 0 && KeyNote::read(path).is_begun();
    Ok(if emptied { Finding::Damaged } else { finding })
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
/// Where an earlier attempt broke off, what it had copied is thrown away and copied again.
fn replace(path: &Path, key: &Key, aside: &Path) -> Result<Opening> {
    // The database itself goes last: once it is aside, what lies here is an unfinished copy.
    for suffix in ["-shm", "-wal", watermark::SUFFIX, ""] {
        let (from, to) = (with_suffix(path, suffix), with_suffix(aside, suffix));
        if !from.exists() {
            continue;
        }
        let moved = if aside.exists() { std::fs::remove_file(&from) } else { std::fs::rename(&from, &to) };
        moved.map_err(|source| Error::File { path: from, source })?;
    }
    let _ = std::fs::remove_file(suspect_path(path));
    let store = open_existing(path, key, false)?;
    let missed = watermark::is_missed(aside);
    let mut salvaged = salvage_into(&store, aside, key, KeyNote::read(path).salt)?;
    // How many saves the log lacks, nobody can say.
    salvaged.lost += u64::from(missed);
    Ok(Opening { store, salvaged: Some(salvaged) })
}
