//! What must hold whatever happens: nothing acknowledged is lost, all replicas are equal after quiescence,
//! nothing appears that nobody wrote, receipts never lie, and what only a newer version knows stays.

use std::collections::{BTreeMap, BTreeSet};

use gridbook_core::id::{ChangeHash, RecordId, ScopeId};
use gridbook_core::model::{Kind, Record, Standing};
use gridbook_core::workbook::{Filter, Workbook};

use super::newer;
use super::world::World;

/// How many of a phone's records have their receipts looked at after each meeting.
const LOOKED_AT: usize = 6;

/// Every change of a record that a phone calls "on the server" is on the server. A phone that has not
/// talked to the server since it was restored cannot know better and is not asked.
pub(super) async fn check_receipts(world: &mut World) {
    for number in 0..world.phones.len() {
        let phone = &world.phones[number];
        if !phone.settled {
            continue;
        }
        let kind = [Kind::Visit, Kind::Household, Kind::Diary, Kind::Checklist][world.dice.pick(4)];
        let records = all_of(phone.workbook(), kind, LOOKED_AT);
        for record in records {
            if !matches!(record.standing, Standing::OnServer | Standing::Reviewed(_)) {
                continue;
            }
            let hashes = changes_of(phone.workbook(), record.id);
            if !world.server.holds(&hashes).await {
                world.broken(format_args!(
                    "{} shows {} as on the server, which does not hold it",
                    world.phones[number].name, record.id
                ));
            }
        }
    }
}

/// Checks the quiet town; returns one line per record that all replicas agree on.
pub(super) async fn check_quiet(world: &mut World) -> Vec<String> {
    if !world.lost.is_empty() {
        world.broken(format_args!("what revoked phones handed in was not all let in"));
    }
    let auditor = world.server.fresh_phone().await;
    let truth = replica(&auditor);
    for phone in &world.phones {
        for (id, versions) in &phone.promises {
            let Some((_, _, held)) = truth.get(id) else {
                world.broken(format_args!("{} was promised {id}, and it is gone", phone.name));
            };
            for hash in versions {
                if !held.contains(hash) {
                    let own = replica(phone.workbook());
                    let here = own.get(id).is_some_and(|(_, _, changes)| changes.contains(hash));
                    let status = phone.workbook().status();
                    world.broken(format_args!(
                        "{} was promised change {hash} of {id}, which the server lacks; on the phone: {here}, {status:?}",
                        phone.name
                    ));
                }
            }
        }
        if let Some((id, field)) = phone.beyond.as_ref().and_then(|beyond| newer::missing(&auditor, beyond)) {
            world.broken(format_args!(
                "{field} of {id} is gone, which {} wrote in a version to come",
                phone.name
            ));
        }
        let own = replica(phone.workbook());
        let expected: BTreeMap<_, _> =
            truth.iter().filter(|(_, (scope, ..))| phone.scopes.contains(scope)).collect();
        if own.len() != expected.len() {
            world.broken(format_args!("{} holds {} records, not {}", phone.name, own.len(), expected.len()));
        }
        for (id, expected) in expected {
            if own.get(id) != Some(expected) {
                world.broken(format_args!("{}: {id} is {:?}, not {expected:?}", phone.name, own.get(id)));
            }
        }
        let status = phone.workbook().status().expect("a status");
        if (status.unsent, status.refused, status.quarantined) != (0, 0, 0) {
            world.broken(format_args!("{} is not at rest: {status:?}", phone.name));
        }
        if !phone.workbook().store().is_sound().expect("a check") {
            world.broken(format_args!("{}: the database does not check out", phone.name));
        }
    }
    // The server writes nothing of its own into documents here: neither a hand-over nor a box makes a change.
    for (id, (_, _, changes)) in &truth {
        if let Some(hash) = changes.iter().find(|hash| !world.wrote.contains(hash)) {
            world.broken(format_args!("change {hash} of {id} is there, and nobody wrote it"));
        }
    }
    truth.iter().map(|(id, (scope, text, changes))| format!("{id} {scope} {text} {changes:?}")).collect()
}

/// What a replica holds: record → scope, content, changes.
type Replica = BTreeMap<RecordId, (ScopeId, String, BTreeSet<ChangeHash>)>;

fn replica(workbook: &Workbook) -> Replica {
    let records = Kind::ALL.into_iter().flat_map(|kind| all_of(workbook, kind, usize::MAX));
    records
        .map(|record| {
            let text = format!("{:?} {:?} {}", record.header, record.content, record.conflicts);
            let changes = changes_of(workbook, record.id).into_iter().collect();
            (record.id, (record.scope, text, changes))
        })
        .collect()
}

fn all_of(workbook: &Workbook, kind: Kind, most: usize) -> Vec<Record> {
    let filter = Filter { voided: true, ..Filter::default() };
    let rows = workbook.store().read(|reader| reader.list(kind, &filter, None, most)).expect("a list");
    rows.into_iter().map(|(_, record)| record).collect()
}

fn changes_of(workbook: &Workbook, id: RecordId) -> Vec<ChangeHash> {
    workbook.store().read(|reader| reader.hashes_of(&id)).expect("hashes")
}
