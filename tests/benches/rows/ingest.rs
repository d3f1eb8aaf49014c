//! Taking in a first sync, the phone's side alone: no network, no server.

use crate::figures::{Row, median, timed};
use crate::floor::{FloorPhone, FloorVisit};
use crate::{Outcome, Plan, phone};

/// Measures the phone's share of a first sync against the floor's.
pub(crate) async fn row(plan: &Plan) -> Outcome<Row> {
    let (mut replay, mut workload) = phone::grid_with_households(12)?;
    let visits = workload.take(plan.first_sync);
    replay.append(&visits)?;
    let records: Vec<FloorVisit> = visits.iter().map(|work| work.floor()).collect();
    let pages: Vec<Vec<u8>> = records.chunks(1_000).map(serde_json::to_vec).collect::<Result<_, _>>()?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..plan.runs {
        let folder = plan.folder()?;
        let workbook = phone::open(&folder.path().join("phone.db"))?;
        workbook.enrol(&replay, "http://replay.invalid", "invite", "bench").await?;
        let start = std::time::Instant::now();
        workbook.sync(&replay, |_| {}).await?;
        ours.push(crate::figures::millis(start.elapsed()));

        let mut floor = FloorPhone::open(&folder.path().join("floor.db"))?;
        let (time, ()) = timed(|| {
            pages.iter().try_for_each(|page| floor.take_in(&serde_json::from_slice::<Vec<FloorVisit>>(page)?))
        })?;
        theirs.push(time);
    }
    let (ours, theirs) = (median(&mut ours), median(&mut theirs));
    Ok(Row {
        measure: "the phone's own share of that first sync (no network), against the floor's",
        must: "no target of its own",
        measured: format!("{:.2}×", ours / theirs),
        remark: format!("{ours:.0} ms against {theirs:.0} ms; median of {}", plan.runs),
        pass: true,
    })
}
