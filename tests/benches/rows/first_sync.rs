//! A first sync of 7,200 records over HTTP into an encrypted phone: bytes and time.

use std::sync::atomic::Ordering;
use std::time::Instant;

use crate::figures::{Row, median, millis};
use crate::floor::{FloorClient, FloorPhone, FloorServer, FloorVisit, pack};
use crate::site::{Counting, Site, sync_over_http};
use crate::{Outcome, Plan};

/// Measures both rows.
pub(crate) async fn rows(plan: &Plan) -> Outcome<Vec<Row>> {
    let folder = plan.folder()?;
    let site = Site::found(folder.path()).await?;
    let visits = site.workload(22).take(plan.first_sync);
    // The households are there before, on both sides: the row is about the visits.
    let held = site.phone(&folder.path().join("held.db"), 0).await?;
    let device = held.enrolment().ok_or("not enrolled")?.device;
    held.sync(&site.server.service().for_device(device.clone()), |_| {}).await?;
    site.append(&visits).await?;
    let records: Vec<FloorVisit> = visits.iter().map(|work| work.floor()).collect();

    let counting = Counting::new(site.server.service().for_device(device));
    let report = held.sync(&counting, |_| {}).await?;
    if report.received != visits.len() as u64 {
        return Err(format!("not the sync that was meant: {report:?}").into());
    }
    let bytes = counting.up.load(Ordering::Relaxed) + counting.down.load(Ordering::Relaxed);
    let floor = pack(&records)?.len() as u64;
    let ratio = bytes as f64 / floor as f64;
    let size = Row {
        measure: "bytes of a first sync of 7,200 records, against zstd-3 JSON of the same",
        must: "≤ 1.10×",
        measured: format!("{ratio:.2}×"),
        remark: format!("{bytes} B against {floor} B, {} round trips", report.round_trips),
        pass: ratio <= 1.10,
    };
    Ok(vec![size, time(plan, &site, &records).await?])
}

async fn time(plan: &Plan, site: &Site, records: &[FloorVisit]) -> Outcome<Row> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let running = site.server.serve(listener)?;
    let floor_folder = plan.folder()?;
    let floor = FloorServer::start(floor_folder.path()).await?;
    FloorClient::new(floor.address)?.push(records).await?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..plan.runs {
        let folder = plan.folder()?;
        let workbook = site.phone(&folder.path().join("phone.db"), 1).await?;
        let start = Instant::now();
        sync_over_http(&workbook, &running.url()).await?;
        ours.push(millis(start.elapsed()));

        let mut phone = FloorPhone::open(&folder.path().join("floor.db"))?;
        let start = Instant::now();
        FloorClient::new(floor.address)?.pull_all(&mut phone).await?;
        theirs.push(millis(start.elapsed()));
        if phone.count()? != records.len() as i64 {
            return Err("the floor's phone is not complete".into());
        }
    }
    let (ours, theirs) = (median(&mut ours), median(&mut theirs));
    Ok(Row {
        measure: "time of that first sync into an encrypted phone, against the floor into an equally encrypted one",
        must: "≤ 3×",
        measured: format!("{:.2}×", ours / theirs),
        remark: format!(
            "{ours:.0} ms (400 households with it) against {theirs:.0} ms; median of {}",
            plan.runs
        ),
        pass: ours <= 3.0 * theirs,
    })
}
