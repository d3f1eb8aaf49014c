//! `hand-over`: moving households with what is about them from one grid to another.

use clap::{ArgGroup, Args};
use gridbook_core::id::RecordId;
use gridbook_core::sync::notice::Cause;
use serde_json::json;

use super::Context;
use crate::error::Result;
use crate::service::{HandOverRequest, Households};

/// Hand households over to another grid, with their visits, reviews, outreach and open diary entries. Phones of the
/// old grid send what they have not sent yet and then let go of them; phones of the new grid take them over. Doing
/// it again changes nothing. Take the old worker's role back afterwards, not before.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("which").required(true).args(["household", "building", "all"])))]
pub(super) struct HandOver {
    /// The grid they live in: an id, a name that only one scope has, or COMMUNITY/NAME.
    #[arg(long, value_name = "GRID")]
    from: String,
    /// The grid they are to live in.
    #[arg(long, value_name = "GRID")]
    to: String,
    /// A household's id; may be given several times.
    #[arg(long, value_name = "ID")]
    household: Vec<RecordId>,
    /// Every household of this building.
    #[arg(long, value_name = "NAME")]
    building: Option<String>,
    /// Everything that lives in the grid.
    #[arg(long)]
    all: bool,
    /// Why: recut (the grids were cut anew) or staff (another worker takes over).
    #[arg(long, value_parser = why, default_value = "staff")]
    why: Cause,
    /// Who decided it: an id, or a name that only one person has; an administrator or lead of both grids. Needed
    /// where there are several administrators.
    #[arg(long, value_name = "PERSON")]
    by: Option<String>,
    /// Only count.
    #[arg(long)]
    dry_run: bool,
}

fn why(word: &str) -> std::result::Result<Cause, String> {
    let chosen = Cause::from_word(word).filter(|cause| *cause != Cause::Follows);
    chosen.ok_or_else(|| "one of recut, staff".to_owned())
}

impl HandOver {
    pub(super) async fn run(self, context: &Context) -> Result<()> {
        let admin = context.open().await?.admin();
        let (from, to) = (admin.find_scope(&self.from).await?, admin.find_scope(&self.to).await?);
        let households = match self.building {
            Some(building) => Households::Building(building),
            None if self.all => Households::All,
            None => Households::Named(self.household),
        };
        let by = match &self.by {
            Some(by) => admin.find_person(by).await?.id,
            None => admin.eraser().await?,
        };
        let (why, dry_run) = (self.why, self.dry_run);
        let request = HandOverRequest { from: from.id, to: to.id, households, why, dry_run };
        let done = admin.hand_over(&by, request).await?;
        let verb = if dry_run { "would be handed over" } else { "handed over" };
        let mut line = format!(
            "{} households, {} records in all, {verb} from {} to {}",
            done.households, done.records, from.name, to.name
        );
        if done.there_already > 0 {
            line.push_str(&format!("; {} households are there already", done.there_already));
        }
        context.print(&json!({ "dry_run": dry_run, "handed_over": done }), [line])
    }
}
