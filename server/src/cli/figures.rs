//! `figures`: numbers of earlier months, for the console to compare with.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::Context;
use crate::error::{Error, Result};

/// Import numbers of months that were counted elsewhere, such as last year's, from CSV or XLSX with the columns 月份
/// (2025-11), 网格 (a grid or community), 类别 (a category of the diary, a hazard, or any other name) and 数量. A
/// number takes the place of an earlier one. If any line is wrong, each is named and nothing is imported.
#[derive(Debug, Args)]
pub(super) struct Figures {
    /// The spreadsheet.
    file: PathBuf,
    /// Only check.
    #[arg(long)]
    dry_run: bool,
}

impl Figures {
    pub(super) async fn run(self, context: &Context) -> Result<()> {
        let admin = context.open().await?.admin();
        let bytes =
            std::fs::read(&self.file).map_err(|source| Error::File { path: self.file.clone(), source })?;
        let (count, problems) =
            admin.import_figures(&self.file.to_string_lossy(), &bytes, self.dry_run).await?;
        let imported = if problems.is_empty() { count } else { 0 };
        let result = json!({ "figures": imported, "problems": problems, "dry_run": self.dry_run });
        let told = problems.iter().map(|one| format!("line {}, {}: {}", one.line, one.column, one.rule));
        let word = if self.dry_run { "would be imported" } else { "imported" };
        context.print(&result, told.chain([format!("{imported} numbers {word}")]).collect::<Vec<_>>())?;
        if problems.is_empty() {
            Ok(())
        } else {
            let count = problems.len();
            Err(Error::admin(format!("{count} problems; correct these lines and import the file again")))
        }
    }
}
