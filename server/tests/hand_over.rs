//! Handing over through the leads' API, by whom the table lets; and late work at the wire, honest and not.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod common;

use common::{Phone, Site, diary};
use gridbook_core::gate::Refusal;
use gridbook_core::id::{PersonId, RecordId, ScopeId};
use gridbook_core::model::{Household, Role, ScopeKind, Visit};
use gridbook_core::sync::notice::{Notice, Says};
use gridbook_core::sync::protocol::{Cursor, Push, Receipt, ScopePage, SyncResponse};
use gridbook_server::db::{Act, Meant};
use serde_json::{Value, json};

async fn ask(site: &Site, person: &PersonId, body: &Value) -> (u16, Value) {
    let token = site.server.admin().token(person, "台账", 30).await.unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = http.post(format!("{}/v1/hand-over", site.running.url()));
    let request = request.header("authorization", format!("Bearer {token}")).body(body.to_string());
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or_default())
}

async fn grid(site: &Site, name: &str) -> ScopeId {
    site.server.admin().add_scope(&site.community, ScopeKind::Grid, name).await.unwrap()
}

async fn homes_in(site: &Site, scope: &ScopeId) -> usize {
    site.server.service().database().company(scope, &Meant::All).await.unwrap().len()
}

/// Sends one change, in the name of a scope.
async fn send(phone: &mut Phone, scope: &ScopeId, id: RecordId, bytes: &[u8]) -> SyncResponse {
    let mut request = phone.request(&[]);
    let place = request.cursors.iter().position(|cursor| cursor.scope == *scope).unwrap_or_else(|| {
        let chain = gridbook_core::id::Chain::START;
        request.cursors.push(Cursor { scope: scope.clone(), seq: 0, chain });
        request.cursors.len() - 1
    });
    request.push = vec![Push(id, u16::try_from(place).unwrap(), bytes.to_vec())];
    phone.send(&request).await.unwrap()
}

fn home(dwelling: &str) -> Household {
    Household { dwelling: dwelling.parse().ok(), ..Household::default() }
}

#[tokio::test]
async fn a_lead_of_both_grids_hands_over_and_nobody_else() {
    let site = Site::open().await;
    let second = grid(&site, "第二网格").await;
    let third = grid(&site, "第三网格").await;
    let mut worker = site.worker("样例甲").await;
    let mut homes = Vec::new();
    for dwelling in ["3-1-501", "3-1-502", "4-1-101"] {
        let begun = worker.begin(home(dwelling));
        homes.push(begun.0);
        worker.push(&site.grid, &[begun]).await;
    }
    let lead = site.person("组长", Role::Lead, &site.community).await;
    let half = site.person("一网格组长", Role::Lead, &site.grid).await;
    site.server.admin().grant(&half, Role::Worker, &second).await.unwrap();
    let stranger = site.person("三网格组长", Role::Lead, &third).await;
    let body = |extra: Value| {
        let mut body = json!({ "from": site.grid, "to": second });
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        body
    };
    let building = body(json!({ "building": "3" }));
    let (status, _) = ask(&site, &stranger, &building).await;
    assert_eq!(status, 404, "a scope that one has no part in is none");
    let (status, said) = ask(&site, &half, &building).await;
    assert_eq!((status, said["code"].as_str()), (403, Some("not_permitted")));
    assert_eq!((homes_in(&site, &site.grid).await, homes_in(&site, &second).await), (3, 0));

    for (wrong, names) in [
        (body(json!({})), "exactly one"),
        (body(json!({ "all": true, "building": "3" })), "exactly one"),
        (body(json!({ "building": "9" })), "building 9"),
        (body(json!({ "households": [RecordId::from_bytes([7; 16])] })), "has none with this id"),
        (body(json!({ "all": true, "why": "follows" })), "recut, staff"),
        (body(json!({ "all": true, "odd": 1 })), "odd"),
        (json!({ "from": site.grid, "to": site.grid, "all": true }), "another scope"),
        (json!({ "from": site.grid, "to": site.group("安全防范").await, "all": true }), "task group"),
    ] {
        let (status, said) = ask(&site, &lead, &wrong).await;
        assert_eq!(status, 400, "{wrong} {said}");
        assert!(said["detail"].as_str().unwrap().contains(names), "{wrong}: {said}");
    }
    let unknown = json!({ "from": site.grid, "to": "snowhere1", "all": true });
    assert_eq!(ask(&site, &lead, &unknown).await.0, 404);

    let (status, said) = ask(&site, &lead, &body(json!({ "building": "3", "dry_run": true }))).await;
    assert_eq!((status, &said), (200, &json!({ "households": 2, "records": 2, "there_already": 0 })));
    assert_eq!(homes_in(&site, &second).await, 0, "only counted");
    assert_eq!(ask(&site, &lead, &building).await.1, said);
    let again = ask(&site, &lead, &building).await.1;
    assert_eq!(again, json!({ "households": 0, "records": 0, "there_already": 2 }));
    let named = body(json!({ "households": [homes[2]], "why": "recut" }));
    assert_eq!(ask(&site, &lead, &named).await.1["households"], 1);
    assert_eq!((homes_in(&site, &site.grid).await, homes_in(&site, &second).await), (0, 3));
    let rows = site.server.service().database().audit(0, 1_000).await.unwrap();
    let told: Vec<_> = rows.iter().filter(|row| row.entry.act == Act::HandOver).collect();
    assert_eq!(told.len(), 2, "what moved nothing is no hand-over");
    assert!(told.iter().all(|row| row.entry.who.as_ref() == Some(&lead)));
    assert!(told[1].entry.detail.contains("recut") && told[1].entry.records == [homes[2]]);
}

#[tokio::test]
async fn late_work_is_taken_where_the_record_lived_and_refused_where_it_never_did() {
    let site = Site::open().await;
    let second = grid(&site, "第二网格").await;
    let third = grid(&site, "第三网格").await;
    let lead = site.person("组长", Role::Lead, &site.community).await;
    let mut worker = site.worker("样例甲").await;
    let new = site.person("样例乙", Role::Worker, &second).await;
    let mut new = site.phone_of(&new).await;
    let outsider = site.person("样例丙", Role::Worker, &third).await;
    let mut outsider = site.phone_of(&outsider).await;
    let begun = worker.begin(home("3-1-501"));
    let (id, first) = (begun.0, begun.1.bytes.clone());
    worker.push(&site.grid, &[begun]).await;
    let (_, said) = ask(&site, &lead, &json!({ "from": site.grid, "to": second, "all": true })).await;
    assert_eq!(said["records"], 1);

    // Someone who got hold of the record's bytes writes on it, in a scope where it never lived, and in theirs.
    outsider.documents.insert(id, worker.documents[&id].clone());
    let forged = outsider.edit(id, "note", "外人写的");
    for scope in [&third, &second, &site.grid] {
        let answer = send(&mut outsider, scope, id, &forged.bytes).await;
        assert_eq!(answer.receipts, [Receipt::Refused(Refusal::WrongScope)], "{scope}");
        let answer = send(&mut outsider, scope, id, &first).await;
        assert!(
            !matches!(answer.receipts[0], Receipt::Accepted(_)),
            "its first change is nothing new either"
        );
    }
    let listed = site.server.service().database().listed(&[(id, third.clone())]).await.unwrap();
    assert_eq!(listed, [], "nothing of it has come to a scope where it never lived");

    // What the old worker could not have seen is nothing that he may build on.
    new.documents.insert(id, worker.documents[&id].clone());
    let theirs = new.edit(id, "note", "乙写的");
    assert!(matches!(send(&mut new, &second, id, &theirs.bytes).await.receipts[0], Receipt::Accepted(_)));
    let late = worker.edit(id, "contact", "晚到的");
    worker.documents.insert(id, new.documents[&id].clone());
    let stolen = worker.edit(id, "contact", "偷看来的");
    let answer = send(&mut worker, &site.grid, id, &stolen.bytes).await;
    assert_eq!(answer.receipts, [Receipt::Refused(Refusal::MissingDependency)]);

    // His own late change: a place in the old log by name, the content in the new one, and the same for a retry.
    let answer = send(&mut worker, &site.grid, id, &late.bytes).await;
    let Receipt::Accepted(place) = answer.receipts[0] else { panic!("{:?}", answer.receipts) };
    let page = |answer: &SyncResponse, scope: &ScopeId| {
        let mut pages = answer.scopes.iter().filter_map(|page| match page {
            ScopePage::Page(page) if page.scope == *scope => Some(page.clone()),
            _ => None,
        });
        pages.next_back().unwrap()
    };
    let old = page(&answer, &site.grid);
    assert!(old.gone.iter().any(|(seq, hash)| *seq == place && *hash == late.hash), "{old:?}");
    let mut notices = old.changes.iter().filter_map(|pulled| Notice::read(&pulled.1));
    assert!(notices.next_back().is_some_and(|notice| matches!(notice.says, Says::Moved(_))));
    assert_eq!(old.changes.len(), 1, "a page of the old grid has the notice, and no byte of what left");
    assert_eq!(send(&mut worker, &site.grid, id, &late.bytes).await.receipts, [Receipt::Known(place)]);
    let answer = send(&mut new, &second, id, &theirs.bytes).await;
    let arrived = page(&answer, &second).changes;
    assert_eq!(arrived.iter().filter(|pulled| pulled.1 == late.bytes).count(), 1);

    // A visit begun late follows its household, as its author's.
    let visit =
        Visit { household: id, outcome: Some(gridbook_core::model::Outcome::Met), ..Visit::default() };
    let visit = worker.begin(visit);
    let answer = send(&mut worker, &site.grid, visit.0, &visit.1.bytes).await;
    assert!(matches!(answer.receipts[0], Receipt::Accepted(_)), "{:?}", answer.receipts);
    let row = site.server.service().database().record(&visit.0).await.unwrap().unwrap();
    assert_eq!((row.scope, row.author), (second.clone(), worker.person.clone()));
    let stays = worker.begin(diary("2026-11-23", "照常"));
    send(&mut worker, &site.grid, stays.0, &stays.1.bytes).await;
    let row = site.server.service().database().record(&stays.0).await.unwrap().unwrap();
    assert_eq!(row.scope, site.grid, "what is about nothing stays where it was begun");
}
