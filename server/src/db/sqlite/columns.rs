//! How ids and words sit in columns, and how rows are read back.

use gridbook_core::clock::{Day, Instant};
use gridbook_core::id::{PersonId, RecordId, ScopeId};
use gridbook_core::key::DeviceKey;
use gridbook_core::model::{Kind, Role, Scope, ScopeKind};
use rusqlite::types::Type;
use rusqlite::{Row as SqlRow, RowIndex};

/// A column that does not hold what this server writes: only a damaged database has one.
fn unreadable(what: &str) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Null, format!("unreadable {what}").into())
}

pub(super) fn bytes<const N: usize>(row: &SqlRow<'_>, column: impl RowIndex) -> rusqlite::Result<[u8; N]> {
    row.get(column)
}

pub(super) fn record_id(row: &SqlRow<'_>, column: impl RowIndex) -> rusqlite::Result<RecordId> {
    Ok(RecordId::from_bytes(bytes(row, column)?))
}

pub(super) fn person(row: &SqlRow<'_>, column: impl RowIndex) -> rusqlite::Result<PersonId> {
    row.get(column).map(PersonId)
}

pub(super) fn scope_id(row: &SqlRow<'_>, column: impl RowIndex) -> rusqlite::Result<ScopeId> {
    row.get(column).map(ScopeId)
}

pub(super) fn instant(row: &SqlRow<'_>, column: impl RowIndex) -> rusqlite::Result<Instant> {
    row.get(column).map(Instant)
}

pub(super) fn count(row: &SqlRow<'_>, column: impl RowIndex) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| unreadable("count"))
}

/// A count as SQLite stores it; none of ours comes near the limit.
pub(super) fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

pub(super) fn kind(row: &SqlRow<'_>, column: impl RowIndex) -> rusqlite::Result<Kind> {
    Kind::from_code(row.get(column)?).ok_or_else(|| unreadable("kind"))
}

/// Reads a device's key from the columns of its algorithm and its bytes.
pub(super) fn key(row: &SqlRow<'_>, algorithm: usize, key: usize) -> rusqlite::Result<DeviceKey> {
    let (algorithm, key): (String, Vec<u8>) = (row.get(algorithm)?, row.get(key)?);
    DeviceKey::from_parts(&algorithm, &key).ok_or_else(|| unreadable("device key"))
}

pub(super) fn day(row: &SqlRow<'_>, column: impl RowIndex) -> rusqlite::Result<Day> {
    Day::from_number(row.get(column)?).ok_or_else(|| unreadable("day"))
}

pub(super) fn role(row: &SqlRow<'_>, column: impl RowIndex) -> rusqlite::Result<Role> {
    let word: String = row.get(column)?;
    Role::from_word(&word).ok_or_else(|| unreadable("role"))
}

/// Reads `id, kind, name, parent` from the first four columns.
pub(super) fn scope(row: &SqlRow<'_>) -> rusqlite::Result<Scope> {
    let word: String = row.get(1)?;
    Ok(Scope {
        id: scope_id(row, 0)?,
        kind: ScopeKind::from_word(&word).ok_or_else(|| unreadable("kind of scope"))?,
        name: row.get(2)?,
        parent: row.get::<_, Option<String>>(3)?.map(ScopeId),
    })
}
