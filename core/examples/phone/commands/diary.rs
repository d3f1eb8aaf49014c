//! `diary`: the day's page, and what a worker adds to it.

use clap::{Args, Subcommand};
use gridbook_core::model::{DiaryEntry, Record};
use gridbook_core::workbook::{DayLine, DayPage, New};

use crate::failure::Failure;
use crate::headline::headline;
use crate::phone::Phone;
use crate::print::{Output, Table};

#[derive(Subcommand)]
pub(crate) enum Diary {
    /// Add an entry; visits, outreach and ticks are on the page already
    Add(Add),
    /// Edit an entry
    Edit(Edit),
    /// Show a day's page
    Show(Show),
}

#[derive(Args)]
struct Fields {
    /// Such as situation 民情, dispute 矛盾纠纷, safety 安全防范
    #[arg(long)]
    category: Option<String>,
    /// The day it belongs to; today if not given
    #[arg(long)]
    date: Option<String>,
    /// Records it speaks of
    #[arg(long = "link", value_delimiter = ',')]
    links: Vec<String>,
    /// Someone must come back to this
    #[arg(long, num_args = 0..=1, default_missing_value = "true", value_name = "true|false")]
    follow_up: Option<bool>,
    /// The follow-up is done
    #[arg(long, num_args = 0..=1, default_missing_value = "true", value_name = "true|false")]
    done: Option<bool>,
}

#[derive(Args)]
pub(crate) struct Add {
    /// What happened, what was done, what came of it
    text: Option<String>,
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
    /// The entry's id
    entry: String,
    /// The text as it should read
    #[arg(long)]
    text: Option<String>,
    #[command(flatten)]
    fields: Fields,
}

#[derive(Args)]
pub(crate) struct Show {
    /// The day; today if not given
    #[arg(long)]
    date: Option<String>,
    /// A colleague's page, by name or id
    #[arg(long)]
    person: Option<String>,
}

impl Diary {
    pub(crate) fn run(self, phone: &Phone) -> Result<Output, Failure> {
        match self {
            Diary::Add(add) => add.run(phone),
            Diary::Edit(edit) => edit.run(phone),
            Diary::Show(show) => show.run(phone),
        }
    }
}

impl Fields {
    fn apply(&self, phone: &Phone, entry: &mut DiaryEntry) -> Result<(), Failure> {
        if let Some(category) = &self.category {
            entry.category = phone.code("diary_category", category)?;
        }
        if let Some(date) = &self.date {
            entry.date = phone.day_or_none(date)?;
        }
        if !self.links.is_empty() {
            let ids = self.links.iter().map(|text| phone.id(text).map(|id| id.to_string()));
            entry.links = ids.collect::<Result<_, Failure>>()?;
        }
        entry.needs_follow_up = self.follow_up.unwrap_or(entry.needs_follow_up);
        entry.done = self.done.unwrap_or(entry.done);
        Ok(())
    }
}

impl Add {
    fn run(self, phone: &Phone) -> Result<Output, Failure> {
        let (draft, mut entry) = phone.draft::<DiaryEntry>(self.draft.as_ref())?;
        if let Some(text) = self.text {
            entry.text = text;
        }
        self.fields.apply(phone, &mut entry)?;
        let new = New { grid: phone.scope_if(self.grid.as_ref())?, ..New::of(entry) };
        let saved = phone.keep_and_save(draft, new, |new| phone.workbook.diary().save(new))?;
        Ok(phone.saved(&saved))
    }
}

impl Edit {
    fn run(self, phone: &Phone) -> Result<Output, Failure> {
        let mut record: Record<DiaryEntry> = phone.workbook.get(phone.id(&self.entry)?)?;
        if let Some(text) = self.text {
            record.content.text = text;
        }
        self.fields.apply(phone, &mut record.content)?;
        Ok(phone.saved(&phone.workbook.edit(&record)?))
    }
}

impl Show {
    fn run(self, phone: &Phone) -> Result<Output, Failure> {
        let speech = phone.speech;
        let day = self.date.map_or_else(|| Ok(phone.workbook.today()), |text| phone.day(&text))?;
        let person = self.person.map(|text| phone.person(&text)).transpose()?;
        let page = phone.workbook.diary().page(day, person.as_ref())?;
        let mut table = Table::of(speech, &["time", "kind", "what", "standing", "id"]);
        for line in &page.lines {
            table.row(cells(phone, line));
        }
        let text = format!("{}\n{}", title(phone, &page), table.or_else(speech, "phone.empty_day"));
        Ok(Output::new(&page, text))
    }
}

fn title(phone: &Phone, page: &DayPage) -> String {
    phone.speech.fill(
        "phone.day_title",
        &[
            ("day", &page.day.to_string()),
            ("person", phone.directory.person_name(&page.person)),
            ("visits", &page.visits.to_string()),
            ("met", &page.met.to_string()),
            ("reached", &page.reached.to_string()),
            ("ticked", &page.ticked.to_string()),
            ("open", &page.open_follow_ups.to_string()),
        ],
    )
}

fn cells(phone: &Phone, line: &DayLine) -> [String; 5] {
    match line {
        DayLine::Visit { visit, .. } => record_cells(phone, visit),
        DayLine::Outreach { outreach } => record_cells(phone, outreach),
        DayLine::Entry { entry } => record_cells(phone, entry),
        DayLine::Tick { tick } => [
            phone.time_of_day(tick.at),
            phone.speech.say("field.ticks"),
            format!("{} · {}", tick.list_title, tick.item_title),
            String::new(),
            tick.checklist.short(),
        ],
    }
}

fn record_cells<B: gridbook_core::model::Body>(phone: &Phone, record: &Record<B>) -> [String; 5] {
    [
        phone.time_of_day(record.header.occurred_at),
        phone.speech.kind(B::KIND),
        headline(phone, &record.content.clone().into()),
        phone.speech.standing(record.standing),
        record.id.short(),
    ]
}
