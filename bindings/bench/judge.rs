//! Rust and each language in turn, on a fresh copy of one workbook; a verdict on what the bridge costs, and what an app
//! waits besides because its calls are made on another thread.

use std::collections::BTreeMap;
use std::error::Error;
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use gridbook_bindings::mirror::RecordId;

use crate::phone;

/// What a measure may cost across the bridge, in the time that Rust takes.
const ROWS: [(&str, &str, f64); 3] = [
    ("save", "saving a visit", 1.3),
    ("list of 60", "a list of 60", 2.0),
    ("search", "search, newest 20", 2.0),
];
/// How often everybody is measured: a machine that is busy for a while is so for Rust and a language alike.
const ROUNDS: usize = 3;
/// Cold starts of a language.
const STARTS: usize = 3;

/// What one measure took in one round, in microseconds.
struct Round {
    floor: f64,
    /// Across the bridge, on the caller's thread.
    call: f64,
    /// Through the layer that apps use, on another thread.
    app: f64,
}

/// Prints the rows; true if all pass.
pub(crate) fn judge(
    made: &Path,
    used: &Path,
    household: RecordId,
    languages: &[(&str, &str)],
) -> Result<bool, Box<dyn Error>> {
    let mut rounds: BTreeMap<(usize, String), Vec<Round>> = BTreeMap::new();
    for _ in 0..ROUNDS {
        for (place, (_, command)) in languages.iter().enumerate() {
            copy(made, used)?;
            let floor = phone::measure(used, household)?;
            copy(made, used)?;
            let household = household.to_string();
            let ours = times(&run(command, &["measure".as_ref(), used.as_os_str(), household.as_ref()])?)?;
            for ((name, floor), (same, call, app)) in floor.into_iter().zip(ours) {
                if name != same {
                    return Err(format!("{command} measures {same} for {name}").into());
                }
                rounds.entry((place, name)).or_default().push(Round { floor, call, app });
            }
        }
    }
    println!(
        "| across the bridge, against Rust | must reach | measured | | figures |\n|---|---|---|---|---|"
    );
    let mut passed = true;
    for (place, (language, command)) in languages.iter().enumerate() {
        for (name, what, limit) in ROWS {
            let rounds =
                rounds.get(&(place, name.to_owned())).ok_or_else(|| format!("nobody measured {name}"))?;
            let ratio = median(rounds.iter().map(|round| round.call / round.floor));
            let of = |part: fn(&Round) -> f64| median(rounds.iter().map(part));
            let (floor, call, app) = (of(|it| it.floor), of(|it| it.call), of(|it| it.app));
            let verdict = if ratio <= limit { "pass" } else { "MISS" };
            passed &= ratio <= limit;
            println!(
                "| {language}: {what} | ≤ {limit}× | {ratio:.2}× | {verdict} | {call:.0} µs against {floor:.0} µs; \
                 {app:.0} µs as an app makes it, on another thread |"
            );
        }
        copy(made, used)?;
        let starts = (0..STARTS).map(|_| {
            let said = run(command, &["start".as_ref(), used.as_os_str()])?;
            Ok(said.trim().parse::<f64>()?)
        });
        let start = median(starts.collect::<Result<Vec<_>, Box<dyn Error>>>()?.into_iter());
        println!(
            "| {language}: cold start to the first page of 10,000 records | | {start:.0} ms | | median of {STARTS} |"
        );
    }
    println!(
        "\nMedians of {ROUNDS} rounds, in each of which Rust and a language make the same calls one after the other."
    );
    Ok(passed)
}

/// What a language's program prints.
fn run(command: &str, arguments: &[&OsStr]) -> Result<String, Box<dyn Error>> {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("exec {command} \"$@\""), "sh"]).args(arguments).stderr(Stdio::inherit());
    let output = shell.output()?;
    if !output.status.success() {
        return Err(format!("{command}: {}", output.status).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// A measure's name with what it takes across the bridge, and as an app makes the call.
type Times = (String, f64, f64);

/// What a language's program measured.
fn times(said: &str) -> Result<Vec<Times>, Box<dyn Error>> {
    let lines = said.lines().filter_map(|line| line.split_once('\t'));
    lines
        .map(|(name, times)| {
            let (call, app) =
                times.split_once('\t').ok_or_else(|| format!("{name}: two times were meant"))?;
            Ok((name.to_owned(), call.parse()?, app.parse()?))
        })
        .collect()
}

fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = numbers.collect();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

/// A fresh copy, so that everybody finds as many records.
fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    if to.exists() {
        std::fs::remove_dir_all(to)?;
    }
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let there = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &there)?
        } else {
            std::fs::copy(entry.path(), there).map(drop)?
        }
    }
    Ok(())
}
