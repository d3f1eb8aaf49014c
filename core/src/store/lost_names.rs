//! A damaged database whose damage hit the pages that name the tables: nothing in it can be found, though all the
//! rows are there. `salvage` asks before it reads.
//!
//! Every phone's tables are made by the same scripts in the same order, so they begin at the same pages. A blank
//! database with the same key and salt therefore has the very pages that are missing, and lends them to a copy
//! of the damaged file. SQLite writes all tables anew when records are erased (`Store::rewrite`), which moves them:
//! then a blank that was written anew fits.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, OptionalExtension};

use super::beside::{Salt, read_salt};
use super::failure::store_error;
use super::open::{connect_looking, connect_unread};
use super::{Key, schema};
use crate::error::{Error, Result};
use crate::file::with_suffix;

/// SQLCipher's page.
const PAGE: u64 = 4096;
/// What a page of a long value holds: without what SQLCipher adds to each page and the next page's number.
const PAYLOAD: u64 = PAGE - 80 - 4;

/// What any table's first or last row says if it is that table's: a change has its magic, what is JSON reads.
const SIGNS: [&str; 5] = [
    "SELECT substr(bytes, 1, 4) = x'856f4a83' FROM change WHERE record <> 0 ORDER BY n LIMIT 1",
    "SELECT substr(bytes, 1, 4) = x'856f4a83' FROM change WHERE record <> 0 ORDER BY n DESC LIMIT 1",
    "SELECT json_valid(json) FROM record ORDER BY n LIMIT 1",
    "SELECT json_valid(json) FROM record ORDER BY n DESC LIMIT 1",
    "SELECT json_valid(json) FROM draft ORDER BY n LIMIT 1",
];

/// A file in which the tables can be found, as far as that is possible.
pub(super) enum Named {
    /// The damaged file itself.
    AsItIs(PathBuf),
    /// A copy with pages of a blank one, removed with this.
    Copy(PathBuf),
}

impl Named {
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::AsItIs(path) | Self::Copy(path) => path,
        }
    }
}

impl Drop for Named {
    fn drop(&mut self) {
        if let Self::Copy(path) = self {
            remove(path);
        }
    }
}

/// Gives the damaged file at `aside`, or a copy of it, in which the tables can be found. `salt` is what was noted
/// when it was made.
///
/// # Errors
/// [`Error::DiskFull`] or [`Error::File`]; a file that cannot be helped is given as it is.
pub(super) fn name_tables(aside: &Path, key: &Key, salt: Option<Salt>) -> Result<Named> {
    let salts = salt.into_iter().chain(read_salt(aside).ok());
    if let (false, Some(salt)) = (has_names(aside, key), salts.into_iter().next()) {
        for written_anew in [false, true] {
            let copy = Named::Copy(with_suffix(aside, ".named"));
            if lend(aside, copy.path(), key, &salt, written_anew)? && fits(copy.path(), key) {
                return Ok(copy);
            }
        }
    }
    Ok(Named::AsItIs(aside.to_owned()))
}

fn has_names(path: &Path, key: &Key) -> bool {
    let names = |connection: Connection| {
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0)).ok()
    };
    connect_looking(path, key).ok().and_then(names).is_some_and(|count| count > 0)
}

/// True if some row can be read, and none is of another table. A connection that met a damaged page reads nothing
/// more, so each sign is looked for with a new one.
fn fits(path: &Path, key: &Key) -> bool {
    let sign = |sql: &&str| {
        let connection = connect_looking(path, key).ok()?;
        connection.query_row(sql, [], |row| row.get::<_, Option<bool>>(0)).optional().ok()?
    };
    let signs: Vec<bool> =
        SIGNS.iter().filter_map(|sql| sign(sql).map(|sign| sign.unwrap_or(false))).collect();
    !signs.is_empty() && signs.into_iter().all(|sign| sign)
}

/// Makes the copy; false if the damaged file is shorter than a blank one.
fn lend(aside: &Path, copy: &Path, key: &Key, salt: &Salt, written_anew: bool) -> Result<bool> {
    let blank = with_suffix(aside, ".blank");
    let file = |source| Error::File { path: copy.to_owned(), source };
    remove(copy);
    let pages = std::fs::metadata(aside).map_err(file)?.len() / PAGE;
    let names = make_blank(&blank, key, salt, pages, written_anew);
    let lent = names.and_then(|names| match names {
        Some(names) => replace_pages(aside, copy, &blank, &names).map(|()| true).map_err(file),
        None => Ok(false),
    });
    remove(&blank);
    lent
}

fn replace_pages(aside: &Path, copy: &Path, blank: &Path, names: &[u64]) -> io::Result<()> {
    std::fs::copy(aside, copy)?;
    let log = with_suffix(aside, "-wal");
    if log.exists() {
        std::fs::copy(log, with_suffix(copy, "-wal"))?;
    }
    let (mut from, mut to) = (File::open(blank)?, OpenOptions::new().write(true).open(copy)?);
    let mut page = [0; PAGE as usize];
    for number in names {
        from.seek(SeekFrom::Start((number - 1) * PAGE))?;
        from.read_exact(&mut page)?;
        to.seek(SeekFrom::Start((number - 1) * PAGE))?;
        to.write_all(&page)?;
    }
    to.sync_all()
}

/// Makes a blank database of `pages` pages and tells which of them name its tables: those at which no table and no
/// index begins. `None` if a blank one is larger already.
fn make_blank(
    path: &Path,
    key: &Key,
    salt: &Salt,
    pages: u64,
    written_anew: bool,
) -> Result<Option<Vec<u64>>> {
    remove(path);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let mut connection = connect_unread(path, &key.pragma_with(salt), flags)?;
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF").map_err(store_error)?;
    schema::migrate(&mut connection)?;
    if written_anew {
        connection.execute_batch("VACUUM").map_err(store_error)?;
    }
    let begins: BTreeSet<u64> = {
        let mut statement = connection.prepare("SELECT rootpage FROM sqlite_schema").map_err(store_error)?;
        let pages = statement.query_map([], |row| row.get::<_, i64>(0)).map_err(store_error)?;
        let pages = pages.map(|page| page.map(i64::unsigned_abs).map_err(store_error));
        pages.collect::<Result<_>>()?
    };
    let blank = page_count(&connection)?;
    if pages < blank {
        return Ok(None);
    }
    grow(&connection, pages)?;
    // Closed in order it is one file, and says that a log may lie beside it, as the damaged one did.
    Ok(Some((1..=blank).filter(|page| !begins.contains(page)).collect()))
}

/// Lets the database have this many pages, which its first page says, by a value that is long enough.
fn grow(connection: &Connection, pages: u64) -> Result<()> {
    let insert = "INSERT OR REPLACE INTO meta (name, value) VALUES ('', zeroblob(?1))";
    let mut length = 0;
    loop {
        let missing = pages.saturating_sub(page_count(connection)?);
        if missing == 0 {
            return Ok(());
        }
        length += missing * PAYLOAD;
        connection.execute(insert, [i64::try_from(length).unwrap_or(i64::MAX)]).map_err(store_error)?;
    }
}

fn page_count(connection: &Connection) -> Result<u64> {
    let count = connection.pragma_query_value(None, "page_count", |row| row.get::<_, i64>(0));
    count.map(i64::unsigned_abs).map_err(store_error)
}

fn remove(path: &Path) {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let _ = std::fs::remove_file(with_suffix(path, suffix));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Instant;
    use crate::store::Store;

    const CHANGES: usize = 300;

    /// A database with changes and drafts, closed in order or as a kill leaves it.
    fn filled(folder: &Path, key: &Key, written_anew: bool, killed: bool) -> PathBuf {
        let (living, path) = (folder.join("living.db"), folder.join("phone.db"));
        let store = Store::open(&living, key, Instant(0)).unwrap().store;
        let fill = |from: usize, to: usize| {
            store.write(|writer| {
                for number in from..to {
                    let bytes = [&[0x85, 0x6f, 0x4a, 0x83][..], &[7; 900]].concat();
                    let insert = "INSERT INTO change (record, id, scope, own, hash, bytes) VALUES (1, ?1, 1, 1, ?2, ?3)";
                    writer.execute(insert, (&[1; 16], number.to_be_bytes(), bytes)).unwrap();
                }
                let draft = "INSERT INTO draft (id, kind, updated, json) VALUES (?1, 1, 1, '{}')";
                writer.execute(draft, [[2; 16]]).unwrap();
                Ok(())
            })
        };
        fill(0, CHANGES - 10).unwrap();
        if written_anew {
            store.rewrite().unwrap();
        }
        store.checkpoint().unwrap();
        store.write(|writer| writer.execute("DELETE FROM draft", []).map_err(store_error)).unwrap();
        fill(CHANGES - 10, CHANGES).unwrap();
        if !killed {
            store.checkpoint().unwrap();
        }
        for suffix in ["", "-wal", ".key-id"] {
            std::fs::copy(with_suffix(&living, suffix), with_suffix(&path, suffix)).unwrap();
        }
        path
    }

    #[test]
    fn the_pages_that_name_the_tables_may_be_lost() {
        for (written_anew, killed) in [(false, false), (false, true), (true, false), (true, true)] {
            let folder = tempfile::tempdir().unwrap();
            let key = Key::new([9; 32]);
            let path = filled(folder.path(), &key, written_anew, killed);
            let salt = read_salt(&path).unwrap();
            let blank = folder.path().join("blank.db");
            let names = make_blank(&blank, &key, &salt, 1_000, written_anew).unwrap().unwrap();
            assert!(names.len() > 1 && names[0] == 1, "{names:?}");
            for page in names {
                let trial = tempfile::tempdir().unwrap();
                let damaged = trial.path().join("phone.db");
                for suffix in ["", "-wal", ".key-id"] {
                    std::fs::copy(with_suffix(&path, suffix), with_suffix(&damaged, suffix)).unwrap();
                }
                let mut bytes = std::fs::read(&damaged).unwrap();
                let at = usize::try_from((page - 1) * PAGE).unwrap();
                bytes[at..at + 4096].fill(0x5a);
                std::fs::write(&damaged, bytes).unwrap();
                let salvaged = Store::open(&damaged, &key, Instant(1)).unwrap().salvaged.unwrap();
                let told = format!("page {page}, written anew {written_anew}, killed {killed}");
                assert_eq!((salvaged.changes.len(), salvaged.drafts), (CHANGES, 1), "{told}");
                assert_eq!(salvaged.lost, 0, "{told}");
                let beside = std::fs::read_dir(trial.path()).unwrap();
                let left = beside
                    .filter(|file| file.as_ref().unwrap().file_name().to_string_lossy().contains("named"));
                assert_eq!(left.count(), 0, "{told}: the copy is removed");
            }
        }
    }
}
