//! `people`: who there is, with their roles, phones and tokens.

use clap::{Args, Subcommand};
use gridbook_core::clock::Zone;
use gridbook_core::model::Role;
use serde::Serialize;
use serde_json::json;

use super::Context;
use super::context::minute;
use super::grant::{role, role_words};
use crate::db::{Contact, Roll};
use crate::error::Result;
use crate::service::Service;

/// Add people, list them with their roles, phones and tokens, give a lead a token.
#[derive(Debug, Args)]
pub(super) struct People {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Add a person, with a first role if one is named.
    Add {
        /// Their name as screens show it.
        name: String,
        /// A role; needs --scope.
        #[arg(long, value_parser = role, requires = "scope", help = role_words())]
        role: Option<Role>,
        /// Where: a scope's id, or a name that only one scope has.
        #[arg(long, requires = "role")]
        scope: Option<String>,
    },
    /// List everyone.
    List,
    /// Make a bearer token for a lead's programs, shown only now: curl -H "Authorization: Bearer TOKEN"
    /// SERVER/v1/records.
    Token {
        /// Whose: an id, or a name that only one person has.
        person: String,
        /// What it is for.
        #[arg(long, default_value = "records")]
        label: String,
        /// For how many days it holds.
        #[arg(long, default_value_t = 90)]
        days: u32,
    },
}

#[derive(Serialize)]
struct Listed {
    id: String,
    name: String,
    grants: Vec<serde_json::Value>,
    devices: Vec<serde_json::Value>,
    tokens: Vec<serde_json::Value>,
    #[serde(skip)]
    lines: Vec<String>,
}

impl People {
    pub(super) async fn run(self, context: &Context) -> Result<()> {
        let server = context.open().await?;
        let admin = server.admin();
        match self.what {
            What::Add { name, role, scope } => {
                let scope = match &scope {
                    Some(scope) => Some(admin.find_scope(scope).await?.id),
                    None => None,
                };
                let person = admin.add_person(&name).await?;
                if let (Some(role), Some(scope)) = (role, &scope) {
                    admin.grant(&person, role, scope).await?;
                }
                context.print(&json!({ "id": person }), [format!("{person}  {}", name.trim())])
            }
            What::List => {
                let listed = list(admin.roll().await?, server.service());
                let lines: Vec<_> = listed.iter().flat_map(|person| person.lines.clone()).collect();
                context.print(&listed, lines)
            }
            What::Token { person, label, days } => {
                let person = admin.find_person(&person).await?;
                let token = admin.token(&person.id, &label, days).await?;
                context.print(&json!({ "person": person.id, "token": token }), [token])
            }
        }
    }
}

fn list(roll: Roll, service: &Service) -> Vec<Listed> {
    let zone = service.zone();
    let scope_name = |id: &gridbook_core::id::ScopeId| {
        roll.scopes.iter().find(|scope| scope.id == *id).map_or(id.0.clone(), |scope| scope.name.clone())
    };
    let mut listed = Vec::new();
    for person in &roll.people {
        let mut lines = vec![format!("{}  {}", person.id, person.name)];
        let grants = roll.grants.iter().filter(|row| row.person == person.id && row.revoked.is_none());
        let grants: Vec<_> = grants.map(|row| &row.grant).collect();
        lines.extend(grants.iter().map(|grant| {
            format!("    {} in {} ({})", grant.role.as_str(), scope_name(&grant.scope), grant.scope)
        }));
        let devices: Vec<_> = roll.devices.iter().filter(|device| device.person == person.id).collect();
        lines.extend(devices.iter().map(|device| {
            let state = if device.revoked.is_some() { ", revoked" } else { "" };
            let since = minute(zone, device.enrolled);
            let contact = device.contact.as_ref().map_or(String::new(), |contact| told(zone, contact));
            format!("    phone {} {} since {since}{contact}{state}", device.id, device.label)
        }));
        let tokens: Vec<_> = roll.tokens.iter().filter(|token| token.person == person.id).collect();
        lines.extend(tokens.iter().map(|token| {
            let state = if token.revoked.is_some() { ", revoked" } else { "" };
            format!("    token {} {} until {}{state}", token.id(), token.label, minute(zone, token.expires))
        }));
        listed.push(Listed {
            id: person.id.0.clone(),
            name: person.name.clone(),
            grants: grants.iter().map(|grant| json!(grant)).collect(),
            devices: devices
                .iter()
                .map(|device| {
                    json!({
                        "id": device.id,
                        "label": device.label,
                        "enrolled": device.enrolled,
                        "revoked": device.revoked,
                        "contact": device.contact.as_ref().map(|contact| {
                            json!({ "at": contact.at, "app": contact.app, "unsent": contact.unsent })
                        }),
                    })
                })
                .collect(),
            tokens: tokens
                .iter()
                .map(|token| {
                    json!({
                        "id": token.id(),
                        "label": token.label,
                        "expires": token.expires,
                        "revoked": token.revoked,
                    })
                })
                .collect(),
            lines,
        });
    }
    listed
}

/// What a phone's last contact told: when, to the hour, with which app, and what stayed on it.
fn told(zone: Zone, contact: &Contact) -> String {
    let app = contact.app.as_ref().map_or(String::new(), |app| format!(" with {app}"));
    let unsent = contact.unsent.map_or(String::new(), |unsent| format!(", {unsent} unsent"));
    format!(", in touch in the hour from {}{app}{unsent}", minute(zone, contact.at))
}
