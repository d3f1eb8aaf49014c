//! `gridbook-server`: reads the command line and hands over to [`gridbook_server::cli`].

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use gridbook_server::cli::Cli;

#[global_allocator]
static ALLOCATOR: gridbook_server::Allocator = gridbook_server::Allocator;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing can be said any more if even this fails.
            writeln!(std::io::stderr(), "gridbook-server: {error}").ok();
            ExitCode::FAILURE
        }
    }
}
