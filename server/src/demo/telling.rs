//! Telling the demo's story in the language of its reader, with the words of `core/resources/words.toml`.

use std::time::Duration;

use gridbook_core::model::words::{Locale, word};

/// Tells lines.
pub(super) struct Teller<'a> {
    locale: Locale,
    pace: Duration,
    print: &'a mut dyn FnMut(&str),
}

impl<'a> Teller<'a> {
    pub(super) fn new(locale: Locale, pace: Duration, print: &'a mut dyn FnMut(&str)) -> Self {
        Self { locale, pace, print }
    }

    /// Rests so many times as long as one step does.
    pub(super) async fn rest(&self, times: u32) {
        tokio::time::sleep(self.pace * times).await;
    }

    /// Tells the line `key` of the section `demo`, each `{name}` in it replaced by its fact.
    pub(super) fn tell(&mut self, key: &str, facts: &[(&str, &str)]) {
        let mut line = word(&format!("demo.{key}"), self.locale).to_owned();
        for (name, fact) in facts {
            line = line.replace(&format!("{{{name}}}"), fact);
        }
        (self.print)(&line);
    }

    /// Tells a line that is a fact itself.
    pub(super) fn line(&mut self, line: &str) {
        (self.print)(line);
    }

    /// Tells an empty line.
    pub(super) fn blank(&mut self) {
        (self.print)("");
    }

    /// The word of a shared section.
    pub(super) fn word(&self, key: &str) -> String {
        word(key, self.locale).to_owned()
    }

    /// The language.
    pub(super) fn locale(&self) -> Locale {
        self.locale
    }
}
