//! A day's exchange on the wire: 60 visits up, 40 of others down.

use std::sync::atomic::Ordering;

use gridbook_core::workbook::New;

use crate::figures::Row;
use crate::floor::{FloorVisit, pack};
use crate::site::{Counting, Site};
use crate::{Outcome, Plan};

/// Visits that everyone holds before the day begins.
const BASE: usize = 1_800;

/// Counts the bodies of the exchange.
pub(crate) async fn row(plan: &Plan) -> Outcome<Row> {
    let folder = plan.folder()?;
    let site = Site::found(folder.path()).await?;
    let mut workload = site.workload(21);
    site.append(&workload.take(BASE)).await?;
    let workbook = site.phone(&folder.path().join("phone.db"), 0).await?;
    let device = workbook.enrolment().ok_or("not enrolled")?.device;
    workbook.sync(&site.server.service().for_device(device.clone()), |_| {}).await?;

    workload.skip_to_next_day();
    let mut up: Vec<FloorVisit> = Vec::new();
    for _ in 0..60 {
        let work = workload.next_of(0);
        up.push(work.floor());
        let new = New { id: Some(work.id), grid: None, occurred_at: Some(work.at), content: work.visit };
        workbook.visits().save(new)?;
    }
    let others: Vec<_> = (0..40).map(|number| workload.next_of(1 + number % 9)).collect();
    site.append(&others).await?;
    let down: Vec<FloorVisit> = others.iter().map(|work| work.floor()).collect();

    let counting = Counting::new(site.server.service().for_device(device));
    let report = workbook.sync(&counting, |_| {}).await?;
    if (report.sent, report.received) != (60, 40) {
        return Err(format!("not the exchange that was meant: {report:?}").into());
    }
    let (sent, received) = (counting.up.load(Ordering::Relaxed), counting.down.load(Ordering::Relaxed));
    let floor = pack(&up)?.len() + pack(&down)?.len();
    let ratio = (sent + received) as f64 / floor as f64;
    Ok(Row {
        measure: "bytes of a day's exchange (60 up, 40 down), against zstd-3 JSON of only the new content",
        must: "≤ 1.15×, one round trip",
        measured: format!("{ratio:.2}×, {} round trip", report.round_trips),
        remark: format!("{sent} B up, {received} B down against {floor} B; bodies, without HTTP headers"),
        pass: ratio <= 1.15 && report.round_trips == 1,
    })
}
