//! The change log: appended under its scope's head, paged by number.

use std::collections::{BTreeMap, BTreeSet};

use gridbook_core::clock::Instant;
use gridbook_core::gate::{CHANGE_LIMIT, Refusal, hash_of};
use gridbook_core::id::{ActorId, Chain, ChangeHash, DeviceId, RecordId, ScopeId};
use gridbook_core::model::Kind;
use gridbook_core::sync::notice::Cause;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::columns::{bytes, count, instant, kind, number, record_id, scope_id};
use super::hand_over::{self, NOBODY};
use super::roll::list;
use super::{erasure, records, rounds};
use crate::db::{Append, Appended, Entry, Head, Held, Known, PageLimit, Quarantined, RefusedRow};
use crate::error::{Error, Result};

pub(super) fn heads(c: &Connection, scopes: &[ScopeId]) -> Result<Vec<Head>> {
    let mut heads = Vec::with_capacity(scopes.len());
    for scope in scopes {
        heads.extend(head(c, scope)?);
    }
    Ok(heads)
}

pub(super) fn head(c: &Connection, scope: &ScopeId) -> Result<Option<Head>> {
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
        "SELECT e.seq, e.chain, h.hash, r.id, h.actor,
                CASE WHEN e.stay IS NULL OR (e.stay = r.moves AND e.scope = r.scope) THEN h.bytes
                ELSE zeroblob(0) END
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

pub(super) fn known(c: &Connection, changes: &[(ChangeHash, RecordId, ScopeId)]) -> Result<Vec<Known>> {
    let mut statement = c.prepare_cached(
        "SELECT max(e.seq) FROM change_ h JOIN record r ON r.n = h.record
         JOIN entry e ON e.change = h.n AND e.scope = ? WHERE h.hash = ? AND r.id = ?",
    )?;
    let mut known = Vec::new();
    for (hash, record, scope) in changes {
        let values = params![scope.as_str(), hash.0, record.as_bytes()];
        let seq: Option<i64> = statement.query_row(values, |row| row.get(0))?;
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

pub(super) fn listed_hashes(c: &Connection, scope: &ScopeId, hashes: &[ChangeHash]) -> Result<Vec<bool>> {
    let mut statement = c.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM change_ h JOIN entry e ON e.change = h.n AND e.scope = ? WHERE h.hash = ?)",
    )?;
    let mut listed =
        |hash: &ChangeHash| statement.query_row(params![scope.as_str(), hash.0], |row| row.get(0));
    hashes.iter().map(|hash| Ok(listed(hash)?)).collect()
}

pub(super) fn held(c: &Connection, ids: &[RecordId]) -> Result<Vec<Held>> {
    let mut find =
        c.prepare_cached("SELECT n, kind, scope, moves FROM record WHERE id = ? AND erased IS NULL")?;
    let mut read =
        c.prepare_cached("SELECT bytes FROM change_ WHERE record = ? AND actor <> ? ORDER BY n")?;
    let mut held = Vec::new();
    for id in ids {
        let found = find
            .query_row([id.as_bytes()], |row| {
                Ok((row.get::<_, i64>(0)?, kind(row, 1)?, scope_id(row, 2)?, row.get(3)?))
            })
            .optional()?;
        if let Some((n, kind, scope, moves)) = found {
            let changes =
                read.query_map(params![n, NOBODY], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            held.push(Held { id: *id, kind, scope, moves, changes });
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

/// True if permissions are as they were at version `checked`, or were not asked.
pub(super) fn access_is(tx: &Transaction<'_>, checked: Option<u64>) -> Result<bool> {
    let access: i64 = tx.query_row("SELECT access FROM server", [], |row| row.get(0))?;
    Ok(checked.is_none_or(|checked| number(checked) == access))
}

/// The end of a scope's log, which an append goes on from.
pub(super) fn require_head(tx: &Transaction<'_>, scope: &ScopeId) -> Result<Head> {
    head(tx, scope)?.ok_or_else(|| Error::Database(format!("scope {scope} has no log")))
}

fn set_head(tx: &Transaction<'_>, head: &Head) -> Result<()> {
    let mut statement = tx.prepare_cached("UPDATE scope_head SET seq = ?, chain = ? WHERE scope = ?")?;
    statement.execute(params![number(head.seq), head.chain.0, head.scope.as_str()])?;
    Ok(())
}

pub(super) fn append(tx: &Transaction<'_>, append: &Append) -> Result<Appended> {
    if !access_is(tx, append.access)? {
        return Ok(Appended::AccessChanged);
    }
    let mut heads = BTreeMap::from([(append.scope.clone(), require_head(tx, &append.scope)?)]);
    for named in append.arrivals.iter().filter_map(|arrival| arrival.named.as_ref()) {
        heads.insert(named.clone(), require_head(tx, named)?);
    }
    for update in &append.updates {
        let about = Vec::from_iter(update.row.subject);
        if !records::is_as_tried(tx, update)? || !erasure::erased(tx, &about)?.is_empty() {
            return Ok(Appended::Stale);
        }
    }
    let mut added = BTreeMap::<RecordId, usize>::new();
    for arrival in append.arrivals.iter().filter(|arrival| !arrival.held) {
        *added.entry(arrival.record).or_default() += 1;
    }
    let mut visited = BTreeSet::new();
    for update in &append.updates {
        let changes = update.expected + added.get(&update.row.id).copied().unwrap_or(0);
        visited.extend(records::put(tx, &update.row, changes, append.at)?);
    }
    rounds::settle(tx, &visited)?;
    let seqs = insert(tx, append, &mut heads)?;
    heads.values().try_for_each(|head| set_head(tx, head))?;
    for update in &append.updates {
        if let Some(to) = &update.follows {
            hand_over::carry(tx, &update.row.id, to, Cause::Follows, append.at)?;
        }
    }
    Ok(Appended::Done(seqs))
}

fn insert(tx: &Transaction<'_>, append: &Append, heads: &mut BTreeMap<ScopeId, Head>) -> Result<Vec<u64>> {
    let mut change = tx.prepare_cached(
        "INSERT INTO change_ (hash, record, actor, device, received, bytes) VALUES (?, ?, ?, ?, ?, ?)",
    )?;
    let mut find = tx.prepare_cached("SELECT n, moves FROM record WHERE id = ?")?;
    let mut entry =
        tx.prepare_cached("INSERT INTO entry (scope, seq, change, stay, chain) VALUES (?, ?, ?, ?, ?)")?;
    let mut seqs = Vec::with_capacity(append.arrivals.len());
    for arrival in &append.arrivals {
        let (record, moves): (i64, u32) =
            find.query_row([arrival.record.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let held = if arrival.held { hand_over::change_number(tx, &arrival.hash, record)? } else { None };
        let n = match held {
            Some(n) => n,
            None => {
                let device = arrival.device.as_ref().map(|device| device.as_str());
                let (hash, actor) = (arrival.hash.0, arrival.actor.0);
                change.execute(params![hash, record, actor, device, append.at.0, arrival.bytes])?;
                tx.last_insert_rowid()
            }
        };
        let home = (held.is_none()).then_some((&append.scope, i64::from(moves)));
        let named = arrival.named.as_ref().map(|named| (named, ELSEWHERE));
        let mut receipt = 0;
        for (scope, stay) in home.into_iter().chain(named) {
            let head =
                heads.get_mut(scope).ok_or_else(|| Error::Database(format!("scope {scope}: no head")))?;
            head.seq += 1;
            head.chain = head.chain.append(&arrival.hash);
            entry.execute(params![scope.as_str(), number(head.seq), n, stay, head.chain.0])?;
            receipt = head.seq;
        }
        seqs.push(receipt);
    }
    Ok(seqs)
}

/// The stay of an entry whose record lived elsewhere when it was listed: a name and no more.
const ELSEWHERE: i64 = -1;

/// Adds a change that is held to the end of a scope's log; its number there.
pub(super) fn place(
    tx: &Transaction<'_>,
    scope: &ScopeId,
    change: i64,
    hash: &ChangeHash,
    stay: Option<i64>,
) -> Result<u64> {
    let mut head = require_head(tx, scope)?;
    head.seq += 1;
    head.chain = head.chain.append(hash);
    let sql = "INSERT INTO entry (scope, seq, change, stay, chain) VALUES (?, ?, ?, ?, ?)";
    let values = params![scope.as_str(), number(head.seq), change, stay, head.chain.0];
    tx.prepare_cached(sql)?.execute(values)?;
    set_head(tx, &head)?;
    Ok(head.seq)
}

/// True if a scope's log lists this change.
pub(super) fn is_listed(tx: &Transaction<'_>, scope: &ScopeId, change: i64) -> Result<bool> {
    let mut statement =
        tx.prepare_cached("SELECT EXISTS (SELECT 1 FROM entry WHERE change = ? AND scope = ?)")?;
    Ok(statement.query_row(params![change, scope.as_str()], |row| row.get(0))?)
}

/// Keeps what the server itself says of a record; its row number, for the logs that are to list it.
pub(super) fn add_notice(tx: &Transaction<'_>, record: i64, notice: &[u8], at: Instant) -> Result<i64> {
    let hash = hash_of(notice);
    let sql = "INSERT INTO change_ (hash, record, actor, received, bytes) VALUES (?, ?, ?, ?, ?)";
    tx.prepare_cached(sql)?.execute(params![hash.0, record, NOBODY, at.0, notice])?;
    Ok(tx.last_insert_rowid())
}

/// How many refused changes of one device are kept; more would only fill the disk.
const QUARANTINE_LIMIT: i64 = 2_000;

pub(super) fn quarantine(tx: &Transaction<'_>, refused: &[Quarantined]) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "INSERT OR IGNORE INTO quarantine (digest, record, scope, device, reason, at, bytes)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
         WHERE (SELECT count(*) FROM quarantine WHERE device = ?4) < ?8
         AND NOT EXISTS (SELECT 1 FROM record WHERE id = ?2 AND erased IS NOT NULL)",
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

/// Meant for a scope of the list, or for none that was named.
const MEANT_FOR: &str = "(scope IS NULL OR scope IN (SELECT value FROM json_each(?2)))";

pub(super) fn refused(
    c: &Connection,
    devices: &[DeviceId],
    scopes: &[ScopeId],
    before: Option<u64>,
    limit: usize,
) -> Result<Vec<RefusedRow>> {
    let sql = format!(
        "SELECT n, record, scope, device, reason, at, bytes FROM quarantine
         WHERE device = ?1 AND {MEANT_FOR} AND n < ?3 ORDER BY n DESC LIMIT ?4"
    );
    let scopes = json_of(scopes);
    let before = before.map_or(i64::MAX, |before| i64::try_from(before).unwrap_or(i64::MAX));
    let mut found: Vec<RefusedRow> = Vec::new();
    for device in devices {
        let values = params![device.as_str(), scopes, before, i64::try_from(limit).unwrap_or(i64::MAX)];
        found.extend(list(c, &sql, values, |row| {
            let reason: String = row.get(4)?;
            Ok(RefusedRow {
                n: count(row, 0)?,
                record: record_id(row, 1)?,
                scope: row.get::<_, Option<String>>(2)?.map(ScopeId),
                device: DeviceId(row.get(3)?),
                // A word of another version says at least that the record was not one.
                reason: Refusal::from_word(&reason).unwrap_or(Refusal::NotARecord),
                at: instant(row, 5)?,
                bytes: row.get(6)?,
            })
        })?);
    }
    found.sort_unstable_by_key(|refused| std::cmp::Reverse(refused.n));
    found.truncate(limit);
    Ok(found)
}

pub(super) fn refused_counts(
    c: &Connection,
    devices: &[DeviceId],
    scopes: &[ScopeId],
) -> Result<Vec<(DeviceId, u64)>> {
    let sql = format!("SELECT count(*) FROM quarantine WHERE device = ?1 AND {MEANT_FOR}");
    let mut statement = c.prepare_cached(&sql)?;
    let scopes = json_of(scopes);
    let mut counts = Vec::new();
    for device in devices {
        let refused = statement.query_row(params![device.as_str(), scopes], |row| count(row, 0))?;
        counts.extend((refused > 0).then(|| (device.clone(), refused)));
    }
    Ok(counts)
}

fn json_of(scopes: &[ScopeId]) -> String {
    serde_json::Value::from_iter(scopes.iter().map(ScopeId::as_str)).to_string()
}
