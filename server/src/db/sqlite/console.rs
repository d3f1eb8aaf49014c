//! Who may log in to the console, who is, and which logins failed.

use gridbook_core::clock::Instant;
use gridbook_core::id::{DeviceId, PersonId};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::columns::{bytes, instant, number, person};
use crate::db::{BackOff, ConsoleAccount, ConsoleSession, Counted, Device};
use crate::error::Result;

pub(super) fn account(c: &Connection, whose: &PersonId) -> Result<Option<ConsoleAccount>> {
    let sql = "SELECT person, verifier, device, factor FROM console_account WHERE person = ?";
    let read = |row: &rusqlite::Row<'_>| {
        Ok(ConsoleAccount {
            person: person(row, 0)?,
            verifier: row.get(1)?,
            device: DeviceId(row.get(2)?),
            factor: row.get(3)?,
        })
    };
    Ok(c.prepare_cached(sql)?.query_row([whose.as_str()], read).optional()?)
}

/// Gives a person a password; `device` is taken where they have none that still counts.
pub(super) fn open(tx: &Transaction<'_>, verifier: &[u8], device: &Device) -> Result<usize> {
    let whose = device.person.as_str();
    let sql = "SELECT d.id FROM console_account a JOIN device d ON d.id = a.device
               WHERE a.person = ? AND d.revoked IS NULL";
    let held: Option<String> = tx.query_row(sql, [whose], |row| row.get(0)).optional()?;
    let held = match held {
        Some(held) => held,
        None => {
            super::devices::insert(tx, device)?;
            device.id.0.clone()
        }
    };
    end_sessions(tx, &device.person)?;
    Ok(tx.execute(
        "INSERT INTO console_account (person, verifier, device) VALUES (?, ?, ?)
         ON CONFLICT (person) DO UPDATE SET verifier = excluded.verifier, device = excluded.device",
        params![whose, verifier, held],
    )?)
}

/// Takes a person's password and its device away.
pub(super) fn close(tx: &Transaction<'_>, whose: &PersonId, at: Instant) -> Result<usize> {
    tx.execute(
        "UPDATE device SET revoked = ?1 WHERE revoked IS NULL
         AND id = (SELECT device FROM console_account WHERE person = ?2)",
        params![at.0, whose.as_str()],
    )?;
    end_sessions(tx, whose)?;
    Ok(tx.execute("DELETE FROM console_account WHERE person = ?", [whose.as_str()])?)
}

/// Asks for codes from now on; the one of `step` counts as used.
pub(super) fn set_factor(tx: &Transaction<'_>, whose: &PersonId, sealed: &[u8], step: u64) -> Result<usize> {
    let sql = "UPDATE console_account SET factor = ?, factor_step = ? WHERE person = ? AND factor IS NULL";
    Ok(tx.execute(sql, params![sealed, number(step), whose.as_str()])?)
}

pub(super) fn remove_factor(tx: &Transaction<'_>, whose: &PersonId) -> Result<usize> {
    let sql = "UPDATE console_account SET factor = NULL WHERE person = ? AND factor IS NOT NULL";
    Ok(tx.execute(sql, [whose.as_str()])?)
}

pub(super) fn use_code(tx: &Transaction<'_>, whose: &PersonId, step: u64) -> Result<bool> {
    let sql = "UPDATE console_account SET factor_step = ?1 WHERE person = ?2 AND factor_step < ?1";
    Ok(tx.execute(sql, params![number(step), whose.as_str()])? > 0)
}

fn end_sessions(tx: &Transaction<'_>, whose: &PersonId) -> Result<()> {
    tx.execute("DELETE FROM console_session WHERE person = ?", [whose.as_str()])?;
    Ok(())
}

/// Begins a session and forgets those that began before `oldest`.
pub(super) fn begin(tx: &Transaction<'_>, session: &ConsoleSession, oldest: Instant) -> Result<()> {
    tx.execute("DELETE FROM console_session WHERE began < ?", [oldest.0])?;
    tx.execute(
        "INSERT INTO console_session (hash, person, began, seen) VALUES (?, ?, ?, ?)",
        params![session.hash, session.person.as_str(), session.began.0, session.seen.0],
    )?;
    Ok(())
}

/// A session, as long as its person may log in and the console's device for them is not revoked.
pub(super) fn session(c: &Connection, hash: &[u8; 32]) -> Result<Option<ConsoleSession>> {
    let sql = "SELECT s.hash, s.person, s.began, s.seen FROM console_session s
               JOIN console_account a ON a.person = s.person
               JOIN device d ON d.id = a.device AND d.revoked IS NULL WHERE s.hash = ?";
    let read = |row: &rusqlite::Row<'_>| {
        let (began, seen) = (instant(row, 2)?, instant(row, 3)?);
        Ok(ConsoleSession { hash: bytes(row, 0)?, person: person(row, 1)?, began, seen })
    };
    Ok(c.prepare_cached(sql)?.query_row([hash], read).optional()?)
}

pub(super) fn touch(tx: &Transaction<'_>, hash: &[u8; 32], at: Instant) -> Result<()> {
    tx.prepare_cached("UPDATE console_session SET seen = ? WHERE hash = ?")?.execute(params![at.0, hash])?;
    Ok(())
}

pub(super) fn end(tx: &Transaction<'_>, hash: &[u8; 32]) -> Result<()> {
    tx.execute("DELETE FROM console_session WHERE hash = ?", [hash])?;
    Ok(())
}

/// Counts a try before it is made, or says until when none may be made.
pub(super) fn count(
    tx: &Transaction<'_>,
    subjects: &[(Counted, BackOff)],
    at: Instant,
) -> Result<Option<Instant>> {
    tx.execute("DELETE FROM console_attempt WHERE last < ?", [at.plus_millis(-BackOff::MEMORY).0])?;
    let mut find = tx.prepare_cached("SELECT failures, last FROM console_attempt WHERE subject = ?")?;
    let mut blocked = None;
    for (subject, rule) in subjects {
        let found = find.query_row([subject], |row| Ok((row.get(0)?, instant(row, 1)?))).optional()?;
        let until = found.map(|(failures, last)| rule.until(failures, last));
        blocked = blocked.max(until.filter(|until| *until > at));
    }
    if blocked.is_some() {
        return Ok(blocked);
    }
    let mut add = tx.prepare_cached(
        "INSERT INTO console_attempt (subject, failures, last) VALUES (?, 1, ?)
         ON CONFLICT (subject) DO UPDATE SET failures = failures + 1, last = excluded.last",
    )?;
    for (subject, _) in subjects {
        add.execute(params![subject, at.0])?;
    }
    Ok(None)
}

/// Takes back what [`count`] counted: the try was right.
pub(super) fn forgive(tx: &Transaction<'_>, clear: &[Counted], take_back: &[Counted]) -> Result<()> {
    for subject in clear {
        tx.execute("DELETE FROM console_attempt WHERE subject = ?", [subject])?;
    }
    for subject in take_back {
        let sql = "UPDATE console_attempt SET failures = max(failures - 1, 0) WHERE subject = ?";
        tx.execute(sql, [subject])?;
    }
    Ok(())
}
