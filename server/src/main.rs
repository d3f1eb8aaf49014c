//! `gridbook-server`: reads the command line and hands over to [`gridbook_server::cli`].

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use gridbook_server::cli::Cli;

fn main() -> ExitCode {
    keep_few_pools();
    let cli = Cli::parse();
    let failure = cli.failure();
    match cli.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing can be said any more if even this fails.
            writeln!(std::io::stderr(), "{}", failure(&error)).ok();
            ExitCode::FAILURE
        }
    }
}

/// The C library keeps a pool of memory for each of many threads and gives little of it back, so that a server of weeks
/// grows (docs/PERFORMANCE.md). How many pools it may keep it reads when a process begins: so this one begins once more,
/// in its own place. Who sets the variable decides for themselves.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn keep_few_pools() {
    use std::os::unix::process::CommandExt;

    const POOLS: &str = "MALLOC_ARENA_MAX";
    if std::env::var_os(POOLS).is_none()
        && let Ok(program) = std::env::current_exe()
    {
        // It comes back only if that failed, and then all goes on with the pools that there are.
        let _failed =
            std::process::Command::new(program).args(std::env::args_os().skip(1)).env(POOLS, "2").exec();
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn keep_few_pools() {}
