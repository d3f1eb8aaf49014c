//! Writes Chinese notes as grid workers do: short sentences, much alike, never the same.

use gridbook_core::model::{Mark, Outcome, Tags, dictionary};

use super::dice::Dice;
use super::phrases::{
    ABSENT_CLOSINGS, BY_PURPOSE, CLOSINGS, DIARY, DIARY_ACTIONS, HAZARD, HOUSEHOLD_NOTES, ITEMS, LOOSE_WORDS,
    NUMERALS, OPENINGS_ABSENT, OPENINGS_MET, OPENINGS_PHONE, OPENINGS_REFUSED, OUTREACH_NOTES, PLACES,
    REQUESTS, RETURN_NOTES, REVIEW_NOTES, WHEN, WHO,
};

/// The shortest visit note or diary entry, in characters.
const SHORTEST: usize = 30;
/// No sentence is added to a note that has this many characters.
const ENOUGH: usize = 85;

/// Writes notes from a seed, the same ones for the same seed.
pub struct NoteWriter {
    dice: Dice,
}

impl NoteWriter {
    /// A writer for this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { dice: Dice::new(seed, "notes") }
    }

    /// A note of exactly `characters` characters, for benches: sentences of the demo, filled up with loose
    /// words. About one in six contains 反诈, the others never do.
    #[must_use]
    pub fn note(&mut self, characters: usize) -> String {
        let mut note = String::new();
        if self.dice.chance(17) {
            note.push_str(
                &self.sentence(&["做了反诈宣传，讲了{fraud}。", "反诈提醒已说到，重点是{fraud}。"]),
            );
        }
        let quiet = BY_PURPOSE.iter().filter(|(purpose, _)| *purpose != "anti_fraud");
        let quiet: Vec<&str> = quiet.flat_map(|(_, sentences)| sentences.iter().copied()).collect();
        while note.chars().count() < characters {
            if self.dice.chance(40) {
                note.push_str(&self.sentence(&quiet));
            } else {
                let words = self.dice.between(3, 6);
                for word in 0..words {
                    note.push_str(self.dice.phrase(LOOSE_WORDS));
                    note.push_str(if word + 1 == words { "。" } else { self.dice.phrase(&["", "", "，"]) });
                }
            }
        }
        note.chars().take(characters).collect()
    }

    /// The note of a visit that went this way.
    pub(super) fn visit(&mut self, outcome: Outcome, purposes: &Tags, hazards: &Tags) -> String {
        let (openings, met) = match outcome {
            Outcome::Met => (OPENINGS_MET, true),
            Outcome::NotMet => (OPENINGS_ABSENT, false),
            Outcome::Refused => (OPENINGS_REFUSED, false),
            Outcome::Phone => (OPENINGS_PHONE, true),
        };
        let mut note = self.sentence(openings);
        for code in hazards.iter() {
            let word = dictionary::named("hazard").entry(code).map_or(code, |entry| &entry.zh);
            note.push_str(&self.sentence(HAZARD).replace("{hazard}", word));
        }
        let said: Vec<_> = BY_PURPOSE.iter().filter(|(purpose, _)| purposes.has(purpose)).collect();
        for (purpose, sentences) in said {
            if met && (*purpose != "routine" || self.dice.chance(60)) {
                self.add(&mut note, sentences);
            }
        }
        let closings = if met { CLOSINGS } else { ABSENT_CLOSINGS };
        if !met || self.dice.chance(40) {
            self.add(&mut note, closings);
        }
        while note.chars().count() < SHORTEST {
            self.add(&mut note, closings);
        }
        note
    }

    /// A diary entry of this category.
    pub(super) fn diary(&mut self, category: &str) -> String {
        let sentences =
            DIARY.iter().find(|(known, _)| *known == category).map_or(DIARY[0].1, |(_, found)| found);
        let mut text = self.sentence(sentences);
        self.add(&mut text, DIARY_ACTIONS);
        if self.dice.chance(60) {
            self.add(&mut text, &[sentences, CLOSINGS].concat());
        }
        while text.chars().count() < SHORTEST {
            self.add(&mut text, DIARY_ACTIONS);
        }
        text
    }

    /// A note on an outreach.
    pub(super) fn outreach(&mut self) -> String {
        let mut note = self.sentence(OUTREACH_NOTES);
        while note.chars().count() < SHORTEST {
            self.add(&mut note, OUTREACH_NOTES);
        }
        note
    }

    /// What a household asks for.
    pub(super) fn request(&mut self) -> String {
        self.sentence(REQUESTS)
    }

    /// What is worth knowing at a door.
    pub(super) fn household(&mut self) -> String {
        self.sentence(HOUSEHOLD_NOTES)
    }

    /// What a lead says.
    pub(super) fn review(&mut self, mark: Mark) -> String {
        self.sentence(if mark == Mark::Returned { RETURN_NOTES } else { REVIEW_NOTES })
    }

    /// What came of something.
    pub(super) fn closing(&mut self) -> String {
        self.sentence(CLOSINGS)
    }

    /// Adds a sentence that is not in the note yet, while the note is not long.
    fn add(&mut self, note: &mut String, sentences: &[&str]) {
        if note.chars().count() < ENOUGH {
            let sentence = self.sentence(sentences);
            if !note.contains(&sentence) {
                note.push_str(&sentence);
            }
        }
    }

    /// One of `templates` with its slots filled.
    fn sentence(&mut self, templates: &[&str]) -> String {
        let mut text = String::new();
        let mut rest: &str = self.dice.phrase(templates);
        while let Some((before, slot, after)) = rest
            .split_once('{')
            .and_then(|(before, rest)| rest.split_once('}').map(|(slot, after)| (before, slot, after)))
        {
            text.push_str(before);
            match slot {
                "who" => text.push_str(self.dice.phrase(WHO)),
                "when" => text.push_str(self.dice.phrase(WHEN)),
                "item" => text.push_str(self.dice.phrase(ITEMS)),
                "place" => text.push_str(self.dice.phrase(PLACES)),
                "n" => text.push_str(NUMERALS[self.dice.between(1, 8)]),
                "fraud" => {
                    text.push_str(&self.dice.pick(&dictionary::named("fraud_type").entries).zh);
                }
                other => text.extend(["{", other, "}"]),
            }
            rest = after;
        }
        text.push_str(rest);
        text
    }
}
