//! What the sync screen lists: records that only this phone has, and those that the server did not take.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use gridbook_core::clock::Surroundings;
use gridbook_core::id::RecordId;
use gridbook_core::model::{Action, Content, Kind, Record, Role, Standing, Visit};
use gridbook_core::workbook::Workbook;
use gridbook_tests::town::Town;

fn ids(records: &[Record]) -> Vec<RecordId> {
    records.iter().map(|record| record.id).collect()
}

fn refused_and_unsent(workbook: &Workbook) -> (u64, u64) {
    let status = workbook.status().unwrap();
    (status.refused, status.unsent)
}

#[tokio::test]
async fn on_the_phone_is_what_it_wrote_and_has_no_receipt_for() {
    let mut town = Town::new().await;
    let jia = town.worker("甲").await;
    let yi = town.worker("乙").await;
    let theirs = yi.visit(&yi.household("12-1-301"), "同事写的");
    town.settle(&[&yi, &jia]).await;
    assert_eq!(jia.workbook().on_phone(60).unwrap(), [], "what others wrote is on the server");

    let home = jia.household("3-1-501");
    let first = jia.visit(&home, "门上留了13800000000");
    let second = jia.visit(&home, "下午见到了");
    let listed = jia.workbook().on_phone(60).unwrap();
    assert_eq!(ids(&listed), [second.id, first.id, home.id], "written last comes first");
    assert!(listed.iter().all(|record| record.standing == Standing::OnPhone));
    let Content::Visit(visit) = &listed[1].content else { panic!("{listed:?}") };
    assert_eq!(visit.note, "门上留了138****0000", "a list shows numbers masked");
    assert_eq!(
        ids(&jia.workbook().on_phone(2).unwrap()),
        [second.id, first.id],
        "no more than was asked for"
    );

    let mut edited = jia.workbook().get::<Visit>(first.id).unwrap();
    edited.content.requests = "修路灯".into();
    jia.workbook().edit(&edited).unwrap();
    assert_eq!(
        ids(&jia.workbook().on_phone(60).unwrap()),
        [first.id, second.id, home.id],
        "an edit is a writing"
    );
    jia.sync().await.unwrap();
    assert_eq!(jia.workbook().on_phone(60).unwrap(), []);

    let mut answered = jia.workbook().get::<Visit>(theirs.id).unwrap();
    answered.content.companions = "测试社工".into();
    jia.workbook().edit(&answered).unwrap();
    assert_eq!(ids(&jia.workbook().on_phone(60).unwrap()), [theirs.id], "also of what another began");
}

#[tokio::test]
async fn the_server_is_said_to_hold_what_neither_waits_nor_was_refused_since_the_last_contact() {
    let mut town = Town::new().await;
    let grid = town.grids[0].clone();
    let jia = town.phone("甲", &[(grid.clone(), Role::Worker)]).await;
    let home = jia.household("3-1-501");
    let told = || jia.workbook().status().unwrap();
    assert_eq!((told().on_server, told().contact), (0, None));
    let before = Surroundings::system().now();
    jia.sync().await.unwrap();
    let contact = told().contact.unwrap();
    assert_eq!(told().on_server, 1);
    assert!(before <= contact && contact <= Surroundings::system().now(), "{contact:?}");

    let first = jia.visit(&home, "上午");
    let _ = jia.visit(&home, "下午");
    assert_eq!((told().on_server, told().contact), (1, Some(contact)), "two wait");
    jia.sync().await.unwrap();
    assert_eq!(told().on_server, 3);
    assert!(told().contact.unwrap() > contact);

    let person = town.person("甲", &[(grid.clone(), Role::Auditor)]).await;
    town.server().admin().revoke_grant(&person, Role::Worker, &grid).await.unwrap();
    let mut edited = jia.workbook().get::<Visit>(first.id).unwrap();
    edited.content.requests = "修路灯".into();
    jia.workbook().edit(&edited).unwrap();
    assert_eq!(told().on_server, 2, "an edit waits");
    jia.sync().await.unwrap();
    assert_eq!((told().on_server, told().refused), (2, 1), "and then is refused");
}

#[tokio::test]
async fn what_a_person_may_do_is_asked_by_scope_and_kind() {
    let mut town = Town::new().await;
    let (near, far) = (town.grids[0].clone(), town.grids[1].clone());
    let jia = town.phone("甲", &[(near.clone(), Role::Worker)]).await;
    let permitted = jia.workbook().permitted(&near, Kind::Visit);
    assert!(permitted.contains(&Action::Write) && !permitted.contains(&Action::Review), "{permitted:?}");
    assert_eq!(jia.workbook().permitted(&far, Kind::Visit), []);
    assert!(!jia.workbook().permitted(&near, Kind::Review).contains(&Action::Write));
}

// Story: refused_and_taken
#[tokio::test]
async fn refused_is_what_the_server_did_not_take_until_the_role_is_back() {
    let mut town = Town::new().await;
    let grid = town.grids[0].clone();
    let jia = town.phone("甲", &[(grid.clone(), Role::Worker)]).await;
    let home = jia.household("3-1-501");
    let first = jia.visit(&home, "门上留了13800000000");
    jia.sync().await.unwrap();
    assert_eq!((jia.workbook().refused().unwrap(), refused_and_unsent(jia.workbook())), (vec![], (0, 0)));

    // They may read from now on and write no more, but this phone has not heard of it yet.
    let person = town.person("甲", &[(grid.clone(), Role::Auditor)]).await;
    town.server().admin().revoke_grant(&person, Role::Worker, &grid).await.unwrap();
    let second = jia.visit(&home, "写在途中");
    let mut edited = jia.workbook().get::<Visit>(first.id).unwrap();
    edited.content.requests = "修路灯".into();
    jia.workbook().edit(&edited).unwrap();
    let report = jia.sync().await.unwrap();
    // The answer that refuses also brings the role that reads: it is no reason to try again.
    let mut named = vec![first.id, second.id];
    named.sort_unstable();
    assert_eq!((report.refused, refused_and_unsent(jia.workbook())), (named, (2, 0)));
    let listed = jia.workbook().refused().unwrap();
    assert_eq!(ids(&listed), [second.id, first.id], "what arrived last comes first");
    assert!(listed.iter().all(|record| record.standing == Standing::Refused));
    let Content::Visit(visit) = &listed[1].content else { panic!("{listed:?}") };
    assert_eq!(visit.note, "门上留了138****0000", "a list shows numbers masked");
    assert_eq!(jia.workbook().on_phone(60).unwrap(), [], "what was refused waits for no network");
    assert_eq!(jia.workbook().refusals(first.id).unwrap(), ["not_permitted"]);
    jia.sync().await.unwrap();
    assert_eq!(refused_and_unsent(jia.workbook()), (2, 0), "nor is it sent again");

    town.server().admin().grant(&person, Role::Worker, &grid).await.unwrap();
    town.settle(&[&jia]).await;
    assert_eq!((jia.workbook().refused().unwrap(), refused_and_unsent(jia.workbook())), (vec![], (0, 0)));
    assert_eq!(jia.workbook().get::<Visit>(first.id).unwrap().standing, Standing::OnServer);
}
