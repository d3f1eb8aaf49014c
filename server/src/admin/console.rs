//! Who may log in to the console: a password, and the device that the console writes as for its person.

use gridbook_core::id::{DeviceId, PersonId};
use gridbook_core::key::{Signer, SoftwareKey};
use gridbook_core::model::Person;

use super::Admin;
use crate::db::{Device, Edit};
use crate::error::{Error, Result};
use crate::service::verifier;

impl Admin {
    /// Gives a person a password for the console, or a new one, which ends their sessions.
    ///
    /// # Errors
    /// [`Error::Admin`] if the password is too short or too simple, or the person has no role at the console.
    pub async fn set_console_password(&self, person: &Person, password: &str) -> Result<()> {
        if !self.service.access(&person.id).await?.sits_at_console() {
            return Err(Error::admin(format!(
                "person {}: the console is for leads, administrators and auditors; grant one of these roles first",
                person.id
            )));
        }
        if password == person.name {
            return Err(Error::admin("password: not the person's own name"));
        }
        let surroundings = self.service.surroundings();
        let password = password.to_owned();
        let made_in = surroundings.clone();
        let verifier = self.service.threads().run(move || verifier(&password, &made_in)).await??;
        // Nothing outside this server ever signs as the console: the secret half of the key is not kept
        // (docs/adr/0018-the-console-writes-as-a-device.md).
        let key = SoftwareKey::ed25519(&surroundings.random()).key();
        let device = Device {
            id: DeviceId::new(surroundings),
            person: person.id.clone(),
            key,
            label: Device::CONSOLE.to_owned(),
            enrolled: surroundings.now(),
            revoked: None,
            released: None,
            contact: None,
        };
        self.edit(Edit::OpenConsole(verifier, device)).await.map(drop)
    }

    /// Takes a person's second factor away, so that the password alone counts; false if they had none.
    ///
    /// # Errors
    /// Only what the database says.
    pub async fn remove_second_factor(&self, person: &PersonId) -> Result<bool> {
        self.edit(Edit::RemoveFactor(person.clone())).await
    }

    /// Takes a person's part at the console away, sessions included; false if they had none.
    ///
    /// # Errors
    /// Only what the database says.
    pub async fn close_console(&self, person: &PersonId) -> Result<bool> {
        self.edit(Edit::CloseConsole(person.clone())).await
    }
}
