//! Devices, their actors, and how they get their place.

use gridbook_core::clock::Instant;
use gridbook_core::id::{ActorId, DeviceId, PersonId};
use gridbook_core::key::DeviceKey;
use rusqlite::{Connection, OptionalExtension, Row as SqlRow, Transaction, params};

use super::admin::{self, raise_directory};
use super::columns::{bytes, instant, key, person};
use super::roll::list;
use crate::db::{Actor, Contact, Device, Edit, Enrolled, Enrolling, Registered};
use crate::error::Result;

const COLUMNS: &str = "id, person, algorithm, key, label, enrolled, revoked, released, synced, app, unsent";

pub(super) fn device(c: &Connection, id: &DeviceId) -> Result<Option<Device>> {
    let sql = format!("SELECT {COLUMNS} FROM device WHERE id = ?");
    Ok(c.prepare_cached(&sql)?.query_row([id.as_str()], read).optional()?)
}

pub(super) fn devices(c: &Connection) -> Result<Vec<Device>> {
    list(c, &format!("SELECT {COLUMNS} FROM device ORDER BY id"), [], read)
}

fn read(row: &SqlRow<'_>) -> rusqlite::Result<Device> {
    Ok(Device {
        id: DeviceId(row.get(0)?),
        person: person(row, 1)?,
        key: key(row, 2, 3)?,
        label: row.get(4)?,
        enrolled: instant(row, 5)?,
        revoked: row.get::<_, Option<i64>>(6)?.map(Instant),
        released: row.get::<_, Option<i64>>(7)?.map(Instant),
        contact: contact(row)?,
    })
}

fn contact(row: &SqlRow<'_>) -> rusqlite::Result<Option<Contact>> {
    let Some(at) = row.get::<_, Option<i64>>(8)? else { return Ok(None) };
    let unsent: Option<i64> = row.get(10)?;
    Ok(Some(Contact { at: Instant(at), app: row.get(9)?, unsent: unsent.map(i64::unsigned_abs) }))
}

pub(super) fn actor(c: &Connection, id: &ActorId) -> Result<Option<Actor>> {
    let sql = "SELECT id, person, device FROM actor WHERE id = ?";
    Ok(c.prepare_cached(sql)?.query_row([id.0], read_actor).optional()?)
}

pub(super) fn actors(c: &Connection) -> Result<Vec<Actor>> {
    list(c, "SELECT id, person, device FROM actor ORDER BY id", [], read_actor)
}

pub(super) fn actors_of(c: &Connection, device: &DeviceId) -> Result<Vec<ActorId>> {
    list(c, "SELECT id FROM actor WHERE device = ? ORDER BY id", [device.as_str()], |row| {
        Ok(ActorId(bytes(row, 0)?))
    })
}

fn read_actor(row: &SqlRow<'_>) -> rusqlite::Result<Actor> {
    Ok(Actor {
        id: ActorId(bytes(row, 0)?),
        person: person(row, 1)?,
        device: row.get::<_, Option<String>>(2)?.map(DeviceId),
    })
}

pub(super) fn register_actor(
    tx: &Transaction<'_>,
    id: &ActorId,
    device: &DeviceId,
    at: Instant,
) -> Result<Registered> {
    if let Some(known) = actor(tx, id)? {
        let own = known.device.as_ref() == Some(device);
        return Ok(if own { Registered::Same } else { Registered::Foreign });
    }
    tx.execute(
        "INSERT INTO actor (id, person, device) SELECT ?, person, id FROM device WHERE id = ?",
        params![id.0, device.as_str()],
    )?;
    raise_directory(tx, at)?;
    Ok(Registered::New)
}

pub(super) fn enrol(tx: &Transaction<'_>, enrolling: &Enrolling) -> Result<Enrolled> {
    let sql = "SELECT person, expires, used_by, replaces, revoked IS NOT NULL FROM invite WHERE hash = ?";
    let invite = tx
        .query_row(sql, [enrolling.invite], |row| {
            let device = |column| row.get::<_, Option<String>>(column).map(|id| id.map(DeviceId));
            Ok((person(row, 0)?, instant(row, 1)?, device(2)?, device(3)?, row.get::<_, bool>(4)?))
        })
        .optional()?;
    let Some((whose, expires, used_by, replaces, revoked)) = invite else { return Ok(Enrolled::Unknown) };
    if let Some(used_by) = used_by {
        let held = device(tx, &used_by)?.filter(|held| held.key == enrolling.key);
        return Ok(held.map_or(Enrolled::Used, Enrolled::Done));
    }
    if revoked {
        return Ok(Enrolled::Revoked);
    }
    if expires <= enrolling.at {
        return Ok(Enrolled::Expired);
    }
    if !may_take(tx, &enrolling.actor, &whose, &enrolling.key)? {
        return Ok(Enrolled::ForeignActor);
    }
    let new = Device {
        id: enrolling.device.clone(),
        person: whose,
        key: enrolling.key,
        label: enrolling.label.clone(),
        enrolled: enrolling.at,
        revoked: None,
        released: None,
        contact: None,
    };
    insert(tx, &new)?;
    tx.execute(
        "INSERT INTO actor (id, person, device) VALUES (?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET device = excluded.device",
        params![enrolling.actor.0, new.person.as_str(), new.id.as_str()],
    )?;
    tx.execute("UPDATE invite SET used_by = ? WHERE hash = ?", params![new.id.as_str(), enrolling.invite])?;
    if let Some(old) = replaces.filter(|old| *old != new.id) {
        admin::edit(tx, &[Edit::RevokeDevice(old)], None, enrolling.at)?;
    }
    raise_directory(tx, enrolling.at)?;
    Ok(Enrolled::Done(new))
}

/// Adds a device.
pub(super) fn insert(tx: &Transaction<'_>, new: &Device) -> Result<()> {
    tx.execute(
        "INSERT INTO device (id, person, algorithm, key, label, enrolled) VALUES (?, ?, ?, ?, ?, ?)",
        params![
            new.id.as_str(),
            new.person.as_str(),
            new.key.algorithm(),
            new.key.as_bytes(),
            new.label,
            new.enrolled.0
        ],
    )?;
    Ok(())
}

/// Notes that a device was in touch, and what it told.
pub(super) fn note_contact(tx: &Transaction<'_>, id: &DeviceId, contact: &Contact) -> Result<()> {
    let unsent = contact.unsent.map(|unsent| i64::try_from(unsent).unwrap_or(i64::MAX));
    let mut statement =
        tx.prepare_cached("UPDATE device SET synced = ?, app = ?, unsent = ? WHERE id = ?")?;
    statement.execute(params![contact.at.0, contact.app, unsent, id.as_str()])?;
    Ok(())
}

/// An actor may come along if nobody has it, or the same key of the same person enrols once more.
fn may_take(tx: &Transaction<'_>, id: &ActorId, whose: &PersonId, key: &DeviceKey) -> Result<bool> {
    let Some(known) = actor(tx, id)? else { return Ok(true) };
    let Some(earlier) = known.device else { return Ok(false) };
    Ok(device(tx, &earlier)?.is_some_and(|earlier| earlier.person == *whose && earlier.key == *key))
}
