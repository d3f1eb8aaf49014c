//! What one may not see is answered like what is not there, whatever path is asked with its id, and in a time that does
//! not tell them apart. Who asks has every right there is, in another community.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod asker;
mod browser;
mod common;

use std::time::{Duration, Instant};

use asker::{Api, Asker, Console, unbounded};
use common::{Site, diary, visit};
use gridbook_core::clock::Surroundings;
use gridbook_core::id::{DeviceId, PersonId, RecordId, ScopeId};
use gridbook_core::model::{
    Checklist, Content, Household, Mark, Recurrence, Review, Role, ScopeKind, Template, TemplateItem,
};
use gridbook_core::sync::protocol::Receipt;

/// Probes of each path by each lane: together 50,000 and some more.
const API_PROBES: usize = 210;
const CONSOLE_PROBES: usize = 6;
const LANES: usize = 20;
const PROBES: usize = 50_000;

/// Whose id a path takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Id {
    Record,
    Scope,
    Person,
    Device,
}
use Id::{Device, Person, Record, Scope};

/// Method, path, form or body, whose id stands at `{}`, and what is answered where there is nothing. `{own}` is a grid
/// of the asker's, `{me}` the asker.
type Path = (&'static str, &'static str, &'static str, Id, u16);

/// The leads' API.
const API: &[Path] = &[
    ("GET", "/v1/records/{}", "", Record, 404),
    ("GET", "/v1/records/{}/history", "", Record, 404),
    ("POST", "/v1/records/{}/reveal", r#"{"reason":"回电核实"}"#, Record, 404),
    ("GET", "/v1/records?grid={}", "", Scope, 404),
    ("GET", "/v1/records?author={}", "", Person, 200),
    ("GET", "/v1/summary?grid={}", "", Scope, 404),
    ("GET", "/v1/exports?scope={}", "", Scope, 404),
    ("GET", "/v1/exports/visit?scope={}", "", Scope, 404),
    ("POST", "/v1/hand-over", r#"{"from":"{}","to":"{own}","all":true}"#, Scope, 404),
    ("POST", "/v1/hand-over", r#"{"from":"{own}","to":"{}","all":true}"#, Scope, 404),
    ("POST", "/v1/hand-over", r#"{"from":"{own}","to":"{second}","households":["{}"]}"#, Record, 400),
];

/// The console.
const CONSOLE: &[Path] = &[
    ("GET", "/console/records/{}", "", Record, 404),
    ("POST", "/console/records/{}/choose", "version=0&field=note&place=0", Record, 404),
    ("POST", "/console/records/{}/choose", "version=0&field=note&place=0&confirmed=1", Record, 404),
    ("GET", "/console/records/{}/reveal?field=phone", "", Record, 404),
    ("POST", "/console/records/{}/reveal", "field=phone&reason=contact", Record, 404),
    ("GET", "/console/households/{}", "", Record, 404),
    ("POST", "/console/diary/mark", "record={}&version=0&mark=seen", Record, 404),
    ("POST", "/console/diary/mark-all", "grid={}&day=2026-11-23&upto=1", Scope, 404),
    ("POST", "/console/diary/take-back", "review={}", Record, 404),
    ("GET", "/console/templates/{}", "", Record, 404),
    ("GET", "/console/templates/{}/i1", "", Record, 404),
    ("POST", "/console/templates/{}/i1", "version=0", Record, 404),
    ("POST", "/console/templates/{}/i1", "version=0&asked={me}&confirmed=1", Record, 404),
    ("POST", "/console/templates/end", "id={}&version=0", Record, 404),
    ("POST", "/console/templates/end", "id={}&version=0&reason=停用&confirmed=1", Record, 404),
    ("POST", "/console/lists/begin", "template={}", Record, 404),
    ("POST", "/console/lists/begin", "template={}&confirmed=1", Record, 404),
    ("GET", "/console/records?grid={}", "", Scope, 404),
    ("GET", "/console/diary?grid={}", "", Scope, 404),
    ("GET", "/console/diary/part?grid={}", "", Scope, 404),
    ("GET", "/console/diary/sheet?grid={}", "", Scope, 404),
    ("GET", "/console/queue?grid={}", "", Scope, 404),
    ("GET", "/console/visits?grid={}", "", Scope, 404),
    ("GET", "/console/visits/building?grid={}&building=3", "", Scope, 404),
    ("GET", "/console/fraud?grid={}", "", Scope, 404),
    ("GET", "/console/figures?grid={}", "", Scope, 404),
    ("GET", "/console/lists?group={}", "", Scope, 404),
    ("GET", "/console/lists/part?group={}", "", Scope, 404),
    ("GET", "/console/ledgers?scope={}", "", Scope, 404),
    ("POST", "/console/ledgers/file", "kind=visit&format=csv&scope={}", Scope, 404),
    ("GET", "/console/hand-over?from={}", "", Scope, 404),
    ("POST", "/console/hand-over", "from={}&to={own}&what=all&why=staff", Scope, 404),
    ("POST", "/console/hand-over", "from={own}&to={}&what=all&why=staff&confirmed=1", Scope, 404),
    ("GET", "/console/people?scope={}", "", Scope, 404),
    ("POST", "/console/people/deed", "deed=add&name=某人&role=worker&scope={}&confirmed=1", Scope, 404),
    ("POST", "/console/people/deed", "deed=grant&person={me}&role=worker&scope={}&confirmed=1", Scope, 404),
    ("GET", "/console/people/{}", "", Person, 404),
    ("POST", "/console/people/{}/invite", "days=7&address=http://127.0.0.1:1", Person, 404),
    ("POST", "/console/people/deed", "deed=dismiss&person={}", Person, 404),
    ("POST", "/console/people/deed", "deed=dismiss&person={}&confirmed=1", Person, 404),
    ("POST", "/console/people/deed", "deed=revoke_invites&person={}&confirmed=1", Person, 404),
    ("POST", "/console/people/deed", "deed=revoke_phone&person={me}&device={}&confirmed=1", Device, 404),
    ("POST", "/console/people/deed", "deed=release&person={me}&device={}&confirmed=1", Device, 404),
    ("POST", "/console/people/deed", "deed=accept_box&person={me}&device={}&confirmed=1", Device, 404),
];

/// What is there, and not for the asker.
#[derive(Clone, Default)]
struct Unseen {
    records: Vec<RecordId>,
    scopes: Vec<ScopeId>,
    people: Vec<PersonId>,
    devices: Vec<DeviceId>,
}

impl Unseen {
    /// One community with a day's records of every kind, a thousand of them.
    async fn of(site: &Site) -> Self {
        let group = site.group("安全防范").await;
        let lead = site.person("组长", Role::Lead, &site.community).await;
        let mut lead = site.phone_of(&lead).await;
        let mut worker = site.worker("样例甲").await;
        let mut unseen = Self {
            scopes: vec![site.community.clone(), site.grid.clone(), group.clone()],
            people: vec![lead.person.clone(), worker.person.clone()],
            devices: vec![lead.device.clone(), worker.device.clone()],
            ..Self::default()
        };
        for batch in 0..4 {
            let visits = (0..247).map(|n| worker.begin(visit(&format!("第{batch}-{n}户"))));
            let mut changes: Vec<_> = visits.collect();
            changes.push(worker.begin(diary("2026-11-23", "今日巡查")));
            changes.push(worker.begin(Household {
                dwelling: format!("3-1-{batch}01").parse().ok(),
                ..Household::default()
            }));
            unseen.records.extend(changes.iter().map(|(id, _)| *id));
            let mut receipts = worker.push(&site.grid, &changes).await;
            let item = TemplateItem { title: "查".into(), ..TemplateItem::default() };
            let template = Template {
                title: "清单".into(),
                group: group.clone(),
                recurs: Some(Recurrence::Daily),
                items: [("a1".to_owned(), item)].into(),
                ..Template::default()
            };
            let list = Checklist { title: "清单".into(), group: group.clone(), ..Checklist::default() };
            let lists = [lead.begin(template), lead.begin(list)];
            let (note, subject) = ("好".to_owned(), changes[0].0);
            let review: Content =
                Review { subject, mark: Some(Mark::Seen), note, covers: String::new() }.into();
            let reviews = [lead.begin(review)];
            unseen.records.extend(lists.iter().chain(&reviews).map(|(id, _)| *id));
            receipts.extend(lead.push(&group, &lists).await);
            receipts.extend(lead.push(&site.grid, &reviews).await);
            assert!(receipts.iter().all(|receipt| matches!(receipt, Receipt::Accepted(_))), "{receipts:?}");
        }
        unseen
    }

    /// One of these, or one that is nobody's.
    fn pick(&self, id: Id, number: usize, exists: bool, surroundings: &Surroundings) -> String {
        fn one<T: ToString>(known: &[T], number: usize) -> String {
            known[number % known.len()].to_string()
        }
        match (id, exists) {
            (Record, true) => one(&self.records, number),
            (Scope, true) => one(&self.scopes, number),
            (Person, true) => one(&self.people, number),
            (Device, true) => one(&self.devices, number),
            (Record, false) => RecordId::new(surroundings).to_string(),
            (Scope, false) => ScopeId::new(surroundings).to_string(),
            (Person, false) => PersonId::new(surroundings).to_string(),
            (Device, false) => DeviceId::new(surroundings).to_string(),
        }
    }
}

/// Who asks: administrator, lead and auditor of another community.
struct Stranger {
    asker: Asker,
    own: ScopeId,
    second: ScopeId,
}

impl Stranger {
    async fn of(site: &Site) -> Self {
        let admin = site.server.admin();
        let elsewhere = admin.add_community("另一社区").await.unwrap();
        let own = admin.add_scope(&elsewhere, ScopeKind::Grid, "他网格").await.unwrap();
        let second = admin.add_scope(&elsewhere, ScopeKind::Grid, "他二网格").await.unwrap();
        let roles = [Role::Lead, Role::Administrator, Role::Auditor].map(|role| (role, &elsewhere));
        Self { asker: Asker::new(site, "他社区组长", &roles).await, own, second }
    }
}

/// What one lane of probes asks with.
#[derive(Clone)]
struct Lane {
    api: Api,
    console: Console,
    own: String,
    second: String,
    me: String,
}

impl Lane {
    fn of(stranger: &Stranger) -> Self {
        Self {
            api: stranger.asker.api.clone(),
            console: stranger.asker.browser.clone(),
            own: stranger.own.to_string(),
            second: stranger.second.to_string(),
            me: stranger.asker.phone.person.to_string(),
        }
    }

    /// Asks a path with an id; the answer, the id taken out of it.
    async fn ask(&mut self, (method, path, body, ..): Path, id: &str) -> (u16, String) {
        let fill = |text: &str| {
            let text = text.replace("{own}", &self.own).replace("{second}", &self.second);
            text.replace("{me}", &self.me).replace("{}", id)
        };
        let (path, body) = (fill(path), fill(body));
        let (status, text) = match (path.starts_with("/console"), method) {
            (false, "GET") => self.api.get(&path).await,
            (false, _) => self.api.post(&path, body).await,
            (true, "GET") => {
                let page = self.console.get(&path).await;
                (page.status, page.text)
            }
            (true, _) => {
                let fields: Vec<_> = body.split('&').filter_map(|pair| pair.split_once('=')).collect();
                let page = self.console.post(&path, &fields).await;
                (page.status, page.text)
            }
        };
        (status, text.replace(id, ""))
    }
}

#[test]
fn every_path_with_an_id_is_probed() {
    for (source, probed) in
        [(include_str!("../src/router.rs"), API), (include_str!("../src/console/mod.rs"), CONSOLE)]
    {
        let routes = source.split("route(\"").skip(1).filter_map(|rest| rest.split('"').next());
        let with_id = routes.filter(|route| route.contains("{id}"));
        let with_id: Vec<String> =
            with_id.map(|route| route.replace("{id}", "{}").replace("{item}", "i1")).collect();
        assert!(with_id.len() >= 3, "{with_id:?}");
        for route in with_id {
            assert!(probed.iter().any(|(_, path, ..)| *path == route), "{route} is not probed");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_may_not_see_is_answered_like_what_is_not_there() {
    let site = Site::open_with(unbounded()).await;
    let unseen = Unseen::of(&site).await;
    let stranger = Stranger::of(&site).await;
    let mut lane = Lane::of(&stranger);
    assert!(stranger.asker.browser.seated);
    let mut nothing = Vec::new();
    for path in API.iter().chain(CONSOLE) {
        let (method, address, body, id, expected) = *path;
        let answer = lane.ask(*path, &unseen.pick(id, 0, false, &site.surroundings())).await;
        assert_eq!(answer.0, expected, "{method} {address} {body}: {}", answer.1);
        nothing.push(answer);
    }
    for odd in ["x", "1", "01a20600", "%00", &"9".repeat(500)] {
        assert_eq!(lane.ask(API[0], odd).await, nothing[0], "{odd}");
    }
    let before = site.server.service().database().counts().await.unwrap().audited;

    let lanes: Vec<_> = (0..LANES)
        .map(|number| {
            let (mut lane, unseen, nothing) = (lane.clone(), unseen.clone(), nothing.clone());
            let surroundings = site.surroundings();
            tokio::spawn(async move {
                let mut probes = 0;
                for (path, nothing) in API.iter().chain(CONSOLE).zip(&nothing) {
                    let (method, address, body, id, _) = *path;
                    let times = if address.starts_with("/console") { CONSOLE_PROBES } else { API_PROBES };
                    for probe in 0..times {
                        // Every fourth at something that is there.
                        let exists = probe % 4 == 0;
                        let id = unseen.pick(id, number * times + probe, exists, &surroundings);
                        let answer = lane.ask(*path, &id).await;
                        assert_eq!(answer, *nothing, "{method} {address} {body}: {id}, there: {exists}");
                        probes += 1;
                    }
                }
                probes
            })
        })
        .collect();
    let mut probes = 0;
    for lane in lanes {
        probes += lane.await.unwrap();
    }
    assert!(probes >= PROBES, "{probes}");
    let after = site.server.service().database().counts().await.unwrap().audited;
    assert_eq!(before, after, "nothing was shown and nothing done, so nothing was written down");
}

#[tokio::test]
async fn the_time_does_not_tell_what_is_there() {
    let site = Site::open_with(unbounded()).await;
    let unseen = Unseen::of(&site).await;
    let stranger = Stranger::of(&site).await;
    let mut lane = Lane::of(&stranger);
    // One after the other, taking turns, so that whatever else the machine does falls on both alike.
    let (mut there, mut not) = (Vec::new(), Vec::new());
    for turn in 0..3_000 {
        let pair = if turn % 2 == 0 { [true, false] } else { [false, true] };
        for exists in pair {
            let id = unseen.pick(Record, turn, exists, &site.surroundings());
            let begun = Instant::now();
            lane.ask(API[0], &id).await;
            if exists { there.push(begun.elapsed()) } else { not.push(begun.elapsed()) }
        }
    }
    let guess = chance_to_tell(&there, &not);
    let median = |times: &mut Vec<Duration>| {
        times.sort_unstable();
        times[times.len() / 2]
    };
    let medians = (median(&mut there), median(&mut not));
    let ratio = medians.0.as_secs_f64() / medians.1.as_secs_f64();
    assert!(
        (0.42..0.58).contains(&guess),
        "a guess by time is right in {guess:.3} of the cases: {medians:?}"
    );
    assert!((0.8..1.25).contains(&ratio), "medians {medians:?}");
}

/// The chance that of one time from each side the first is the longer: one half if they cannot be told apart.
fn chance_to_tell(one: &[Duration], other: &[Duration]) -> f64 {
    let mut all: Vec<(Duration, bool)> =
        one.iter().map(|time| (*time, true)).chain(other.iter().map(|time| (*time, false))).collect();
    all.sort_unstable();
    let ranks: usize =
        all.iter().enumerate().filter(|(_, (_, first))| *first).map(|(rank, _)| rank + 1).sum();
    let (n, m) = (one.len() as f64, other.len() as f64);
    (ranks as f64 - n * (n + 1.0) / 2.0) / (n * m)
}
