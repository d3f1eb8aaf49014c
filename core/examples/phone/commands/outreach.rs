//! `outreach`: the log of outreach against fraud.

use clap::{Args, Subcommand};
use gridbook_core::model::{Outreach, Record};
use gridbook_core::workbook::{Draft, New};

use crate::failure::Failure;
use crate::phone::Phone;
use crate::print::Output;

#[derive(Subcommand)]
pub(crate) enum OutreachCommand {
    /// Log an outreach, from a visit or of its own
    Add(Add),
}

#[derive(Args)]
pub(crate) struct Add {
    /// Take everything that a visit knows already
    #[arg(long, value_name = "VISIT")]
    from_visit: Option<String>,
    /// door 入户, talk 讲座, display 展板, online 线上 or gathering 集中
    #[arg(long)]
    form: Option<String>,
    /// Where it took place, in words
    #[arg(long)]
    place: Option<String>,
    /// The building it covered
    #[arg(long)]
    building: Option<String>,
    /// Households reached, by dwelling or id
    #[arg(long = "household", value_delimiter = ',')]
    households: Vec<String>,
    /// Types of fraud spoken of, such as 刷单返利
    #[arg(long = "fraud")]
    fraud_types: Vec<String>,
    /// People reached
    #[arg(long)]
    reached: Option<u32>,
    /// Leaflets handed out
    #[arg(long)]
    leaflets: Option<u32>,
    /// Questions answered
    #[arg(long)]
    consultations: Option<u32>,
    /// People talked out of a payment
    #[arg(long)]
    dissuaded: Option<u32>,
    /// Anything else
    #[arg(long)]
    note: Option<String>,
    /// When it happened, if not now: 09:30, or 2026-11-23 09:30
    #[arg(long)]
    at: Option<String>,
    /// The grid, where you work in several
    #[arg(long)]
    grid: Option<String>,
    /// Go on with a draft
    #[arg(long, conflicts_with = "from_visit")]
    draft: Option<String>,
}

impl OutreachCommand {
    pub(crate) fn run(self, phone: &Phone) -> Result<Output, Failure> {
        let OutreachCommand::Add(add) = self;
        let (draft, content) = phone.draft::<Outreach>(add.draft.as_ref())?;
        let mut new = match &add.from_visit {
            Some(visit) => phone.workbook.visits().outreach_from(phone.id(visit)?)?,
            None => New::of(content),
        };
        add.apply(phone, &mut new)?;
        Ok(phone.saved(&save(phone, draft, new)?))
    }
}

/// Saves an outreach; `visit add --outreach` does it too.
pub(super) fn save(
    phone: &Phone,
    draft: Option<Draft>,
    new: New<Outreach>,
) -> Result<Record<Outreach>, Failure> {
    phone.keep_and_save(draft, new, |new| phone.workbook.outreach().save(new))
}

impl Add {
    fn apply(&self, phone: &Phone, new: &mut New<Outreach>) -> Result<(), Failure> {
        if let Some(grid) = phone.scope_if(self.grid.as_ref())? {
            new.grid = Some(grid);
        }
        if let Some(at) = &self.at {
            new.occurred_at = Some(phone.moment(at)?);
        }
        let outreach = &mut new.content;
        if let Some(form) = &self.form {
            outreach.form = phone.coded("outreach_form", form)?;
        }
        if !self.households.is_empty() {
            let households = self.households.iter().map(|text| phone.workbook.households().resolve(text));
            let ids = households.map(|household| household.map(|household| household.id.to_string()));
            outreach.households = ids.collect::<gridbook_core::Result<_>>()?;
        }
        if !self.fraud_types.is_empty() {
            outreach.fraud_types = phone.codes("fraud_type", &self.fraud_types)?;
        }
        let texts = [
            (&self.place, &mut outreach.place),
            (&self.building, &mut outreach.building),
            (&self.note, &mut outreach.note),
        ];
        for (typed, field) in texts {
            if let Some(text) = typed {
                field.clone_from(text);
            }
        }
        let counts = [
            (self.reached, &mut outreach.reached),
            (self.leaflets, &mut outreach.leaflets),
            (self.consultations, &mut outreach.consultations),
            (self.dissuaded, &mut outreach.dissuaded),
        ];
        for (typed, field) in counts {
            *field = typed.unwrap_or(*field);
        }
        Ok(())
    }
}
