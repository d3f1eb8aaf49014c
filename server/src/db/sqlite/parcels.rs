//! The lead's box.

use gridbook_core::clock::Instant;
use gridbook_core::id::DeviceId;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::columns::{count, instant, person};
use super::roll::list;
use crate::db::{NewParcel, ParcelRow, SealedParcel};
use crate::error::Result;

/// False if the device's parcels would be more than `limit` bytes together.
pub(super) fn keep(tx: &Transaction<'_>, parcel: &NewParcel, limit: u64) -> Result<bool> {
    let device = parcel.device.as_str();
    let sql = "SELECT 1 FROM parcel WHERE device = ? AND digest = ?";
    if tx.query_row(sql, params![device, parcel.digest], |_| Ok(())).optional()?.is_some() {
        return Ok(true);
    }
    let sql = "SELECT coalesce(sum(length(bytes)), 0) FROM parcel WHERE device = ?";
    let held = tx.query_row(sql, [device], |row| count(row, 0))?;
    if held + parcel.bytes.len() as u64 > limit {
        return Ok(false);
    }
    tx.execute(
        "INSERT INTO parcel (device, person, digest, at, bytes) VALUES (?, ?, ?, ?, ?)",
        params![device, parcel.person.as_str(), parcel.digest, parcel.at.0, parcel.bytes],
    )?;
    Ok(true)
}

pub(super) fn all(c: &Connection) -> Result<Vec<ParcelRow>> {
    list(c, "SELECT device, person, at, length(bytes), accepted, n FROM parcel ORDER BY n", [], |row| {
        Ok(ParcelRow {
            n: count(row, 5)?,
            device: DeviceId(row.get(0)?),
            person: person(row, 1)?,
            at: instant(row, 2)?,
            size: count(row, 3)?,
            accepted: row.get::<_, Option<i64>>(4)?.map(Instant),
        })
    })
}

pub(super) fn of(c: &Connection, device: &DeviceId) -> Result<Vec<SealedParcel>> {
    let sql = "SELECT digest, bytes FROM parcel WHERE device = ? ORDER BY n";
    list(c, sql, [device.as_str()], |row| Ok(SealedParcel { digest: row.get(0)?, bytes: row.get(1)? }))
}

pub(super) fn replace(tx: &Transaction<'_>, device: &DeviceId, parcel: &SealedParcel) -> Result<()> {
    let sql = "UPDATE parcel SET bytes = ? WHERE device = ? AND digest = ?";
    tx.execute(sql, params![parcel.bytes, device.as_str(), parcel.digest])?;
    Ok(())
}

pub(super) fn mark(tx: &Transaction<'_>, device: &DeviceId, at: Instant) -> Result<()> {
    tx.execute("UPDATE parcel SET accepted = ? WHERE device = ?", params![at.0, device.as_str()])?;
    Ok(())
}
