//! The words of the terminal, in the language asked for; `core/resources/words.toml` holds them all.

use clap::ValueEnum;
use gridbook_core::model::dictionary::{self, Dictionary, Entry};
use gridbook_core::model::words::{Locale, word};
use gridbook_core::model::{Kind, Mark, Rhythm, Rule, Standing};
use serde::Serialize;

/// The languages of the answers.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Language {
    /// 简体中文
    Zh,
    /// English
    En,
}

/// Speaks one language.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Speech(Locale);

impl Speech {
    pub(crate) fn new(language: Language) -> Self {
        Self(match language {
            Language::Zh => Locale::Chinese,
            Language::En => Locale::English,
        })
    }

    /// The word for `key`, such as `phone.when`.
    pub(crate) fn say(self, key: &str) -> String {
        word(key, self.0).to_owned()
    }

    /// The words for `key` if there are any.
    pub(crate) fn find(self, key: &str) -> Option<String> {
        Some(word(key, self.0)).filter(|found| *found != key).map(str::to_owned)
    }

    /// The words for `key` with each `{name}` replaced by its value.
    pub(crate) fn fill(self, key: &str, values: &[(&str, &str)]) -> String {
        values.iter().fold(self.say(key), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
    }

    /// What a rule asks for, with the terminal's own options where there are such.
    pub(crate) fn rule(self, rule: Rule) -> String {
        let own = self.find(&format!("phone_rule.{}", rule.code()));
        own.map_or_else(|| rule.words(self.0), |words| rule.fill(&words))
    }

    /// What screens call a kind of record.
    pub(crate) fn kind(self, kind: Kind) -> String {
        self.say(&format!("kind.{kind}"))
    }

    /// How far a record has travelled.
    pub(crate) fn standing(self, standing: Standing) -> String {
        match standing {
            Standing::OnPhone => self.say("standing.on_phone"),
            Standing::OnServer => self.say("standing.on_server"),
            Standing::Refused => self.say("standing.refused"),
            Standing::Reviewed(mark) => self.mark(mark),
        }
    }

    /// A lead's mark.
    pub(crate) fn mark(self, mark: Mark) -> String {
        self.coded("review_mark", &mark)
    }

    /// The word of a coded value.
    pub(crate) fn coded<T: Serialize>(self, dictionary: &str, value: &T) -> String {
        let code = serde_json::to_value(value).ok();
        let code = code.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
        self.code(dictionary::named(dictionary), code)
    }

    /// The word of a code, or the code itself where a newer version wrote it.
    pub(crate) fn code(self, dictionary: &Dictionary, code: &str) -> String {
        dictionary.entry(code).map_or_else(|| code.to_owned(), |entry| self.entry(entry).to_owned())
    }

    pub(crate) fn entry(self, entry: &Entry) -> &str {
        self.either(&entry.zh, &entry.en)
    }

    pub(crate) fn rhythm(self, rhythm: &Rhythm) -> &str {
        self.either(&rhythm.zh, &rhythm.en)
    }

    fn either<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self.0 {
            Locale::Chinese => zh,
            Locale::English => en,
        }
    }

    /// Several things in one cell.
    pub(crate) fn join(self, parts: impl IntoIterator<Item = String>) -> String {
        parts.into_iter().collect::<Vec<_>>().join(self.either("、", ", "))
    }
}
