//! `console-password`: lets a person log in to the console.

use std::io::{BufRead, IsTerminal, Write};
use std::process::{Command, Stdio};

use clap::Args;
use serde_json::json;
use zeroize::Zeroizing;

use super::Context;
use crate::error::{Error, Result};

/// Let a lead, an administrator or an auditor log in to the console, or give them a new password: it is asked for
/// here, or read as the first line of what is piped in. Their open sessions end.
#[derive(Debug, Args)]
pub(super) struct ConsolePassword {
    /// Whose: an id, or a name that only one person has.
    person: String,
    /// Take the password away instead.
    #[arg(long)]
    remove: bool,
    /// Only take the second factor away, for who lost the phone with its app; the password stays.
    #[arg(long, conflicts_with = "remove")]
    remove_second_factor: bool,
}

impl ConsolePassword {
    pub(super) async fn run(self, context: &Context) -> Result<()> {
        let admin = context.open().await?.admin();
        let person = admin.find_person(&self.person).await?;
        if self.remove {
            let removed = admin.close_console(&person.id).await?;
            let line = if removed { "cannot log in any more" } else { "had no password" };
            return context.print(
                &json!({ "person": person.id, "removed": removed }),
                [format!("{} {line}", person.name)],
            );
        }
        if self.remove_second_factor {
            let removed = admin.remove_second_factor(&person.id).await?;
            let line = if removed { "logs in with the password alone now" } else { "had no second factor" };
            return context.print(
                &json!({ "person": person.id, "second_factor_removed": removed }),
                [format!("{} {line}", person.name)],
            );
        }
        let password = read_password(&person.name)?;
        admin.set_console_password(&person, &password).await?;
        let lines = [format!("{} can log in at /console as {} or {}", person.name, person.name, person.id)];
        context.print(&json!({ "person": person.id, "set": true }), lines)
    }
}

fn read_password(name: &str) -> Result<Zeroizing<String>> {
    let input = std::io::stdin();
    if !input.is_terminal() {
        return line();
    }
    let _quiet = Quiet::begin();
    let asked = ask(&format!("password for {name}: "))?;
    if asked == ask("the same again: ")? {
        Ok(asked)
    } else {
        Err(Error::admin("the two are not the same; nothing was changed"))
    }
}

fn ask(question: &str) -> Result<Zeroizing<String>> {
    let failed = |source| Error::File { path: "terminal".into(), source };
    let mut terminal = std::io::stderr().lock();
    write!(terminal, "{question}").and_then(|()| terminal.flush()).map_err(failed)?;
    let answer = line();
    writeln!(terminal).map_err(failed)?;
    answer
}

fn line() -> Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    let read = std::io::stdin().lock().read_line(&mut text);
    read.map_err(|source| Error::File { path: "input".into(), source })?;
    Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}

/// What is typed is not shown while this lives.
struct Quiet;

impl Quiet {
    fn begin() -> Self {
        echo("-echo");
        Self
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        echo("echo");
    }
}

/// Asks the system's own tool; where there is none the password is seen while it is typed.
fn echo(setting: &str) {
    Command::new("stty").arg(setting).stdin(Stdio::inherit()).stderr(Stdio::null()).status().ok();
}
