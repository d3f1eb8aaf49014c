//! The page of today: what came in, what waits, and which phones have been silent. Counts and names of those who
//! work here, nothing of a resident.

use std::collections::BTreeSet;

use gridbook_core::clock::{Day, Instant};
use gridbook_core::id::{PersonId, RecordId, ScopeId};
use gridbook_core::model::{Action, Kind, Reading, Scope};

use super::naming::in_order;
use super::{Access, Seated, Service};
use crate::error::Result;

/// A phone that was in touch within this many days needs no help.
const SILENT_DAYS: i64 = 3;
/// Lines of what came in last.
const LINES: usize = 12;
/// Lines of silent phones.
const PHONES: usize = 20;

/// The page of today.
pub(crate) struct Today {
    /// The day, in the community's zone.
    pub(crate) day: Day,
    /// Scope by scope, grids first, by name.
    pub(crate) scopes: Vec<ScopeToday>,
    /// What came in last, latest first.
    pub(crate) arrived: Vec<Arrived>,
    /// Phones that have not been in touch, the longest silence first, at most [`PHONES`].
    pub(crate) silent: Vec<Silent>,
    /// How many more there are.
    pub(crate) more_silent: usize,
}

/// One scope today.
pub(crate) struct ScopeToday {
    /// The scope.
    pub(crate) scope: Scope,
    /// How many records came in today, by kind.
    pub(crate) came: Vec<(Kind, u64)>,
    /// When the latest did.
    pub(crate) latest: Option<Instant>,
    /// Not read yet, or edited since.
    pub(crate) waiting: u64,
    /// Returned, waiting for their authors.
    pub(crate) returned: u64,
    /// With a field that holds two values.
    pub(crate) conflicts: u64,
    /// True if somebody is to read records here.
    pub(crate) is_read: bool,
}

/// A record that came in.
pub(crate) struct Arrived {
    /// Which.
    pub(crate) id: RecordId,
    /// Its kind.
    pub(crate) kind: Kind,
    /// Where it lives.
    pub(crate) scope: ScopeId,
    /// Who wrote it.
    pub(crate) author: PersonId,
    /// When the server took its latest change.
    pub(crate) received: Instant,
    /// Where it stands.
    pub(crate) reading: Reading,
}

/// A phone that has not been in touch for long.
pub(crate) struct Silent {
    /// Whose.
    pub(crate) person: PersonId,
    /// What it calls itself.
    pub(crate) label: String,
    /// When it last was, to the hour.
    pub(crate) since: Instant,
    /// Midnights since then.
    pub(crate) days: i64,
}

impl Service {
    /// The page of today for who sits there.
    pub(crate) async fn today(&self, seated: &Seated) -> Result<Today> {
        let access = &seated.access;
        let now = self.surroundings.now();
        let day = self.zone().day(now);
        let mut visible = access.allowed(Action::Read);
        for (_, kinds) in &mut visible {
            // A mark is told beside what it is on.
            kinds.retain(|kind| *kind != Kind::Review);
        }
        visible.retain(|(_, kinds)| !kinds.is_empty());
        let came = self.db.came_since(&visible, self.zone().start_of(day)).await?;
        let standings = self.db.standings(&visible).await?;
        let mut scopes: Vec<ScopeToday> = Vec::new();
        for (id, kinds) in &visible {
            let Some(scope) = access.known_scopes().find(|scope| scope.id == *id) else { continue };
            let here = came.iter().filter(|came| came.scope == *id);
            let standing = standings.iter().filter(|standing| standing.scope == *id);
            let read = standing.clone().filter(|standing| Reading::KINDS.contains(&standing.kind));
            let in_state = |wanted: fn(Reading) -> bool| {
                let states = read.clone().flat_map(|standing| standing.readings.iter());
                states.filter(|(reading, _)| wanted(*reading)).map(|(_, count)| count).sum()
            };
            scopes.push(ScopeToday {
                scope: scope.clone(),
                came: here.clone().map(|came| (came.kind, came.count)).collect(),
                latest: here.map(|came| came.latest).max(),
                waiting: in_state(Reading::waits),
                returned: in_state(|reading| reading == Reading::Returned),
                conflicts: standing.map(|standing| standing.conflicts).sum(),
                is_read: kinds.iter().any(|kind| Reading::KINDS.contains(kind)),
            });
        }
        scopes.sort_by(|one, other| {
            let place = |today: &ScopeToday| {
                (!today.is_read, today.scope.parent.is_none(), in_order(&today.scope.name))
            };
            place(one).cmp(&place(other))
        });
        let arrived = self.db.latest(&visible, LINES).await?.into_iter().map(|kept| Arrived {
            id: kept.row.id,
            kind: kept.row.kind,
            scope: kept.row.scope,
            author: kept.row.author,
            received: kept.received,
            reading: kept.reading,
        });
        let arrived = arrived.collect();
        let mut silent = self.silent(access, now).await?;
        let more_silent = silent.len().saturating_sub(PHONES);
        silent.truncate(PHONES);
        Ok(Today { day, scopes, arrived, silent, more_silent })
    }

    /// The phones of people with a part in the same scopes, for who leads or manages there.
    async fn silent(&self, access: &Access, now: Instant) -> Result<Vec<Silent>> {
        let scopes: BTreeSet<ScopeId> =
            access.known_scopes().map(|scope| scope.id.clone()).filter(|scope| access.leads(scope)).collect();
        let roll = self.db.roll().await?;
        let here =
            roll.grants.iter().filter(|row| row.revoked.is_none() && scopes.contains(&row.grant.scope));
        let people: BTreeSet<&PersonId> = here.map(|row| &row.person).collect();
        let phones = roll.devices.iter().filter(|device| {
            device.revoked.is_none() && !device.is_console() && people.contains(&device.person)
        });
        let mut silent: Vec<Silent> = phones
            .map(|device| Silent {
                person: device.person.clone(),
                label: device.label.clone(),
                since: device.last_contact(),
                days: device.silent_days(self.zone(), now),
            })
            .filter(|silent| silent.days >= SILENT_DAYS)
            .collect();
        silent.sort_by_key(|silent| silent.since);
        Ok(silent)
    }
}
