//! `revoke`: takes a device, a grant or a token back.

use clap::{Args, Subcommand};
use gridbook_core::id::DeviceId;
use gridbook_core::model::Role;
use serde_json::json;

use super::Context;
use super::grant::{role, role_words};
use crate::error::Result;

/// Take back a phone's place, a role or a token. It holds from the next request on.
#[derive(Debug, Args)]
pub(super) struct Revoke {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Shut out a lost or returned phone; `people list` shows the ids.
    Device {
        /// The device's id.
        device: String,
    },
    /// Take a role away; the person's phones drop the scope after their unsent work is safe.
    Grant {
        /// Who: an id, or a name that only one person has.
        person: String,
        #[arg(value_parser = role, help = role_words())]
        role: Role,
        /// Where: an id, a name that only one scope has, or COMMUNITY/NAME.
        scope: String,
    },
    /// Take back all of a person's invitations that nobody has used yet.
    Invites {
        /// Whose: an id, or a name that only one person has.
        person: String,
    },
    /// Take a token back; `people list` shows the ids.
    Token {
        /// The token's id, not its secret.
        token: String,
    },
}

impl Revoke {
    pub(super) async fn run(self, context: &Context) -> Result<()> {
        let admin = context.open().await?.admin();
        let (what, changed) = match self.what {
            What::Device { device } => {
                (format!("device {device}"), admin.revoke_device(&DeviceId(device.clone())).await?)
            }
            What::Grant { person, role, scope } => {
                let person = admin.find_person(&person).await?;
                let scope = admin.find_scope(&scope).await?;
                let changed = admin.revoke_grant(&person.id, role, &scope.id).await?;
                (format!("{} of {} in {}", role.as_str(), person.name, scope.name), changed)
            }
            What::Invites { person } => {
                let person = admin.find_person(&person).await?;
                (format!("invitations of {}", person.name), admin.revoke_invites(&person.id).await?)
            }
            What::Token { token } => (format!("token {token}"), admin.revoke_token(&token).await?),
        };
        let line = if changed { format!("{what}: revoked") } else { format!("{what}: nothing to revoke") };
        context.print(&json!({ "changed": changed }), [line])
    }
}
