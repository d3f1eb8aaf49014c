//! What every command has: the data folder and a place to print.

use std::fmt::Display;
use std::io::Write;
use std::path::{Path, PathBuf};

use gridbook_core::clock::{Instant, Surroundings, Zone};
use serde::Serialize;

use crate::config;
use crate::error::{Error, Result};
use crate::server::Server;

/// What every command has.
#[derive(Clone, Debug)]
pub struct Context {
    data: PathBuf,
    json: bool,
}

impl Context {
    /// A context over a data folder; `json` for programs that read the output.
    #[must_use]
    pub fn new(data: PathBuf, json: bool) -> Self {
        Self { data, json }
    }

    /// The data folder.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// True if the folder holds a database.
    #[must_use]
    pub fn initialised(&self) -> bool {
        config::database(&self.data).exists()
    }

    /// Opens the data folder.
    ///
    /// # Errors
    /// [`Error::Admin`] if there is no database in it.
    pub async fn open(&self) -> Result<Server> {
        if !self.initialised() {
            return Err(Error::admin(format!(
                "no database in {}; make one with: gridbook-server init --community NAME",
                self.data.display()
            )));
        }
        self.open_or_make().await
    }

    /// Opens the data folder, or makes it.
    ///
    /// # Errors
    /// What the database or the disk says.
    pub async fn open_or_make(&self) -> Result<Server> {
        Server::open(&self.data, Surroundings::system()).await
    }

    /// Prints lines for a person, or `result` for a program.
    ///
    /// # Errors
    /// [`Error::File`] if the output is gone.
    pub fn print<L: Display>(
        &self,
        result: &impl Serialize,
        lines: impl IntoIterator<Item = L>,
    ) -> Result<()> {
        if self.json {
            let text = serde_json::to_string_pretty(result);
            let text = text.map_err(|error| Error::Database(format!("not writable as JSON: {error}")))?;
            return self.line(text);
        }
        lines.into_iter().try_for_each(|line| self.line(line))
    }

    /// Prints one line.
    ///
    /// # Errors
    /// [`Error::File`] if the output is gone.
    pub fn line(&self, line: impl Display) -> Result<()> {
        let written = writeln!(std::io::stdout().lock(), "{line}");
        written.map_err(|source| Error::File { path: "output".into(), source })
    }
}

/// A point in time as people of the community read it, to the minute.
pub(super) fn minute(zone: Zone, at: Instant) -> String {
    zone.local(at).format("%Y-%m-%d %H:%M").to_string()
}
