//! `household`: who lives where, who is due, and rosters from spreadsheets.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use gridbook_core::Error;
use gridbook_core::model::{Household as Body, Record};
use gridbook_core::workbook::{DueHousehold, New};

use crate::failure::Failure;
use crate::headline::headline;
use crate::phone::Phone;
use crate::print::{Output, Table};

#[derive(Subcommand)]
pub(crate) enum Household {
    /// Add a household
    Add(Add),
    /// Edit a household; an empty text clears a field
    Edit(Edit),
    /// Import a roster from CSV or XLSX: every line, or none and what is wrong with each
    Import(Import),
    /// List the households due for a visit, in walking order
    Due(DueOn),
    /// List all households in walking order
    List(Most),
}

#[derive(Args)]
struct Fields {
    /// red, yellow or green, or what your community calls its classes
    #[arg(long)]
    class: Option<String>,
    /// owner_occupied 自住, rented 租赁 or vacant 空置
    #[arg(long)]
    occupancy: Option<String>,
    /// Whom to ask for, if they agreed to be named
    #[arg(long)]
    contact: Option<String>,
    /// Their phone, if they gave it
    #[arg(long)]
    phone: Option<String>,
    /// Tags such as 独居老人; on an edit these replace the earlier ones
    #[arg(long = "tag")]
    tags: Vec<String>,
    /// Anything else worth knowing at the door
    #[arg(long)]
    note: Option<String>,
    /// Needs a visit now, whatever the rhythm says
    #[arg(long, num_args = 0..=1, default_missing_value = "true", value_name = "true|false")]
    needs_visit: Option<bool>,
}

#[derive(Args)]
pub(crate) struct Add {
    /// Building-unit-room, such as 3-1-501
    dwelling: Option<String>,
    #[command(flatten)]
    fields: Fields,
    /// The grid, where you work in several
    #[arg(long)]
    grid: Option<String>,
    /// Go on with a draft
    #[arg(long)]
    draft: Option<String>,
}

#[derive(Args)]
pub(crate) struct Edit {
    /// Dwelling or id
    household: String,
    /// A corrected dwelling
    #[arg(long)]
    dwelling: Option<String>,
    #[command(flatten)]
    fields: Fields,
}

#[derive(Args)]
pub(crate) struct Import {
    /// The roster, .csv or .xlsx
    file: PathBuf,
    /// The grid, where you work in several
    #[arg(long)]
    grid: Option<String>,
}

#[derive(Args)]
pub(crate) struct DueOn {
    /// The day to plan; today if not given
    #[arg(long)]
    date: Option<String>,
    /// How many to show
    #[arg(long, default_value_t = 30)]
    most: usize,
}

#[derive(Args)]
pub(crate) struct Most {
    /// How many to show
    #[arg(long, default_value_t = 50)]
    most: usize,
}

impl Household {
    pub(crate) fn run(self, phone: &Phone) -> Result<Output, Failure> {
        match self {
            Household::Add(add) => add.run(phone),
            Household::Edit(edit) => edit.run(phone),
            Household::Import(import) => import.run(phone),
            Household::Due(due) => due.run(phone),
            Household::List(most) => list(phone, most.most),
        }
    }
}

impl Fields {
    fn apply(&self, phone: &Phone, household: &mut Body) -> Result<(), Failure> {
        if let Some(class) = &self.class {
            household.class = phone.class(class)?;
        }
        if let Some(occupancy) = &self.occupancy {
            household.occupancy = phone.coded("occupancy", occupancy)?;
        }
        if let Some(contact) = &self.contact {
            household.contact.clone_from(contact);
        }
        if let Some(number) = &self.phone {
            household.phone.clone_from(number);
        }
        if !self.tags.is_empty() {
            household.tags = phone.codes("household_tag", &self.tags)?;
        }
        if let Some(note) = &self.note {
            household.note.clone_from(note);
        }
        if let Some(needs_visit) = self.needs_visit {
            household.needs_visit = needs_visit;
        }
        Ok(())
    }
}

fn set_dwelling(household: &mut Body, text: Option<&String>) -> Result<(), Failure> {
    if let Some(text) = text {
        let dwelling = text.parse().map_err(|_| Failure::input("bad_dwelling", &[("text", text)]))?;
        household.dwelling = Some(dwelling);
    }
    Ok(())
}

impl Add {
    fn run(self, phone: &Phone) -> Result<Output, Failure> {
        let (draft, mut household) = phone.draft::<Body>(self.draft.as_ref())?;
        set_dwelling(&mut household, self.dwelling.as_ref())?;
        self.fields.apply(phone, &mut household)?;
        let new = New { grid: phone.scope_if(self.grid.as_ref())?, ..New::of(household) };
        let saved = phone.keep_and_save(draft, new, |new| phone.workbook.households().save(new))?;
        Ok(phone.saved(&saved))
    }
}

impl Edit {
    fn run(self, phone: &Phone) -> Result<Output, Failure> {
        let mut record = phone.workbook.households().resolve(&self.household)?;
        set_dwelling(&mut record.content, self.dwelling.as_ref())?;
        self.fields.apply(phone, &mut record.content)?;
        Ok(phone.saved(&phone.workbook.edit(&record)?))
    }
}

impl Import {
    fn run(self, phone: &Phone) -> Result<Output, Failure> {
        let bytes = std::fs::read(&self.file)
            .map_err(|source| Failure::Core(Error::File { path: self.file.clone(), source }))?;
        let grid = phone.scope_if(self.grid.as_ref())?;
        let name = self.file.file_name().unwrap_or_default().to_string_lossy();
        let report = phone.workbook.households().import(&name, &bytes, grid)?;
        if !report.problems.is_empty() {
            return Err(Failure::Roster(report.problems));
        }
        let mut text = phone.speech.fill("phone.imported", &[("n", &report.imported.to_string())]);
        if !report.known.is_empty() {
            let known = report.known.len().to_string();
            text = format!("{text}\n{}", phone.speech.fill("phone.known_households", &[("n", &known)]));
        }
        if !report.ignored.is_empty() {
            let columns = phone.speech.join(report.ignored.iter().cloned());
            text =
                format!("{text}\n{}", phone.speech.fill("phone.columns_ignored", &[("columns", &columns)]));
        }
        Ok(Output::new(&report, text))
    }
}

impl DueOn {
    fn run(self, phone: &Phone) -> Result<Output, Failure> {
        let speech = phone.speech;
        let day = self.date.map_or_else(|| Ok(phone.workbook.today()), |text| phone.day(&text))?;
        let (due, more) = phone.workbook.households().due(day, None, self.most)?;
        let mut table = Table::of(speech, &["dwelling", "class", "due_since", "why", "about", "id"]);
        for DueHousehold { household, due } in &due {
            let body = &household.content;
            let reason = serde_json::to_value(due.reason).ok();
            let reason = reason.as_ref().and_then(|reason| reason.as_str()).unwrap_or_default();
            table.row([
                body.dwelling.as_ref().map_or_else(String::new, ToString::to_string),
                phone.directory.rhythms.of(&body.class).map_or("", |class| speech.rhythm(class)).to_owned(),
                due.day.to_string(),
                speech.say(&format!("due_reason.{reason}")),
                about(phone, household),
                household.id.short(),
            ]);
        }
        let mut text = table.or_else(speech, "phone.none_due");
        if more.is_some() {
            text = format!("{text}\n{}", speech.fill("phone.more", &[("n", &self.most.to_string())]));
        }
        Ok(Output::new(&due, text))
    }
}

/// Tags and note: what is worth knowing before the door opens.
fn about(phone: &Phone, household: &Record<Body>) -> String {
    let body = Body {
        tags: household.content.tags.clone(),
        note: household.content.note.clone(),
        ..Body::default()
    };
    headline(phone, &body.into())
}

fn list(phone: &Phone, most: usize) -> Result<Output, Failure> {
    let (households, more) = phone.workbook.households().walk(None, most)?;
    let mut table = Table::of(phone.speech, &["what", "standing", "id"]);
    for household in &households {
        table.row([
            headline(phone, &household.content.clone().into()),
            phone.speech.standing(household.standing),
            household.id.short(),
        ]);
    }
    let mut text = table.or_else(phone.speech, "phone.no_households");
    if more.is_some() {
        text = format!("{text}\n{}", phone.speech.fill("phone.more", &[("n", &most.to_string())]));
    }
    Ok(Output::new(&households, text))
}
