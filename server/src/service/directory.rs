//! The names a person may know: their communities' scopes, people and actors.

use std::collections::BTreeSet;

use gridbook_core::id::{PersonId, ScopeId};
use gridbook_core::model::{Directory, RhythmTable};

use super::{Access, Service};
use crate::db::Roll;
use crate::error::Result;

impl Service {
    /// The directory for someone with this access.
    pub(crate) async fn directory(&self, access: &Access) -> Result<Directory> {
        // The version first: names added between the two reads come again next time, never too late.
        let version = self.db.versions().await?.directory;
        let roll = self.db.roll().await?;
        Ok(build(roll, version, access, self.identity.zone_minutes))
    }

    /// The directory, unless the caller holds this very version of it.
    pub(super) async fn directory_if_newer(&self, access: &Access, held: u64) -> Result<Option<Directory>> {
        if self.db.versions().await?.directory == held {
            return Ok(None);
        }
        self.directory(access).await.map(Some)
    }
}

fn build(roll: Roll, version: u64, access: &Access, zone_minutes: i32) -> Directory {
    let within = |community: &ScopeId| access.communities().contains(community);
    let scopes: Vec<_> =
        roll.scopes.into_iter().filter(|scope| within(scope.parent.as_ref().unwrap_or(&scope.id))).collect();
    let ids: BTreeSet<&ScopeId> = scopes.iter().map(|scope| &scope.id).collect();
    // Whoever had a part once may have written something that is still here.
    let known: BTreeSet<PersonId> = roll
        .grants
        .into_iter()
        .filter(|grant| ids.contains(&grant.grant.scope))
        .map(|grant| grant.person)
        .collect();
    Directory {
        version,
        people: roll.people.into_iter().filter(|person| known.contains(&person.id)).collect(),
        actors: roll
            .actors
            .into_iter()
            .filter(|actor| known.contains(&actor.person))
            .map(|actor| (actor.id, actor.person))
            .collect(),
        rhythms: RhythmTable::edited(&roll.rhythms),
        zone_minutes,
        scopes,
    }
}
