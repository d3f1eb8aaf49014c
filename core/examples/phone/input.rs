//! Reading what people type: days, times, codes and their words, people, scopes.

use gridbook_core::clock::{Day, Instant};
use gridbook_core::id::{PersonId, RecordId, ScopeId};
use gridbook_core::model::{Tags, dictionary};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::failure::Failure;
use crate::phone::Phone;

impl Phone {
    /// A day: `2026-11-23`, `today`, `yesterday`, `tomorrow` or their Chinese words.
    pub(crate) fn day(&self, text: &str) -> Result<Day, Failure> {
        let today = self.workbook.today();
        match text.trim() {
            "today" | "今天" => Ok(today),
            "yesterday" | "昨天" => Ok(today.plus_days(-1)),
            "tomorrow" | "明天" => Ok(today.plus_days(1)),
            other => other.parse().map_err(|_| Failure::input("bad_day", &[("text", text)])),
        }
    }

    /// A day, or none where the text is empty.
    pub(crate) fn day_or_none(&self, text: &str) -> Result<Option<Day>, Failure> {
        if text.trim().is_empty() { Ok(None) } else { self.day(text).map(Some) }
    }

    /// A moment in the community's zone: `09:30` of today, or `2026-11-23 09:30`.
    pub(crate) fn moment(&self, text: &str) -> Result<Instant, Failure> {
        let unreadable = || Failure::input("bad_time", &[("text", text)]);
        let text = text.trim().replace('T', " ");
        let (day, time) = match text.rsplit_once(' ') {
            Some((day, time)) => (self.day(day)?, time),
            None => (self.workbook.today(), text.as_str()),
        };
        let (hours, minutes) = time.split_once(':').ok_or_else(unreadable)?;
        let hours: i64 = hours.parse().ok().filter(|hours| (0..24).contains(hours)).ok_or_else(unreadable)?;
        let minutes: i64 =
            minutes.parse().ok().filter(|minutes| (0..60).contains(minutes)).ok_or_else(unreadable)?;
        Ok(self.workbook.zone().start_of(day).plus_millis((hours * 60 + minutes) * 60_000))
    }

    /// A moment, or none where the text is empty.
    pub(crate) fn moment_or_none(&self, text: &str) -> Result<Option<Instant>, Failure> {
        if text.trim().is_empty() { Ok(None) } else { self.moment(text).map(Some) }
    }

    /// The code whose code or word is `text`; empty for an empty text.
    pub(crate) fn code(&self, dictionary: &str, text: &str) -> Result<String, Failure> {
        if text.trim().is_empty() {
            return Ok(String::new());
        }
        let known = dictionary::named(dictionary);
        known.code_of(text).map(str::to_owned).ok_or_else(|| {
            let accepted =
                self.speech.join(known.entries.iter().map(|entry| self.speech.entry(entry).into()));
            Failure::input("unknown_word", &[("text", text), ("accepted", &accepted)])
        })
    }

    /// A coded value of one of the core's types; none for an empty text.
    pub(crate) fn coded<T: DeserializeOwned>(
        &self,
        dictionary: &str,
        text: &str,
    ) -> Result<Option<T>, Failure> {
        let code = self.code(dictionary, text)?;
        Ok(serde_json::from_value(Value::String(code)).ok())
    }

    /// Several codes; one empty text gives an empty set.
    pub(crate) fn codes(&self, dictionary: &str, texts: &[String]) -> Result<Tags, Failure> {
        let words = texts.iter().flat_map(|text| text.split([',', '，', '、', ';', '；']));
        let words = words.map(str::trim).filter(|word| !word.is_empty());
        words.map(|word| self.code(dictionary, word)).collect()
    }

    /// The class of household whose code or word is `text`.
    pub(crate) fn class(&self, text: &str) -> Result<String, Failure> {
        if text.trim().is_empty() {
            return Ok(String::new());
        }
        let rhythms = &self.directory.rhythms;
        rhythms.class_of(text).map(str::to_owned).ok_or_else(|| {
            let accepted = self.speech.join(rhythms.0.iter().map(|rhythm| self.speech.rhythm(rhythm).into()));
            Failure::input("unknown_word", &[("text", text), ("accepted", &accepted)])
        })
    }

    /// The record that `text` names.
    pub(crate) fn id(&self, text: &str) -> Result<RecordId, Failure> {
        Ok(self.workbook.resolve_short(text)?)
    }

    /// The person whose name or id is `text`.
    pub(crate) fn person(&self, text: &str) -> Result<PersonId, Failure> {
        let people =
            self.directory.people.iter().map(|person| (&person.id, person.id.as_str(), &person.name));
        one_of(people, text, ("unknown_person", "several_people"))
    }

    /// The scope whose name or id is `text`.
    pub(crate) fn scope(&self, text: &str) -> Result<ScopeId, Failure> {
        let scopes = self.directory.scopes.iter().map(|scope| (&scope.id, scope.id.as_str(), &scope.name));
        one_of(scopes, text, ("unknown_scope", "several_scopes"))
    }

    /// The scope named, if one is.
    pub(crate) fn scope_if(&self, text: Option<&String>) -> Result<Option<ScopeId>, Failure> {
        text.map(|text| self.scope(text)).transpose()
    }
}

/// The one entry whose id or name is `text`; `codes` are the errors for none and for several.
fn one_of<'a, I: Clone + 'a>(
    entries: impl Iterator<Item = (&'a I, &'a str, &'a String)>,
    text: &str,
    codes: (&'static str, &'static str),
) -> Result<I, Failure> {
    let text = text.trim();
    let mut named = Vec::new();
    let mut ids = Vec::new();
    for (key, id, name) in entries {
        if id == text {
            return Ok(key.clone());
        }
        if name == text {
            named.push(key.clone());
            ids.push(id);
        }
    }
    match named.len() {
        1 => Ok(named.swap_remove(0)),
        0 => Err(Failure::input(codes.0, &[("text", text)])),
        _ => Err(Failure::input(codes.1, &[("text", text), ("ids", &ids.join(", "))])),
    }
}
