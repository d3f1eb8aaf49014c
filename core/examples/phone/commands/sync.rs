//! `sync`: one exchange with the server, with progress on stderr; Ctrl-C stops it and keeps what came.

use std::pin::pin;

use clap::Args;
use gridbook_core::Error;
use gridbook_core::clock::Surroundings;
use gridbook_core::sync::http::{HttpServer, Patience, Patient};
use gridbook_core::workbook::{HandedIn, Progress, SyncReport};

use crate::failure::{Failure, REFUSED};
use crate::phone::Phone;
use crate::print::Output;

#[derive(Args)]
pub(crate) struct Sync {
    /// How often a call is repeated while the server cannot be reached
    #[arg(long, default_value_t = Patience::default().repeats)]
    repeats: u32,
}

impl Sync {
    pub(crate) async fn run(self, phone: &Phone) -> Result<Output, Failure> {
        let workbook = &phone.workbook;
        if let Some(joining) = workbook.joining() {
            let desk = HttpServer::new(joining.address.clone(), None, Surroundings::system())?;
            workbook.complete(&desk).await.map_err(|error| kept(phone, error))?;
        }
        let enrolment = workbook.enrolment().ok_or(Error::NotEnrolled)?;
        let address = enrolment.address.clone();
        let identity = Some((enrolment.device, workbook.signer()));
        let server = HttpServer::new(address, identity, Surroundings::system())?;
        let patience = Patience { repeats: self.repeats, ..Patience::default() };
        let server = Patient::new(server, patience, Surroundings::system());

        let mut exchange = pin!(workbook.sync(&server, |progress| tell(phone, progress)));
        let report = tokio::select! {
            report = &mut exchange => report,
            Ok(()) = tokio::signal::ctrl_c() => {
                workbook.cancel_sync();
                exchange.await
            }
        };
        let report = report.map_err(|error| kept(phone, error))?;
        let mut output = Output::new(&report, told(phone, &report));
        if !report.refused.is_empty() {
            output.exit_code = REFUSED;
        }
        Ok(output)
    }
}

/// The person standing at a door wants to know first that nothing is lost.
fn kept(phone: &Phone, error: Error) -> Failure {
    if let Ok(status) = phone.workbook.status() {
        let unsent = status.unsent.to_string();
        crate::say_aside(&phone.speech.fill("phone.all_kept", &[("n", &unsent)]));
    }
    error.into()
}

fn tell(phone: &Phone, progress: Progress) {
    let Progress { sent, unsent, received, remaining } = progress;
    let [sent, unsent, received, remaining] = [sent, unsent, received, remaining].map(|n| n.to_string());
    crate::say_aside(&phone.speech.fill(
        "phone.progress",
        &[("sent", &sent), ("unsent", &unsent), ("received", &received), ("remaining", &remaining)],
    ));
}

fn told(phone: &Phone, report: &SyncReport) -> String {
    let speech = phone.speech;
    if let Some(HandedIn { changes, drafts }) = report.handed_in {
        let (changes, drafts) = (changes.to_string(), drafts.to_string());
        return speech.fill("phone.handed_in", &[("changes", &changes), ("drafts", &drafts)]);
    }
    let (sent, received) = (report.sent.to_string(), report.received.to_string());
    let mut lines = vec![speech.fill("phone.synced", &[("sent", &sent), ("received", &received)])];
    let refused = report.refused.iter().map(|id| speech.fill("phone.was_refused", &[("id", &id.short())]));
    lines.extend(refused);
    if report.quarantined > 0 {
        lines.push(speech.fill("phone.was_quarantined", &[("n", &report.quarantined.to_string())]));
    }
    if report.healed > 0 {
        lines.push(speech.fill("phone.was_healed", &[("n", &report.healed.to_string())]));
    }
    for (key, records) in [("erased", &report.erased), ("handed_over", &report.handed_over)] {
        if !records.is_empty() {
            lines.push(speech.fill(&format!("app.{key}"), &[("n", &records.len().to_string())]));
        }
    }
    let dropped = report.dropped.iter().map(|scope| phone.directory.scope_name(scope));
    lines.extend(dropped.map(|name| speech.fill("app.scope_dropped", &[("scope", name)])));
    lines.join("\n")
}
