//! `init`: a data folder with a community, its grids and task groups, and an administrator.

use clap::Args;
use gridbook_core::model::{Role, ScopeKind};
use serde::Serialize;

use super::Context;
use crate::error::{Error, Result};
use crate::tls;

/// Make a community, the five task groups, its grids and an administrator. In a folder that holds data
/// already, another community is added.
#[derive(Debug, Args)]
pub(super) struct Init {
    /// The community's name.
    #[arg(long, value_name = "NAME")]
    community: String,
    /// A grid's name; give it once for each grid. More can be added later with `scopes add`.
    #[arg(long, value_name = "NAME")]
    grid: Vec<String>,
    /// The administrator's name.
    #[arg(long, value_name = "NAME", default_value = "管理员")]
    administrator: String,
    /// Make a key and a self-signed certificate for this name or address, which invitations pin; give it once for
    /// each name by which phones reach the server. Where a certificate authority gives one, leave it out.
    #[arg(long, value_name = "NAME")]
    tls: Vec<String>,
    /// How far the clocks are from UTC, such as +08:00. Set it before the first record comes in.
    #[arg(long, value_name = "±HH:MM", value_parser = offset, allow_hyphen_values = true)]
    zone: Option<i32>,
}

#[derive(Serialize)]
struct Made {
    community: String,
    grids: Vec<String>,
    administrator: String,
}

impl Init {
    pub(super) async fn run(self, context: &Context) -> Result<()> {
        let admin = context.open_or_make().await?.admin();
        if let Some(minutes) = self.zone {
            admin.set_zone(minutes).await?;
        }
        let taken = admin.roll().await?.scopes.into_iter();
        if taken.filter(|scope| scope.parent.is_none()).any(|scope| scope.name == self.community.trim()) {
            return Err(Error::admin(format!("community {}: there is one of this name", self.community)));
        }
        let community = admin.add_community(&self.community).await?;
        let mut grids = Vec::new();
        for grid in &self.grid {
            grids.push(admin.add_scope(&community, ScopeKind::Grid, grid).await?.0);
        }
        let person = admin.add_person(&self.administrator).await?;
        admin.grant(&person, Role::Administrator, &community).await?;
        if !self.tls.is_empty() {
            tls::make(context.data(), &self.tls)?;
        }
        let made = Made { community: community.0, grids, administrator: person.0 };
        let mut lines = vec![
            format!("{}  community {}", made.community, self.community),
            format!("{}  administrator {}", made.administrator, self.administrator),
        ];
        lines.extend(made.grids.iter().zip(&self.grid).map(|(id, name)| format!("{id}  grid {name}")));
        lines.push(format!("All data is in {}; keep backups of it elsewhere.", context.data().display()));
        if !self.tls.is_empty() {
            let spare = context.data().join(tls::SPARE_KEY);
            lines.push(format!("Phones will also know {}; keep it away from this machine,", spare.display()));
            lines.push("with a copy here until the last phone is invited.".into());
        }
        lines.push("Next:".into());
        lines.push("  gridbook-server people add NAME --role worker --scope GRID".into());
        lines.push("  gridbook-server import ROSTER.xlsx --grid GRID".into());
        lines.push("  gridbook-server serve".into());
        lines.push("  gridbook-server invite NAME".into());
        context.print(&made, lines)
    }
}

/// Reads `+08:00` as minutes.
fn offset(text: &str) -> std::result::Result<i32, String> {
    let wrong = || "write it as +08:00".to_owned();
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (hours, minutes) = rest.split_once(':').ok_or_else(wrong)?;
    let part = |text: &str, limit: i32| text.parse::<i32>().ok().filter(|value| (0..=limit).contains(value));
    match (part(hours, 14), part(minutes, 59)) {
        (Some(hours), Some(minutes)) => Ok(sign * (hours * 60 + minutes)),
        _ => Err(wrong()),
    }
}
