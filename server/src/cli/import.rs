//! `import`: a roster of households from a spreadsheet.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::Context;
use crate::error::{Error, Result};

/// Import a roster of households into a grid, from CSV or XLSX. If any line is wrong, each is named and
/// nothing is imported. Dwellings that are in the grid already are left as they are, so the same file may
/// be imported again.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// The spreadsheet; its first line names the columns.
    roster: PathBuf,
    /// The grid: an id, a name that only one scope has, or COMMUNITY/NAME.
    #[arg(long)]
    grid: String,
    /// Only check.
    #[arg(long)]
    dry_run: bool,
}

impl Import {
    pub(super) async fn run(self, context: &Context) -> Result<()> {
        let admin = context.open().await?.admin();
        let grid = admin.find_scope(&self.grid).await?;
        let bytes = std::fs::read(&self.roster)
            .map_err(|source| Error::File { path: self.roster.clone(), source })?;
        let name = self.roster.to_string_lossy();
        let imported = admin.import(&name, &bytes, &grid.id, self.dry_run).await?;
        let result = json!({
            "households": imported.households,
            "known": imported.known,
            "problems": imported.problems,
            "ignored": imported.ignored,
            "dry_run": self.dry_run,
        });
        let mut lines: Vec<String> = imported
            .problems
            .iter()
            .map(|problem| format!("line {}, {}: {}", problem.line, problem.column, problem.rule))
            .collect();
        if !imported.ignored.is_empty() {
            lines.push(format!("columns passed over: {}", imported.ignored.join(", ")));
        }
        if !imported.known.is_empty() {
            lines.push(format!(
                "{} dwellings are there already and were left as they are",
                imported.known.len()
            ));
        }
        let word = if self.dry_run { "would be imported" } else { "imported" };
        lines.push(format!("{} households {word} into {}", imported.households, grid.name));
        context.print(&result, lines)?;
        if imported.problems.is_empty() {
            Ok(())
        } else {
            let count = imported.problems.len();
            Err(Error::admin(format!("{count} problems; correct these lines and import the file again")))
        }
    }
}
