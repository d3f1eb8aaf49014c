//! The commands, a file each; `main` runs the one that was asked for.

mod conflict;
mod diary;
mod draft;
mod enrol;
mod hand_over;
mod household;
mod list;
mod outreach;
mod pin;
mod record;
mod review;
mod status;
mod summary;
mod sync;
mod unlock;
mod visit;

use clap::Subcommand;

pub(crate) use unlock::{closed, run as unlock};

use crate::failure::Failure;
use crate::phone::Phone;
use crate::print::Output;

/// What the phone can be asked to do.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Trade an invitation for this phone's place at a server
    Enrol(enrol::Enrol),
    /// Households: add, edit, import, list, and those due for a visit
    #[command(subcommand)]
    Household(household::Household),
    /// Visits from door to door
    #[command(subcommand)]
    Visit(visit::VisitCommand),
    /// The grid diary: the day's page and what you add to it
    #[command(subcommand)]
    Diary(diary::Diary),
    /// The log of outreach against fraud
    #[command(subcommand)]
    Outreach(outreach::OutreachCommand),
    /// Show the task groups' checklists; begins those of the current period
    Lists(list::Lists),
    /// Make a checklist
    #[command(subcommand)]
    List(list::ListCommand),
    /// Make a template of recurring checklists
    #[command(subcommand)]
    Template(list::TemplateCommand),
    /// Tick an item of a checklist
    Tick(list::Tick),
    /// Take a tick back
    Untick(list::Untick),
    /// Search all text on this phone
    Search(record::Search),
    /// Show one record with everything known of it
    Show(record::Show),
    /// Show a masked number; who asked and why is kept and goes to the server
    Reveal(record::Reveal),
    /// Show who changed what of a record, and when
    History(record::History),
    /// Withdraw a record; it stays, struck through, with the reason
    Void(record::Void),
    /// Submit a refused record again, once what it was refused for is seen to
    Rescue(record::Rescue),
    /// Show fields that hold two values because two people wrote them at once
    Conflicts,
    /// Choose one of a field's values, or give a new one
    Resolve(conflict::Resolve),
    /// Mark a record as a lead: seen, returned or approved
    Review(review::Review),
    /// Show what was begun and not saved
    Drafts(draft::Drafts),
    /// Show what was handed over to and from this phone's grids
    #[command(name = "handovers")]
    HandOvers,
    /// Show how this phone stands towards its server
    Status,
    /// Exchange with the server: send what is new here, take in what is new there
    Sync(sync::Sync),
    /// Set a PIN that opens this phone, or take it away
    #[command(subcommand)]
    Pin(pin::PinCommand),
    /// Open a locked phone again: asks its server, so it needs a network
    Unlock,
    /// Count what was done, by day and by building
    Summary(summary::SummaryOf),
}

impl Command {
    /// Runs the command. A phone that has no place at a server yet can only get one, or tell that.
    pub(crate) async fn run(self, phone: &Phone) -> Result<Output, Failure> {
        if !matches!(self, Command::Enrol(_) | Command::Status | Command::Pin(_) | Command::Unlock) {
            phone.require_enrolment()?;
        }
        match self {
            Command::Enrol(enrol) => enrol.run(phone).await,
            Command::Household(command) => command.run(phone),
            Command::Visit(command) => command.run(phone),
            Command::Diary(command) => command.run(phone),
            Command::Outreach(command) => command.run(phone),
            Command::Lists(lists) => lists.run(phone),
            Command::List(command) => command.run(phone),
            Command::Template(command) => command.run(phone),
            Command::Tick(tick) => tick.run(phone),
            Command::Untick(untick) => untick.run(phone),
            Command::Search(search) => search.run(phone),
            Command::Show(show) => show.run(phone),
            Command::Reveal(reveal) => reveal.run(phone),
            Command::History(history) => history.run(phone),
            Command::Void(void) => void.run(phone),
            Command::Rescue(rescue) => rescue.run(phone),
            Command::Conflicts => conflict::show(phone),
            Command::Resolve(resolve) => resolve.run(phone),
            Command::Review(review) => review.run(phone),
            Command::Drafts(drafts) => drafts.run(phone),
            Command::HandOvers => hand_over::show(phone),
            Command::Status => status::show(phone),
            Command::Sync(sync) => sync.run(phone).await,
            Command::Pin(command) => command.run(phone),
            Command::Unlock => unlock(&phone.guard, None, phone.speech).await,
            Command::Summary(summary) => summary.run(phone),
        }
    }
}
