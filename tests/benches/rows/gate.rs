//! The gate: one more change on a record that was edited twenty times.

use gridbook_core::clock::Instant;
use gridbook_core::doc::{Document, Edits};
use gridbook_core::gate;
use gridbook_core::id::ActorId;
use gridbook_core::model::{Kind, Scalar};
use gridbook_tests::samples;

use crate::figures::{Row, median, timed};
use crate::{Outcome, Plan};

/// How often the record was edited before.
const EDITS: u8 = 20;
/// What one change may cost, in milliseconds.
const LIMIT: f64 = 0.6;

/// Measures all steps, from raw bytes to the document that lives on.
pub(crate) fn row(plan: &Plan) -> Outcome<Row> {
    let note = |text: String| Edits::from([("note".to_owned(), Some(Scalar::Text(text)))]);
    let fields = samples::fields(Kind::Visit);
    let (mut held, first) = Document::begin(ActorId([1; 16]), samples::MOMENT, &fields)?;
    for edit in 0..EDITS {
        let at = samples::MOMENT.plus_millis(i64::from(edit) * 60_000);
        held.write(ActorId([1 + edit % 3; 16]), at, &note(format!("第{edit}次补记")))?;
    }
    let next =
        held.clone().write(ActorId([2; 16]), Instant(samples::MOMENT.0 + 1), &note("再补一句".into()))?;
    let next = next.ok_or("an edit writes a change")?;
    let mut whole = Vec::new();
    let mut begun = Vec::new();
    for _ in 0..plan.saves {
        let (time, admitted) = timed(|| {
            let change = gate::read(&next.bytes).map_err(|refusal| refusal.to_string())?;
            Ok(gate::admit(Some(held.clone()), &change).map_err(|refusal| refusal.to_string())?)
        })?;
        drop(admitted);
        whole.push(time);
        let (time, _) = timed(|| {
            let change = gate::read(&first.bytes).map_err(|refusal| refusal.to_string())?;
            Ok(gate::admit_first(&change).map_err(|refusal| refusal.to_string())?)
        })?;
        begun.push(time);
    }
    let (whole, begun) = (median(&mut whole), median(&mut begun));
    Ok(Row {
        measure: "the gate: one change on a record with 20 edits, all steps",
        must: "≤ 0.6 ms",
        measured: format!("{whole:.2} ms"),
        remark: format!("a record's first change {:.1} µs; medians of {}", begun * 1e3, plan.saves),
        pass: whole <= LIMIT,
    })
}
