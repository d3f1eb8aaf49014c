//! `/v1/exports`: a program takes away what the console gives, byte for byte, and no more than its person may.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod api;
mod browser;
mod common;

use api::{Program, one_of_each};
use browser::Browser;
use common::{Site, visit};
use gridbook_core::id::ScopeId;
use gridbook_core::model::{Kind, Role, ScopeKind};
use gridbook_server::db::Act;
use gridbook_server::limits::Limits;
use serde_json::{Value, json};

const DAYS: &str = "from=2026-11-01&to=2026-11-30";
const REGISTERS: [&str; 5] = ["household", "visit", "diary", "outreach", "checklist"];

async fn exports(site: &Site) -> i64 {
    let rows = site.server.service().database().audit(0, 1_000).await.unwrap();
    rows.iter().filter(|row| row.entry.act == Act::Export).count() as i64
}

#[tokio::test]
async fn a_program_is_given_the_very_files_of_the_console() {
    let site = Site::open().await;
    let group = site.group("安全防范").await;
    let lead = site.person("组长甲", Role::Lead, &site.community).await;
    let (mut worker, mut phone) = (site.worker("网格员甲").await, site.phone_of(&lead).await);
    one_of_each(&site.grid, &group, &mut worker, &mut phone).await;
    let (program, mut browser) =
        (Program::of(&site, &lead).await, Browser::of(&site.server, &site.running.url(), "组长甲").await);
    for kind in REGISTERS {
        for format in ["xlsx", "csv"] {
            for scope in ["", site.grid.as_str(), group.as_str()] {
                let at_grid = scope == site.grid.as_str();
                if !scope.is_empty() && at_grid == (kind == "checklist") {
                    continue;
                }
                let fields = [("kind", kind), ("format", format), ("scope", scope)];
                let days = [("from", "2026-11-01"), ("to", "2026-11-30")];
                let page = browser.post("/console/ledgers/file", &[&fields[..], &days].concat()).await;
                let scope = if scope.is_empty() { String::new() } else { format!("&scope={scope}") };
                let before = exports(&site).await;
                let told = program.get(&format!("/v1/exports/{kind}?{DAYS}&format={format}{scope}")).await;
                assert_eq!((page.status, told.status), (200, 200), "{kind} {format} {scope}");
                assert!(page.bytes == told.bytes, "{kind} {format} {scope}");
                for header in ["content-type", "content-length", "content-disposition"] {
                    assert_eq!(page.headers[header], told.headers[header], "{kind} {format}");
                }
                // The list is the lead's own, and of one's own nothing is written down.
                let others = i64::from(kind != "checklist");
                assert_eq!(exports(&site).await, before + others, "{kind}: it is written down");
            }
        }
    }
    let chinese = program.get(&format!("/v1/exports/visit?{DAYS}&format=csv")).await;
    let english = program.get_in("en-GB,zh;q=0.5", &format!("/v1/exports/visit?{DAYS}&format=csv")).await;
    assert!(chinese.text().contains("\"走访结果\"") && chinese.text().contains("138****1234"));
    assert!(english.text().contains("\"Outcome\"") && !english.text().contains("走访结果"));
    let usual = program.get(&format!("/v1/exports/visit?{DAYS}")).await;
    assert!(usual.bytes.starts_with(b"PK"), "a workbook, if nothing is said");
}

#[tokio::test]
async fn as_lines_each_record_is_what_the_api_shows_of_it() {
    let site = Site::open().await;
    let group = site.group("安全防范").await;
    let lead = site.person("组长甲", Role::Lead, &site.community).await;
    let (mut worker, mut phone) = (site.worker("网格员甲").await, site.phone_of(&lead).await);
    let records = one_of_each(&site.grid, &group, &mut worker, &mut phone).await;
    let program = Program::of(&site, &lead).await;
    for kind in Kind::ALL {
        let told = program.get(&format!("/v1/exports/{kind}?{DAYS}&format=jsonl")).await;
        assert_eq!(told.headers["content-type"], "application/x-ndjson");
        let lines: Vec<Value> = told.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let one = program.get(&format!("/v1/records/{}", records[&kind])).await.json();
        assert_eq!(lines, [one], "{kind}");
        assert!(!told.text().contains("13800001234"), "{kind}: masked");
    }
    let looks = site.server.service().database().audit_about(&records[&Kind::Visit], None, 9).await.unwrap();
    let taken = looks.iter().find(|look| look.entry.act == Act::Export).unwrap();
    assert_eq!(taken.entry.detail, "ledger of visit from 2026-11-01 to 2026-11-30");
    assert_eq!(taken.entry.who.as_ref(), Some(&lead));
    let earlier = program.get("/v1/exports/visit?format=jsonl&from=2026-10-01&to=2026-10-31").await;
    assert_eq!((earlier.status, earlier.text()), (200, ""), "another period");
    let households = program.get("/v1/exports/household?from=2026-10-01&to=2026-10-31&format=jsonl").await;
    assert_eq!(households.text().lines().count(), 1, "a household stands in every period");
}

#[tokio::test]
async fn the_list_says_what_there_is_and_what_is_too_much() {
    let site = Site::open_with(Limits { ledger_lines: 2, ..Limits::default() }).await;
    let group = site.group("安全防范").await;
    let lead = site.person("组长甲", Role::Lead, &site.grid).await;
    let (mut worker, mut phone) = (site.worker("网格员甲").await, site.phone_of(&lead).await);
    one_of_each(&site.grid, &group, &mut worker, &mut phone).await;
    let more: Vec<_> = (0..2).map(|n| worker.begin(visit(&format!("第{n}户")))).collect();
    worker.push(&site.grid, &more).await;
    let program = Program::of(&site, &lead).await;

    let list = program.get(&format!("/v1/exports?{DAYS}")).await.json();
    assert_eq!(list["period"], json!({ "from": "2026-11-01", "to": "2026-11-30" }));
    assert_eq!(list["most"], 2);
    let of = |kind: &str| {
        list["exports"].as_array().unwrap().iter().find(|one| one["kind"] == kind).unwrap().clone()
    };
    let there = json!({
        "kind": "diary", "formats": ["xlsx", "csv", "jsonl"], "records": 1, "too_many": false, "reason": null,
    });
    assert_eq!(of("diary"), there);
    assert_eq!(of("review")["formats"], json!(["jsonl"]));
    let (visits, lists) = (of("visit"), of("checklist"));
    assert_eq!((&visits["records"], &visits["too_many"]), (&Value::Null, &json!(true)));
    assert_eq!(visits["reason"], "more than 2 lines; name a shorter period, or one grid");
    assert_eq!((&lists["records"], &lists["too_many"]), (&Value::Null, &json!(false)));
    assert_eq!(lists["reason"], "your role does not export this; ask a lead");
    let this_month = program.get("/v1/exports").await.json();
    assert_eq!(
        this_month["period"],
        json!({ "from": "2026-11-01", "to": "2026-11-23" }),
        "if nothing is said"
    );

    let before = exports(&site).await;
    for format in ["xlsx", "csv", "jsonl"] {
        let full = program.get(&format!("/v1/exports/visit?{DAYS}&format={format}")).await;
        let advice = "more than 2 lines; name a shorter period, or one grid".to_owned();
        assert_eq!(full.refusal(), (413, "too_large".into(), advice), "{format}");
    }
    assert_eq!(exports(&site).await, before, "what was refused was not taken");
}

#[tokio::test]
async fn what_is_asked_wrongly_or_is_not_theirs_is_refused_by_name() {
    let site = Site::open().await;
    let mut worker = site.worker("网格员甲").await;
    let change = worker.begin(visit("一"));
    worker.push(&site.grid, &[change]).await;
    let second = site.server.admin().add_scope(&site.community, ScopeKind::Grid, "第二网格").await.unwrap();
    let lead = site.person("组长乙", Role::Lead, &second).await;
    let program = Program::of(&site, &lead).await;
    for (path, detail) in [
        ("/visit?from=gestern", "from: a day such as 2026-11-23"),
        ("/visit?to=2026-1-5", "to: a day such as 2026-11-23"),
        ("/visit?from=2026-11-09&to=2026-11-08", "from: a day that is not after to"),
        ("/visit?from=2026-11-24", "from: a day that is not after to, which is today if nothing is said"),
        ("?from=2026-11-09&to=2026-11-08", "from: a day that is not after to"),
        ("/visit?format=exe", "format: one of xlsx, csv, jsonl"),
        ("/review?format=xlsx", "format: jsonl; there is no register of review"),
        ("/poem", "kind: one of household, visit"),
        ("/visit?colour=red", "colour: no such parameter; known are scope, from, to, format"),
        ("?format=csv", "format: no such parameter; known are scope, from, to"),
    ] {
        let (status, code, said) = program.get(&format!("/v1/exports{path}")).await.refusal();
        assert_eq!((status, code.as_str()), (400, "bad_request"), "{path}");
        assert!(said.starts_with(detail), "{path}: {said}");
    }
    for path in ["", "/visit"] {
        let of = async |scope: &ScopeId| program.get(&format!("/v1/exports{path}?scope={scope}")).await;
        let (foreign, none) = (of(&site.grid).await, of(&ScopeId::from("snothing0")).await);
        assert_eq!(foreign.refusal(), none.refusal(), "{path}: like one that does not exist");
        assert_eq!(foreign.status, 404);
        let bare = program.without_token(&format!("/v1/exports{path}?scope={}", site.grid)).await;
        assert_eq!(bare.refusal().0, 401);
        assert_eq!(bare.headers["www-authenticate"], "Bearer");
    }
    for role in [Role::Administrator, Role::Auditor, Role::Worker] {
        let person = site.person(role.as_str(), role, &site.community).await;
        let program = Program::of(&site, &person).await;
        for path in ["", "/visit", "/household?format=jsonl", "/checklist?format=csv"] {
            let refusal = program.get(&format!("/v1/exports{path}")).await.refusal();
            let said = "your role does not export this; ask a lead".to_owned();
            assert_eq!(refusal, (403, "not_permitted".into(), said), "{role:?} {path}");
        }
    }
    assert_eq!(program.get("/v1/export").await.status, 404, "there is one way");
    assert_eq!(exports(&site).await, 0, "nothing was taken");
}
