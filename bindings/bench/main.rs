//! What the calls of a phone's screens take without a bridge, and a verdict on the languages beyond it. `make bench-jvm`
//! runs it through `scripts/bench_jvm.sh`; it prints the rows of docs/PERFORMANCE.md and fails where one misses.
//!
//!   `gridbook-calls FOLDER NAME=COMMAND …`   makes a workbook of 10,000 visits in FOLDER and measures each language against Rust
//!
//! A COMMAND is a program of a language, with `measure FOLDER HOUSEHOLD` and `start FOLDER` after it. It prints
//! `name<TAB>microseconds<TAB>microseconds`, the medians of each measure: across the bridge alone, and through the layer that
//! apps use, which makes the call on another thread.

#![allow(clippy::print_stdout, reason = "a measure is printed")]

mod judge;
mod phone;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

/// A measure's name and its median, in microseconds.
type Times = Vec<(String, f64)>;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("gridbook-calls: {error}");
            ExitCode::from(2)
        }
    }
}

/// True if every row passes.
fn run(arguments: &[String]) -> Result<bool, Box<dyn Error>> {
    let [folder, languages @ ..] = arguments else {
        return Err("gridbook-calls FOLDER NAME=COMMAND …".into());
    };
    let languages = languages.iter().map(|language| {
        language.split_once('=').ok_or_else(|| format!("{language}: a language is NAME=COMMAND"))
    });
    let languages = languages.collect::<Result<Vec<_>, _>>()?;
    let folder = Path::new(folder);
    let made = folder.join("made");
    let household = phone::make(&made)?;
    judge::judge(&made, &folder.join("used"), household, &languages)
}
