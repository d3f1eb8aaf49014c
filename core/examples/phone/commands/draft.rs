//! `drafts`: what was begun and not saved.

use clap::Args;
use serde_json::json;

use crate::failure::Failure;
use crate::phone::Phone;
use crate::print::{Output, Table};

#[derive(Args)]
pub(crate) struct Drafts {
    /// Throw a draft away
    #[arg(long, value_name = "ID")]
    discard: Option<String>,
}

impl Drafts {
    pub(crate) fn run(self, phone: &Phone) -> Result<Output, Failure> {
        let speech = phone.speech;
        if let Some(text) = self.discard {
            let id = phone.id(&text)?;
            if !phone.workbook.drafts().discard(id)? {
                return Err(Failure::input("no_draft", &[("id", &text)]));
            }
            let told = speech.fill("phone.draft_discarded", &[("id", &id.short())]);
            return Ok(Output::new(&json!({ "discarded": id }), told));
        }
        let drafts = phone.workbook.drafts().list()?;
        let mut table = Table::of(speech, &["id", "kind", "when", "what"]);
        for draft in &drafts {
            table.row([
                draft.id.short(),
                speech.kind(draft.kind),
                phone.time(draft.updated),
                typed(&draft.fields),
            ]);
        }
        let mut text = table.or_else(speech, "message.no_drafts");
        if !drafts.is_empty() {
            text = format!("{text}\n{}", speech.say("phone.how_to_resume"));
        }
        Ok(Output::new(&drafts, text))
    }
}

/// The texts that were typed, whatever state the rest is in.
fn typed(fields: &serde_json::Value) -> String {
    let object = fields.as_object().into_iter().flatten();
    let texts =
        object.filter(|(name, _)| ["dwelling", "text", "note", "title", "place"].contains(&name.as_str()));
    let texts: Vec<_> =
        texts.filter_map(|(_, value)| value.as_str()).filter(|text| !text.is_empty()).collect();
    texts.join(" · ")
}
