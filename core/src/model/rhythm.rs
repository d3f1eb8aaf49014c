//! When a household wants its next visit: its class's rhythm, a retry, a plan, or because someone said so.

use serde::{Deserialize, Serialize};

use super::{Household, Occupancy, Outcome, Visit, dictionary};
use crate::clock::Day;

/// How often one class of household is visited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rhythm {
    /// The class's code, such as `red`.
    pub class: String,
    /// Its name in Chinese.
    pub zh: String,
    /// Its name in English.
    pub en: String,
    /// Days between two visits; 0 means no rhythm.
    pub days: u32,
}

/// The rhythms of a community; the administrator edits them, presets come with the dictionary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RhythmTable(pub Vec<Rhythm>);

impl Default for RhythmTable {
    fn default() -> Self {
        Self(dictionary::rhythms())
    }
}

impl RhythmTable {
    /// The rhythm of `class`; an unknown or empty class has none.
    #[must_use]
    pub fn of(&self, class: &str) -> Option<&Rhythm> {
        self.0.iter().find(|rhythm| rhythm.class == class)
    }

    /// The dictionary's rhythms with the days that the administrator gave some classes.
    #[must_use]
    pub fn edited(days: &[(String, u32)]) -> Self {
        let mut table = Self::default();
        for rhythm in &mut table.0 {
            if let Some((_, days)) = days.iter().find(|(class, _)| *class == rhythm.class) {
                rhythm.days = *days;
            }
        }
        table
    }

    /// The class whose code or word is `text`: what command lines accept.
    #[must_use]
    pub fn class_of(&self, text: &str) -> Option<&str> {
        let text = text.trim();
        let named = |rhythm: &&Rhythm| {
            rhythm.class == text || rhythm.zh == text || rhythm.en.eq_ignore_ascii_case(text)
        };
        self.0.iter().find(named).map(|rhythm| rhythm.class.as_str())
    }
}

/// What the due list needs to know of a household's latest visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastVisit {
    /// The day it took place.
    pub day: Day,
    /// How it went.
    pub outcome: Outcome,
    /// When to come again, if the visit said so.
    pub next_visit: Option<Day>,
}

impl LastVisit {
    /// What is to be known of `visit`, which took place on `day`.
    #[must_use]
    pub fn of(day: Day, visit: &Visit) -> Self {
        Self { day, outcome: visit.outcome.unwrap_or(Outcome::Met), next_visit: visit.next_visit }
    }
}

/// Why a household is on the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DueReason {
    /// Someone marked it: needs a visit now.
    Marked,
    /// The latest visit met nobody.
    Retry,
    /// The latest visit named a day.
    Planned,
    /// The class's rhythm.
    Rhythm,
    /// It has never been visited.
    NeverVisited,
}

impl DueReason {
    /// Every reason.
    pub const ALL: [DueReason; 5] =
        [DueReason::Marked, DueReason::Retry, DueReason::Planned, DueReason::Rhythm, DueReason::NeverVisited];

    /// The word that rows carry.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            DueReason::Marked => "marked",
            DueReason::Retry => "retry",
            DueReason::Planned => "planned",
            DueReason::Rhythm => "rhythm",
            DueReason::NeverVisited => "never_visited",
        }
    }

    /// The reason with this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        DueReason::ALL.into_iter().find(|reason| reason.as_str() == word)
    }
}

/// When a household wants its next visit and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Due {
    /// The day from which it is due.
    pub day: Day,
    /// Why.
    pub reason: DueReason,
}

/// A visit that met nobody is tried again after this many days.
pub const RETRY_DAYS: i64 = 2;

/// When `household`, known since `known_since`, wants its next visit; `None` if nothing asks for one.
#[must_use]
pub fn next_due(
    household: &Household,
    known_since: Day,
    last: Option<LastVisit>,
    rhythms: &RhythmTable,
) -> Option<Due> {
    if household.needs_visit {
        return Some(Due { day: known_since, reason: DueReason::Marked });
    }
    let rhythm_days = rhythms.of(&household.class).map_or(0, |rhythm| i64::from(rhythm.days));
    match last {
        Some(LastVisit { day, outcome: Outcome::NotMet, next_visit }) => Some(Due {
            day: next_visit.unwrap_or_else(|| day.plus_days(RETRY_DAYS)),
            reason: DueReason::Retry,
        }),
        Some(LastVisit { next_visit: Some(day), .. }) => Some(Due { day, reason: DueReason::Planned }),
        _ if household.occupancy == Some(Occupancy::Vacant) || rhythm_days == 0 => None,
        Some(LastVisit { day, .. }) => {
            Some(Due { day: day.plus_days(rhythm_days), reason: DueReason::Rhythm })
        }
        None => Some(Due { day: known_since, reason: DueReason::NeverVisited }),
    }
}
