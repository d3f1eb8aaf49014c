//! How something is told to one person: the language, the names that they may know, and their clock. A page's seat
//! holds one, and so does whoever takes a register away without a browser.

use std::sync::Arc;

use gridbook_core::clock::{Day, Instant, Zone};
use gridbook_core::model::Directory;

use super::words::Words;
use crate::error::Result;
use crate::service::{Access, Service};

/// Words, names and clock.
#[derive(Clone, Debug)]
pub(crate) struct Wording {
    /// The language.
    pub(crate) words: Words,
    /// The names that the person may know.
    pub(crate) directory: Arc<Directory>,
    /// The communities that they have a part in, in one line.
    pub(crate) community: String,
    /// The communities' zone.
    pub(crate) zone: Zone,
}

impl Wording {
    /// How things are told to whoever has this access.
    ///
    /// # Errors
    /// Only what the database says.
    pub(crate) async fn of(service: &Service, access: &Access, words: Words) -> Result<Self> {
        let directory = Arc::new(service.directory(access).await?);
        let communities = access.communities().iter().map(|id| directory.scope_name(id).to_owned());
        let community = communities.collect::<Vec<_>>().join(" · ");
        Ok(Self { words, directory, community, zone: service.zone() })
    }

    /// What the console calls `key`.
    pub(crate) fn say(&self, key: &str) -> &'static str {
        self.words.say(key)
    }

    /// A word of any section.
    pub(crate) fn word(&self, key: &str) -> &'static str {
        self.words.word(key)
    }

    /// What the console calls `key`, with each `{name}` filled in.
    pub(crate) fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        self.words.fill(key, values)
    }

    /// A moment as hour and minute.
    pub(crate) fn time(&self, at: Instant) -> String {
        self.zone.local(at).format("%H:%M").to_string()
    }

    /// A moment as day, hour and minute.
    pub(crate) fn moment(&self, at: Instant) -> String {
        self.zone.local(at).format("%Y-%m-%d %H:%M").to_string()
    }

    /// A day with its weekday.
    pub(crate) fn day(&self, day: Day) -> String {
        let number = day.days_since(day.week_start());
        format!("{day} {}", self.say(&format!("weekday_{}", number + 1)))
    }
}
