//! The measurements of `docs/PERFORMANCE.md`: `make bench` prints the table. Every row is a ratio of two
//! sides measured in the same run on the same work, or a figure with its limit.
//!
//! `--quick` takes few records and few runs, to show that it still works; `--only WORD` runs the rows whose
//! file is so called; `--write` (or `GRIDBOOK_BENCH_WRITE=1`) puts the table into `docs/PERFORMANCE.md`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a bench prints its table")]

mod figures;
mod floor;
mod phone;
mod relay;
mod replay;
mod rows;
mod site;
mod soak;
mod work;

/// What can fail here is told and ends the bench.
type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// How much each row does.
struct Plan {
    /// Saves of one visit.
    saves: usize,
    /// Runs of what takes long.
    runs: usize,
    /// Records of a first sync.
    first_sync: usize,
    /// Records of an upload.
    upload: usize,
    /// Phones that come back at once.
    storm: usize,
    /// Phones that come back within a window, and the window.
    siege: usize,
    siege_window: std::time::Duration,
    /// Records of the large database.
    large: usize,
    /// Opens of it.
    opens: usize,
    /// Lists and searches in it.
    reads: usize,
    only: Option<String>,
}

impl Plan {
    fn full() -> Self {
        Self {
            saves: 1_000,
            runs: 5,
            first_sync: 7_200,
            upload: 1_000,
            storm: 200,
            siege: 1_000,
            siege_window: std::time::Duration::from_secs(60),
            large: 100_000,
            opens: 15,
            reads: 200,
            only: None,
        }
    }

    fn quick() -> Self {
        Self {
            saves: 50,
            runs: 1,
            first_sync: 600,
            upload: 100,
            storm: 20,
            siege: 60,
            siege_window: std::time::Duration::from_secs(3),
            large: 3_000,
            opens: 3,
            reads: 10,
            only: None,
        }
    }

    /// A folder on a real disk, removed when dropped.
    fn folder(&self) -> Outcome<tempfile::TempDir> {
        Ok(tempfile::tempdir()?)
    }

    fn wants(&self, row: &str) -> bool {
        self.only.as_deref().is_none_or(|only| row.contains(only))
    }
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, role, rest @ ..] = arguments.as_slice()
        && role == rows::memory::PHONE
    {
        return rows::memory::be_phone(rest).await;
    }
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let mut plan = if has("--quick") { Plan::quick() } else { Plan::full() };
    plan.only = arguments
        .iter()
        .position(|argument| argument == "--only")
        .and_then(|at| arguments.get(at + 1))
        .cloned();

    if let Some(at) = arguments.iter().position(|argument| argument == "--soak") {
        let minutes = arguments.get(at + 1).ok_or("--soak MINUTES")?.parse()?;
        return soak::run(minutes, plan.folder()?.path()).await;
    }

    let mut table = Vec::new();
    if plan.wants("save") {
        table.push(rows::save::row(&plan).await?);
    }
    if plan.wants("exchange") {
        table.push(rows::exchange::row(&plan).await?);
    }
    if plan.wants("first_sync") {
        table.extend(rows::first_sync::rows(&plan).await?);
    }
    if plan.wants("upload") {
        table.push(rows::upload::row(&plan).await?);
    }
    if plan.wants("memory") {
        table.push(rows::memory::row(&plan).await?);
    }
    // A part of the first sync, for whoever tunes it; the whole is a row above.
    if plan.only.as_deref() == Some("ingest") {
        table.push(rows::ingest::row(&plan).await?);
    }
    if plan.wants("gate") {
        table.push(rows::gate::row(&plan)?);
    }
    if plan.wants("large") {
        table.extend(rows::large::rows(&plan).await?);
    }
    if plan.wants("storm") {
        table.push(rows::storm::row(&plan).await?);
    }
    if plan.wants("siege") {
        table.push(rows::siege::row(&plan).await?);
    }
    let missed: Vec<&str> = table.iter().filter(|row| !row.pass).map(|row| row.measure).collect();
    let table = figures::markdown(&table);
    println!("{table}");
    if has("--write") || std::env::var_os("GRIDBOOK_BENCH_WRITE").is_some() {
        figures::write(&table)?;
    }
    // A quick run does too little for its ratios to say anything.
    if missed.is_empty() || has("--quick") {
        return Ok(());
    }
    Err(format!("{} of the rows miss what they must reach: {}", missed.len(), missed.join("; ")).into())
}
