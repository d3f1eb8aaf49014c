//! A record in one line, for lists, search results and what a command answers.

use gridbook_core::model::{
    Checklist, Content, DiaryEntry, Household, Outreach, Review, Template, Visit, dictionary,
};

use crate::phone::Phone;

/// The record in one line.
pub(crate) fn headline(phone: &Phone, content: &Content) -> String {
    let parts = match content {
        Content::Household(household) => of_household(phone, household),
        Content::Visit(visit) => of_visit(phone, visit),
        Content::Diary(entry) => of_entry(phone, entry),
        Content::Outreach(outreach) => of_outreach(phone, outreach),
        Content::Checklist(list) => of_checklist(phone, list),
        Content::Template(template) => of_template(phone, template),
        Content::Review(review) => of_review(phone, review),
        _ => Vec::new(),
    };
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

fn of_household(phone: &Phone, household: &Household) -> Vec<String> {
    let class = phone.directory.rhythms.of(&household.class);
    let tags = dictionary::named("household_tag");
    vec![
        household.dwelling.as_ref().map_or_else(String::new, ToString::to_string),
        class.map_or_else(|| household.class.clone(), |class| phone.speech.rhythm(class).to_owned()),
        household.occupancy.map_or_else(String::new, |it| phone.speech.coded("occupancy", &it)),
        phone.speech.join(household.tags.iter().map(|code| phone.speech.code(tags, code))),
        household.note.clone(),
    ]
}

fn of_visit(phone: &Phone, visit: &Visit) -> Vec<String> {
    vec![
        phone.dwelling(visit.household),
        visit.outcome.map_or_else(String::new, |it| phone.speech.coded("visit_outcome", &it)),
        visit.next_visit.map_or_else(String::new, |day| {
            phone.speech.fill("phone.next_visit_on", &[("day", &day.to_string())])
        }),
        visit.note.clone(),
    ]
}

fn of_entry(phone: &Phone, entry: &DiaryEntry) -> Vec<String> {
    let state = match (entry.needs_follow_up, entry.done) {
        (_, true) => phone.speech.say("field.done"),
        (true, false) => phone.speech.say("field.needs_follow_up"),
        (false, false) => String::new(),
    };
    vec![phone.speech.code(dictionary::named("diary_category"), &entry.category), state, entry.text.clone()]
}

fn of_outreach(phone: &Phone, outreach: &Outreach) -> Vec<String> {
    let types = dictionary::named("fraud_type");
    let households = outreach.households.iter().filter_map(|id| id.parse().ok());
    vec![
        outreach.form.map_or_else(String::new, |it| phone.speech.coded("outreach_form", &it)),
        outreach.place.clone(),
        outreach.building.clone(),
        phone.speech.join(households.map(|id| phone.dwelling(id))),
        phone.speech.join(outreach.fraud_types.iter().map(|code| phone.speech.code(types, code))),
        phone.speech.fill("phone.reached_n", &[("n", &outreach.reached.to_string())]),
    ]
}

fn of_checklist(phone: &Phone, list: &Checklist) -> Vec<String> {
    let progress = list.progress();
    let done = progress.iter().filter(|item| item.done).count();
    vec![
        list.title.clone(),
        phone.directory.scope_name(&list.group).to_owned(),
        list.starts.map_or_else(String::new, |day| day.to_string()),
        format!("{done}/{}", progress.len()),
    ]
}

fn of_template(phone: &Phone, template: &Template) -> Vec<String> {
    vec![
        template.title.clone(),
        phone.directory.scope_name(&template.group).to_owned(),
        template.recurs.map_or_else(String::new, |it| phone.speech.coded("recurrence", &it)),
    ]
}

fn of_review(phone: &Phone, review: &Review) -> Vec<String> {
    vec![
        review.mark.map_or_else(String::new, |mark| phone.speech.mark(mark)),
        review.note.clone(),
        review.subject.short(),
    ]
}
