//! One record as the console's pages show it in a list: what it says, numbers masked, with the marks on it.

use std::collections::BTreeMap;

use gridbook_core::clock::{Day, Instant};
use gridbook_core::id::{PersonId, RecordId, ScopeId};
use gridbook_core::model::masking::mask;
use gridbook_core::model::{Action, Content, Kind, Mark, Projection, Reading};

use super::records::text;
use super::{Seated, Service};
use crate::db::{Kept, Position};
use crate::error::Result;

/// A record.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Which.
    pub(crate) id: RecordId,
    /// Its kind.
    pub(crate) kind: Kind,
    /// Where it lives.
    pub(crate) scope: ScopeId,
    /// Who wrote it first.
    pub(crate) author: PersonId,
    /// The day it belongs to.
    pub(crate) day: Day,
    /// When it happened.
    pub(crate) at: Instant,
    /// When the server took its latest change.
    pub(crate) received: Instant,
    /// True once it was withdrawn.
    pub(crate) voided: bool,
    /// How many fields hold two values.
    pub(crate) conflicts: u32,
    /// Where it stands.
    pub(crate) reading: Reading,
    /// Which version this is.
    pub(crate) version: String,
    /// What it says.
    pub(crate) content: Content,
    /// The dwelling of a visit's household, as far as the person may see it.
    pub(crate) dwelling: Option<String>,
    /// The marks on it, oldest first.
    pub(crate) marks: Vec<Given>,
}

impl Entry {
    /// Its place in the order of the day: what a page after it begins with.
    pub(crate) fn place(&self) -> String {
        text(Position { day: self.day, occurred_at: self.at, id: self.id })
    }
}

/// A mark on a record.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    /// The review.
    pub(crate) id: RecordId,
    /// The mark.
    pub(crate) mark: Mark,
    /// What the lead said.
    pub(crate) note: String,
    /// Who.
    pub(crate) by: PersonId,
    /// When.
    pub(crate) at: Instant,
    /// False once the record was edited after it.
    pub(crate) current: bool,
}

impl Service {
    /// The rows as entries, in their order. Who shows them has looked at permission, and writes it down.
    pub(super) async fn entries(&self, seated: &Seated, rows: Vec<Kept>) -> Result<Vec<Entry>> {
        let ids: Vec<RecordId> = rows.iter().map(|kept| kept.row.id).collect();
        let versions: BTreeMap<RecordId, String> =
            rows.iter().map(|kept| (kept.row.id, kept.row.fingerprint.clone())).collect();
        let mut marks = BTreeMap::<RecordId, Vec<Given>>::new();
        for review in self.db.reviews_of(&ids).await? {
            let Some(subject) = review.subject else { continue };
            if !seated.access.may(&review.scope, Kind::Review, Action::Read) {
                continue;
            }
            let (_, Content::Review(content)) = Projection::read(review.kind, &review.json)? else {
                continue;
            };
            let Some(mark) = content.mark else { continue };
            let current = versions.get(&subject) == Some(&content.covers);
            let (by, at) = (review.author, review.updated);
            let note = mask(&content.note);
            marks.entry(subject).or_default().push(Given { id: review.id, mark, note, by, at, current });
        }
        let mut entries = Vec::with_capacity(rows.len());
        for Kept { row, received, reading } in rows {
            let (_, content) = Projection::read(row.kind, &row.json)?;
            entries.push(Entry {
                marks: marks.remove(&row.id).unwrap_or_default(),
                id: row.id,
                kind: row.kind,
                scope: row.scope,
                author: row.author,
                day: row.day,
                at: row.occurred_at,
                received,
                voided: row.voided,
                conflicts: row.conflicts,
                reading,
                version: row.fingerprint,
                content: content.masked(),
                dwelling: None,
            });
        }
        self.name_dwellings(seated, &mut entries).await?;
        Ok(entries)
    }

    async fn name_dwellings(&self, seated: &Seated, entries: &mut [Entry]) -> Result<()> {
        let household = |entry: &Entry| match &entry.content {
            Content::Visit(visit) => Some(visit.household),
            _ => None,
        };
        let dwellings =
            self.dwellings(&seated.access, entries.iter().filter_map(household).collect()).await?;
        for entry in entries {
            entry.dwelling = household(entry).and_then(|id| dwellings.get(&id).cloned());
        }
        Ok(())
    }
}
