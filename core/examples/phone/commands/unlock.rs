//! `unlock`: asks the server for a locked phone's key; and what `status` says while it is locked or wiped.

use gridbook_core::Error;
use gridbook_core::clock::Surroundings;
use gridbook_core::sync::http::HttpServer;
use gridbook_core::workbook::{Guard, GuardStatus, Lock};

use crate::failure::Failure;
use crate::print::Output;
use crate::speech::Speech;

pub(crate) async fn run(guard: &Guard, pin: Option<&str>, speech: Speech) -> Result<Output, Failure> {
    let status = guard.status()?;
    if status.wiped {
        return Err(Error::Wiped.into());
    }
    if status.lock.is_some() {
        let desk = guard.desk().ok_or(Error::NotEnrolled)?;
        let address = desk.address.clone();
        let device = Some((desk.device, guard.signer()?));
        let server = HttpServer::new(address, device, Surroundings::system())?;
        guard.unlock(&server, pin).await?;
    }
    Ok(Output::new(&guard.status()?, speech.say("phone.unlocked")))
}

/// What there is to say of a phone whose workbook cannot be opened; `None` if it can.
pub(crate) fn closed(status: &GuardStatus, speech: Speech) -> Option<Output> {
    let told = match (status.wiped, status.lock) {
        (true, _) => "phone_error.wiped",
        (false, Some(Lock::Lease)) => "phone_error.lease_over",
        (false, Some(Lock::Pin)) => "phone_error.pin_locked",
        (false, None) => return None,
    };
    Some(Output::new(status, speech.say(told)))
}
