//! An invitation as a phone takes it: a QR code's text, or typed by hand. `gridbook-server invite` writes it.

use std::fmt;
use std::str::FromStr;

use form_urlencoded::{Serializer, parse};

use crate::error::{Error, Result};

/// What every invitation's text begins with.
const PREFIX: &str = "gridbook://enrol?";

/// What a phone needs to ask for its place: `gridbook://enrol?server=…&invite=…&key=…`.
#[derive(Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The server's address, such as `https://grid.example`.
    pub server: String,
    /// The secret that is traded for a place, once.
    pub secret: String,
    /// The server's key as the server writes it, where the invitation carries one.
    pub key: Option<String>,
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
            return Err(Error::BadInvitation("the server's address begins with https:// or http://"));
        }
        if secret.is_empty() {
            return Err(Error::BadInvitation("the invite secret is missing"));
        }
        Ok(Self { server: server.to_owned(), secret: secret.to_owned(), key: None })
    }

    /// The invitation as text, for a QR code; it holds the secret.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut query = Serializer::new(PREFIX.to_owned());
        query.append_pair("server", &self.server).append_pair("invite", &self.secret);
        if let Some(key) = &self.key {
            query.append_pair("key", key);
        }
        query.finish()
    }
}

impl FromStr for Invitation {
    type Err = Error;

    /// Parts that this version does not know are passed over.
    fn from_str(text: &str) -> Result<Self> {
        let query = text
            .trim()
            .strip_prefix(PREFIX)
            .ok_or(Error::BadInvitation("it reads gridbook://enrol?server=…&invite=…"))?;
        let part = |wanted: &str| {
            parse(query.as_bytes()).find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
        };
        let server = part("server").ok_or(Error::BadInvitation("the server's address is missing"))?;
        let secret = part("invite").ok_or(Error::BadInvitation("the invite secret is missing"))?;
        Ok(Self { key: part("key"), ..Self::new(&server, &secret)? })
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

    #[test]
    fn an_invitation_is_read_from_its_text() {
        let text = "gridbook://enrol?server=https://grid.example:8443/%E7%94%B2&invite=s%26e&key=ab12&new=1";
        let invitation: Invitation = text.parse().unwrap();
        let expected = Invitation::new("https://grid.example:8443/甲/", " s&e ").unwrap();
        assert_eq!(invitation, Invitation { key: Some("ab12".into()), ..expected });
        assert!(!format!("{invitation:?}").contains("s&e"), "the secret stays out of logs");
        assert_eq!(invitation.to_text().parse::<Invitation>().unwrap(), invitation);
    }

    #[test]
    fn what_is_no_invitation_says_what_is_missing() {
        let rule = |text: &str| match text.parse::<Invitation>() {
            Err(Error::BadInvitation(rule)) => rule,
            other => panic!("{other:?}"),
        };
        assert!(rule("https://grid.example").starts_with("it reads"));
        assert!(rule("gridbook://enrol?invite=x").contains("address is missing"));
        assert!(rule("gridbook://enrol?server=https://g.example&invite=").contains("secret"));
        assert!(rule("gridbook://enrol?server=ftp://g.example&invite=x").contains("https://"));
    }
}
