//! Reads what the directory, permission and the administrator's lists are made of.

use gridbook_core::clock::Zone;
use gridbook_core::id::{PersonId, ScopeId};
use gridbook_core::model::{Grant, Person};
use rusqlite::{Connection, OptionalExtension, Params, Row as SqlRow};

use super::columns::{bytes, count, instant, kind, person, role, scope, scope_id};
use super::devices;
use crate::db::{GrantRow, Identity, Place, Roll, TokenRow, Versions};
use crate::error::Result;

pub(super) fn identity(c: &Connection) -> Result<Identity> {
    Ok(c.query_row("SELECT id, seal_key, signing_key, box_key, zone_minutes FROM server", [], |row| {
        Ok(Identity {
            server: row.get(0)?,
            seal_key: bytes(row, 1)?,
            signing_key: bytes(row, 2)?,
            box_key: bytes(row, 3)?,
            zone_minutes: row.get(4)?,
        })
    })?)
}

/// The zone in which the community's days begin.
pub(super) fn zone(c: &Connection) -> Result<Zone> {
    let minutes = c.prepare_cached("SELECT zone_minutes FROM server")?.query_row([], |row| row.get(0))?;
    Ok(Zone::east_minutes(minutes))
}

pub(super) fn versions(c: &Connection) -> Result<Versions> {
    let mut statement = c.prepare_cached("SELECT directory, access FROM server")?;
    Ok(statement.query_row([], |row| Ok(Versions { directory: count(row, 0)?, access: count(row, 1)? }))?)
}

pub(super) fn roll(c: &Connection) -> Result<Roll> {
    Ok(Roll {
        scopes: list(c, "SELECT id, kind, name, parent FROM scope ORDER BY id", [], scope)?,
        people: list(c, "SELECT id, name FROM person ORDER BY id", [], |row| {
            Ok(Person { id: person(row, 0)?, name: row.get(1)? })
        })?,
        grants: list(
            c,
            "SELECT person, scope, role, since, revoked FROM grant_ ORDER BY person, n",
            [],
            grant,
        )?,
        devices: devices::devices(c)?,
        actors: devices::actors(c)?,
        rhythms: list(c, "SELECT class, days FROM rhythm ORDER BY class", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?,
        retention: list(
            c,
            "SELECT community, kind, days FROM retention ORDER BY community, kind",
            [],
            |row| Ok((scope_id(row, 0)?, kind(row, 1)?, row.get(2)?)),
        )?,
        tokens: list(
            c,
            "SELECT hash, person, label, expires, revoked FROM token ORDER BY person, expires, hash",
            [],
            token_row,
        )?,
    })
}

pub(super) fn places_of(c: &Connection, whose: &PersonId) -> Result<Vec<Place>> {
    places(c, whose, "AND g.revoked IS NULL")
}

/// Where the person has or had a part.
pub(super) fn past_places_of(c: &Connection, whose: &PersonId) -> Result<Vec<Place>> {
    places(c, whose, "")
}

fn places(c: &Connection, whose: &PersonId, which: &str) -> Result<Vec<Place>> {
    let sql = format!(
        "SELECT DISTINCT s.id, s.kind, s.name, s.parent, g.role
         FROM grant_ g JOIN scope s ON s.id = g.scope OR s.parent = g.scope
         WHERE g.person = ? {which} ORDER BY s.id, g.role"
    );
    list(c, &sql, [whose.as_str()], |row| Ok(Place { scope: scope(row)?, role: role(row, 4)? }))
}

/// The shortest lease among these communities'; `None` where none has its own.
pub(super) fn lease_hours(c: &Connection, communities: &[ScopeId]) -> Result<Option<u32>> {
    let mut statement = c.prepare_cached("SELECT hours FROM lease WHERE community = ?")?;
    let mut shortest: Option<u32> = None;
    for community in communities {
        let hours: Option<u32> = statement.query_row([community.as_str()], |row| row.get(0)).optional()?;
        shortest = shortest.into_iter().chain(hours).min();
    }
    Ok(shortest)
}

pub(super) fn token(c: &Connection, hash: &[u8; 32]) -> Result<Option<TokenRow>> {
    let sql = "SELECT hash, person, label, expires, revoked FROM token WHERE hash = ?";
    Ok(c.prepare_cached(sql)?.query_row([hash], token_row).optional()?)
}

fn grant(row: &SqlRow<'_>) -> rusqlite::Result<GrantRow> {
    Ok(GrantRow {
        person: person(row, 0)?,
        grant: Grant { scope: scope_id(row, 1)?, role: role(row, 2)? },
        since: instant(row, 3)?,
        revoked: row.get::<_, Option<i64>>(4)?.map(gridbook_core::clock::Instant),
    })
}

fn token_row(row: &SqlRow<'_>) -> rusqlite::Result<TokenRow> {
    Ok(TokenRow {
        hash: bytes(row, 0)?,
        person: person(row, 1)?,
        label: row.get(2)?,
        expires: instant(row, 3)?,
        revoked: row.get::<_, Option<i64>>(4)?.map(gridbook_core::clock::Instant),
    })
}

/// All rows of a query.
pub(super) fn list<T, P: Params>(
    c: &Connection,
    sql: &str,
    values: P,
    read: impl FnMut(&SqlRow<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>> {
    let mut statement = c.prepare_cached(sql)?;
    let rows = statement.query_map(values, read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
