//! Every role does everything with every kind of record over the real HTTP API, and gets exactly what the
//! table below says. What one may not see cannot be told from what does not exist, nor by the time it takes.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod common;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use common::{Phone, Site, diary, visit};
use gridbook_core::doc::NewChange;
use gridbook_core::id::{RecordId, ScopeId};
use gridbook_core::model::{
    Action, Checklist, Content, Household, Kind, Mark, Outreach, OutreachForm, Recurrence, Review, Role,
    Scalar, ScopeKind, Template, TemplateItem, Voided, permits,
};
use gridbook_core::sync::protocol::Receipt;
use gridbook_server::limits::{Limits, Rate};

/// Invented, and of no number range in use.
const NUMBER: &str = "13800000000";
const MASKED: &str = "138****0000";

/// r read, h history, n reveal numbers, e export, w write, v void, m mark with a review; written out by hand,
/// independently of the code. Rows are roles in a community (a member: in its task group), columns are
/// kinds, reviews once about a grid's record and once about a task group's.
const TABLE: &str = "
                household  visit    diary    outreach  checklist  template  review.grid  review.group
administrator   rh         -        -        -         rhwv       rhwv      -            r
lead            rhnewvm    rhnewvm  rhnewvm  rhnewvm   rhnewvm    rhnewvm   rhnewv       rhnewv
worker          rhnwv      rhnwv    rhnwv    rhnwv     rhnwv      rh        rh           rh
member          -          -        -        -         rhwv       rh        -            rh
auditor         rh         rh       rh       rh        rh         rh        rh           rh
";

/// What has no place on the HTTP API is a command on the server: which role may be named for it.
const COMMANDS: &str = "
administrator   import=household  erase=*  hand_over=*  equip=*  manage=*
lead            hand_over=*  equip=*
worker
member
auditor         audit=*
";

/// The kinds of which there is a register.
const LEDGERS: [&str; 5] = ["household", "visit", "diary", "outreach", "checklist"];

fn content(column: &str, group: &ScopeId, subject: RecordId) -> Content {
    let text = format!("电话{NUMBER}");
    match column {
        "household" => {
            Household { dwelling: "3-1-501".parse().ok(), phone: NUMBER.into(), ..Household::default() }
                .into()
        }
        "visit" => visit(&text).into(),
        "diary" => diary("2026-11-23", &text).into(),
        "outreach" => Outreach { form: Some(OutreachForm::Talk), place: text, ..Outreach::default() }.into(),
        "checklist" => Checklist { title: text, group: group.clone(), ..Checklist::default() }.into(),
        "template" => Template {
            title: text,
            group: group.clone(),
            recurs: Some(Recurrence::Daily),
            items: [("a1".to_owned(), TemplateItem { title: "查".into(), ..TemplateItem::default() })].into(),
            ..Template::default()
        }
        .into(),
        _ => Review { subject, mark: Some(Mark::Seen), note: text, covers: String::new() }.into(),
    }
}

fn editable(column: &str) -> &'static str {
    match column {
        "outreach" => "place",
        "checklist" | "template" => "title",
        _ => "note",
    }
}

struct Reader {
    http: reqwest::Client,
    url: String,
    token: String,
}

impl Reader {
    async fn get(&self, path: &str) -> (u16, String) {
        let request = self.http.get(format!("{}{path}", self.url));
        let answer = request.header("authorization", format!("Bearer {}", self.token)).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn get_bytes(&self, path: &str) -> (u16, Vec<u8>) {
        let request = self.http.get(format!("{}{path}", self.url)).bearer_auth(&self.token);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.bytes().await.unwrap().to_vec())
    }

    async fn reveal(&self, id: RecordId) -> (u16, String) {
        let request = self.http.post(format!("{}/v1/records/{id}/reveal", self.url));
        let request = request.header("authorization", format!("Bearer {}", self.token));
        let answer = request.body(r#"{"reason":"回电核实"}"#).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

/// True if a list of exports offers records of a kind.
fn offers(list: &str, kind: &str) -> bool {
    let list: serde_json::Value = serde_json::from_str(list).unwrap();
    let found = list["exports"].as_array().unwrap().iter().find(|one| one["kind"] == kind).unwrap().clone();
    assert_eq!(found["records"].is_u64(), found["reason"].is_null());
    found["records"].is_u64()
}

async fn reader(site: &Site, person: &gridbook_core::id::PersonId) -> Reader {
    let token = site.server.admin().token(person, "台账", 30).await.unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    Reader { http, url: site.running.url(), token }
}

/// True if the server took the change; a refusal must say that it was not permitted, or that there is no
/// such place for the sender.
async fn taken(phone: &mut Phone, scope: &ScopeId, id: RecordId, change: &NewChange) -> bool {
    let mut request = phone.request(&[]);
    let known = request.cursors.iter().position(|cursor| cursor.scope == *scope);
    let index = known.unwrap_or_else(|| {
        let chain = gridbook_core::id::Chain::START;
        request.cursors.push(gridbook_core::sync::protocol::Cursor { scope: scope.clone(), seq: 0, chain });
        request.cursors.len() - 1
    });
    request.push = vec![gridbook_core::sync::protocol::Push(id, index as u16, change.bytes.clone())];
    match phone.send(&request).await.unwrap().receipts.as_slice() {
        [Receipt::Accepted(_)] => true,
        [Receipt::Refused(reason)] => {
            assert!(["not_permitted", "wrong_scope"].contains(&reason.as_str()), "{reason}");
            false
        }
        other => panic!("{other:?}"),
    }
}

/// Everybody here asks from one address, tens of thousands of times.
fn unbounded() -> Limits {
    Limits { strangers: Rate::new(u32::MAX, Duration::from_nanos(1)), ..Limits::default() }
}

#[tokio::test]
async fn every_role_does_every_action_with_every_kind_exactly_as_the_table_says() {
    let site = Site::open_with(unbounded()).await;
    let group = site.group("安全防范").await;
    let author = site.person("样例作者", Role::Lead, &site.community).await;
    let mut author = site.phone_of(&author).await;
    let mut rows = TABLE.lines().filter(|line| !line.is_empty()).map(str::split_whitespace);
    let columns: Vec<&str> = rows.next().unwrap().collect();
    let mut cells = 0;
    for row in rows {
        let row: Vec<&str> = row.collect();
        let role = Role::from_word(row[0]).unwrap();
        let where_ = if role == Role::Member { &group } else { &site.community };
        let person = site.person(row[0], role, where_).await;
        let reader = reader(&site, &person).await;
        let mut phone = site.phone_of(&person).await;
        for (column, letters) in columns.iter().zip(&row[1..]) {
            let in_group = matches!(*column, "checklist" | "template" | "review.group");
            let scope = if in_group { &group } else { &site.grid };
            let about = author.begin(content(
                if in_group { "checklist" } else { "visit" },
                &group,
                RecordId::default(),
            ));
            let subject = about.0;
            let begun = author.begin(content(column, &group, subject));
            let id = begun.0;
            author.push(scope, &[about, begun]).await;
            let kind = author.documents[&id].fields()["kind"].as_text().unwrap().to_owned();

            let (status, body) = reader.get(&format!("/v1/records/{id}")).await;
            let listed = reader.get(&format!("/v1/records?kind={kind}")).await.1.contains(&id.to_string());
            assert_eq!(status == 200, listed, "{role:?} {column}: one record and the list agree");
            assert!(!body.contains(NUMBER), "{role:?} {column}: masked");
            let may_read = status == 200;
            assert!(may_read || status == 404);
            assert_eq!(may_read, body.contains(MASKED));

            let (status, body) = reader.get(&format!("/v1/records/{id}/history")).await;
            let may_history = status == 200;
            assert!(may_history || status == if may_read { 403 } else { 404 });
            assert!(!body.contains(NUMBER) && may_history == body.contains(MASKED));
            let (status, body) = reader.reveal(id).await;
            let may_reveal = status == 200;
            assert!(may_reveal || status == if may_read { 403 } else { 404 });
            assert_eq!(may_reveal, body.contains(NUMBER));
            let path = format!("/v1/exports/{kind}?format=jsonl&from=2000-01-01&scope={scope}");
            let (status, body) = reader.get(&path).await;
            let may_export = status == 200 && body.contains(&id.to_string());
            assert!(status == 200 || status == 403 || !may_read);
            assert!(!body.contains(NUMBER));
            let offered = reader.get(&format!("/v1/exports?from=2000-01-01&scope={scope}")).await;
            assert_eq!(
                offered.0 == 200 && offers(&offered.1, &kind),
                status == 200,
                "{role:?} {column}: offered and given"
            );
            for format in ["xlsx", "csv"] {
                let told = reader.get_bytes(&path.replace("jsonl", format)).await;
                let registered = LEDGERS.contains(&kind.as_str());
                assert_eq!(told.0 == 200, status == 200 && registered, "{role:?} {column} {format}");
                assert_eq!(told.0 == 400, !registered, "{role:?} {column} {format}");
            }

            let new = phone.begin(content(column, &group, subject));
            let mut may_write = taken(&mut phone, scope, new.0, &new.1).await;
            phone.documents.insert(id, author.documents[&id].clone());
            let edit = phone.edit(id, editable(column), "改过");
            // A review speaks for who gave it: nobody else edits it.
            let may_edit = may_write && !column.starts_with("review");
            assert_eq!(
                taken(&mut phone, scope, id, &edit).await,
                may_edit,
                "{role:?} {column}: begin and edit"
            );
            if column.starts_with("review") {
                // A review is written by whoever may also mark what it is about.
                let subject = if in_group { Kind::Checklist } else { Kind::Visit };
                may_write = may_write && permits(role, subject, Action::Review);
            }
            if !may_edit {
                phone.documents.insert(id, author.documents[&id].clone());
            }
            let voided =
                Voided { by: phone.person.clone(), at: phone.surroundings.now(), reason: "误记".into() };
            let text = serde_json::to_string(&voided).unwrap();
            let void = phone.write(id, "voided", Scalar::Text(text));
            let may_void = taken(&mut phone, scope, id, &void).await;
            let mark = phone.begin(content("review", &group, id));
            let may_mark = !column.starts_with("review") && taken(&mut phone, scope, mark.0, &mark.1).await;

            let found: String = [
                (may_read, 'r'),
                (may_history, 'h'),
                (may_reveal, 'n'),
                (may_export, 'e'),
                (may_write, 'w'),
                (may_void, 'v'),
                (may_mark, 'm'),
            ]
            .into_iter()
            .filter_map(|(may, letter)| may.then_some(letter))
            .collect();
            assert_eq!(found, letters.trim_matches('-'), "{role:?} {column}");
            cells += 7;
        }
        let counts = [Kind::Household, Kind::Visit, Kind::Diary, Kind::Outreach].map(Kind::as_str);
        let letters = |kind: &str| columns.iter().position(|column| *column == kind).map(|at| row[at + 1]);
        let counted = counts.iter().all(|kind| letters(kind).is_some_and(|letters| letters.contains('r')));
        let (status, body) = reader.get("/v1/summary").await;
        let summary: serde_json::Value = serde_json::from_str(&body).unwrap();
        let grids = summary["grids"].as_array().unwrap();
        assert_eq!((status, !grids.is_empty()), (200, counted), "{role:?} reads figures");
        assert_eq!(summary["done"]["visits"].as_u64().unwrap() > 0, counted, "{role:?} counts visits");
        let (status, _) = reader.get(&format!("/v1/summary?grid={}", site.grid)).await;
        assert_eq!(status, if counted { 200 } else { 404 }, "{role:?} reads a grid's figures");
        let (status, _) = reader.get("/v1/audit").await;
        assert_eq!(status, if role == Role::Auditor { 200 } else { 403 }, "{role:?} reads the audit log");
    }
    assert_eq!(cells, Role::ALL.len() * (Kind::ALL.len() + 1) * 7, "no cell is left out");
}

#[test]
fn what_is_done_by_command_follows_the_same_table() {
    let commands = [
        ("import", Action::Import),
        ("erase", Action::Erase),
        ("hand_over", Action::HandOver),
        ("equip", Action::Equip),
        ("manage", Action::Manage),
        ("audit", Action::Audit),
    ];
    for row in COMMANDS.lines().filter(|line| !line.is_empty()) {
        let mut words = row.split_whitespace();
        let role = Role::from_word(words.next().unwrap()).unwrap();
        let given: BTreeMap<&str, &str> = words.filter_map(|word| word.split_once('=')).collect();
        for (word, action) in commands {
            for kind in Kind::ALL {
                let expected = given.get(word).is_some_and(|kinds| *kinds == "*" || *kinds == kind.as_str());
                assert_eq!(permits(role, kind, action), expected, "{role:?} {word} {kind}");
            }
        }
    }
}

#[tokio::test]
async fn what_one_may_not_see_is_answered_like_what_is_not_there() {
    let site = Site::open_with(unbounded()).await;
    let mut worker = site.worker("样例甲").await;
    let mut unseen = Vec::new();
    for batch in 0..4 {
        let changes: Vec<_> = (0..250).map(|n| worker.begin(visit(&format!("第{batch}-{n}户")))).collect();
        unseen.extend(changes.iter().map(|(id, _)| *id));
        worker.push(&site.grid, &changes).await;
    }
    let other = site.server.admin().add_scope(&site.community, ScopeKind::Grid, "第二网格").await.unwrap();
    let stranger = site.person("他网格组长", Role::Lead, &other).await;
    let stranger = reader(&site, &stranger).await;
    let nothing = stranger.get(&format!("/v1/records/{}", RecordId::new(&site.surroundings()))).await;
    assert_eq!(nothing.0, 404);
    for odd in ["x", "1", "01a20600", "%00", &"9".repeat(500)] {
        assert_eq!(stranger.get(&format!("/v1/records/{odd}")).await, nothing, "{odd}");
    }
    let before = site.server.service().database().counts().await.unwrap().audited;

    // 50,000 probes, every tenth at a record that is there.
    let probes = futures_of(&site, &stranger, &unseen, &nothing);
    for probe in probes {
        probe.await.unwrap();
    }
    for path in ["history", "reveal"] {
        let id = unseen[0];
        let there = if path == "reveal" {
            stranger.reveal(id).await
        } else {
            stranger.get(&format!("/v1/records/{id}/history")).await
        };
        assert_eq!(there, nothing, "{path}");
    }
    let after = site.server.service().database().counts().await.unwrap().audited;
    assert_eq!(before, after, "nothing was shown, so nothing was written down");

    // One after the other, taking turns, so that whatever else the machine does falls on both alike.
    let (mut there, mut not) = (Vec::new(), Vec::new());
    for turn in 0..3_000 {
        let id = unseen[turn % unseen.len()];
        let random = RecordId::new(&site.surroundings());
        let pair = if turn % 2 == 0 { [(id, true), (random, false)] } else { [(random, false), (id, true)] };
        for (id, exists) in pair {
            let begun = Instant::now();
            stranger.get(&format!("/v1/records/{id}")).await;
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

fn futures_of(
    site: &Site,
    stranger: &Reader,
    unseen: &[RecordId],
    nothing: &(u16, String),
) -> Vec<tokio::task::JoinHandle<()>> {
    (0..20)
        .map(|lane| {
            let reader = Reader {
                http: stranger.http.clone(),
                url: stranger.url.clone(),
                token: stranger.token.clone(),
            };
            let (unseen, nothing, surroundings) = (unseen.to_vec(), nothing.clone(), site.surroundings());
            tokio::spawn(async move {
                for probe in 0..2_500 {
                    let id = if probe % 10 == 0 {
                        unseen[(lane * 250 + probe / 10) % unseen.len()]
                    } else {
                        RecordId::new(&surroundings)
                    };
                    assert_eq!(reader.get(&format!("/v1/records/{id}")).await, nothing);
                }
            })
        })
        .collect()
}
