//! Stories of changes on their way up and down.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod common;

use common::{MONDAY, Site, pulled, visit};
use gridbook_core::gate::Refusal;
use gridbook_core::id::{ActorId, RecordId};
use gridbook_core::model::{Checklist, Item, Mark, Review, Role, Scalar, ScopeKind};
use gridbook_core::sync::protocol::{Receipt, ScopePage, SyncRequest};

#[tokio::test]
async fn a_blind_retry_counts_once() {
    let site = Site::open().await;
    let mut phone = site.worker("样例甲").await;
    let changes: Vec<_> = ["一", "二", "三"].map(|note| phone.begin(visit(note))).into();
    let pushes: Vec<_> = changes.iter().map(|(id, change)| (*id, &site.grid, &change.bytes[..])).collect();

    // The first answer is lost: nothing of it is taken.
    let lost = phone.send(&phone.request(&pushes)).await.unwrap();
    assert_eq!(lost.receipts, [Receipt::Accepted(1), Receipt::Accepted(2), Receipt::Accepted(3)]);
    let again = phone.sync(&pushes).await;
    assert_eq!(again.receipts, [Receipt::Known(1), Receipt::Known(2), Receipt::Known(3)]);
    assert_eq!(phone.cursors[&site.grid].0, 3);

    let counts = site.server.service().database().counts().await.unwrap();
    assert_eq!((counts.entries, counts.records), (3, 3));
    assert!(phone.sync(&pushes).await.scopes.is_empty(), "no news, no page");
}

#[tokio::test]
async fn the_same_change_twice_in_one_request_counts_once() {
    let site = Site::open().await;
    let mut phone = site.worker("样例甲").await;
    let (id, change) = phone.begin(visit("一"));
    let receipts = phone.push(&site.grid, &[(id, change.clone()), (id, change)]).await;
    assert_eq!(receipts, [Receipt::Accepted(1), Receipt::Known(1)]);
}

#[tokio::test]
async fn a_change_that_came_too_early_is_refused_and_forgotten() {
    let site = Site::open().await;
    let mut phone = site.worker("样例甲").await;
    let begun = phone.begin(visit("一"));
    let id = begun.0;
    phone.push(&site.grid, &[begun]).await;
    let (first, second) = (phone.edit(id, "note", "二"), phone.edit(id, "note", "三"));
    let early = [Receipt::Refused(Refusal::MissingDependency)];
    for _ in 0..50 {
        assert_eq!(phone.push(&site.grid, &[(id, second.clone())]).await, early);
    }
    // What it waited for comes: had it been queued somewhere, it would come along.
    assert_eq!(phone.push(&site.grid, &[(id, first)]).await, [Receipt::Accepted(2)]);
    let db = site.server.service().database();
    assert_eq!(db.known_hashes(&[second.hash]).await.unwrap(), [false]);
    assert_eq!(db.counts().await.unwrap().entries, 2);
    let row = db.record(&id).await.unwrap().unwrap();
    assert!(row.json.contains('二') && !row.json.contains('三'), "{}", row.json);
    assert_eq!(
        phone.push(&site.grid, &[(id, second)]).await,
        [Receipt::Accepted(3)],
        "sent again, it is taken"
    );
    assert!(db.record(&id).await.unwrap().unwrap().json.contains('三'));
}

#[tokio::test]
async fn two_phones_see_each_other_and_not_themselves() {
    let site = Site::open().await;
    let (mut first, mut second) = (site.worker("样例甲").await, site.worker("样例乙").await);
    let mine = first.begin(visit("甲的"));
    let theirs = second.begin(visit("乙的"));
    let (my_id, their_id) = (mine.0, theirs.0);
    first.push(&site.grid, &[mine]).await;
    second.push(&site.grid, &[theirs]).await;

    assert_eq!(second.log.len(), 2);
    assert_eq!(second.text(my_id, "note"), "甲的");
    let response = first.sync(&[]).await;
    assert_eq!(pulled(&response, &site.grid), [their_id], "own changes are not echoed");
    assert_eq!(first.cursors[&site.grid], second.cursors[&site.grid]);

    // An edit by the other on the same record, and one of the first side by side: both are kept.
    let edit = second.edit(my_id, "note", "乙改");
    let own = first.edit(my_id, "companions", "丙");
    second.push(&site.grid, &[(my_id, edit)]).await;
    let receipts = first.push(&site.grid, &[(my_id, own)]).await;
    assert_eq!(receipts, [Receipt::Accepted(4)]);
    second.sync(&[]).await;
    for phone in [&first, &second] {
        assert_eq!(
            (phone.text(my_id, "note"), phone.text(my_id, "companions")),
            ("乙改".into(), "丙".into())
        );
    }
}

#[tokio::test]
async fn an_echo_brings_back_what_a_phone_lost() {
    let site = Site::open().await;
    let mut phone = site.worker("样例甲").await;
    let change = phone.begin(visit("一"));
    let id = change.0;
    phone.push(&site.grid, &[change]).await;
    let blank = phone.request(&[]).cursors.into_iter().map(|cursor| gridbook_core::sync::protocol::Cursor {
        seq: 0,
        chain: gridbook_core::id::Chain::START,
        ..cursor
    });
    let request = SyncRequest { echo: true, cursors: blank.collect(), ..phone.request(&[]) };
    let response = phone.send(&request).await.unwrap();
    assert_eq!(pulled(&response, &site.grid), [id]);
}

#[tokio::test]
async fn pages_are_as_small_as_asked_and_come_to_an_end() {
    let site = Site::open().await;
    let mut writer = site.worker("样例甲").await;
    let changes: Vec<_> = (0..7).map(|n| writer.begin(visit(&format!("第{n}户")))).collect();
    writer.push(&site.grid, &changes).await;
    let mut reader = site.worker("样例乙").await;
    let mut sizes = Vec::new();
    loop {
        let request = SyncRequest { page: 3, ..reader.request(&[]) };
        let response = reader.send(&request).await.unwrap();
        reader.take(&[], &response);
        let Some(ScopePage::Page(page)) = response.scopes.first() else { break };
        sizes.push((page.changes.len(), page.remaining));
        assert_eq!(response.more, page.remaining > 0);
    }
    assert_eq!(sizes, [(3, 4), (3, 1), (1, 0)]);
    assert_eq!(reader.cursors[&site.grid], writer.cursors[&site.grid]);
}

#[tokio::test]
async fn a_refused_change_blocks_nothing_and_is_kept() {
    let site = Site::open().await;
    let mut phone = site.worker("样例甲").await;
    let other = site.worker("样例乙").await;
    let before = phone.begin(visit("前"));
    let after = phone.begin(visit("后"));

    let forged_id = RecordId::new(&phone.surroundings);
    let forged = phone.begin_as(forged_id, visit("冒名"), &other.person);
    let on_forged = phone.edit(forged_id, "note", "跟着冒名");
    let mut broken = phone.begin(visit("坏"));
    broken.1.bytes[20] ^= 1;
    let review = phone.begin(Review { subject: before.0, mark: Some(Mark::Seen), ..Review::default() });
    let in_group = site.group("安全防范").await;

    let pushes = [
        (before.0, &site.grid, &before.1.bytes[..]),
        (forged_id, &site.grid, &forged.bytes[..]),
        (forged_id, &site.grid, &on_forged.bytes[..]),
        (broken.0, &site.grid, &broken.1.bytes[..]),
        (review.0, &site.grid, &review.1.bytes[..]),
        (RecordId::new(&phone.surroundings), &in_group, &after.1.bytes[..]),
        (after.0, &site.grid, &after.1.bytes[..]),
    ];
    let response = phone.sync(&pushes).await;
    assert_eq!(
        response.receipts,
        [
            Receipt::Accepted(1),
            Receipt::Refused(Refusal::NotARecord),
            Receipt::Refused(Refusal::MissingDependency),
            Receipt::Refused(Refusal::Malformed),
            Receipt::Refused(Refusal::NotPermitted),
            Receipt::Refused(Refusal::WrongScope),
            Receipt::Accepted(2),
        ]
    );
    let quarantined = async || site.server.service().database().counts().await.unwrap().quarantined;
    assert_eq!(quarantined().await, 5);
    phone.sync(&pushes).await;
    assert_eq!(quarantined().await, 5, "the same refusal is kept once");
}

#[tokio::test]
async fn a_change_under_anothers_actor_is_refused() {
    let site = Site::open().await;
    let mut first = site.worker("样例甲").await;
    let mut second = site.worker("样例乙").await;
    let own = second.actor;
    second.actor = first.actor;
    let forged = second.begin(visit("冒名"));
    second.actor = own;
    let victim = first.begin(visit("本人"));
    let receipts = second.push(&site.grid, &[forged]).await;
    assert_eq!(receipts, [Receipt::Refused(Refusal::ForeignActor)]);
    assert_eq!(first.push(&site.grid, &[victim]).await, [Receipt::Accepted(1)]);
}

/// A phone that took a new actor twice between two contacts, as when its database was copied after a role was taken back.
#[tokio::test]
async fn a_change_under_nobodys_actor_is_its_devices() {
    let site = Site::open().await;
    let mut first = site.worker("样例甲").await;
    let mut second = site.worker("样例乙").await;
    let own = first.actor;
    first.actor = ActorId([7; 16]);
    let between = first.begin(visit("两次联系之间"));
    first.actor = own;
    let (id, bytes) = (between.0, between.1.bytes.clone());
    assert_eq!(first.push(&site.grid, &[between]).await, [Receipt::Accepted(1)]);
    // From now on it is: another device brings nothing under it.
    let receipts = second.sync(&[(id, &site.grid, &bytes)]).await.receipts;
    assert_eq!(receipts, [Receipt::Refused(Refusal::ForeignActor)]);
}

#[tokio::test]
async fn a_record_stays_what_and_where_it_is() {
    let site = Site::open().await;
    let admin = site.server.admin();
    let other_grid = admin.add_scope(&site.community, ScopeKind::Grid, "第二网格").await.unwrap();
    let person = site.person("样例甲", Role::Worker, &site.grid).await;
    admin.grant(&person, Role::Worker, &other_grid).await.unwrap();
    let mut phone = site.phone_of(&person).await;
    let (id, change) = phone.begin(visit("一"));
    phone.push(&site.grid, &[(id, change)]).await;

    let moved = phone.edit(id, "note", "二");
    let receipts = phone.push(&other_grid, &[(id, moved)]).await;
    assert_eq!(receipts, [Receipt::Refused(Refusal::WrongScope)]);

    for (field, value) in [("kind", "diary"), ("author", "pnobody00")] {
        let mut copy = site.phone_of(&person).await;
        copy.sync(&[]).await;
        let edit = copy.edit(id, field, value);
        let receipts = copy.push(&site.grid, &[(id, edit)]).await;
        assert_eq!(receipts, [Receipt::Refused(Refusal::NotARecord)], "{field}");
    }
}

#[tokio::test]
async fn several_changes_of_one_record_in_one_request_build_on_each_other() {
    let site = Site::open().await;
    let mut phone = site.worker("样例甲").await;
    let (id, first) = phone.begin(visit("一"));
    let second = phone.edit(id, "note", "二");
    let third = phone.edit(id, "note", "三");
    let receipts = phone.push(&site.grid, &[(id, first), (id, second), (id, third)]).await;
    assert_eq!(receipts, [Receipt::Accepted(1), Receipt::Accepted(2), Receipt::Accepted(3)]);
    let mut reader = site.worker("样例乙").await;
    reader.sync(&[]).await;
    assert_eq!(reader.text(id, "note"), "三");
}

#[tokio::test]
async fn two_phones_begin_the_same_list_and_both_tick_it() {
    let site = Site::open().await;
    let group = site.group("安全防范").await;
    let list = Checklist {
        title: "夜间巡查".into(),
        group: group.clone(),
        items: [("a".to_owned(), Item { title: "消防通道".into(), ..Item::default() })].into(),
        ..Checklist::default()
    };
    let id = RecordId::derived(&["template", "2026-11-23"]);
    let mut phones = Vec::new();
    for name in ["样例甲", "样例乙"] {
        let person = site.person(name, Role::Member, &group).await;
        let mut phone = site.phone_of(&person).await;
        let begun = phone.begin_as(id, list.clone(), &person);
        let tick = phone.write(id, &format!("ticks/a/{person}"), Scalar::Number(MONDAY));
        phones.push((phone, [(id, begun), (id, tick)]));
    }
    for (phone, changes) in &mut phones {
        let receipts = phone.push(&group, changes).await;
        assert!(matches!(receipts[..], [Receipt::Accepted(_), Receipt::Accepted(_)]), "{receipts:?}");
    }
    let mut third = site.phone_of(&site.person("样例丙", Role::Lead, &group).await).await;
    third.sync(&[]).await;
    let fields = third.documents[&id].fields();
    assert_eq!(
        fields.keys().filter(|field| field.starts_with("ticks/a/")).count(),
        2,
        "both ticks are there"
    );
    let counts = site.server.service().database().counts().await.unwrap();
    assert_eq!((counts.entries, counts.records), (4, 1));

    // Words where a tick belongs make no checklist.
    let path = format!("ticks/a/{}", third.person);
    let wrong = third.edit(id, &path, "昨天");
    assert_eq!(third.push(&group, &[(id, wrong)]).await, [Receipt::Refused(Refusal::NotARecord)]);
}

#[tokio::test]
async fn a_review_stands_where_its_record_stands() {
    let site = Site::open().await;
    let admin = site.server.admin();
    let other_grid = admin.add_scope(&site.community, ScopeKind::Grid, "第二网格").await.unwrap();
    let mut worker = site.worker("样例甲").await;
    let (id, change) = worker.begin(visit("一"));
    worker.push(&site.grid, &[(id, change)]).await;
    let lead = site.person("样例乙", Role::Lead, &site.community).await;
    let mut lead = site.phone_of(&lead).await;
    let review = Review { subject: id, mark: Some(Mark::Seen), ..Review::default() };
    let (review_id, change) = lead.begin(review);
    let receipts = lead.push(&other_grid, &[(review_id, change.clone())]).await;
    assert_eq!(receipts, [Receipt::Refused(Refusal::WrongScope)]);
    let receipts = lead.push(&site.grid, &[(review_id, change)]).await;
    assert_eq!(receipts, [Receipt::Accepted(2)]);
    let response = worker.sync(&[]).await;
    assert_eq!(pulled(&response, &site.grid), [review_id], "the review travels back");
}

#[tokio::test]
async fn many_phones_on_one_record_at_once_lose_nothing() {
    let site = Site::open().await;
    let mut first = site.worker("样例甲").await;
    let (id, change) = first.begin(visit("一"));
    first.push(&site.grid, &[(id, change)]).await;
    let mut phones = Vec::new();
    for n in 0..12 {
        let mut phone = site.worker(&format!("样例{n}")).await;
        phone.sync(&[]).await;
        phones.push((phone, format!("第{n}人")));
    }
    let mut running = Vec::new();
    for (mut phone, note) in phones {
        let grid = site.grid.clone();
        running.push(tokio::spawn(async move {
            let edit = phone.edit(id, "note", &note);
            phone.push(&grid, &[(id, edit)]).await
        }));
    }
    for task in running {
        let receipts = task.await.unwrap();
        assert!(matches!(receipts[..], [Receipt::Accepted(_)]), "{receipts:?}");
    }
    first.sync(&[]).await;
    assert_eq!(first.documents[&id].change_count(), 13);
    assert_eq!(first.documents[&id].conflicts()[0].candidates.len(), 12, "every value is kept");
}

#[tokio::test]
async fn a_field_of_a_thousand_parts_harms_nobody() {
    let site = Site::open().await;
    let mut phone = site.worker("样例甲").await;
    let (id, first) = phone.begin(visit("一"));
    let deep = phone.write(id, &"a/".repeat(25_000), Scalar::Flag(true));
    let receipts = phone.push(&site.grid, &[(id, first), (id, deep)]).await;
    assert_eq!(receipts, [Receipt::Accepted(1), Receipt::Refused(Refusal::NotARecord)]);
    let lead = site.person("样例组长", Role::Lead, &site.grid).await;
    let request = gridbook_server::RecordRequest::default();
    let page = site.server.service().records(&lead, request).await.unwrap();
    assert_eq!(page.records.len(), 1);
}
