//! What an exchange tells of the phone itself: when it was in touch, with which app, and what of its work stayed on it. A
//! lead sees who may need help, and nothing finer is kept.

use gridbook_core::clock::Instant;
use gridbook_core::gate::Refusal;
use gridbook_core::sync::protocol::{Receipt, SyncRequest, SyncResponse};

use super::Service;
use crate::db::{Contact, Device};
use crate::error::Result;

const HOUR_MS: i64 = 60 * 60 * 1_000;
/// Characters of a version.
const VERSION: usize = 32;

impl Service {
    /// Notes that a device was in touch, to the hour, and what it told, where that is new. `answer` is what it got, if
    /// its exchange came to one.
    pub(super) async fn note_contact(
        &self,
        device: &Device,
        request: &SyncRequest,
        answer: Option<&SyncResponse>,
    ) -> Result<()> {
        let now = self.surroundings.now();
        let at = Instant(now.0 - now.0.rem_euclid(HOUR_MS));
        let app = request.app.clone().filter(|app| is_version(app));
        let contact = Contact { at, app, unsent: left_on_phone(request, answer) };
        if device.contact.as_ref() == Some(&contact) {
            return Ok(());
        }
        self.db.note_contact(&device.id, contact).await
    }
}

/// What a phone still has to send after an exchange: what it did not bring, and what waits for other changes. What was
/// refused is told by itself, with its reasons.
fn left_on_phone(request: &SyncRequest, answer: Option<&SyncResponse>) -> Option<u64> {
    let waits = |receipt: &&Receipt| matches!(receipt, Receipt::Refused(Refusal::MissingDependency));
    let kept = match answer {
        Some(answer) => answer.receipts.iter().filter(waits).count(),
        None => request.push.len(),
    };
    request.unsent.map(|unsent| u64::from(unsent) + kept as u64)
}

/// True for what a page may show as a version: a phone may send anything.
fn is_version(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+');
    (1..=VERSION).contains(&text.len()) && text.chars().all(plain)
}
