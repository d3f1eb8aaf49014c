//! The change log: appended under its scope's head, paged by number.

use std::collections::BTreeMap;

use gridbook_core::clock::Instant;
use gridbook_core::gate::{CHANGE_LIMIT, hash_of};
use gridbook_core::id::{ActorId, Chain, ChangeHash, RecordId, ScopeId};
use gridbook_core::model::Kind;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::columns::{bytes, count, kind, number, record_id, scope_id};
use super::{erasure, records};
use crate::db::{Append, Appended, Entry, Head, Held, Known, PageLimit, Quarantined};
use crate::error::{Error, Result};

pub(super) fn heads(c: &Connection, scopes: &[ScopeId]) -> Result<Vec<Head>> {
    let mut heads = Vec::with_capacity(scopes.len());
    for scope in scopes {
        heads.extend(head(c, scope)?);
    }
    Ok(heads)
}

fn head(c: &Connection, scope: &ScopeId) -> Result<Option<Head>> {
    let mut statement = c.prepare_cached("SELECT seq, chain FROM scope_head WHERE scope = ?")?;
    let head = statement.query_row([scope.as_str()], |row| {
        Ok(Head { scope: scope.clone(), seq: count(row, 0)?, chain: Chain(bytes(row, 1)?) })
    });
    Ok(head.optional()?)
}

pub(super) fn chain_at(c: &Connection, scope: &ScopeId, seq: u64) -> Result<Option<Chain>> {
    if seq == 0 {
        return Ok(head(c, scope)?.map(|_| Chain::START));
    }
    let mut statement = c.prepare_cached("SELECT chain FROM entry WHERE scope = ? AND seq = ?")?;
    let chain = statement
        .query_row(params![scope.as_str(), number(seq)], |row| Ok(Chain(bytes(row, 0)?)))
        .optional()?;
    Ok(chain)
}

pub(super) fn page(c: &Connection, scope: &ScopeId, after: u64, limit: PageLimit) -> Result<Vec<Entry>> {
    let mut statement = c.prepare_cached(
        "SELECT e.seq, e.chain, h.hash, r.id, h.actor, h.bytes
         FROM entry e JOIN change_ h ON h.n = e.change JOIN record r ON r.n = h.record
         WHERE e.scope = ? AND e.seq > ? ORDER BY e.seq LIMIT ?",
    )?;
    let mut rows = statement.query(params![scope.as_str(), number(after), number(limit.entries as u64)])?;
    let mut entries = Vec::new();
    let mut size = 0;
    while let Some(row) = rows.next()? {
        let entry = Entry {
            seq: count(row, 0)?,
            chain: Chain(bytes(row, 1)?),
            hash: ChangeHash(bytes(row, 2)?),
            record: record_id(row, 3)?,
            actor: ActorId(bytes(row, 4)?),
            bytes: row.get(5)?,
        };
        size += entry.bytes.len();
        if size > limit.bytes && !entries.is_empty() {
            break;
        }
        entries.push(entry);
    }
    Ok(entries)
}

pub(super) fn known(c: &Connection, changes: &[(ChangeHash, RecordId)]) -> Result<Vec<Known>> {
    let mut statement = c.prepare_cached(
        "SELECT max(e.seq) FROM change_ h JOIN record r ON r.n = h.record
         JOIN entry e ON e.change = h.n AND e.scope = r.scope WHERE h.hash = ? AND r.id = ?",
    )?;
    let mut known = Vec::new();
    for (hash, record) in changes {
        let seq: Option<i64> = statement.query_row(params![hash.0, record.as_bytes()], |row| row.get(0))?;
        if let Some(seq) = seq {
            known.push(Known { hash: *hash, record: *record, seq: u64::try_from(seq).unwrap_or(0) });
        }
    }
    Ok(known)
}

pub(super) fn known_hashes(c: &Connection, hashes: &[ChangeHash]) -> Result<Vec<bool>> {
    let mut statement = c.prepare_cached("SELECT EXISTS (SELECT 1 FROM change_ WHERE hash = ?)")?;
    hashes.iter().map(|hash| Ok(statement.query_row([hash.0], |row| row.get(0))?)).collect()
}

pub(super) fn held(c: &Connection, ids: &[RecordId]) -> Result<Vec<Held>> {
    let mut find = c.prepare_cached("SELECT n, kind, scope FROM record WHERE id = ? AND erased IS NULL")?;
    let mut read = c.prepare_cached("SELECT bytes FROM change_ WHERE record = ? ORDER BY n")?;
    let mut held = Vec::new();
    for id in ids {
        let found = find
            .query_row([id.as_bytes()], |row| Ok((row.get::<_, i64>(0)?, kind(row, 1)?, scope_id(row, 2)?)))
            .optional()?;
        if let Some((n, kind, scope)) = found {
            let changes = read.query_map([n], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            held.push(Held { id: *id, kind, scope, changes });
        }
    }
    Ok(held)
}

pub(super) fn scopes_of(c: &Connection, ids: &[RecordId]) -> Result<Vec<(RecordId, (ScopeId, Kind))>> {
    let mut statement = c.prepare_cached("SELECT scope, kind FROM record WHERE id = ? AND erased IS NULL")?;
    let mut scopes = Vec::new();
    for id in ids {
        let read = |row: &rusqlite::Row<'_>| Ok((scope_id(row, 0)?, kind(row, 1)?));
        let place = statement.query_row([id.as_bytes()], read).optional()?;
        scopes.extend(place.map(|place| (*id, place)));
    }
    Ok(scopes)
}

pub(super) fn append(tx: &Transaction<'_>, append: &Append) -> Result<Appended> {
    let access: i64 = tx.query_row("SELECT access FROM server", [], |row| row.get(0))?;
    if append.access.is_some_and(|checked| number(checked) != access) {
        return Ok(Appended::AccessChanged);
    }
    let Some(mut head) = head(tx, &append.scope)? else {
        return Err(Error::Database(format!("scope {} has no log", append.scope)));
    };
    for update in &append.updates {
        let about = Vec::from_iter(update.row.subject);
        if records::change_count(tx, &update.row.id)? != update.expected
            || !erasure::erased(tx, &about)?.is_empty()
        {
            return Ok(Appended::Stale);
        }
    }
    let mut added = BTreeMap::<RecordId, usize>::new();
    for arrival in &append.arrivals {
        *added.entry(arrival.record).or_default() += 1;
    }
    for update in &append.updates {
        let changes = update.expected + added.get(&update.row.id).copied().unwrap_or(0);
        records::put(tx, &update.row, changes)?;
    }
    let seqs = insert(tx, append, &mut head)?;
    tx.execute(
        "UPDATE scope_head SET seq = ?, chain = ? WHERE scope = ?",
        params![number(head.seq), head.chain.0, append.scope.as_str()],
    )?;
    Ok(Appended::Done(seqs))
}

fn insert(tx: &Transaction<'_>, append: &Append, head: &mut Head) -> Result<Vec<u64>> {
    let mut change = tx.prepare_cached(
        "INSERT INTO change_ (hash, record, actor, device, received, bytes)
         SELECT ?, n, ?, ?, ?, ? FROM record WHERE id = ?",
    )?;
    let mut entry = tx.prepare_cached("INSERT INTO entry (scope, seq, change, chain) VALUES (?, ?, ?, ?)")?;
    let mut seqs = Vec::with_capacity(append.arrivals.len());
    for arrival in &append.arrivals {
        let device = arrival.device.as_ref().map(|device| device.as_str());
        change.execute(params![
            arrival.hash.0,
            arrival.actor.0,
            device,
            append.at.0,
            arrival.bytes,
            arrival.record.as_bytes()
        ])?;
        head.seq += 1;
        head.chain = head.chain.append(&arrival.hash);
        let n = tx.last_insert_rowid();
        entry.execute(params![append.scope.as_str(), number(head.seq), n, head.chain.0])?;
        seqs.push(head.seq);
    }
    Ok(seqs)
}

/// Appends what the server itself says of a record to its scope's log; the entry's number.
pub(super) fn append_notice(
    tx: &Transaction<'_>,
    scope: &ScopeId,
    record: i64,
    notice: &[u8],
    at: Instant,
) -> Result<u64> {
    let head = head(tx, scope)?;
    let mut head = head.ok_or_else(|| Error::Database(format!("scope {scope} has no log")))?;
    let hash = hash_of(notice);
    tx.execute(
        "INSERT INTO change_ (hash, record, actor, received, bytes) VALUES (?, ?, zeroblob(16), ?, ?)",
        params![hash.0, record, at.0, notice],
    )?;
    let n = tx.last_insert_rowid();
    head.seq += 1;
    head.chain = head.chain.append(&hash);
    tx.execute(
        "INSERT INTO entry (scope, seq, change, chain) VALUES (?, ?, ?, ?)",
        params![scope.as_str(), number(head.seq), n, head.chain.0],
    )?;
    tx.execute(
        "UPDATE scope_head SET seq = ?, chain = ? WHERE scope = ?",
        params![number(head.seq), head.chain.0, scope.as_str()],
    )?;
    Ok(head.seq)
}

/// How many refused changes of one device are kept; more would only fill the disk.
const QUARANTINE_LIMIT: i64 = 2_000;

pub(super) fn quarantine(tx: &Transaction<'_>, refused: &[Quarantined]) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "INSERT OR IGNORE INTO quarantine (digest, record, scope, device, reason, at, bytes)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
         WHERE (SELECT count(*) FROM quarantine WHERE device = ?4) < ?8",
    )?;
    for one in refused {
        let Instant(at) = one.at;
        statement.execute(params![
            one.digest,
            one.record.as_bytes(),
            one.scope.as_ref().map(|scope| scope.as_str()),
            one.device.as_str(),
            one.reason.as_str(),
            at,
            one.bytes.get(..CHANGE_LIMIT).unwrap_or(&one.bytes),
            QUARANTINE_LIMIT,
        ])?;
    }
    Ok(())
}
