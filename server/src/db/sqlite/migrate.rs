//! The schema as history: numbered files, never edited, each run in one transaction with its number.

use gridbook_core::clock::Surroundings;
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use crate::error::{Error, Result};

/// `migrations/NNN_what.sql` by number, from 1.
const MIGRATIONS: &[&str] = &[include_str!("migrations/001_first.sql")];

/// UTC+8, until the administrator says otherwise.
const CHINA_MINUTES: i32 = 8 * 60;

/// Brings the schema up to date; a newer one is refused before anything is touched.
pub(super) fn migrate(connection: &mut Connection) -> Result<()> {
    let known = MIGRATIONS.len() as i64;
    if version(connection)? == known {
        return Ok(());
    }
    // Another process may be doing the same: the number counts only under the write lock.
    let tx = Transaction::new(connection, TransactionBehavior::Immediate)?;
    let found = version(&tx)?;
    if found > known {
        return Err(Error::NewerSchema { found, known });
    }
    for script in MIGRATIONS.iter().skip(usize::try_from(found).unwrap_or(0)) {
        tx.execute_batch(script)?;
    }
    tx.pragma_update(None, "user_version", known)?;
    tx.commit()?;
    Ok(())
}

fn version(connection: &Connection) -> Result<i64> {
    Ok(connection.query_row("PRAGMA user_version", [], |row| row.get(0))?)
}

/// Gives a new database its name and its keys.
pub(super) fn ensure_identity(tx: &Transaction<'_>, surroundings: &Surroundings) -> Result<()> {
    let exists: bool = tx.query_row("SELECT EXISTS (SELECT 1 FROM server)", [], |row| row.get(0))?;
    if exists {
        return Ok(());
    }
    let id = data_encoding::HEXLOWER.encode(&surroundings.random::<16>());
    let [seal_key, signing_key, box_key] = [(); 3].map(|()| surroundings.random::<32>());
    let now = surroundings.now();
    tx.execute(
        "INSERT INTO server (only, id, seal_key, signing_key, box_key, zone_minutes, directory, access)
         VALUES (1, ?, ?, ?, ?, ?, ?, ?)",
        params![id, seal_key, signing_key, box_key, CHINA_MINUTES, now.0, now.0],
    )?;
    Ok(())
}
