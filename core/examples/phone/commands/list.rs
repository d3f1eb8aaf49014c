//! `lists`, `list`, `template`, `tick`, `untick`: the task groups' shared checklists.

use std::collections::BTreeMap;

use clap::{Args, Subcommand};
use gridbook_core::id::PersonId;
use gridbook_core::model::{Checklist, Item, Record, Tags, Template, TemplateItem};
use gridbook_core::workbook::{Filter, New};

use super::item::TypedItem;
use crate::failure::Failure;
use crate::phone::Phone;
use crate::print::{Output, Table};

#[derive(Args)]
pub(crate) struct Lists {
    /// How many to show, the newest first
    #[arg(long, default_value_t = 10)]
    most: usize,
}

#[derive(Subcommand)]
pub(crate) enum ListCommand {
    /// Make a checklist for one period
    Add(AddList),
}

#[derive(Subcommand)]
pub(crate) enum TemplateCommand {
    /// Make a template; every phone begins the same checklists from it
    Add(AddTemplate),
}

#[derive(Args)]
struct Titles {
    /// The title
    title: String,
    /// The task group, by name or id
    #[arg(long)]
    group: String,
    /// What to do; once for each item, such as "smoke detectors;people=2;for=LI XUE,WANG MING" with how many people it
    /// asks for, who is asked, and by when: due=2026-12-01 in a list, after=3 (days) in a template
    #[arg(long = "item", required = true)]
    items: Vec<String>,
    /// How many people must tick each item that does not say so
    #[arg(long, default_value_t = 1)]
    people: u32,
}

#[derive(Args)]
pub(crate) struct AddList {
    #[command(flatten)]
    titles: Titles,
    /// First day; today if not given
    #[arg(long)]
    starts: Option<String>,
    /// Last day
    #[arg(long)]
    ends: Option<String>,
}

#[derive(Args)]
pub(crate) struct AddTemplate {
    #[command(flatten)]
    titles: Titles,
    /// daily 每日, weekly 每周 or monthly 每月
    #[arg(long)]
    recurs: String,
}

#[derive(Args)]
pub(crate) struct Tick {
    /// The checklist's id
    list: String,
    /// The item: its number in `lists`, its title or its id
    item: String,
}

#[derive(Args)]
pub(crate) struct Untick {
    /// The checklist's id
    list: String,
    /// The item: its number in `lists`, its title or its id
    item: String,
    /// Whose tick, by name or id; your own if not given
    #[arg(long)]
    person: Option<String>,
}

impl Lists {
    pub(crate) fn run(self, phone: &Phone) -> Result<Output, Failure> {
        let lists = phone.workbook.checklists();
        let begun = lists.begin_period(phone.workbook.today())?;
        let page = lists.list(&Filter::default(), None, self.most)?;
        let mut text = String::new();
        if !begun.is_empty() {
            text = phone.speech.fill("phone.lists_begun", &[("n", &begun.len().to_string())]);
            text.push_str("\n\n");
        }
        if page.items.is_empty() {
            text.push_str(&phone.speech.say("phone.no_lists"));
        }
        let told: Vec<_> = page.items.iter().map(|list| tell(phone, list)).collect();
        text.push_str(&told.join("\n\n"));
        if page.next.is_some() {
            text.push_str(&format!(
                "\n{}",
                phone.speech.fill("phone.more", &[("n", &self.most.to_string())])
            ));
        }
        Ok(Output::new(&page.items, text))
    }
}

/// One checklist with its items and who ticked them.
fn tell(phone: &Phone, list: &Record<Checklist>) -> String {
    let speech = phone.speech;
    let progress = list.content.progress();
    let mut table = Table::of(speech, &["number", "item", "due", "asked", "people_asked", "ticked_by"]);
    for (number, item) in (1..).zip(&progress) {
        let ticks = item.ticks.iter();
        let names = ticks.map(|(person, at)| format!("{} {}", phone.name(Some(person)), phone.time(*at)));
        table.row([
            format!("{number} {}", if item.done { "✓" } else { " " }),
            item.item.title.clone(),
            list.content.due(item.item).map_or_else(String::new, |day| day.to_string()),
            speech.join(asked(phone, &list.content, item.id)),
            format!("{}/{}", item.ticks.len(), item.item.people.max(1)),
            speech.join(names),
        ]);
    }
    let headline = crate::headline::headline(phone, &list.content.clone().into());
    let standing = speech.standing(list.standing);
    format!("{headline} · {standing} · {}\n{table}", list.id.short())
}

/// The names of those who are asked to do an item.
fn asked<'a>(phone: &'a Phone, list: &'a Checklist, item: &str) -> impl Iterator<Item = String> + 'a {
    let people = list.assignees.get(item).into_iter().flat_map(Tags::iter);
    people.map(|person| phone.name(Some(&PersonId::from(person))))
}

impl ListCommand {
    pub(crate) fn run(self, phone: &Phone) -> Result<Output, Failure> {
        let ListCommand::Add(add) = self;
        let starts = add.starts.map_or_else(|| Ok(phone.workbook.today()), |text| phone.day(&text))?;
        let ends = add.ends.map(|text| phone.day(&text)).transpose()?;
        let typed = TypedItem::read_all(phone, &add.titles.items)?;
        let people = add.titles.people;
        let item = |position, typed: &TypedItem| {
            let TypedItem { title, due, .. } = typed.clone();
            Item { title, due, people: typed.people.unwrap_or(people), position, removed: false }
        };
        let content = Checklist {
            title: add.titles.title,
            group: phone.scope(&add.titles.group)?,
            starts: Some(starts),
            ends,
            assignees: assignees(&typed),
            items: numbered(&typed, item),
            ..Checklist::default()
        };
        let new = New { occurred_at: Some(phone.workbook.zone().start_of(starts)), ..New::of(content) };
        let saved = phone.keep_and_save(None, new, |new| phone.workbook.checklists().save(new))?;
        Ok(Output::new(&saved, tell(phone, &saved)))
    }
}

impl TemplateCommand {
    pub(crate) fn run(self, phone: &Phone) -> Result<Output, Failure> {
        let TemplateCommand::Add(add) = self;
        let typed = TypedItem::read_all(phone, &add.titles.items)?;
        let people = add.titles.people;
        let item = |position, typed: &TypedItem| {
            let TypedItem { title, after, .. } = typed.clone();
            TemplateItem { title, due_after: after, people: typed.people.unwrap_or(people), position }
        };
        let content = Template {
            title: add.titles.title,
            group: phone.scope(&add.titles.group)?,
            recurs: phone.coded("recurrence", &add.recurs)?,
            assignees: assignees(&typed),
            items: numbered(&typed, item),
            ..Template::default()
        };
        let save = |new| phone.workbook.checklists().save_template(new);
        Ok(phone.saved(&phone.keep_and_save(None, New::of(content), save)?))
    }
}

/// An item's id in a new list: ids need to differ within the list only, for one person makes it.
fn id_at(position: u32) -> String {
    format!("i{position}")
}

fn numbered<I>(typed: &[TypedItem], item: impl Fn(u32, &TypedItem) -> I) -> BTreeMap<String, I> {
    (1..).zip(typed).map(|(position, typed)| (id_at(position), item(position, typed))).collect()
}

/// Who is asked to do what; an item for everybody is not among them.
fn assignees(typed: &[TypedItem]) -> BTreeMap<String, Tags> {
    let asked = (1..).zip(typed).filter(|(_, typed)| !typed.people_asked.0.is_empty());
    asked.map(|(position, typed)| (id_at(position), typed.people_asked.clone())).collect()
}

impl Tick {
    pub(crate) fn run(self, phone: &Phone) -> Result<Output, Failure> {
        let list = phone.workbook.get::<Checklist>(phone.id(&self.list)?)?;
        let item = item_named(&list.content, &self.item)?;
        let ticked = phone.workbook.checklists().tick(list.id, &item)?;
        Ok(Output::new(&ticked, tell(phone, &ticked)))
    }
}

impl Untick {
    pub(crate) fn run(self, phone: &Phone) -> Result<Output, Failure> {
        let list = phone.workbook.get::<Checklist>(phone.id(&self.list)?)?;
        let item = item_named(&list.content, &self.item)?;
        let person = self.person.map(|text| phone.person(&text)).transpose()?;
        let unticked = phone.workbook.checklists().untick(list.id, &item, person.as_ref())?;
        Ok(Output::new(&unticked, tell(phone, &unticked)))
    }
}

/// The id of the item that `text` names: by id, by its number on screen, or by its title.
fn item_named(list: &Checklist, text: &str) -> Result<String, Failure> {
    let items = list.progress();
    let place = text.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
    let found = items
        .iter()
        .find(|item| item.id == text)
        .or_else(|| items.get(place?))
        .or_else(|| items.iter().find(|item| item.item.title == text));
    found.map(|item| item.id.to_owned()).ok_or_else(|| Failure::input("no_such_item", &[("text", text)]))
}
