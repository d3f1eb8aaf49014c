//! The language of a page: what the console says is the section `console` of core/resources/words.toml.

use axum::http::{HeaderMap, header};
use gridbook_core::model::dictionary::Dictionary;
use gridbook_core::model::words::{Locale, find};

/// The words of one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Words(pub(crate) Locale);

impl Words {
    /// The language that a request asks for; Chinese where it does not say English first.
    pub(crate) fn asked(headers: &HeaderMap) -> Self {
        let asked = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Self(if asked.is_some_and(|asked| asked.starts_with("en")) {
            Locale::English
        } else {
            Locale::Chinese
        })
    }

    /// What the console calls `key`.
    pub(crate) fn say(self, key: &str) -> &'static str {
        self.word(&format!("console.{key}"))
    }

    /// A word of any section, such as `kind.visit`; a test keeps pages from asking for one that there is not.
    pub(crate) fn word(self, key: &str) -> &'static str {
        let found = self.find(key);
        debug_assert!(found.is_some(), "no word for {key}");
        found.unwrap_or("?")
    }

    /// A word of any section, if there is one.
    pub(crate) fn find(self, key: &str) -> Option<&'static str> {
        find(key, self.0)
    }

    /// What the console calls `key`, with each `{name}` filled in.
    pub(crate) fn fill(self, key: &str, values: &[(&str, &str)]) -> String {
        let mut text = self.say(key).to_owned();
        for (name, value) in values {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        text
    }

    /// The word of a code; the code itself where the dictionary has none.
    pub(crate) fn code(self, dictionary: &'static Dictionary, code: &str) -> String {
        let entry = dictionary.entry(code);
        let word = entry.map(|entry| match self.0 {
            Locale::Chinese => &entry.zh,
            Locale::English => &entry.en,
        });
        word.map_or_else(|| code.to_owned(), Clone::clone)
    }

    /// The language as HTML names it.
    pub(crate) fn tag(self) -> &'static str {
        match self.0 {
            Locale::Chinese => "zh-CN",
            Locale::English => "en",
        }
    }
}
