//! The words of screens, from the core's one file, and the dictionaries of coded values.

use std::collections::HashMap;

use gridbook_core::Error;
pub use gridbook_core::model::dictionary::Entry as DictionaryEntry;
use gridbook_core::model::words::{self as core_words, Locale};
use gridbook_core::model::{Kind, dictionary};

use crate::call::{Crossing, call};

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

/// Every word by its key: one crossing for a whole app.
#[uniffi::export]
pub fn words(language: Language) -> Crossing<HashMap<String, String>> {
    call(|| {
        let words = core_words::keys().map(|key| (key.clone(), core_words::word(&key, language).to_owned()));
        Ok::<_, Error>(words.collect())
    })
}

/// What screens call a field: the kind's own word, or the one that all kinds share; the name itself if neither.
#[uniffi::export]
pub fn field_word(kind: Kind, field: String, language: Language) -> Crossing<String> {
    call(|| {
        let found = [format!("field.{kind}_{field}"), format!("field.{field}")]
            .into_iter()
            .find_map(|key| core_words::find(&key, language));
        Ok::<_, Error>(found.map_or(field, str::to_owned))
    })
}

/// The dictionaries by name, each with its entries in the order that screens list them.
#[uniffi::export]
pub fn dictionaries() -> Crossing<HashMap<String, Vec<DictionaryEntry>>> {
    call(|| {
        let all = dictionary::all().iter();
        Ok::<_, Error>(all.map(|(name, dictionary)| (name.clone(), dictionary.entries.clone())).collect())
    })
}
