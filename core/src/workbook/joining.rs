//! How a phone gets its place: by trading an invitation, or by beginning on a signed one without a network
//! and trading it at the first contact.

use super::Workbook;
use super::enrolment::{Enrolment, Invited, Joining, Profile, ServerKeys};
use super::guard::{Desk, Guarded};
use crate::error::{Error, Result};
use crate::id::{PersonId, ServerKey};
use crate::model::{Directory, Rule};
use crate::sync::address::Address;
use crate::sync::invitation::Invitation;
use crate::sync::protocol::{EnrolRequest, EnrolResponse, FailureCode, SyncProtocol, Terms, VERSION};

/// The refusals that a new invitation alone can mend.
const SPENT: [FailureCode; 4] = [
    FailureCode::InviteUnknown,
    FailureCode::InviteUsed,
    FailureCode::InviteExpired,
    FailureCode::InviteRevoked,
];

impl Workbook {
    /// Trades an invitation for this phone's place. `server` is kept for later exchanges. A phone that is
    /// enrolled already keeps everything it holds.
    ///
    /// # Errors
    /// [`Error::Refused`] with the server's word, [`Error::Offline`], or [`Error::BadInvitation`] if the answer
    /// is not from the server that this phone knows.
    pub async fn enrol<P: SyncProtocol>(
        &self,
        protocol: &P,
        server: impl Into<Address>,
        invite: &str,
        label: &str,
    ) -> Result<Enrolment> {
        let known = self.profile().server.map(|known| known.signing);
        self.trade(protocol, server, invite, label, known).await
    }

    /// Takes an invitation: trades it for this phone's place, or begins to work on it where there is no network
    /// and it carries a mandate. [`Workbook::joining`] tells which.
    ///
    /// # Errors
    /// As [`Workbook::enrol`] and [`Workbook::begin`]; [`Error::Offline`] if it carries no mandate.
    pub async fn join<P: SyncProtocol>(
        &self,
        protocol: &P,
        invitation: &Invitation,
        label: &str,
    ) -> Result<()> {
        let known = self.profile().server.map(|known| known.signing).or(invitation.key);
        match self.trade(protocol, invitation.address(), &invitation.secret, label, known).await {
            Err(error) if error.is_transient() && invitation.mandate.is_some() => {
                self.begin(invitation, label).map(drop)
            }
            traded => traded.map(drop),
        }
    }

    /// Begins to work on a signed invitation, without a network: the phone knows from it whose it is and what
    /// that person may write. [`Workbook::complete`] trades it at the first contact.
    ///
    /// # Errors
    /// [`Error::BadInvitation`] if it carries no mandate, is not signed by its server, has expired by this
    /// phone's clock, or is another person's or server's than this phone works for.
    pub fn begin(&self, invitation: &Invitation, label: &str) -> Result<Joining> {
        let (mandate, key) = invitation.mandate()?.ok_or(Error::BadInvitation(Rule::MandateMissing))?;
        if mandate.expires <= self.shared.surroundings.now() {
            return Err(Error::BadInvitation(Rule::InvitationExpired));
        }
        let joining = Joining {
            address: invitation.address(),
            person: mandate.person.id.clone(),
            expires: mandate.expires,
            refused: None,
        };
        self.change_profile(|edit, profile| {
            require_same(profile, Some(key), &mandate.person.id)?;
            if profile.enrolment.is_none() {
                profile.grants = mandate.grants;
                profile.directory = Directory {
                    scopes: mandate.scopes,
                    people: vec![mandate.person],
                    zone_minutes: mandate.zone_minutes,
                    ..Directory::default()
                };
            }
            let sealing = profile.server.and_then(|known| known.sealing);
            profile.server = Some(ServerKeys { signing: key, sealing });
            profile.invited = Some(Invited {
                joining: joining.clone(),
                invite: invitation.secret.clone(),
                label: label.to_owned(),
            });
            profile.store(edit.writer)
        })?;
        Ok(joining)
    }

    /// Trades the invitation that this phone began on. Whatever the server says, nothing recorded is touched;
    /// after a refusal that only a new invitation can mend, [`Workbook::joining`] says so.
    ///
    /// # Errors
    /// [`Error::NotEnrolled`] if it began on none; otherwise as [`Workbook::enrol`].
    pub async fn complete<P: SyncProtocol>(&self, protocol: &P) -> Result<Enrolment> {
        self.turn().await?.complete(protocol).await
    }

    pub(super) async fn complete_in_turn<P: SyncProtocol>(&self, protocol: &P) -> Result<Enrolment> {
        let profile = self.profile();
        let Invited { joining, invite, label } = profile.invited.clone().ok_or(Error::NotEnrolled)?;
        let known = profile.server.map(|known| known.signing);
        let traded = self.trade(protocol, joining.address.clone(), &invite, &label, known).await;
        if let Err(Error::Refused { code, .. }) = &traded
            && SPENT.iter().any(|spent| spent.as_str() == code)
        {
            let joining = Joining { refused: Some(code.clone()), ..joining };
            self.change_profile(|edit, profile| {
                profile.invited = Some(Invited { joining, invite, label });
                profile.store(edit.writer)
            })?;
        }
        traded
    }

    /// The invitation that this phone works on while it has no place yet.
    #[must_use]
    pub fn joining(&self) -> Option<Joining> {
        self.profile().invited.as_ref().map(|invited| invited.joining.clone())
    }

    /// Whose phone it is or is going to be.
    #[must_use]
    pub fn person(&self) -> Option<PersonId> {
        self.profile().person().ok().cloned()
    }

    async fn trade<P: SyncProtocol>(
        &self,
        protocol: &P,
        server: impl Into<Address>,
        invite: &str,
        label: &str,
        known: Option<ServerKey>,
    ) -> Result<Enrolment> {
        let key = self.profile().signer.key();
        let ask = || EnrolRequest {
            protocol: VERSION,
            invite: invite.to_owned(),
            key,
            actor: self.profile().actor,
            label: label.to_owned(),
        };
        let response = match protocol.enrol(ask()).await {
            // The key that it was enrolled under is not this phone's, or not any more: who writes on is a new actor.
            Err(Error::Refused { code, .. }) if code == FailureCode::ForeignActor.as_str() => {
                self.change_profile(|edit, profile| {
                    profile.take_new_actor(edit.surroundings(), edit.writer)
                })?;
                protocol.enrol(ask()).await?
            }
            answer => answer?,
        };
        if known.is_some() && response.server != known {
            return Err(Error::BadInvitation(Rule::OtherServer));
        }
        require_same(&self.profile(), response.server, &response.person)?;
        if let (Some(server), Some(terms)) = (response.server, &response.terms)
            && !terms.hold(&server, &key, key.as_bytes())
        {
            return Err(Error::Protocol("the terms are not signed by the server".into()));
        }
        let terms = response.terms.clone();
        let enrolment = self.settle_in(server.into(), response)?;
        // Their question is the device's key, which is the same at every try.
        terms.map_or(Ok(()), |terms| self.note_contact(&terms, false))?;
        Ok(enrolment)
    }

    /// Tells the guard of a contact; the terms were checked, and `asked` says that they answer a question of just now.
    pub(super) fn note_contact(&self, terms: &Terms, asked: bool) -> Result<()> {
        let profile = self.profile();
        let (Some(Guarded { guard, key }), Some(place), Some(keys)) =
            (&self.shared.guarded, &profile.enrolment, profile.server)
        else {
            return Ok(());
        };
        guard.contact(key, Desk::new(place.address.clone(), &place.device, keys.signing), terms, asked)
    }

    /// Stores the place.
    fn settle_in(&self, address: Address, response: EnrolResponse) -> Result<Enrolment> {
        let enrolment = Enrolment { address, device: response.device, person: response.person };
        let keys = response.server.map(|signing| ServerKeys {
            signing,
            sealing: response.terms.as_ref().map(|terms| terms.sealing),
        });
        // Parcels of an earlier leave are another device's; what they hold is still in the database.
        self.unpack()?;
        self.change_profile(|edit, profile| {
            profile.enrolment = Some(enrolment.clone());
            profile.invited = None;
            profile.server = keys.or(profile.server);
            profile.withdrawn = None;
            profile.grants = response.grants;
            profile.directory = response.directory;
            profile.store(edit.writer)
        })?;
        Ok(enrolment)
    }
}

/// A phone that works for one person at one server takes no invitation of another: what it holds could go
/// nowhere.
fn require_same(profile: &Profile, key: Option<ServerKey>, person: &PersonId) -> Result<()> {
    if let (Some(known), Some(key)) = (profile.server, key)
        && known.signing != key
    {
        return Err(Error::BadInvitation(Rule::OtherServer));
    }
    if profile.person().is_ok_and(|known| known != person) {
        return Err(Error::BadInvitation(Rule::OtherPerson));
    }
    Ok(())
}
