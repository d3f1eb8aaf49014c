//! The codes of records beside them, so that pages count and find records by an index: written with every record,
//! moved and erased with it.

use std::collections::{BTreeMap, BTreeSet};

use gridbook_core::clock::{Day, Zone};
use gridbook_core::id::{PersonId, RecordId, ScopeId};
use gridbook_core::model::{Checklist, Content, Kind, Projection};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::columns::{count, day, kind, number, record_id};
use super::roll::{list, zone};
use crate::db::{Reached, Row, Tagged, Tally};
use crate::error::Result;

/// One code of a record.
struct Tag {
    field: &'static str,
    code: String,
    amount: u64,
    /// The day that it belongs to, where that is not the record's own.
    day: Option<Day>,
}

/// The field under which a list stands with whoever ticked in it, on the day of each.
const TICKED: &str = "ticked";

/// Everything that pages count or find a record by.
fn of(content: &Content) -> Vec<Tag> {
    let tag = |field, code: &str, amount| Tag { field, code: code.to_owned(), amount, day: None };
    let mut tags = Vec::new();
    match content {
        Content::Visit(visit) => {
            tags.extend(visit.outcome.and_then(|outcome| coded("outcome", &outcome, 0)));
            tags.extend(visit.hazards.iter().map(|code| tag("hazards", code, 0)));
        }
        Content::Diary(entry) => {
            tags.push(tag("category", &entry.category, 0));
            tags.extend(entry.links.iter().map(|id| tag("links", id, 0)));
        }
        Content::Outreach(outreach) => {
            let reached = u64::from(outreach.reached);
            tags.extend(outreach.form.and_then(|form| coded("form", &form, reached)));
            tags.extend(outreach.fraud_types.iter().map(|code| tag("fraud_types", code, reached)));
            tags.extend(outreach.households.iter().map(|id| tag("households", id, 0)));
            tags.extend(content.building().map(|building| tag("building", building, reached)));
        }
        Content::Checklist(list) => {
            let progress = list.progress();
            let done = progress.iter().filter(|item| item.done).count() as u64;
            tags.push(tag("items", "done", done));
            tags.push(tag("items", "open", progress.len() as u64 - done));
        }
        _ => {}
    }
    tags
}

/// Who ticked something in a list, on which days.
fn ticked(list: &Checklist, zone: Zone) -> impl Iterator<Item = Tag> {
    let ticks = list.progress().into_iter().flat_map(|item| item.ticks);
    let ticked: BTreeSet<_> = ticks.map(|(by, at)| (by.as_str().to_owned(), zone.day(at))).collect();
    ticked.into_iter().map(|(code, day)| Tag { field: TICKED, code, amount: 0, day: Some(day) })
}

/// The tag of a value that serialises as a code.
fn coded(field: &'static str, value: &impl serde::Serialize, amount: u64) -> Option<Tag> {
    let code = serde_json::to_value(value).ok()?;
    Some(Tag { field, code: code.as_str()?.to_owned(), amount, day: None })
}

/// A record with its tags.
struct Held {
    n: i64,
    scope: String,
    day: Day,
    tags: Vec<Tag>,
}

/// A record's tags as its row has them; none if it was withdrawn or erased.
fn held(tx: &Transaction<'_>, id: &RecordId) -> Result<Option<Held>> {
    let sql = "SELECT n, scope, kind, day, json FROM record WHERE id = ? AND voided = 0 AND erased IS NULL";
    let found = tx.prepare_cached(sql)?.query_row([id.as_bytes()], |row| {
        let (n, scope): (i64, String) = (row.get(0)?, row.get(1)?);
        Ok((n, scope, kind(row, 2)?, day(row, 3)?, row.get::<_, String>(4)?))
    });
    let Some((n, scope, kind, day, json)) = found.optional()? else { return Ok(None) };
    let tags = read(tx, kind, &json)?;
    Ok(Some(Held { n, scope, day, tags }))
}

/// The tags of what a record says.
fn read(tx: &Transaction<'_>, kind: Kind, json: &str) -> Result<Vec<Tag>> {
    if matches!(kind, Kind::Household | Kind::Template | Kind::Review) {
        return Ok(Vec::new());
    }
    // What does not read has nothing to be counted by; it is kept all the same.
    let Ok((_, content)) = Projection::read(kind, json) else { return Ok(Vec::new()) };
    let mut tags = of(&content);
    if let Content::Checklist(list) = &content {
        tags.extend(ticked(list, zone(tx)?));
    }
    Ok(tags)
}

/// Takes a record's tags away: before it is written anew, moved or erased.
pub(super) fn clear(tx: &Transaction<'_>, id: &RecordId) -> Result<()> {
    let Some(Held { n, scope, day, tags }) = held(tx, id)? else { return Ok(()) };
    let sql = "DELETE FROM tag WHERE scope = ? AND field = ? AND code = ? AND day = ? AND record = ?";
    let mut statement = tx.prepare_cached(sql)?;
    for tag in tags {
        statement.execute(params![scope, tag.field, tag.code, tag.day.unwrap_or(day).number(), n])?;
    }
    Ok(())
}

/// Gives a record the tags of what it says now, where it lives now.
pub(super) fn set(tx: &Transaction<'_>, id: &RecordId) -> Result<()> {
    let Some(held) = held(tx, id)? else { return Ok(()) };
    insert(tx, &held)
}

/// [`set`] for a row that was written as number `n` just now, which is not read again.
pub(super) fn set_for(tx: &Transaction<'_>, n: i64, row: &Row) -> Result<()> {
    if row.voided {
        return Ok(());
    }
    let tags = read(tx, row.kind, &row.json)?;
    insert(tx, &Held { n, scope: row.scope.0.clone(), day: row.day, tags })
}

fn insert(tx: &Transaction<'_>, held: &Held) -> Result<()> {
    let sql = "INSERT INTO tag (scope, field, code, day, record, amount) VALUES (?, ?, ?, ?, ?, ?)
               ON CONFLICT DO NOTHING";
    let mut statement = tx.prepare_cached(sql)?;
    for tag in &held.tags {
        let day = tag.day.unwrap_or(held.day).number();
        statement.execute(params![held.scope, tag.field, tag.code, day, held.n, number(tag.amount)])?;
    }
    Ok(())
}

pub(super) fn ticked_on(
    c: &Connection,
    scopes: &[ScopeId],
    people: &[PersonId],
    on: Day,
) -> Result<Vec<RecordId>> {
    let sql = "SELECT id FROM tag JOIN record ON record.n = tag.record
               WHERE tag.scope = ? AND field = ? AND code = ? AND tag.day = ?";
    let mut lists = BTreeSet::new();
    for (scope, person) in scopes.iter().flat_map(|scope| people.iter().map(move |person| (scope, person))) {
        let values = params![scope.as_str(), TICKED, person.as_str(), on.number()];
        lists.extend(list(c, sql, values, |row| record_id(row, 0))?);
    }
    Ok(lists.into_iter().collect())
}

pub(super) fn ticks_beside(
    c: &Connection,
    scopes: &[ScopeId],
    people: &[PersonId],
    from: Day,
    later: bool,
) -> Result<Option<Day>> {
    let sql = if later {
        "SELECT day FROM tag WHERE scope = ? AND field = ? AND code = ? AND day > ? ORDER BY day LIMIT 1"
    } else {
        "SELECT day FROM tag WHERE scope = ? AND field = ? AND code = ? AND day < ? ORDER BY day DESC LIMIT 1"
    };
    let mut days = Vec::new();
    for (scope, person) in scopes.iter().flat_map(|scope| people.iter().map(move |person| (scope, person))) {
        let values = params![scope.as_str(), TICKED, person.as_str(), from.number()];
        days.extend(list(c, sql, values, |row| day(row, 0))?);
    }
    Ok(if later { days.into_iter().min() } else { days.into_iter().max() })
}

pub(super) fn tallies(
    c: &Connection,
    scopes: &[ScopeId],
    field: &str,
    (from, to): (Day, Day),
) -> Result<Vec<Tally>> {
    let sql = "SELECT code, day, count(*), sum(amount) FROM tag
               WHERE scope = ? AND field = ? AND day BETWEEN ? AND ? GROUP BY code, day";
    let mut tallies = Vec::new();
    for scope in scopes {
        let values = params![scope.as_str(), field, from.number(), to.number()];
        tallies.extend(list(c, sql, values, |row| {
            Ok(Tally {
                scope: scope.clone(),
                code: row.get(0)?,
                day: day(row, 1)?,
                records: count(row, 2)?,
                amount: count(row, 3)?,
            })
        })?);
    }
    Ok(tallies)
}

pub(super) fn reached(c: &Connection, scopes: &[ScopeId], (from, to): (Day, Day)) -> Result<Vec<Reached>> {
    let sql = "SELECT record, day, field, code, amount FROM tag
               WHERE scope = ? AND field = ? AND day BETWEEN ? AND ?";
    let mut all = Vec::new();
    for scope in scopes {
        let mut found = BTreeMap::<i64, Reached>::new();
        for field in ["form", "fraud_types", "households", "building"] {
            let values = params![scope.as_str(), field, from.number(), to.number()];
            let rows: Vec<(i64, Day, String, u64)> =
                list(c, sql, values, |row| Ok((row.get(0)?, day(row, 1)?, row.get(3)?, count(row, 4)?)))?;
            for (record, day, code, amount) in rows {
                let one = found.entry(record).or_insert_with(|| Reached::new(scope.clone(), day));
                match field {
                    "form" => one.people = amount,
                    "fraud_types" => one.fraud_types.push(code),
                    "households" => one.households.extend(code.parse::<RecordId>().ok()),
                    _ => one.building = Some(code),
                }
            }
        }
        all.extend(found.into_values());
    }
    Ok(all)
}

/// Outreach that covered one of some buildings, or names a household there.
const REACHES: &str = "SELECT record FROM tag WHERE scope = ? AND field = 'building' AND code = ?
    UNION SELECT told.record FROM record AS home INDEXED BY record_place JOIN tag AS told
        ON told.scope = home.scope AND told.field = 'households' AND told.code = lower(substr(hex(home.id), 1, 8) || '-'
            || substr(hex(home.id), 9, 4) || '-' || substr(hex(home.id), 13, 4) || '-' || substr(hex(home.id), 17, 4)
            || '-' || substr(hex(home.id), 21))
        WHERE home.scope = ? AND home.place IS NOT NULL AND home.voided = 0 AND home.building = ?";

/// The condition that a record carries one of some tags, for a statement over `record`, with the values it takes. A
/// building is carried by what covered it and by what names a household in it, as it is counted.
pub(super) fn condition(scope: &ScopeId, tagged: &Tagged) -> (String, Vec<String>) {
    if tagged.field == "building" {
        let (scope, building) = (scope.0.clone(), tagged.code.clone());
        let values = vec![scope.clone(), building.clone(), scope, building];
        return (format!(" AND n IN ({REACHES})"), values);
    }
    let codes: Vec<String> = tagged.codes().map(str::to_owned).collect();
    let places = vec!["?"; codes.len()].join(", ");
    let sql =
        format!(" AND n IN (SELECT record FROM tag WHERE scope = ? AND field = ? AND code IN ({places}))");
    (sql, [vec![scope.0.clone(), tagged.field.clone()], codes].concat())
}
