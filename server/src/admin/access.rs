//! Invitations, grants and tokens: given and taken back.

use gridbook_core::clock::Instant;
use gridbook_core::id::{DeviceId, PersonId, ScopeId};
use gridbook_core::model::{Grant, Role, fits};
use gridbook_core::sync;

use super::{Admin, name};
use crate::db::{Edit, InviteRow, TokenRow};
use crate::error::{Error, Result};
use crate::service::secret_hash;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// An invitation, shown once.
#[derive(Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The secret.
    pub secret: String,
    /// Until when it holds.
    pub expires: Instant,
    /// The server's name for itself.
    pub server: String,
}

impl Invitation {
    /// The one line that a phone takes, as text or QR; `address` is where the phone reaches the server.
    ///
    /// # Errors
    /// [`Error::Admin`] if the address is no HTTP address.
    pub fn payload(&self, address: &str) -> Result<String> {
        let invitation = sync::invitation::Invitation::new(address, &self.secret);
        let mut invitation = invitation.map_err(|error| Error::admin(error.to_string()))?;
        invitation.key = Some(self.server.clone());
        Ok(invitation.to_text())
    }
}

impl Admin {
    /// Gives a person a role in a scope; false if they have it already. A role in a community holds in its
    /// grids and groups.
    ///
    /// # Errors
    /// [`Error::Admin`] if there is no such person or scope, or the role may not see what is in the scope.
    pub async fn grant(&self, person: &PersonId, role: Role, scope: &ScopeId) -> Result<bool> {
        let kind = self.find_scope(scope.as_str()).await?.kind;
        if !fits(role, kind) {
            let rule = "may not read what is kept there; choose a task group";
            return Err(Error::admin(format!("role {}: {rule}", role.as_str())));
        }
        self.edit(Edit::Grant(person.clone(), Grant { scope: scope.clone(), role })).await
    }

    /// Takes a role away; false if they had none. It holds from the next request on.
    ///
    /// # Errors
    /// Only what the database says.
    pub async fn revoke_grant(&self, person: &PersonId, role: Role, scope: &ScopeId) -> Result<bool> {
        self.edit(Edit::RevokeGrant(person.clone(), Grant { scope: scope.clone(), role })).await
    }

    /// Shuts a device out from the next request on; false if it was.
    ///
    /// # Errors
    /// [`Error::Admin`] if there is no such device.
    pub async fn revoke_device(&self, device: &DeviceId) -> Result<bool> {
        if self.service.database().device(device).await?.is_none() {
            return Err(Error::admin(format!("device {device}: there is none with this id")));
        }
        self.edit(Edit::RevokeDevice(device.clone())).await
    }

    /// Invites a person for `days`: one device may enrol with it, once.
    ///
    /// # Errors
    /// [`Error::Admin`] if there is no such person, or the days are out of range.
    pub async fn invite(&self, person: &PersonId, days: u32) -> Result<Invitation> {
        let expires = self.after(days)?;
        // Short enough to be typed from a slip of paper: 100 bits in five groups of four.
        let secret = self.secret::<13>(20);
        let groups: Vec<&str> = (0..5).filter_map(|group| secret.get(group * 4..group * 4 + 4)).collect();
        let secret = groups.join("-");
        let invite = InviteRow { hash: secret_hash(&secret), person: person.clone(), expires };
        self.edit(Edit::Invite(invite)).await?;
        Ok(Invitation { secret, expires, server: self.service.identity().server.clone() })
    }

    /// Makes a bearer token for a person that holds for `days`; the secret is shown once.
    ///
    /// # Errors
    /// [`Error::Admin`] if there is no such person, or the days are out of range.
    pub async fn token(&self, person: &PersonId, label: &str, days: u32) -> Result<String> {
        let expires = self.after(days)?;
        let secret = format!("gb_{}", self.secret::<32>(51));
        let token = TokenRow {
            hash: secret_hash(&secret),
            person: person.clone(),
            label: name(label)?,
            expires,
            revoked: None,
        };
        self.edit(Edit::AddToken(token)).await?;
        Ok(secret)
    }

    /// Takes a token back, named by the id that lists show; false if it was.
    ///
    /// # Errors
    /// [`Error::Admin`] if there is no such token.
    pub async fn revoke_token(&self, id: &str) -> Result<bool> {
        let tokens = self.roll().await?.tokens;
        let token = tokens.into_iter().find(|token| token.id() == id);
        let token = token.ok_or_else(|| Error::admin(format!("token {id}: there is none with this id")))?;
        self.edit(Edit::RevokeToken(token.hash)).await
    }

    fn after(&self, days: u32) -> Result<Instant> {
        if (1..=366).contains(&days) {
            Ok(self.now().plus_millis(i64::from(days) * DAY_MS))
        } else {
            Err(Error::admin("days: from 1 to 366"))
        }
    }

    /// `length` random characters without look-alikes.
    fn secret<const N: usize>(&self, length: usize) -> String {
        let random = self.service.surroundings().random::<N>();
        let mut text = data_encoding::BASE32_DNSSEC.encode(&random);
        text.truncate(length);
        text
    }
}
