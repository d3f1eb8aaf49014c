//! What an administrator does: the commands call it, and so do tests and the demonstration.

mod access;
mod console;
mod figures;
mod import;
mod managing;
mod people;
mod purge;

use gridbook_core::clock::Instant;
use gridbook_core::id::{PersonId, RecordId, ScopeId};
use gridbook_core::model::{Rhythm, RhythmTable};

pub use access::Invitation;
pub use import::Imported;
pub(crate) use managing::{Managing, told};

use crate::db::{Decided, Edit, Roll};
use crate::error::{Error, Result};
use crate::service::Service;

/// The administrator's end of a server.
#[derive(Clone)]
pub struct Admin {
    service: Service,
    /// On whose word; nobody for a command.
    by: Option<Decided>,
}

impl Admin {
    pub(crate) fn new(service: Service) -> Self {
        Self { service, by: None }
    }

    /// Everything about people, scopes and devices, in a stable order.
    ///
    /// # Errors
    /// Only what the database says.
    pub async fn roll(&self) -> Result<Roll> {
        self.service.database().roll().await
    }

    /// The visit rhythms in force.
    ///
    /// # Errors
    /// Only what the database says.
    pub async fn rhythms(&self) -> Result<Vec<Rhythm>> {
        Ok(RhythmTable::edited(&self.roll().await?.rhythms).0)
    }

    /// Sets the days between two visits for a class, named by its code or word; 0 means no rhythm.
    ///
    /// # Errors
    /// [`Error::Admin`] if there is no such class.
    pub async fn set_rhythm(&self, class: &str, days: u32) -> Result<()> {
        let rhythms = self.rhythms().await?;
        let named =
            |rhythm: &&Rhythm| [&rhythm.class, &rhythm.zh, &rhythm.en].into_iter().any(|name| name == class);
        let Some(rhythm) = rhythms.iter().find(named) else {
            let known: Vec<_> = rhythms.iter().map(|rhythm| rhythm.class.as_str()).collect();
            return Err(Error::admin(format!("class {class}: there are {}", known.join(", "))));
        };
        if days > 3_660 {
            return Err(Error::admin("days: at most 3660, ten years"));
        }
        self.edit(Edit::SetRhythm(rhythm.class.clone(), days)).await.map(drop)
    }

    /// Sets the communities' zone, in minutes east of Greenwich. It holds from the next start of the server.
    ///
    /// # Errors
    /// [`Error::Admin`] if there is no such zone.
    pub async fn set_zone(&self, minutes: i32) -> Result<()> {
        if minutes.abs() >= 24 * 60 {
            return Err(Error::admin("zone: minutes east of Greenwich, between -1439 and 1439"));
        }
        self.edit(Edit::SetZone(minutes)).await.map(drop)
    }

    /// Appends changes made on the server, all or none, through the same gate and projection as a phone's.
    ///
    /// # Errors
    /// [`Error::Admin`] if the scope does not exist or any change is refused.
    pub async fn append_trusted(
        &self,
        scope: &ScopeId,
        changes: Vec<(RecordId, Vec<u8>, PersonId)>,
    ) -> Result<usize> {
        self.service.append_trusted(scope, changes).await
    }

    fn now(&self) -> Instant {
        self.service.surroundings().now()
    }

    /// True if the edit changed anything.
    async fn edit(&self, edit: Edit) -> Result<bool> {
        Ok(self.edits(vec![edit]).await? > 0)
    }

    /// Applies edits, all or none; the number that changed anything.
    async fn edits(&self, edits: Vec<Edit>) -> Result<usize> {
        let database = self.service.database();
        match self.by.clone() {
            Some(by) => database.edit_by(edits, by, self.now()).await,
            None => database.edit(edits, self.now()).await,
        }
    }
}

/// A name on screens: not empty, one line, at most 60 characters.
fn name(text: &str) -> Result<String> {
    let text = text.trim();
    let fits = !text.is_empty() && text.chars().count() <= 60 && !text.chars().any(char::is_control);
    if fits { Ok(text.to_owned()) } else { Err(Error::admin("name: 1 to 60 characters on one line")) }
}
