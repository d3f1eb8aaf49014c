//! `scopes`: communities with their grids and task groups.

use clap::{Args, Subcommand, ValueEnum};
use gridbook_core::model::ScopeKind;
use serde_json::json;

use super::Context;
use crate::error::Result;

/// List communities with their grids and task groups, and add to them.
#[derive(Debug, Args)]
pub(super) struct Scopes {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List them with their ids.
    List,
    /// Add a grid or task group to a community.
    Add {
        /// Its name.
        name: String,
        /// Whose it is: the community's id or name.
        #[arg(long)]
        community: String,
        /// What it is.
        #[arg(long, value_enum, default_value_t = Part::Grid)]
        kind: Part,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Part {
    Grid,
    TaskGroup,
}

impl Scopes {
    pub(super) async fn run(self, context: &Context) -> Result<()> {
        let admin = context.open().await?.admin();
        match self.what {
            What::List => {
                let scopes = admin.roll().await?.scopes;
                let mut lines = Vec::new();
                for community in scopes.iter().filter(|scope| scope.parent.is_none()) {
                    lines.push(format!("{}  {}", community.id, community.name));
                    let parts = scopes.iter().filter(|scope| scope.parent.as_ref() == Some(&community.id));
                    lines.extend(
                        parts.map(|part| format!("    {}  {} {}", part.id, part.kind.as_str(), part.name)),
                    );
                }
                context.print(&scopes, lines)
            }
            What::Add { name, community, kind } => {
                let community = admin.find_scope(&community).await?;
                let kind = match kind {
                    Part::Grid => ScopeKind::Grid,
                    Part::TaskGroup => ScopeKind::TaskGroup,
                };
                let id = admin.add_scope(&community.id, kind, &name).await?;
                context.print(&json!({ "id": id }), [format!("{id}  {}", name.trim())])
            }
        }
    }
}
