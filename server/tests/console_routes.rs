//! Every address of the console, asked by everybody: who is nobody, an auditor, a lead, an administrator, and a lead of
//! another grid, who must find there neither what the table denies nor a word of what is not theirs. A new address
//! without a row fails.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod browser;
mod common;

use std::collections::BTreeSet;

use browser::Browser;
use common::{Site, visit};
use gridbook_core::model::{Household, Role, ScopeKind, Template, TemplateItem};

/// Stands in everything that the other grid's lead may not see.
const MARK: &str = "只归第一网格";
const ROUTES: &str = include_str!("../src/console/mod.rs");

/// What each is answered, written out by hand: 303 is the way to the login.
const TABLE: &str = "
                                                        nobody auditor lead administrator other-lead
get  /console                                           303    200     200  200           200
get  /console/today                                     303    200     200  200           200
get  /console/diary?grid={grid}&day=2026-11-23          303    200     200  404           404
get  /console/diary/part?grid={grid}&day=2026-11-23     303    200     200  404           404
get  /console/diary/sheet?grid={grid}&day=2026-11-23    303    200     200  404           404
post /console/diary/mark                                401    401     401  401           401
post /console/diary/mark-all                            401    401     401  401           401
post /console/diary/take-back                           401    401     401  401           401
get  /console/queue                                     303    200     200  200           200
get  /console/records/{home}                            303    200     200  200           404
get  /console/records/{visit}                           303    200     200  404           404
get  /console/records/{template}                        303    200     200  200           404
post /console/records/{home}/choose                     401    401     401  401           401
get  /console/records/{home}/reveal?field=phone         303    404     200  404           404
post /console/records/{home}/reveal                     401    401     401  401           401
get  /console/ledgers                                   303    200     200  200           200
post /console/ledgers/file                              401    401     401  401           401
get  /console/people                                    303    200     200  200           200
get  /console/people/box                                303    200     200  200           200
post /console/people/deed                               401    401     401  401           401
get  /console/people/{worker}                           303    404     200  200           404
post /console/people/{worker}/invite                    401    401     401  401           401
get  /console/hand-over                                 303    200     200  200           200
post /console/hand-over                                 401    401     401  401           401
get  /console/lists                                     303    200     200  200           200
get  /console/lists/part                                303    200     200  200           200
post /console/lists/begin                               401    401     401  401           401
post /console/templates                                 401    401     401  401           401
get  /console/templates/new                             303    200     200  200           200
post /console/templates/end                             401    401     401  401           401
get  /console/templates/{template}                      303    403     200  200           404
get  /console/templates/{template}/i1                   303    403     200  200           404
post /console/templates/{template}/i1                   401    401     401  401           401
get  /console/account                                   303    200     200  200           200
get  /console/account/factor                            303    200     200  200           200
post /console/account/factor                            401    401     401  401           401
post /console/account/factor/remove                     401    401     401  401           401
get  /console/visits                                    303    200     200  200           200
get  /console/visits/building?grid={grid}&building=3    303    200     200  404           404
get  /console/households/{home}                         303    200     200  200           404
get  /console/fraud                                     303    200     200  200           200
get  /console/figures                                   303    200     200  200           200
get  /console/records                                   303    200     200  200           200
get  /console/no-such-page                              303    404     404  404           404
get  /console/login                                     200    303     303  303           303
post /console/login                                     401    401     401  401           401
post /console/settings                                  401    401     401  401           401
get  /console/assets/live.js                            200    200     200  200           200
post /console/logout                                    401    401     401  401           401
";

/// A stream without an end: `console_pages.rs` reads it.
const ELSEWHERE: [&str; 1] = ["get /console/events"];

/// The addresses with their ways to ask, as the router has them.
fn routes() -> BTreeSet<String> {
    let lines = ROUTES.lines().filter_map(|line| line.trim().strip_prefix(".route(\""));
    let ways = lines.flat_map(|line| {
        let (path, handlers) = line.split_once('"').unwrap();
        let ways = [("get", "get("), ("post", "post("), ("get", "any(")];
        let ways = ways.into_iter().filter(|(_, call)| handlers.contains(call));
        ways.map(|(way, _)| format!("{way} {path}")).collect::<Vec<_>>()
    });
    ways.collect()
}

/// True if a row asks at this address.
fn asks_at(row: &str, route: &str) -> bool {
    let row = row.split('?').next().unwrap();
    let (row, route): (Vec<_>, Vec<_>) = (row.split('/').collect(), route.split('/').collect());
    let fits = |(part, named): (&&str, &&str)| part == named || named.starts_with('{');
    row.len() == route.len() && row.iter().zip(&route).all(fits)
}

#[tokio::test]
async fn every_address_answers_everybody_as_the_table_says() {
    let site = Site::open().await;
    let (community, grid, group) = (site.community.clone(), site.grid.clone(), site.group("安全防范").await);
    let second = site.server.admin().add_scope(&community, ScopeKind::Grid, "第二网格").await.unwrap();
    for (name, role, scope) in [
        ("审计员甲", Role::Auditor, &community),
        ("组长甲", Role::Lead, &community),
        ("管理员甲", Role::Administrator, &community),
        ("组长乙", Role::Lead, &second),
    ] {
        site.person(name, role, scope).await;
    }
    let mut browsers = vec![Browser::at(&site.running.url())];
    for name in ["审计员甲", "组长甲", "管理员甲", "组长乙"] {
        browsers.push(Browser::of(&site.server, &site.running.url(), name).await);
    }
    let worker = site.person(&format!("网格员{MARK}"), Role::Worker, &grid).await;
    site.server.admin().grant(&worker, Role::Lead, &group).await.unwrap();
    let mut phone = site.phone_of(&worker).await;
    let (home, begun) = phone.begin(Household {
        dwelling: "3-1-501".parse().ok(),
        contact: MARK.into(),
        phone: "13800001234".into(),
        note: MARK.into(),
        ..Household::default()
    });
    phone.push(&grid, &[(home, begun)]).await;
    let (visited, begun) = phone.begin(visit(MARK));
    phone.push(&grid, &[(visited, begun)]).await;
    let item = TemplateItem { title: MARK.into(), ..TemplateItem::default() };
    let (template, begun) = phone.begin(Template {
        title: MARK.into(),
        group: group.clone(),
        items: [("i1".to_owned(), item)].into(),
        ..Template::default()
    });
    phone.push(&group, &[(template, begun)]).await;

    let rows = || TABLE.lines().skip(2).filter(|line| !line.trim().is_empty());
    let asked: Vec<String> =
        rows().map(|row| row.split_whitespace().take(2).collect::<Vec<_>>().join(" ")).collect();
    let missing: Vec<String> = routes()
        .into_iter()
        .filter(|route| !ELSEWHERE.contains(&route.as_str()) && !asked.iter().any(|row| asks_at(row, route)))
        .collect();
    assert!(missing.is_empty(), "addresses without a row: {missing:?}");

    let (mut wrong, mut seen_by_lead) = (Vec::new(), 0);
    for row in rows() {
        let mut words = row.split_whitespace();
        let (way, path) = (words.next().unwrap(), words.next().unwrap());
        let expected: Vec<u16> = words.map(|word| word.parse().unwrap()).collect();
        let mut path = path.to_owned();
        for (name, id) in [
            ("{grid}", grid.to_string()),
            ("{home}", home.to_string()),
            ("{visit}", visited.to_string()),
            ("{template}", template.to_string()),
            ("{worker}", worker.to_string()),
        ] {
            path = path.replace(name, &id);
        }
        let mut answered = Vec::new();
        for (who, browser) in browsers.iter_mut().enumerate() {
            let answer = match way {
                "get" => browser.get(&path).await,
                // A form without the proof of a page of ours.
                _ => browser.post_bare(&path, &[], &[]).await,
            };
            let told = answer.text.contains(MARK);
            assert!(!told || who != 0, "{path}: told to nobody in particular");
            assert!(!told || who != 4, "{path}: told to another grid's lead");
            assert!(
                answer.status != 303 || who != 0 || answer.location().starts_with("/console/login"),
                "{path}"
            );
            seen_by_lead += usize::from(told && who == 2);
            answered.push(answer.status);
        }
        if answered != expected {
            wrong.push(format!("{row}\n     answered {answered:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen_by_lead >= 8, "the mark is on {seen_by_lead} of the lead's pages");
}
