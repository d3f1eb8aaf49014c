//! `status`: how the phone stands towards its server.

use gridbook_core::clock::Surroundings;
use gridbook_core::workbook::{Joining, Phase};
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
    if let Some(person) = phone.workbook.person() {
        row("person", directory.person_name(&person).to_owned());
        row(
            "may_write",
            speech.join(grants.iter().map(|grant| {
                let role = speech.say(&format!("role.{}", grant.role.as_str()));
                format!("{}({role})", directory.scope_name(&grant.scope))
            })),
        );
    }
    if let Some(joining) = &status.joining {
        row("server", joining.address.url.clone());
        row("invitation_until", phone.time(joining.expires));
    }
    if let Some(enrolment) = &status.enrolment {
        row("server", enrolment.address.url.clone());
        row("device", enrolment.device.to_string());
    }
    if let Some(left) = phone.guard.status()?.lease_left {
        row("lease_until", phone.time(Surroundings::system().now().plus_millis(left)));
    }
    if let Some(contact) = status.contact {
        row("contact", phone.time(contact));
    }
    row("unsent", status.unsent.to_string());
    row("on_server", status.on_server.to_string());
    row("refused", status.refused.to_string());
    row("open_conflicts", status.conflicts.to_string());
    row("quarantined", status.quarantined.to_string());
    row("drafts", status.drafts.to_string());
    let hint = match (&status.joining, &status.enrolment, status.unsent) {
        _ if status.phase == Phase::Withdrawn => speech.say("phone.withdrawn"),
        (Some(Joining { refused: Some(code), .. }), ..) => {
            let why = speech.say(&format!("phone_refusal.{code}"));
            speech.fill("phone.joining_refused", &[("why", &why), ("n", &status.unsent.to_string())])
        }
        (Some(_), ..) => speech.say("phone.joining"),
        (None, None, _) => speech.say("phone_error.not_enrolled"),
        (None, Some(_), 0) => speech.say("phone.all_on_server"),
        (None, Some(_), _) => speech.say("phone.sync_to_send"),
    };
    let mut output = Output::new(&status, format!("{table}\n{hint}"));
    output.json["grants"] = json!(grants);
    output.json["guard"] = json!(phone.guard.status()?);
    Ok(output)
}
