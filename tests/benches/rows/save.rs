//! A durable save of one visit against a plain insert of its JSON.

use gridbook_core::workbook::New;

use crate::figures::{Row, median, timed};
use crate::floor::FloorPhone;
use crate::{Outcome, Plan, phone};

/// Measures both in turn, so that what else the machine does falls on both.
pub(crate) async fn row(plan: &Plan) -> Outcome<Row> {
    let folder = plan.folder()?;
    let (replay, mut workload) = phone::grid_with_households(11)?;
    let workbook = phone::filled(&folder.path().join("phone.db"), &replay).await?;
    let floor = FloorPhone::open(&folder.path().join("floor.db"))?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for number in 0..plan.saves {
        let work = workload.next_of(0);
        let record = work.floor();
        let new = New { id: Some(work.id), grid: None, occurred_at: Some(work.at), content: work.visit };
        let (save, _) = timed(|| Ok(workbook.visits().save(new)?))?;
        let (insert, ()) = timed(|| floor.save(&record))?;
        // The first few warm caches and statements.
        if number >= plan.saves / 10 {
            ours.push(save);
            theirs.push(insert);
        }
    }
    let (ours, theirs) = (median(&mut ours), median(&mut theirs));
    Ok(Row {
        measure: "durable save of one visit (change + row + search), against a plain insert of its JSON",
        must: "≤ 3×",
        measured: format!("{:.2}×", ours / theirs),
        remark: format!(
            "{:.0} µs against {:.0} µs; median of {}",
            ours * 1e3,
            theirs * 1e3,
            plan.saves * 9 / 10
        ),
        pass: ours <= 3.0 * theirs,
    })
}
