//! The dictionaries: coded values with their words, versioned, in one resource file.
//!
//! `core/resources/dictionaries.toml` is the only place an entry is defined. Codes are never reused: an
//! entry that no longer applies gets `until`, so that old records keep their words.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::Rhythm;

/// One coded value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The code that records carry.
    pub code: String,
    /// Its word in Chinese.
    pub zh: String,
    /// Its word in English.
    pub en: String,
    /// The dictionary version in which it was withdrawn, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// For the rhythms: days between two visits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
}

/// One dictionary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dictionary {
    /// Its version: the year or month of the list it follows.
    pub version: String,
    /// Its name in Chinese.
    pub zh: String,
    /// Its name in English.
    pub en: String,
    /// Where the list comes from.
    #[serde(default)]
    pub source: String,
    /// Its entries, in the order that screens list them.
    pub entries: Vec<Entry>,
}

impl Dictionary {
    /// The entry with this code.
    #[must_use]
    pub fn entry(&self, code: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.code == code)
    }

    /// The code whose code or word is `text`: what imports and command lines accept.
    #[must_use]
    pub fn code_of(&self, text: &str) -> Option<&str> {
        let text = text.trim();
        let entry = self
            .entries
            .iter()
            .find(|entry| entry.code == text || entry.zh == text || entry.en.eq_ignore_ascii_case(text))?;
        Some(&entry.code)
    }
}

static DICTIONARIES: LazyLock<BTreeMap<String, Dictionary>> = LazyLock::new(|| {
    toml::from_str(include_str!("../../resources/dictionaries.toml"))
        .unwrap_or_else(|error| panic!("resources/dictionaries.toml: {error}"))
});

/// The Chinese words of `codes` in the dictionary called `name`: what search finds them by.
pub(super) fn words<'a>(
    name: &str,
    codes: impl IntoIterator<Item = &'a str>,
) -> impl Iterator<Item = Cow<'static, str>> {
    let known = named(name);
    codes.into_iter().filter_map(|code| known.entry(code)).map(|entry| Cow::Borrowed(entry.zh.as_str()))
}

/// All dictionaries by name.
#[must_use]
pub fn all() -> &'static BTreeMap<String, Dictionary> {
    &DICTIONARIES
}

/// The dictionary called `name`.
///
/// # Panics
/// If there is none: names are written in code, and a test asks for each.
#[must_use]
pub fn named(name: &str) -> &'static Dictionary {
    DICTIONARIES.get(name).unwrap_or_else(|| panic!("no dictionary is called {name}"))
}

/// The dictionary whose codes the field called `field` carries, if it carries codes; a name means the
/// same in every kind of record.
#[must_use]
pub fn of_field(field: &str) -> Option<&'static Dictionary> {
    let name = match field {
        "class" => "household_class",
        "occupancy" => "occupancy",
        "tags" => "household_tag",
        "outcome" => "visit_outcome",
        "purposes" => "visit_purpose",
        "hazards" => "hazard",
        "category" => "diary_category",
        "form" => "outreach_form",
        "fraud_types" => "fraud_type",
        "recurs" => "recurrence",
        "mark" => "review_mark",
        _ => return None,
    };
    Some(named(name))
}

/// The preset visit rhythms.
pub(super) fn rhythms() -> Vec<Rhythm> {
    let entries = named("household_class").entries.iter();
    entries
        .map(|entry| Rhythm {
            class: entry.code.clone(),
            zh: entry.zh.clone(),
            en: entry.en.clone(),
            days: entry.days.unwrap_or(0),
        })
        .collect()
}
