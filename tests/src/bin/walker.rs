//! A phone as a process of its own, for `tests/tests/kill.rs` to kill: lives a seeded day without end and
//! says after each call what it was promised.
//!
//! Usage: `walker DATABASE SEED`. Each line on standard output is a promise; it is written only after the
//! workbook's call returned.

#![allow(clippy::print_stdout, reason = "a command speaks to the one who runs it")]

use std::io::Write;
use std::path::Path;

use gridbook_core::Result;
use gridbook_tests::day::one_act;
use gridbook_tests::simulation::Dice;
use gridbook_tests::town::Phone;

/// One act in so many is an exchange with the server.
const EXCHANGES: usize = 6;

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, database, seed] = arguments.as_slice() else {
        say("usage: walker DATABASE SEED");
        return Ok(());
    };
    let seed: u64 = seed.parse().unwrap_or(0);
    let phone = Phone::open(Path::new(database));
    let dice = Dice::new(seed);
    say("ready");
    for number in 0.. {
        if dice.pick(EXCHANGES) == 0 {
            // The server may be down: that loses nothing.
            let _ = phone.sync().await;
            continue;
        }
        for promise in one_act(phone.workbook(), &dice, seed * 1_000 + number)? {
            say(&promise.to_string());
        }
    }
    Ok(())
}
