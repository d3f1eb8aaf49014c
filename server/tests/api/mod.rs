//! A lead's program with its token, and a day's work for it to read.
#![allow(dead_code, unreachable_pub, reason = "each story uses its part")]

use std::collections::BTreeMap;

use gridbook_core::clock::Instant;
use gridbook_core::id::{PersonId, RecordId, ScopeId};
use gridbook_core::model::{
    Checklist, Dwelling, Household, Item, Kind, Mark, Occupancy, Outcome, Outreach, OutreachForm, Recurrence,
    Review, Template, TemplateItem, Visit,
};
use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::common::{MONDAY, Phone, Site, diary};

pub struct Program {
    http: reqwest::Client,
    url: String,
    token: String,
}

/// What came back.
pub struct Told {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Told {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap()
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).unwrap()
    }

    /// What a refusal says: status, code, detail.
    pub fn refusal(&self) -> (u16, String, String) {
        let body = self.json();
        let text = |name: &str| body[name].as_str().unwrap().to_owned();
        (self.status, text("code"), text("detail"))
    }
}

impl Program {
    pub async fn of(site: &Site, person: &PersonId) -> Self {
        let token = site.server.admin().token(person, "台账", 30).await.unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { http, url: site.running.url(), token }
    }

    pub async fn get(&self, path: &str) -> Told {
        self.get_in("", path).await
    }

    /// With a language asked for.
    pub async fn get_in(&self, language: &str, path: &str) -> Told {
        let request = self.http.get(format!("{}{path}", self.url)).bearer_auth(&self.token);
        told(request.header("accept-language", language)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Told {
        let request = self.http.post(format!("{}{path}", self.url)).bearer_auth(&self.token);
        told(request.body(body.to_string())).await
    }

    pub async fn without_token(&self, path: &str) -> Told {
        told(self.http.get(format!("{}{path}", self.url))).await
    }
}

async fn told(request: reqwest::RequestBuilder) -> Told {
    let answer = request.send().await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    Told { status, headers, bytes: answer.bytes().await.unwrap().to_vec() }
}

/// A record of every kind, written by a worker and a lead who are given: in the grid, and in the group what is the
/// group's.
pub async fn one_of_each(
    grid: &ScopeId,
    group: &ScopeId,
    worker: &mut Phone,
    lead: &mut Phone,
) -> BTreeMap<Kind, RecordId> {
    let household = worker.begin(Household {
        dwelling: Some(Dwelling::new("3", "1", "501")),
        class: "red".into(),
        occupancy: Some(Occupancy::Rented),
        phone: "13800001234".into(),
        tags: ["elder_alone"].into_iter().collect(),
        ..Household::default()
    });
    let visit = worker.begin(Visit {
        household: household.0,
        outcome: Some(Outcome::Met),
        started: Some(Instant(MONDAY)),
        ended: Some(Instant(MONDAY + 30 * 60_000)),
        purposes: ["routine", "anti_fraud"].into_iter().collect(),
        hazards: ["gas"].into_iter().collect(),
        note: "=1+1，请打电话13800001234".into(),
        next_visit: Some("2026-12-01".parse().unwrap()),
        ..Visit::default()
    });
    let mut entry = diary("2026-11-23", "楼道灯坏了");
    entry.category = "safety".into();
    let entry = worker.begin(entry);
    let outreach = worker.begin(Outreach {
        form: Some(OutreachForm::Talk),
        building: "3".into(),
        visit: Some(visit.0),
        fraud_types: ["loan"].into_iter().collect(),
        reached: 34,
        ..Outreach::default()
    });
    let review =
        Review { subject: visit.0, mark: Some(Mark::Seen), note: "好".into(), covers: String::new() };
    let review = lead.begin(review);
    let template = lead.begin(Template {
        title: "每周巡查".into(),
        group: group.clone(),
        recurs: Some(Recurrence::Weekly),
        items: [("a1".into(), TemplateItem { title: "查充电棚".into(), ..TemplateItem::default() })].into(),
        ..Template::default()
    });
    let item = Item { title: "查充电棚".into(), due: "2026-11-24".parse().ok(), ..Item::default() };
    let list = lead.begin(Checklist {
        title: "每周巡查".into(),
        group: group.clone(),
        starts: "2026-11-23".parse().ok(),
        ends: "2026-11-29".parse().ok(),
        template: Some(template.0),
        items: [("a1".into(), item)].into(),
        assignees: [("a1".into(), [lead.person.as_str()].into_iter().collect())].into(),
        ticks: [("a1".into(), [(lead.person.clone(), Instant(MONDAY + 60_000))].into())].into(),
        ..Checklist::default()
    });
    let kinds = [
        Kind::Household,
        Kind::Visit,
        Kind::Diary,
        Kind::Outreach,
        Kind::Review,
        Kind::Template,
        Kind::Checklist,
    ];
    let all = [&household, &visit, &entry, &outreach, &review, &template, &list].map(|(id, _)| *id);
    worker.push(grid, &[household, visit, entry, outreach]).await;
    lead.push(grid, &[review]).await;
    lead.push(group, &[template, list]).await;
    kinds.into_iter().zip(all).collect()
}
