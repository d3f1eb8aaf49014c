//! `backup`: a consistent copy while the server runs.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::Context;
use crate::error::Result;

/// Write a consistent copy of all data to a new file, also while the server runs. The copy holds names,
/// phones and notes: keep it as safe as the server. To go back to it, stop the server, copy the file over
/// gridbook.db, remove gridbook.db-wal and gridbook.db-shm, and start the server again; phones then send
/// back what was acknowledged after the backup.
#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The file to write; it must not exist.
    file: PathBuf,
}

impl Backup {
    pub(super) async fn run(self, context: &Context) -> Result<()> {
        context.open().await?.backup(&self.file).await?;
        let line = format!("backup written to {}", self.file.display());
        context.print(&json!({ "file": self.file }), [line])
    }
}
