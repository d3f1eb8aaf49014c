//! `POST /v1/enrol`: an invitation becomes a device's place.

use gridbook_core::id::DeviceId;
use gridbook_core::sync::protocol::{EnrolRequest, EnrolResponse, FailureCode};
use sha2::{Digest, Sha256};

use super::{Service, require_version};
use crate::db::{Device, Enrolled, Enrolling};
use crate::error::{Error, Result};

/// A device's name for itself, in characters: a line in the administrator's list.
const LABEL_LIMIT: usize = 60;

/// What a phone calls itself, as it is kept. The console's own name is nobody's: whoever had it would be in no list of
/// phones, and could not be shut out there.
fn label_of(asked: &str) -> String {
    let label: String = asked.chars().filter(|c| !c.is_control()).take(LABEL_LIMIT).collect();
    if label == Device::CONSOLE { String::new() } else { label }
}

impl Service {
    /// Trades an invitation for a place among the devices; the same device may ask again.
    ///
    /// # Errors
    /// [`Error::Refused`]: unknown, used or expired invitation, another device's actor, a revoked device.
    pub async fn enrol(&self, request: EnrolRequest) -> Result<EnrolResponse> {
        require_version(request.protocol)?;
        if !request.key.is_sound() {
            return Err(Error::refused(FailureCode::BadRequest, "key: not a public key of its algorithm"));
        }
        let enrolling = Enrolling {
            invite: secret_hash(&request.invite),
            device: DeviceId::new(&self.surroundings),
            key: request.key,
            actor: request.actor,
            label: label_of(&request.label),
            at: self.surroundings.now(),
        };
        let refused = |code, detail: &str| Err(Error::refused(code, detail));
        let device = match self.db.enrol(enrolling).await? {
            Enrolled::Done(device) => self.active(&device.id).await?,
            Enrolled::Unknown => {
                return refused(FailureCode::InviteUnknown, "no such invitation; ask for a new one");
            }
            Enrolled::Used => {
                return refused(
                    FailureCode::InviteUsed,
                    "another device used the invitation; ask for a new one",
                );
            }
            Enrolled::Revoked => {
                return refused(
                    FailureCode::InviteRevoked,
                    "the invitation was taken back; ask for a new one",
                );
            }
            Enrolled::Expired => {
                return refused(FailureCode::InviteExpired, "the invitation has expired; ask for a new one");
            }
            Enrolled::ForeignActor => {
                return refused(
                    FailureCode::ForeignActor,
                    "the actor belongs to another device; take a new one",
                );
            }
        };
        let access = self.access(&device.person).await?;
        Ok(EnrolResponse {
            device: device.id,
            person: device.person,
            grants: access.grants(),
            directory: self.directory(&access).await?,
            server: Some(self.signing_key()),
            terms: Some(self.terms(&access, &device.key, device.key.as_bytes()).await?),
        })
    }
}

/// What the database keeps of a secret.
pub(crate) fn secret_hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.trim().as_bytes()).into()
}
