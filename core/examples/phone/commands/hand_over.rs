//! `handovers`: what was handed over to and from this phone's grids.

use serde_json::json;

use crate::failure::Failure;
use crate::phone::Phone;
use crate::print::{Output, Table};

pub(crate) fn show(phone: &Phone) -> Result<Output, Failure> {
    let (workbook, speech) = (&phone.workbook, phone.speech);
    let lines = workbook.hand_overs()?;
    let directory = workbook.directory();
    let mut table = Table::bare();
    for line in &lines {
        let way = match (line.came, line.went, directory.scope(&line.from).is_some()) {
            (_, true, _) => "went",
            (true, false, true) if workbook.grants().iter().any(|grant| grant.scope == line.from) => "within",
            _ => "came",
        };
        let count = [
            ("households", line.households.to_string()),
            ("records", line.records.to_string()),
            ("waiting", line.waiting.to_string()),
            ("refused", line.refused.to_string()),
        ];
        let count: Vec<(&str, &str)> = count.iter().map(|(name, number)| (*name, number.as_str())).collect();
        let mut parts = vec![
            speech.say(&format!("hand_over.{way}")),
            format!("{} → {}", directory.scope_name(&line.from), directory.scope_name(&line.to)),
            speech.fill("hand_over.line", &count),
            speech.say(&format!("hand_over.{}", line.why)),
        ];
        if line.waiting > 0 {
            parts.push(speech.fill("hand_over.waiting", &count));
        }
        if line.refused > 0 {
            parts.push(speech.fill("hand_over.refused", &count));
        }
        table.whole_row([phone.time(line.at), parts.join(" · ")]);
    }
    let text = if lines.is_empty() { speech.say("hand_over.none") } else { table.to_string() };
    Ok(Output::new(&json!({ "hand_overs": lines }), text))
}
