//! Identifiers: of records, people, scopes, devices, and of changes and their chain.
//!
//! Records are named by phones that are offline, so they carry UUIDv7; people, scopes and devices are
//! named by the server alone, with short random codes that read well in a log.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::clock::{Instant, Surroundings};

/// Names one record, and so one document: a UUIDv7, or a UUIDv8 derived from what the record is about
/// where two phones must arrive at the same record by themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RecordId(pub Uuid);

impl RecordId {
    /// A new id of this moment.
    #[must_use]
    pub fn new(surroundings: &Surroundings) -> Self {
        let millis = u64::try_from(surroundings.now().0).unwrap_or(0);
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &surroundings.random()).into_uuid())
    }

    /// When it was made, by the clock of the device that made it; `None` for one that was derived.
    #[must_use]
    pub fn made_at(&self) -> Option<Instant> {
        let (seconds, nanos) = self.0.get_timestamp()?.to_unix();
        let millis = i64::try_from(seconds).ok()?.checked_mul(1_000)?;
        Some(Instant(millis + i64::from(nanos / 1_000_000)))
    }

    /// The id that everyone derives from the same `parts`, such as a template and the first day of its period.
    #[must_use]
    pub fn derived(parts: &[&str]) -> Self {
        let mut digest = Sha256::new();
        for part in parts {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest.finalize()[..16]);
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }

    /// True for an id that everyone derives: several may begin its record side by side.
    #[must_use]
    pub fn is_derived(&self) -> bool {
        self.0.get_version() == Some(uuid::Version::Custom)
    }

    /// The 16 bytes that travel and are stored.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// The inverse of [`RecordId::as_bytes`].
    #[must_use]
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// The last eight characters: what lists show and people type. The first ones tell the moment, so
    /// records of one moment share them; the last ones are random.
    #[must_use]
    pub fn short(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.0.as_bytes()[12..])
    }

    /// True for the id that no record has.
    #[must_use]
    pub fn is_nil(&self) -> bool {
        self.0.is_nil()
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for RecordId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::parse_str(text).map(Self)
    }
}

/// Declares a short text id that the server gives out: a letter for what it names, then 8 characters.
macro_rules! server_id {
    ($(#[$doc:meta])* $name:ident, $letter:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// A new random id: 40 bits, and the server refuses one that is taken.
            #[must_use]
            pub fn new(surroundings: &Surroundings) -> Self {
                let random = surroundings.random::<5>();
                Self(format!("{}{}", $letter, data_encoding::BASE32_DNSSEC.encode(&random)))
            }

            /// The id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    };
}

server_id!(
    /// A person: worker, lead, group member, administrator.
    PersonId,
    'p'
);
server_id!(
    /// A scope: who may see a record. A grid, a task group or the community.
    ScopeId,
    's'
);
server_id!(
    /// One enrolled installation of the app.
    DeviceId,
    'd'
);

/// Declares a fixed-size byte id: bytes in CBOR, lower-case hexadecimal in text.
macro_rules! byte_id {
    ($(#[$doc:meta])* $name:ident, $size:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $size]);

        impl $name {
            /// The bytes that travel and are stored.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8; $size] {
                &self.0
            }

            /// Takes exactly the right number of bytes.
            #[must_use]
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                bytes.try_into().ok().map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = data_encoding::DecodeError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let bytes = data_encoding::HEXLOWER.decode(text.as_bytes())?;
                Self::from_slice(&bytes).ok_or(data_encoding::DecodeError {
                    position: bytes.len(),
                    kind: data_encoding::DecodeKind::Length,
                })
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    serializer.serialize_bytes(&self.0)
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                use serde::de::Error;
                if deserializer.is_human_readable() {
                    let text = String::deserialize(deserializer)?;
                    text.parse().map_err(D::Error::custom)
                } else {
                    let bytes = serde_bytes::ByteBuf::deserialize(deserializer)?;
                    Self::from_slice(&bytes)
                        .ok_or_else(|| D::Error::invalid_length(bytes.len(), &stringify!($size)))
                }
            }
        }
    };
}

byte_id!(
    /// Names a change by its content: SHA-256 over the chunk's type, length and data, as automerge defines it.
    ChangeHash,
    32
);
byte_id!(
    /// Who made a change, as automerge sees it: 16 random bytes per generation of one phone's database.
    ActorId,
    16
);
byte_id!(
    /// A scope's log up to some entry, in 16 bytes: what makes cursors verify themselves.
    Chain,
    16
);
byte_id!(
    /// A server's ed25519 public key: what its mandates, terms and receipts are checked with.
    ServerKey,
    32
);
byte_id!(
    /// A server's X25519 public key: what is sealed to it, only that server can open.
    BoxKey,
    32
);
byte_id!(
    /// An ed25519 signature of a server.
    Signature,
    64
);
byte_id!(
    /// The server's own acknowledgement of a point in a scope's log: an HMAC only the server can make.
    Seal,
    32
);

byte_id!(
    /// Names one reveal of a number on a phone, so that the server's audit log has it once however often it is sent.
    RevealId,
    16
);

impl RevealId {
    /// A new random id.
    #[must_use]
    pub fn new(surroundings: &Surroundings) -> Self {
        Self(surroundings.random())
    }
}

impl Chain {
    /// The chain of an empty log.
    pub const START: Chain = Chain([0; 16]);

    /// The chain after `change` is appended: the first 16 bytes of SHA-256(this ‖ change).
    #[must_use]
    pub fn append(&self, change: &ChangeHash) -> Chain {
        let digest = Sha256::new().chain_update(self.0).chain_update(change.0).finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        Chain(bytes)
    }
}

impl ActorId {
    /// A new random actor.
    #[must_use]
    pub fn new(surroundings: &Surroundings) -> Self {
        Self(surroundings.random())
    }
}
