//! `rhythm`: how often households of each class are visited.

use clap::{Args, Subcommand};
use serde_json::json;

use super::Context;
use crate::error::Result;

/// Show or set how many days lie between two visits, by household class.
#[derive(Debug, Args)]
pub(super) struct Rhythm {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Show the rhythms.
    List,
    /// Set one; phones learn it at the next sync.
    Set {
        /// The class: its code or word, such as red or 红.
        class: String,
        /// Days between two visits; 0 for no rhythm.
        days: u32,
    },
}

impl Rhythm {
    pub(super) async fn run(self, context: &Context) -> Result<()> {
        let admin = context.open().await?.admin();
        match self.what {
            What::List => {
                let rhythms = admin.rhythms().await?;
                let lines: Vec<_> = rhythms
                    .iter()
                    .map(|rhythm| format!("{}  {}  {} days", rhythm.class, rhythm.zh, rhythm.days))
                    .collect();
                context.print(&rhythms, lines)
            }
            What::Set { class, days } => {
                admin.set_rhythm(&class, days).await?;
                context.print(&json!({ "class": class, "days": days }), [format!("{class}: {days} days")])
            }
        }
    }
}
