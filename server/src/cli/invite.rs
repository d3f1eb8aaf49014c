//! `invite`: a secret for one phone.

use std::path::PathBuf;

use clap::Args;
use gridbook_core::id::DeviceId;
use serde_json::json;

use super::Context;
use super::context::minute;
use crate::config::LISTEN;
use crate::error::Result;
use crate::tls::{self, Files};

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
    /// Where the phone reaches this server; this machine if nothing is said.
    #[arg(long, value_name = "URL", env = "GRIDBOOK_ADDRESS")]
    server: Option<String>,
    /// The certificate that the server speaks TLS with, if `init --tls` did not make it. The invitation pins its
    /// key: a certificate renewed with another key would shut the phone out.
    #[arg(long, value_name = "FILE", env = "GRIDBOOK_TLS_CERT")]
    tls_cert: Option<PathBuf>,
    /// Pin no key: the phone trusts whom its certificate authorities vouch for.
    #[arg(long, conflicts_with = "tls_cert")]
    unpinned: bool,
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
        let files = match self.tls_cert {
            Some(certificate) => Some(Files { certificate, key: context.data().join(tls::KEY) }),
            None => Files::in_data(context.data()),
        };
        let scheme = if files.is_some() { "https" } else { "http" };
        let address = self.server.unwrap_or_else(|| format!("{scheme}://{LISTEN}"));
        let files = files.filter(|_| address.starts_with("https://") && !self.unpinned);
        let pins = files.map_or(Ok(Vec::new()), |files| files.pins(context.data()))?;
        let payload = invitation.pinned_payload(&address, &pins)?;
        let until = minute(server.service().zone(), invitation.expires);
        let result = json!({
            "person": person.id,
            "secret": invitation.secret,
            "server": address,
            "pins": pins,
            "key": server.service().signing_key(),
            "expires": invitation.expires,
            "payload": payload,
        });
        let mut lines = vec![
            format!("An invitation for {}, until {until}, for one phone:", person.name),
            format!("  server  {address}"),
            format!("  code    {}", invitation.secret),
        ];
        lines.extend(pins.iter().map(|pin| format!("  pin     {pin}")));
        lines.push(format!("  {payload}"));
        context.print(&result, lines)
    }
}
