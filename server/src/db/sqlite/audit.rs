//! The audit log: rows are added, read and checked, never changed.

use gridbook_core::id::{PersonId, RecordId, RevealId};
use hmac::{Hmac, KeyInit, Mac};
use rusqlite::{Connection, OptionalExtension, Row as SqlRow, Transaction, params};
use sha2::Sha256;

use super::columns::{bytes, count, instant, number};
use super::roll::list;
use crate::db::{AUDIT_START, Act, AuditEntry, AuditHash, AuditRow, AuditState};
use crate::error::Result;

const COLUMNS: &str = "n, at, who, act, records, detail, hash";

pub(super) fn note(tx: &Transaction<'_>, entries: &[AuditEntry]) -> Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let sql = "SELECT n, hash FROM audit ORDER BY n DESC LIMIT 1";
    let last = tx.query_row(sql, [], |row| Ok((count(row, 0)?, bytes(row, 1)?))).optional()?;
    let (mut n, mut hash) = last.unwrap_or((0, AUDIT_START));
    // Where the end was cut off the numbers go on after it: the gap stays, and is found.
    n = head(tx)?.map_or(n, |(sealed, ..)| sealed.max(n));
    let mut insert = tx.prepare_cached(
        "INSERT INTO audit (n, at, who, act, records, detail, hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
    )?;
    let mut name = tx.prepare_cached("INSERT OR IGNORE INTO audit_record (record, n) VALUES (?, ?)")?;
    for entry in entries {
        n += 1;
        hash = entry.hash(&hash, n);
        let records: Vec<u8> = entry.records.iter().flat_map(|id| *id.as_bytes()).collect();
        let who = entry.who.as_ref().map(|who| who.as_str());
        insert.execute(params![
            number(n),
            entry.at.0,
            who,
            entry.act.as_str(),
            records,
            entry.detail,
            hash
        ])?;
        for record in &entry.records {
            name.execute(params![record.as_bytes(), number(n)])?;
        }
    }
    let seal = seal(tx, n, &hash)?.finalize().into_bytes();
    tx.execute(
        "INSERT INTO audit_head (only, n, hash, seal) VALUES (1, ?, ?, ?)
         ON CONFLICT (only) DO UPDATE SET n = excluded.n, hash = excluded.hash, seal = excluded.seal",
        params![number(n), hash, seal.as_slice()],
    )?;
    Ok(())
}

/// Adds what is not there yet.
pub(super) fn note_reveals(tx: &Transaction<'_>, reveals: Vec<(RevealId, AuditEntry)>) -> Result<()> {
    let mut first = tx.prepare_cached("INSERT OR IGNORE INTO audit_reveal (id) VALUES (?)")?;
    let mut entries = Vec::with_capacity(reveals.len());
    for (id, entry) in reveals {
        if first.execute([id.as_bytes()])? > 0 {
            entries.push(entry);
        }
    }
    note(tx, &entries)
}

pub(super) fn page(c: &Connection, after: u64, limit: usize) -> Result<Vec<AuditRow>> {
    let sql = format!("SELECT {COLUMNS} FROM audit WHERE n > ? ORDER BY n LIMIT ?");
    list(c, &sql, params![number(after), number(limit as u64)], read)
}

/// The newest rows that name a record, newest first.
pub(super) fn about(
    c: &Connection,
    record: &RecordId,
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<AuditRow>> {
    let sql = "SELECT a.n, a.at, a.who, a.act, a.records, a.detail, a.hash FROM audit_record r
               JOIN audit a ON a.n = r.n WHERE r.record = ? AND r.n < ? ORDER BY r.n DESC LIMIT ?";
    let before = before.map_or(i64::MAX, number);
    list(c, sql, params![record.as_bytes(), before, number(limit as u64)], read)
}

/// Walks the whole log; `noted` is a head that someone wrote down elsewhere.
pub(super) fn verify(c: &Connection, noted: Option<(u64, AuditHash)>) -> Result<AuditState> {
    let broken = |n, what| Ok(AuditState::Broken { n, what });
    let sql = format!("SELECT {COLUMNS} FROM audit ORDER BY n");
    let mut statement = c.prepare(&sql)?;
    let mut rows = statement.query([])?;
    let (mut n, mut hash) = (0, AUDIT_START);
    while let Some(row) = rows.next()? {
        let Ok(row) = read(row) else { return broken(n + 1, "the row cannot be read") };
        if row.n != n + 1 {
            return broken(n + 1, "the row is missing");
        }
        if row.entry.hash(&hash, row.n) != row.hash {
            return broken(row.n, "the row, or the order of the rows, was changed");
        }
        (n, hash) = (row.n, row.hash);
        if noted.is_some_and(|(at, noted)| at == n && noted != hash) {
            return broken(n, "the row is not the one that was written down");
        }
    }
    if noted.is_some_and(|(at, _)| at > n) {
        return broken(n + 1, "rows are missing that were there when the head was written down");
    }
    match head(c)? {
        None if n == 0 => Ok(AuditState::Whole { n, hash }),
        Some((at, head, given)) => {
            if seal(c, at, &head)?.verify_slice(&given).is_err() {
                broken(at, "the head was not sealed by this server")
            } else if (at, head) != (n, hash) {
                broken(at.min(n) + 1, "the log does not end where its sealed head says")
            } else {
                Ok(AuditState::Whole { n, hash })
            }
        }
        None => broken(n, "the sealed head is missing"),
    }
}

type SealedHead = (u64, AuditHash, Vec<u8>);

fn head(c: &Connection) -> Result<Option<SealedHead>> {
    let head = c.query_row("SELECT n, hash, seal FROM audit_head", [], |row| {
        Ok((count(row, 0)?, bytes(row, 1)?, row.get(2)?))
    });
    Ok(head.optional()?)
}

/// What the server's own key makes of a head; nobody can make it who has only the rows.
fn seal(c: &Connection, n: u64, hash: &AuditHash) -> Result<Hmac<Sha256>> {
    let key: [u8; 32] = c.query_row("SELECT seal_key FROM server", [], |row| bytes(row, 0))?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key)
        .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    mac.update(b"gridbook-audit-head-1");
    mac.update(&n.to_be_bytes());
    mac.update(hash);
    Ok(mac)
}

fn read(row: &SqlRow<'_>) -> rusqlite::Result<AuditRow> {
    let unreadable = || rusqlite::Error::InvalidColumnType(3, "act".into(), rusqlite::types::Type::Text);
    let act: String = row.get(3)?;
    let ids: Vec<u8> = row.get(4)?;
    let (ids, rest) = ids.as_chunks::<16>();
    if !rest.is_empty() {
        return Err(unreadable());
    }
    Ok(AuditRow {
        n: count(row, 0)?,
        entry: AuditEntry {
            at: instant(row, 1)?,
            who: row.get::<_, Option<String>>(2)?.map(PersonId),
            act: Act::from_word(&act).ok_or_else(unreadable)?,
            records: ids.iter().map(|id| RecordId::from_bytes(*id)).collect(),
            detail: row.get(5)?,
        },
        hash: bytes(row, 6)?,
    })
}
