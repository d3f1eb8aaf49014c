//! The task groups' checklists: a weekly and a monthly template each, and a list for every period.

use std::collections::BTreeMap;

use gridbook_core::clock::{Day, Instant};
use gridbook_core::id::{PersonId, RecordId, ScopeId};
use gridbook_core::model::{Checklist, Recurrence, Role, Template, TemplateItem};

use super::chronicle::{Chronicle, Desk};
use super::dice::Dice;
use super::people::{group_key, who_is};
use super::phrases::{LISTS, ListPhrases};
use super::{Calendar, PersonSeed, is_working};

/// Writes every group's templates on the first day, then the lists with their ticks.
pub(super) fn fill(dice: &mut Dice, chronicle: &mut Chronicle, people: &[PersonSeed], calendar: &Calendar) {
    for list in LISTS {
        let group = group_key(list.group);
        let members = who_is(people, Role::Member, &group);
        let template = template(dice, list, &group, &members);
        let desk = Desk { author: "lead-1", scope: &group, grid: None };
        let at = calendar.at(calendar.first, 10 * 60 + dice.minutes(0, 50));
        let record = chronicle.write(desk, at, template.clone());
        let id = chronicle.records()[record].id;
        for day in first_days(&template, calendar) {
            instance(dice, chronicle, &template, (id, day), &members, calendar);
        }
    }
}

fn template(dice: &mut Dice, list: &ListPhrases, group: &str, members: &[&str]) -> Template {
    let mut template = Template {
        title: list.title.into(),
        group: ScopeId::from(group),
        recurs: Some(list.recurs),
        ..Template::default()
    };
    for (position, (title, people, due_after)) in (1..).zip(list.items) {
        let id = format!("item-{position}");
        let people = (*people).min(u32::try_from(members.len()).unwrap_or(1));
        let item = TemplateItem { title: (*title).into(), due_after: *due_after, people, position };
        template.items.insert(id.clone(), item);
        if dice.chance(50) {
            let asked = dice.several(members, people.max(1) as usize);
            template.assignees.insert(id, asked.into_iter().copied().collect());
        }
    }
    template
}

/// The first working day of each period that the history reaches.
fn first_days(template: &Template, calendar: &Calendar) -> Vec<Day> {
    let mut days: BTreeMap<Day, Day> = BTreeMap::new();
    for day in &calendar.working {
        let starts = template.recurs.map_or(*day, |recurs: Recurrence| recurs.period(*day).0);
        days.entry(starts).or_insert(*day);
    }
    days.into_values().collect()
}

fn instance(
    dice: &mut Dice,
    chronicle: &mut Chronicle,
    template: &Template,
    (id, day): (RecordId, Day),
    members: &[&str],
    calendar: &Calendar,
) {
    let Some((list_id, list)) = template.instance(id, day) else { return };
    let Some(first) = members.first() else { return };
    let scope = list.group.0.clone();
    let desk = Desk { author: first, scope: &scope, grid: None };
    let record = chronicle.write_as(list_id, desk, calendar.at(day, 500 + dice.minutes(0, 20)), list.clone());
    let mut ticked = list;
    for (at, person, item) in ticks(dice, &ticked, day, members, calendar) {
        ticked.ticks.entry(item).or_default().insert(PersonId::from(person), at);
        chronicle.edit(record, person, at, ticked.clone());
    }
}

/// Who ticks what when, earliest first: nearly everything of a past period, half of the current one.
fn ticks<'a>(
    dice: &mut Dice,
    list: &Checklist,
    from: Day,
    members: &[&'a str],
    calendar: &Calendar,
) -> Vec<(Instant, &'a str, String)> {
    let ends = list.ends.unwrap_or(from);
    let likely = if ends <= calendar.last { 93 } else { 50 };
    let days: Vec<Day> = (0..=ends.min(calendar.last).days_since(from))
        .map(|days| from.plus_days(days))
        .filter(|day| is_working(*day))
        .collect();
    let mut ticks = Vec::new();
    for (id, item) in &list.items {
        let wanted = item.needed() as usize;
        let asked = list.assignees.get(id);
        let asked: Vec<&str> =
            members.iter().copied().filter(|member| asked.is_none_or(|people| people.has(member))).collect();
        for person in dice.several(&asked, wanted) {
            if !days.is_empty() && dice.chance(likely) {
                let day = *dice.pick(&days);
                ticks.push((calendar.at(day, dice.minutes(540, 1_040)), *person, id.clone()));
            }
        }
    }
    ticks.sort();
    ticks
}
