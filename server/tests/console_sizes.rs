//! No list of the console is larger than 150 kB, whatever its records hold: the longest texts that phones may write.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod browser;
mod common;
mod seated;

use std::collections::BTreeMap;

use common::{DAY, MONDAY, Site, append_rows, row_of};
use gridbook_core::clock::Instant;
use gridbook_core::id::{RecordId, ScopeId};
use gridbook_core::model::{
    Checklist, Content, DiaryEntry, Dwelling, Household, Item, Mark, Outcome, Outreach, OutreachForm,
    Recurrence, Review, Role, Tags, Template, TemplateItem, Visit, dictionary,
};
use gridbook_core::sync::protocol::Receipt;
use seated::at_console;

/// The longest text of a field.
const LONG: usize = 8_000;

fn id(what: &str, n: usize) -> RecordId {
    RecordId::derived(&[what, &n.to_string()])
}

fn all(name: &str) -> Tags {
    dictionary::named(name).entries.iter().map(|entry| entry.code.as_str()).collect()
}

fn long(mark: &str) -> String {
    format!("{mark}{}", "楼道堆放杂物\"<".repeat(LONG)).chars().take(LONG).collect()
}

async fn fill(site: &Site, group: &ScopeId) {
    let author = site.person("网格员甲", Role::Worker, &site.community).await;
    let lead = site.person("组长乙", Role::Lead, &site.community).await;
    let grid = &site.grid;
    let home = id("home", 0);
    let at = |n: usize| Instant(MONDAY + i64::try_from(n).unwrap());
    let row = |what: &str, n: usize, content: Content| row_of(id(what, n), grid, &author, at(n), content);
    let dwelling = Some(Dwelling::new("3", "1", "501"));
    let household = Household { dwelling, class: "yellow".into(), note: long("户"), ..Household::default() };
    append_rows(site, grid, vec![row("home", 0, household.into())]).await;
    let visits = (0..45).map(|n| {
        let (note, requests, outcome) = (long("走访"), long("诉求"), Some(Outcome::Met));
        let (purposes, hazards) = (all("visit_purpose"), all("hazard"));
        row(
            "visit",
            n,
            Visit { household: home, outcome, note, requests, purposes, hazards, ..Visit::default() }.into(),
        )
    });
    append_rows(site, grid, visits.collect()).await;
    let marks = (0..45).flat_map(|n| (0..3).map(move |m| (n, m))).map(|(n, m)| {
        let note = "请补充。".repeat(500);
        let review =
            Review { subject: id("visit", n), mark: Some(Mark::Seen), note, covers: "00000000".into() };
        row_of(id("mark", n * 3 + m), grid, &lead, at(m), review)
    });
    append_rows(site, grid, marks.collect()).await;
    let diary = (0..40).map(|n| {
        let date = Some("2026-11-22".parse().unwrap());
        let text = long("日记").chars().take(2_000).collect();
        row("diary", n, DiaryEntry { date, category: "safety".into(), text, ..DiaryEntry::default() }.into())
    });
    append_rows(site, grid, diary.collect()).await;
    let outreach = (0..360).map(|n| {
        let told = Outreach {
            form: Some(OutreachForm::Door),
            place: long("地点"),
            note: long("宣传"),
            households: [home.to_string()].into_iter().collect(),
            fraud_types: all("fraud_type"),
            reached: 2,
            ..Outreach::default()
        };
        let back = Instant(MONDAY - i64::try_from(n).unwrap() * 3 * DAY);
        row_of(id("outreach", n), grid, &author, back, told)
    });
    append_rows(site, grid, outreach.collect()).await;
    let rooms = (1..40).map(|n| {
        let dwelling = Some(Dwelling::new(&format!("{}", n + 3), "1", "101"));
        row(
            "room",
            n,
            Household { dwelling, class: "yellow".into(), note: long("户"), ..Household::default() }.into(),
        )
    });
    append_rows(site, grid, rooms.collect()).await;
    let items = |title: fn(usize) -> String| (0..30).map(move |at| (format!("i{at:02}"), title(at)));
    let template = |n: usize| {
        let item = |(at, title)| (at, TemplateItem { title, ..TemplateItem::default() });
        let (title, recurs) = (long("模板"), Some(Recurrence::Weekly));
        let items: BTreeMap<_, _> = items(|_| "查楼道".to_owned()).map(item).collect();
        row_of(
            id("template", n),
            group,
            &author,
            at(n),
            Template { title, group: group.clone(), recurs, items, ..Template::default() },
        )
    };
    append_rows(site, group, (0..30).map(template).collect()).await;
    let list = |n: usize| {
        let item =
            |(at, title)| (at, Item { title, people: 9, due: "2026-11-20".parse().ok(), ..Item::default() });
        let items: BTreeMap<_, _> = items(|_| long("事项")).map(item).collect();
        let ticks =
            items.keys().map(|item| (item.clone(), [(author.clone(), Instant(MONDAY))].into())).collect();
        let (starts, ends) = ("2026-11-16".parse().ok(), "2026-11-29".parse().ok());
        row_of(
            id("list", n),
            group,
            &author,
            at(n),
            Checklist {
                title: long("清单"),
                group: group.clone(),
                starts,
                ends,
                items,
                ticks,
                ..Checklist::default()
            },
        )
    };
    append_rows(site, group, (0..15).map(list).collect()).await;
}

#[tokio::test]
async fn no_list_is_too_large_with_the_longest_texts_and_paper_has_them_whole() {
    let site = Site::open().await;
    let group = site.group("安全防范").await;
    fill(&site, &group).await;
    let (_, mut browser) = at_console(&site, "组长甲", Role::Lead, &site.community).await;
    let (grid, home) = (&site.grid, id("home", 0));
    let mut too_large = Vec::new();
    for path in [
        "/console".to_owned(),
        format!("/console/diary?grid={grid}&day=2026-11-23"),
        format!("/console/diary?grid={grid}&day=2026-11-22"),
        "/console/queue".to_owned(),
        "/console/queue?state=seen".to_owned(),
        "/console/queue?kind=outreach".to_owned(),
        "/console/records".to_owned(),
        "/console/records?kind=household".to_owned(),
        "/console/records?kind=checklist".to_owned(),
        "/console/records?kind=template".to_owned(),
        "/console/visits".to_owned(),
        format!("/console/households/{home}"),
        "/console/lists".to_owned(),
        "/console/lists?state=overdue".to_owned(),
        "/console/people".to_owned(),
        "/console/people/box".to_owned(),
        "/console/fraud".to_owned(),
        format!("/console/fraud?grid={grid}&from=2023-11-24"),
        "/console/figures".to_owned(),
        "/console/ledgers".to_owned(),
    ] {
        let page = browser.get(&path).await;
        assert_eq!(page.status, 200, "{path}");
        if page.text.len() >= 150_000 {
            too_large.push((path, page.text.len()));
        }
    }
    // Paper leaves nothing out, and goes on where it is full.
    let (mut path, mut sheets, mut entries) =
        (format!("/console/diary/sheet?grid={grid}&day=2026-11-23"), 0, 0);
    loop {
        let page = browser.get(&path).await.text;
        if page.len() >= 150_000 {
            too_large.push((path, page.len()));
        }
        sheets += 1;
        entries += page.matches("<tr id=\"r").count();
        let Some((before, _)) = page.split_once("接着打印后面的日子") else { break };
        path = before.rsplit("href=\"").next().unwrap().split('"').next().unwrap().replace("&amp;", "&");
    }
    assert!(sheets > 1 && entries == 46, "{sheets} sheets with {entries} entries");
    assert!(too_large.is_empty(), "{too_large:?}");
    let page = browser.get("/console/queue?kind=diary").await.text;
    assert!(page.contains('…') && page.contains("查看全部"), "shortened, with the way to the record");
}

#[tokio::test]
async fn a_records_long_past_goes_page_by_page() {
    let site = Site::open().await;
    let mut phone = site.worker("网格员甲").await;
    let (home, begun) = phone.begin(Household {
        dwelling: Some(Dwelling::new("3", "1", "501")),
        class: "yellow".into(),
        note: "头一次".into(),
        ..Household::default()
    });
    let mut changes = vec![(home, begun)];
    for number in 0..12 {
        let note = long(&format!("第{number}次"));
        changes.push((home, phone.edit(home, "note", &note)));
    }
    let grid = site.grid.clone();
    for change in changes.chunks(4) {
        phone.push(&grid, change).await;
    }
    let (_, mut browser) = at_console(&site, "组长甲", Role::Lead, &site.community).await;

    // Every change once, the newest first, each with both its values whole.
    let (mut path, mut pages, mut rows) = (format!("/console/records/{home}"), 0, Vec::new());
    loop {
        let page = browser.get(&path).await.text;
        assert!(page.len() < 150_000, "{path}: {} bytes", page.len());
        pages += 1;
        let past = page.split_once("id=\"history\"").unwrap().1;
        rows.extend(past.split("<tr>").skip(2).map(|row| row.split("</tr>").next().unwrap().to_owned()));
        let Some((before, _)) = past.split_once("更早的") else { break };
        path = before.rsplit("href=\"").next().unwrap().split('"').next().unwrap().to_owned();
    }
    assert!(pages > 3, "{pages} pages");
    let edits: Vec<_> = rows.iter().filter(|row| row.contains("次楼道")).collect();
    assert_eq!(edits.len(), 12);
    for (row, number) in edits.iter().zip((0..12).rev()) {
        assert!(row.contains(&format!("第{number}次楼道")) && row.len() > LONG * 3, "{number}");
    }
    let first = browser.get(&format!("/console/records/{home}?before=1")).await.text;
    assert!(!first.contains("更早的"), "the oldest change ends it");
}

#[tokio::test]
async fn a_record_with_two_long_values_and_many_long_marks_goes_page_by_page() {
    let site = Site::open().await;
    let (mut first, mut second) = (site.worker("网格员甲").await, site.worker("网格员乙").await);
    let household = Household { class: "yellow".into(), ..Household::default() };
    let home = first.begin(Household { dwelling: Some(Dwelling::new("3", "1", "501")), ..household });
    let (visit, begun) =
        first.begin(Visit { household: home.0, companions: long("同行"), ..Visit::default() });
    let grid = site.grid.clone();
    first.push(&grid, &[home, (visit, begun)]).await;
    second.sync(&[]).await;
    for (name, phone) in [("甲", &mut first), ("乙", &mut second)] {
        let text = long(&format!("{name}又写"));
        let changes = ["note", "requests"].map(|field| (visit, phone.edit(visit, field, &text)));
        let receipts = phone.push(&grid, &changes).await;
        assert!(receipts.iter().all(|receipt| matches!(receipt, Receipt::Accepted(_))), "{receipts:?}");
    }
    let (lead, mut browser) = at_console(&site, "组长甲", Role::Lead, &site.community).await;
    let marks = (0..12).map(|n| {
        let (mark, note) = (Some(Mark::Seen), long(&format!("第{n}次阅")));
        row_of(
            id("mark", n),
            &grid,
            &lead,
            Instant(MONDAY),
            Review { subject: visit, mark, note, ..Review::default() },
        )
    });
    append_rows(&site, &grid, marks.collect()).await;

    let here = format!("/console/records/{visit}");
    let page = browser.get(&here).await.text;
    assert!(page.len() < 150_000, "{} bytes", page.len());
    assert_eq!(page.matches("class=\"conflict\"").count(), 1, "one after the other");
    assert!(page.contains("还有 1 个字段也有两个值") && page.matches("又写").count() == 2);
    let (mut path, mut read, mut pages) = (here.clone(), Vec::new(), 0);
    loop {
        let page = browser.get(&path).await.text;
        assert!(page.len() < 150_000, "{path}: {} bytes", page.len());
        pages += 1;
        let marks = page.split("id=\"marks\"").nth(1).unwrap().split("</section>").next().unwrap();
        read.extend((0..12).filter(|n| marks.contains(&format!("第{n}次阅"))));
        let Some(link) = marks.split("href=\"").nth(1) else { break };
        path = link.split('"').next().unwrap().replace("&amp;", "&");
    }
    read.sort_unstable();
    assert_eq!((read, pages > 3), ((0..12).collect(), true), "each mark once");
    // The past has pages of its own where the record leaves it no room.
    let past = page.split("id=\"history\"").nth(1).unwrap();
    let link = past.split("href=\"").nth(1).unwrap().split('"').next().unwrap();
    let page = browser.get(link).await.text;
    assert!(page.len() < 150_000 && page.contains("又写"), "{} bytes", page.len());
    assert!(page.contains(&format!("href=\"{here}\"")), "and the way back");
}
