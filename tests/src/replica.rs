//! What the server and a phone hold of a scope, change by change, so that stories about records that change hands
//! can compare them.

use std::collections::{BTreeMap, BTreeSet};

use gridbook_core::gate::hash_of;
use gridbook_core::id::{ChangeHash, RecordId, ScopeId};
use gridbook_core::model::{Kind, Record};
use gridbook_core::workbook::{Filter, Workbook};
use gridbook_server::Server;
use gridbook_server::db::Meant;

/// Record → its changes.
pub type Replica = BTreeMap<RecordId, BTreeSet<ChangeHash>>;

/// What the server holds of a scope.
///
/// # Panics
/// If its database does not answer.
pub async fn on_server(server: &Server, scope: &ScopeId) -> Replica {
    let database = server.service().database();
    let there = database.company(scope, &Meant::All).await.expect("the server answers");
    let ids: Vec<_> = there.into_iter().map(|(id, _)| id).collect();
    let held = database.held(&ids).await.expect("the server answers");
    let hashes = |changes: Vec<Vec<u8>>| changes.iter().map(|bytes| hash_of(bytes)).collect();
    held.into_iter().map(|held| (held.id, hashes(held.changes))).collect()
}

/// What a phone holds of a scope.
///
/// # Panics
/// If its database does not answer.
#[must_use]
pub fn on_phone(workbook: &Workbook, scope: &ScopeId) -> Replica {
    let changes = |id| workbook.store().read(|reader| reader.hashes_of(&id)).expect("hashes");
    let records = records_of(workbook, scope);
    records.into_iter().map(|record| (record.id, changes(record.id).into_iter().collect())).collect()
}

/// The records of a scope as a phone shows them, withdrawn ones too.
///
/// # Panics
/// If its database does not answer.
#[must_use]
pub fn records_of(workbook: &Workbook, scope: &ScopeId) -> Vec<Record> {
    let filter = Filter { voided: true, scope: Some(scope.clone()), ..Filter::default() };
    let list =
        |kind| workbook.store().read(|reader| reader.list(kind, &filter, None, 10_000)).expect("a list");
    Kind::ALL.into_iter().flat_map(list).map(|(_, record)| record).collect()
}
