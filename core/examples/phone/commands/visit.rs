//! `visit`: one knock on one door, and the outreach that came of it.

use clap::{Args, Subcommand};
use gridbook_core::model::Visit;
use gridbook_core::workbook::New;
use serde_json::json;

use super::outreach;
use crate::failure::Failure;
use crate::phone::Phone;
use crate::print::Output;

#[derive(Subcommand)]
pub(crate) enum VisitCommand {
    /// Record a visit
    Add(Add),
    /// Edit a visit; an empty text clears a field
    Edit(Edit),
}

#[derive(Args)]
struct Fields {
    /// met 见面, not_met 未遇, refused 拒访 or phone 电话
    #[arg(long)]
    outcome: Option<String>,
    /// What for, such as 安全检查; on an edit these replace the earlier ones
    #[arg(long = "purpose")]
    purposes: Vec<String>,
    /// Who came along
    #[arg(long)]
    companions: Option<String>,
    /// What was seen and said
    #[arg(long)]
    note: Option<String>,
    /// What the household asks for
    #[arg(long)]
    requests: Option<String>,
    /// Hazards seen, such as 飞线充电; on an edit these replace the earlier ones
    #[arg(long = "hazard")]
    hazards: Vec<String>,
    /// The day to come again
    #[arg(long)]
    next: Option<String>,
    /// When it began: 09:30, or 2026-11-23 09:30
    #[arg(long)]
    started: Option<String>,
    /// When it ended
    #[arg(long)]
    ended: Option<String>,
}

#[derive(Args)]
pub(crate) struct Add {
    /// Dwelling such as 3-1-501, or the household's id
    household: Option<String>,
    #[command(flatten)]
    fields: Fields,
    /// When it happened, if not now: 09:30, or 2026-11-23 09:30
    #[arg(long)]
    at: Option<String>,
    /// Log outreach against fraud from this visit, without typing anything twice
    #[arg(long)]
    outreach: bool,
    /// Types of fraud spoken of, for --outreach
    #[arg(long = "fraud", requires = "outreach")]
    fraud_types: Vec<String>,
    /// Go on with a draft
    #[arg(long)]
    draft: Option<String>,
}

#[derive(Args)]
pub(crate) struct Edit {
    /// The visit's id
    visit: String,
    #[command(flatten)]
    fields: Fields,
    /// When it happened
    #[arg(long)]
    at: Option<String>,
}

impl VisitCommand {
    pub(crate) fn run(self, phone: &Phone) -> Result<Output, Failure> {
        match self {
            VisitCommand::Add(add) => add.run(phone),
            VisitCommand::Edit(edit) => edit.run(phone),
        }
    }
}

impl Fields {
    fn apply(&self, phone: &Phone, visit: &mut Visit) -> Result<(), Failure> {
        if let Some(outcome) = &self.outcome {
            visit.outcome = phone.coded("visit_outcome", outcome)?;
        }
        if !self.purposes.is_empty() {
            visit.purposes = phone.codes("visit_purpose", &self.purposes)?;
        }
        if let Some(companions) = &self.companions {
            visit.companions.clone_from(companions);
        }
        if let Some(note) = &self.note {
            visit.note.clone_from(note);
        }
        if let Some(requests) = &self.requests {
            visit.requests.clone_from(requests);
        }
        if !self.hazards.is_empty() {
            visit.hazards = phone.codes("hazard", &self.hazards)?;
        }
        if let Some(next) = &self.next {
            visit.next_visit = phone.day_or_none(next)?;
        }
        if let Some(started) = &self.started {
            visit.started = phone.moment_or_none(started)?;
        }
        if let Some(ended) = &self.ended {
            visit.ended = phone.moment_or_none(ended)?;
        }
        Ok(())
    }
}

impl Add {
    fn run(self, phone: &Phone) -> Result<Output, Failure> {
        let workbook = &phone.workbook;
        let (draft, mut visit) = phone.draft::<Visit>(self.draft.as_ref())?;
        if let Some(household) = &self.household {
            visit.household = workbook.households().resolve(household)?.id;
        }
        self.fields.apply(phone, &mut visit)?;
        let fraud_types = phone.codes("fraud_type", &self.fraud_types)?;
        let occurred_at = self.at.map(|at| phone.moment(&at)).transpose()?;
        let new = New { occurred_at, ..New::of(visit) };
        let saved = phone.keep_and_save(draft, new, |new| workbook.visits().save(new))?;
        let mut output = phone.saved(&saved);
        if self.outreach {
            let mut new = workbook.visits().outreach_from(saved.id)?;
            new.content.fraud_types = fraud_types;
            let logged = outreach::save(phone, None, new)?;
            output.text.push_str(&format!("{}\n", phone.saved_line(&logged)));
            output.json["outreach"] = json!(logged);
        }
        Ok(output)
    }
}

impl Edit {
    fn run(self, phone: &Phone) -> Result<Output, Failure> {
        let mut record = phone.workbook.get::<Visit>(phone.id(&self.visit)?)?;
        self.fields.apply(phone, &mut record.content)?;
        if let Some(at) = &self.at {
            record.header.occurred_at = phone.moment(at)?;
        }
        Ok(phone.saved(&phone.workbook.edit(&record)?))
    }
}
