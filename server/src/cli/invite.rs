//! `invite`: a secret for one phone.

use clap::Args;
use gridbook_core::id::DeviceId;
use serde_json::json;

use super::Context;
use super::context::minute;
use crate::config::LISTEN;
use crate::error::Result;

/// Invite a person's phone: one phone may enrol with the code, once. Hand it over in person; it is shown
/// only now.
#[derive(Debug, Args)]
pub(super) struct Invite {
    /// Whose phone: an id, or a name that only one person has.
    person: String,
    /// For how many days the invitation holds.
    #[arg(long, default_value_t = 7)]
    days: u32,
    /// The person's old phone, by its id: it is revoked as soon as the new one uses this invitation.
    #[arg(long, value_name = "DEVICE")]
    replaces: Option<String>,
    /// Where the phone reaches this server.
    #[arg(long, value_name = "URL", env = "GRIDBOOK_ADDRESS", default_value_t = format!("http://{LISTEN}"))]
    server: String,
}

impl Invite {
    pub(super) async fn run(self, context: &Context) -> Result<()> {
        let server = context.open().await?;
        let person = server.admin().find_person(&self.person).await?;
        let admin = server.admin();
        let invitation = match self.replaces {
            Some(old) => admin.invite_instead(&person.id, self.days, &DeviceId(old)).await?,
            None => admin.invite(&person.id, self.days).await?,
        };
        let payload = invitation.payload(&self.server)?;
        let until = minute(server.service().zone(), invitation.expires);
        let result = json!({
            "person": person.id,
            "secret": invitation.secret,
            "server": self.server,
            "key": server.service().signing_key(),
            "expires": invitation.expires,
            "payload": payload,
        });
        let lines = [
            format!("An invitation for {}, until {until}, for one phone:", person.name),
            format!("  server  {}", self.server),
            format!("  code    {}", invitation.secret),
            format!("  {payload}"),
        ];
        context.print(&result, lines)
    }
}
