//! The administrator's edits.

use gridbook_core::clock::Instant;
use gridbook_core::id::PersonId;
use rusqlite::{Transaction, params};

use super::{console, rounds};
use crate::db::{Act, AuditEntry, Decided, Edit};
use crate::error::{Error, Result};

/// [`edit`] on a person's word, as long as permissions are what they were when the person was allowed to.
pub(super) fn edit_by(tx: &Transaction<'_>, edits: &[Edit], by: &Decided, at: Instant) -> Result<usize> {
    if super::roll::versions(tx)?.access != by.access {
        return Err(Error::Changed);
    }
    edit(tx, edits, Some(&by.who), at)
}

/// Applies edits; `who` decided them, nobody where a command did.
pub(super) fn edit(
    tx: &Transaction<'_>,
    edits: &[Edit],
    who: Option<&PersonId>,
    at: Instant,
) -> Result<usize> {
    let mut changed = 0;
    for edit in edits {
        let applied = apply(tx, edit, at)?;
        if applied > 0 {
            super::audit::note(tx, &Vec::from_iter(noted(edit, who, at)))?;
        }
        changed += applied;
    }
    if changed > 0 {
        raise_directory(tx, at)?;
        tx.execute("UPDATE server SET access = max(access + 1, ?)", [at.0])?;
    }
    Ok(changed)
}

/// What the audit log keeps of an edit: who may do more or less from now on.
fn noted(edit: &Edit, who: Option<&PersonId>, at: Instant) -> Option<AuditEntry> {
    let (act, detail) = match edit {
        Edit::Grant(person, grant) => {
            (Act::Grant, format!("{} in {} to {person}", grant.role.as_str(), grant.scope))
        }
        Edit::RevokeGrant(person, grant) => {
            (Act::Revoke, format!("{} in {} of {person}", grant.role.as_str(), grant.scope))
        }
        Edit::Invite(invite) => (Act::Grant, format!("invitation to {}", invite.person)),
        Edit::OpenConsole(_, device) => (Act::Grant, format!("console to {}", device.person)),
        Edit::SetFactor(person, ..) => (Act::Grant, format!("second factor of {person}")),
        Edit::RemoveFactor(person) => (Act::Revoke, format!("second factor of {person}")),
        Edit::CloseConsole(person) => (Act::Revoke, format!("console of {person}")),
        Edit::AddToken(token) => (Act::Grant, format!("token {} to {}", token.id(), token.person)),
        Edit::RevokeToken(hash) => {
            (Act::Revoke, format!("token {}", data_encoding::HEXLOWER.encode(&hash[..4])))
        }
        Edit::RevokeDevice(device) => (Act::Revoke, format!("device {device}")),
        Edit::RevokeInvites(person) => (Act::Revoke, format!("invitations to {person}")),
        Edit::Dismiss(person) => (Act::Revoke, format!("everything of {person}")),
        Edit::Release(device) => (Act::Grant, format!("release of device {device}")),
        _ => return None,
    };
    Some(AuditEntry { at, who: who.cloned(), act, records: Vec::new(), detail })
}

/// At least the time, so that no version comes twice after a backup was put back.
pub(super) fn raise_directory(tx: &Transaction<'_>, at: Instant) -> Result<()> {
    tx.execute("UPDATE server SET directory = max(directory + 1, ?)", [at.0])?;
    Ok(())
}

fn apply(tx: &Transaction<'_>, edit: &Edit, at: Instant) -> Result<usize> {
    match edit {
        Edit::AddScope(scope) => {
            let parent = scope.parent.as_ref().map(|parent| parent.as_str());
            let added = tx.execute(
                "INSERT INTO scope (id, kind, name, parent) VALUES (?, ?, ?, ?)",
                params![scope.id.as_str(), scope.kind.as_str(), scope.name, parent],
            );
            let added = named(added, "scope", scope.id.as_str())?;
            tx.execute(
                "INSERT INTO scope_head (scope, seq, chain) VALUES (?, 0, zeroblob(16))",
                [scope.id.as_str()],
            )?;
            Ok(added)
        }
        Edit::AddPerson(person) => {
            let added = tx.execute(
                "INSERT INTO person (id, name) VALUES (?, ?)",
                params![person.id.as_str(), person.name],
            );
            named(added, "person", person.id.as_str())
        }
        Edit::Grant(person, grant) => {
            let added = tx.execute(
                "INSERT INTO grant_ (person, scope, role, since) VALUES (?, ?, ?, ?)
                 ON CONFLICT (person, scope, role) WHERE revoked IS NULL DO NOTHING",
                params![person.as_str(), grant.scope.as_str(), grant.role.as_str(), at.0],
            );
            named(added, "person or scope of the grant", person.as_str())
        }
        Edit::RevokeGrant(person, grant) => Ok(tx.execute(
            "UPDATE grant_ SET revoked = ? WHERE person = ? AND scope = ? AND role = ? AND revoked IS NULL",
            params![at.0, person.as_str(), grant.scope.as_str(), grant.role.as_str()],
        )?),
        Edit::Invite(invite) => {
            let added = tx.execute(
                "INSERT INTO invite (hash, person, expires, replaces) VALUES (?, ?, ?, ?)",
                params![
                    invite.hash,
                    invite.person.as_str(),
                    invite.expires.0,
                    invite.replaces.as_ref().map(|device| device.as_str())
                ],
            );
            named(added, "person", invite.person.as_str())
        }
        Edit::Release(device) => {
            Ok(tx.execute("UPDATE device SET released = ? WHERE id = ?", params![at.0, device.as_str()])?)
        }
        Edit::RevokeInvites(person) => revoke_all(tx, REVOKE_INVITES, person, at),
        Edit::Dismiss(person) => {
            let sql = [
                "UPDATE grant_ SET revoked = ?1 WHERE person = ?2 AND revoked IS NULL",
                "UPDATE device SET revoked = ?1, released = NULL WHERE person = ?2 AND revoked IS NULL",
                "UPDATE token SET revoked = ?1 WHERE person = ?2 AND revoked IS NULL",
                REVOKE_INVITES,
            ];
            let ended: usize =
                sql.into_iter().map(|sql| revoke_all(tx, sql, person, at)).sum::<Result<_>>()?;
            Ok(ended + console::close(tx, person, at)?)
        }
        Edit::SetLease(community, hours) => {
            let set = tx.execute(
                "INSERT INTO lease (community, hours) VALUES (?, ?)
                 ON CONFLICT (community) DO UPDATE SET hours = excluded.hours WHERE hours <> excluded.hours",
                params![community.as_str(), hours],
            );
            named(set, "community", community.as_str())
        }
        Edit::RevokeDevice(device) => Ok(tx.execute(
            // A release of before lets no revoked phone open again; one of after does, to hand in.
            "UPDATE device SET revoked = ?, released = NULL WHERE id = ? AND revoked IS NULL",
            params![at.0, device.as_str()],
        )?),
        Edit::OpenConsole(verifier, device) => {
            person_exists(tx, &device.person)?;
            console::open(tx, verifier, device)
        }
        Edit::CloseConsole(person) => console::close(tx, person, at),
        Edit::SetFactor(person, sealed, step) => console::set_factor(tx, person, sealed, *step),
        Edit::RemoveFactor(person) => console::remove_factor(tx, person),
        Edit::AddToken(token) => {
            let added = tx.execute(
                "INSERT INTO token (hash, person, label, expires) VALUES (?, ?, ?, ?)",
                params![token.hash, token.person.as_str(), token.label, token.expires.0],
            );
            named(added, "person", token.person.as_str())
        }
        Edit::RevokeToken(hash) => Ok(tx.execute(
            "UPDATE token SET revoked = ? WHERE hash = ? AND revoked IS NULL",
            params![at.0, hash],
        )?),
        Edit::SetRhythm(class, days) => {
            let edited = tx.execute(
                "INSERT INTO rhythm (class, days) VALUES (?, ?)
                 ON CONFLICT (class) DO UPDATE SET days = excluded.days WHERE days <> excluded.days",
                params![class, days],
            )?;
            rounds::settle_all(tx)?;
            Ok(edited)
        }
        Edit::SetRetention(community, kind, days) => Ok(tx.execute(
            "INSERT INTO retention (community, kind, days) VALUES (?, ?, ?)
             ON CONFLICT (community, kind) DO UPDATE SET days = excluded.days WHERE days <> excluded.days",
            params![community.as_str(), kind.code(), days],
        )?),
        Edit::SetZone(minutes) => {
            Ok(tx.execute("UPDATE server SET zone_minutes = ?1 WHERE zone_minutes <> ?1", [minutes])?)
        }
        Edit::AddActor(actor, person) => {
            let added = tx.execute(
                "INSERT INTO actor (id, person) VALUES (?, ?) ON CONFLICT (id) DO NOTHING",
                params![actor.0, person.as_str()],
            );
            named(added, "person", person.as_str())
        }
    }
}

fn person_exists(tx: &Transaction<'_>, id: &PersonId) -> Result<()> {
    let sql = "SELECT EXISTS (SELECT 1 FROM person WHERE id = ?)";
    let exists: bool = tx.query_row(sql, [id.as_str()], |row| row.get(0))?;
    if exists { Ok(()) } else { Err(Error::admin(format!("person {id}: no such id, or it is taken"))) }
}

const REVOKE_INVITES: &str =
    "UPDATE invite SET revoked = ?1 WHERE person = ?2 AND revoked IS NULL AND used_by IS NULL";

fn revoke_all(tx: &Transaction<'_>, sql: &str, person: &PersonId, at: Instant) -> Result<usize> {
    Ok(tx.execute(sql, params![at.0, person.as_str()])?)
}

/// Says which id broke a constraint: one that is taken, or one that names nothing.
fn named(done: rusqlite::Result<usize>, what: &str, id: &str) -> Result<usize> {
    done.map_err(|error| match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::ConstraintViolation) => {
            Error::admin(format!("{what} {id}: no such id, or it is taken"))
        }
        _ => error.into(),
    })
}
