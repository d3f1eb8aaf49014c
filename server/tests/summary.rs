//! `/v1/summary`: what the console's pages of figures and of outreach say, as numbers, and nothing of a person.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod api;
mod common;

use api::{Program, one_of_each};
use common::{DAY, Site, visit};
use gridbook_core::model::{Role, ScopeKind};
use serde_json::{Value, json};

#[tokio::test]
async fn a_report_is_told_what_the_pages_say_and_nobody_by_name() {
    let site = Site::open().await;
    let group = site.group("安全防范").await;
    let lead = site.person("组长甲", Role::Lead, &site.community).await;
    let (mut worker, mut phone) = (site.worker("网格员甲").await, site.phone_of(&lead).await);
    let earlier = worker.begin(visit("一年前"));
    site.clock.forward(-365 * DAY);
    let long_ago = worker.begin(visit("去年"));
    site.clock.forward(365 * DAY);
    worker.push(&site.grid, &[earlier, long_ago]).await;
    one_of_each(&site.grid, &group, &mut worker, &mut phone).await;
    let program = Program::of(&site, &lead).await;

    let told = program.get("/v1/summary?from=2026-11-01").await;
    let summary = told.json();
    assert_eq!(summary["period"], json!({ "from": "2026-11-01", "to": "2026-11-23" }));
    assert_eq!(summary["before"], json!({ "from": "2025-11-01", "to": "2025-11-23" }));
    assert_eq!(summary["households"], 1);
    let outreach = json!({ "events": 1, "people": 34, "households": 1 });
    let done = json!({
        "visits": 2, "met": 2, "households_visited": 2, "outreach": outreach, "items_done": 1, "items": 1,
    });
    assert_eq!(summary["done"], done);
    assert_eq!(summary["done_before"]["visits"], 1);
    let incident = |name: &str| {
        let all = summary["incidents"].as_array().unwrap();
        all.iter().find(|one| one["name"] == name).cloned().unwrap_or_default()
    };
    let gas = json!({
        "kind": "visit", "field": "hazards", "name": "gas", "now": 1, "before": 0,
        "now_imported": false, "before_imported": false,
    });
    assert_eq!(incident("gas"), gas);
    assert_eq!(incident("safety")["field"], "category");
    let coverage = &summary["coverage"];
    assert_eq!(coverage["all"], outreach);
    let place = json!({ "grid": site.grid, "building": null, "households": 1, "reached": 1 });
    assert!(coverage["places"].as_array().unwrap().contains(&place), "{coverage}");
    assert_eq!(coverage["fraud_types"][0]["code"], "loan");
    assert_eq!(coverage["fraud_types"][0]["outreach"], outreach);
    let parts = coverage["parts"].as_array().unwrap();
    assert_eq!(parts.len(), 5, "week by week");
    assert_eq!(parts[4]["period"], json!({ "from": "2026-11-23", "to": "2026-11-23" }));
    assert_eq!(coverage["fraud_types"][0]["events"], json!([0, 0, 0, 0, 1]));
    for word in ["组长甲", "网格员甲", lead.as_str(), worker.person.as_str(), "138", "3-1-501"] {
        assert!(!told.text().contains(word), "{word}");
    }

    let one = program.get(&format!("/v1/summary?grid={}", site.grid)).await.json();
    assert_eq!(one["period"]["from"], "2026-01-01", "this year, if nothing is said");
    assert_eq!(one["grids"], json!([{ "id": site.grid, "name": "第一网格" }]));
    assert_eq!(one["done"]["items"], 0, "lists are of groups");
    assert_eq!(one["coverage"]["places"][0]["building"], "3");
    let month = program.get("/v1/summary?from=2025-11-09&to=2025-11-10").await.json();
    assert_eq!(month["period"], json!({ "from": "2025-11-01", "to": "2025-11-30" }), "whole months");
    assert_eq!(month["done"]["visits"], 1);
    assert_eq!(month["done"]["visits"], summary["done_before"]["visits"]);
}

#[tokio::test]
async fn a_period_is_understood_or_refused_and_a_grid_is_theirs_or_not_there() {
    let site = Site::open().await;
    let second = site.server.admin().add_scope(&site.community, ScopeKind::Grid, "第二网格").await.unwrap();
    let lead = site.person("组长乙", Role::Lead, &second).await;
    let program = Program::of(&site, &lead).await;
    for (query, detail) in [
        ("from=2026", "from: a day such as 2026-11-23"),
        ("to=2026-02-30", "to: a day such as 2026-11-23"),
        ("from=2026-11-24", "from: a day that is not after to, which is today if nothing is said"),
        ("from=2025-11-30", "from: within the twelve months that end with to"),
        ("scope=s1", "scope: no such parameter; known are grid, from, to"),
    ] {
        let refusal = program.get(&format!("/v1/summary?{query}")).await.refusal();
        assert_eq!(refusal, (400, "bad_request".into(), detail.into()), "{query}");
    }
    assert_eq!(program.get("/v1/summary?from=2025-12-01").await.status, 200, "twelve months");
    let foreign = program.get(&format!("/v1/summary?grid={}", site.grid)).await.refusal();
    assert_eq!(foreign.0, 404);
    assert_eq!(foreign, program.get("/v1/summary?grid=snothing0").await.refusal());
    assert_eq!(program.without_token("/v1/summary").await.refusal().0, 401);

    let mut worker = site.worker("网格员甲").await;
    let change = worker.begin(visit("一"));
    worker.push(&site.grid, &[change]).await;
    let grids = |summary: &Value| summary["grids"].as_array().unwrap().len();
    let own = program.get("/v1/summary").await.json();
    assert_eq!((grids(&own), &own["done"]["visits"]), (1, &json!(0)), "only their own grid is counted");
    let admin = site.person("管理员甲", Role::Administrator, &site.community).await;
    let none = Program::of(&site, &admin).await.get("/v1/summary").await.json();
    assert_eq!((grids(&none), &none["done"]["visits"]), (0, &json!(0)), "who reads no visits counts none");
}
