//! Erasing records: every byte of what they said goes, the names of their changes stay in the log, and the
//! log itself says what happened.

use gridbook_core::clock::Instant;
use gridbook_core::gate::hash_of;
use gridbook_core::id::{RecordId, ScopeId};
use gridbook_core::model::Kind;
use gridbook_core::sync::notice::{Notice, Says};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::columns::{kind, record_id, scope_id};
use super::roll::list;
use super::{audit, hand_over, log, reading, records, rounds, tags};
use crate::db::{Act, AuditEntry, Erase, Erased, Outdated};
use crate::error::{Error, Result};

/// Which of `ids` are records that were erased.
pub(super) fn erased(c: &Connection, ids: &[RecordId]) -> Result<Vec<RecordId>> {
    let sql = "SELECT EXISTS (SELECT 1 FROM record WHERE id = ? AND erased IS NOT NULL)";
    let mut statement = c.prepare_cached(sql)?;
    let mut erased = Vec::new();
    for id in ids {
        if statement.query_row([id.as_bytes()], |row| row.get(0))? {
            erased.push(*id);
        }
    }
    Ok(erased)
}

/// Records of a kind in a community whose day and whose last change lie before `before`.
pub(super) fn outdated(c: &Connection, wanted: &Outdated) -> Result<Vec<RecordId>> {
    let sql = "SELECT r.id FROM record r JOIN scope s ON s.id = r.scope
               WHERE r.erased IS NULL AND r.kind = ?1 AND (r.scope = ?2 OR s.parent = ?2) AND r.day < ?3
               AND (SELECT max(received) FROM change_ WHERE record = r.n AND actor <> ?5) < ?4
               ORDER BY r.n";
    let values = params![
        wanted.kind.code(),
        wanted.within.as_str(),
        wanted.day.number(),
        wanted.received.0,
        hand_over::NOBODY
    ];
    list(c, sql, values, |row| record_id(row, 0))
}

/// Erases a record and what is about it: a household's visits, anybody's reviews of either.
pub(super) fn erase(tx: &Transaction<'_>, wanted: &Erase) -> Result<Vec<Erased>> {
    erase_from(tx, wanted, "id = ?1")
}

/// Erases what is about a record that is erased already.
pub(super) fn erase_about(tx: &Transaction<'_>, wanted: &Erase) -> Result<Vec<Erased>> {
    erase_from(tx, wanted, "subject = ?1")
}

/// Erases the records for which `which` holds, and what is about them.
fn erase_from(tx: &Transaction<'_>, wanted: &Erase, which: &str) -> Result<Vec<Erased>> {
    let sql = format!(
        "WITH RECURSIVE gone (n, id) AS (
           SELECT n, id FROM record WHERE {which} AND erased IS NULL
           UNION SELECT r.n, r.id FROM record r JOIN gone ON r.subject = gone.id WHERE r.erased IS NULL)
         SELECT r.n, r.id, r.kind, r.scope FROM gone JOIN record r ON r.n = gone.n"
    );
    let found: Vec<(i64, RecordId, Kind, ScopeId)> = list(tx, &sql, [wanted.record.as_bytes()], |row| {
        Ok((row.get(0)?, record_id(row, 1)?, kind(row, 2)?, scope_id(row, 3)?))
    })?;
    let mut gone = Vec::with_capacity(found.len());
    for (n, record, kind, scope) in found {
        let notice = Notice { record, kind, at: wanted.at, says: Says::Erased { why: wanted.why } };
        let bytes = notice.encode();
        wipe(tx, n, &record, wanted.at)?;
        let hash = hash_of(&bytes);
        let seq = tell(tx, n, &scope, &bytes, wanted.at)?;
        // The proof: which, what, when, by whom, why, and the notice that stands in the chained log.
        let detail = format!("{kind} in {scope}, {}, log entry {seq} {hash}", wanted.why.as_str());
        let (at, who) = (wanted.at, wanted.who.clone());
        audit::note(tx, &[AuditEntry { at, who, act: Act::Erase, records: vec![record], detail }])?;
        gone.push(Erased { record, kind, scope, hash });
    }
    Ok(gone)
}

/// Applies a notice that this server had given out before it was restored; false if it is here already.
pub(super) fn erase_again(tx: &Transaction<'_>, scope: &ScopeId, bytes: &[u8], at: Instant) -> Result<bool> {
    let notice = Notice::read(bytes).ok_or_else(|| Error::Database("no notice".into()))?;
    let find = "SELECT n FROM record WHERE id = ?";
    let found: Option<i64> = tx.query_row(find, [notice.record.as_bytes()], |row| row.get(0)).optional()?;
    let n = match found {
        Some(n) => n,
        None => {
            tx.execute(
                "INSERT INTO record (id, kind, scope, author, changes, day, occurred_at, created, updated,
                     voided, conflicts, fingerprint, json)
                 VALUES (?, ?, ?, '', 0, 1, 0, 0, 0, 1, 0, '', '{}')",
                params![notice.record.as_bytes(), notice.kind.code(), scope.as_str()],
            )?;
            tx.last_insert_rowid()
        }
    };
    let hash = hash_of(bytes);
    if let Some(known) = hand_over::change_number(tx, &hash, n)? {
        // It came by way of another scope in which the record once lived.
        let listed = log::is_listed(tx, scope, known)?;
        if !listed {
            log::place(tx, scope, known, &hash, None)?;
        }
        return Ok(!listed);
    }
    wipe(tx, n, &notice.record, notice.at)?;
    let seq = tell(tx, n, scope, bytes, at)?;
    let detail = format!("{} in {scope}, again after a restore, log entry {seq} {hash}", notice.kind);
    let records = vec![notice.record];
    audit::note(tx, &[AuditEntry { at, who: None, act: Act::Erase, records, detail }])?;
    Ok(true)
}

/// Puts a notice of an erasure into the log of `scope`, and of every other scope where phones may hold something
/// of the record; its number in the first.
fn tell(tx: &Transaction<'_>, record: i64, scope: &ScopeId, notice: &[u8], at: Instant) -> Result<u64> {
    let others = hand_over::scopes_listing(tx, record)?;
    let n = log::add_notice(tx, record, notice, at)?;
    let hash = hash_of(notice);
    for other in others.iter().filter(|other| *other != scope) {
        log::place(tx, other, n, &hash, None)?;
    }
    log::place(tx, scope, n, &hash, None)
}

fn wipe(tx: &Transaction<'_>, n: i64, id: &RecordId, at: Instant) -> Result<()> {
    tags::clear(tx, id)?;
    tx.execute("UPDATE server SET unscrubbed = 1", [])?;
    let household = records::household_of(tx, id)?;
    let subject: Option<[u8; 16]> =
        tx.query_row("SELECT subject FROM record WHERE n = ?", [n], |row| row.get(0))?;
    tx.execute("UPDATE change_ SET bytes = zeroblob(0) WHERE record = ?", [n])?;
    tx.execute(
        "UPDATE record SET erased = ?, changes = changes + 1, grid = NULL, author = '', day = 1,
             occurred_at = 0, created = 0, updated = 0, voided = 1, conflicts = 0, building = NULL, received = 0, reading = 0,
             subject = NULL, fingerprint = '', json = '', place = NULL, due = NULL, due_why = NULL, visited = NULL
         WHERE n = ?",
        params![at.0, n],
    )?;
    // What was refused of it, or named it: a visit that never became a record says as much of a household.
    let named = "DELETE FROM quarantine WHERE record = ?1 OR instr(bytes, CAST(?2 AS BLOB)) > 0";
    tx.execute(named, params![id.as_bytes(), id.to_string()])?;
    if let Some(subject) = subject {
        reading::settle_of(tx, &RecordId::from_bytes(subject))?;
    }
    rounds::settle(tx, &household)
}
