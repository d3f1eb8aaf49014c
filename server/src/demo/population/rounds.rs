//! What the grid workers do on their rounds: visits, outreach, and the diary in the evening.

use std::collections::BTreeMap;

use gridbook_core::clock::Day;
use gridbook_core::model::{
    DiaryEntry, Household, Occupancy, Outcome, Outreach, OutreachForm, RETRY_DAYS, Role, Tags, Visit,
    dictionary,
};

use super::chronicle::{Chronicle, Desk};
use super::dice::Dice;
use super::people::who_is;
use super::phrases::{PLACES, SURNAMES};
use super::places::{self, Grid, Places};
use super::{Calendar, NoteWriter, PersonSeed, is_working};

const OUTCOMES: &[(usize, Outcome)] =
    &[(68, Outcome::Met), (20, Outcome::NotMet), (3, Outcome::Refused), (9, Outcome::Phone)];
const PURPOSES: &[(usize, &str)] = &[
    (16, "anti_fraud"),
    (22, "safety_check"),
    (18, "registration"),
    (5, "mediation"),
    (12, "care"),
    (9, "service"),
    (8, "follow_up"),
];

/// Every worker's rounds on every working day.
pub(super) fn walk(
    seed: u64,
    chronicle: &mut Chronicle,
    places: &mut Places,
    people: &[PersonSeed],
    calendar: &Calendar,
) {
    let mut dice = Dice::new(seed, "rounds");
    let mut notes = NoteWriter::new(seed);
    for grid in &mut places.grids {
        let workers = who_is(people, Role::Worker, &grid.key);
        let count = workers.len();
        for (place, worker) in workers.into_iter().enumerate() {
            // Two workers of one grid begin in different halves of it.
            let mut round = Round {
                worker,
                next_home: place * grid.homes.len() / count,
                retries: BTreeMap::new(),
                grid: &mut *grid,
                chronicle: &mut *chronicle,
                calendar,
                dice: &mut dice,
                notes: &mut notes,
            };
            for day in &calendar.working {
                round.day(*day);
            }
        }
    }
}

struct Round<'a> {
    worker: &'a str,
    grid: &'a mut Grid,
    next_home: usize,
    /// Homes where nobody was met, by the day to try again.
    retries: BTreeMap<Day, Vec<usize>>,
    chronicle: &'a mut Chronicle,
    calendar: &'a Calendar,
    dice: &'a mut Dice,
    notes: &'a mut NoteWriter,
}

impl Round<'_> {
    fn day(&mut self, day: Day) {
        let mut minute = self.dice.minutes(520, 540);
        let mut linkable = Vec::new();
        for stop in self.stops(day) {
            // Lunch: nobody knocks between half past eleven and half past two.
            if (690..870).contains(&minute) {
                minute = self.dice.minutes(870, 885);
            }
            let length = self.dice.minutes(4, 18);
            let (visit, outcome) = self.visit(day, stop, minute, length);
            minute += length;
            if outcome == Outcome::Met {
                linkable.push(visit);
                self.after_meeting(day, stop, visit, minute);
            }
            minute += self.dice.minutes(2, 7);
        }
        if self.dice.chance(14) {
            self.public_outreach(day);
        }
        let evening = minute.max(1_050);
        for entry in 0..self.dice.between(1, 2) {
            let minute = evening + 12 * entry as i64 + self.dice.minutes(0, 9);
            self.diary(day, minute, &linkable);
        }
    }

    /// The homes to knock at, in walking order: retries first, then on from where the last round ended.
    fn stops(&mut self, day: Day) -> Vec<usize> {
        let wanted = self.dice.between(10, 15);
        let mut stops = self.retries.remove(&day).unwrap_or_default();
        stops.truncate(5);
        for _ in 0..10 * wanted {
            if stops.len() == wanted {
                break;
            }
            self.next_home = (self.next_home + self.dice.between(1, 3)) % self.grid.homes.len();
            let vacant = self.grid.homes[self.next_home].household.occupancy == Some(Occupancy::Vacant);
            let skipped = stops.contains(&self.next_home) || vacant && self.dice.chance(90);
            if !skipped {
                stops.push(self.next_home);
            }
        }
        stops.sort_unstable();
        stops
    }

    fn visit(&mut self, day: Day, stop: usize, minute: i64, length: i64) -> (usize, Outcome) {
        let home = &self.grid.homes[stop];
        let vacant = home.household.occupancy == Some(Occupancy::Vacant);
        let outcome = if vacant { Outcome::NotMet } else { self.dice.weighted(OUTCOMES) };
        let met = outcome == Outcome::Met;
        let mut purposes: Tags = std::iter::once("routine").collect();
        if self.dice.chance(85) {
            purposes.0.insert(self.dice.weighted(PURPOSES).into());
        }
        let mut hazards = Tags::default();
        if met && self.dice.chance(if purposes.has("safety_check") { 45 } else { 5 }) {
            let known = &dictionary::named("hazard").entries;
            let count = self.dice.weighted(&[(4, 1), (1, 2)]);
            hazards = self.dice.several(known, count).into_iter().map(|entry| entry.code.as_str()).collect();
        }
        let next_visit = match outcome {
            Outcome::NotMet if !vacant => {
                let mut again = day.plus_days(RETRY_DAYS);
                while !is_working(again) {
                    again = again.plus_days(1);
                }
                self.retries.entry(again).or_default().push(stop);
                Some(again)
            }
            Outcome::NotMet => None,
            _ if !hazards.is_empty() => Some(day.plus_days(self.dice.minutes(3, 7))),
            _ => None,
        };
        let started = self.calendar.at(day, minute);
        let mut visit = Visit {
            household: home.id,
            started: Some(started),
            ended: Some(started.plus_millis(length * 60_000)),
            outcome: Some(outcome),
            note: self.notes.visit(outcome, &purposes, &hazards),
            requests: if met && self.dice.chance(10) { self.notes.request() } else { String::new() },
            purposes,
            companions: String::new(),
            hazards,
            next_visit,
        };
        if self.dice.chance(12) {
            visit.companions = format!("{}联防", self.dice.phrase(SURNAMES));
        }
        let desk = Desk { author: self.worker, scope: &self.grid.key, grid: Some(&self.grid.key) };
        let record = self.chronicle.write(desk, started, visit.clone());
        if met && self.dice.chance(6) {
            let later = started.plus_millis(self.dice.minutes(90, 240) * 60_000);
            visit.requests = self.notes.request();
            self.chronicle.edit(record, self.worker, later, visit);
        }
        (record, outcome)
    }

    /// What a conversation leads to: a corrected household, an outreach with one tap.
    fn after_meeting(&mut self, day: Day, stop: usize, visit: usize, minute: i64) {
        let at = self.calendar.at(day, minute);
        let visited = self.chronicle.records()[visit].id;
        let against_fraud = match &self.chronicle.records()[visit].content {
            gridbook_core::model::Content::Visit(visit) => visit.purposes.has("anti_fraud"),
            _ => false,
        };
        if self.dice.chance(5) {
            let corrected = self.corrected(stop);
            let home = &mut self.grid.homes[stop];
            home.household = corrected.clone();
            self.chronicle.edit(home.record, self.worker, at, corrected);
        }
        if against_fraud {
            let home = &self.grid.homes[stop];
            let building = home.household.dwelling.as_ref().map(|dwelling| dwelling.building.clone());
            let types = self.dice.between(1, 3);
            let outreach = Outreach {
                form: Some(OutreachForm::Door),
                building: building.unwrap_or_default(),
                households: std::iter::once(home.id.to_string()).collect(),
                visit: Some(visited),
                fraud_types: self.fraud_types(types),
                reached: self.count(1, 4),
                leaflets: self.count(0, 2),
                consultations: self.count(0, 1),
                dissuaded: u32::from(self.dice.chance(3)),
                note: if self.dice.chance(40) { self.notes.outreach() } else { String::new() },
                ..Outreach::default()
            };
            self.write(day, minute, outreach);
        }
    }

    /// The household as the worker learned that it is.
    fn corrected(&mut self, stop: usize) -> Household {
        let mut household = self.grid.homes[stop].household.clone();
        match self.dice.below(4) {
            0 => household.phone = places::phone(self.dice),
            1 => household.contact = places::contact(self.dice),
            2 => household.note = self.notes.household(),
            _ => {
                household.tags.0.insert("newcomer".into());
                household.occupancy = Some(Occupancy::Rented);
            }
        }
        household
    }

    /// A talk, a board, a gathering or a message to a building's group.
    fn public_outreach(&mut self, day: Day) {
        let form = self.dice.weighted(&[
            (3, OutreachForm::Talk),
            (2, OutreachForm::Display),
            (3, OutreachForm::Gathering),
            (2, OutreachForm::Online),
        ]);
        let (place, least, most) = match form {
            OutreachForm::Online => ("楼栋微信群", 40, 180),
            OutreachForm::Talk => (self.dice.phrase(PLACES), 15, 60),
            _ => (self.dice.phrase(PLACES), 20, 120),
        };
        let types = self.dice.between(2, 5);
        let outreach = Outreach {
            form: Some(form),
            place: place.into(),
            fraud_types: self.fraud_types(types),
            reached: self.count(least, most),
            leaflets: if form == OutreachForm::Online { 0 } else { self.count(10, most) },
            consultations: self.count(0, 8),
            dissuaded: u32::from(self.dice.chance(8)),
            note: self.notes.outreach(),
            ..Outreach::default()
        };
        let minute = self.dice.minutes(900, 1_020);
        self.write(day, minute, outreach);
    }

    fn diary(&mut self, day: Day, minute: i64, visits: &[usize]) {
        let categories = &dictionary::named("diary_category").entries;
        let category = &self.dice.pick(categories).code;
        let follow_up = self.dice.chance(22);
        let count = self.dice.below(3);
        let links = self.dice.several(visits, count);
        let entry = DiaryEntry {
            date: Some(day),
            category: category.clone(),
            text: self.notes.diary(category),
            links: links.into_iter().map(|visit| self.chronicle.records()[*visit].id.to_string()).collect(),
            needs_follow_up: follow_up,
            done: false,
        };
        let record = self.write(day, minute, entry.clone());
        let done_on = day.plus_days(self.dice.minutes(1, 5));
        if follow_up && done_on <= self.calendar.last && self.dice.chance(70) {
            let at = self.calendar.at(done_on, self.dice.minutes(1_000, 1_080));
            let text = format!("{}\n{}", entry.text, self.notes.closing());
            self.chronicle.edit(record, self.worker, at, DiaryEntry { done: true, text, ..entry });
        }
    }

    fn write(&mut self, day: Day, minute: i64, content: impl Into<gridbook_core::model::Content>) -> usize {
        let desk = Desk { author: self.worker, scope: &self.grid.key, grid: Some(&self.grid.key) };
        self.chronicle.write(desk, self.calendar.at(day, minute), content)
    }

    fn fraud_types(&mut self, count: usize) -> Tags {
        let known = &dictionary::named("fraud_type").entries;
        self.dice.several(known, count).into_iter().map(|entry| entry.code.as_str()).collect()
    }

    fn count(&mut self, least: usize, most: usize) -> u32 {
        u32::try_from(self.dice.between(least, most)).unwrap_or(u32::MAX)
    }
}
