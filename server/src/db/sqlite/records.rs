//! The projected records: written with every append, read by leads.

use gridbook_core::clock::{Day, Instant};
use gridbook_core::id::{RecordId, ScopeId};
use gridbook_core::model::{Kind, Reading};
use rusqlite::{
    Connection, OptionalExtension, Row as SqlRow, Transaction, params, params_from_iter,
    types::{Value, ValueRef},
};

use super::columns::{bytes, count as count_of, day, instant, kind, person, record_id, scope_id};
use super::roll::list;
use super::{reading, tags};
use crate::db::{Counts, Kept, Position, RecordQuery, Row, Update};
use crate::error::Result;

pub(super) const COLUMNS: &str = "id, kind, scope, grid, author, day, occurred_at, created, updated, voided, conflicts, \
                       building, subject, fingerprint, json";

/// True if a record, and what a new one goes along with, is as it was when its changes were tried.
pub(super) fn is_as_tried(tx: &Transaction<'_>, update: &Update) -> Result<bool> {
    let mut statement = tx.prepare_cached("SELECT changes, moves, scope FROM record WHERE id = ?")?;
    let found = statement
        .query_row([update.row.id.as_bytes()], |row| {
            Ok((row.get::<_, u32>(0)? as usize, row.get::<_, u32>(1)?, scope_id(row, 2)?))
        })
        .optional()?;
    let same = match found {
        Some(found) => found == (update.expected, update.moves, update.row.scope.clone()),
        None => update.expected == 0,
    };
    let mut find = tx.prepare_cached("SELECT scope FROM record WHERE id = ? AND erased IS NULL")?;
    for (tie, scope) in &update.ties {
        let home = find.query_row([tie.as_bytes()], |row| scope_id(row, 0)).optional()?;
        if home.is_some_and(|home| home != *scope) {
            return Ok(false);
        }
    }
    Ok(same)
}

/// Writes a record's row with what is kept beside it. Returns the households whose next visit it may have moved: who
/// writes many rows settles each of them once, after the last.
pub(super) fn put(tx: &Transaction<'_>, row: &Row, changes: usize, at: Instant) -> Result<Vec<RecordId>> {
    // Most rows are new, and there is nothing to clear then.
    let mut known = tx.prepare_cached("SELECT EXISTS (SELECT 1 FROM record WHERE id = ?)")?;
    let before = if known.query_row([row.id.as_bytes()], |row| row.get(0))? {
        tags::clear(tx, &row.id)?;
        household_of(tx, &row.id)?
    } else {
        None
    };
    let mut statement = tx.prepare_cached(
        "INSERT INTO record (id, kind, scope, grid, author, changes, day, occurred_at, created, updated, voided,
             conflicts, building, subject, fingerprint, json, received)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET
             grid = excluded.grid, author = excluded.author, changes = excluded.changes, day = excluded.day,
             occurred_at = excluded.occurred_at, created = excluded.created, updated = excluded.updated,
             voided = excluded.voided, conflicts = excluded.conflicts, building = excluded.building,
             subject = excluded.subject, fingerprint = excluded.fingerprint, json = excluded.json, received = excluded.received
         RETURNING n",
    )?;
    let values = params![
        row.id.as_bytes(),
        row.kind.code(),
        row.scope.as_str(),
        row.grid.as_ref().map(|grid| grid.as_str()),
        row.author.as_str(),
        i64::try_from(changes).unwrap_or(i64::MAX),
        row.day.number(),
        row.occurred_at.0,
        row.created.0,
        row.updated.0,
        row.voided,
        row.conflicts,
        row.building,
        row.subject.as_ref().map(|subject| subject.as_bytes().as_slice()),
        row.fingerprint,
        row.json,
        at.0,
    ];
    let n = statement.query_row(values, |row| row.get(0))?;
    reading::settle(tx, row)?;
    tags::set_for(tx, n, row)?;
    let now = decides_on(row.kind, row.id, row.subject);
    Ok(before.into_iter().chain(now).collect())
}

/// The household whose next visit a record decides upon: itself, or the one that was visited.
pub(super) fn household_of(tx: &Transaction<'_>, id: &RecordId) -> Result<Option<RecordId>> {
    let mut statement =
        tx.prepare_cached("SELECT kind, subject FROM record WHERE id = ? AND erased IS NULL")?;
    let found = statement.query_row([id.as_bytes()], |row| {
        let subject = match row.get_ref(1)? {
            ValueRef::Null => None,
            _ => Some(record_id(row, 1)?),
        };
        Ok(decides_on(kind(row, 0)?, *id, subject))
    });
    Ok(found.optional()?.flatten())
}

fn decides_on(kind: Kind, id: RecordId, subject: Option<RecordId>) -> Option<RecordId> {
    match kind {
        Kind::Household => Some(id),
        Kind::Visit => subject,
        _ => None,
    }
}

pub(super) fn records(c: &Connection, query: &RecordQuery) -> Result<Vec<Row>> {
    let sql = format!("SELECT {COLUMNS} FROM record WHERE n = ?");
    let mut statement = c.prepare_cached(&sql)?;
    found(c, query)?.into_iter().map(|n| Ok(statement.query_row([n], read)?)).collect()
}

pub(super) fn kept_records(c: &Connection, query: &RecordQuery) -> Result<Vec<Kept>> {
    let sql = format!("SELECT {COLUMNS}, received, reading FROM record WHERE n = ?");
    let mut statement = c.prepare_cached(&sql)?;
    found(c, query)?.into_iter().map(|n| Ok(statement.query_row([n], reading::kept_row)?)).collect()
}

/// One scope, kind and state after the other, each through its index and no further than the page, then merged.
fn found(c: &Connection, query: &RecordQuery) -> Result<Vec<i64>> {
    let mut found = Vec::new();
    for (scope, kind, reading) in parts(query) {
        let (mut sql, mut values) = wanted("day, occurred_at, id, n", query, scope, kind, reading);
        if let Some(after) = &query.after {
            sql.push_str(" AND (day, occurred_at, id) ");
            sql.push_str(if query.earliest_first { "> (?, ?, ?)" } else { "< (?, ?, ?)" });
            values.extend([Value::from(after.day.number()), Value::from(after.occurred_at.0)]);
            values.push(Value::from(after.id.as_bytes().to_vec()));
        }
        sql.push_str(if query.earliest_first {
            " ORDER BY day, occurred_at, id LIMIT ?"
        } else {
            " ORDER BY day DESC, occurred_at DESC, id DESC LIMIT ?"
        });
        values.push(most(query.limit));
        found.extend(list(c, &sql, params_from_iter(values), |row| {
            let position =
                Position { day: day(row, 0)?, occurred_at: instant(row, 1)?, id: record_id(row, 2)? };
            Ok((position, row.get::<_, i64>(3)?))
        })?);
    }
    found.sort_unstable_by(|one, other| if query.earliest_first { one.cmp(other) } else { other.cmp(one) });
    found.truncate(query.limit);
    Ok(found.into_iter().map(|(_, n)| n).collect())
}

pub(super) fn count(c: &Connection, query: &RecordQuery) -> Result<usize> {
    let mut sum = 0;
    for (scope, kind, reading) in parts(query) {
        let (sql, mut values) = wanted("1", query, scope, kind, reading);
        values.push(most(query.limit.saturating_sub(sum)));
        let sql = format!("SELECT count(*) FROM ({sql} LIMIT ?)");
        let here = c.prepare_cached(&sql)?.query_row(params_from_iter(values), |row| count_of(row, 0))?;
        sum += usize::try_from(here).unwrap_or(usize::MAX);
    }
    Ok(sum)
}

/// Part after part, each as many rows long as it counts; what was counted is skipped through the index.
pub(super) fn records_at(c: &Connection, query: &RecordQuery, places: &[usize]) -> Result<Vec<Kept>> {
    let mut left = places.to_vec();
    left.sort_unstable();
    let (mut numbers, mut begins) = (Vec::new(), 0);
    for (scope, kind, reading) in parts(query) {
        let (sql, values) = wanted("n", query, scope, kind, reading);
        let sum = format!("SELECT count(*) FROM ({sql})");
        let size = c.prepare_cached(&sum)?.query_row(params_from_iter(&values), |row| count_of(row, 0))?;
        let ends = begins + usize::try_from(size).unwrap_or(usize::MAX);
        let here = left.iter().take_while(|place| **place < ends).count();
        let sql = format!("{sql} LIMIT 1 OFFSET ?");
        for place in left.drain(..here) {
            let mut values = values.clone();
            values.push(most(place - begins));
            let one: Vec<i64> = list(c, &sql, params_from_iter(values), |row| row.get(0))?;
            numbers.extend(one);
        }
        begins = ends;
    }
    let sql = format!("SELECT {COLUMNS}, received, reading FROM record WHERE n = ?");
    let mut statement = c.prepare_cached(&sql)?;
    let found = numbers.into_iter().map(|n| statement.query_row([n], reading::kept_row));
    let mut found = found.collect::<rusqlite::Result<Vec<_>>>()?;
    found.sort_unstable_by_key(|kept| kept.row.position());
    if !query.earliest_first {
        found.reverse();
    }
    Ok(found)
}

fn parts(query: &RecordQuery) -> Vec<(&ScopeId, Kind, Option<Reading>)> {
    let mut readings: Vec<Option<Reading>> = query.readings.iter().copied().map(Some).collect();
    if readings.is_empty() {
        readings.push(None);
    }
    let places = query.visible.iter().flat_map(|(scope, kinds)| kinds.iter().map(move |kind| (scope, *kind)));
    places.flat_map(|(scope, kind)| readings.iter().map(move |reading| (scope, kind, *reading))).collect()
}

fn most(limit: usize) -> Value {
    Value::from(i64::try_from(limit).unwrap_or(i64::MAX))
}

/// What one part of a query asks for, without order and limit.
fn wanted(
    columns: &str,
    query: &RecordQuery,
    scope: &ScopeId,
    kind: Kind,
    reading: Option<Reading>,
) -> (String, Vec<Value>) {
    let through = match query {
        RecordQuery { ends_from: Some(_), .. } => "INDEXED BY record_ends",
        RecordQuery { received: Some(_), .. } => "INDEXED BY record_received",
        _ => "",
    };
    let mut sql =
        format!("SELECT {columns} FROM record {through} WHERE scope = ? AND kind = ? AND erased IS NULL");
    let mut values = vec![Value::from(scope.0.clone()), Value::from(kind.code())];
    if let Some(from) = query.ends_from {
        sql.push_str(" AND kind = 5 AND coalesce(json_extract(json, '$.ends'), '9999-12-31') >= ?");
        values.push(Value::from(from.to_string()));
    }
    if let Some(reading) = reading {
        sql.push_str(" AND voided = 0 AND reading = ?");
        values.push(Value::from(reading.code()));
    }
    if let Some(only) = query.day {
        sql.push_str(" AND day = ?");
        values.push(Value::from(only.number()));
    }
    if let Some((from, to)) = query.days {
        sql.push_str(" AND day BETWEEN ? AND ?");
        values.extend([Value::from(from.number()), Value::from(to.number())]);
    }
    if query.conflicts {
        sql.push_str(" AND conflicts > 0");
    }
    if query.live {
        sql.push_str(" AND voided = 0");
    }
    if let Some(tagged) = &query.tagged {
        let (condition, wanted) = tags::condition(scope, tagged);
        sql.push_str(&condition);
        values.extend(wanted.into_iter().map(Value::from));
    }
    if let Some(grid) = &query.grid {
        sql.push_str(" AND grid = ?");
        values.push(Value::from(grid.0.clone()));
    }
    if !query.authors.is_empty() {
        let places = vec!["?"; query.authors.len()].join(", ");
        sql.push_str(&format!(" AND author IN ({places})"));
        values.extend(query.authors.iter().map(|author| Value::from(author.0.clone())));
    }
    if let Some((from, until)) = query.received {
        sql.push_str(" AND received >= ? AND received < ?");
        values.extend([Value::from(from.0), Value::from(until.0)]);
    }
    (sql, values)
}

pub(super) fn visits_between(
    c: &Connection,
    households: &[RecordId],
    days: (Day, Day),
) -> Result<Vec<(RecordId, u64, Day)>> {
    let sql = "SELECT count(*), max(day) FROM record INDEXED BY record_subject
               WHERE subject = ? AND kind = ? AND voided = 0 AND erased IS NULL AND day BETWEEN ? AND ?";
    let mut statement = c.prepare_cached(sql)?;
    let mut visits = Vec::new();
    for household in households {
        let values = params![household.as_bytes(), Kind::Visit.code(), days.0.number(), days.1.number()];
        let found =
            statement.query_row(values, |row| Ok((count_of(row, 0)?, row.get::<_, Option<i64>>(1)?)))?;
        if let (times, Some(last)) = found {
            visits.extend(Day::from_number(last).map(|last| (*household, times, last)));
        }
    }
    Ok(visits)
}

pub(super) fn buildings(c: &Connection, scope: &ScopeId) -> Result<Vec<(String, u64)>> {
    let sql = "SELECT building, count(*) FROM record
               WHERE scope = ? AND kind = ? AND voided = 0 AND erased IS NULL AND building IS NOT NULL GROUP BY building";
    let values = params![scope.as_str(), Kind::Household.code()];
    list(c, sql, values, |row| Ok((row.get(0)?, count_of(row, 1)?)))
}

pub(super) fn reviews_of(c: &Connection, subjects: &[RecordId]) -> Result<Vec<Row>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM record WHERE subject = ? AND kind = ? AND voided = 0 ORDER BY updated, id"
    );
    let mut reviews = Vec::new();
    for subject in subjects {
        reviews.extend(list(c, &sql, params![subject.as_bytes(), Kind::Review.code()], read)?);
    }
    Ok(reviews)
}

pub(super) fn record(c: &Connection, id: &RecordId) -> Result<Option<Row>> {
    let sql = format!("SELECT {COLUMNS} FROM record WHERE id = ? AND erased IS NULL");
    Ok(c.prepare_cached(&sql)?.query_row([id.as_bytes()], read).optional()?)
}

pub(super) fn counts(c: &Connection) -> Result<Counts> {
    let sql = "SELECT (SELECT count(*) FROM device WHERE revoked IS NULL),
                      (SELECT coalesce(sum(seq), 0) FROM scope_head),
                      (SELECT count(*) FROM record WHERE erased IS NULL), (SELECT count(*) FROM quarantine),
                      (SELECT coalesce(max(n), 0) FROM audit)";
    Ok(c.query_row(sql, [], |row| {
        Ok(Counts {
            devices: count_of(row, 0)?,
            entries: count_of(row, 1)?,
            records: count_of(row, 2)?,
            quarantined: count_of(row, 3)?,
            audited: count_of(row, 4)?,
        })
    })?)
}

pub(super) fn read(row: &SqlRow<'_>) -> rusqlite::Result<Row> {
    Ok(Row {
        id: record_id(row, 0)?,
        kind: kind(row, 1)?,
        scope: scope_id(row, 2)?,
        grid: row.get::<_, Option<String>>(3)?.map(ScopeId),
        author: person(row, 4)?,
        day: day(row, 5)?,
        occurred_at: instant(row, 6)?,
        created: instant(row, 7)?,
        updated: instant(row, 8)?,
        voided: row.get(9)?,
        conflicts: row.get(10)?,
        building: row.get(11)?,
        subject: subject(row)?,
        fingerprint: row.get(13)?,
        json: row.get(14)?,
    })
}

fn subject(row: &SqlRow<'_>) -> rusqlite::Result<Option<RecordId>> {
    let present: Option<Vec<u8>> = row.get(12)?;
    present.map(|_| bytes(row, 12).map(RecordId::from_bytes)).transpose()
}
