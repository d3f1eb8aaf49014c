//! How a phone gets its place: an invitation, with or without a network.

use gridbook_core::clock::Surroundings;
use gridbook_core::sync::http::HttpServer;
use gridbook_core::sync::invitation::Invitation;

use super::WorkbookHandle;
use crate::call::{Crossing, call};
use crate::exchange::elsewhere;
use crate::mirror::{InvitationPreview, Joining};

#[uniffi::export]
impl WorkbookHandle {
    /// Takes an invitation, as its QR code reads: trades it for this phone's place, or begins to work on it where
    /// there is no network and it is signed. `status` tells which. `label` is what the administrator's list calls
    /// this phone.
    pub async fn join(&self, invitation: String, label: String) -> Crossing<()> {
        elsewhere(|| {
            let workbook = self.workbook.clone();
            async move {
                let invitation: Invitation = invitation.parse()?;
                let server = HttpServer::new(invitation.address(), None, Surroundings::system())?;
                Ok(workbook.join(&server, &invitation, &label).await?)
            }
        })
        .await
    }

    /// Begins to work on a signed invitation without asking for a network; the next exchange trades it.
    pub fn begin_offline(&self, invitation: String, label: String) -> Crossing<Joining> {
        self.with(|workbook| workbook.begin(&invitation.parse()?, &label).map(Into::into))
    }
}

/// What an invitation says, to show before it is taken.
#[uniffi::export]
pub fn read_invitation(text: String) -> Crossing<InvitationPreview> {
    call(|| {
        let invitation: Invitation = text.parse()?;
        let mandate = invitation.mandate()?.map(|(mandate, _)| mandate);
        Ok::<_, gridbook_core::Error>(InvitationPreview {
            pinned: !invitation.pins.is_empty(),
            server: invitation.server,
            person: mandate.as_ref().map(|mandate| mandate.person.name.clone()),
            expires: mandate.map(|mandate| mandate.expires),
        })
    })
}
