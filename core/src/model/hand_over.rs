//! What goes along when records are handed from one scope to another: what is about them, and nothing else.
//! The server asks when it moves records, and when work on what has moved comes late.

use std::collections::BTreeSet;

use super::{Content, Kind, Tags};
use crate::id::RecordId;

/// What a hand-over has to know of one record that lives in the scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Belonging {
    /// The record.
    pub id: RecordId,
    /// See [`ties`].
    pub ties: Vec<RecordId>,
}

/// The records that this one goes along with, if all of them go: what it is about (a visit's household, a
/// review's record, an outreach's visit), else the households that an outreach reached, or what an open diary
/// entry speaks of. None: it goes only where it is named itself, as a finished entry of a worker's diary.
#[must_use]
pub fn ties(content: &Content) -> Vec<RecordId> {
    let ids = |tags: &Tags| tags.0.iter().filter_map(|id| id.parse().ok()).collect();
    match (content.subject(), content) {
        (Some(subject), _) => vec![subject],
        (None, Content::Outreach(outreach)) => ids(&outreach.households),
        (None, Content::Diary(entry)) if entry.needs_follow_up && !entry.done => ids(&entry.links),
        _ => Vec::new(),
    }
}

/// True if records of this kind can be handed over by name: dwellings with what is about them. Checklists stay
/// with their group.
#[must_use]
pub fn leads_a_hand_over(kind: Kind) -> bool {
    kind == Kind::Household
}

/// `named` and everything that goes along, in the order of `records`: a record that is also about something
/// that stays, stays.
#[must_use]
pub fn company(named: &BTreeSet<RecordId>, records: &[Belonging]) -> Vec<RecordId> {
    let mut going = named.clone();
    loop {
        let joins = |record: &&Belonging| {
            !going.contains(&record.id)
                && !record.ties.is_empty()
                && record.ties.iter().all(|tie| going.contains(tie))
        };
        let joining: Vec<RecordId> = records.iter().filter(joins).map(|record| record.id).collect();
        if joining.is_empty() {
            break;
        }
        going.extend(joining);
    }
    records.iter().map(|record| record.id).filter(|id| going.contains(id)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{DiaryEntry, Household, Outreach, Review, Visit};

    fn id(byte: u8) -> RecordId {
        RecordId::from_bytes([byte; 16])
    }

    fn tags(ids: &[u8]) -> Tags {
        ids.iter().map(|byte| id(*byte).to_string()).collect()
    }

    #[test]
    fn what_is_about_a_household_goes_along_and_what_is_about_others_stays() {
        let visit = |household| Visit { household: id(household), ..Visit::default() };
        let review = |subject| Review { subject: id(subject), ..Review::default() };
        let reached = |households: &[u8]| Outreach { households: tags(households), ..Outreach::default() };
        let entry = |links: &[u8], done| DiaryEntry {
            links: tags(links),
            needs_follow_up: true,
            done,
            ..DiaryEntry::default()
        };
        let contents: Vec<(u8, Content)> = vec![
            (1, Household::default().into()),
            (2, Household::default().into()),
            (9, review(12).into()),
            (11, visit(2).into()),
            (12, visit(1).into()),
            (13, Outreach { visit: Some(id(12)), households: tags(&[1]), ..Outreach::default() }.into()),
            (14, reached(&[1]).into()),
            (15, reached(&[1, 2]).into()),
            (16, reached(&[]).into()),
            (17, entry(&[1, 12], false).into()),
            (18, entry(&[1], true).into()),
            (19, entry(&[], false).into()),
            (20, review(17).into()),
            (21, review(15).into()),
        ];
        let records: Vec<_> =
            contents.iter().map(|(n, content)| Belonging { id: id(*n), ties: ties(content) }).collect();
        let going = |named: &[u8]| -> Vec<u8> {
            let named = named.iter().map(|byte| id(*byte)).collect();
            company(&named, &records).into_iter().map(|id| id.as_bytes()[0]).collect()
        };
        assert_eq!(going(&[1]), [1, 9, 12, 13, 14, 17, 20]);
        assert_eq!(going(&[1, 2]), [1, 2, 9, 11, 12, 13, 14, 15, 17, 20, 21]);
        assert_eq!(going(&[7]), [0_u8; 0], "what does not live there does not go");
    }
}
