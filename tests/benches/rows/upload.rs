//! Uploading 1,000 records over a network with a round trip of 50 ms.

use std::time::Instant;

use gridbook_core::workbook::New;

use crate::figures::{Row, median, millis};
use crate::floor::{FloorClient, FloorServer, FloorVisit};
use crate::site::{Site, sync_over_http};
use crate::{Outcome, Plan, relay};

/// Measures both over the same relay; each run uploads new records.
pub(crate) async fn row(plan: &Plan) -> Outcome<Row> {
    let folder = plan.folder()?;
    let site = Site::found(folder.path()).await?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let running = site.server.serve(listener)?;
    let near = format!("http://{}", relay::start(running.address()).await?);
    let workbook = site.phone(&folder.path().join("phone.db"), 0).await?;
    sync_over_http(&workbook, &running.url()).await?;
    let floor = FloorServer::start(folder.path()).await?;
    let floor_near = relay::start(floor.address).await?;
    let mut workload = site.workload(23);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..plan.runs {
        let mut records: Vec<FloorVisit> = Vec::new();
        for _ in 0..plan.upload {
            let work = workload.next_of(0);
            records.push(work.floor());
            let new = New { id: Some(work.id), grid: None, occurred_at: Some(work.at), content: work.visit };
            workbook.visits().save(new)?;
        }
        let start = Instant::now();
        let report = sync_over_http(&workbook, &near).await?;
        ours.push(millis(start.elapsed()));
        if report.sent != records.len() as u64 {
            return Err(format!("not the upload that was meant: {report:?}").into());
        }
        let start = Instant::now();
        FloorClient::new(floor_near)?.push(&records).await?;
        theirs.push(millis(start.elapsed()));
    }
    let (ours, theirs) = (median(&mut ours), median(&mut theirs));
    Ok(Row {
        measure: "upload of 1,000 records at 50 ms round-trip time, against the floor's",
        must: "≤ 3×",
        measured: format!("{:.2}×", ours / theirs),
        remark: format!("{ours:.0} ms against {theirs:.0} ms; median of {}", plan.runs),
        pass: ours <= 3.0 * theirs,
    })
}
