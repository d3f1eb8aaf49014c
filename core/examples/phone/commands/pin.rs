//! `pin`: the worker's own lock on this phone.

use clap::Subcommand;
use serde_json::json;

use crate::failure::Failure;
use crate::phone::Phone;
use crate::print::Output;

#[derive(Subcommand)]
pub(crate) enum PinCommand {
    /// Set a PIN of 6 to 12 digits, or another one
    Set {
        /// The digits
        #[arg(value_name = "PIN")]
        new: String,
    },
    /// Take the PIN away
    Remove,
}

impl PinCommand {
    pub(crate) fn run(self, phone: &Phone) -> Result<Output, Failure> {
        let (new, told) = match &self {
            PinCommand::Set { new } => (Some(new.as_str()), "phone.pin_set"),
            PinCommand::Remove => (None, "phone.pin_removed"),
        };
        phone.guard.set_pin(new)?;
        Ok(Output::new(&json!({ "pin": new.is_some() }), phone.speech.say(told)))
    }
}
