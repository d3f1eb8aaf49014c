//! `release`: a locked phone may open again.

use clap::Args;
use gridbook_core::id::DeviceId;
use serde_json::json;

use super::Context;
use crate::error::Result;

/// Let a phone open its locked data at its next contact within 24 hours: one that was locked by ten wrong PINs,
/// which forgets its PIN, or one that was revoked while it was locked, so that it can hand in what it had not
/// sent. Make sure first who holds it.
#[derive(Debug, Args)]
pub(super) struct Release {
    /// The device's id; `people list` shows it.
    device: String,
}

impl Release {
    pub(super) async fn run(self, context: &Context) -> Result<()> {
        context.open().await?.admin().release(&DeviceId(self.device.clone())).await?;
        let line = format!("device {}: released for 24 hours", self.device);
        context.print(&json!({ "released": self.device }), [line])
    }
}
