//! What the leads say of the records, and what the workers answer.

use gridbook_core::model::{Content, Kind, Mark, Review, Role};

use super::chronicle::{Chronicle, Desk};
use super::dice::Dice;
use super::people::who_is;
use super::{Calendar, NoteWriter, PersonSeed};

/// Marks a part of the visits and most diary entries, the morning after; a returned one is answered by an edit.
pub(super) fn give(seed: u64, chronicle: &mut Chronicle, people: &[PersonSeed], calendar: &Calendar) {
    let mut dice = Dice::new(seed, "reviews");
    let mut notes = NoteWriter::new(seed ^ 1);
    for subject in 0..chronicle.records().len() {
        let record = &chronicle.records()[subject];
        let percent = match record.content.kind() {
            Kind::Visit => 12,
            Kind::Diary => 65,
            Kind::Outreach => 20,
            _ => continue,
        };
        let morning = calendar.zone.day(record.occurred_at).plus_days(1);
        if morning > calendar.last || !dice.chance(percent) {
            continue;
        }
        let (id, scope, grid, author) =
            (record.id, record.scope.clone(), record.grid.clone(), record.author.clone());
        let mark = dice.weighted(&[(70, Mark::Seen), (22, Mark::Approved), (8, Mark::Returned)]);
        let note = if mark == Mark::Returned || dice.chance(25) { notes.review(mark) } else { String::new() };
        let lead = who_is(people, Role::Lead, &scope).first().copied().unwrap_or("lead-1");
        let at = calendar.at(morning, dice.minutes(510, 600));
        let review = Review { subject: id, mark: Some(mark), note, covers: String::new() };
        let desk = Desk { author: lead, scope: &scope, grid: grid.as_deref() };
        chronicle.write(desk, at, review);
        if mark == Mark::Returned && dice.chance(75) {
            let later = at.plus_millis(dice.minutes(60, 420) * 60_000);
            let answered = answer(chronicle.records()[subject].latest().clone(), &notes.closing());
            chronicle.edit(subject, &author, later, answered);
        }
    }
}

/// The content with what the lead asked for.
fn answer(content: Content, addition: &str) -> Content {
    match content {
        Content::Visit(mut visit) => {
            visit.note.push_str(addition);
            visit.into()
        }
        Content::Diary(mut entry) => {
            entry.text = format!("{}\n{addition}", entry.text);
            entry.into()
        }
        Content::Outreach(mut outreach) => {
            outreach.note.push_str(addition);
            outreach.into()
        }
        other => other,
    }
}
