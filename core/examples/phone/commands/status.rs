//! `status`: how the phone stands towards its server.

use serde_json::json;

use crate::failure::Failure;
use crate::phone::Phone;
use crate::print::{Output, Table};

pub(crate) fn show(phone: &Phone) -> Result<Output, Failure> {
    let (workbook, speech) = (&phone.workbook, phone.speech);
    let status = workbook.status()?;
    // Read afresh: enrolling has just brought the names.
    let directory = workbook.directory();
    let grants = workbook.grants();
    let mut table = Table::bare();
    let mut row = |key: &str, value: String| table.whole_row([speech.say(&format!("phone.{key}")), value]);
    if let Some(enrolment) = &status.enrolment {
        row("person", directory.person_name(&enrolment.person).to_owned());
        row(
            "may_write",
            speech.join(grants.iter().map(|grant| {
                let role = speech.say(&format!("role.{}", grant.role.as_str()));
                format!("{}({role})", directory.scope_name(&grant.scope))
            })),
        );
        row("server", enrolment.server.clone());
        row("device", enrolment.device.to_string());
    }
    row("unsent", status.unsent.to_string());
    row("refused", status.refused.to_string());
    row("open_conflicts", status.conflicts.to_string());
    row("quarantined", status.quarantined.to_string());
    row("drafts", status.drafts.to_string());
    let hint = match (&status.enrolment, status.unsent) {
        (None, _) => "phone_error.not_enrolled",
        (Some(_), 0) => "phone.all_on_server",
        (Some(_), _) => "phone.sync_to_send",
    };
    let mut output = Output::new(&status, format!("{table}\n{}", speech.say(hint)));
    output.json["grants"] = json!(grants);
    Ok(output)
}
