//! 日记: what a worker adds to the day's page; visits, outreach and ticks are on it already.

use std::borrow::Cow;

use super::content::{content, require, require_short_running};
use super::{Kind, Rule, Tags, dictionary};
use crate::clock::Day;
use crate::error::Result;

content! {
    /// One entry of the grid diary (民情日记).
    DiaryEntry is Diary {
        /// The day it belongs to.
        date: Option<Day> = KeepBoth,
        /// A code of the dictionary `diary_category`.
        category: String = KeepBoth,
        /// What happened, what was done, what came of it.
        text: String = Characters,
        /// Ids of the records it speaks of.
        links: Tags = PerElement,
        /// Someone must come back to this.
        needs_follow_up: bool = KeepBoth,
        /// The follow-up is done.
        done: bool = KeepBoth,
    }

    fn check(&self) -> Result<()> {
        require(self.date.is_some(), Kind::Diary, "date", Rule::DateMissing)?;
        require(!self.text.trim().is_empty(), Kind::Diary, "text", Rule::TextMissing)?;
        require_short_running(&self.text, Kind::Diary, "text")
    }

    fn own_day(&self) -> Option<Day> {
        self.date
    }

    fn written(&self) -> Vec<&str> {
        vec![&self.text]
    }

    fn known_by(&self) -> Vec<Cow<'static, str>> {
        dictionary::words("diary_category", [self.category.as_str()]).collect()
    }
}
