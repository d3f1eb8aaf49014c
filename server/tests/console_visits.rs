//! The console's pages of visits: which rooms want one by whose rule, who walks where, what happened in a household.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod browser;
mod common;
mod seated;

use common::{DAY, MONDAY, Phone, Site, append_rows, row_of};
use gridbook_core::clock::Instant;
use gridbook_core::id::{RecordId, ScopeId};
use gridbook_core::model::{
    DiaryEntry, Dwelling, Household, Mark, Outcome, Outreach, OutreachForm, Review, Role, Scalar, ScopeKind,
    Visit,
};
use seated::at_console;

fn home(building: &str, unit: &str, room: &str, class: &str) -> Household {
    let dwelling = Some(Dwelling::new(building, unit, room));
    Household { dwelling, class: class.into(), ..Household::default() }
}

/// A visit `days` before the clock's day.
async fn visited(site: &Site, phone: &mut Phone, visit: Visit, days: i64) -> RecordId {
    site.clock.forward(-days * DAY);
    let (id, change) = phone.begin(visit);
    site.clock.forward(days * DAY);
    phone.push(&site.grid.clone(), &[(id, change)]).await;
    id
}

fn met(household: RecordId) -> Visit {
    Visit { household, outcome: Some(Outcome::Met), ..Visit::default() }
}

/// The link of a household with what stands in it.
fn room(page: &str, id: RecordId) -> String {
    let start = page.find(&format!("/console/households/{id}")).unwrap();
    let start = page[..start].rfind("<a ").unwrap();
    page[start..].split("</a>").next().unwrap().to_owned()
}

fn building(site: &Site, name: &str) -> String {
    format!("/console/visits/building?grid={}&building={name}", site.grid)
}

#[tokio::test]
async fn a_building_shows_each_room_by_its_last_visit_against_its_rhythm() {
    let site = Site::open().await;
    let mut phone = site.worker("网格员甲").await;
    let grid = site.grid.clone();
    site.clock.forward(-100 * DAY);
    let rooms =
        [("101", "red"), ("201", "red"), ("301", "green"), ("401", ""), ("501", "green"), ("601", "green")];
    let begun = rooms.map(|(room, class)| phone.begin(home("3", "1", room, class)));
    site.clock.forward(100 * DAY);
    phone.push(&grid, &begun).await;
    let [late, soon, later, free, never, retry] = begun.map(|(id, _)| id);
    visited(&site, &mut phone, met(late), 10).await;
    let soon_visit = visited(&site, &mut phone, met(soon), 3).await;
    visited(&site, &mut phone, met(later), 10).await;
    visited(&site, &mut phone, Visit { outcome: Some(Outcome::NotMet), ..met(retry) }, 2).await;
    let (_, mut lead) = at_console(&site, "组长甲", Role::Lead, &site.community).await;

    let map = lead.get(&building(&site, "3")).await.text;
    for (id, class, words) in [
        (late, "room late", "逾期 3 天"),
        (soon, "room soon", "4 天后"),
        (later, "room later", "80 天后"),
        (free, "room free", "不定期"),
        (never, "room late", "逾期 100 天"),
        (retry, "room soon", "今天到期"),
    ] {
        let shown = room(&map, id);
        assert!(shown.contains(class) && shown.contains(words), "the colour and a word: {shown}");
    }
    let (sixth, first) = (map.find("6 层").unwrap(), map.find("1 层").unwrap());
    assert!(sixth < first, "the highest floor stands above");

    // What decides is the latest visit that counts, and the days that the administrator gave the class.
    let first = lead.get("/console/visits").await.text;
    assert!(first.contains("3 栋") && first.contains("6 户") && first.contains("到期 3 户"));
    let voided = serde_json::json!({ "by": phone.person, "at": 0, "reason": "重复" }).to_string();
    let change = phone.write(soon_visit, "voided", Scalar::Text(voided));
    phone.push(&grid, &[(soon_visit, change)]).await;
    let map = lead.get(&building(&site, "3")).await.text;
    assert!(room(&map, soon).contains("逾期 100 天"), "a withdrawn visit counts no more");
    site.server.admin().set_rhythm("red", 30).await.unwrap();
    let map = lead.get(&building(&site, "3")).await.text;
    assert!(room(&map, late).contains("20 天后"), "{}", room(&map, late));
    let change = phone.write(later, "needs_visit", Scalar::Flag(true));
    phone.push(&grid, &[(later, change)]).await;
    let due = lead.get("/console/visits").await.text;
    assert!(room(&due, later).contains("3-1-301") && due.contains("需要走访"));
    assert!(!due.contains(&late.to_string()), "what is not due is not listed");
}

#[tokio::test]
async fn what_is_due_comes_page_by_page_in_walking_order_and_a_large_building_too() {
    let site = Site::open().await;
    let mut phone = site.worker("网格员甲").await;
    let mut households: Vec<_> =
        (1..=120).map(|n| home("2", "1", &format!("{}", 100 + n), "green")).collect();
    for unit in 1..=7 {
        households.extend((1..=100).map(|n| home("11", &unit.to_string(), &format!("{}01", n), "green")));
    }
    for part in households.chunks(200) {
        let changes: Vec<_> = part.iter().map(|household| phone.begin(household.clone())).collect();
        phone.push(&site.grid.clone(), &changes).await;
    }
    let (_, mut lead) = at_console(&site, "组长甲", Role::Lead, &site.grid).await;

    let links = |page: &str| -> Vec<String> {
        let parts = page.split("/console/households/").skip(1);
        parts.map(|part| part.split("</a>").next().unwrap().split('>').nth(1).unwrap().to_owned()).collect()
    };
    let mut path = format!("/console/visits?grid={}", site.grid);
    let (mut seen, mut pages) = (Vec::new(), 0);
    while pages < 3 {
        let page = lead.get(&path).await.text;
        assert!(page.len() < 150_000);
        seen.extend(links(&page));
        pages += 1;
        let next = page.split("href=\"").find(|rest| rest.split('"').next().unwrap().contains("&amp;after="));
        path = next.unwrap().split('"').next().unwrap().replace("&amp;", "&");
    }
    let expected: Vec<String> = (1..=120)
        .map(|n| format!("2-1-{}", 100 + n))
        .chain((1..=30).map(|n| format!("11-1-{n}01")))
        .collect();
    assert_eq!(seen, expected, "building 2 before building 11, and none twice");

    let map = lead.get(&building(&site, "11")).await.text;
    assert!(map.len() < 150_000, "{} bytes", map.len());
    assert_eq!(
        map.matches("class=\"room late\" href").count() + map.matches("class=\"room soon\" href").count(),
        600
    );
    let next = map.split("href=\"").find(|rest| rest.contains("后面的房间")).unwrap();
    let rest = lead.get(&next.split('"').next().unwrap().replace("&amp;", "&")).await.text;
    assert_eq!(rest.matches("class=\"room soon\" href").count(), 100);
    assert!(rest.contains("7 单元") && !rest.contains("6 单元"));
}

#[tokio::test]
async fn a_household_tells_what_happened_there_to_who_may_know_and_looks_are_written_down() {
    let site = Site::open().await;
    let admin = site.server.admin();
    let second = admin.add_scope(&site.community, ScopeKind::Grid, "第二网格").await.unwrap();
    let mut phone = site.worker("网格员甲").await;
    let grid = site.grid.clone();
    let contact =
        Household {
            contact: "王样例".into(), phone: "13800001234".into(), ..home("3", "1", "501", "green")
        };
    let (id, change) = phone.begin(contact);
    phone.push(&grid, &[(id, change)]).await;
    let visit = Visit {
        requests: "想装一盏楼道灯，电话13900005678".into(),
        hazards: ["flying_wire_charging"].into_iter().map(str::to_owned).collect(),
        note: "聊了聊近况".into(),
        ..met(id)
    };
    let visit = visited(&site, &mut phone, visit, 1).await;
    let named = || [id.to_string()].into_iter().collect();
    let told: Outreach = Outreach {
        form: Some(OutreachForm::Door),
        households: named(),
        reached: 2,
        note: "讲了刷单返利".into(),
        ..Outreach::default()
    };
    let entry = DiaryEntry {
        date: "2026-11-23".parse().ok(),
        category: "service".into(),
        text: "物业答应本周换灯".into(),
        links: named(),
        ..DiaryEntry::default()
    };
    let other = DiaryEntry { text: "与这一户无关".into(), links: Default::default(), ..entry.clone() };
    for change in [phone.begin(told), phone.begin(entry), phone.begin(other)] {
        phone.push(&grid, &[change]).await;
    }
    let (lead_id, mut lead) = at_console(&site, "组长甲", Role::Lead, &grid).await;
    let (_, mut elsewhere) = at_console(&site, "组长乙", Role::Lead, &second).await;
    let (_, mut administrator) = at_console(&site, "管理员甲", Role::Administrator, &site.community).await;

    let path = format!("/console/households/{id}");
    let page = lead.get(&path).await;
    for text in [
        "3-1-501",
        "聊了聊近况",
        "讲了刷单返利",
        "物业答应本周换灯",
        "飞线充电",
        "想装一盏楼道灯",
        "上次走访",
    ] {
        assert!(page.text.contains(text), "{text}");
    }
    assert!(page.text.contains("138****1234") && page.text.contains("139****5678"), "numbers are masked");
    assert!(!page.text.contains("13800001234") && !page.text.contains("13900005678"));
    assert!(!page.text.contains("与这一户无关"), "only what names the household");
    assert!(page.text.find("物业答应").unwrap() < page.text.find("聊了聊").unwrap(), "latest first");
    for record in [id, visit] {
        let looks = site.server.service().database().audit_about(&record, None, 9).await.unwrap();
        assert_eq!((looks.len(), looks[0].entry.who.as_ref()), (1, Some(&lead_id)), "{record}");
    }

    // Another grid's lead is told nothing; an administrator keeps dwellings and hears of no visit.
    let plain = |text: &str, path: &str| text.replace(path, "");
    let (gone, never) = (elsewhere.get(&path).await, elsewhere.get("/console/households/no-id").await);
    assert_eq!((gone.status, never.status), (404, 404));
    assert_eq!(plain(&gone.text, &path), plain(&never.text, "/console/households/no-id"));
    assert_eq!(elsewhere.get(&building(&site, "3")).await.status, 404);
    assert_eq!(elsewhere.get(&format!("/console/visits?grid={grid}")).await.status, 404);
    assert!(!elsewhere.get("/console/visits").await.text.contains("3 栋"));
    let page = administrator.get(&path).await;
    assert!(page.status == 200 && page.text.contains("138****1234"));
    assert!(!page.text.contains("聊了聊") && !page.text.contains("上次走访"), "no word of visits");
    assert_eq!(administrator.get(&building(&site, "3")).await.status, 404);
    assert!(administrator.get("/console/visits").await.text.contains("还没有负责的网格"));

    // Erased, the visit is gone from the timeline and from the rhythm.
    let why = gridbook_core::sync::notice::Why::Request;
    let administrator = admin.eraser().await.unwrap();
    admin.erase(&administrator, vec![visit], why).await.unwrap();
    let page = lead.get(&path).await.text;
    assert!(!page.contains("聊了聊") && page.contains("还没走访过"));
}

#[tokio::test]
async fn buildings_come_page_by_page_where_one_walks_and_where_one_hands_over() {
    let site = Site::open().await;
    let admin = site.server.admin();
    let second = admin.add_scope(&site.community, ScopeKind::Grid, "第二网格").await.unwrap();
    let author = site.person("网格员甲", Role::Worker, &site.grid).await;
    let rows = |scope: &ScopeId, from: usize, to: usize| {
        let rows = (from..to).flat_map(|n| ["101", "201"].map(|room| (n, room)));
        let row = |(n, room): (usize, &str)| {
            let id = RecordId::derived(&["home", scope.as_str(), &n.to_string(), room]);
            row_of(id, scope, &author, Instant(MONDAY - 200 * DAY), home(&n.to_string(), "1", room, "green"))
        };
        rows.map(row).collect::<Vec<_>>()
    };
    append_rows(&site, &site.grid, rows(&site.grid, 1, 131)).await;
    append_rows(&site, &second, rows(&second, 131, 241)).await;
    let (_, mut lead) = at_console(&site, "组长甲", Role::Lead, &site.community).await;
    let further = |page: &str| {
        let (before, _) = page.split_once("后面的楼栋")?;
        Some(before.rsplit("href=\"").next().unwrap().split('"').next().unwrap().replace("&amp;", "&"))
    };

    let (mut path, mut walked, mut sizes) = ("/console/visits".to_owned(), Vec::new(), Vec::new());
    loop {
        let page = lead.get(&path).await.text;
        let links = page.split("/console/visits/building?").skip(1);
        let names = links.map(|link| link.split("building=").nth(1).unwrap().split('"').next().unwrap());
        let here: Vec<usize> = names.map(|name| name.parse().unwrap()).collect();
        sizes.push(here.len());
        if here.contains(&130) {
            assert!(page.contains("260 户") && page.contains("220 户"), "each grid's sum is whole: {page}");
        }
        assert_eq!(page.contains("id=\"due\""), walked.is_empty(), "what is due stands on the first page");
        walked.extend(here);
        let Some(next) = further(&page) else { break };
        path = next;
    }
    assert_eq!((walked, sizes), ((1..241).collect(), vec![100, 100, 40]));

    let (mut path, mut offered, mut pages) =
        (format!("/console/hand-over?from={}", site.grid), Vec::new(), 0);
    loop {
        let page = lead.get(&path).await.text;
        let choices = page.split("value=\"building:").skip(1).map(|rest| rest.split('"').next().unwrap());
        offered.extend(choices.map(|name| name.parse::<usize>().unwrap()));
        assert!(page.contains("value=\"all\""));
        pages += 1;
        let Some(next) = further(&page) else { break };
        path = next;
    }
    assert_eq!((offered, pages), ((1..131).collect(), 2));
}

#[tokio::test]
async fn an_administrator_hears_of_no_mark_on_a_household() {
    let site = Site::open().await;
    let mut worker = site.worker("网格员甲").await;
    let (id, begun) = worker.begin(home("3", "1", "501", "red"));
    worker.push(&site.grid.clone(), &[(id, begun)]).await;
    let person = site.person("组长甲", Role::Lead, &site.community).await;
    let mut lead = site.phone_of(&person).await;
    lead.sync(&[]).await;
    let review =
        Review { subject: id, mark: Some(Mark::Returned), note: "再去一次".into(), ..Review::default() };
    let mark = lead.begin(review);
    lead.push(&site.grid.clone(), &[mark]).await;
    for (name, role, sees) in [("管理员甲", Role::Administrator, false), ("组长乙", Role::Lead, true)]
    {
        let (_, mut browser) = at_console(&site, name, role, &site.community).await;
        let page = browser.get(&format!("/console/records/{id}")).await;
        assert_eq!((page.status, page.text.contains("再去一次")), (200, sees), "{name}");
    }
}
