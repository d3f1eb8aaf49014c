//! How much a phone's process grows in a first sync. The phone is a process of its own: this program again.

use std::path::Path;
use std::process::Stdio;

use gridbook_core::clock::Surroundings;
use gridbook_core::sync::http::HttpServer;

use crate::figures::{Row, median, memory};
use crate::site::{Site, sync_over_http};
use crate::{Outcome, Plan, phone};

/// The argument that makes this program a phone.
pub(crate) const PHONE: &str = "--as-phone";

/// How many phones take in the same. How much memory the threads' pages share at the peak differs by a tenth from
/// run to run.
const RUNS: usize = 3;

/// Measures a first sync and one ten times as large.
pub(crate) async fn row(plan: &Plan) -> Outcome<Row> {
    let folder = plan.folder()?;
    let site = Site::found(folder.path()).await?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let running = site.server.serve(listener)?;
    let mut workload = site.workload(24);
    site.append(&workload.take(plan.first_sync)).await?;
    let small = growth(plan, &site, &running.url(), plan.first_sync).await?;
    site.append(&workload.take(plan.first_sync * 9)).await?;
    let large = growth(plan, &site, &running.url(), plan.first_sync * 10).await?;
    Ok(Row {
        measure: "growth of the phone process's memory in that first sync; the same at 72,000 records",
        must: "≤ 16 MiB; flat",
        measured: format!("{small:.1} MiB; {large:.1} MiB"),
        remark: format!(
            "peak resident memory in the sync less that after opening and enrolling; medians of {}",
            RUNS.min(plan.runs)
        ),
        pass: small <= 16.0 && large <= 16.0 && large <= small * 1.25,
    })
}

/// MiB by which a new phone grows while it takes in everything: the median of some new phones.
async fn growth(plan: &Plan, site: &Site, url: &str, records: usize) -> Outcome<f64> {
    let mut grown = Vec::new();
    for _ in 0..RUNS.min(plan.runs) {
        let folder = plan.folder()?;
        grown.push(growth_of_one(site, url, &folder.path().join("phone.db"), records).await? / 1024.0);
    }
    Ok(median(&mut grown))
}

/// KiB by which one new phone grows.
async fn growth_of_one(site: &Site, url: &str, path: &Path, records: usize) -> Outcome<f64> {
    let invitation = site.server.admin().invite(&site.people[2], 1).await?;
    let child = tokio::process::Command::new(std::env::current_exe()?)
        .args([PHONE, url, &invitation.secret])
        .arg(path)
        .stdout(Stdio::piped())
        .spawn()?;
    let output = child.wait_with_output().await?;
    let text = String::from_utf8(output.stdout)?;
    let (received, grown) = text.trim().split_once(' ').ok_or("the phone said nothing")?;
    if received.parse::<usize>()? < records {
        return Err(format!("the phone took in {received} of {records}").into());
    }
    Ok(grown.parse()?)
}

/// The phone: opens, enrols, takes in everything, and prints how much it took in and grew.
pub(crate) async fn be_phone(arguments: &[String]) -> Outcome<()> {
    let [url, invite, path] = arguments else { return Err("url, invitation, path".into()) };
    let workbook = phone::open(Path::new(path))?;
    let end = HttpServer::new(url, None, Surroundings::system())?;
    workbook.enrol(&end, url, invite, "bench").await?;
    let before = memory("self", "VmRSS")?;
    let report = sync_over_http(&workbook, url).await?;
    println!("{} {}", report.received, memory("self", "VmHWM")? - before);
    Ok(())
}
