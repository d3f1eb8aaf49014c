//! The phone in a terminal: the real core behind commands, one home folder a phone.
//!
//! It decides nothing about the domain: it reads what was typed, calls the workbook, and prints the answer
//! as a person or a program wants it. Exit codes: 0 done, 1 something else went wrong, 2 what was typed
//! breaks a rule, 3 the server cannot be reached (everything is kept), 4 refused for lack of permission.

mod commands;
mod failure;
mod fields;
mod headline;
mod home;
mod input;
mod phone;
mod print;
mod speech;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;
use commands::Command;

use failure::Failure;
use phone::Phone;
use print::Output;
use speech::{Language, Speech};

/// The heading under which help lists what every command takes.
const EVERYWHERE: &str = "For every command";

/// A grid worker's phone in a terminal: record offline, sync when there is a network.
///
/// Dates are written 2026-11-23, today or yesterday. Records are named by the eight characters that every
/// list shows, households also by their dwelling such as 3-1-501. Coded values are written as code or word:
/// `--outcome met` and `--outcome 见面` are the same. Several values are separated by commas.
#[derive(Parser)]
#[command(
    name = "phone",
    version,
    after_help = "Exit codes: 0 done · 1 other · 2 bad input · 3 offline, everything kept · 4 refused"
)]
struct Arguments {
    /// The folder that is this phone: its encrypted workbook and the key to it
    #[arg(long, global = true, help_heading = EVERYWHERE, env = "GRIDBOOK_HOME", default_value = "phone", value_name = "FOLDER")]
    home: PathBuf,
    /// Print JSON for programs: answers on stdout, errors with a code on stderr
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    json: bool,
    /// The language of the answers: zh or en
    #[arg(
        long,
        global = true,
        help_heading = EVERYWHERE,
        env = "GRIDBOOK_LANG",
        default_value = "zh",
        hide_possible_values = true
    )]
    lang: Language,
    /// The PIN, if one is set
    #[arg(long, global = true, help_heading = EVERYWHERE, env = "GRIDBOOK_PIN", hide_env_values = true)]
    pin: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return misused(&error),
    };
    let speech = Speech::new(arguments.lang);
    let json = arguments.json;
    let result = run(arguments, speech).await;
    match result {
        Ok(output) => {
            let text = if json { format!("{}\n", output.json) } else { output.text };
            write_all(std::io::stdout(), &text);
            ExitCode::from(output.exit_code)
        }
        Err(failure) => {
            let told = if json { failure.to_json(speech).to_string() } else { failure.tell(speech) };
            say_aside(&told);
            ExitCode::from(failure.exit_code())
        }
    }
}

async fn run(arguments: Arguments, speech: Speech) -> Result<Output, Failure> {
    let guard = home::guard(&arguments.home)?;
    let pin = arguments.pin.as_deref();
    match &arguments.command {
        Command::Unlock => return commands::unlock(&guard, pin, speech).await,
        Command::Status => {
            if let Some(closed) = commands::closed(&guard.status()?, speech) {
                return Ok(closed);
            }
        }
        Command::Enrol(_) => guard.begin_anew()?,
        _ => {}
    }
    let opened = guard.open(pin)?;
    if let Some(salvage) = &opened.salvage {
        let records = salvage.records.len().to_string();
        let aside = salvage.aside.display().to_string();
        say_aside(&speech.fill("phone.salvaged", &[("n", &records), ("file", &aside)]));
        if !salvage.unsaved.is_empty() {
            let ids: Vec<String> = salvage.unsaved.iter().map(ToString::to_string).collect();
            say_aside(&speech.fill("phone.unsaved", &[("ids", &ids.join(" "))]));
        }
    }
    let phone = Phone::new(opened.workbook, guard, speech);
    arguments.command.run(&phone).await
}

/// Help and version go to stdout; a command that is not one is bad input, told as JSON to a program.
fn misused(error: &clap::Error) -> ExitCode {
    let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if !asked && std::env::args_os().any(|argument| argument == "--json") {
        let told = serde_json::json!({ "code": "usage", "message": error.to_string() });
        say_aside(&told.to_string());
        return ExitCode::from(failure::BAD_INPUT);
    }
    error.exit()
}

/// A line on stderr: progress, and what went wrong.
fn say_aside(line: &str) {
    write_all(std::io::stderr(), &format!("{line}\n"));
}

/// A reader that has gone away, such as `head`, is no failure of the command.
fn write_all(mut stream: impl Write, text: &str) {
    drop(stream.write_all(text.as_bytes()).and_then(|()| stream.flush()));
}
