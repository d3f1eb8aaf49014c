//! Handing records over: both scopes' logs tell it in one transaction, and the new one lists every change of the
//! record again. Which records go along, the core decides.

use std::collections::BTreeSet;

use gridbook_core::clock::Instant;
use gridbook_core::gate::hash_of;
use gridbook_core::id::{ChangeHash, RecordId, ScopeId};
use gridbook_core::model::{Belonging, Kind, Projection, company, ties};
use gridbook_core::sync::notice::{Cause, Move, Notice, Says};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::columns::{bytes, kind, record_id, scope_id};
use super::roll::list;
use super::{audit, log, tags};
use crate::db::{Act, AuditEntry, HandOver, HandedOver, Listed, Meant, Redone};
use crate::error::{Error, Result};

/// The actor of what the server itself says.
pub(super) const NOBODY: [u8; 16] = [0; 16];

/// The records of a scope that are meant, with what goes along.
pub(super) fn company_in(c: &Connection, scope: &ScopeId, meant: &Meant) -> Result<Vec<(RecordId, Kind)>> {
    let sql = "SELECT id, kind, json FROM record WHERE scope = ? AND erased IS NULL ORDER BY n";
    let rows: Vec<(RecordId, Kind, String)> =
        list(c, sql, [scope.as_str()], |row| Ok((record_id(row, 0)?, kind(row, 1)?, row.get(2)?)))?;
    let going: BTreeSet<RecordId> = match meant {
        Meant::All => rows.iter().map(|(id, ..)| *id).collect(),
        Meant::Named(named) => {
            let belonging = |(id, kind, json): &(RecordId, Kind, String)| {
                Ok(Belonging { id: *id, ties: ties(&Projection::read(*kind, json)?.1) })
            };
            let records: Vec<_> = rows.iter().map(belonging).collect::<Result<_>>()?;
            company(named, &records).into_iter().collect()
        }
    };
    Ok(rows.into_iter().filter(|(id, ..)| going.contains(id)).map(|(id, kind, _)| (id, kind)).collect())
}

/// Hands over what is meant and writes it down.
pub(super) fn hand_over(tx: &Transaction<'_>, wanted: &HandOver) -> Result<HandedOver> {
    if !log::access_is(tx, wanted.access)? {
        return Ok(HandedOver::AccessChanged);
    }
    // The heads are taken in one order, so that two hand-overs that cross never wait for each other.
    let (from, to) = (&wanted.from, &wanted.to);
    for scope in [from.min(to), from.max(to)] {
        log::require_head(tx, scope)?;
    }
    let going = company_in(tx, from, &wanted.meant)?;
    for (id, _) in &going {
        carry(tx, id, to, wanted.why, wanted.at)?;
    }
    if !going.is_empty() {
        let households = going.iter().filter(|(_, kind)| *kind == Kind::Household).count();
        let detail = format!(
            "{households} households, {} records from {from} to {to}, {}",
            going.len(),
            wanted.why.as_str()
        );
        let records = going.iter().map(|(id, _)| *id).collect();
        let (at, who) = (wanted.at, wanted.who.clone());
        audit::note(tx, &[AuditEntry { at, who, act: Act::HandOver, records, detail }])?;
    }
    Ok(HandedOver::Done(going))
}

/// One record as a hand-over finds it.
struct Home {
    n: i64,
    kind: Kind,
    scope: ScopeId,
    moves: u32,
    erased: bool,
}

fn home(tx: &Transaction<'_>, id: &RecordId) -> Result<Option<Home>> {
    let sql = "SELECT n, kind, scope, moves, erased IS NOT NULL FROM record WHERE id = ?";
    let mut statement = tx.prepare_cached(sql)?;
    let found = statement.query_row([id.as_bytes()], |row| {
        Ok(Home {
            n: row.get(0)?,
            kind: kind(row, 1)?,
            scope: scope_id(row, 2)?,
            moves: row.get(3)?,
            erased: row.get(4)?,
        })
    });
    Ok(found.optional()?)
}

/// Moves one record to `to`.
pub(super) fn carry(
    tx: &Transaction<'_>,
    id: &RecordId,
    to: &ScopeId,
    why: Cause,
    at: Instant,
) -> Result<()> {
    let home = home(tx, id)?.ok_or_else(|| Error::Database(format!("record {id} is not here")))?;
    let moved = Move { from: home.scope, to: to.clone(), number: home.moves + 1, why };
    let notice = Notice { record: *id, kind: home.kind, at, says: Says::Moved(moved.clone()) };
    let n = log::add_notice(tx, home.n, &notice.encode(), at)?;
    settle_in(tx, home.n, &moved, n, &hash_of(&notice.encode()))
}

/// Lists a notice in both logs and the record's changes in the new one.
fn settle_in(tx: &Transaction<'_>, record: i64, moved: &Move, notice: i64, hash: &ChangeHash) -> Result<()> {
    list_notice(tx, moved, notice, hash)?;
    let stay = Some(i64::from(moved.number));
    for (change, hash) in changes_of(tx, record)? {
        log::place(tx, &moved.to, change, &hash, stay)?;
    }
    let id = tx
        .prepare_cached("SELECT id FROM record WHERE n = ?")?
        .query_row([record], |row| record_id(row, 0))?;
    tags::clear(tx, &id)?;
    tx.prepare_cached("UPDATE record SET scope = ?, moves = ? WHERE n = ?")?.execute(params![
        moved.to.as_str(),
        moved.number,
        record
    ])?;
    tags::set(tx, &id)
}

/// Lists a notice in the logs of both scopes, as far as there are any.
fn list_notice(tx: &Transaction<'_>, moved: &Move, notice: i64, hash: &ChangeHash) -> Result<()> {
    for scope in [&moved.from, &moved.to] {
        if log::head(tx, scope)?.is_some() {
            log::place(tx, scope, notice, hash, None)?;
        }
    }
    Ok(())
}

fn changes_of(tx: &Transaction<'_>, record: i64) -> Result<Vec<(i64, ChangeHash)>> {
    let sql = "SELECT n, hash FROM change_ WHERE record = ? AND actor <> ? ORDER BY n";
    list(tx, sql, params![record, NOBODY], |row| Ok((row.get(0)?, ChangeHash(bytes(row, 1)?))))
}

/// The scopes in whose logs a record is listed.
pub(super) fn scopes_listing(tx: &Transaction<'_>, record: i64) -> Result<Vec<ScopeId>> {
    let sql =
        "SELECT DISTINCT e.scope FROM change_ h JOIN entry e ON e.change = h.n WHERE h.record = ? ORDER BY 1";
    list(tx, sql, [record], |row| scope_id(row, 0))
}

/// The changes of records that scopes' logs list; a pair of which nothing is listed is left out.
pub(super) fn listed(c: &Connection, asked: &[(RecordId, ScopeId)]) -> Result<Vec<Listed>> {
    let sql = "SELECT DISTINCT h.hash FROM record r JOIN change_ h ON h.record = r.n
               JOIN entry e ON e.change = h.n AND e.scope = ? WHERE r.id = ? AND h.actor <> ?";
    let mut found = Vec::new();
    for (record, scope) in asked {
        let values = params![scope.as_str(), record.as_bytes(), NOBODY];
        let hashes: Vec<_> = list(c, sql, values, |row| Ok(ChangeHash(bytes(row, 0)?)))?;
        if !hashes.is_empty() {
            found.push(Listed { record: *record, scope: scope.clone(), hashes });
        }
    }
    Ok(found)
}

/// Applies a notice that this server gave out before it was restored, brought by a phone that holds `scope`.
pub(super) fn redo(tx: &Transaction<'_>, scope: &ScopeId, bytes: &[u8], at: Instant) -> Result<Redone> {
    let told = Notice::read(bytes);
    let Some(Notice { record: id, says: Says::Moved(moved), .. }) = told else {
        return Err(Error::Database("no notice of a hand-over".into()));
    };
    let Some(found) = home(tx, &id)? else { return Ok(Redone::Unknown) };
    let hash = hash_of(bytes);
    let find = "SELECT n FROM change_ WHERE hash = ? AND record = ?";
    let known: Option<i64> = tx.query_row(find, params![hash.0, found.n], |row| row.get(0)).optional()?;
    if let Some(notice) = known {
        // It came by way of the other scope's phones; here it stands in both logs.
        let listed = log::is_listed(tx, scope, notice)?;
        if !listed {
            log::place(tx, scope, notice, &hash, None)?;
        }
        return Ok(if listed { Redone::Known } else { Redone::Done });
    }
    let notice = log::add_notice(tx, found.n, bytes, at)?;
    // A scope that was founded after the backup is forgotten altogether: then the record stays, and its phones hear of that.
    if found.moves < moved.number && !found.erased && log::head(tx, &moved.to)?.is_some() {
        remember(tx, found.n, &moved.from)?;
        if found.scope != moved.from && found.scope != moved.to {
            // What brought it here is not told yet: those who see it here must hear that it has left.
            let from = found.scope.clone();
            let left = Notice {
                record: id,
                kind: found.kind,
                at,
                says: Says::Moved(Move { from: from.clone(), ..moved.clone() }),
            };
            let own = log::add_notice(tx, found.n, &left.encode(), at)?;
            log::place(tx, &from, own, &hash_of(&left.encode()), None)?;
        }
        settle_in(tx, found.n, &moved, notice, &hash)?;
    } else {
        list_notice(tx, &moved, notice, &hash)?;
        if moved.to != found.scope && !found.erased && !went_on(tx, found.n, &moved)? {
            // It was handed over anew after the restoration, by someone who did not know of this one.
            let again = Move {
                from: moved.to.clone(),
                to: found.scope.clone(),
                number: found.moves.max(moved.number) + 1,
                why: moved.why,
            };
            let told = Notice { record: id, kind: found.kind, at, says: Says::Moved(again.clone()) };
            let n = log::add_notice(tx, found.n, &told.encode(), at)?;
            settle_in(tx, found.n, &again, n, &hash_of(&told.encode()))?;
        }
    }
    let detail = format!("from {} to {}, again after a restore, {hash}", moved.from, moved.to);
    audit::note(tx, &[AuditEntry { at, who: None, act: Act::HandOver, records: vec![id], detail }])?;
    Ok(Redone::Done)
}

/// Makes sure that a log tells that the record once lived there, as its phones may have late work on it.
fn remember(tx: &Transaction<'_>, record: i64, scope: &ScopeId) -> Result<()> {
    let sql = "SELECT EXISTS (SELECT 1 FROM change_ h JOIN entry e ON e.change = h.n AND e.scope = ?
               WHERE h.record = ? AND h.actor <> ?)";
    let listed = tx.query_row(sql, params![scope.as_str(), record, NOBODY], |row| row.get(0))?;
    if listed || log::head(tx, scope)?.is_none() {
        return Ok(());
    }
    for (change, hash) in changes_of(tx, record)? {
        log::place(tx, scope, change, &hash, Some(-1))?;
    }
    Ok(())
}

/// True if a notice tells that the record left again the scope to which this one brought it.
fn went_on(tx: &Transaction<'_>, record: i64, moved: &Move) -> Result<bool> {
    let sql = "SELECT bytes FROM change_ WHERE record = ? AND actor = ?";
    let notices: Vec<Vec<u8>> = list(tx, sql, params![record, NOBODY], |row| row.get(0))?;
    Ok(notices.iter().filter_map(|bytes| Notice::read(bytes)).any(|notice| match notice.says {
        Says::Moved(later) => later.from == moved.to && later.number > moved.number,
        Says::Erased { .. } => false,
    }))
}

/// A change's row number in its record, if it is held.
pub(super) fn change_number(tx: &Transaction<'_>, hash: &ChangeHash, record: i64) -> Result<Option<i64>> {
    let sql = "SELECT n FROM change_ WHERE hash = ? AND record = ?";
    let mut statement = tx.prepare_cached(sql)?;
    Ok(statement.query_row(params![hash.0, record], |row| row.get(0)).optional()?)
}
