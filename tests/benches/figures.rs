//! Rows of the table: what was measured, what it must reach, and whether it does.

use std::time::{Duration, Instant};

/// One row.
pub(crate) struct Row {
    pub(crate) measure: &'static str,
    pub(crate) must: &'static str,
    pub(crate) measured: String,
    /// Absolute figures and how many runs.
    pub(crate) remark: String,
    pub(crate) pass: bool,
}

/// The rows as a Markdown table.
pub(crate) fn markdown(rows: &[Row]) -> String {
    let mut text = String::from("| measure | must reach | measured | | figures |\n|---|---|---|---|---|\n");
    for row in rows {
        let verdict = if row.pass { "pass" } else { "**fail**" };
        text.push_str(&format!(
            "| {} | {} | {} | {verdict} | {} |\n",
            row.measure, row.must, row.measured, row.remark
        ));
    }
    text
}

/// The value in the middle.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    if values.is_empty() { f64::NAN } else { values[values.len() / 2] }
}

/// The value that `share` of all do not exceed.
pub(crate) fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let position = ((values.len() as f64 * share).ceil() as usize).clamp(1, values.len().max(1));
    values.get(position - 1).copied().unwrap_or(f64::NAN)
}

/// Milliseconds that `work` takes, and what it gives.
pub(crate) fn timed<T>(work: impl FnOnce() -> crate::Outcome<T>) -> crate::Outcome<(f64, T)> {
    let start = Instant::now();
    let value = work()?;
    Ok((millis(start.elapsed()), value))
}

/// A duration in milliseconds.
pub(crate) fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// A figure of a process's memory in KiB, such as `VmHWM`, as the kernel counts it.
pub(crate) fn memory(process: &str, name: &str) -> crate::Outcome<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let figure = line.and_then(|line| line.split_whitespace().next()).ok_or("the kernel does not say")?;
    Ok(figure.parse()?)
}

/// Where the table stands, and what it stands between.
const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/PERFORMANCE.md");
const BEGIN: &str = "<!-- bench:begin -->";
const END: &str = "<!-- bench:end -->";

/// Puts the table into `docs/PERFORMANCE.md`.
pub(crate) fn write(table: &str) -> crate::Outcome<()> {
    let text = std::fs::read_to_string(DOCUMENT)?;
    let (before, rest) = text.split_once(BEGIN).ok_or("docs/PERFORMANCE.md has lost its first marker")?;
    let (_, after) = rest.split_once(END).ok_or("docs/PERFORMANCE.md has lost its last marker")?;
    Ok(std::fs::write(DOCUMENT, format!("{before}{BEGIN}\n{table}{END}{after}"))?)
}
