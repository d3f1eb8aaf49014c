//! Rows about people, scopes, devices and what they may do.

use gridbook_core::clock::{Instant, Zone};
use gridbook_core::id::{ActorId, DeviceId, PersonId, ScopeId};
use gridbook_core::key::DeviceKey;
use gridbook_core::model::{Grant, Kind, Person, Role, Scope};

/// What this server is; made once.
#[derive(Clone)]
pub struct Identity {
    /// 32 hexadecimal digits that name this server.
    pub server: String,
    /// The key of every seal. It never leaves the database.
    pub seal_key: [u8; 32],
    /// The ed25519 key that mandates, terms, revocations and receipts are signed with.
    pub signing_key: [u8; 32],
    /// The X25519 key that phones seal their unsent work and their escrow to.
    pub box_key: [u8; 32],
    /// The communities' zone, in minutes east of Greenwich.
    pub zone_minutes: i32,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").field("server", &self.server).finish_non_exhaustive()
    }
}

/// How often the tables behind the directory, and those behind permissions, were edited.
///
/// Both grow with every edit and never return to an earlier value, not even after a backup was put back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versions {
    /// Of the directory.
    pub directory: u64,
    /// Of grants and revocations: what [`super::Append::access`] is compared with.
    pub access: u64,
}

/// Everything about people, scopes and devices.
#[derive(Clone, Debug, Default)]
pub struct Roll {
    /// Scopes by id.
    pub scopes: Vec<Scope>,
    /// People by id.
    pub people: Vec<Person>,
    /// Grants, past ones too, by person.
    pub grants: Vec<GrantRow>,
    /// Devices by id, revoked ones too.
    pub devices: Vec<Device>,
    /// Actors by id.
    pub actors: Vec<Actor>,
    /// Days between two visits where they differ from the dictionary's, by class.
    pub rhythms: Vec<(String, u32)>,
    /// Days of keeping where they differ from the default, by community and kind.
    pub retention: Vec<(ScopeId, Kind, u32)>,
    /// Leads' tokens, revoked ones too.
    pub tokens: Vec<TokenRow>,
}

/// One grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantRow {
    /// Whose.
    pub person: PersonId,
    /// What and where.
    pub grant: Grant,
    /// Since when.
    pub since: Instant,
    /// Until when; `None` while it holds.
    pub revoked: Option<Instant>,
}

/// One scope that a person has a part in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The scope: the grant's own, or a grid or group of the granted community.
    pub scope: Scope,
    /// As what.
    pub role: Role,
}

/// One enrolled device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// Whose.
    pub person: PersonId,
    /// Its public key.
    pub key: DeviceKey,
    /// What it calls itself.
    pub label: String,
    /// Since when.
    pub enrolled: Instant,
    /// When it was revoked, if it was.
    pub revoked: Option<Instant>,
    /// When the administrator last let it open its locked data, if ever.
    pub released: Option<Instant>,
    /// Its last contact; `None` if it has not been in touch since it enrolled.
    pub contact: Option<Contact>,
}

/// What is known of a device since it was last in touch: facts for help, and no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// When, to the hour.
    pub at: Instant,
    /// The version of its app, if it tells.
    pub app: Option<String>,
    /// How many of its changes stayed on it, if it tells; those that were refused left out.
    pub unsent: Option<u64>,
}

impl Device {
    /// What the console's devices call themselves.
    pub const CONSOLE: &str = "console";

    /// Midnights of `zone` since it was last in touch, or since it enrolled.
    #[must_use]
    pub fn silent_days(&self, zone: Zone, now: Instant) -> i64 {
        zone.day(now).days_since(zone.day(self.last_contact()))
    }

    /// When it was last in touch, to the hour; when it enrolled, if it has not been since.
    #[must_use]
    pub fn last_contact(&self) -> Instant {
        self.contact.as_ref().map_or(self.enrolled, |contact| contact.at)
    }

    /// True if the console writes as it, and no phone does.
    #[must_use]
    pub fn is_console(&self) -> bool {
        self.label == Self::CONSOLE
    }
}

/// Who makes changes under an actor id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The actor id.
    pub id: ActorId,
    /// The person behind it.
    pub person: PersonId,
    /// The device; `None` for changes that the server itself wrote, such as an import.
    pub device: Option<DeviceId>,
}

/// What became of an actor's registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registered {
    /// It was unknown and now is the device's.
    New,
    /// It was the device's already.
    Same,
    /// It is another's.
    Foreign,
}

/// A lead's bearer token; the secret itself is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRow {
    /// SHA-256 of the secret.
    pub hash: [u8; 32],
    /// Whose.
    pub person: PersonId,
    /// What it is for, in the administrator's words.
    pub label: String,
    /// Until when it holds.
    pub expires: Instant,
    /// When it was revoked, if it was.
    pub revoked: Option<Instant>,
}

impl TokenRow {
    /// Eight characters that name the token in lists, and say nothing of its secret.
    #[must_use]
    pub fn id(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.hash[..4])
    }
}

/// An invitation; the secret itself is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InviteRow {
    /// SHA-256 of the secret.
    pub hash: [u8; 32],
    /// Who is invited.
    pub person: PersonId,
    /// Until when it holds.
    pub expires: Instant,
    /// The device that is revoked once this invitation is used.
    pub replaces: Option<DeviceId>,
}

/// A device that wants a place.
#[derive(Clone, Debug)]
pub struct Enrolling {
    /// SHA-256 of the invitation's secret.
    pub invite: [u8; 32],
    /// The id it gets if it has none yet.
    pub device: DeviceId,
    /// Its public key.
    pub key: DeviceKey,
    /// Its database's actor.
    pub actor: ActorId,
    /// What it calls itself.
    pub label: String,
    /// The time now.
    pub at: Instant,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Enrolled {
    /// It has its place, now or since an earlier answer that was lost.
    Done(Device),
    /// No such invitation was made.
    Unknown,
    /// Another device used the invitation.
    Used,
    /// The invitation has expired.
    Expired,
    /// The invitation was taken back.
    Revoked,
    /// The actor is another device's.
    ForeignActor,
}

/// On whose word an edit is made at the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// Who decided it.
    pub who: PersonId,
    /// The access version under which permission was checked.
    pub access: u64,
}

/// One edit of the administrator's.
#[derive(Clone, Debug)]
pub enum Edit {
    /// A new scope.
    AddScope(Scope),
    /// A new person.
    AddPerson(Person),
    /// A grant from now on; no change if it holds already.
    Grant(PersonId, Grant),
    /// The end of a grant; no change if there is none.
    RevokeGrant(PersonId, Grant),
    /// An invitation.
    Invite(InviteRow),
    /// The end of all of a person's invitations that nobody has used.
    RevokeInvites(PersonId),
    /// The end of a device.
    RevokeDevice(DeviceId),
    /// A device may open its locked data within a day: after too many wrong PINs, or to hand in its work.
    Release(DeviceId),
    /// The end of everything a person has: grants, devices, invitations, tokens.
    Dismiss(PersonId),
    /// How many hours without contact the phones of a community may keep their data open.
    SetLease(ScopeId, u32),
    /// A password for the console, replacing an earlier one and ending its sessions; the device is what the
    /// console writes as for its person, where they have none yet.
    OpenConsole(Vec<u8>, Device),
    /// The end of a person's part at the console.
    CloseConsole(PersonId),
    /// A sealed second factor for the console, and the step of the code that showed it to be in an app.
    SetFactor(PersonId, Vec<u8>, u64),
    /// The end of a person's second factor.
    RemoveFactor(PersonId),
    /// A lead's token.
    AddToken(TokenRow),
    /// The end of a token, by the hash of its secret.
    RevokeToken([u8; 32]),
    /// Days between two visits for a class.
    SetRhythm(String, u32),
    /// Days that a kind is kept in a community; 0 until it is erased.
    SetRetention(ScopeId, Kind, u32),
    /// The communities' zone, in minutes east of Greenwich.
    SetZone(i32),
    /// An actor without a device, for changes that the server writes for a person.
    AddActor(ActorId, PersonId),
}
