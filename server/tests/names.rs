//! Stories of who writes in whose name: ticks, withdrawals and reviews are their own people's, and a value has the type
//! of its field even where it is not the one that shows.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod common;

use common::{Phone, Site, visit};
use gridbook_core::clock::Instant;
use gridbook_core::doc::NewChange;
use gridbook_core::gate::Refusal;
use gridbook_core::id::{PersonId, RecordId, ScopeId};
use gridbook_core::model::{Checklist, Item, Mark, Review, Role, Scalar, Voided};
use gridbook_core::sync::protocol::Receipt;

fn list(group: &ScopeId) -> Checklist {
    let item = Item { title: "查充电棚".into(), ..Item::default() };
    Checklist {
        title: "每周巡查".into(),
        group: group.clone(),
        items: [("a1".into(), item)].into(),
        ..Checklist::default()
    }
}

fn voided(by: &PersonId) -> Scalar {
    let voided = Voided { by: by.clone(), at: Instant(1), reason: "重复".into() };
    Scalar::Text(serde_json::to_string(&voided).unwrap())
}

async fn pushed(phone: &mut Phone, scope: &ScopeId, id: RecordId, change: NewChange) -> Receipt {
    phone.push(scope, &[(id, change)]).await.remove(0)
}

fn accepted(receipt: &Receipt) -> bool {
    matches!(receipt, Receipt::Accepted(_))
}

#[tokio::test]
async fn nobody_ticks_or_withdraws_in_anothers_name() {
    let site = Site::open().await;
    let group = site.group("安全防范").await;
    let mut phones = Vec::new();
    for name in ["样例甲", "样例乙"] {
        let person = site.person(name, Role::Member, &group).await;
        phones.push(site.phone_of(&person).await);
    }
    let [mut jia, mut yi] = <[Phone; 2]>::try_from(phones).ok().unwrap();
    let (own, other) = (yi.person.clone(), jia.person.clone());
    let lists: Vec<(RecordId, NewChange)> = (0..4).map(|_| jia.begin(list(&group))).collect();
    let ids: Vec<RecordId> = lists.iter().map(|(id, _)| *id).collect();
    assert!(jia.push(&group, &lists).await.iter().all(accepted));
    yi.sync(&[]).await;

    let tick = |person: &PersonId| format!("ticks/a1/{person}");
    let mine = yi.write(ids[0], &tick(&own), Scalar::Number(1));
    assert!(accepted(&pushed(&mut yi, &group, ids[0], mine).await));
    let forged = yi.write(ids[1], &tick(&other), Scalar::Number(1));
    let refused = Receipt::Refused(Refusal::NotPermitted);
    assert_eq!(pushed(&mut yi, &group, ids[1], forged).await, refused);
    let forged = yi.write(ids[2], "voided", voided(&other));
    assert_eq!(pushed(&mut yi, &group, ids[2], forged).await, refused);

    // A list that is there from the beginning with another's tick is no way around it.
    let ticks = [("a1".into(), [(other.clone(), Instant(1))].into())].into();
    let (id, begun) = yi.begin(Checklist { ticks, ..list(&group) });
    assert_eq!(pushed(&mut yi, &group, id, begun).await, refused);

    // Taking back another's tick is open to whoever writes the list; its history tells who did.
    jia.sync(&[]).await;
    let back = jia.write(ids[0], &tick(&own), Scalar::Null);
    assert!(accepted(&pushed(&mut jia, &group, ids[0], back).await));
}

#[tokio::test]
async fn a_review_is_changed_by_the_lead_who_gave_it_alone() {
    let site = Site::open().await;
    let mut worker = site.worker("样例甲").await;
    let mut leads = Vec::new();
    for name in ["样例组长甲", "样例组长乙"] {
        let person = site.person(name, Role::Lead, &site.grid).await;
        leads.push(site.phone_of(&person).await);
    }
    let [mut first, mut second] = <[Phone; 2]>::try_from(leads).ok().unwrap();
    let subject = worker.begin(visit("请看"));
    let about = subject.0;
    assert!(worker.push(&site.grid, &[subject]).await.iter().all(accepted));
    first.sync(&[]).await;
    let (id, review) = first.begin(Review { subject: about, mark: Some(Mark::Seen), ..Review::default() });
    assert!(accepted(&pushed(&mut first, &site.grid, id, review).await));
    second.sync(&[]).await;
    let forged = second.edit(id, "note", "不是我写的");
    assert_eq!(pushed(&mut second, &site.grid, id, forged).await, Receipt::Refused(Refusal::NotPermitted));
    let own = first.edit(id, "note", "写得很清楚");
    assert!(accepted(&pushed(&mut first, &site.grid, id, own).await));
}

#[tokio::test]
async fn nobody_begins_a_colleagues_record_again_in_their_own_name() {
    let site = Site::open().await;
    let mut jia = site.worker("样例甲").await;
    let mut yi = site.worker("样例乙").await;
    let (id, begun) = jia.begin(visit("甲写的"));
    assert!(accepted(&pushed(&mut jia, &site.grid, id, begun).await));
    yi.sync(&[]).await;
    let (_, again) = yi.begin(visit("乙写的"));
    let refused = Receipt::Refused(Refusal::NotARecord);
    assert_eq!(pushed(&mut yi, &site.grid, id, again).await, refused);
    // The same person's other phone may: a refused record that is written anew begins again.
    let mut other = site.phone_of(&jia.person).await;
    let (_, anew) = other.begin(visit("甲又写"));
    assert!(accepted(&pushed(&mut other, &site.grid, id, anew).await));
    // What everyone derives from a template, everyone begins.
    let group = site.group("安全防范").await;
    let mut phones = Vec::new();
    for name in ["样例丙", "样例丁"] {
        let person = site.person(name, Role::Member, &group).await;
        phones.push(site.phone_of(&person).await);
    }
    let derived = RecordId::derived(&["template", "2026-11-23"]);
    for phone in &mut phones {
        let (_, begun) = phone.begin(list(&group));
        assert!(accepted(&pushed(phone, &group, derived, begun).await));
    }
}

#[tokio::test]
async fn a_value_of_another_type_is_refused_also_where_it_would_not_show() {
    let site = Site::open().await;
    let mut jia = site.worker("样例甲").await;
    let mut yi = site.worker("样例乙").await;
    let begun = jia.begin(visit("起初"));
    let id = begun.0;
    assert!(jia.push(&site.grid, &[begun]).await.iter().all(accepted));
    yi.sync(&[]).await;
    // Side by side, so that one of the two loses; neither order lets the number in.
    let honest = jia.edit(id, "note", "后来");
    let poison = yi.write(id, "note", Scalar::Number(7));
    assert!(accepted(&pushed(&mut jia, &site.grid, id, honest).await));
    let refused = Receipt::Refused(Refusal::NotARecord);
    assert_eq!(pushed(&mut yi, &site.grid, id, poison).await, refused);
    let mut bing = site.worker("样例丙").await;
    bing.sync(&[]).await;
    let poison = bing.write(id, "purposes/safety", Scalar::Text("是".into()));
    assert_eq!(pushed(&mut bing, &site.grid, id, poison).await, refused);
    let mut ding = site.worker("样例丁").await;
    ding.sync(&[]).await;
    let poison = ding.write(id, "occurred_at", Scalar::Text("昨天".into()));
    assert_eq!(pushed(&mut ding, &site.grid, id, poison).await, refused);
    let beyond = jia.write(id, "a_field_of_a_version_to_come", Scalar::Number(7));
    assert!(accepted(&pushed(&mut jia, &site.grid, id, beyond).await), "a newer version may write more");
}
