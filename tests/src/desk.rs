//! A desk that enrols and is never reached again: what a phone without a network has behind it.

use gridbook_core::id::{DeviceId, PersonId, ScopeId};
use gridbook_core::model::{Directory, Grant, Person, Role, Scope, ScopeKind};
use gridbook_core::sync::protocol::{
    EnrolRequest, EnrolResponse, RecoverRequest, RecoverResponse, SyncProtocol, SyncRequest, SyncResponse,
};
use gridbook_core::{Error, Result};

/// Enrols anyone as a worker of one grid and a member of one task group, then is offline.
#[derive(Clone, Copy, Debug)]
pub struct Desk;

/// The grid that [`Desk`] grants.
#[must_use]
pub fn grid() -> ScopeId {
    ScopeId::from("sgrid001")
}

/// The task group that [`Desk`] grants.
#[must_use]
pub fn group() -> ScopeId {
    ScopeId::from("sgroup01")
}

impl SyncProtocol for Desk {
    async fn enrol(&self, request: EnrolRequest) -> Result<EnrolResponse> {
        let town = ScopeId::from("stown001");
        let person = PersonId::from("pauthor1");
        let scope = |id: &ScopeId, kind, name: &str| Scope {
            id: id.clone(),
            kind,
            name: name.into(),
            parent: (kind != ScopeKind::Community).then(|| town.clone()),
        };
        Ok(EnrolResponse {
            server: None,
            terms: None,
            device: DeviceId::from("ddevice1"),
            person: person.clone(),
            grants: vec![
                Grant { scope: grid(), role: Role::Worker },
                Grant { scope: grid(), role: Role::Lead },
                Grant { scope: group(), role: Role::Lead },
            ],
            directory: Directory {
                version: 1,
                scopes: vec![
                    scope(&town, ScopeKind::Community, "虚构社区"),
                    scope(&grid(), ScopeKind::Grid, "第一网格"),
                    scope(&group(), ScopeKind::TaskGroup, "安全防范"),
                ],
                people: vec![Person { id: person.clone(), name: "测试员甲".into() }],
                actors: vec![(request.actor, person)],
                zone_minutes: 480,
                ..Directory::default()
            },
        })
    }

    async fn sync(&self, _: SyncRequest) -> Result<SyncResponse> {
        Err(Error::Offline("no network".into()))
    }

    async fn recover(&self, _: RecoverRequest) -> Result<RecoverResponse> {
        Err(Error::Offline("no network".into()))
    }
}
