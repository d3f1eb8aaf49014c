//! What people do with their phones in the simulation: one random act at a time, through the workbook alone.

use gridbook_core::id::{RecordId, ScopeId};
use gridbook_core::model::{
    Checklist, Content, DiaryEntry, Dwelling, Household, Kind, Mark, Outcome, Outreach, OutreachForm, Record,
    Recurrence, Scalar, Tags, Template, TemplateItem, Visit,
};
use gridbook_core::workbook::{Filter, New, Workbook};
use gridbook_core::{Error, Result};

use super::chance::Dice;

const NOTES: [&str; 6] =
    ["门铃坏了", "老人独居，讲了反诈", "楼道有飞线充电", "邻里因停车争执", "家中无人", "咨询居住证"];

/// Ids of the recurring list's items.
const ITEMS: [&str; 3] = ["lamps", "doors", "boxes"];

/// Does one random thing; returns the record it saved, if it saved one.
///
/// What a person is rightly refused, such as editing a withdrawn record, counts as nothing done.
///
/// # Errors
/// The store's failures.
pub fn act(workbook: &Workbook, dice: &Dice, form: &mut Option<Record>) -> Result<Option<RecordId>> {
    let done = match dice.pick(20) {
        0..=2 => add_household(workbook, dice),
        3..=7 => add_visit(workbook, dice),
        8..=10 => edit_something(workbook, dice),
        11 => open_form(workbook, dice, form),
        12 => submit_form(workbook, dice, form),
        13..=14 => write_diary(workbook, dice),
        15 => add_outreach(workbook, dice),
        16..=17 => tick_something(workbook, dice),
        18 => choose_something(workbook, dice),
        _ => judge_something(workbook, dice),
    };
    match done {
        Err(
            Error::Voided(_) | Error::NotPermitted { .. } | Error::NoSuchRecord(_) | Error::Invalid { .. },
        ) => Ok(None),
        done => done,
    }
}

/// The template that every phone makes its checklists from.
#[must_use]
pub fn template(group: &ScopeId) -> Template {
    let item =
        |position, title: &str| TemplateItem { title: title.into(), position, ..TemplateItem::default() };
    Template {
        title: "每日安全检查".into(),
        group: group.clone(),
        recurs: Some(Recurrence::Daily),
        items: ITEMS
            .iter()
            .zip(["楼道灯", "单元门", "消防箱"])
            .zip(0..)
            .map(|((id, title), position)| ((*id).to_owned(), item(position, title)))
            .collect(),
        ..Template::default()
    }
}

fn note(dice: &Dice) -> String {
    format!("{}{}", NOTES[dice.pick(NOTES.len())], dice.pick(1_000))
}

fn some<T>(mut items: Vec<T>, dice: &Dice) -> Option<T> {
    if items.is_empty() { None } else { Some(items.swap_remove(dice.pick(items.len()))) }
}

fn recent(workbook: &Workbook, kind: Kind, dice: &Dice) -> Result<Option<Record>> {
    let filter = Filter::default();
    let rows = workbook.store().read(|reader| reader.list(kind, &filter, None, 12))?;
    Ok(some(rows, dice).map(|(_, record)| record))
}

/// A grid in which the person may write.
fn grid(workbook: &Workbook, dice: &Dice) -> Option<ScopeId> {
    let directory = workbook.directory();
    let grids: Vec<_> = workbook
        .grants()
        .into_iter()
        .map(|grant| grant.scope)
        .filter(|scope| {
            directory.scope(scope).is_some_and(|scope| scope.kind == gridbook_core::model::ScopeKind::Grid)
        })
        .collect();
    some(grids, dice)
}

fn add_household(workbook: &Workbook, dice: &Dice) -> Result<Option<RecordId>> {
    let Some(grid) = grid(workbook, dice) else { return Ok(None) };
    let dwelling = Dwelling::new(
        &dice.pick(9).to_string(),
        &dice.pick(3).to_string(),
        &format!("{}01", 1 + dice.pick(6)),
    );
    let household = Household {
        dwelling: Some(dwelling),
        class: ["red", "yellow", "green"][dice.pick(3)].into(),
        needs_visit: dice.chance(10),
        note: note(dice),
        ..Household::default()
    };
    let saved = workbook.households().save(New { grid: Some(grid), ..New::of(household) })?;
    Ok(Some(saved.id))
}

fn add_visit(workbook: &Workbook, dice: &Dice) -> Result<Option<RecordId>> {
    let Some(household) = recent(workbook, Kind::Household, dice)? else {
        return add_household(workbook, dice);
    };
    let visit = Visit {
        household: household.id,
        outcome: Some([Outcome::Met, Outcome::NotMet, Outcome::Refused, Outcome::Phone][dice.pick(4)]),
        purposes: Tags::from_iter(["routine"]),
        note: note(dice),
        ..Visit::default()
    };
    Ok(Some(workbook.visits().save(New::of(visit))?.id))
}

fn edit_something(workbook: &Workbook, dice: &Dice) -> Result<Option<RecordId>> {
    let kind = [Kind::Household, Kind::Visit, Kind::Visit, Kind::Diary][dice.pick(4)];
    let Some(record) = recent(workbook, kind, dice)? else { return Ok(None) };
    edit(workbook, dice, record)
}

/// Opens a record and keeps it on the screen; the news of the next exchanges arrive behind its back.
fn open_form(workbook: &Workbook, dice: &Dice, form: &mut Option<Record>) -> Result<Option<RecordId>> {
    *form = recent(workbook, Kind::Visit, dice)?;
    Ok(None)
}

fn submit_form(workbook: &Workbook, dice: &Dice, form: &mut Option<Record>) -> Result<Option<RecordId>> {
    form.take().map_or(Ok(None), |record| edit(workbook, dice, record))
}

fn edit(workbook: &Workbook, dice: &Dice, record: Record) -> Result<Option<RecordId>> {
    let id = record.id;
    match record.content {
        Content::Household(_) => {
            let mut household: Record<Household> = record.of()?;
            match dice.pick(3) {
                0 => household.content.note = note(dice),
                1 => household.content.class = ["red", "yellow", ""][dice.pick(3)].into(),
                _ => toggle(&mut household.content.tags, ["elder_alone", "newcomer"][dice.pick(2)]),
            }
            workbook.edit(&household)?;
        }
        Content::Visit(_) => {
            let mut visit: Record<Visit> = record.of()?;
            match dice.pick(3) {
                0 => visit.content.note = note(dice),
                1 => visit.content.requests = note(dice),
                _ => toggle(&mut visit.content.hazards, ["gas", "ebike_indoors"][dice.pick(2)]),
            }
            workbook.edit(&visit)?;
        }
        Content::Diary(_) => {
            let mut entry: Record<DiaryEntry> = record.of()?;
            let cut = dice.pick(entry.content.text.chars().count() + 1);
            let (head, tail): (String, String) = (
                entry.content.text.chars().take(cut).collect(),
                entry.content.text.chars().skip(cut).collect(),
            );
            entry.content.text = format!("{head}{}{tail}", note(dice));
            workbook.edit(&entry)?;
        }
        _ => return Ok(None),
    }
    Ok(Some(id))
}

fn toggle(tags: &mut Tags, code: &str) {
    if !tags.0.remove(code) {
        tags.0.insert(code.to_owned());
    }
}

fn write_diary(workbook: &Workbook, dice: &Dice) -> Result<Option<RecordId>> {
    let Some(grid) = grid(workbook, dice) else { return Ok(None) };
    let entry = DiaryEntry { text: note(dice), needs_follow_up: dice.chance(30), ..DiaryEntry::default() };
    Ok(Some(workbook.diary().save(New { grid: Some(grid), ..New::of(entry) })?.id))
}

fn add_outreach(workbook: &Workbook, dice: &Dice) -> Result<Option<RecordId>> {
    let Some(grid) = grid(workbook, dice) else { return Ok(None) };
    let outreach = Outreach {
        form: Some(OutreachForm::Display),
        building: dice.pick(9).to_string(),
        reached: u32::try_from(dice.pick(50)).unwrap_or(0),
        fraud_types: Tags::from_iter(["fake_orders", "loan"]),
        ..Outreach::default()
    };
    Ok(Some(workbook.outreach().save(New { grid: Some(grid), ..New::of(outreach) })?.id))
}

fn tick_something(workbook: &Workbook, dice: &Dice) -> Result<Option<RecordId>> {
    let made = workbook.checklists().begin_period(workbook.today())?;
    if let Some(made) = made.first() {
        return Ok(Some(*made));
    }
    let lists = workbook.list::<Checklist>(&Filter::default(), None, 4)?.items;
    let Some(list) = some(lists, dice) else { return Ok(None) };
    let item = ITEMS[dice.pick(ITEMS.len())];
    let saved = if dice.chance(75) {
        workbook.checklists().tick(list.id, item)?
    } else {
        workbook.checklists().untick(list.id, item, None)?
    };
    Ok(Some(saved.id))
}

fn choose_something(workbook: &Workbook, dice: &Dice) -> Result<Option<RecordId>> {
    let Some(conflict) = some(workbook.conflicts()?, dice) else { return Ok(None) };
    let Some((candidate, _)) = some(conflict.candidates, dice) else { return Ok(None) };
    let value = if dice.chance(80) { candidate.value } else { Scalar::Null };
    Ok(Some(workbook.choose(conflict.record, &conflict.field, value)?.id))
}

fn judge_something(workbook: &Workbook, dice: &Dice) -> Result<Option<RecordId>> {
    let kind = [Kind::Visit, Kind::Diary][dice.pick(2)];
    let Some(record) = recent(workbook, kind, dice)? else { return Ok(None) };
    if dice.chance(15) {
        return Ok(Some(workbook.void(record.id, "记错了")?.id));
    }
    let review = workbook.reviews().mark(record.id, [Mark::Seen, Mark::Approved][dice.pick(2)], "")?;
    Ok(Some(review.id))
}
