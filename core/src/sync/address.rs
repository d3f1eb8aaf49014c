//! Where a server is and how a phone knows that it is the right one: what an invitation brings, an enrolment
//! keeps, and the client demands before a byte of a request leaves.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::model::Rule;

/// A server's public key by its SHA-256, over the certificate's subject public key info as DER. Written as 64
/// lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerPin(pub [u8; 32]);

impl ServerPin {
    /// The pin of a subject public key info.
    #[must_use]
    pub fn of(key_info: &[u8]) -> Self {
        Self(Sha256::digest(key_info).into())
    }
}

impl fmt::Display for ServerPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&data_encoding::HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for ServerPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServerPin({self})")
    }
}

impl FromStr for ServerPin {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).ok();
        bytes
            .and_then(|bytes| bytes.try_into().ok())
            .map(Self)
            .ok_or(Error::BadInvitation(Rule::ServerPinForm))
    }
}

impl Serialize for ServerPin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ServerPin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A server's address with what makes it trusted. Kept and shown flat, as part of what names the server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// Such as `https://grid.example`.
    #[serde(rename = "server")]
    pub url: String,
    /// The keys that the server may have: its own, and a spare one for the day on which that is replaced. With
    /// none, the platform's certificate authorities decide.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pins: Vec<ServerPin>,
    /// True if somebody said that requests may cross the network unencrypted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub insecure_http: bool,
}

impl Address {
    /// True if requests to it may leave: encrypted, or to this very machine, or as somebody insisted.
    ///
    /// # Errors
    /// [`Error::NotEncrypted`].
    pub fn require_encryption(&self) -> Result<()> {
        // HTTP libraries read a scheme in any case.
        let plain = self.url.split_once("://").filter(|(scheme, _)| scheme.eq_ignore_ascii_case("http"));
        let Some((_, rest)) = plain else { return Ok(()) };
        if !self.pins.is_empty() {
            return Err(Error::NotEncrypted(Rule::PinnedButPlain));
        }
        if self.insecure_http || is_this_machine(rest) {
            return Ok(());
        }
        Err(Error::NotEncrypted(Rule::PlainHttp))
    }
}

/// True if what follows the scheme names this machine.
fn is_this_machine(rest: &str) -> bool {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return false;
    }
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl From<&str> for Address {
    fn from(url: &str) -> Self {
        Self { url: url.trim_end_matches('/').to_owned(), ..Self::default() }
    }
}

impl From<&String> for Address {
    fn from(url: &String) -> Self {
        url.as_str().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_this_machine_unless_somebody_insists() {
        let allowed = |url: &str| Address::from(url).require_encryption().is_ok();
        for url in ["https://grid.example", "http://127.0.0.1:8080", "http://[::1]:9/x", "http://localhost"] {
            assert!(allowed(url), "{url}");
        }
        for url in [
            "http://grid.example",
            "http://10.0.0.7:8080",
            "http://127.0.0.1.example",
            "http://127.0.0.1@grid.example",
            "http://localhost.example",
            "http://[2001:db8::1]",
            "HTTP://grid.example",
            "hTTp://10.0.0.7",
        ] {
            assert!(!allowed(url), "{url}");
        }
        let insisted = Address { insecure_http: true, ..Address::from("http://10.0.0.7") };
        assert!(insisted.require_encryption().is_ok());
        let pinned = Address { pins: vec![ServerPin([1; 32])], ..Address::from("http://127.0.0.1") };
        assert!(pinned.require_encryption().is_err(), "a pin without encryption pins nothing");
    }

    #[test]
    fn a_pin_is_read_as_it_is_written() {
        let pin = ServerPin::of(b"key");
        assert_eq!(pin.to_string().parse::<ServerPin>().unwrap(), pin);
        assert!("ab12".parse::<ServerPin>().is_err());
    }
}
