//! What the calls of a phone's screens take without a bridge: `scripts/bench_jvm.sh` compares them with the same
//! calls from the JVM (`bindings/kotlin/src/test/kotlin/org/gridbook/Bench.kt`), on the same database.
//!
//! `calls FOLDER HOUSEHOLD` prints a line a measure: its name and the median in microseconds.

#![allow(clippy::print_stdout, reason = "a measure is printed")]

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use gridbook_bindings::GuardHandle;
use gridbook_bindings::mirror::{Filter, NewVisit, Outcome, Visit};

/// Calls before the measured ones, which fill the caches.
const WARM_UP: usize = 200;
/// Calls that are measured.
const MEASURED: usize = 400;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [folder, household] = arguments.as_slice() else { return Err("calls FOLDER HOUSEHOLD".into()) };
    let at = |name: &str| Path::new(folder).join(name).display().to_string();
    let workbook = GuardHandle::in_folder(at("workbook.db"), at("vault"))?.open(None)?;
    let household = household.parse()?;
    let visit =
        || Visit { household, outcome: Some(Outcome::Met), note: "入".repeat(80), ..Visit::default() };
    median("save", || workbook.save_visit(NewVisit::of(visit())).map(drop))?;
    median("list of 60", || workbook.visits(Filter::default(), None, 60).map(drop))?;
    median("search", || workbook.search("反诈".into(), None, 20).map(drop))?;
    Ok(())
}

fn median<E: Error + 'static>(name: &str, mut work: impl FnMut() -> Result<(), E>) -> Result<(), E> {
    let mut times = Vec::with_capacity(MEASURED);
    for turn in 0..WARM_UP + MEASURED {
        let begun = Instant::now();
        work()?;
        if turn >= WARM_UP {
            times.push(begun.elapsed());
        }
    }
    times.sort_unstable();
    println!("{name}\t{}", times[times.len() / 2].as_nanos() as f64 / 1_000.0);
    Ok(())
}
