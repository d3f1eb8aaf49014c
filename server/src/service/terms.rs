//! What the server signs: the terms on which a device holds data, and the mandates in invitations.

use gridbook_core::clock::Instant;
use gridbook_core::id::{BoxKey, ServerKey};
use gridbook_core::key::DeviceKey;
use gridbook_core::model::Person;
use gridbook_core::sync::mandate::Mandate;
use gridbook_core::sync::protocol::Terms;
use gridbook_core::sync::{sealing, statement};

use super::{Access, Service};
use crate::error::Result;

/// Hours without contact after which a phone locks, where the community says nothing: a long weekend.
const LEASE_HOURS: u32 = 72;

impl Service {
    /// The public half of the key that signs.
    #[must_use]
    pub fn signing_key(&self) -> ServerKey {
        statement::public_key(&self.identity.signing_key)
    }

    /// The public half of the key that opens what phones seal.
    #[must_use]
    pub fn box_key(&self) -> BoxKey {
        sealing::public_key(&self.identity.box_key)
    }

    /// The terms for one device, signed as the answer to what it asked with.
    pub(super) async fn terms(&self, access: &Access, device: &DeviceKey, ask: &[u8]) -> Result<Terms> {
        let hours = self.db.lease_hours(access.communities()).await?.unwrap_or(LEASE_HOURS);
        let now = self.surroundings.now();
        Ok(Terms::sign(now, hours, self.box_key(), device, ask, &self.identity.signing_key))
    }

    /// What `person` may do now, as an invitation says it.
    ///
    /// # Errors
    /// Only what the database says.
    pub async fn mandate(&self, person: &Person, expires: Instant) -> Result<Mandate> {
        let access = self.access(&person.id).await?;
        let held: Vec<_> = access.scopes().filter_map(|id| access.scope(id)).cloned().collect();
        Ok(Mandate {
            person: person.clone(),
            grants: access.grants(),
            scopes: held,
            zone_minutes: self.identity.zone_minutes,
            expires,
        })
    }
}
