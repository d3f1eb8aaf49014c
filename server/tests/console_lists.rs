//! 清单 over real HTTP: lists as they stand, live, with who ticked what when; and a period's list made from its template,
//! the same one that phones make.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod browser;
mod common;
mod seated;

use browser::{PASSWORD, hear};
use common::{DAY, MONDAY, Site, pulled};
use gridbook_core::clock::Instant;
use gridbook_core::doc::Document;
use gridbook_core::id::{PersonId, RecordId, ScopeId};
use gridbook_core::model::{Checklist, Header, Item, Kind, Recurrence, Role, Scalar, Template, TemplateItem};
use gridbook_core::sync::protocol::Receipt;
use gridbook_server::db::Act;
use seated::at_console;

/// How often somebody's look at a record is written down.
async fn looks_at(site: &Site, id: RecordId, who: &PersonId) -> usize {
    let looks = site.server.service().database().audit_about(&id, None, 50).await.unwrap();
    looks.iter().filter(|look| look.entry.act == Act::Read && look.entry.who.as_ref() == Some(who)).count()
}

fn list(group: &ScopeId, title: &str, days: (&str, &str), items: Vec<(&str, Item)>) -> Checklist {
    Checklist {
        title: title.into(),
        group: group.clone(),
        starts: days.0.parse().ok(),
        ends: days.1.parse().ok(),
        items: items.into_iter().map(|(id, item)| (id.to_owned(), item)).collect(),
        ..Checklist::default()
    }
}

fn item(title: &str, due: &str, people: u32) -> Item {
    Item { title: title.into(), due: due.parse().ok(), people, ..Item::default() }
}

#[tokio::test]
async fn lists_tell_live_what_is_done_by_whom_and_what_is_overdue() {
    let site = Site::open().await;
    let group = site.group("安全防范").await;
    let other = site.group("便民服务").await;
    let member = site.person("组员甲", Role::Member, &group).await;
    let mut phone = site.phone_of(&member).await;
    let items = vec![
        ("a1", item("查充电棚", "2026-11-22", 1)),
        ("b2", item("查楼道", "2026-11-29", 2)),
        ("c3", Item { removed: true, ..item("不用查了", "2026-11-20", 1) }),
    ];
    let mut running = list(&group, "每周巡查", ("2026-11-16", "2026-11-29"), items);
    running.assignees = [("b2".into(), [member.as_str()].into_iter().collect())].into();
    let ended = list(&group, "上月巡查", ("2026-10-01", "2026-10-31"), vec![("a1", item("旧事项", "", 1))]);
    let (running, ended) = (phone.begin(running), phone.begin(ended));
    let id = running.0;
    phone.push(&group, &[running, ended]).await;
    let (lead, mut browser) = at_console(&site, "组长甲", Role::Lead, &site.community).await;
    let page = browser.get("/console/lists").await.text;
    assert!(page.contains("每周巡查") && !page.contains("上月巡查") && !page.contains("不用查了"), "{page}");
    assert!(
        page.contains("2026-11-22 已逾期") && page.contains("2026-11-29 到期") && page.contains("0/2 人")
    );
    assert!(page.contains("负责：组员甲") && page.contains("完成 0/2"));
    assert!(page.contains("便民服务"), "groups without a list too");
    assert!(browser.get("/console/lists?state=ended").await.text.contains("上月巡查"));
    assert!(browser.get("/console/lists?state=overdue").await.text.contains("每周巡查"));
    assert!(!browser.get(&format!("/console/lists?group={other}")).await.text.contains("每周巡查"));

    let live = page.split("data-live=\"").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
    let mut events = browser.events().await;
    let tick = |at: i64| Scalar::Number(at);
    site.clock.forward(1_000);
    let ticked = phone.write(id, &format!("ticks/a1/{member}"), tick(MONDAY + 60_000));
    phone.push(&group, &[(id, ticked)]).await;
    // How soon is measured in `console_pages` and in a browser.
    assert_eq!(hear(&mut events, "records").await, format!("event: records\ndata: {group}\n\n"));
    let before = looks_at(&site, id, &lead).await;
    let part = browser.get_live(&live).await.text;
    assert_eq!(looks_at(&site, id, &lead).await, before + 1, "what came in since is another look");
    browser.get_live(&live).await;
    assert_eq!(
        looks_at(&site, id, &lead).await,
        before + 1,
        "an open page that shows nothing new notes none"
    );
    assert!(part.contains("组员甲 <time>2026-11-23 09:01</time>") && part.contains("完成 1/2"), "{part}");
    assert!(!part.contains("已逾期") && !part.contains("<html"), "a part, and nothing is late any more");
    assert!(!browser.get("/console/lists?state=overdue").await.text.contains("每周巡查"));
    let half = phone.write(id, &format!("ticks/b2/{member}"), tick(MONDAY));
    phone.push(&group, &[(id, half)]).await;
    assert!(browser.get_live(&live).await.text.contains("1/2 人"), "one of two is not done");
    let own = browser.get(&format!("/console/records/{id}")).await.text;
    let (content, _) = own.split_once("id=\"marks\"").unwrap();
    assert!(
        content.contains("组员甲 <time>2026-11-23 09:01</time>") && content.contains("完成 1/2"),
        "{content}"
    );
    assert!(content.contains("负责：组员甲") && !content.contains("不用查了"), "as on the page of all lists");
    assert!(!content.contains("事项 / ") && !content.contains("勾选 / "), "and no field of it twice");

    let looks = site.server.service().database().audit_about(&id, None, 50).await.unwrap();
    assert!(
        looks.iter().all(|look| matches!(look.entry.act, Act::Read | Act::History)
            && look.entry.who.as_ref() == Some(&lead))
    );
    assert!(!looks.is_empty());
    let (_, mut of_grid) = at_console(&site, "组长乙", Role::Lead, &site.grid).await;
    assert!(of_grid.get("/console/lists").await.text.contains("没有任务组"));
    assert_eq!(of_grid.get(&format!("/console/lists?group={group}")).await.status, 404);
    site.clock.forward(7 * DAY);
    browser.log_in("组长甲", PASSWORD).await;
    assert!(!browser.get("/console/lists").await.text.contains("每周巡查"), "its period is over");
}

#[tokio::test]
async fn a_list_is_made_from_its_template_once_and_is_the_one_that_phones_make() {
    let site = Site::open().await;
    let group = site.group("安全防范").await;
    let member = site.person("组员甲", Role::Member, &group).await;
    let mut phone = site.phone_of(&member).await;
    let made_by = site.person("组长丙", Role::Lead, &group).await;
    let mut leads_phone = site.phone_of(&made_by).await;
    let template = Template {
        title: "每周消防检查".into(),
        group: group.clone(),
        recurs: Some(Recurrence::Weekly),
        items: [("a1".into(), TemplateItem { title: "查灭火器".into(), ..TemplateItem::default() })].into(),
        ..Template::default()
    };
    let (id, change) = leads_phone.begin(template.clone());
    leads_phone.push(&group, &[(id, change)]).await;
    let (lead, mut browser) = at_console(&site, "组长甲", Role::Lead, &group).await;
    let (_, mut auditor) = at_console(&site, "审计员甲", Role::Auditor, &site.community).await;
    let page = browser.get("/console/lists").await.text;
    assert!(page.contains("每周消防检查") && page.contains("每周") && page.contains("建立本期清单"));
    let offered = |text: &str| text.contains("/console/lists/begin");
    assert!(
        offered(&page) && !offered(&auditor.get("/console/lists").await.text),
        "who writes no list is offered none"
    );

    let (derived, _) = template.instance(id, "2026-11-23".parse().unwrap()).unwrap();
    let db = site.server.service().database();
    let text = id.to_string();
    let asked = browser.post("/console/lists/begin", &[("template", &text)]).await;
    assert!(
        asked.text.contains("2026-11-23 至 2026-11-29") && asked.text.contains("查灭火器"),
        "{}",
        asked.text
    );
    assert!(db.record(&derived).await.unwrap().is_none(), "a question makes nothing");
    let confirmed = [("template", text.as_str()), ("confirmed", "1")];
    assert_eq!(auditor.post("/console/lists/begin", &confirmed).await.status, 403);
    let done = browser.post("/console/lists/begin", &confirmed).await;
    assert_eq!(done.location(), format!("/console/records/{derived}"));
    let row = db.record(&derived).await.unwrap().unwrap();
    assert_eq!((row.author, row.scope), (lead, group.clone()));
    assert_eq!(row.occurred_at, Instant(MONDAY - 9 * 60 * 60 * 1_000), "its period's first moment");
    assert!(!offered(&browser.get("/console/lists").await.text), "it is there now");
    browser.post("/console/lists/begin", &confirmed).await;
    assert_eq!(db.held(&[derived]).await.unwrap()[0].changes.len(), 1, "twice makes one");

    let response = phone.sync(&[]).await;
    assert!(pulled(&response, &group).contains(&derived), "members get it at their next sync");
    assert_eq!(phone.text(derived, "items/a1/title"), "查灭火器");
    // A phone that was offline made the same one: both are one list.
    let (_, same) = template.instance(id, "2026-11-23".parse().unwrap()).unwrap();
    let mut offline = site.phone_of(&member).await;
    let header = Header {
        kind: Kind::Checklist,
        schema: Header::SCHEMA,
        author: member.clone(),
        grid: None,
        occurred_at: Instant(MONDAY - 9 * 60 * 60 * 1_000),
        voided: None,
    };
    let fields = header.with(&same.into());
    let (_, change) = Document::begin(offline.actor, Instant(MONDAY), &fields).unwrap();
    let receipts = offline.push(&group, &[(derived, change)]).await;
    assert!(matches!(receipts[0], Receipt::Accepted(_)), "{receipts:?}");
    assert_eq!(db.record(&derived).await.unwrap().unwrap().conflicts, 0, "and they agree");

    let paused = leads_phone.write(id, "paused", Scalar::Flag(true));
    leads_phone.push(&group, &[(id, paused)]).await;
    site.clock.forward(7 * DAY);
    browser.log_in("组长甲", PASSWORD).await;
    assert!(!offered(&browser.get("/console/lists").await.text), "a paused one makes none");
    assert_eq!(browser.post("/console/lists/begin", &confirmed).await.status, 400);
    let nobody = RecordId::new(&site.surroundings()).to_string();
    assert_eq!(
        browser.post("/console/lists/begin", &[("template", &nobody), ("confirmed", "1")]).await.status,
        404
    );
}

#[tokio::test]
async fn long_lists_are_paged_and_no_page_is_too_large() {
    let site = Site::open().await;
    let group = site.group("安全防范").await;
    let mut members = Vec::new();
    for name in ["组员甲", "组员乙", "组员丙", "组员丁", "组员戊", "组员己"] {
        members.push(site.person(name, Role::Member, &group).await);
    }
    let mut phones = Vec::new();
    for member in &members {
        phones.push(site.phone_of(member).await);
    }
    let mut lists = Vec::new();
    for n in 0..15 {
        let items: Vec<(String, Item)> = (0..30)
            .map(|at| (format!("i{at}"), item("检查楼道消防设施并记录编号和状态", "2026-11-25", 9)))
            .collect();
        let full = Checklist {
            items: items.into_iter().collect(),
            ..list(&group, &format!("清单{n}"), ("2026-11-23", "2026-11-29"), Vec::new())
        };
        let begun = phones[0].begin(full);
        lists.push(begun.0);
        phones[0].push(&group, &[begun]).await;
    }
    for (phone, member) in phones.iter_mut().zip(&members) {
        phone.sync(&[]).await;
        for list in &lists {
            let tick = |at| (format!("ticks/i{at}/{member}"), Some(Scalar::Number(MONDAY)));
            let ticked = (*list, phone.write_all(*list, (0..30).map(tick).collect()));
            phone.push(&group, &[ticked]).await;
        }
    }
    let (_, mut browser) = at_console(&site, "组长甲", Role::Lead, &site.community).await;
    let mut path = "/console/lists".to_owned();
    let mut cards = Vec::new();
    loop {
        let page = browser.get(&path).await.text;
        assert!(page.len() < 150_000, "{} bytes", page.len());
        assert!(page.contains("还有 20 项") && page.contains("等 6 人"), "the record's page has all");
        cards.push(page.matches("<article").count());
        let links = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
        let Some(next) = links.into_iter().find(|link| link.contains("after=")) else { break };
        path = next.replace("&amp;", "&");
    }
    assert_eq!(cards, [12, 3]);
}

#[tokio::test]
async fn a_days_ticks_stay_on_its_page_however_many_lists_come_later() {
    let site = Site::open().await;
    let group = site.group("安全防范").await;
    let worker = site.person("网格员甲", Role::Worker, &site.grid).await;
    site.server.admin().grant(&worker, Role::Member, &group).await.unwrap();
    let mut phone = site.phone_of(&worker).await;
    let ticked = Checklist {
        ticks: [("a1".into(), [(worker.clone(), Instant(MONDAY))].into())].into(),
        ..list(&group, "周一巡查", ("2026-11-23", "2026-11-23"), vec![("a1", item("查充电棚", "", 1))])
    };
    let mut lists = vec![phone.begin(ticked)];
    for n in 0..310 {
        let day = "2026-12-01".parse::<gridbook_core::clock::Day>().unwrap().plus_days(n / 5).to_string();
        let later = list(&group, &format!("后来的{n}"), (&day, &day), vec![("a1", item("查", "", 1))]);
        lists.push(phone.begin(later));
    }
    for lists in lists.chunks(100) {
        phone.push(&group, lists).await;
    }
    let (_, mut browser) = at_console(&site, "组长甲", Role::Lead, &site.community).await;
    for page in ["/console/diary", "/console/diary/sheet"] {
        let page = browser.get(&format!("{page}?grid={}&day=2026-11-23", site.grid)).await.text;
        assert!(page.contains("周一巡查") && page.contains("查充电棚"), "{page}");
    }
}

#[tokio::test]
async fn the_diary_turns_to_days_that_have_nothing_but_ticks() {
    let site = Site::open().await;
    let group = site.group("安全防范").await;
    let worker = site.person("网格员甲", Role::Worker, &site.grid).await;
    let member = site.person("组员乙", Role::Member, &group).await;
    site.server.admin().grant(&worker, Role::Member, &group).await.unwrap();
    let mut phone = site.phone_of(&worker).await;
    let on = |back: i64| Instant(MONDAY - back * DAY);
    let weeks = list(
        &group,
        "巡查",
        ("2026-11-01", "2026-11-30"),
        vec![("a1", item("查充电棚", "", 1)), ("a2", item("查楼道", "", 1)), ("a3", item("查燃气", "", 1))],
    );
    let (id, begun) = phone.begin(weeks);
    phone.push(&group, &[(id, begun)]).await;
    let tick = |item: &str, at: Instant| (format!("ticks/{item}/{worker}"), Some(Scalar::Number(at.0)));
    let ticked = phone.write_all(id, [tick("a1", on(3)), tick("a2", on(6))].into());
    phone.push(&group, &[(id, ticked)]).await;
    // Another one's tick is no work of the grid.
    let mut other = site.phone_of(&member).await;
    other.sync(&[]).await;
    let foreign = other.write(id, &format!("ticks/a3/{member}"), Scalar::Number(on(9).0));
    other.push(&group, &[(id, foreign)]).await;
    let (_, mut browser) = at_console(&site, "组长甲", Role::Lead, &site.community).await;
    let mut turned = async |day: &str, rel: &str| {
        let page = browser.get(&format!("/console/diary?grid={}&day={day}", site.grid)).await.text;
        let (_, rest) = page.split_once(&format!("rel=\"{rel}\""))?;
        Some(rest.split_once("day=").unwrap().1[..10].to_owned())
    };
    assert_eq!(turned("2026-11-23", "prev").await.as_deref(), Some("2026-11-20"));
    assert_eq!(turned("2026-11-20", "prev").await.as_deref(), Some("2026-11-17"));
    assert_eq!(turned("2026-11-17", "prev").await, None);
    assert_eq!(turned("2026-11-14", "next").await.as_deref(), Some("2026-11-17"));
    // A tick that is taken back leads nowhere any more.
    let back = phone.write_all(id, [(format!("ticks/a2/{worker}"), None)].into());
    phone.push(&group, &[(id, back)]).await;
    assert_eq!(turned("2026-11-20", "prev").await, None);
    let page = browser.get(&format!("/console/diary?grid={}&day=2026-11-20", site.grid)).await.text;
    assert!(page.contains("查充电棚") && !page.contains("查燃气"));
}
