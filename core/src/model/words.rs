//! What screens call things: kinds, fields, states and messages, in Chinese first and English second.
//!
//! `core/resources/words.toml` is the only place; phones, the console and the terminal ask here.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// The languages that screens speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Locale {
    /// 简体中文.
    #[default]
    Chinese,
    /// English.
    English,
}

#[derive(Deserialize)]
struct Word {
    zh: String,
    en: String,
}

static WORDS: LazyLock<BTreeMap<String, BTreeMap<String, Word>>> = LazyLock::new(|| {
    toml::from_str(include_str!("../../resources/words.toml"))
        .unwrap_or_else(|error| panic!("resources/words.toml: {error}"))
});

/// The word for `key`, written `section.name` such as `kind.visit`; the key itself if there is none.
#[must_use]
pub fn word(key: &str, locale: Locale) -> &str {
    find(key, locale).unwrap_or(key)
}

/// The word for `key`, if there is one.
#[must_use]
pub fn find(key: &str, locale: Locale) -> Option<&'static str> {
    let (section, name) = key.split_once('.')?;
    let word = WORDS.get(section)?.get(name)?;
    Some(match locale {
        Locale::Chinese => &word.zh,
        Locale::English => &word.en,
    })
}

/// Every key that has a word.
pub fn keys() -> impl Iterator<Item = String> {
    WORDS.iter().flat_map(|(section, words)| words.keys().map(move |name| format!("{section}.{name}")))
}
