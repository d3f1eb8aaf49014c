//! Stories of a lead who reads the day over HTTP, and of one who may not.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod common;

use common::{DAY, Site, diary, visit};
use gridbook_core::model::{Household, Mark, Review, Role, ScopeKind};
use gridbook_core::sync::protocol::Receipt;
use serde_json::Value;

async fn get(site: &Site, token: &str, query: &str) -> (u16, Value) {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = http.get(format!("{}/v1/records{query}", site.running.url()));
    let answer = request.header("authorization", format!("Bearer {token}")).send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or(Value::Null))
}

fn notes(page: &Value) -> Vec<String> {
    let text = |record: &Value| {
        let content = &record["content"];
        content["note"].as_str().or(content["text"].as_str()).unwrap_or_default().to_owned()
    };
    page["records"].as_array().unwrap().iter().map(text).collect()
}

#[tokio::test]
async fn a_lead_reads_the_day_and_only_what_is_theirs() {
    let site = Site::open().await;
    let admin = site.server.admin();
    let grid = site.grid.clone();
    let other_grid = admin.add_scope(&site.community, ScopeKind::Grid, "第二网格").await.unwrap();
    let lead = site.person("样例组长", Role::Lead, &grid).await;
    let token = admin.token(&lead, "台账", 30).await.unwrap();
    let stranger = site.person("他网格组长", Role::Lead, &other_grid).await;
    let stranger = admin.token(&stranger, "台账", 30).await.unwrap();

    let mut worker = site.worker("样例甲").await;
    let mut hazards = visit("早上");
    hazards.hazards = ["gas", "blocked_escape"].into_iter().collect();
    let (first, change) = worker.begin(hazards);
    worker.push(&grid, &[(first, change)]).await;
    site.clock.forward(60_000);
    let later = worker.begin(visit("晚些"));
    site.clock.forward(60_000);
    let note = worker.begin(diary("2026-11-23", "今天走访两户"));
    worker.push(&grid, &[later, note]).await;
    site.clock.forward(DAY);
    let tomorrow = worker.begin(visit("次日"));
    worker.push(&grid, &[tomorrow]).await;

    let (status, page) = get(&site, &token, "?date=2026-11-23").await;
    assert_eq!(status, 200);
    assert_eq!(page["records"].as_array().unwrap().len(), 3);
    let (_, page) = get(&site, &token, "?date=2026-11-23&kind=visit").await;
    assert_eq!(notes(&page), ["晚些", "早上"], "newest first");
    let record = &page["records"][1];
    assert_eq!(record["author_name"], "样例甲");
    assert_eq!(record["scope"], grid.as_str());
    assert_eq!(record["content"]["hazards"], serde_json::json!(["blocked_escape", "gas"]), "sets are arrays");
    assert_eq!(record["review"], Value::Null);

    // Page by page, each record once.
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let (_, page) = get(&site, &token, &format!("?limit=1{after}")).await;
        seen.extend(notes(&page));
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(seen, ["次日", "今天走访两户", "晚些", "早上"]);
    let (_, page) = get(&site, &token, &format!("?author={}", worker.person)).await;
    assert_eq!(page["records"].as_array().unwrap().len(), 4);

    // The lead's mark shows, and is out of date after an edit.
    let mut phone = site.phone_of(&lead).await;
    phone.sync(&[]).await;
    let covers = phone.documents[&first].version().fingerprint();
    let review = Review { subject: first, mark: Some(Mark::Returned), note: "补充".into(), covers };
    let review = phone.begin(review);
    phone.push(&grid, &[review]).await;
    let (_, page) = get(&site, &token, "?date=2026-11-23&kind=visit").await;
    assert_eq!(page["records"][1]["review"]["mark"], "returned");
    assert_eq!(page["records"][1]["review"]["current"], true);
    let edit = worker.edit(first, "note", "早上，已补充");
    worker.push(&grid, &[(first, edit)]).await;
    let (_, page) = get(&site, &token, "?date=2026-11-23&kind=visit").await;
    assert_eq!(page["records"][1]["review"]["current"], false);
    assert_eq!(notes(&page)[1], "早上，已补充");

    let readings = async || site.server.service().database().counts().await.unwrap().audited;
    let before = readings().await;
    get(&site, &token, "?date=2026-11-23&kind=visit").await;
    assert_eq!(readings().await, before + 1, "it is written down who looked");

    // The other grid's lead sees nothing of it, not even that the grid is there.
    let (status, page) = get(&site, &stranger, "").await;
    assert_eq!((status, page["records"].as_array().unwrap().len()), (200, 0));
    let hidden = get(&site, &stranger, &format!("?grid={grid}")).await;
    assert_eq!(hidden.0, 404);
    assert_eq!(hidden, get(&site, &stranger, "?grid=snothing0").await, "the same as for none at all");
    assert_eq!(readings().await, before + 1, "nothing was shown");
    let member = site.person("样例组员", Role::Member, &site.group("安全防范").await).await;
    let member = admin.token(&member, "台账", 30).await.unwrap();
    assert_eq!(notes(&get(&site, &member, "").await.1).len(), 0);
}

#[tokio::test]
async fn a_query_is_understood_or_refused_by_name() {
    let site = Site::open().await;
    let lead = site.person("样例组长", Role::Lead, &site.community).await;
    let token = site.server.admin().token(&lead, "台账", 1).await.unwrap();
    for (query, named) in [
        ("?kind=poem", "kind: one of household, visit"),
        ("?date=yesterday", "date: a day such as"),
        ("?limit=0", "limit: a number from 1 to 200"),
        ("?limit=201", "limit: a number from 1 to 200"),
        ("?after=here", "after: the next of an earlier page"),
        ("?colour=red", "colour: no such parameter"),
    ] {
        let (status, body) = get(&site, &token, query).await;
        assert_eq!(status, 400, "{query}");
        assert!(body["detail"].as_str().unwrap().starts_with(named), "{query}: {body}");
    }
    assert_eq!(get(&site, "gb_wrong", "").await.0, 401);
    let id = site.server.admin().roll().await.unwrap().tokens[0].id();
    assert!(site.server.admin().revoke_token(&id).await.unwrap());
    assert_eq!(get(&site, &token, "").await.0, 401);
    let second = site.server.admin().token(&lead, "台账", 1).await.unwrap();
    assert_eq!(get(&site, &second, "").await.0, 200);
    site.clock.forward(DAY);
    assert_eq!(get(&site, &second, "").await.0, 401, "expired");
}

#[tokio::test]
async fn health_and_metrics_tell_how_it_goes() {
    let site = Site::open().await;
    let mut worker = site.worker("样例甲").await;
    let change = worker.begin(visit("一"));
    worker.push(&site.grid, &[change]).await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let text = async |path: &str| {
        let answer = http.get(format!("{}{path}", site.running.url())).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    assert_eq!(text("/healthz").await, (200, "ok\n".into()));
    let (_, metrics) = text("/metrics").await;
    for line in [
        "gridbook_changes_total{outcome=\"accepted\"} 1",
        "gridbook_devices 1",
        "gridbook_log_entries 1",
        "gridbook_requests_total{route=\"/v1/sync\",status=\"200\"} 1",
        "gridbook_request_seconds_count{route=\"/v1/enrol\"} 1",
    ] {
        assert!(metrics.contains(line), "{line} is missing in\n{metrics}");
    }
    assert!(!metrics.contains("样例"), "no names");
    assert_eq!(text("/v1/nothing").await.0, 404);
}

#[tokio::test]
async fn a_mark_is_shown_to_those_who_may_read_it() {
    let site = Site::open().await;
    let mut worker = site.worker("样例甲").await;
    let home = Household { dwelling: "3-1-501".parse().ok(), class: "red".into(), ..Household::default() };
    let (id, begun) = worker.begin(home);
    worker.push(&site.grid, &[(id, begun)]).await;
    let person = site.person("样例组长", Role::Lead, &site.community).await;
    let mut lead = site.phone_of(&person).await;
    lead.sync(&[]).await;
    let review =
        Review { subject: id, mark: Some(Mark::Returned), note: "再去一次".into(), ..Review::default() };
    let mark = lead.begin(review);
    assert!(matches!(lead.push(&site.grid, &[mark]).await[..], [Receipt::Accepted(_)]));
    let other = site.person("样例管理员", Role::Administrator, &site.community).await;
    for (person, sees) in [(person, true), (other, false)] {
        let token = site.server.admin().token(&person, "台账", 1).await.unwrap();
        let (status, page) = get(&site, &token, "?kind=household").await;
        assert_eq!((status, page.to_string().contains("再去一次")), (200, sees), "{page}");
    }
}
