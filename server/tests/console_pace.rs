//! How long the console's pages take over 100,000 records. It prints the figures that docs/CONSOLE.md tells:
//! `GRIDBOOK_PACE_MS=100 cargo test -p gridbook-server --test console_pace -- --nocapture`, on a machine that does nothing else.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]
#![allow(clippy::print_stdout, reason = "the figures are what it is asked for")]

mod browser;
mod common;

use std::time::{Duration, Instant as Watch};

use browser::Browser;
use common::{DAY, MONDAY, Site};
use gridbook_core::clock::{Instant, Zone};
use gridbook_core::id::{ActorId, ChangeHash, PersonId, RecordId, ScopeId};
use gridbook_core::model::{
    Content, DiaryEntry, Dwelling, Fields, Header, Household, Outcome, Outreach, OutreachForm, Projection,
    Role, ScopeKind, Visit,
};
use gridbook_server::db::{Append, Appended, Arrival, Row, Update};

const PASSWORD: &str = "样例口令-2026-十一月";
const GRIDS: u64 = 8;
const HOMES: u64 = 400;
const RECORDS: u64 = 100_000;
/// What a page may take on the server, unless `GRIDBOOK_PACE_MS` says otherwise: four times what it must reach, because the
/// same code was seen to take twice as long on a shared machine. A page that reads every record takes longer.
const LIMIT: Duration = Duration::from_millis(400);
/// Asked so often; the quickest counts.
const TRIES: usize = 8;

fn id(grid: u64, n: u64) -> RecordId {
    RecordId::from_bytes((u128::from(grid) << 64 | u128::from(n) << 8 | 1).to_be_bytes())
}

/// The record with number `n` of a grid: its households first, then a mixture over two years.
fn content(grid: u64, n: u64) -> (Content, i64) {
    if n < HOMES {
        let (building, room) = (grid * 8 + n / 50 + 1, (n % 50 / 5 + 1) * 100 + n % 5 + 1);
        let dwelling = Some(Dwelling::new(&building.to_string(), "1", &room.to_string()));
        return (Household { dwelling, class: "yellow".into(), ..Household::default() }.into(), 700 * DAY);
    }
    let household = id(grid, n * 7 % HOMES);
    let back = i64::try_from(n).unwrap() * 7_919 % 700 * DAY;
    let note = "住户反映楼道堆放杂物，已联系物业清理，约定三天后回访。".to_owned();
    let content = match n % 20 {
        0..=12 => Visit {
            household,
            outcome: Some(if n.is_multiple_of(3) { Outcome::NotMet } else { Outcome::Met }),
            hazards: if n.is_multiple_of(11) {
                ["gas".to_owned()].into_iter().collect()
            } else {
                Default::default()
            },
            note,
            ..Visit::default()
        }
        .into(),
        13..=16 => Outreach {
            form: Some(OutreachForm::Door),
            households: [household.to_string()].into_iter().collect(),
            fraud_types: ["loan", "game"].into_iter().map(str::to_owned).collect(),
            reached: 2,
            note,
            ..Outreach::default()
        }
        .into(),
        _ => DiaryEntry {
            date: Some(Zone::china().day(Instant(MONDAY - back))),
            category: ["dispute", "safety", "service"][usize::try_from(n % 3).unwrap()].into(),
            text: note,
            ..DiaryEntry::default()
        }
        .into(),
    };
    (content, back)
}

fn row(scope: &ScopeId, author: &PersonId, grid: u64, n: u64) -> Row {
    let (content, back) = content(grid, n);
    let at = Instant(MONDAY - back);
    let (kind, schema) = (content.kind(), Header::SCHEMA);
    let header = Header {
        kind,
        schema,
        author: author.clone(),
        grid: Some(scope.clone()),
        occurred_at: at,
        voided: None,
    };
    let fields: Fields = header.fields().into_iter().chain(content.fields()).collect();
    let projection = Projection::of(&fields, Zone::china()).unwrap();
    Row {
        id: id(grid, n),
        kind,
        scope: scope.clone(),
        grid: Some(scope.clone()),
        author: author.clone(),
        day: projection.day,
        occurred_at: at,
        created: at,
        updated: at,
        voided: false,
        conflicts: 0,
        building: content.building().map(str::to_owned),
        subject: content.subject(),
        fingerprint: "00000000".into(),
        json: projection.json,
    }
}

async fn fill(site: &Site, scope: &ScopeId, author: &PersonId, grid: u64) {
    let db = site.server.service().database();
    let numbers: Vec<u64> = (0..RECORDS / GRIDS).collect();
    for part in numbers.chunks(2_500) {
        let rows = part.iter().map(|n| row(scope, author, grid, *n));
        let (mut arrivals, mut updates) = (Vec::new(), Vec::new());
        for row in rows {
            let mut hash = [0; 32];
            hash[..16].copy_from_slice(row.id.as_bytes());
            arrivals.push(Arrival {
                hash: ChangeHash(hash),
                record: row.id,
                actor: ActorId([1; 16]),
                device: None,
                named: None,
                held: false,
                bytes: vec![0; 8],
            });
            updates.push(Update { expected: 0, moves: 0, ties: Vec::new(), follows: None, row });
        }
        let append = Append { scope: scope.clone(), access: None, at: Instant(MONDAY), arrivals, updates };
        assert!(matches!(db.append(append).await.unwrap(), Appended::Done(_)));
    }
}

#[tokio::test]
async fn first_pages_are_quick_over_a_hundred_thousand_records() {
    let site = Site::open().await;
    let admin = site.server.admin();
    let author = site.person("网格员甲", Role::Worker, &site.community).await;
    let mut grids = vec![site.grid.clone()];
    for n in 2..=GRIDS {
        grids.push(admin.add_scope(&site.community, ScopeKind::Grid, &format!("第{n}网格")).await.unwrap());
    }
    for (grid, scope) in (0..).zip(&grids) {
        fill(&site, scope, &author, grid).await;
    }
    assert_eq!(site.server.service().database().counts().await.unwrap().records, RECORDS);
    let lead = site.person("组长甲", Role::Lead, &site.community).await;
    admin.set_console_password(&admin.find_person(lead.as_str()).await.unwrap(), PASSWORD).await.unwrap();
    let mut browser = Browser::at(&site.running.url());
    assert_eq!(browser.log_in("组长甲", PASSWORD).await.status, 303);

    let household = format!("/console/households/{}", id(0, 7));
    let building = format!("/console/visits/building?grid={}&building=1", site.grid);
    let limit =
        std::env::var("GRIDBOOK_PACE_MS").map_or(LIMIT, |ms| Duration::from_millis(ms.parse().unwrap()));
    let mut slow = Vec::new();
    for (name, path) in [
        ("今日", "/console"),
        ("日记本", "/console/diary"),
        ("待阅", "/console/queue"),
        ("走访", "/console/visits"),
        ("楼栋", &building),
        ("户", &household),
        ("反诈", "/console/fraud"),
        ("统计", "/console/figures"),
        ("记录", "/console/records?kind=outreach&from=2026-01-01&to=2026-11-23&field=fraud_types&code=loan"),
    ] {
        let mut best = Duration::MAX;
        for _ in 0..TRIES {
            let began = Watch::now();
            let page = browser.get(path).await;
            best = best.min(began.elapsed());
            assert_eq!(page.status, 200, "{name}");
            assert!(page.text.len() < 150_000, "{name}: {} bytes", page.text.len());
        }
        println!("| {name} | {:.1} ms |", best.as_secs_f64() * 1_000.0);
        if best > limit {
            slow.push((name, best));
        }
    }
    assert!(slow.is_empty(), "{slow:?}");
}
