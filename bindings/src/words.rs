//! The words of screens, from the core's one file, and the dictionaries of coded values.

use std::collections::HashMap;

pub use gridbook_core::model::dictionary::Entry as DictionaryEntry;
use gridbook_core::model::words::{self as core_words, Locale};
use gridbook_core::model::{Kind, dictionary};

/// The languages that screens speak; Swift's own `Locale` is something else.
pub type Language = Locale;

/// The languages that screens speak.
#[uniffi::remote(Enum)]
pub enum Language {
    /// 简体中文.
    Chinese,
    /// English.
    English,
}

/// One coded value.
#[uniffi::remote(Record)]
pub struct DictionaryEntry {
    /// The code that records carry.
    pub code: String,
    /// Its word in Chinese.
    pub zh: String,
    /// Its word in English.
    pub en: String,
    /// The dictionary version in which it was withdrawn: still shown, no longer offered.
    pub until: Option<String>,
    /// For the rhythms: days between two visits.
    pub days: Option<u32>,
}

/// The word for `key`, written `section.name` such as `kind.visit`; the key itself if there is none.
#[uniffi::export]
#[must_use]
pub fn word(key: String, language: Language) -> String {
    core_words::word(&key, language).to_owned()
}

/// Every word by its key: one crossing for a whole app.
#[uniffi::export]
#[must_use]
pub fn words(language: Language) -> HashMap<String, String> {
    core_words::keys().map(|key| (key.clone(), core_words::word(&key, language).to_owned())).collect()
}

/// What screens call a field: the kind's own word, or the one that all kinds share; the name itself if neither.
#[uniffi::export]
#[must_use]
pub fn field_word(kind: Kind, field: String, language: Language) -> String {
    let found = [format!("field.{kind}_{field}"), format!("field.{field}")]
        .into_iter()
        .map(|key| (core_words::word(&key, language).to_owned(), key))
        .find(|(word, key)| word != key);
    found.map_or(field, |(word, _)| word)
}

/// The dictionaries by name, each with its entries in the order that screens list them.
#[uniffi::export]
#[must_use]
pub fn dictionaries() -> HashMap<String, Vec<DictionaryEntry>> {
    dictionary::all().iter().map(|(name, dictionary)| (name.clone(), dictionary.entries.clone())).collect()
}
