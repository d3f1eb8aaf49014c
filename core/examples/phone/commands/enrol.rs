//! `enrol`: an invitation for a place at a server. Without a network the phone begins on its signed mandate.

use clap::Args;
use gridbook_core::clock::Surroundings;
use gridbook_core::sync::address::ServerPin;
use gridbook_core::sync::http::HttpServer;
use gridbook_core::sync::invitation::Invitation;

use super::status;
use crate::failure::Failure;
use crate::phone::Phone;
use crate::print::Output;

#[derive(Args)]
pub(crate) struct Enrol {
    /// The invitation as its QR code reads: gridbook://enrol?server=…&invite=…
    #[arg(value_name = "INVITATION", required_unless_present_all = ["server", "invite"], conflicts_with_all = ["server", "invite"])]
    invitation: Option<String>,
    /// The server's address, such as http://127.0.0.1:8080
    #[arg(long, requires = "invite")]
    server: Option<String>,
    /// The invite secret
    #[arg(long, requires = "server")]
    invite: Option<String>,
    /// A key that the server's certificate may have, as `gridbook-server invite` shows it; may be repeated
    #[arg(long, value_name = "PIN", requires = "server")]
    pin: Vec<ServerPin>,
    /// Talk to a server beyond this machine without encryption: anyone on the way can read along
    #[arg(long)]
    insecure_http: bool,
    /// What the administrator's list calls this phone
    #[arg(long, default_value = "terminal")]
    label: String,
}

impl Enrol {
    pub(crate) async fn run(self, phone: &Phone) -> Result<Output, Failure> {
        let invitation = match (self.invitation, self.server, self.invite) {
            (Some(text), _, _) => text.parse()?,
            (None, server, secret) => Invitation {
                pins: self.pin,
                ..Invitation::new(&server.unwrap_or_default(), &secret.unwrap_or_default())?
            },
        };
        let invitation = Invitation { insecure_http: self.insecure_http, ..invitation };
        let server = HttpServer::new(invitation.address(), None, Surroundings::system())?;
        phone.workbook.join(&server, &invitation, &self.label).await?;
        let mut output = status::show(phone)?;
        let told = if phone.workbook.joining().is_some() { "phone.joined_offline" } else { "phone.enrolled" };
        output.text = format!("{}\n{}", phone.speech.say(told), output.text);
        Ok(output)
    }
}
