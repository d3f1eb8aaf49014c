//! The console's pages of outreach and of figures: what they count, against what, and that every number leads to the
//! records that it counts.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod browser;
mod common;
mod seated;

use common::{DAY, Phone, Site};
use gridbook_core::doc::NewChange;
use gridbook_core::id::{RecordId, ScopeId};
use gridbook_core::model::{
    Checklist, DiaryEntry, Dwelling, Household, Item, Outcome, Outreach, OutreachForm, Role, Scalar,
    ScopeKind, Tags, Visit,
};
use seated::at_console;

fn tags<const N: usize>(codes: [&str; N]) -> Tags {
    codes.into_iter().map(str::to_owned).collect()
}

fn home(building: &str, room: &str) -> Household {
    let dwelling = Some(Dwelling::new(building, "1", room));
    Household { dwelling, class: "green".into(), ..Household::default() }
}

fn told(types: Tags, reached: u32) -> Outreach {
    let (form, place) = (Some(OutreachForm::Talk), "活动室".into());
    Outreach { form, place, fraud_types: types, reached, ..Outreach::default() }
}

fn noted(day: &str, category: &str) -> DiaryEntry {
    let (date, text) = (day.parse().ok(), format!("{day} {category}"));
    DiaryEntry { date, category: category.into(), text, ..DiaryEntry::default() }
}

/// The row of a table that begins with `name`, its texts one after the other.
fn row(page: &str, name: &str) -> Vec<String> {
    let rows = page.split("<tr>").map(|row| row.split("</tr>").next().unwrap());
    let texts = |row: &str| -> Vec<String> {
        let texts = row.split('<').map(|part| part.split_once('>').map_or("", |(_, text)| text).trim());
        texts.filter(|text| !text.is_empty()).map(str::to_owned).collect()
    };
    let found = rows.map(texts).find(|texts| texts.first().is_some_and(|first| first == name));
    found.unwrap_or_else(|| panic!("no row {name}"))
}

/// The address of the link that says `text` in the row that begins with `name`.
fn link(page: &str, name: &str, text: &str) -> String {
    let mut rows = page.split("<tr>").map(|row| row.split("</tr>").next().unwrap());
    let row = rows.find(|row| row.starts_with("<th") && row.contains(&format!(">{name}<"))).unwrap();
    let link = row.split("href=\"").find(|rest| rest.contains(&format!("\">{text}</a>"))).unwrap();
    link.split('"').next().unwrap().replace("&amp;", "&")
}

async fn push(phone: &mut Phone, scope: &ScopeId, changes: Vec<(RecordId, NewChange)>) {
    assert_eq!(phone.push(scope, &changes).await.len(), changes.len());
}

#[tokio::test]
async fn outreach_is_counted_by_time_type_and_building_and_each_number_leads_to_its_records() {
    let site = Site::open().await;
    let admin = site.server.admin();
    let second = admin.add_scope(&site.community, ScopeKind::Grid, "第二网格").await.unwrap();
    let mut phone = site.worker("网格员甲").await;
    let grid = site.grid.clone();
    let homes = [("3", "101"), ("3", "201"), ("3", "301"), ("5", "101")]
        .map(|(building, room)| phone.begin(home(building, room)));
    let ids = homes.clone().map(|(id, _)| id.to_string());
    push(&mut phone, &grid, homes.to_vec()).await;
    let two = || tags([ids[0].as_str(), ids[3].as_str()]);
    let named = phone.begin(Outreach { households: two(), ..told(tags(["loan"]), 5) });
    let again = phone.begin(Outreach { households: two(), ..told(tags(["loan", "game"]), 7) });
    let whole = phone.begin(Outreach { building: "3".into(), ..told(tags(["game"]), 20) });
    let gone = phone.begin(told(tags(["loan"]), 1_000));
    let gone_id = gone.0;
    site.clock.forward(-40 * DAY);
    let earlier = phone.begin(told(tags(["investment"]), 9));
    site.clock.forward(40 * DAY);
    push(&mut phone, &grid, vec![named, again, whole, gone, earlier]).await;
    let voided = serde_json::json!({ "by": phone.person, "at": 0, "reason": "重复" }).to_string();
    let change = phone.write(gone_id, "voided", Scalar::Text(voided));
    push(&mut phone, &grid, vec![(gone_id, change)]).await;
    let mut lead = at_console(&site, "组长甲", Role::Lead, &site.community).await.1;
    let mut other = at_console(&site, "组长乙", Role::Lead, &second).await.1;

    let page = lead.get("/console/fraud").await.text;
    assert_eq!(row(&page, "虚假贷款"), ["虚假贷款", "2", "12", "2"], "a household twice is one household");
    assert_eq!(
        row(&page, "网游产品虚假交易"),
        ["网游产品虚假交易", "2", "27", "4"],
        "a building reaches all its households"
    );
    assert_eq!(row(&page, "2026-11-01")[2..], ["3", "32", "4"]);
    assert_eq!(row(&page, "2026-10-01")[2..], ["1", "9", "0"]);
    assert_eq!(row(&page, "第一网格"), ["第一网格", "4", "4", "100%"]);
    assert!(page.contains("<svg") && !page.contains("style=") && !page.contains("<style"));
    assert!(page.len() < 150_000);
    let loans = lead.get(&link(&page, "虚假贷款", "12")).await.text;
    assert_eq!(loans.matches("<article").count(), 2, "what was withdrawn counts no more");
    let october = lead.get(&link(&page, "2026-10-01", "9")).await.text;
    assert_eq!(october.matches("<article").count(), 1);
    assert!(october.contains("虚假网络投资理财"));

    let loans_first = lead.get("/console/fraud?from=2026-11-23&to=2026-11-23").await.text;
    assert_eq!(row(&loans_first, "虚假贷款")[1], "2");
    assert!(!loans_first.contains("虚假网络投资理财"));
    let one = lead.get(&format!("/console/fraud?grid={grid}")).await.text;
    assert_eq!(row(&one, "3 栋"), ["3 栋", "3", "3", "100%"]);
    assert_eq!(row(&one, "5 栋"), ["5 栋", "1", "1", "100%"]);
    let over_time = one.split("id=\"places-time\"").nth(1).unwrap();
    let cells = row(over_time, "3 栋");
    assert_eq!(
        cells[cells.len() - 2..],
        ["0", "3"],
        "October reached nobody by name, November all: {cells:?}"
    );
    assert_eq!(row(over_time, "5 栋").last().unwrap(), "1");
    let here = lead.get(&link(over_time, "3 栋", "3")).await.text;
    assert_eq!(
        here.matches("<article").count(),
        3,
        "what covered the building, and what names a household there"
    );
    let there = lead.get(&link(over_time, "5 栋", "1")).await.text;
    assert_eq!(there.matches("<article").count(), 2, "the whole of building 3 is not 5");
    let all_grids = page.split("id=\"places-time\"").nth(1).unwrap();
    assert_eq!(row(all_grids, "第一网格").last().unwrap(), "4");
    assert!(!one.contains("安装"), "who installed what is nobody's number");

    // Another grid's lead counts their own.
    assert!(other.get("/console/fraud").await.text.contains("这段时间没有反诈宣传"));
    assert_eq!(other.get(&format!("/console/fraud?grid={grid}")).await.status, 404);
    assert_eq!(other.get(&format!("/console/records?grid={grid}")).await.status, 404);
    assert!(!other.get("/console/records?kind=outreach").await.text.contains("<article"));
}

#[tokio::test]
async fn figures_stand_against_a_year_before_recorded_or_imported() {
    let site = Site::open().await;
    let admin = site.server.admin();
    let mut phone = site.worker("网格员甲").await;
    let grid = site.grid.clone();
    let household = phone.begin(home("3", "101"));
    let id = household.0;
    let other = phone.begin(home("3", "201"));
    let mut changes = vec![household, other];
    for (day, category) in [
        ("2026-11-02", "dispute"),
        ("2026-11-03", "dispute"),
        ("2026-10-31", "dispute"),
        ("2025-11-04", "dispute"),
        ("2025-11-05", "safety"),
        ("2025-11-29", "safety"),
    ] {
        changes.push(phone.begin(noted(day, category)));
    }
    let hazards = tags(["gas"]);
    let visit = Visit { household: id, outcome: Some(Outcome::Met), hazards, ..Visit::default() };
    changes.push(phone.begin(visit.clone()));
    changes.push(phone.begin(Visit { outcome: Some(Outcome::NotMet), hazards: Tags::default(), ..visit }));
    push(&mut phone, &grid, changes).await;
    let group = site.group("安全防范").await;
    let member = phone.person.clone();
    admin.grant(&member, Role::Member, &group).await.unwrap();
    let item = |title: &str| Item { title: title.into(), ..Item::default() };
    let list = Checklist {
        title: "查楼道".into(),
        group: group.clone(),
        starts: "2026-11-23".parse().ok(),
        items: [("a".to_owned(), item("一号楼")), ("b".to_owned(), item("二号楼"))].into(),
        ticks: [("a".to_owned(), [(member, phone.surroundings.now())].into())].into(),
        ..Checklist::default()
    };
    let list = phone.begin(list);
    phone.cursors.insert(group.clone(), (0, gridbook_core::id::Chain::START));
    push(&mut phone, &group, vec![list]).await;
    let mut lead = at_console(&site, "组长甲", Role::Lead, &site.community).await.1;

    let page = lead.get("/console/figures?from=2026-11&to=2026-11").await.text;
    assert!(page.contains("2026-11-01 — 2026-11-23，去年同期 2025-11-01 — 2025-11-23"));
    assert_eq!(row(&page, "矛盾纠纷"), ["矛盾纠纷", "2", "1", "+1"]);
    assert_eq!(
        row(&page, "安全防范"),
        ["安全防范", "0", "1", "−1"],
        "the days after today's are not compared"
    );
    assert_eq!(row(&page, "燃气隐患"), ["燃气隐患", "1", "0", "+1"]);
    assert_eq!(row(&page, "走访户次"), ["走访户次", "2", "0", "+2"]);
    assert_eq!(row(&page, "其中见面或电话联系"), ["其中见面或电话联系", "1", "0", "+1"]);
    assert_eq!(row(&page, "走访覆盖率"), ["走访覆盖率", "50%", "0%"]);
    assert_eq!(row(&page, "清单完成事项"), ["清单完成事项", "1", "0", "+1"]);
    assert_eq!(row(&page, "清单完成率"), ["清单完成率", "50%", "—"]);
    assert!(page.contains("<svg") && !page.contains("style=") && page.len() < 150_000);
    for (name, count, records) in [
        ("矛盾纠纷", "2", 2),
        ("矛盾纠纷", "1", 1),
        ("燃气隐患", "1", 1),
        ("走访户次", "2", 2),
        ("其中见面或电话联系", "1", 1),
        ("清单完成事项", "1", 1),
    ] {
        let found = lead.get(&link(&page, name, count)).await.text;
        assert_eq!(found.matches("<article").count(), records, "{name} {count}");
    }
    let met = lead.get(&link(&page, "其中见面或电话联系", "1")).await.text;
    assert!(met.contains("走访结果：见面、电话"), "and the page says of what");
    let year = lead.get("/console/figures").await.text;
    assert_eq!(row(&year, "矛盾纠纷")[1], "3", "from January, if nothing is asked for");

    // Last year's numbers from a file stand in place of what was recorded, whole months of them.
    let wrong = "月份,网格,类别,数量\n2025-11,第一网格,矛盾纠纷,12\n2025-13,第一网格,盗窃,1\n2025-11,无此网格,盗窃,1\n2025-11,第一网格,盗窃,很多\n";
    let (_, problems) = admin.import_figures("去年.csv", wrong.as_bytes(), false).await.unwrap();
    assert_eq!(
        problems.iter().map(|one| (one.line, one.column.as_str())).collect::<Vec<_>>(),
        [(3, "month"), (4, "scope"), (5, "count")]
    );
    let page = lead.get("/console/figures?from=2026-11&to=2026-11").await.text;
    assert_eq!(row(&page, "矛盾纠纷")[2], "1", "with a problem nothing is imported");
    let right = "月份,网格,类别,数量\n2025-11,第一网格,矛盾纠纷,12\n2025-11,第一网格,盗窃,7\n2026-11,第一网格,盗窃,4\n";
    assert_eq!(admin.import_figures("去年.csv", right.as_bytes(), false).await.unwrap().0, 3);
    admin.import_figures("去年.csv", right.as_bytes(), false).await.unwrap();
    let page = lead.get("/console/figures?from=2026-11&to=2026-11").await.text;
    assert_eq!(row(&page, "矛盾纠纷"), ["矛盾纠纷", "2", "12", "*", "−10"]);
    assert_eq!(row(&page, "盗窃"), ["盗窃", "4", "*", "7", "*", "−3"]);
    let alone = lead.get(&format!("/console/figures?grid={grid}")).await.text;
    assert!(!alone.contains("清单完成"), "lists belong to groups, not to a grid");
    assert_eq!(lead.get("/console/figures?grid=snobody").await.status, 404);
    // Figures are of scopes: nobody who works there is named, let alone compared.
    for path in ["/console/figures", "/console/fraud", "/console/fraud?from=2025-12-01"] {
        let page = lead.get(path).await.text;
        let (_, main) = page.split_once("<main").unwrap();
        assert!(!main.contains("网格员甲"), "{path}: {main}");
    }
}
