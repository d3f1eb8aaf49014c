//! `box`: what revoked phones had not sent.

use clap::{Args, Subcommand};
use gridbook_core::id::DeviceId;
use serde_json::json;

use super::Context;
use super::context::minute;
use crate::error::Result;

/// Read what revoked phones had not sent, and accept it as the person's own. A phone hands it in sealed
/// before it wipes itself.
#[derive(Debug, Args)]
pub(super) struct LeadBox {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List what was handed in: device, person, when, size.
    List,
    /// Show the records and drafts that a phone handed in, as JSON; nothing changes by it.
    Open {
        /// The device's id.
        device: String,
    },
    /// Let the changes through the gate as the person's own records; drafts stay in the box.
    Accept {
        /// The device's id.
        device: String,
    },
}

impl LeadBox {
    pub(super) async fn run(self, context: &Context) -> Result<()> {
        let server = context.open().await?;
        let service = server.service();
        match self.what {
            What::List => {
                let people = server.admin().roll().await?.people;
                let name = |id: &gridbook_core::id::PersonId| {
                    people.iter().find(|person| person.id == *id).map_or(id.0.clone(), |it| it.name.clone())
                };
                let parcels = service.parcels().await?;
                let lines: Vec<_> = parcels
                    .iter()
                    .map(|parcel| {
                        let when = minute(service.zone(), parcel.at);
                        let state = if parcel.accepted.is_some() { ", accepted" } else { "" };
                        let (device, size) = (&parcel.device, parcel.size);
                        format!("{device}  {}  {when}  {size} bytes{state}", name(&parcel.person))
                    })
                    .collect();
                let rows: Vec<_> = parcels
                    .iter()
                    .map(|parcel| {
                        json!({
                            "device": parcel.device,
                            "person": parcel.person,
                            "at": parcel.at,
                            "size": parcel.size,
                            "accepted": parcel.accepted,
                        })
                    })
                    .collect();
                context.print(&rows, lines)
            }
            What::Open { device } => {
                let (records, drafts) = service.open_box(&DeviceId(device)).await?;
                let opened = json!({ "records": records, "drafts": drafts });
                context.print(&opened, [format!("{opened:#}")])
            }
            What::Accept { device } => {
                let accepted = service.accept_box(&DeviceId(device)).await?;
                let mut lines = vec![format!(
                    "{} changes accepted, {} were here already, {} refused",
                    accepted.accepted,
                    accepted.known,
                    accepted.refused.len()
                )];
                lines.extend(accepted.refused.iter().map(|(record, why)| format!("  {record}: {why}")));
                context.print(&accepted, lines)
            }
        }
    }
}
