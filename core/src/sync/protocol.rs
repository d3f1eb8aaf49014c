//! The wire: every message, and the one trait that client and server both implement.
//!
//! `docs/PROTOCOL.md` shows each message with an example. All of them travel as CBOR, gzipped as a whole
//! ([`super::encoding`]). Lists of changes are laid out in columns (`columns.rs`).

use std::future::Future;

use serde::{Deserialize, Serialize};

use super::columns;
use super::statement::Statement;
use crate::clock::Instant;
use crate::gate::Refusal;
use crate::id::{
    ActorId, BoxKey, Chain, ChangeHash, DeviceId, PersonId, RecordId, ScopeId, Seal, ServerKey, Signature,
};
use crate::key::DeviceKey;
use crate::model::{Directory, Grant, Reveal};
use crate::{Error, Result};

/// The version that both ends speak. 1: 2026-11, the first.
pub const VERSION: u16 = 1;

/// Where a device enrols; the only request that needs no proof.
pub const ENROL_PATH: &str = "/v1/enrol";
/// Where a device exchanges changes.
pub const SYNC_PATH: &str = "/v1/sync";
/// Where a revoked device hands in what it had not sent.
pub const BOX_PATH: &str = "/v1/box";
/// Where a locked device asks for its database's key.
pub const UNLOCK_PATH: &str = "/v1/unlock";
/// Where a device gives a restored server back what it lost.
pub const RECOVER_PATH: &str = "/v1/recover";

/// The most changes one request carries up: a page's worth, so that a phone that was away for weeks is done in one round trip.
pub const PUSH_CHANGES: usize = 1_000;
/// The most raw bytes of changes one request carries up, within [`BODY_LIMIT`] even where they do not compress; a larger
/// single change is refused by the gate anyway.
pub const PUSH_BYTES: usize = 768 * 1024;
/// The most reveals one request carries up.
pub const PUSH_REVEALS: usize = 100;
/// The most log entries one answer carries down, over all scopes.
pub const PULL_ENTRIES: usize = 2_000;
/// The most raw bytes of changes one answer carries down, over all scopes.
pub const PULL_BYTES: usize = 2 * 1024 * 1024;
/// How many random bytes a device asks with, so that an answer can be told from an earlier one.
pub const ASK_BYTES: usize = 16;
/// A body larger than this is refused before it is read to the end.
pub const BODY_LIMIT: usize = 1024 * 1024;
/// A body that inflates to more than this is refused while inflating.
pub const INFLATED_LIMIT: usize = 4 * 1024 * 1024;

/// Both ends of the wire: the phone's client sends, the server answers, a test may stand between.
///
/// Each call may be repeated blindly: an answer that was lost is given again, nothing counts twice.
pub trait SyncProtocol: Send + Sync {
    /// Trades an invitation for a place among the devices.
    fn enrol(&self, request: EnrolRequest) -> impl Future<Output = Result<EnrolResponse>> + Send;

    /// Sends what has no receipt, and takes receipts and one page of what others wrote.
    fn sync(&self, request: SyncRequest) -> impl Future<Output = Result<SyncResponse>> + Send;

    /// Gives a server that was restored from an old backup what it has lost.
    fn recover(&self, request: RecoverRequest) -> impl Future<Output = Result<RecoverResponse>> + Send;

    /// Hands in a revoked device's unsent work. An end that is no server's takes none.
    fn hand_in(&self, request: BoxRequest) -> impl Future<Output = Result<BoxResponse>> + Send {
        drop(request);
        async { Err(Error::Protocol("this end takes no parcels".into())) }
    }

    /// Asks for a locked device's key. An end that is no server's has none.
    fn unlock(&self, request: UnlockRequest) -> impl Future<Output = Result<UnlockResponse>> + Send {
        drop(request);
        async { Err(Error::Protocol("this end keeps no keys".into())) }
    }
}

/// A locked device asks for its database's key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnlockRequest {
    /// [`VERSION`].
    pub protocol: u16,
    /// The key and why the device locked, sealed to the server before it locked.
    #[serde(with = "serde_bytes")]
    pub escrow: Vec<u8>,
    /// What the answer is to be sealed to; made for this request alone.
    pub reply: BoxKey,
    /// Random bytes, [`ASK_BYTES`] of them.
    #[serde(with = "serde_bytes")]
    pub ask: Vec<u8>,
}

/// The database's key again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnlockResponse {
    /// The key, sealed to the request's `reply`.
    #[serde(with = "serde_bytes")]
    pub sealed: Vec<u8>,
    /// The terms anew: the lease begins again.
    pub terms: Terms,
}

/// A parcel of unsent work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BoxRequest {
    /// [`VERSION`].
    pub protocol: u16,
    /// A [`super::parcel::Parcel`], sealed to the server's key.
    #[serde(with = "serde_bytes")]
    pub sealed: Vec<u8>,
}

/// The receipt of a parcel: only with it a phone may destroy what is in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BoxResponse {
    /// The server's signature on the device and the parcel's SHA-256.
    pub proof: Signature,
}

/// A device asks to be enrolled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnrolRequest {
    /// [`VERSION`].
    pub protocol: u16,
    /// The invitation's secret.
    pub invite: String,
    /// The device's own public key; the private one never leaves it.
    pub key: DeviceKey,
    /// The actor id of its database.
    pub actor: ActorId,
    /// What the device calls itself, for the administrator's list; may be empty.
    pub label: String,
}

/// The device's place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnrolResponse {
    /// Its id.
    pub device: DeviceId,
    /// Whose device it is.
    pub person: PersonId,
    /// What that person may do where, communities already spelt out into grids and groups.
    pub grants: Vec<Grant>,
    /// The names.
    pub directory: Directory,
    /// The server's signing key; an invitation that named one must name this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<ServerKey>,
    /// The terms on which the device holds what it pulls, signed for the key of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<Terms>,
}

/// The terms on which a device holds what it pulls. The signature covers who asked and with what, so that an
/// answer to an earlier question renews nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The server's time.
    pub at: Instant,
    /// How many hours without contact the device may keep its data open.
    pub lease_hours: u32,
    /// What is sealed to this key, only the server can open.
    pub sealing: BoxKey,
    /// The server's signature.
    pub proof: Signature,
}

impl Terms {
    /// Terms for the device whose key is `device`, signed; `ask` is what it asked with.
    #[must_use]
    pub fn sign(
        at: Instant,
        lease_hours: u32,
        sealing: BoxKey,
        device: &DeviceKey,
        ask: &[u8],
        secret: &[u8; 32],
    ) -> Self {
        let mut terms = Self { at, lease_hours, sealing, proof: Signature([0; 64]) };
        terms.proof = terms.with_parts(device, ask, |parts| Statement::Terms.sign(secret, parts));
        terms
    }

    /// True if the server with this key signed these terms as the answer to just this question.
    #[must_use]
    pub fn hold(&self, server: &ServerKey, device: &DeviceKey, ask: &[u8]) -> bool {
        self.with_parts(device, ask, |parts| Statement::Terms.holds(server, parts, &self.proof))
    }

    fn with_parts<T>(&self, device: &DeviceKey, ask: &[u8], body: impl FnOnce(&[&[u8]]) -> T) -> T {
        let (at, hours) = (self.at.0.to_be_bytes(), self.lease_hours.to_be_bytes());
        body(&[device.as_bytes(), ask, &at, &hours, &self.sealing.0])
    }
}

/// One exchange.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SyncRequest {
    /// [`VERSION`].
    pub protocol: u16,
    /// The actor id that new changes carry; a database that was restored or cloned brings a new one.
    #[serde(with = "serde_bytes")]
    pub actor: Vec<u8>,
    /// Where this device stands in each scope it holds.
    pub cursors: Vec<Cursor>,
    /// Changes without a receipt, dependencies first.
    #[serde(with = "columns::pushed")]
    pub push: Vec<Push>,
    /// The version of the directory held here.
    pub directory: u64,
    /// Send back this actor's own changes too: a phone asks for them where it no longer knows them itself.
    pub echo: bool,
    /// The most log entries the device wants back; the server takes the smaller of this and its own limit.
    pub page: u32,
    /// Random bytes, [`ASK_BYTES`] of them, if the device wants the terms signed anew.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "serde_bytes")]
    pub ask: Vec<u8>,
    /// Numbers that were shown whole on this device and that the server has not acknowledged, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reveals: Vec<Reveal>,
    /// The version of this core in the device's app, so that a lead sees whose is old.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<String>,
    /// How many of the device's changes have no receipt and are not in this request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsent: Option<u32>,
}

/// A place in a scope's log that verifies itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The scope.
    pub scope: ScopeId,
    /// The last sequence number held; 0 for none.
    pub seq: u64,
    /// The chain there.
    pub chain: Chain,
}

/// A change on its way up: (record, scope, raw change).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Push(
    /// The record.
    pub RecordId,
    /// Index into [`SyncRequest::cursors`] of the scope it is written in.
    pub u16,
    /// The raw change.
    #[serde(with = "serde_bytes")]
    pub Vec<u8>,
);

/// What became of a pushed change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Receipt {
    /// It is in the log, at this sequence number of its scope.
    #[serde(rename = "a")]
    Accepted(u64),
    /// It was there before, at this sequence number.
    #[serde(rename = "k")]
    Known(u64),
    /// It was refused, and why.
    #[serde(rename = "r")]
    Refused(Refusal),
}

/// The answer to one exchange.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SyncResponse {
    /// One per push, in its order.
    pub receipts: Vec<Receipt>,
    /// One per scope that has news, or that the device asked about and may no longer see.
    pub scopes: Vec<ScopePage>,
    /// What the person may do where, as of now; a scope not named here is to be dropped.
    pub grants: Vec<Grant>,
    /// The names, if the device's are older.
    pub directory: Option<Directory>,
    /// The server's time.
    #[serde(default)]
    pub at: Instant,
    /// More pages wait; ask again at once.
    pub more: bool,
    /// The actor of the request was unknown and has been registered to this device.
    pub registered: bool,
    /// The terms, if the request asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<Terms>,
    /// How many of [`SyncRequest::reveals`], from the first on, are in the audit log.
    #[serde(default, skip_serializing_if = "is_none_of_them")]
    pub revealed: u32,
}

fn is_none_of_them(count: &u32) -> bool {
    *count == 0
}

/// News of one scope.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ScopePage {
    /// Entries after the cursor.
    #[serde(rename = "p")]
    Page(Page),
    /// The server's log does not contain the cursor: it was restored from an older backup, or replaced.
    #[serde(rename = "d")]
    Diverged(ScopeId),
}

/// A run of one scope's log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// The scope.
    pub scope: ScopeId,
    /// The sequence number before the first entry: the request's cursor.
    pub after: u64,
    /// The sequence number of the last entry.
    pub upto: u64,
    /// The chain there.
    pub chain: Chain,
    /// The server's seal on (scope, upto, chain).
    pub seal: Seal,
    /// The entries' changes in order, those of the request's actor left out unless it asked for an echo.
    #[serde(with = "columns::pulled")]
    pub changes: Vec<Pulled>,
    /// The sequence numbers between `after` and `upto` that were left out because the request's actor made them.
    pub own: Vec<u64>,
    /// Entries whose records were erased: their places and their changes' names, which are all that is left.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<(u64, ChangeHash)>,
    /// How many entries wait after this page: for progress.
    pub remaining: u64,
}

/// A change on its way down: (record, raw change).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pulled(
    /// The record.
    pub RecordId,
    /// The raw change.
    #[serde(with = "serde_bytes")]
    pub Vec<u8>,
);

/// A place in a scope's log that the server has sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The sequence number.
    pub seq: u64,
    /// The chain there.
    pub chain: Chain,
    /// The server's seal on (scope, seq, chain).
    pub seal: Seal,
}

/// A step of recovery after [`ScopePage::Diverged`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum RecoverRequest {
    /// Which of these places does the server still hold? Newest first, at most 64.
    #[serde(rename = "find")]
    Find {
        /// The scope.
        scope: ScopeId,
        /// Places in this device's log.
        points: Vec<(u64, Chain)>,
    },
    /// The server once acknowledged these changes, from one sealed place to the next: which does it lack?
    #[serde(rename = "offer")]
    Offer {
        /// The run, proved.
        span: Span,
    },
    /// The changes of that run that the server asked for.
    #[serde(rename = "give")]
    Give {
        /// The run again: the server remembers nothing between two requests.
        span: Span,
        /// (record, raw change) for the wanted hashes, in the run's order.
        #[serde(with = "columns::pulled")]
        changes: Vec<Pulled>,
    },
}

/// A run of a scope's log between two sealed places: the seals prove that the server itself had
/// acknowledged each change in it, so no device can plant one this way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// The scope.
    pub scope: ScopeId,
    /// Where the run begins; `None` for the beginning of the log.
    pub from: Option<Checkpoint>,
    /// Where it ends.
    pub to: Checkpoint,
    /// The hashes in between, in order: `to.seq − from.seq` of them.
    pub hashes: Vec<ChangeHash>,
}

/// The answer to a step of recovery.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum RecoverResponse {
    /// The newest of the places that the server still holds; `(0, Chain::START)` if none.
    #[serde(rename = "found")]
    Found {
        /// Its sequence number.
        seq: u64,
        /// The chain there.
        chain: Chain,
    },
    /// The positions in [`Span::hashes`] that the server lacks.
    #[serde(rename = "wanted")]
    Wanted {
        /// Positions from 0, in order.
        positions: Vec<u32>,
    },
    /// How many changes were taken; the rest were refused by the gate and are logged there.
    #[serde(rename = "taken")]
    Taken {
        /// The number.
        count: u32,
    },
}

/// The body of an answer to a device that is no success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// One of [`FailureCode`], as text: a newer server may know more.
    pub code: String,
    /// What happened and what to do, without personal data.
    pub detail: String,
    /// With `revoked`: what proves it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revocation: Option<Revocation>,
}

/// A device's revocation, signed: a phone takes leave of its data for nothing less.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    /// When it was revoked.
    pub at: Instant,
    /// The server's signature on the device and this time.
    pub proof: Signature,
}

impl Revocation {
    /// Signs a device's revocation.
    #[must_use]
    pub fn sign(device: &DeviceId, at: Instant, secret: &[u8; 32]) -> Self {
        let parts = [device.as_str().as_bytes(), &at.0.to_be_bytes()];
        Self { at, proof: Statement::Revocation.sign(secret, &parts) }
    }
}

impl From<Revocation> for Error {
    fn from(Revocation { at, proof }: Revocation) -> Self {
        Error::Revoked { at: at.0, proof: proof.0.to_vec() }
    }
}

/// Why the server refuses a whole request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FailureCode {
    /// The body is not the message it should be, or breaks a rule.
    BadRequest,
    /// The body, what it inflates to, or a list in it is beyond the limit: send less at once.
    TooLarge,
    /// The server does not speak this [`VERSION`]: update the app.
    UnsupportedVersion,
    /// The server does not know this device: enrol again.
    NotEnrolled,
    /// The device was revoked.
    Revoked,
    /// The signature is not the device's, or not on this request.
    BadProof,
    /// The request's time is too far from the server's: correct the clock by the answer's time and sign again.
    BadTime,
    /// This very request was sent before: sign again with a new nonce.
    Replayed,
    /// The actor belongs to another device: the database was cloned and must take a new actor.
    ForeignActor,
    /// No such invitation was made.
    InviteUnknown,
    /// The invitation was used by another device.
    InviteUsed,
    /// The invitation has expired.
    InviteExpired,
    /// The invitation was taken back.
    InviteRevoked,
    /// Too many wrong PINs were entered and nobody has released the device.
    NotReleased,
    /// It does not exist, or the sender may not see it.
    NotFound,
    /// The sender may see it, but not do that with it.
    NotPermitted,
    /// This device or address asks too often: wait as long as `retry-after` says.
    SlowDown,
    /// Too much at once: the same request succeeds later.
    Busy,
    /// The server failed; the same request may succeed later.
    Internal,
}

impl FailureCode {
    /// The word that the wire and logs carry.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            FailureCode::BadRequest => "bad_request",
            FailureCode::TooLarge => "too_large",
            FailureCode::UnsupportedVersion => "unsupported_version",
            FailureCode::NotEnrolled => "not_enrolled",
            FailureCode::Revoked => "revoked",
            FailureCode::BadProof => "bad_proof",
            FailureCode::BadTime => "bad_time",
            FailureCode::Replayed => "replayed",
            FailureCode::ForeignActor => "foreign_actor",
            FailureCode::InviteUnknown => "invite_unknown",
            FailureCode::InviteUsed => "invite_used",
            FailureCode::InviteExpired => "invite_expired",
            FailureCode::InviteRevoked => "invite_revoked",
            FailureCode::NotReleased => "not_released",
            FailureCode::NotFound => "not_found",
            FailureCode::NotPermitted => "not_permitted",
            FailureCode::SlowDown => "slow_down",
            FailureCode::Busy => "busy",
            FailureCode::Internal => "internal",
        }
    }
}

/// What a [`Seal`] of (scope, seq, chain) is made over, with HMAC-SHA256 under a key only the server holds.
#[must_use]
pub fn seal_message(scope: &ScopeId, seq: u64, chain: &Chain) -> Vec<u8> {
    // The tail has a fixed size, so no two places give the same bytes.
    let mut message = b"gridbook-seal-1".to_vec();
    message.extend_from_slice(scope.as_str().as_bytes());
    message.extend_from_slice(&seq.to_be_bytes());
    message.extend_from_slice(&chain.0);
    message
}
