//! What leads ask first: what came in, what waits to be read, where a record stands. Each question through an
//! index, one scope and kind after the other.

use gridbook_core::clock::{Day, Instant};
use gridbook_core::id::{ActorId, DeviceId, RecordId, ScopeId};
use gridbook_core::model::{Content, Kind, Projection, Reading};
use rusqlite::{Connection, OptionalExtension, Row as SqlRow, Transaction, params};

use super::columns::{bytes, count, day, instant, number};
use super::hand_over::NOBODY;
use super::records::{COLUMNS, read};
use super::roll::list;
use crate::db::{Came, Kept, Row, Standings};
use crate::error::Result;

/// Writes down where a record stands after `row` was written: the record itself, or the one that a review is about.
pub(super) fn settle(tx: &Transaction<'_>, row: &Row) -> Result<()> {
    let Some(about) = (if row.kind == Kind::Review { row.subject } else { Some(row.id) }) else {
        return Ok(());
    };
    settle_of(tx, &about)
}

/// Writes down where a record stands by its latest review.
pub(super) fn settle_of(tx: &Transaction<'_>, about: &RecordId) -> Result<()> {
    let sql = "SELECT json FROM record WHERE subject = ? AND kind = ? AND voided = 0 AND erased IS NULL
               ORDER BY updated DESC, id DESC LIMIT 1";
    let values = params![about.as_bytes(), Kind::Review.code()];
    let latest: Option<String> = tx.prepare_cached(sql)?.query_row(values, |row| row.get(0)).optional()?;
    let latest = latest.and_then(|json| match Projection::read(Kind::Review, &json) {
        Ok((_, Content::Review(review))) => Some(review),
        _ => None,
    });
    let sql = "SELECT fingerprint, reading FROM record WHERE id = ? AND erased IS NULL";
    let found = tx.prepare_cached(sql)?.query_row([about.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)));
    let Some((fingerprint, before)) = found.optional()? else { return Ok(()) };
    let (fingerprint, before): (String, i64) = (fingerprint, before);
    let now = Reading::of(latest.as_ref(), &fingerprint).code();
    if now != before {
        tx.prepare_cached("UPDATE record SET reading = ? WHERE id = ?")?
            .execute(params![now, about.as_bytes()])?;
    }
    Ok(())
}

type Visible = [(ScopeId, Vec<Kind>)];

/// Every scope with every one of its kinds.
fn each(visible: &Visible) -> impl Iterator<Item = (&ScopeId, Kind)> {
    visible.iter().flat_map(|(scope, kinds)| kinds.iter().map(move |kind| (scope, *kind)))
}

pub(super) fn came_since(c: &Connection, visible: &Visible, since: Instant) -> Result<Vec<Came>> {
    let mut statement = c.prepare_cached(
        "SELECT count(*), max(received) FROM record INDEXED BY record_received
         WHERE scope = ? AND kind = ? AND received >= ? AND erased IS NULL",
    )?;
    let mut came = Vec::new();
    for (scope, kind) in each(visible) {
        let found = statement.query_row(params![scope.as_str(), kind.code(), since.0], |row| {
            Ok((count(row, 0)?, row.get::<_, Option<i64>>(1)?))
        })?;
        if let (count, Some(latest)) = found {
            came.push(Came { scope: scope.clone(), kind, count, latest: Instant(latest) });
        }
    }
    Ok(came)
}

pub(super) fn latest(c: &Connection, visible: &Visible, limit: usize) -> Result<Vec<Kept>> {
    let sql = "SELECT received, n FROM record INDEXED BY record_received
               WHERE scope = ? AND kind = ? AND erased IS NULL ORDER BY received DESC, n DESC LIMIT ?";
    let mut found: Vec<(i64, i64)> = Vec::new();
    for (scope, kind) in each(visible) {
        let values = params![scope.as_str(), kind.code(), number(limit as u64)];
        found.extend(list(c, sql, values, |row| Ok((row.get(0)?, row.get(1)?)))?);
    }
    found.sort_unstable_by(|one, other| other.cmp(one));
    found.truncate(limit);
    let sql = format!("SELECT {COLUMNS}, received, reading FROM record WHERE n = ?");
    let mut statement = c.prepare_cached(&sql)?;
    found.into_iter().map(|(_, n)| Ok(statement.query_row([n], kept_row)?)).collect()
}

pub(super) fn standings(c: &Connection, visible: &Visible) -> Result<Vec<Standings>> {
    let readings = "SELECT reading, count(*) FROM record INDEXED BY record_reading
                    WHERE scope = ? AND kind = ? AND voided = 0 GROUP BY reading";
    let conflicts = "SELECT count(*) FROM record INDEXED BY record_conflicts
                     WHERE scope = ? AND kind = ? AND conflicts > 0";
    let mut standings = Vec::new();
    for (scope, kind) in each(visible) {
        let values = params![scope.as_str(), kind.code()];
        let readings: Vec<(Option<Reading>, u64)> =
            list(c, readings, values, |row| Ok((Reading::from_code(row.get(0)?), count(row, 1)?)))?;
        let readings: Vec<_> =
            readings.into_iter().filter_map(|(reading, count)| Some((reading?, count))).collect();
        let conflicts = c.prepare_cached(conflicts)?.query_row(values, |row| count(row, 0))?;
        if conflicts > 0 || !readings.is_empty() {
            standings.push(Standings { scope: scope.clone(), kind, readings, conflicts });
        }
    }
    Ok(standings)
}

pub(super) fn kept(c: &Connection, ids: &[RecordId]) -> Result<Vec<Kept>> {
    let sql = format!("SELECT {COLUMNS}, received, reading FROM record WHERE id = ? AND erased IS NULL");
    let mut statement = c.prepare_cached(&sql)?;
    let mut kept = Vec::with_capacity(ids.len());
    for id in ids {
        kept.extend(statement.query_row([id.as_bytes()], kept_row).optional()?);
    }
    Ok(kept)
}

pub(super) fn kept_row(row: &SqlRow<'_>) -> rusqlite::Result<Kept> {
    let reading = Reading::from_code(row.get(16)?).unwrap_or(Reading::Unread);
    Ok(Kept { row: read(row)?, received: instant(row, 15)?, reading })
}

pub(super) fn arrivals(c: &Connection, id: &RecordId) -> Result<Vec<(Instant, ActorId, Option<DeviceId>)>> {
    let sql = "SELECT h.received, h.actor, h.device FROM change_ h JOIN record r ON r.n = h.record
               WHERE r.id = ? AND r.erased IS NULL AND h.actor <> ? ORDER BY h.n";
    list(c, sql, params![id.as_bytes(), NOBODY], |row| {
        Ok((instant(row, 0)?, ActorId(bytes(row, 1)?), row.get::<_, Option<String>>(2)?.map(DeviceId)))
    })
}

pub(super) fn day_beside(c: &Connection, visible: &Visible, from: Day, later: bool) -> Result<Option<Day>> {
    let sql = if later {
        "SELECT min(day) FROM record INDEXED BY record_reading
         WHERE scope = ? AND kind = ? AND voided = 0 AND reading = ? AND day > ?"
    } else {
        "SELECT max(day) FROM record INDEXED BY record_reading
         WHERE scope = ? AND kind = ? AND voided = 0 AND reading = ? AND day < ?"
    };
    let mut statement = c.prepare_cached(sql)?;
    let mut beside: Option<Day> = None;
    for (scope, kind) in each(visible) {
        for reading in Reading::ALL {
            let values = params![scope.as_str(), kind.code(), reading.code(), from.number()];
            let found: Option<i64> = statement.query_row(values, |row| row.get(0))?;
            let Some(found) = found.map(|_| statement.query_row(values, |row| day(row, 0))).transpose()?
            else {
                continue;
            };
            beside = Some(beside.map_or(found, |held| if later { held.min(found) } else { held.max(found) }));
        }
    }
    Ok(beside)
}
