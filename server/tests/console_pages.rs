//! The console's pages over real HTTP: who sees which grid, what is written down of a look, how large and how fast
//! pages are, and that news come by themselves.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod browser;
mod common;
mod seated;

use std::time::{Duration, Instant};

use browser::{PASSWORD, hear};
use common::{Phone, Site};
use gridbook_core::id::{RecordId, ScopeId};
use gridbook_core::model::{DiaryEntry, Outcome, Role, ScopeKind, Visit};
use gridbook_server::db::Act;
use seated::at_console;

/// How soon news are told, as docs/CONSOLE.md promises.
const AT_ONCE: Duration = Duration::from_secs(1);
/// How often it is tried, because a busy machine may hold up any one.
const TRIES: usize = 5;

async fn diary(phone: &mut Phone, scope: &ScopeId, text: &str) -> RecordId {
    let date = Some("2026-11-23".parse().unwrap());
    let entry = DiaryEntry { date, category: "safety".into(), text: text.into(), ..DiaryEntry::default() };
    let (id, change) = phone.begin(entry);
    phone.push(scope, &[(id, change)]).await;
    id
}

#[tokio::test]
async fn a_lead_sees_their_own_grids_alone_and_every_look_is_written_down() {
    let site = Site::open().await;
    let admin = site.server.admin();
    let second = admin.add_scope(&site.community, ScopeKind::Grid, "第二网格").await.unwrap();
    let mut phone = site.worker("网格员甲").await;
    let id = diary(&mut phone, &site.grid.clone(), "楼道灯坏了，电话13800001234").await;
    let (lead, mut own) = at_console(&site, "组长甲", Role::Lead, &site.grid).await;
    let (_, mut other) = at_console(&site, "组长乙", Role::Lead, &second).await;

    let page = own.get("/console/diary?day=2026-11-23").await;
    assert!(page.text.contains("楼道灯坏了") && page.text.contains("138****1234"), "numbers are masked");
    assert!(!page.text.contains("13800001234"));
    let db = site.server.service().database();
    let looks = db.audit_about(&id, None, 9).await.unwrap();
    assert_eq!((looks.len(), looks[0].entry.act, looks[0].entry.who.as_ref()), (1, Act::Read, Some(&lead)));
    // An open page that asks anew by itself: only what came in since is another look.
    let late = diary(&mut phone, &site.grid.clone(), "楼道灯已修好").await;
    let part = own.get_live("/console/diary/part?day=2026-11-23").await;
    assert!(part.text.contains("楼道灯坏了") && part.text.contains("楼道灯已修好"), "{}", part.text);
    own.get_live("/console/diary/part?day=2026-11-23").await;
    assert_eq!(db.audit_about(&id, None, 9).await.unwrap().len(), 1);
    assert_eq!(db.audit_about(&late, None, 9).await.unwrap().len(), 1);

    let elsewhere = other.get(&format!("/console/diary?grid={}&day=2026-11-23", site.grid)).await;
    assert_eq!(elsewhere.status, 404);
    let nowhere = other.get("/console/diary?grid=snobody&day=2026-11-23").await;
    let plain = |text: &str, grid: &str| text.replace(grid, "");
    assert_eq!(nowhere.status, 404);
    assert_eq!(
        plain(&nowhere.text, "snobody"),
        plain(&elsewhere.text, site.grid.as_str()),
        "the same answer"
    );
    for path in ["/console", "/console/queue", "/console/diary?day=2026-11-23"] {
        let page = other.get(path).await;
        assert!(!page.text.contains("楼道灯") && !page.text.contains(&id.to_string()), "{path}");
        assert!(!page.text.contains("第一网格"), "{path}");
    }
    let mark = [("record", id.to_string()), ("version", "00000000".into()), ("mark", "seen".into())];
    let mark: Vec<_> = mark.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(other.post("/console/diary/mark", &mark).await.status, 404);

    let record = format!("/console/records/{id}");
    let whole = own.get(&record).await;
    assert!(
        whole.text.contains("138****1234")
            && whole.text.contains("修改历史")
            && !whole.text.contains("谁看过")
    );
    let (gone, never) = (other.get(&record).await, other.get("/console/records/no-id").await);
    assert_eq!((gone.status, never.status), (404, 404));
    assert_eq!(plain(&gone.text, &record), plain(&never.text, "/console/records/no-id"));
    let seen = db.audit_about(&id, None, 9).await.unwrap().len();
    assert_eq!(seen, 3, "the record and its history; refused looks are none");

    // An administrator reads no diary, an auditor reads and does not mark.
    let (_, mut administrator) = at_console(&site, "管理员甲", Role::Administrator, &site.community).await;
    let (_, mut auditor) = at_console(&site, "审计员甲", Role::Auditor, &site.community).await;
    let page = administrator.get("/console/diary?day=2026-11-23").await;
    assert!(!page.text.contains("楼道灯") && page.text.contains("还没有负责的网格"));
    let page = auditor.get(&format!("/console/diary?grid={}&day=2026-11-23", site.grid)).await;
    assert!(page.text.contains("楼道灯") && !page.text.contains("/console/diary/mark"));
    assert_eq!(auditor.post("/console/diary/mark", &mark).await.status, 403);
    assert_eq!(db.audit_about(&id, None, 9).await.unwrap().len(), 4, "the auditor's look as well");
    assert!(auditor.get(&record).await.text.contains("谁看过"), "who audits sees who looked");
}

#[tokio::test]
async fn what_comes_in_is_told_at_once_to_who_may_see_it_and_the_end_of_a_session_too() {
    let site = Site::open().await;
    let admin = site.server.admin();
    let second = admin.add_scope(&site.community, ScopeKind::Grid, "第二网格").await.unwrap();
    let mut phone = site.worker("网格员甲").await;
    let (_, mut own) = at_console(&site, "组长甲", Role::Lead, &site.grid).await;
    let (foreign_lead, other) = at_console(&site, "组长乙", Role::Lead, &second).await;
    let mut elsewhere = other.events().await;
    let (mut told, mut left) = (Duration::MAX, Duration::MAX);
    for turn in 1..=TRIES {
        // Each time a new one, whose own look is four seconds away: what is found by that was not told.
        let mut here = own.events().await;
        assert_eq!(here.headers()["content-type"], "text/event-stream");
        diary(&mut phone, &site.grid.clone(), "今日巡查").await;
        let began = Instant::now();
        assert_eq!(hear(&mut here, "records").await, format!("event: records\ndata: {}\n\n", site.grid));
        told = told.min(began.elapsed());
        assert!(own.get_live("/console/today").await.text.contains(&format!("日记 {turn}")));

        own.post("/console/logout", &[]).await;
        let began = Instant::now();
        hear(&mut here, "left").await;
        left = left.min(began.elapsed());
        assert_eq!(here.chunk().await.unwrap(), None, "and the stream ends");
        if told.max(left) < AT_ONCE {
            break;
        }
        assert_eq!(own.log_in("组长甲", PASSWORD).await.status, 303);
    }
    assert!(told < AT_ONCE && left < AT_ONCE, "news after {told:?}, the end of a session after {left:?}");

    // A sign of life may come, news may not.
    let mut overheard = Vec::new();
    let hearing = async {
        while let Some(chunk) = elsewhere.chunk().await.unwrap() {
            overheard.extend_from_slice(&chunk);
        }
    };
    let silence = tokio::time::timeout(Duration::from_millis(700), hearing).await;
    assert!(silence.is_err(), "the stream goes on");
    let overheard = String::from_utf8(overheard).unwrap();
    assert!(!overheard.contains("event: "), "another grid's news are nobody else's: {overheard}");
    admin.dismiss(&foreign_lead).await.unwrap();
    let mut heard = Vec::new();
    while let Some(chunk) =
        tokio::time::timeout(Duration::from_secs(6), elsewhere.chunk()).await.unwrap().unwrap()
    {
        heard.extend_from_slice(&chunk);
    }
    assert!(String::from_utf8(heard).unwrap().contains("event: left"), "within five seconds");
    let began = Instant::now();
    let (_, third) = at_console(&site, "组长丙", Role::Lead, &site.grid).await;
    let _open = third.events().await;
    site.running.stop().await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(8), "an open page does not hold the server up");
}

#[tokio::test]
async fn a_full_day_is_paged_and_no_page_is_too_large() {
    let site = Site::open().await;
    let mut phone = site.worker("网格员甲").await;
    let note = "住户反映楼道堆放杂物，已联系物业清理，约定三天后回访。".repeat(4);
    let changes: Vec<_> = (0..120)
        .map(|n| {
            let household = RecordId::new(&site.surroundings());
            let note = format!("{n} {note}");
            phone.begin(Visit { household, outcome: Some(Outcome::Met), note, ..Visit::default() })
        })
        .collect();
    phone.push(&site.grid.clone(), &changes).await;
    let (_, mut lead) = at_console(&site, "组长甲", Role::Lead, &site.grid).await;
    let mut path = "/console/diary?day=2026-11-23".to_owned();
    let (mut seen, mut pages) = (0, 0);
    loop {
        let page = lead.get(&path).await;
        assert!(page.text.len() < 150_000, "{} bytes", page.text.len());
        seen += page.text.matches("<article").count();
        pages += 1;
        let sums = page.text.split("class=\"sums\">").nth(1).map_or(page.text.as_str(), |rest| &rest[..120]);
        assert!(sums.starts_with("走访 120 户次（见面 120）"), "the sums are the whole day's: {sums}");
        let links = page.text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let Some(next) = links.into_iter().find(|link| link.contains("&amp;after=")) else { break };
        path = next.replace("&amp;", "&");
    }
    assert_eq!((seen, pages), (120, 4));
    let sheet = lead.get("/console/diary/sheet?day=2026-11-23").await.text;
    assert_eq!(sheet.matches("<tr id=\"r").count(), 120);
    assert!(sheet.contains("网格员签名") && !sheet.contains("/console/diary/mark") && sheet.len() < 150_000);
    let sample = lead.get("/console/queue?sample=1").await.text;
    assert_eq!(sample.matches("<article").count(), 10);
    assert_ne!(sample, lead.get("/console/queue?sample=1").await.text, "another sample each time");
    let waiting = lead.get("/console/queue?kind=visit&state=unread").await.text;
    assert!(waiting.matches("<article").count() == 30 && waiting.contains("更早的"));
    assert_eq!(lead.get("/console/queue?kind=diary").await.text.matches("<article").count(), 0);
}
