//! The schema as history: numbered scripts, never edited, each in one transaction with its version bump.

use rusqlite::Connection;

use super::failure::store_error;
use crate::error::{Error, Result};

/// Every script, oldest first; the schema version is how many have run.
const MIGRATIONS: &[&str] = &[include_str!("migrations/001_first.sql")];

/// The newest schema this build knows.
pub(super) const NEWEST: i64 = MIGRATIONS.len() as i64;

/// The schema version of an open database.
pub(super) fn version(connection: &Connection) -> Result<i64> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(store_error)
}

/// Fails if the database was written by a newer version of the app.
pub(super) fn refuse_newer(connection: &Connection) -> Result<()> {
    let found = version(connection)?;
    if found > NEWEST { Err(Error::NewerSchema { found, known: NEWEST }) } else { Ok(()) }
}

/// Runs the scripts that have not run yet.
pub(super) fn migrate(connection: &mut Connection) -> Result<()> {
    let from = usize::try_from(version(connection)?).unwrap_or(0);
    for (number, script) in (1..).zip(MIGRATIONS).skip(from) {
        let transaction = connection.transaction().map_err(store_error)?;
        transaction.execute_batch(script).map_err(store_error)?;
        transaction.pragma_update(None, "user_version", number as i64).map_err(store_error)?;
        transaction.commit().map_err(store_error)?;
    }
    Ok(())
}

/// The schema of an open database as SQL, for the snapshot that shows every change of it.
///
/// # Errors
/// [`Error::Store`] if the database cannot be read.
pub fn dump(store: &super::Store) -> Result<String> {
    store.read(|reader| {
        let sql =
            "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'search_%' ORDER BY rowid";
        let mut statement = reader.connection.prepare(sql).map_err(store_error)?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).map_err(store_error)?;
        let statements: Vec<String> = rows.collect::<rusqlite::Result<_>>().map_err(store_error)?;
        Ok(statements.join(";\n\n"))
    })
}
