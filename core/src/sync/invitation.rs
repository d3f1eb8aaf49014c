//! An invitation as a phone takes it: a QR code's text, or typed by hand. `gridbook-server invite` writes it.

use std::fmt;
use std::str::FromStr;

use form_urlencoded::{Serializer, parse};

use super::address::{Address, ServerPin};
use super::mandate::{Mandate, SignedMandate};
use crate::error::{Error, Result};
use crate::id::ServerKey;
use crate::model::Rule;

/// What every invitation's text begins with.
const PREFIX: &str = "gridbook://enrol?";

/// What a phone needs to ask for its place: `gridbook://enrol?server=…&invite=…&key=…&mandate=…&pin=…`.
#[derive(Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The server's address, such as `https://grid.example`.
    pub server: String,
    /// The secret that is traded for a place, once.
    pub secret: String,
    /// The server's signing key; an invitation typed by hand carries none.
    pub key: Option<ServerKey>,
    /// What the person may do, signed, where the phone may begin without a network.
    pub mandate: Option<SignedMandate>,
    /// The keys that the server's certificate may have; empty where a certificate authority vouches for it.
    pub pins: Vec<ServerPin>,
    /// True if whoever takes it insists on plain HTTP; it is not part of the text.
    pub insecure_http: bool,
}

impl Invitation {
    /// An invitation typed by hand.
    ///
    /// # Errors
    /// [`Error::BadInvitation`] unless `server` is an HTTP address and `secret` is there.
    pub fn new(server: &str, secret: &str) -> Result<Self> {
        let (server, secret) = (server.trim().trim_end_matches('/'), secret.trim());
        let host = server.strip_prefix("https://").or_else(|| server.strip_prefix("http://"));
        if host.is_none_or(str::is_empty) {
            return Err(Error::BadInvitation(Rule::ServerAddressForm));
        }
        if secret.is_empty() {
            return Err(Error::BadInvitation(Rule::InviteSecretMissing));
        }
        Ok(Self {
            server: server.to_owned(),
            secret: secret.to_owned(),
            key: None,
            mandate: None,
            pins: Vec::new(),
            insecure_http: false,
        })
    }

    /// What the person may do, if the invitation says it; checked against the server's key.
    ///
    /// # Errors
    /// [`Error::BadInvitation`] if the server did not sign it.
    pub fn mandate(&self) -> Result<Option<(Mandate, ServerKey)>> {
        match (&self.mandate, self.key) {
            (Some(mandate), Some(key)) => Ok(Some((mandate.read(&self.server, &self.secret, &key)?, key))),
            (Some(_), None) => Err(Error::BadInvitation(Rule::ServerKeyMissing)),
            (None, _) => Ok(None),
        }
    }

    /// The server's address with the keys that it may have.
    #[must_use]
    pub fn address(&self) -> Address {
        let Self { server, pins, insecure_http, .. } = self;
        Address { pins: pins.clone(), insecure_http: *insecure_http, ..Address::from(server) }
    }

    /// The invitation as text, for a QR code; it holds the secret.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut query = Serializer::new(PREFIX.to_owned());
        query.append_pair("server", &self.server).append_pair("invite", &self.secret);
        if let Some(key) = &self.key {
            query.append_pair("key", &key.to_string());
        }
        if let Some(mandate) = &self.mandate {
            query.append_pair("mandate", &mandate.to_text());
        }
        for pin in &self.pins {
            query.append_pair("pin", &pin.to_string());
        }
        query.finish()
    }
}

impl FromStr for Invitation {
    type Err = Error;

    /// Parts that this version does not know are passed over.
    fn from_str(text: &str) -> Result<Self> {
        let query = text.trim().strip_prefix(PREFIX).ok_or(Error::BadInvitation(Rule::InvitationForm))?;
        let part = |wanted: &str| {
            parse(query.as_bytes()).find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
        };
        let server = part("server").ok_or(Error::BadInvitation(Rule::ServerAddressMissing))?;
        let secret = part("invite").ok_or(Error::BadInvitation(Rule::InviteSecretMissing))?;
        let key = part("key").map(|key| key.parse()).transpose();
        let key = key.map_err(|_| Error::BadInvitation(Rule::ServerKeyForm))?;
        let mandate = part("mandate").map(|text| SignedMandate::from_text(&text));
        if mandate == Some(None) {
            return Err(Error::BadInvitation(Rule::InvitationCut));
        }
        let pins = parse(query.as_bytes()).filter(|(name, _)| name == "pin");
        let pins = pins.map(|(_, pin)| pin.parse()).collect::<Result<_>>()?;
        Ok(Self { key, mandate: mandate.flatten(), pins, ..Self::new(&server, &secret)? })
    }
}

/// Without the secret.
impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invitation").field("server", &self.server).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Instant;
    use crate::model::Person;
    use crate::sync::statement::public_key;

    #[test]
    fn an_invitation_is_read_from_its_text() {
        let key = "ab".repeat(32);
        let text = format!(
            "gridbook://enrol?server=https://grid.example:8443/%E7%94%B2&invite=s%26e&key={key}&new=1"
        );
        let invitation: Invitation = text.parse().unwrap();
        let expected = Invitation::new("https://grid.example:8443/甲/", " s&e ").unwrap();
        assert_eq!(invitation, Invitation { key: Some(ServerKey([0xab; 32])), ..expected });
        assert!(!format!("{invitation:?}").contains("s&e"), "the secret stays out of logs");
        assert_eq!(invitation.to_text().parse::<Invitation>().unwrap(), invitation);
    }

    #[test]
    fn a_mandate_counts_for_its_own_invitation_alone() {
        let mandate = Mandate {
            person: Person { id: "p1".into(), name: "测试员甲".into() },
            grants: Vec::new(),
            scopes: Vec::new(),
            zone_minutes: 480,
            expires: Instant(7),
        };
        let plain = Invitation::new("https://grid.example", "abcd").unwrap();
        let signed = SignedMandate::new(&mandate, &plain.server, &plain.secret, &[9; 32]).unwrap();
        let key = public_key(&[9; 32]);
        let whole = Invitation { key: Some(key), mandate: Some(signed), ..plain };
        let whole: Invitation = whole.to_text().parse().unwrap();
        assert_eq!(whole.mandate().unwrap(), Some((mandate, key)));
        let others = [
            Invitation { server: "https://other.example".into(), ..whole.clone() },
            Invitation { secret: "abce".into(), ..whole.clone() },
            Invitation { key: Some(public_key(&[8; 32])), ..whole.clone() },
            Invitation { key: None, ..whole.clone() },
        ];
        for other in others {
            assert!(matches!(other.mandate(), Err(Error::BadInvitation(_))), "{other:?}");
        }
        let text = whole.to_text();
        for cut in 1..150 {
            let cut = text[..text.len() - cut].parse::<Invitation>().and_then(|cut| cut.mandate());
            assert!(cut.is_err(), "a mandate that was cut short is none");
        }
    }

    #[test]
    fn pins_travel_with_the_invitation() {
        let pins = vec![ServerPin([1; 32]), ServerPin([2; 32])];
        let invitation = Invitation::new("https://grid.example", "s").unwrap();
        let invitation = Invitation { pins: pins.clone(), ..invitation };
        let read: Invitation = invitation.to_text().parse().unwrap();
        assert_eq!(read.address().pins, pins);
        let broken = format!("{}00", invitation.to_text());
        assert!(broken.parse::<Invitation>().is_err(), "an unreadable pin is never passed over");
    }

    #[test]
    fn what_is_no_invitation_says_what_is_missing() {
        let rule = |text: &str| match text.parse::<Invitation>() {
            Err(Error::BadInvitation(rule)) => rule,
            other => panic!("{other:?}"),
        };
        assert_eq!(rule("https://grid.example"), Rule::InvitationForm);
        assert_eq!(rule("gridbook://enrol?invite=x"), Rule::ServerAddressMissing);
        assert_eq!(rule("gridbook://enrol?server=https://g.example&invite="), Rule::InviteSecretMissing);
        assert_eq!(rule("gridbook://enrol?server=ftp://g.example&invite=x"), Rule::ServerAddressForm);
    }
}
