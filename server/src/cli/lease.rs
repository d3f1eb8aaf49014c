//! `lease`: how long phones keep their data open without contact.

use clap::Args;
use serde_json::json;

use super::Context;
use crate::error::Result;

/// Set how many hours without contact the phones of a community keep their data open; 72 if never set.
/// Phones learn it at the next sync.
#[derive(Debug, Args)]
pub(super) struct Lease {
    /// Hours, 1 to 2160.
    hours: u32,
    /// The community: its id or name.
    #[arg(long)]
    community: String,
}

impl Lease {
    pub(super) async fn run(self, context: &Context) -> Result<()> {
        let admin = context.open().await?.admin();
        let community = admin.find_scope(&self.community).await?;
        admin.set_lease(&community.id, self.hours).await?;
        let line = format!("{}: {} hours", community.name, self.hours);
        context.print(&json!({ "community": community.id, "hours": self.hours }), [line])
    }
}
