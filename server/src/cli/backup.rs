//! `backup` and `restore`: a consistent copy while the server runs, sealed under a key if one is named, and
//! the way back.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use gridbook_core::clock::Surroundings;
use serde_json::json;

use super::Context;
use crate::config;
use crate::db::sqlite::Sqlite;
use crate::error::{Error, Result};

/// Write a consistent copy of all data to a new file, also while the server runs. With --key-file the copy
/// is encrypted, and `restore` goes back to it. Without, it holds names, phones and notes for all to read:
/// keep it as safe as the server; to go back to it, stop the server, copy the file over gridbook.db, remove
/// gridbook.db-wal and gridbook.db-shm, and start the server again. Phones then send back what was
/// acknowledged after the backup.
#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The file to write; it must not exist.
    file: PathBuf,
    /// Encrypt it with the key in this file, 64 hexadecimal digits; made if there is none. Keep it away from
    /// the backups: whoever has both reads them, and without it nobody does.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

impl Backup {
    pub(super) async fn run(self, context: &Context) -> Result<()> {
        let server = context.open().await?;
        match &self.key_file {
            Some(key_file) => {
                if !key_file.exists() {
                    make_key(key_file)?;
                }
                server.sealed_backup(&self.file, &read_key(key_file)?).await?;
            }
            None => server.backup(&self.file).await?,
        }
        let line = format!("backup written to {}", self.file.display());
        context.print(&json!({ "file": self.file, "encrypted": self.key_file.is_some() }), [line])
    }
}

/// Make the data folder's database of an encrypted backup. The server must be stopped and gridbook.db, with
/// gridbook.db-wal and gridbook.db-shm, moved away first.
#[derive(Debug, Args)]
pub(super) struct Restore {
    /// The encrypted backup.
    file: PathBuf,
    /// The file with its key.
    #[arg(long, value_name = "FILE")]
    key_file: PathBuf,
}

impl Restore {
    pub(super) async fn run(self, context: &Context) -> Result<()> {
        config::make_data(context.data())?;
        let key = read_key(&self.key_file)?;
        Sqlite::open_backup(&self.file, &key, &config::database(context.data()))?;
        context.open().await?;
        let line = format!("{} is the database in {} now", self.file.display(), context.data().display());
        context.print(&json!({ "restored": self.file }), [line])
    }
}

/// Makes a new key, readable to its owner alone.
fn make_key(file: &Path) -> Result<()> {
    let key = data_encoding::HEXLOWER.encode(&Surroundings::system().random::<32>());
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(file).and_then(|mut open| writeln!(open, "{key}"));
    written.map_err(|source| Error::File { path: file.to_owned(), source })
}

fn read_key(file: &Path) -> Result<String> {
    let text =
        std::fs::read_to_string(file).map_err(|source| Error::File { path: file.to_owned(), source })?;
    let key = text.trim().to_ascii_lowercase();
    let whole = key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit());
    if whole {
        Ok(key)
    } else {
        Err(Error::admin(format!("{}: a key is 64 hexadecimal digits", file.display())))
    }
}
