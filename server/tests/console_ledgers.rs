//! 台账 over real HTTP: the files that leads take away say what the records say, cell by cell, and no more than they may.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod browser;
mod common;
mod seated;

use std::io::Cursor;

use browser::{Answer, Browser};
use calamine::{Data, Reader, Xlsx};
use common::{DAY, MONDAY, Phone, Site};
use gridbook_core::clock::Instant;
use gridbook_core::id::RecordId;
use gridbook_core::model::{
    Checklist, DiaryEntry, Dwelling, Household, Item, Occupancy, Outcome, Outreach, OutreachForm, Role,
    ScopeKind, Visit,
};
use gridbook_server::db::Act;
use gridbook_server::limits::Limits;
use seated::at_console;

async fn taken(browser: &mut Browser, kind: &str, format: &str, scope: &str, days: (&str, &str)) -> Answer {
    let fields = [("kind", kind), ("format", format), ("scope", scope), ("from", days.0), ("to", days.1)];
    browser.post("/console/ledgers/file", &fields).await
}

const MONTH: (&str, &str) = ("2026-11-01", "2026-11-30");

/// The first sheet of a workbook: names, then lines.
fn sheet(answer: &Answer) -> (Vec<String>, Vec<Vec<Data>>) {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(answer.bytes.clone())).unwrap();
    let first = book.sheet_names()[0].clone();
    let range = book.worksheet_range(&first).unwrap();
    let mut rows = range.rows().map(<[Data]>::to_vec);
    let names = rows.next().unwrap().iter().map(ToString::to_string).collect();
    (names, rows.collect())
}

/// The lines of a text file.
fn text_lines(answer: &Answer) -> Vec<Vec<String>> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let rest = answer.bytes.strip_prefix(b"\xef\xbb\xbf").expect("the mark of UTF-8");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(rest);
    reader.records().map(|line| line.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// What a cell says, with its type before it.
fn typed(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::String(text) => format!("s:{text}"),
        Data::Float(number) => format!("n:{number}"),
        Data::DateTime(time) => format!("d:{}", (time.as_f64() * 1440.0).round() / 1440.0),
        other => panic!("a cell of another type: {other:?}"),
    }
}

/// 2026-11-23 as spreadsheets count days.
const MONDAY_SERIAL: f64 = 46_349.0;

struct Told {
    phone: Phone,
    household: RecordId,
    visits: Vec<RecordId>,
}

/// A worker's day: a household, two visits, a diary entry, an outreach.
async fn a_day(site: &Site) -> Told {
    let mut phone = site.worker("网格员甲").await;
    let grid = site.grid.clone();
    let household = Household {
        dwelling: Some(Dwelling::new("3", "1", "501")),
        class: "red".into(),
        occupancy: Some(Occupancy::Rented),
        contact: "=HYPERLINK(\"http://evil.example\",\"李样例\")".into(),
        phone: "13800001234".into(),
        tags: ["elder_alone"].into_iter().collect(),
        ..Household::default()
    };
    let (household, change) = phone.begin(household);
    phone.push(&grid, &[(household, change)]).await;
    let met = Visit {
        household,
        outcome: Some(Outcome::Met),
        started: Some(Instant(MONDAY)),
        ended: Some(Instant(MONDAY + 30 * 60_000)),
        purposes: ["routine", "anti_fraud"].into_iter().collect(),
        note: "=1+1\n第二行, \"引号\"".into(),
        requests: "请打电话13800001234".into(),
        next_visit: Some("2026-12-01".parse().unwrap()),
        ..Visit::default()
    };
    let not_met =
        Visit { household, outcome: Some(Outcome::NotMet), note: "-2+3".into(), ..Visit::default() };
    let visits = [phone.begin(met), phone.begin(not_met)];
    phone.push(&grid, &visits).await;
    let entry = DiaryEntry {
        date: Some("2026-11-23".parse().unwrap()),
        category: "safety".into(),
        text: "楼道灯坏了".into(),
        needs_follow_up: true,
        ..DiaryEntry::default()
    };
    let outreach = Outreach {
        form: Some(OutreachForm::Talk),
        place: "＝活动室".into(),
        fraud_types: ["loan"].into_iter().collect(),
        reached: 34,
        leaflets: 20,
        ..Outreach::default()
    };
    let others = [phone.begin(entry), phone.begin(outreach)];
    phone.push(&grid, &others).await;
    Told { phone, household, visits: visits.iter().map(|(id, _)| *id).collect() }
}

#[tokio::test]
async fn a_workbook_says_cell_by_cell_what_the_records_say() {
    let site = Site::open().await;
    let told = a_day(&site).await;
    let (lead, mut browser) = at_console(&site, "组长甲", Role::Lead, &site.grid).await;
    let grid = site.grid.to_string();

    let answer = taken(&mut browser, "visit", "xlsx", &grid, MONTH).await;
    let disposition = answer.headers["content-disposition"].to_str().unwrap();
    let name = "走访台账_第一网格_2026-11-01_2026-11-30.xlsx";
    let escaped: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
    assert!(disposition.contains("filename=\"ledger-visit-2026-11-01-2026-11-30.xlsx\""), "{disposition}");
    assert!(disposition.ends_with(&escaped), "{disposition}");
    assert_eq!(answer.headers["cache-control"], "no-store");
    let (names, lines) = sheet(&answer);
    let expected_names = [
        "日期",
        "所在网格",
        "住址",
        "走访结果",
        "走访目的",
        "开始时间",
        "结束时间",
        "同行人",
        "走访情况",
        "诉求",
        "安全隐患",
        "下次走访",
        "记录人",
        "状态",
        "最近收到",
        "待选定",
        "已作废",
        "编号",
    ];
    assert_eq!(names, expected_names);
    let nine = MONDAY_SERIAL + 9.0 / 24.0;
    let at = |serial: f64| format!("d:{}", (serial * 1440.0).round() / 1440.0);
    let first = [
        at(MONDAY_SERIAL),
        "s:第一网格".into(),
        "s:3-1-501".into(),
        "s:见面".into(),
        "s:反诈宣传、日常走访".into(),
        at(nine),
        at(nine + 30.0 / 1440.0),
        String::new(),
        "s:=1+1\n第二行, \"引号\"".into(),
        "s:请打电话138****1234".into(),
        String::new(),
        at(MONDAY_SERIAL + 8.0),
        "s:网格员甲".into(),
        "s:待阅".into(),
        at(nine),
        "n:0".into(),
        String::new(),
        format!("s:{}", told.visits[0]),
    ];
    let of_first = |lines: &[Vec<Data>], id: &RecordId| {
        let line = lines.iter().find(|line| line.iter().any(|cell| cell == &Data::String(id.to_string())));
        line.unwrap().iter().map(typed).collect::<Vec<_>>()
    };
    assert_eq!(lines.len(), 2);
    assert_eq!(of_first(&lines, &told.visits[0]), first);
    assert_eq!(of_first(&lines, &told.visits[1])[3], "s:未遇");
    let written = String::from_utf8_lossy(&answer.bytes).into_owned();
    assert!(!written.contains("13800001234"), "numbers are masked");

    let parts = parts_of(&answer.bytes);
    let made = "2026-11-23T01:00:00Z</dcterms:created>";
    assert!(parts["docProps/core.xml"].contains(made), "by the server's clock, in UTC: the same file twice");
    let sheet_one = &parts["xl/worksheets/sheet1.xml"];
    assert!(sheet_one.contains("state=\"frozen\"") && sheet_one.contains("ySplit=\"1\""), "the names stay");
    assert!(sheet_one.contains("<autoFilter ref=\"A1:R3\""), "filters over all columns");
    assert!(!sheet_one.contains("<f>"), "no formula anywhere");
    assert!(
        parts["xl/styles.xml"].contains("quotePrefix=\"1\""),
        "what looks like one stays text when touched"
    );
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(answer.bytes.clone())).unwrap();
    let about = book.worksheet_range("说明").unwrap();
    let about: Vec<String> = about.rows().map(|row| format!("{}：{}", row[0], row[1])).collect();
    assert!(about.contains(&"时间段：2026-11-01 — 2026-11-30".to_owned()), "{about:?}");
    assert!(about.contains(&"导出人：组长甲".to_owned()) && about.contains(&"范围：第一网格".to_owned()));

    let (names, lines) = sheet(&taken(&mut browser, "household", "xlsx", "", MONTH).await);
    let value = |name: &str| typed(&lines[0][names.iter().position(|known| known == name).unwrap()]);
    assert_eq!(
        (value("电话"), value("楼层"), value("户分类")),
        ("s:138****1234".into(), "n:5".into(), "s:红".into())
    );
    assert_eq!((value("期间走访次数"), value("期间最近走访")), ("n:2".into(), at(MONDAY_SERIAL)));
    assert_eq!((value("标签"), value("房屋状态")), ("s:独居老人".into(), "s:租赁".into()));
    assert!(value("联系人").starts_with("s:=HYPERLINK"), "text stays what was written");
    let (names, lines) = sheet(&taken(&mut browser, "outreach", "xlsx", &grid, MONTH).await);
    let value = |name: &str| typed(&lines[0][names.iter().position(|known| known == name).unwrap()]);
    assert_eq!(
        (value("宣传人次"), value("发放资料"), value("诈骗类型")),
        ("n:34".into(), "n:20".into(), "s:虚假贷款".into())
    );
    let (names, lines) = sheet(&taken(&mut browser, "diary", "xlsx", &grid, MONTH).await);
    let value = |name: &str| typed(&lines[0][names.iter().position(|known| known == name).unwrap()]);
    assert_eq!(
        (value("正文"), value("类别"), value("需要跟进")),
        ("s:楼道灯坏了".into(), "s:安全防范".into(), "s:是".into())
    );

    let db = site.server.service().database();
    let looks = db.audit_about(&told.visits[0], None, 9).await.unwrap();
    let exported: Vec<_> = looks.iter().filter(|look| look.entry.act == Act::Export).collect();
    assert_eq!((exported.len(), exported[0].entry.who.as_ref()), (1, Some(&lead)));
    assert_eq!(exported[0].entry.detail, "ledger of visit from 2026-11-01 to 2026-11-30");
    assert!(
        db.audit_about(&told.household, None, 9)
            .await
            .unwrap()
            .iter()
            .any(|look| look.entry.act == Act::Export)
    );
    drop(told.phone);
}

/// The parts of a workbook as text.
fn parts_of(bytes: &[u8]) -> std::collections::BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut parts = std::collections::BTreeMap::new();
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).unwrap();
        let mut text = Vec::new();
        std::io::Read::read_to_end(&mut part, &mut text).unwrap();
        parts.insert(part.name().unwrap().into_owned(), String::from_utf8_lossy(&text).into_owned());
    }
    parts
}

#[tokio::test]
async fn a_text_file_says_the_same_and_no_spreadsheet_calculates_it() {
    let site = Site::open().await;
    let told = a_day(&site).await;
    let (_, mut browser) = at_console(&site, "组长甲", Role::Lead, &site.grid).await;
    let grid = site.grid.to_string();
    for kind in ["visit", "diary", "outreach", "household"] {
        let (names, lines) = sheet(&taken(&mut browser, kind, "xlsx", &grid, MONTH).await);
        let answer = taken(&mut browser, kind, "csv", &grid, MONTH).await;
        assert_eq!(answer.headers["content-type"], "text/csv; charset=utf-8");
        let text = text_lines(&answer);
        assert_eq!(text[0], names);
        assert_eq!(text.len(), lines.len() + 1);
        for (line, written) in lines.iter().zip(&text[1..]) {
            for (cell, written) in line.iter().zip(written) {
                let dangerous = |text: &str| text.starts_with(['=', '+', '-', '@', '＝', '\t', '\r']);
                assert!(!dangerous(written), "{written}");
                let plain = written.strip_prefix('\'').filter(|rest| dangerous(rest)).unwrap_or(written);
                match cell {
                    Data::Empty => assert_eq!(plain, ""),
                    Data::String(text) => assert_eq!(plain, text),
                    Data::Float(number) => assert_eq!(plain, number.to_string()),
                    Data::DateTime(time) => {
                        let (year, month, day, hour, minute, ..) = time.to_ymd_hms_milli();
                        let day = format!("{year}-{month:02}-{day:02}");
                        assert!(plain == day || plain == format!("{day} {hour:02}:{minute:02}"), "{plain}");
                    }
                    other => panic!("a cell of another type: {other:?}"),
                }
            }
        }
    }
    let visits = taken(&mut browser, "visit", "csv", &grid, MONTH).await;
    assert!(visits.text.contains("\"'=1+1\n第二行, \"\"引号\"\"\"") && visits.text.contains("\"'-2+3\""));
    assert!(!visits.text.contains("13800001234"));
    drop(told);
}

#[tokio::test]
async fn a_list_is_a_line_for_each_item_with_who_ticked_it() {
    let site = Site::open().await;
    let group = site.group("安全防范").await;
    let member = site.person("组员甲", Role::Member, &group).await;
    let mut phone = site.phone_of(&member).await;
    let item = |title: &str, position| Item { title: title.into(), people: 2, position, ..Item::default() };
    let list = Checklist {
        title: "每周巡查".into(),
        group: group.clone(),
        starts: Some("2026-11-23".parse().unwrap()),
        ends: Some("2026-11-29".parse().unwrap()),
        items: [("a1".into(), item("查充电棚", 0)), ("b2".into(), item("查楼道", 1))].into(),
        assignees: [("a1".into(), [member.as_str()].into_iter().collect())].into(),
        ticks: [("a1".into(), [(member.clone(), Instant(MONDAY + 60_000))].into())].into(),
        ..Checklist::default()
    };
    let (id, change) = phone.begin(list);
    phone.push(&group, &[(id, change)]).await;
    let (_, mut browser) = at_console(&site, "组长甲", Role::Lead, &site.community).await;
    let (names, lines) = sheet(&taken(&mut browser, "checklist", "xlsx", "", MONTH).await);
    let line = |at: usize| lines[at].iter().map(typed).collect::<Vec<_>>();
    assert_eq!(
        names[..11],
        [
            "任务组",
            "标题",
            "开始日期",
            "截止日期",
            "事项",
            "期限",
            "负责人",
            "需要人数",
            "已勾选人数",
            "勾选",
            "已办结"
        ]
    );
    let starts = format!("d:{MONDAY_SERIAL}");
    assert_eq!(line(0)[..3], ["s:安全防范".to_owned(), "s:每周巡查".into(), starts.clone()]);
    assert_eq!(
        line(0)[4..11],
        ["s:查充电棚", "", "s:组员甲", "n:2", "n:1", "s:组员甲 2026-11-23 09:01", "s:否"]
    );
    assert_eq!(line(1)[4..11], ["s:查楼道", "", "", "n:2", "n:0", "", "s:否"]);
    assert_eq!(lines.len(), 2);
    let elsewhere =
        taken(&mut browser, "checklist", "xlsx", &group.to_string(), ("2026-10-01", "2026-10-31")).await;
    assert_eq!(sheet(&elsewhere).1.len(), 0, "another period");
}

#[tokio::test]
async fn nobody_takes_away_what_their_role_does_not_export() {
    let site = Site::open().await;
    let told = a_day(&site).await;
    let admin = site.server.admin();
    let second = admin.add_scope(&site.community, ScopeKind::Grid, "第二网格").await.unwrap();
    let (_, mut other) = at_console(&site, "组长乙", Role::Lead, &second).await;
    let (_, mut administrator) = at_console(&site, "管理员甲", Role::Administrator, &site.community).await;
    let (_, mut auditor) = at_console(&site, "审计员甲", Role::Auditor, &site.community).await;
    let (_, mut own) = at_console(&site, "组长甲", Role::Lead, &site.grid).await;
    let grid = site.grid.to_string();

    assert_eq!(taken(&mut other, "visit", "xlsx", &grid, MONTH).await.status, 404, "no such grid for them");
    assert_eq!(sheet(&taken(&mut other, "visit", "xlsx", "", MONTH).await).1.len(), 0, "only their own");
    assert!(!other.get("/console/ledgers").await.text.contains("第一网格"));
    for browser in [&mut administrator, &mut auditor] {
        for kind in ["visit", "household", "checklist"] {
            assert_eq!(taken(browser, kind, "csv", "", MONTH).await.status, 403, "{kind}");
        }
        assert!(browser.get("/console/ledgers").await.text.contains("没有可以导出的台账"));
    }
    let page = own.get("/console/ledgers?from=2026-11-01&to=2026-11-30").await;
    assert!(page.text.contains("走访台账") && page.text.contains("class=\"number\">2<"), "{}", page.text);
    assert!(page.text.contains("不在这个范围里"), "lists are kept in task groups");
    assert_eq!(taken(&mut own, "review", "xlsx", "", MONTH).await.status, 400);
    assert_eq!(taken(&mut own, "visit", "exe", "", MONTH).await.status, 400);
    let bare = own.post_bare("/console/ledgers/file", &[("kind", "visit"), ("format", "csv")], &[]).await;
    assert_eq!(bare.status, 401, "only our own pages' forms");
    let looks = site.server.service().database().audit_about(&told.visits[0], None, 9).await.unwrap();
    assert!(looks.iter().all(|look| look.entry.act != Act::Export), "what was refused was not taken");
}

#[tokio::test]
async fn a_register_of_many_pages_is_whole_and_one_that_is_too_large_says_what_to_do() {
    let site = Site::open_with(Limits { ledger_lines: 1_300, ..Limits::default() }).await;
    let mut phone = site.worker("网格员甲").await;
    let grid = site.grid.clone();
    let mut all = Vec::new();
    for _ in 0..3 {
        let changes: Vec<_> = (0..400)
            .map(|_| {
                let household = RecordId::new(&site.surroundings());
                phone.begin(Visit { household, outcome: Some(Outcome::Met), ..Visit::default() })
            })
            .collect();
        phone.push(&grid, &changes).await;
        all.extend(changes.iter().map(|(id, _)| id.to_string()));
        site.clock.forward(DAY);
    }
    let (_, mut lead) = at_console(&site, "组长甲", Role::Lead, &site.grid).await;
    let (names, lines) = sheet(&taken(&mut lead, "visit", "xlsx", "", MONTH).await);
    let at = names.iter().position(|name| name == "编号").unwrap();
    let mut found: Vec<String> = lines.iter().map(|line| line[at].to_string()).collect();
    let days: Vec<String> = lines.iter().map(|line| typed(&line[0])).collect();
    assert!(days.is_sorted(), "earliest first");
    found.sort_unstable();
    all.sort_unstable();
    assert_eq!(found, all, "each once, over pages of five hundred");
    let (_, one_day) = sheet(&taken(&mut lead, "visit", "xlsx", "", ("2026-11-24", "2026-11-24")).await);
    assert_eq!(one_day.len(), 400);

    let changes: Vec<_> = (0..200).map(|n| phone.begin(common::visit(&format!("{n}")))).collect();
    phone.push(&grid, &changes).await;
    let full = taken(&mut lead, "visit", "xlsx", "", MONTH).await;
    assert_eq!(full.status, 413);
    assert!(full.text.contains("走访台账超过 1300 行"), "{}", full.text);
    assert!(full.text.contains("请缩短时间段或只选一个网格"), "and the page says so before");
}

#[tokio::test]
async fn a_diary_book_of_a_period_has_each_day_on_sheets_of_its_own() {
    let site = Site::open().await;
    let mut phone = site.worker("网格员甲").await;
    let grid = site.grid.clone();
    for (day, entries) in [("2026-11-16", 40), ("2026-11-18", 40), ("2026-11-20", 2), ("2026-12-02", 1)] {
        let changes: Vec<_> = (0..entries).map(|_| phone.begin(common::diary(day, "楼道灯坏了"))).collect();
        phone.push(&grid, &changes).await;
    }
    let (_, mut lead) = at_console(&site, "组长甲", Role::Lead, &site.grid).await;
    let page = lead.get(&format!("/console/ledgers?scope={grid}&from=2026-11-01&to=2026-11-30")).await;
    let link = format!("/console/diary/sheet?grid={grid}&amp;day=2026-11-01&amp;to=2026-11-30");
    assert!(page.text.contains(&link), "{}", page.text);
    let sheets = |text: &str| text.matches("diary paper").count();
    let book = lead.get(&link.replace("&amp;", "&")).await.text;
    assert_eq!((sheets(&book), book.matches("<tr id=\"r").count()), (3, 82), "three days, no empty one");
    assert!(["16", "18", "20"].iter().all(|day| book.contains(&format!("2026-11-{day}"))), "{book}");
    assert!(!book.contains("2026-12-02") && book.len() < 150_000, "December is another period");
}
