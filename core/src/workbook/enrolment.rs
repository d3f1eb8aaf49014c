//! Who this phone is: its device key, whose it is, what that person may do, and the names it knows.
//! `joining.rs` says how it gets there.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::clock::{Instant, Surroundings, Zone};
use crate::error::{Error, Result};
use crate::id::{ActorId, BoxKey, DeviceId, PersonId, ScopeId, ServerKey};
use crate::key::{Signer, SoftwareKey};
use crate::model::{Action, Directory, Grant, Kind, Record, permits};
use crate::store::{Reader, Writer};
use crate::sync::address::Address;

/// The device's place at its server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Enrolment {
    /// Where the server is and how it is known, as the invitation said.
    #[serde(flatten)]
    pub address: Address,
    /// The device's id.
    pub device: DeviceId,
    /// Whose device it is.
    pub person: PersonId,
}

/// A place that the phone works for already and has not been given yet, because there was no network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Joining {
    /// Where the server is and how it is known, as the invitation said.
    #[serde(flatten)]
    pub address: Address,
    /// Whose phone it is going to be.
    pub person: PersonId,
    /// Until when the invitation can be used, by the server's clock.
    pub expires: Instant,
    /// What the server said if it refused, a word of `docs/PROTOCOL.md`.
    pub refused: Option<String>,
}

/// [`Joining`] with what the server will be asked with; it stays in the encrypted database.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Invited {
    pub(super) joining: Joining,
    pub(super) invite: String,
    pub(super) label: String,
}

/// What the phone knows its server by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ServerKeys {
    /// What it signs with.
    pub(super) signing: ServerKey,
    /// What is sealed to it; known from the first contact on.
    pub(super) sealing: Option<BoxKey>,
}

/// A device's private key that lives in the encrypted database. It is wiped from memory when dropped and never
/// printed.
#[derive(Clone, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(transparent)]
pub(super) struct DeviceSecret(pub(super) [u8; 32]);

/// What the workbook knows of itself, kept in memory and in the database.
#[derive(Clone)]
pub(super) struct Profile {
    pub(super) actor: ActorId,
    /// What the device signs with.
    pub(super) signer: Arc<dyn Signer>,
    /// The signer's secret where the database is to keep it, because there is no guard.
    pub(super) secret: Option<DeviceSecret>,
    pub(super) enrolment: Option<Enrolment>,
    pub(super) invited: Option<Invited>,
    pub(super) server: Option<ServerKeys>,
    /// When the server revoked this phone, once it has said so.
    pub(super) withdrawn: Option<Instant>,
    pub(super) grants: Vec<Grant>,
    pub(super) directory: Directory,
}

const ACTOR: &str = "actor";
const SECRET: &str = "device_secret";
const ENROLMENT: &str = "enrolment";
const INVITED: &str = "invited";
const WITHDRAWN: &str = "withdrawn";
const SERVER: &str = "server_keys";
const GRANTS: &str = "grants";
const DIRECTORY: &str = "directory";

/// What the server tells again with the next exchange: where damage left no sense in it, it counts as never told.
fn told_again<T>(read: Result<Option<T>>) -> Result<Option<T>> {
    match read {
        Err(Error::Document(what)) => {
            tracing::warn!(what, "unreadable; the server tells it again");
            Ok(None)
        }
        read => read,
    }
}

impl Profile {
    /// Reads the profile; `surroundings` give what a new database lacks. Behind a guard the device signs with `guarded`;
    /// without one with a key that the database keeps.
    pub(super) fn read(
        reader: &Reader<'_>,
        surroundings: &Surroundings,
        guarded: Option<Arc<dyn Signer>>,
    ) -> Result<Self> {
        let actor = reader.meta(ACTOR)?.unwrap_or_else(|| ActorId::new(surroundings));
        let (signer, secret) = match guarded {
            Some(signer) => (signer, None),
            None => {
                let kept = reader.meta::<Option<DeviceSecret>>(SECRET)?.flatten();
                let secret = kept.unwrap_or_else(|| DeviceSecret(surroundings.random()));
                let signer: Arc<dyn Signer> = Arc::new(SoftwareKey::ed25519(&secret.0));
                (signer, Some(secret))
            }
        };
        // A mandate's directory has no version either, and a zone of its own.
        let china = || Directory { zone_minutes: 8 * 60, ..Directory::default() };
        let directory = told_again(reader.meta(DIRECTORY))?.unwrap_or_else(china);
        Ok(Self {
            actor,
            signer,
            secret,
            // A phone that is not enrolled keeps a null.
            enrolment: reader.meta::<Option<Enrolment>>(ENROLMENT)?.flatten(),
            invited: reader.meta::<Option<Invited>>(INVITED)?.flatten(),
            server: reader.meta::<Option<ServerKeys>>(SERVER)?.flatten(),
            withdrawn: reader.meta::<Option<Instant>>(WITHDRAWN)?.flatten(),
            grants: told_again(reader.meta(GRANTS))?.unwrap_or_default(),
            directory,
        })
    }

    /// Writes everything.
    pub(super) fn store(&self, writer: &Writer<'_>) -> Result<()> {
        writer.set_meta(ACTOR, &self.actor)?;
        writer.set_meta(SECRET, &self.secret)?;
        writer.set_meta(ENROLMENT, &self.enrolment)?;
        writer.set_meta(INVITED, &self.invited)?;
        writer.set_meta(SERVER, &self.server)?;
        writer.set_meta(WITHDRAWN, &self.withdrawn)?;
        self.store_news(writer)
    }

    /// Goes on under a new actor: the server has changes of the old one that this phone lacks, and the next would take the
    /// number of one of them.
    pub(super) fn take_new_actor(&mut self, surroundings: &Surroundings, writer: &Writer<'_>) -> Result<()> {
        self.actor = ActorId::new(surroundings);
        writer.set_meta(ACTOR, &self.actor)
    }

    /// Writes what an exchange may bring.
    pub(super) fn store_news(&self, writer: &Writer<'_>) -> Result<()> {
        writer.set_meta(GRANTS, &self.grants)?;
        writer.set_meta(DIRECTORY, &self.directory)
    }

    /// Whose phone it is.
    pub(super) fn person(&self) -> Result<&PersonId> {
        let invited = || self.invited.as_ref().map(|invited| &invited.joining.person);
        self.enrolment.as_ref().map(|enrolment| &enrolment.person).or_else(invited).ok_or(Error::NotEnrolled)
    }

    /// Whose actor this is: the directory's word, or this phone's own.
    pub(super) fn person_of(&self, actor: &ActorId) -> Option<PersonId> {
        let own = || self.person().ok().filter(|_| *actor == self.actor).cloned();
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

    /// The record as this person sees it on its own page: numbers masked, unless they wrote it.
    pub(super) fn shown(&self, record: Record) -> Record {
        if self.sees_whole(&record) { record } else { record.masked() }
    }

    /// True if this person sees the record's numbers without asking, those of its past and of its conflicts too.
    pub(super) fn sees_whole(&self, record: &Record) -> bool {
        self.enrolment.as_ref().is_none_or(|own| own.person == record.header.author)
    }

    /// True if this person may have the record's numbers shown, for a reason that is kept.
    pub(super) fn may_reveal(&self, record: &Record) -> bool {
        self.sees_whole(record) || self.may(&record.scope, record.header.kind, Action::Reveal)
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
