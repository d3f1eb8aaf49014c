//! Households as leads walk them: where each is, since when it wants a visit, what happened there. The core says
//! when a visit is due; here its word is kept beside the household, so that no page asks for every visit.

use gridbook_core::clock::{Day, Instant, Zone};
use gridbook_core::id::{RecordId, ScopeId};
use gridbook_core::model::{Content, Due, DueReason, Kind, LastVisit, Projection, RhythmTable, next_due};
use rusqlite::{Connection, OptionalExtension, Row as SqlRow, Transaction, params};

use super::columns::{day, number, record_id};
use super::records::{COLUMNS, read};
use super::roll::{list, zone};
use crate::db::{Home, Row};
use crate::error::Result;

const HOME: &str = "SELECT place, id, due, due_why, visited, building FROM record INDEXED BY record_place
                    WHERE scope = ? AND place IS NOT NULL AND voided = 0";

/// Writes down when each of the households wants its next visit; anything that is no household is passed over.
pub(super) fn settle<'a>(
    tx: &Transaction<'_>,
    households: impl IntoIterator<Item = &'a RecordId>,
) -> Result<()> {
    let mut households = households.into_iter().peekable();
    if households.peek().is_none() {
        return Ok(());
    }
    let zone = zone(tx)?;
    let edited: Vec<(String, u32)> =
        list(tx, "SELECT class, days FROM rhythm", [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let rhythms = RhythmTable::edited(&edited);
    households.try_for_each(|household| settle_one(tx, household, zone, &rhythms))
}

fn settle_one(tx: &Transaction<'_>, household: &RecordId, zone: Zone, rhythms: &RhythmTable) -> Result<()> {
    let sql = "SELECT json, created FROM record WHERE id = ? AND kind = ? AND erased IS NULL";
    let values = params![household.as_bytes(), Kind::Household.code()];
    let found = tx.prepare_cached(sql)?.query_row(values, |row| Ok((row.get(0)?, row.get(1)?)));
    let Some((json, created)) = found.optional()? else { return Ok(()) };
    let (json, created): (String, i64) = (json, created);
    let Ok((_, Content::Household(content))) = Projection::read(Kind::Household, &json) else {
        return Ok(());
    };
    let last = last_visit(tx, household)?;
    let due = next_due(&content, zone.day(Instant(created)), last, rhythms);
    let sql = "UPDATE record SET place = ?, due = ?, due_why = ?, visited = ? WHERE id = ?";
    tx.prepare_cached(sql)?.execute(params![
        content.dwelling.as_ref().map(gridbook_core::model::Dwelling::walking_order),
        due.map(|due| due.day.number()),
        due.map(|due| due.reason.as_str()),
        last.map(|last| last.day.number()),
        household.as_bytes()
    ])?;
    Ok(())
}

/// [`settle`] for every household: after a class was given other days.
pub(super) fn settle_all(tx: &Transaction<'_>) -> Result<()> {
    for scope in list(tx, "SELECT id FROM scope", [], |row| row.get::<_, String>(0))? {
        settle(tx, &list(tx, HOME, [&scope], |row| record_id(row, 1))?)?;
    }
    Ok(())
}

fn last_visit(tx: &Transaction<'_>, household: &RecordId) -> Result<Option<LastVisit>> {
    let sql = "SELECT day, json FROM record WHERE subject = ? AND kind = ? AND voided = 0 AND erased IS NULL
               ORDER BY occurred_at DESC, n DESC LIMIT 1";
    let values = params![household.as_bytes(), Kind::Visit.code()];
    let found = tx.prepare_cached(sql)?.query_row(values, |row| Ok((day(row, 0)?, row.get::<_, String>(1)?)));
    let Some((day, json)) = found.optional()? else { return Ok(None) };
    let Ok((_, Content::Visit(visit))) = Projection::read(Kind::Visit, &json) else { return Ok(None) };
    Ok(Some(LastVisit::of(day, &visit)))
}

pub(super) fn homes(c: &Connection, scopes: &[ScopeId], building: Option<&str>) -> Result<Vec<Home>> {
    let sql = format!("{HOME} AND (?2 IS NULL OR building = ?2) ORDER BY place, id");
    let mut homes = Vec::new();
    for scope in scopes {
        homes.extend(list(c, &sql, params![scope.as_str(), building], |row| home(row, scope))?);
    }
    Ok(homes)
}

pub(super) fn due_homes(
    c: &Connection,
    scopes: &[ScopeId],
    upto: Day,
    after: Option<&(String, RecordId)>,
    limit: usize,
) -> Result<Vec<Home>> {
    let sql = format!("{HOME} AND due <= ? AND (place, id) > (?, ?) ORDER BY place, id LIMIT ?");
    let (place, id) = after.map_or(("", RecordId::default()), |(place, id)| (place.as_str(), *id));
    let mut homes = Vec::new();
    for scope in scopes {
        let values = params![scope.as_str(), upto.number(), place, id.as_bytes(), number(limit as u64)];
        homes.extend(list(c, &sql, values, |row| home(row, scope))?);
    }
    homes.sort_by(|one, other| (&one.place, one.id).cmp(&(&other.place, other.id)));
    homes.truncate(limit);
    Ok(homes)
}

fn home(row: &SqlRow<'_>, scope: &ScopeId) -> rusqlite::Result<Home> {
    let due = match row.get::<_, Option<i64>>(2)? {
        Some(_) => Some(day(row, 2)?),
        None => None,
    };
    let why: Option<String> = row.get(3)?;
    let why = why.as_deref().and_then(DueReason::from_word);
    Ok(Home {
        scope: scope.clone(),
        place: row.get(0)?,
        id: record_id(row, 1)?,
        due: due.zip(why).map(|(day, reason)| Due { day, reason }),
        visited: match row.get::<_, Option<i64>>(4)? {
            Some(_) => Some(day(row, 4)?),
            None => None,
        },
        building: row.get::<_, Option<String>>(5)?.unwrap_or_default(),
    })
}

pub(super) fn visited(
    c: &Connection,
    scopes: &[ScopeId],
    (from, to): (Day, Day),
) -> Result<Vec<(ScopeId, RecordId)>> {
    let sql = "SELECT DISTINCT subject FROM record INDEXED BY record_visits
               WHERE scope = ? AND kind = 2 AND voided = 0 AND subject IS NOT NULL AND day BETWEEN ? AND ?";
    let mut visited = Vec::new();
    for scope in scopes {
        let values = params![scope.as_str(), from.number(), to.number()];
        visited.extend(list(c, sql, values, |row| Ok((scope.clone(), record_id(row, 0)?)))?);
    }
    Ok(visited)
}

/// Everything about a household: its visits, and in these scopes what names it. Latest first.
pub(super) fn about(c: &Connection, household: &RecordId, scopes: &[ScopeId]) -> Result<Vec<Row>> {
    let visits = "SELECT n FROM record WHERE subject = ? AND kind = ? AND erased IS NULL";
    let mut found: Vec<i64> =
        list(c, visits, params![household.as_bytes(), Kind::Visit.code()], |row| row.get(0))?;
    let named = "SELECT record FROM tag WHERE scope = ? AND field = ? AND code = ?";
    for scope in scopes {
        for field in ["households", "links"] {
            let values = params![scope.as_str(), field, household.to_string()];
            found.extend(list(c, named, values, |row| row.get::<_, i64>(0))?);
        }
    }
    let sql = format!("SELECT {COLUMNS} FROM record WHERE n = ?");
    let mut statement = c.prepare_cached(&sql)?;
    let mut rows =
        found.into_iter().map(|n| statement.query_row([n], read)).collect::<rusqlite::Result<Vec<_>>>()?;
    rows.sort_by_key(|row| std::cmp::Reverse(row.position()));
    rows.dedup_by_key(|row| row.id);
    Ok(rows)
}
