//! What waits, over real HTTP: a sample of all of it, its filters, a whole day marked at once, which looks are written down,
//! and that each number of 今日 leads to its records.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod browser;
mod common;
mod seated;

use common::{DAY, MONDAY, Site, append_rows, diary, row_of, visit};
use gridbook_core::clock::Instant;
use gridbook_core::id::{PersonId, RecordId};
use gridbook_core::model::{Checklist, Item, Role, Scalar};
use gridbook_server::db::Act;
use seated::at_console;

fn entries(page: &str) -> usize {
    page.matches("<article").count()
}

fn links(page: &str) -> Vec<String> {
    let links = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    links.map(|link| link.replace("&amp;", "&")).collect()
}

#[tokio::test]
async fn a_sample_is_drawn_from_all_that_waits_and_days_and_authors_narrow_it() {
    let site = Site::open().await;
    let one = site.person("网格员甲", Role::Worker, &site.grid).await;
    let other = site.person("网格员乙", Role::Worker, &site.grid).await;
    let row = |n: u32, author: &PersonId, back: i64| {
        let (at, id) = (Instant(MONDAY - back * DAY), RecordId::derived(&["waits", &n.to_string()]));
        row_of(id, &site.grid, author, at, visit(&format!("走访{n}")))
    };
    let mut rows: Vec<_> = (0..2_200).map(|n| row(n, &one, 3)).collect();
    rows.extend((2_200..2_300).map(|n| row(n, &other, 300)));
    append_rows(&site, &site.grid, rows).await;
    let (_, mut lead) = at_console(&site, "组长甲", Role::Lead, &site.grid).await;
    let (mut old, mut new) = (false, false);
    for _ in 0..60 {
        let page = lead.get("/console/queue?sample=1").await.text;
        assert_eq!(entries(&page), 10);
        old |= page.contains("2026-01-27");
        new |= page.contains("2026-11-20");
    }
    assert!(old && new, "older than two thousand others, and drawn as likely");
    let old = lead.get("/console/queue?from=2026-01-01&to=2026-02-28&sample=1").await.text;
    assert!(entries(&old) == 10 && !old.contains("2026-11-20"));
    let page = lead.get("/console/queue?author=%E7%BD%91%E6%A0%BC%E5%91%98%E4%B9%99").await.text;
    assert!(entries(&page) == 30 && page.contains("网格员乙") && !page.contains("网格员甲"));
    let next = links(&page).into_iter().find(|link| link.contains("after=")).unwrap();
    let next = lead.get(&next).await.text;
    assert!(entries(&next) == 30 && !next.contains("网格员甲"), "the filter goes along");
    let until = lead.get(&format!("/console/queue?author={other}&to=2026-01-26")).await.text;
    assert_eq!(entries(&until), 0, "a day earlier there was nothing");
    assert_eq!(entries(&lead.get("/console/queue?author=nobody").await.text), 0);
}

#[tokio::test]
async fn a_whole_day_is_marked_at_once_as_far_as_it_was_there_and_taken_back() {
    let site = Site::open().await;
    let mut phone = site.worker("网格员甲").await;
    let grid = site.grid.clone();
    let changes: Vec<_> = (0..70).map(|n| phone.begin(diary("2026-11-23", &format!("第{n}条")))).collect();
    phone.push(&grid, &changes).await;
    let (_, mut lead) = at_console(&site, "组长甲", Role::Lead, &site.grid).await;
    let page = lead.get("/console/diary?day=2026-11-23").await.text;
    assert!(entries(&page) == 30 && page.contains("这一天 70 条全部已阅"), "more than this page shows");
    let field = |name: &str| {
        let (_, rest) = page.split_once("/console/diary/mark-all").unwrap();
        rest.split_once(&format!("name=\"{name}\" value=\"")).unwrap().1.split('"').next().unwrap().to_owned()
    };
    let (upto, back) = (field("upto"), field("back"));
    site.clock.forward(1_000);
    let late = phone.begin(diary("2026-11-23", "刚到的一条"));
    phone.push(&grid, &[late]).await;
    let fields =
        [("grid", grid.as_str()), ("day", "2026-11-23"), ("upto", upto.as_str()), ("back", back.as_str())];
    let (_, mut auditor) = at_console(&site, "审计员甲", Role::Auditor, &site.community).await;
    assert_eq!(auditor.post("/console/diary/mark-all", &fields).await.status, 403);
    let foreign = [("grid", "snobody"), fields[1], fields[2]];
    assert_eq!(lead.post("/console/diary/mark-all", &foreign).await.status, 404);
    let done = lead.post("/console/diary/mark-all", &fields).await.text;
    assert!(done.contains("已阅 70 条") && done.contains("另有 1 条"), "{done}");
    assert!(done.len() < 150_000);
    let waiting = lead.get("/console/queue").await.text;
    assert!(entries(&waiting) == 1 && waiting.contains("刚到的一条"), "what was never shown waits still");

    let reviews = done.split("name=\"review\" value=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let mut undo: Vec<_> = reviews.map(|review| ("review", review)).collect();
    assert_eq!(undo.len(), 70);
    undo.push(("back", &back));
    assert_eq!(lead.post("/console/diary/take-back", &undo).await.status, 303);
    assert!(lead.get("/console/diary?day=2026-11-23").await.text.contains("这一天 71 条全部已阅"));
}

#[tokio::test]
async fn lists_that_a_page_only_counts_are_not_looked_at() {
    let site = Site::open().await;
    let grid = site.grid.clone();
    let group = site.group("安全防范").await;
    let mut phone = site.worker("网格员甲").await;
    let admin = site.server.admin();
    admin.grant(&phone.person, Role::Member, &group).await.unwrap();
    phone.sync(&[]).await;
    phone.cursors.insert(group.clone(), (0, gridbook_core::id::Chain::START));
    let changes: Vec<_> = (0..40).map(|n| phone.begin(diary("2026-11-23", &format!("第{n}条")))).collect();
    phone.push(&grid, &changes).await;
    let list = Checklist {
        title: "每周巡查".into(),
        group: group.clone(),
        starts: "2026-11-23".parse().ok(),
        ends: "2026-11-29".parse().ok(),
        items: [("a1".into(), Item { title: "查充电棚".into(), ..Item::default() })].into(),
        ..Checklist::default()
    };
    let (id, change) = phone.begin(list);
    phone.push(&group, &[(id, change)]).await;
    let person = phone.person.clone();
    let ticked = phone.write(id, &format!("ticks/a1/{person}"), Scalar::Number(MONDAY));
    phone.push(&group, &[(id, ticked)]).await;
    let (lead, mut browser) = at_console(&site, "组长甲", Role::Lead, &site.community).await;
    let looks = async || {
        let looks = site.server.service().database().audit_about(&id, None, 50).await.unwrap();
        looks
            .iter()
            .filter(|look| look.entry.act == Act::Read && look.entry.who.as_ref() == Some(&lead))
            .count()
    };
    let path = format!("/console/diary?grid={grid}&day=2026-11-23");
    let page = browser.get(&path).await.text;
    assert!(page.contains("查充电棚") && page.contains("勾选 1 项"));
    assert_eq!(looks().await, 1, "the first page lists what was ticked");
    let next = links(&page).into_iter().find(|link| link.contains("after=")).unwrap();
    let second = browser.get(&next).await.text;
    assert!(!second.contains("查充电棚") && second.contains("勾选 1 项"));
    assert_eq!(looks().await, 1, "the second only counts it");
    browser.get_live(&format!("/console/diary/part?grid={grid}&day=2026-11-23")).await;
    assert_eq!(looks().await, 1, "and a refresh is no look");
}

#[tokio::test]
async fn each_number_of_today_leads_to_as_many_records() {
    let site = Site::open().await;
    let grid = site.grid.clone();
    let mut phone = site.worker("网格员甲").await;
    let before = phone.begin(diary("2026-11-21", "前天到的"));
    phone.push(&grid, &[before]).await;
    site.clock.forward(DAY);
    let (edited, change) = phone.begin(diary("2026-11-21", "今天到、以前的事"));
    phone.push(&grid, &[(edited, change)]).await;
    let visits: Vec<_> = (0..3).map(|n| phone.begin(visit(&format!("走访{n}")))).collect();
    phone.push(&grid, &visits).await;
    let gone = phone.write(
        visits[0].0,
        "voided",
        Scalar::Text(serde_json::json!({ "by": phone.person, "at": 0, "reason": "重复" }).to_string()),
    );
    phone.push(&grid, &[(visits[0].0, gone)]).await;
    let (_, mut lead) = at_console(&site, "组长甲", Role::Lead, &site.grid).await;
    let page = lead.get("/console").await.text;
    let mut followed = 0;
    for part in page.split("<a").skip(1) {
        let link = part.split("href=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
        let link = link.replace("&amp;", "&");
        let said = part.split('>').nth(1).and_then(|rest| rest.split('<').next()).unwrap_or_default();
        let Some(count) = said.split_whitespace().last().and_then(|word| word.parse::<usize>().ok()) else {
            continue;
        };
        assert_eq!(entries(&lead.get(&link).await.text), count, "{link}");
        followed += 1;
    }
    assert!(followed >= 3, "kinds that came in, and what waits: {page}");
    for figure in page.split("class=\"count\">").skip(1) {
        let count: usize = figure.split('<').next().unwrap().parse().unwrap();
        let link = figure.split("href=\"").next().filter(|rest| !rest.contains("</li>"));
        if let (true, Some(_)) = (count > 0, link) {
            let link =
                figure.split("href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
            assert_eq!(entries(&lead.get(&link).await.text), count, "{link}");
        }
    }
    assert!(page.contains("今日收到") && page.contains("走访 3") && page.contains("日记 1"));
}

#[tokio::test]
async fn a_day_of_more_than_a_thousand_records_is_counted_turned_and_marked_to_its_end() {
    let site = Site::open().await;
    let grid = site.grid.clone();
    let author = site.person("网格员甲", Role::Worker, &grid).await;
    let row = |n: i64| {
        let id = RecordId::derived(&["full", &n.to_string()]);
        row_of(id, &grid, &author, Instant(MONDAY + n * 1_000), visit(&format!("第{n}户")))
    };
    append_rows(&site, &grid, (0..1_020).map(row).collect()).await;
    let (_, mut lead) = at_console(&site, "组长甲", Role::Lead, &grid).await;
    let (mut path, mut shown) = ("/console/diary?day=2026-11-23".to_owned(), 0);
    loop {
        let page = lead.get(&path).await.text;
        assert!(
            page.contains("走访 1020 户次") && page.contains("这一天 1020 条全部已阅"),
            "of the whole day: {path}"
        );
        shown += entries(&page);
        let Some(next) = links(&page).into_iter().find(|link| link.contains("after=")) else { break };
        path = next;
    }
    assert_eq!(shown, 1_020);
    let (mut path, mut printed) = ("/console/diary/sheet?day=2026-11-23".to_owned(), 0);
    loop {
        let page = lead.get(&path).await.text;
        printed += page.matches("<tr id=\"r").count();
        let Some(next) = links(&page).into_iter().find(|link| link.contains("after=")) else { break };
        path = next;
    }
    assert_eq!(printed, 1_020, "and on paper");

    let upto = (MONDAY + 1).to_string();
    let fields =
        [("grid", grid.as_str()), ("day", "2026-11-23"), ("upto", &upto), ("back", "/console/diary")];
    let done = lead.post("/console/diary/mark-all", &fields).await.text;
    assert!(done.contains("已阅 1000 条") && done.contains("还有 20 条待阅"), "{done}");
    assert!(done.len() < 150_000, "{} bytes", done.len());
    let done = lead.post("/console/diary/mark-all", &fields).await.text;
    assert!(done.contains("已阅 20 条") && !done.contains("条待阅"), "{done}");
    assert_eq!(entries(&lead.get("/console/queue").await.text), 0);
}
