//! Invitations, grants and tokens: given and taken back.

use std::fmt;

use gridbook_core::clock::Instant;
use gridbook_core::id::{DeviceId, PersonId, ScopeId};
use gridbook_core::model::{Grant, Role, fits};
use gridbook_core::sync::address::ServerPin;
use gridbook_core::sync::invitation;
use gridbook_core::sync::mandate::{Mandate, SignedMandate};
use gridbook_core::sync::statement;

use super::{Admin, name};
use crate::db::{Edit, InviteRow, TokenRow};
use crate::error::{Error, Result};
use crate::service::secret_hash;

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// An invitation, shown once.
#[derive(Clone)]
pub struct Invitation {
    /// The secret.
    pub secret: String,
    /// Until when it holds.
    pub expires: Instant,
    /// What the person may do meanwhile.
    mandate: Mandate,
    /// The key that signs it.
    signing_key: [u8; 32],
}

impl Invitation {
    /// The one line that a phone takes, pinning no key.
    ///
    /// # Errors
    /// [`Error::Admin`] if the address is no HTTP address.
    pub fn payload(&self, address: &str) -> Result<String> {
        self.pinned_payload(address, &[])
    }

    /// The one line that a phone takes, as text or QR; `address` is where the phone reaches the server, `pins` the
    /// keys that it may have there.
    ///
    /// # Errors
    /// [`Error::Admin`] if the address is no HTTP address.
    pub fn pinned_payload(&self, address: &str, pins: &[ServerPin]) -> Result<String> {
        let invitation = invitation::Invitation::new(address, &self.secret);
        let mut invitation = invitation.map_err(|error| Error::admin(error.to_string()))?;
        invitation.key = Some(statement::public_key(&self.signing_key));
        let (server, secret) = (&invitation.server, &invitation.secret);
        invitation.mandate = Some(SignedMandate::new(&self.mandate, server, secret, &self.signing_key)?);
        invitation.pins = pins.to_vec();
        Ok(invitation.to_text())
    }
}

/// Without the secrets.
impl fmt::Debug for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invitation").field("expires", &self.expires).finish_non_exhaustive()
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
        self.require_device(device).await?;
        self.edit(Edit::RevokeDevice(device.clone())).await
    }

    /// Invites a person for `days`: one device may enrol with it, once.
    ///
    /// # Errors
    /// [`Error::Admin`] if there is no such person, or the days are out of range.
    pub async fn invite(&self, person: &PersonId, days: u32) -> Result<Invitation> {
        self.invite_for(person, days, None).await
    }

    /// Invites a person's new phone; using the invitation revokes the old one.
    ///
    /// # Errors
    /// [`Error::Admin`] if the device is not this person's, or the days are out of range.
    pub async fn invite_instead(&self, person: &PersonId, days: u32, old: &DeviceId) -> Result<Invitation> {
        let device = self.service.database().device(old).await?;
        if device.is_none_or(|device| device.person != *person) {
            return Err(Error::admin(format!("device {old}: this person has none with this id")));
        }
        self.invite_for(person, days, Some(old.clone())).await
    }

    async fn invite_for(
        &self,
        person: &PersonId,
        days: u32,
        replaces: Option<DeviceId>,
    ) -> Result<Invitation> {
        let expires = self.after(days)?;
        // Short enough to be typed from a slip of paper: 100 bits in five groups of four.
        let secret = self.secret::<13>(20);
        let groups: Vec<&str> = (0..5).filter_map(|group| secret.get(group * 4..group * 4 + 4)).collect();
        let secret = groups.join("-");
        let mandate = self.service.mandate(&self.find_person(person.as_str()).await?, expires).await?;
        let invite = InviteRow { hash: secret_hash(&secret), person: person.clone(), expires, replaces };
        self.edit(Edit::Invite(invite)).await?;
        Ok(Invitation { secret, expires, mandate, signing_key: self.service.identity().signing_key })
    }

    /// Takes back a person's invitations that nobody has used; false if there are none.
    ///
    /// # Errors
    /// Only what the database says.
    pub async fn revoke_invites(&self, person: &PersonId) -> Result<bool> {
        self.edit(Edit::RevokeInvites(person.clone())).await
    }

    /// Lets a phone open its locked data within a day: after too many wrong PINs, which forgets its PIN, or a
    /// revoked one so that it can hand in what it had not sent.
    ///
    /// # Errors
    /// [`Error::Admin`] if there is no such device.
    pub async fn release(&self, device: &DeviceId) -> Result<()> {
        self.require_device(device).await?;
        self.edit(Edit::Release(device.clone())).await.map(drop)
    }

    async fn require_device(&self, device: &DeviceId) -> Result<()> {
        let known = self.service.database().device(device).await?;
        known.map(drop).ok_or_else(|| Error::admin(format!("device {device}: there is none with this id")))
    }

    /// Ends everything a person has, in one transaction: roles, phones, invitations, tokens. What they wrote
    /// stays; what their phones have not sent goes to the lead's box. False if there was nothing to end.
    ///
    /// # Errors
    /// Only what the database says.
    pub async fn dismiss(&self, person: &PersonId) -> Result<bool> {
        self.edit(Edit::Dismiss(person.clone())).await
    }

    /// Sets how many hours without contact the phones of a community keep their data open.
    ///
    /// # Errors
    /// [`Error::Admin`] if it is no community, or the hours are out of range.
    pub async fn set_lease(&self, community: &ScopeId, hours: u32) -> Result<()> {
        if self.find_scope(community.as_str()).await?.parent.is_some() {
            return Err(Error::admin("lease: it is set for a whole community"));
        }
        if !(1..=2_160).contains(&hours) {
            return Err(Error::admin("hours: from 1 to 2160, which is 90 days"));
        }
        self.edit(Edit::SetLease(community.clone(), hours)).await.map(drop)
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
