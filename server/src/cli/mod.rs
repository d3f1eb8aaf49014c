//! The administrator's commands, a file each. They work on the data folder directly, also while the server
//! runs, and say what to do next.

mod audit;
mod backup;
mod console_password;
mod context;
mod demo;
mod dismiss;
mod figures;
mod grant;
mod hand_over;
mod import;
mod init;
mod invite;
mod lead_box;
mod lease;
mod people;
mod purge;
mod release;
mod revoke;
mod rhythm;
mod scopes;
mod serve;

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use serde_json::json;

pub use context::Context;

use crate::config::DATA;
use crate::error::{Error, Result};

/// Gridbook's server: phones sync through it, team leads read from it.
///
/// All data is in one folder. Make it with `init`, run it with `serve`, then give people roles with `grant`
/// and phones a place with `invite`. Every command may be used while the server runs. To go back to a
/// backup, stop the server, put the file back as gridbook.db (and remove gridbook.db-wal and
/// gridbook.db-shm), and start it again: phones notice by themselves and send what the backup lacks.
#[derive(Debug, Parser)]
#[command(name = "gridbook-server", version, propagate_version = true)]
pub struct Cli {
    /// The folder that holds all data.
    #[arg(long, global = true, env = "GRIDBOOK_DATA", default_value = DATA, value_name = "DIR")]
    data: PathBuf,
    /// Write lists, results and errors as JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Init),
    Serve(serve::Serve),
    Invite(invite::Invite),
    People(people::People),
    ConsolePassword(console_password::ConsolePassword),
    Scopes(scopes::Scopes),
    Grant(grant::Grant),
    Revoke(revoke::Revoke),
    Release(release::Release),
    Dismiss(dismiss::Dismiss),
    HandOver(hand_over::HandOver),
    #[command(name = "box")]
    LeadBox(lead_box::LeadBox),
    Lease(lease::Lease),
    Import(import::Import),
    Figures(figures::Figures),
    Rhythm(rhythm::Rhythm),
    Audit(audit::Audit),
    Backup(backup::Backup),
    Purge(purge::Purge),
    Retention(purge::Retention),
    Restore(backup::Restore),
    Demo(demo::Demo),
}

impl Cli {
    /// How a command that fails says so on stderr: a line for people, or an object with `code` and `message`.
    #[must_use]
    pub fn failure(&self) -> fn(&Error) -> String {
        if self.json {
            |error| json!({ "code": error.word(), "message": error.to_string() }).to_string()
        } else {
            |error| format!("gridbook-server: {error}")
        }
    }

    /// Runs the command to its end.
    ///
    /// # Errors
    /// What the command says; the text is for the person who typed it.
    pub fn run(self) -> Result<()> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.map_err(|source| Error::File { path: "runtime".into(), source })?;
        let context = Context::new(self.data, self.json);
        runtime.block_on(async {
            match self.command {
                Command::Init(command) => command.run(&context).await,
                Command::Serve(command) => command.run(&context).await,
                Command::Invite(command) => command.run(&context).await,
                Command::People(command) => command.run(&context).await,
                Command::ConsolePassword(command) => command.run(&context).await,
                Command::Scopes(command) => command.run(&context).await,
                Command::Grant(command) => command.run(&context).await,
                Command::Revoke(command) => command.run(&context).await,
                Command::Release(command) => command.run(&context).await,
                Command::Dismiss(command) => command.run(&context).await,
                Command::HandOver(command) => command.run(&context).await,
                Command::LeadBox(command) => command.run(&context).await,
                Command::Lease(command) => command.run(&context).await,
                Command::Import(command) => command.run(&context).await,
                Command::Figures(command) => command.run(&context).await,
                Command::Rhythm(command) => command.run(&context).await,
                Command::Audit(command) => command.run(&context).await,
                Command::Backup(command) => command.run(&context).await,
                Command::Purge(command) => command.run(&context).await,
                Command::Retention(command) => command.run(&context).await,
                Command::Restore(command) => command.run(&context).await,
                Command::Demo(command) => command.run(&context).await,
            }
        })
    }
}
