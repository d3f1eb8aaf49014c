//! `POST /v1/unlock`: a locked phone asks for its database's key, which it sealed to the server before.

use gridbook_core::id::DeviceId;
use gridbook_core::sync::escrow::{self, Reason};
use gridbook_core::sync::protocol::{ASK_BYTES, FailureCode, UnlockRequest, UnlockResponse};

use super::{Service, require_version};
use crate::error::{Error, Result};

/// How long a release holds, in milliseconds, a day: an answer that was lost can be asked for again.
const RELEASE_MS: i64 = 24 * 60 * 60 * 1_000;

impl Service {
    /// Gives a device its key back. One that was revoked, or locked by too many wrong PINs, must have been
    /// released within the last day: a revoked one so that it can hand in what it had not sent.
    ///
    /// # Errors
    /// [`Error::Revoked`]; [`Error::Refused`] with `not_released`, or `bad_request` if the escrow is not this
    /// server's and device's.
    pub async fn unlock(&self, device: &DeviceId, request: UnlockRequest) -> Result<UnlockResponse> {
        require_version(request.protocol)?;
        let known = self.db.device(device).await?;
        let now = self.surroundings.now();
        let released =
            known.and_then(|known| known.released).is_some_and(|at| now < at.plus_millis(RELEASE_MS));
        let device = if released { self.known(device).await? } else { self.active(device).await? };
        let bad =
            |_| Error::refused(FailureCode::BadRequest, "the escrow is not this device's at this server");
        if request.ask.len() != ASK_BYTES {
            return Err(Error::refused(FailureCode::BadRequest, format!("ask: {ASK_BYTES} bytes")));
        }
        let (key, why) = escrow::open(&self.identity.box_key, &device.id, &request.escrow).map_err(bad)?;
        if why == Reason::Pin && !released {
            let detail = "too many wrong PINs; ask the administrator to release this phone";
            return Err(Error::refused(FailureCode::NotReleased, detail));
        }
        let access = self.access(&device.person).await?;
        tracing::info!(device = %device.id, ?why, "phone unlocked");
        Ok(UnlockResponse {
            sealed: escrow::give_back(&key, &request.reply, &device.id, &self.surroundings)?,
            terms: self.terms(&access, &device.key, &request.ask).await?,
        })
    }
}
