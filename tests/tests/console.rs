//! The console and real phones: what a lead does in a browser reaches the worker, by the phones' own way.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

#[path = "../../server/tests/browser/mod.rs"]
mod browser;

use std::sync::atomic::{AtomicU32, Ordering};

use browser::Browser;
use gridbook_core::model::{Mark, Record, Role, Standing, Visit};
use gridbook_core::sync::protocol::{
    EnrolRequest, EnrolResponse, RecoverRequest, RecoverResponse, SyncProtocol, SyncRequest, SyncResponse,
};
use gridbook_core::{Error, Result};
use gridbook_tests::town::Town;

async fn lead_at_console(town: &mut Town, name: &str) -> Browser {
    let community = town.community.clone();
    let _ = town.person(name, &[(community, Role::Lead)]).await;
    Browser::of(town.server(), &town.url(), name).await
}

/// The version that the page shows of a record.
fn version_on(page: &str, record: impl std::fmt::Display) -> String {
    let (_, rest) = page.split_once(&format!("name=\"record\" value=\"{record}\"")).unwrap();
    let (_, rest) = rest.split_once("name=\"version\" value=\"").unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

#[tokio::test]
async fn a_lead_returns_a_visit_on_the_console_and_the_phone_sees_it_after_sync() {
    let mut town = Town::new().await;
    let phone = town.worker("网格员甲").await;
    let household = phone.household("3-1-501");
    let visit = phone.visit(&household, "门口有飞线，已劝说");
    phone.sync().await.unwrap();
    let mut lead = lead_at_console(&mut town, "组长甲").await;

    let page = lead.get("/console/diary").await;
    assert!(page.text.contains("门口有飞线，已劝说") && page.text.contains("3-1-501"), "{}", page.text);
    let version = version_on(&page.text, visit.id);
    let id = visit.id.to_string();
    let returned =
        [("record", id.as_str()), ("version", &version), ("mark", "returned"), ("back", "/console/diary")];
    let without_note = lead.post("/console/diary/mark", &returned).await;
    assert_eq!(without_note.status, 400, "the core's rule: a return says what to look at");
    let note = ("note", "请写清哪一层");
    let answer = lead.post("/console/diary/mark", &[&returned[..], &[note]].concat()).await;
    assert_eq!((answer.status, answer.location()), (303, format!("/console/diary#r{id}").as_str()));

    phone.sync().await.unwrap();
    let mut seen: Record<Visit> = phone.workbook().get(visit.id).unwrap();
    assert_eq!(seen.standing, Standing::Reviewed(Mark::Returned));
    let thread = phone.workbook().reviews().of(visit.id).unwrap();
    assert_eq!(thread[0].content.note, "请写清哪一层");
    let directory = phone.workbook().directory();
    assert_eq!(directory.person_name(&thread[0].header.author), "组长甲", "the author is the lead");

    // The worker answers by editing; the console wants a new look, and an answer to the old version is refused.
    seen.content.note = "六层楼道有飞线，已劝说".into();
    phone.workbook().edit(&seen).unwrap();
    phone.sync().await.unwrap();
    let approve = [("record", id.as_str()), ("version", &version), ("mark", "approved")];
    assert_eq!(
        lead.post("/console/diary/mark", &approve).await.status,
        409,
        "that version is not there any more"
    );
    let page = lead.get("/console/diary").await;
    assert!(page.text.contains("六层楼道有飞线") && page.text.contains("阅后有修改"));
    let version = version_on(&page.text, visit.id);
    let approve = [("record", id.as_str()), ("version", &version), ("mark", "approved")];
    assert_eq!(lead.post("/console/diary/mark", &approve).await.status, 303);
    phone.sync().await.unwrap();
    assert_eq!(phone.workbook().get::<Visit>(visit.id).unwrap().standing, Standing::Reviewed(Mark::Approved));
}

#[tokio::test]
async fn two_leads_at_once_a_whole_day_marked_and_taken_back() {
    let mut town = Town::new().await;
    let phone = town.worker("网格员甲").await;
    let household = phone.household("3-1-501");
    let visits: Vec<_> = (0..12).map(|n| phone.visit(&household, &format!("第{n}次"))).collect();
    phone.sync().await.unwrap();
    let mut first = lead_at_console(&mut town, "组长甲").await;
    let mut second = lead_at_console(&mut town, "组长乙").await;
    let page = first.get("/console/diary").await.text;
    let (_, form) = page.split_once("/console/diary/mark-all").unwrap();
    let sent = |name: &'static str| {
        let (_, value) = form.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
        (name, value.split('"').next().unwrap())
    };
    let fields = ["grid", "day", "upto", "back"].map(sent);

    let (one, other) = tokio::join!(
        first.post("/console/diary/mark-all", &fields),
        second.post("/console/diary/mark-all", &fields)
    );
    assert_eq!((one.status, other.status), (200, 200));
    phone.sync().await.unwrap();
    let standing = |n: usize| phone.workbook().get::<Visit>(visits[n].id).unwrap().standing;
    assert!((0..12).all(|n| standing(n) == Standing::Reviewed(Mark::Seen)));
    assert_eq!(phone.workbook().reviews().of(visits[0].id).unwrap().len(), 2, "both leads' marks are there");
    assert!(!first.get("/console/queue").await.text.contains("<article"), "nothing waits any more");

    // The undo of one lead takes only that lead's marks back.
    let reviews: Vec<&str> =
        one.text.split("name=\"review\" value=\"").skip(1).map(|rest| &rest[..36]).collect();
    assert_eq!(reviews.len(), 12);
    let fields: Vec<(&str, &str)> = reviews.iter().map(|id| ("review", *id)).collect();
    assert_eq!(second.post("/console/diary/take-back", &fields).await.status, 303);
    phone.sync().await.unwrap();
    let open = |n: usize| {
        let marks = phone.workbook().reviews().of(visits[n].id).unwrap();
        marks.iter().filter(|mark| mark.header.voided.is_none()).count()
    };
    assert_eq!(open(3), 2, "a foreign mark stays");
    assert_eq!(first.post("/console/diary/take-back", &fields).await.status, 303);
    phone.sync().await.unwrap();
    assert_eq!(open(3), 1);
}

#[tokio::test]
async fn the_console_writes_on_after_its_server_was_put_back_to_a_backup() {
    let mut town = Town::new().await;
    let phone = town.worker("网格员甲").await;
    let household = phone.household("3-1-501");
    let visit = phone.visit(&household, "一切正常");
    phone.sync().await.unwrap();
    let mut lead = lead_at_console(&mut town, "组长甲").await;
    let mark = async |lead: &mut Browser, mark: &str| {
        let page = lead.get("/console/diary").await.text;
        let (id, version) = (visit.id.to_string(), version_on(&page, visit.id));
        lead.post("/console/diary/mark", &[("record", &id), ("version", &version), ("mark", mark)])
            .await
            .status
    };
    let backup = town.back_up().await;
    assert_eq!(mark(&mut lead, "seen").await, 303);
    phone.sync().await.unwrap();
    town.restore(&backup).await;
    assert_eq!(mark(&mut lead, "approved").await, 303, "as another actor than before");
    town.settle(&[&phone]).await;
    let marks = phone.workbook().reviews().of(visit.id).unwrap();
    assert_eq!(marks.len(), 2, "the lost mark came back from the phone, the new one is there too");
    let page = lead.get("/console/diary").await.text;
    assert_eq!(page.matches("<li><b>").count(), 2, "the console has both again");
}

#[tokio::test]
async fn both_values_of_a_conflict_are_shown_and_the_choice_reaches_the_phones() {
    let mut town = Town::new().await;
    let phone = town.worker("网格员甲").await;
    let other = town.worker("网格员乙").await;
    let household = phone.household("3-1-501");
    let visit = phone.visit(&household, "没有写清");
    town.settle(&[&phone, &other]).await;
    for (phone, note) in [(&phone, "三楼有飞线"), (&other, "四楼有飞线")] {
        let mut seen: Record<Visit> = phone.workbook().get(visit.id).unwrap();
        seen.content.note = note.into();
        phone.workbook().edit(&seen).unwrap();
    }
    town.settle(&[&phone, &other]).await;
    assert_eq!(phone.workbook().conflicts().unwrap().len(), 1);

    let mut lead = lead_at_console(&mut town, "组长甲").await;
    assert!(lead.get("/console/queue?state=conflicts").await.text.contains("<article"));
    let path = format!("/console/records/{}", visit.id);
    let page = lead.get(&path).await.text;
    assert!(
        page.contains("三楼有飞线") && page.contains("四楼有飞线") && page.contains("没有写清"),
        "history too"
    );
    let (before, _) = page.split_once("<p class=\"text\">三楼有飞线</p>").unwrap();
    let place = before.rsplit_once("name=\"place\" value=\"").unwrap().1.split('"').next().unwrap();
    let version = version_on(&page, visit.id);
    let choose = format!("{path}/choose");
    let fields = [("version", version.as_str()), ("field", "note"), ("place", place)];
    let asked = lead.post(&choose, &fields).await;
    assert_eq!(asked.status, 200, "first it is asked");
    assert!(asked.text.contains("三楼有飞线") && asked.text.contains("四楼有飞线"), "{}", asked.text);
    town.settle(&[&phone]).await;
    assert_eq!(phone.workbook().conflicts().unwrap().len(), 1, "and nothing is chosen yet");
    let fields = [&fields[..], &[("confirmed", "1")]].concat();
    assert_eq!(lead.post(&choose, &fields).await.status, 303);
    assert_eq!(lead.post(&choose, &fields).await.status, 409, "there is nothing to choose any more");
    town.settle(&[&phone, &other]).await;
    for phone in [&phone, &other] {
        assert!(phone.workbook().conflicts().unwrap().is_empty());
        assert_eq!(phone.workbook().get::<Visit>(visit.id).unwrap().content.note, "三楼有飞线");
    }
    assert!(!lead.get(&path).await.text.contains("/choose"));
}

/// A network that carries so many exchanges, and no more.
struct Failing<P>(P, AtomicU32);

impl<P: SyncProtocol> SyncProtocol for Failing<P> {
    async fn enrol(&self, request: EnrolRequest) -> Result<EnrolResponse> {
        self.0.enrol(request).await
    }

    async fn sync(&self, request: SyncRequest) -> Result<SyncResponse> {
        let carries = self.1.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        carries.map_err(|_| Error::Offline("no network".into()))?;
        self.0.sync(request).await
    }

    async fn recover(&self, request: RecoverRequest) -> Result<RecoverResponse> {
        self.0.recover(request).await
    }
}

#[tokio::test]
async fn a_phone_that_worked_offline_is_shown_with_its_app_and_what_the_network_did_not_carry() {
    let mut town = Town::new().await;
    let mut phone = town.worker("网格员甲").await;
    let mut lead = lead_at_console(&mut town, "组长甲").await;
    phone.sync().await.unwrap();
    let person = phone.workbook().enrolment().unwrap().person;
    let path = format!("/console/people/{person}");
    let app = format!("左右联网 · 版本 {}", env!("CARGO_PKG_VERSION"));
    assert!(lead.get(&path).await.text.contains(&format!("{app} · 已全部上传")));

    phone.go_offline();
    let household = phone.household("3-1-501");
    for n in 0..2_100 {
        let _ = phone.visit(&household, &format!("第{n}次"));
    }
    assert!(phone.sync().await.is_err());
    assert!(lead.get(&path).await.text.contains("已全部上传"), "nobody heard of it yet");

    // 2,101 changes, of which a request carries 1,000; the second is made while the first one's answer is being stored.
    phone.go_online();
    let network = Failing(phone.client().unwrap(), AtomicU32::new(2));
    assert!(phone.workbook().sync(&network, |_| {}).await.is_err());
    assert_eq!(phone.workbook().status().unwrap().unsent, 101);
    let page = lead.get(&path).await.text;
    assert!(page.contains(&format!("{app} · 还有 101 项没有上传")), "{page}");
    phone.sync().await.unwrap();
    assert!(lead.get(&path).await.text.contains(&format!("{app} · 已全部上传")));
}
