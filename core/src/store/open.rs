//! Opening the phone's database: the key, the pragmas, the schema, and what to do with a damaged file.

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
                let _ = std::fs::remove_file(suspect);
                Ok(Opening { store, salvaged: None })
            }
            Err(Error::Damaged(_)) if key_path(path).exists() => replace(path, key, now),
            Err(Error::Damaged(_)) => Err(Error::WrongKey(path.to_owned())),
            Err(error) => Err(error),
        }
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
    let fingerprint = key_path(path);
    std::fs::write(&fingerprint, key.fingerprint())
        .map_err(|source| Error::File { path: fingerprint, source })?;
    open_existing(path, key, false)
}

/// Fails if the fingerprint beside the database says that it belongs to another key.
fn check_key(path: &Path, key: &Key) -> Result<()> {
    match std::fs::read_to_string(key_path(path)) {
        Ok(fingerprint) if fingerprint != key.fingerprint() => Err(Error::WrongKey(path.to_owned())),
        _ => Ok(()),
    }
}

fn open_existing(path: &Path, key: &Key, thorough: bool) -> Result<Store> {
    if path.exists() {
        let looking = connect(path, key, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        schema::refuse_newer(&looking)?;
        if thorough {
            check_every_page(&looking)?;
        }
    }
    let mut writer = connect(path, key, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
    // FULL: when a save returns, it has reached the disk. WAL: readers never wait for it.
    // Half the cache of a reader: it holds twice what the longest page of a log makes dirty.
    let pragmas = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -4096;";
    writer.execute_batch(pragmas).map_err(store_error)?;
    schema::migrate(&mut writer)?;
    let reader = connect(path, key, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    reader.execute_batch("PRAGMA query_only = 1").map_err(store_error)?;
    // One read of the schema's heart: a damaged first page shows here, not in the middle of a visit.
    reader.query_row("SELECT count(*) FROM scope", [], |_| Ok(())).map_err(store_error)?;
    Ok(Store::new(writer, reader))
}

/// Opens a connection with the key and the pragmas every connection needs.
pub(super) fn connect(path: &Path, key: &Key, flags: OpenFlags) -> Result<Connection> {
    let connection =
        Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(store_error)?;
    connection.busy_timeout(BUSY).map_err(store_error)?;
    // SQLCipher would write to standard error by itself; what matters comes back as an error.
    connection.pragma_update(None, "cipher_log_level", "NONE").map_err(store_error)?;
    connection.pragma_update(None, "key", key.pragma().as_str()).map_err(store_error)?;
    // 8 MiB of cache, because every miss decrypts a page; temporary tables never leave memory in the clear.
    let pragmas = "PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = OFF;";
    connection.execute_batch(pragmas).map_err(store_error)?;
    // Plans never depend on bound values: with partial indexes on a table SQLite would otherwise prepare
    // every statement on it anew at each call, a quarter of a first sync's time.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(store_error)?;
    connection.set_prepared_statement_cache_capacity(96);
    Ok(connection)
}

fn check_every_page(connection: &Connection) -> Result<()> {
    let damaged = |sql: &str| -> Result<bool> {
        let mut statement = connection.prepare(sql).map_err(store_error)?;
        let mut rows = statement.query([]).map_err(store_error)?;
        while let Some(row) = rows.next().map_err(store_error)? {
            let line: String = row.get(0).map_err(store_error)?;
            if line != "ok" {
                return Ok(true);
            }
        }
        Ok(false)
    };
    if damaged("PRAGMA cipher_integrity_check")? || damaged("PRAGMA quick_check")? {
        return Err(Error::Damaged("a page does not check out".into()));
    }
    Ok(())
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
