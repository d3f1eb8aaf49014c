//! Who this phone is: its device key, whose it is, what that person may do, and the names it knows.

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::clock::Zone;
use crate::error::{Error, Result};
use crate::id::{ActorId, DeviceId, PersonId, ScopeId};
use crate::model::{Action, Directory, Grant, Kind, Record, permits};
use crate::store::{Reader, Writer};

/// The device's place at its server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Enrolment {
    /// The server's address, such as `https://grid.example`.
    pub server: String,
    /// The device's id.
    pub device: DeviceId,
    /// Whose device it is.
    pub person: PersonId,
}

/// The device's private key. It is wiped from memory when dropped and never printed; it lives in the
/// encrypted database.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(transparent)]
pub(super) struct DeviceSecret(pub(super) [u8; 32]);

/// What the workbook knows of itself, kept in memory and in the database.
#[derive(Clone)]
pub(super) struct Profile {
    pub(super) actor: ActorId,
    pub(super) secret: DeviceSecret,
    pub(super) enrolment: Option<Enrolment>,
    pub(super) grants: Vec<Grant>,
    pub(super) directory: Directory,
}

const ACTOR: &str = "actor";
const SECRET: &str = "device_secret";
const ENROLMENT: &str = "enrolment";
const GRANTS: &str = "grants";
const DIRECTORY: &str = "directory";

impl Profile {
    /// Reads the profile; `fresh` gives actor and secret where the database is new.
    pub(super) fn read(reader: &Reader<'_>, fresh: impl FnOnce() -> (ActorId, DeviceSecret)) -> Result<Self> {
        let (actor, secret) = match (reader.meta(ACTOR)?, reader.meta(SECRET)?) {
            (Some(actor), Some(secret)) => (actor, secret),
            _ => fresh(),
        };
        let mut directory: Directory = reader.meta(DIRECTORY)?.unwrap_or_default();
        if directory.version == 0 {
            directory.zone_minutes = 8 * 60;
        }
        Ok(Self {
            actor,
            secret,
            // A phone that is not enrolled keeps a null.
            enrolment: reader.meta::<Option<Enrolment>>(ENROLMENT)?.flatten(),
            grants: reader.meta(GRANTS)?.unwrap_or_default(),
            directory,
        })
    }

    /// Writes everything.
    pub(super) fn store(&self, writer: &Writer<'_>) -> Result<()> {
        writer.set_meta(ACTOR, &self.actor)?;
        writer.set_meta(SECRET, &self.secret)?;
        writer.set_meta(ENROLMENT, &self.enrolment)?;
        self.store_news(writer)
    }

    /// Writes what an exchange may bring.
    pub(super) fn store_news(&self, writer: &Writer<'_>) -> Result<()> {
        writer.set_meta(GRANTS, &self.grants)?;
        writer.set_meta(DIRECTORY, &self.directory)
    }

    /// Whose phone it is.
    pub(super) fn person(&self) -> Result<&PersonId> {
        self.enrolment.as_ref().map(|enrolment| &enrolment.person).ok_or(Error::NotEnrolled)
    }

    /// Whose actor this is: the directory's word, or this phone's own.
    pub(super) fn person_of(&self, actor: &ActorId) -> Option<PersonId> {
        let own = || self.enrolment.as_ref().filter(|_| *actor == self.actor).map(|own| own.person.clone());
        self.directory.person_of(actor).cloned().or_else(own)
    }

    /// The community's zone.
    pub(super) fn zone(&self) -> Zone {
        Zone::east_minutes(self.directory.zone_minutes)
    }

    /// True if the person may write `kind` in `scope`.
    pub(super) fn may_write(&self, scope: &ScopeId, kind: Kind) -> bool {
        self.may(scope, kind, Action::Write)
    }

    /// The record as this person sees it on its own page: numbers masked, unless they wrote it or their role
    /// reveals them.
    pub(super) fn shown(&self, mut record: Record) -> Record {
        let own = self.enrolment.as_ref().is_none_or(|own| own.person == record.header.author);
        if !own && !self.may(&record.scope, record.header.kind, Action::Reveal) {
            record.content = record.content.masked();
        }
        record
    }

    /// True if the person may do `action` with records of `kind` in `scope`.
    pub(super) fn may(&self, scope: &ScopeId, kind: Kind, action: Action) -> bool {
        self.grants.iter().any(|grant| grant.scope == *scope && permits(grant.role, kind, action))
    }

    /// The scopes in which the person may write `kind`.
    pub(super) fn writable(&self, kind: Kind) -> Vec<&ScopeId> {
        let mut scopes: Vec<_> = self.grants.iter().map(|grant| &grant.scope).collect();
        scopes.sort_unstable();
        scopes.dedup();
        scopes.retain(|scope| self.may_write(scope, kind));
        scopes
    }
}
