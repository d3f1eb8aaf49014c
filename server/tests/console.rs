//! Logging in to the console over real HTTP: who may, what a browser is told to keep, and what no other site,
//! no guesser and no stale cookie can do.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod browser;
mod common;

use browser::{Browser, PASSWORD};
use common::Site;
use gridbook_core::id::PersonId;
use gridbook_core::model::Role;

const MINUTE: i64 = 60 * 1_000;

async fn with_password(site: &Site, name: &str, role: Role) -> PersonId {
    let id = site.person(name, role, &site.community).await;
    let admin = site.server.admin();
    admin.set_console_password(&admin.find_person(id.as_str()).await.unwrap(), PASSWORD).await.unwrap();
    id
}

#[tokio::test]
async fn a_lead_logs_in_looks_and_leaves() {
    let site = Site::open().await;
    with_password(&site, "组长甲", Role::Lead).await;
    let mut browser = Browser::at(&site.running.url());

    let page = browser.get("/console").await;
    assert_eq!(page.status, 303);
    assert_eq!(page.location(), "/console/login?next=%2Fconsole");
    let login = browser.get("/console/login").await;
    assert!(login.text.contains("登录控制台") && login.text.contains("lang=\"zh-CN\""));

    let answer = browser.log_in("组长甲", PASSWORD).await;
    assert_eq!((answer.status, answer.location()), (303, "/console"));
    let cookie = answer.cookie("gridbook-session").unwrap();
    for flag in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(flag), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "plain HTTP could not send it back: {cookie}");

    let today = browser.get("/console").await;
    assert_eq!(today.status, 200);
    assert!(
        today.text.contains("组长甲") && today.text.contains("样例社区") && today.text.contains("第一网格")
    );
    assert_eq!(browser.get("/console/nothing-here").await.status, 404);

    let left = browser.post("/console/logout", &[]).await;
    assert_eq!((left.status, left.location()), (303, "/console/login"));
    assert_eq!(browser.get("/console").await.status, 303);
    // Whoever kept the cookie has nothing.
    browser.remember("gridbook-session", cookie.split(['=', ';']).nth(1).unwrap());
    assert_eq!(
        browser.get("/console").await.status,
        303,
        "the server forgot the session, not only the browser"
    );
}

#[tokio::test]
async fn only_who_has_work_at_the_console_gets_a_password() {
    let site = Site::open().await;
    for role in [Role::Administrator, Role::Auditor] {
        with_password(&site, role.as_str(), role).await;
        let mut browser = Browser::at(&site.running.url());
        assert_eq!(browser.log_in(role.as_str(), PASSWORD).await.status, 303);
        assert_eq!(browser.get("/console").await.status, 200);
    }
    let admin = site.server.admin();
    let worker = site.person("网格员甲", Role::Worker, &site.grid).await;
    let worker = admin.find_person(worker.as_str()).await.unwrap();
    let refused = admin.set_console_password(&worker, PASSWORD).await.unwrap_err();
    assert!(refused.to_string().contains("leads, administrators and auditors"), "{refused}");
    let lead = site.person("组长乙", Role::Lead, &site.grid).await;
    let lead = admin.find_person(lead.as_str()).await.unwrap();
    for poor in ["short", "aaaaaaaaaaaa", &"长".repeat(129)] {
        assert!(admin.set_console_password(&lead, poor).await.is_err(), "{poor}");
    }
    // Two people of one name are told apart by their ids.
    let twin = with_password(&site, "组长乙", Role::Lead).await;
    let mut browser = Browser::at(&site.running.url());
    assert_eq!(browser.log_in("组长乙", PASSWORD).await.status, 401);
    assert_eq!(browser.log_in(twin.as_str(), PASSWORD).await.status, 303);
}

#[tokio::test]
async fn every_answer_forbids_foreign_scripts_frames_and_guesses() {
    let site = Site::open().await;
    with_password(&site, "组长甲", Role::Lead).await;
    let mut browser = Browser::at(&site.running.url());
    browser.log_in("组长甲", PASSWORD).await;
    for path in [
        "/console",
        "/console/login",
        "/console/nothing-here",
        "/console/assets/console.css",
        "/console/today",
    ] {
        let answer = browser.get(path).await;
        let header = |name: &str| answer.headers.get(name).map_or("", |value| value.to_str().unwrap());
        let policy = header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}"
        );
        assert!(!policy.contains("inline") && !policy.contains("eval") && !policy.contains('*'), "{policy}");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "same-origin");
        assert!(
            !answer.text.contains("style=\"") && !answer.text.contains("<script>"),
            "{path}: nothing inline"
        );
        let kept = header("cache-control");
        assert_eq!(kept.contains("no-store"), !path.contains("assets"), "{path}: {kept}");
    }
}

#[tokio::test]
async fn a_form_without_its_proof_changes_nothing() {
    let site = Site::open().await;
    with_password(&site, "组长甲", Role::Lead).await;
    let mut browser = Browser::at(&site.running.url());
    browser.get("/console/login").await;
    let login = [("name", "组长甲"), ("password", PASSWORD)];
    assert_eq!(browser.post_bare("/console/login", &login, &[]).await.status, 401, "no proof at all");
    browser.log_in("组长甲", PASSWORD).await;

    assert_eq!(browser.post_bare("/console/logout", &[], &[]).await.status, 401);
    assert_eq!(browser.post_bare("/console/logout", &[("csrf", "made-up")], &[]).await.status, 401);
    let proof = browser.proof().await;
    for foreign in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site"), ("origin", "null")]
    {
        let answer = browser.post_bare("/console/logout", &[("csrf", &proof)], &[foreign]).await;
        assert_eq!(answer.status, 401, "{foreign:?}");
    }
    // Another session's proof is none.
    let mut other = Browser::at(&site.running.url());
    other.log_in("组长甲", PASSWORD).await;
    let others = other.proof().await;
    assert_eq!(browser.post_bare("/console/logout", &[("csrf", &others)], &[]).await.status, 401);
    assert_eq!(browser.get("/console").await.status, 200, "still logged in");
    let ours = [("origin", site.running.url()), ("sec-fetch-site", "same-origin".into())];
    let ours: Vec<_> = ours.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(browser.post_bare("/console/logout", &[("csrf", &proof)], &ours).await.status, 303);
}

#[tokio::test]
async fn guessing_waits_longer_and_longer_and_a_name_that_is_nobodys_looks_the_same() {
    let site = Site::open().await;
    with_password(&site, "组长甲", Role::Lead).await;
    let mut told = Vec::new();
    for name in ["组长甲", "没有这个人"] {
        let mut browser = Browser::at(&site.running.url());
        let mut answers = Vec::new();
        for _ in 0..7 {
            let answer = browser.log_in(name, "wrong password").await;
            answers.push((answer.status, answer.text.replace(name, "")));
        }
        told.push(answers.into_iter().map(|(status, _)| status).collect::<Vec<_>>());
    }
    assert_eq!(told[0], [401, 401, 401, 401, 401, 401, 429]);
    assert_eq!(told[0], told[1], "who exists is not told");

    let mut browser = Browser::at(&site.running.url());
    let right = browser.log_in("组长甲", PASSWORD).await;
    assert_eq!(right.status, 429, "the right password waits as well");
    assert!(right.headers.contains_key("retry-after"));
    site.clock.forward(31 * 1_000);
    assert_eq!(browser.log_in("组长甲", "wrong again").await.status, 401);
    site.clock.forward(31 * 1_000);
    assert_eq!(browser.log_in("组长甲", PASSWORD).await.status, 429, "the next wait is twice as long");
    site.clock.forward(30 * 1_000);
    assert_eq!(browser.log_in("组长甲", PASSWORD).await.status, 303);
    // The right password clears the count.
    assert_eq!(browser.post("/console/logout", &[]).await.status, 303);
    assert_eq!(browser.log_in("组长甲", "wrong").await.status, 401);
    assert_eq!(browser.log_in("组长甲", PASSWORD).await.status, 303);
}

#[tokio::test]
async fn one_name_from_many_machines_and_many_names_from_one_wait_too() {
    let site = Site::open().await;
    with_password(&site, "组长甲", Role::Lead).await;
    with_password(&site, "组长乙", Role::Lead).await;
    let url = site.running.url();
    for number in 2..23 {
        let answer = Browser::elsewhere(&url, number).log_in("组长甲", "wrong password").await;
        assert_eq!(answer.status, 401, "{number}");
    }
    let right = Browser::elsewhere(&url, 99).log_in("组长甲", PASSWORD).await;
    assert_eq!(right.status, 429, "guessed from 21 machines, the name waits wherever it comes from");
    assert_eq!(
        Browser::elsewhere(&url, 99).log_in("组长乙", PASSWORD).await.status,
        303,
        "and no other does"
    );

    for number in 0..21 {
        let answer = Browser::elsewhere(&url, 100).log_in(&format!("某人{number}"), "wrong password").await;
        assert_eq!(answer.status, 401, "{number}");
    }
    let right = Browser::elsewhere(&url, 100).log_in("组长乙", PASSWORD).await;
    assert_eq!(right.status, 429, "a machine that guessed at 21 names waits with any");
    site.clock.forward(31 * 1_000);
    assert_eq!(Browser::elsewhere(&url, 100).log_in("组长乙", PASSWORD).await.status, 303);
}

#[tokio::test]
async fn behind_a_proxy_that_ends_tls_cookies_are_for_tls_alone() {
    let site = Site::open().await;
    with_password(&site, "组长甲", Role::Lead).await;
    let mut browser = Browser::behind_proxy(&site.running.url());
    let answer = browser.log_in("组长甲", PASSWORD).await;
    assert_eq!(answer.status, 303);
    assert!(answer.cookie("__Host-gridbook-session").unwrap().contains("; Secure"));
    assert!(answer.cookie("gridbook-session").is_none());
    assert_eq!(browser.get("/console").await.status, 200);
}

#[tokio::test]
async fn a_session_ends_when_nobody_is_there_and_at_the_end_of_the_day() {
    let site = Site::open().await;
    with_password(&site, "组长甲", Role::Lead).await;
    let mut browser = Browser::at(&site.running.url());
    browser.log_in("组长甲", PASSWORD).await;
    site.clock.forward(29 * MINUTE);
    assert_eq!(browser.get("/console").await.status, 200);
    site.clock.forward(29 * MINUTE);
    assert_eq!(browser.get("/console").await.status, 200, "looking keeps it");
    // What a page asks for by itself does not.
    for _ in 0..2 {
        site.clock.forward(14 * MINUTE);
        assert_eq!(browser.get_live("/console/today").await.status, 200);
    }
    site.clock.forward(3 * MINUTE);
    assert_eq!(browser.get_live("/console/today").await.status, 401);
    assert_eq!(browser.get("/console").await.status, 303);

    browser.log_in("组长甲", PASSWORD).await;
    for _ in 0..35 {
        site.clock.forward(20 * MINUTE);
        assert_eq!(browser.get("/console").await.status, 200);
    }
    site.clock.forward(20 * MINUTE);
    assert_eq!(browser.get("/console").await.status, 303, "twelve hours are enough");
}

#[tokio::test]
async fn who_loses_their_part_is_out_at_the_next_request() {
    let site = Site::open().await;
    let admin = site.server.admin();
    let lead = with_password(&site, "组长甲", Role::Lead).await;
    let person = admin.find_person(lead.as_str()).await.unwrap();
    let mut browser = Browser::at(&site.running.url());

    browser.log_in("组长甲", PASSWORD).await;
    admin.set_console_password(&person, "另一个口令，也够长了").await.unwrap();
    assert_eq!(browser.get("/console").await.status, 303, "a new password ends old sessions");

    browser.log_in("组长甲", "另一个口令，也够长了").await;
    admin.revoke_grant(&lead, Role::Lead, &site.community).await.unwrap();
    assert_eq!(browser.get("/console").await.status, 303, "no role, no seat");
    admin.grant(&lead, Role::Lead, &site.community).await.unwrap();
    assert_eq!(browser.get("/console").await.status, 200);

    let devices = admin.roll().await.unwrap().devices;
    let console: Vec<_> = devices.iter().filter(|device| device.person == lead).collect();
    assert_eq!(console.len(), 1, "a new password keeps the device");
    admin.revoke_device(&console[0].id).await.unwrap();
    assert_eq!(browser.get("/console").await.status, 303);
    assert_eq!(browser.log_in("组长甲", "另一个口令，也够长了").await.status, 401);
    admin.set_console_password(&person, PASSWORD).await.unwrap();
    assert_eq!(browser.log_in("组长甲", PASSWORD).await.status, 303, "a new password brings a new device");

    admin.dismiss(&lead).await.unwrap();
    assert_eq!(browser.get("/console").await.status, 303);
    assert_eq!(browser.log_in("组长甲", PASSWORD).await.status, 401);
}

#[tokio::test]
async fn language_and_text_are_chosen_and_kept() {
    let site = Site::open().await;
    with_password(&site, "组长甲", Role::Lead).await;
    let mut browser = Browser::at(&site.running.url());
    browser.log_in("组长甲", PASSWORD).await;
    let back = ("back", "/console");
    let set = browser.post("/console/settings", &[("set", "language"), ("to", "en"), back]).await;
    assert_eq!((set.status, set.location()), (303, "/console"));
    browser
        .post("/console/settings", &[("set", "text"), ("to", "large"), ("back", "https://evil.example/")])
        .await;
    let page = browser.get("/console").await;
    assert!(page.text.contains("lang=\"en\"") && page.text.contains("Came in today"));
    assert!(page.text.contains("class=\"large\""));
    let set = browser
        .post("/console/settings", &[("set", "language"), ("to", "zh"), ("back", "//evil.example")])
        .await;
    assert_eq!(set.location(), "/console", "nobody is sent elsewhere");
    assert!(browser.get("/console").await.text.contains("今日收到"));
}
