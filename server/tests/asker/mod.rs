//! Somebody who asks the server in every way there is: with a phone, with a token over the leads' API, and in a browser
//! at the console, where their role has a seat.
#![allow(dead_code, unreachable_pub, reason = "each story uses its part")]

use std::time::Duration;

use gridbook_core::id::{PersonId, RecordId, ScopeId};
use gridbook_core::model::Role;
use gridbook_server::limits::{Limits, Rate};

use crate::browser::{Answer, Browser, PASSWORD};
use crate::common::{Phone, Site};

/// Everybody here asks from one address, tens of thousands of times.
pub fn unbounded() -> Limits {
    let often = Rate::new(u32::MAX, Duration::from_nanos(1));
    Limits { strangers: often, device: often, ..Limits::default() }
}

pub struct Asker {
    pub phone: Phone,
    pub api: Api,
    /// A browser that tried to log in, whether or not it was let in.
    pub browser: Console,
}

impl Asker {
    pub async fn new(site: &Site, name: &str, roles: &[(Role, &ScopeId)]) -> Self {
        let (role, scope) = roles[0];
        let person = site.person(name, role, scope).await;
        let admin = site.server.admin();
        for (role, scope) in &roles[1..] {
            admin.grant(&person, *role, scope).await.unwrap();
        }
        let phone = site.phone_of(&person).await;
        Self { phone, api: Api::of(site, &person).await, browser: Console::of(site, &person).await }
    }
}

/// The leads' API under one person's token.
#[derive(Clone)]
pub struct Api {
    http: reqwest::Client,
    url: String,
    token: String,
}

impl Api {
    pub async fn of(site: &Site, person: &PersonId) -> Self {
        let token = site.server.admin().token(person, "台账", 30).await.unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { http, url: site.running.url(), token }
    }

    pub async fn get(&self, path: &str) -> (u16, String) {
        let (status, bytes) = self.get_bytes(path).await;
        (status, String::from_utf8(bytes).unwrap())
    }

    pub async fn get_bytes(&self, path: &str) -> (u16, Vec<u8>) {
        self.send(self.http.get(format!("{}{path}", self.url))).await
    }

    pub async fn post(&self, path: &str, body: String) -> (u16, String) {
        let request = self.http.post(format!("{}{path}", self.url)).body(body);
        let (status, bytes) = self.send(request).await;
        (status, String::from_utf8(bytes).unwrap())
    }

    pub async fn delete(&self, path: &str) -> u16 {
        self.send(self.http.delete(format!("{}{path}", self.url))).await.0
    }

    pub async fn reveal(&self, id: RecordId) -> (u16, String) {
        self.post(&format!("/v1/records/{id}/reveal"), r#"{"reason":"回电核实"}"#.to_owned()).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> (u16, Vec<u8>) {
        let answer = request.bearer_auth(&self.token).send().await.unwrap();
        (answer.status().as_u16(), answer.bytes().await.unwrap().to_vec())
    }
}

/// The console under one person's session, or without one.
#[derive(Clone)]
pub struct Console {
    browser: Browser,
    proof: String,
    /// True if the person was let in.
    pub seated: bool,
}

impl Console {
    pub async fn of(site: &Site, person: &PersonId) -> Self {
        let admin = site.server.admin();
        let person = admin.find_person(person.as_str()).await.unwrap();
        let given = admin.set_console_password(&person, PASSWORD).await.is_ok();
        let mut browser = Browser::at(&site.running.url());
        let seated = browser.log_in(person.id.as_str(), PASSWORD).await.status == 303;
        assert_eq!(given, seated, "a password is for whom it lets in");
        let proof = browser.proof().await;
        Self { browser, proof, seated }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.browser.get(path).await
    }

    /// Sends a form with the proof that the session's pages carry.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let fields: Vec<_> = fields.iter().copied().chain([("csrf", self.proof.as_str())]).collect();
        self.browser.post_bare(path, &fields, &[]).await
    }
}
