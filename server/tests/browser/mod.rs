//! A browser reduced to what the console's stories need: cookies, forms with their proofs, and no redirect taken
//! behind the story's back.
#![allow(dead_code, unreachable_pub, reason = "each story uses its part")]

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use gridbook_server::Server;
use reqwest::header::{HeaderMap, LOCATION, SET_COOKIE};

/// Everybody's password.
pub const PASSWORD: &str = "样例口令-2026-十一月";

#[derive(Clone)]
pub struct Browser {
    url: String,
    http: reqwest::Client,
    cookies: BTreeMap<String, String>,
}

/// What came back.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn location(&self) -> &str {
        self.headers.get(LOCATION).map_or("", |value| value.to_str().unwrap())
    }

    /// The line that sets a cookie.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let lines = self.headers.get_all(SET_COOKIE).into_iter().map(|line| line.to_str().unwrap());
        lines.into_iter().find(|line| line.starts_with(&format!("{name}="))).map(str::to_owned)
    }
}

impl Browser {
    pub fn at(url: &str) -> Self {
        Self::with(url, |client| client)
    }

    /// On another machine: this one's loopback has many addresses.
    pub fn elsewhere(url: &str, number: u8) -> Self {
        Self::with(url, |client| client.local_address(IpAddr::from([127, 0, 0, number])))
    }

    /// Behind a proxy that ends TLS.
    pub fn behind_proxy(url: &str) -> Self {
        let headers = [("x-forwarded-proto".parse().unwrap(), "https".parse().unwrap())];
        Self::with(url, |client| client.default_headers(HeaderMap::from_iter(headers)))
    }

    fn with(url: &str, change: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder) -> Self {
        let policy = reqwest::redirect::Policy::none();
        let client = reqwest::Client::builder().no_proxy().redirect(policy);
        // A connection that a long story leaves alone is closed by the server, perhaps while it is asked again.
        let http = change(client.pool_max_idle_per_host(0)).build().unwrap();
        Self { url: url.to_owned(), http, cookies: BTreeMap::new() }
    }

    /// Of somebody, by name, who is given the password and has logged in.
    pub async fn of(server: &Server, url: &str, name: &str) -> Self {
        let admin = server.admin();
        admin.set_console_password(&admin.find_person(name).await.unwrap(), PASSWORD).await.unwrap();
        let mut browser = Self::at(url);
        assert_eq!(browser.log_in(name, PASSWORD).await.status, 303);
        browser
    }

    pub fn remember(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(self.http.get(format!("{}{path}", self.url))).await
    }

    /// As a page's script asks for a part.
    pub async fn get_live(&mut self, path: &str) -> Answer {
        let request = self.http.get(format!("{}{path}", self.url));
        self.send(request.header("gridbook-script", "1").header("gridbook-live", "1")).await
    }

    /// An open stream of events.
    pub async fn events(&self) -> reqwest::Response {
        let request =
            self.http.get(format!("{}/console/events", self.url)).header("cookie", self.cookie_line());
        request.send().await.unwrap()
    }

    /// Sends a form as one of the console's pages would: with the proof that the page carries.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let proof = self.proof().await;
        let fields: Vec<_> = fields.iter().copied().chain([("csrf", proof.as_str())]).collect();
        self.post_bare(path, &fields, &[]).await
    }

    /// Sends exactly these fields and headers.
    pub async fn post_bare(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Answer {
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        let request = self.http.post(format!("{}{path}", self.url)).body(body.join("&"));
        let mut request = request.header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request).await
    }

    pub async fn log_in(&mut self, name: &str, password: &str) -> Answer {
        self.get("/console/login").await;
        self.post("/console/login", &[("name", name), ("password", password)]).await
    }

    /// The proof on the page that this browser is shown.
    pub async fn proof(&mut self) -> String {
        let mut page = self.get("/console").await;
        if page.status != 200 {
            page = self.get("/console/login").await;
        }
        let (_, rest) = page.text.split_once("name=\"gridbook-csrf\" content=\"").unwrap();
        rest.split_once('"').unwrap().0.to_owned()
    }

    fn cookie_line(&self) -> String {
        self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    async fn send(&mut self, request: reqwest::RequestBuilder) -> Answer {
        let answer = request.header("cookie", self.cookie_line()).send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        for line in headers.get_all(SET_COOKIE) {
            let (name, value) = line.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.remember(name, value);
            }
        }
        let bytes = answer.bytes().await.unwrap().to_vec();
        Answer { status, headers, text: String::from_utf8_lossy(&bytes).into_owned(), bytes }
    }
}

/// The next event of this name on a stream, within ten seconds. What else comes before is passed over: signs of life, and
/// news found once more by the look that an open page takes every four seconds.
pub async fn hear(stream: &mut reqwest::Response, name: &str) -> String {
    let wanted = format!("event: {name}\n");
    let hearing = async {
        loop {
            let chunk = stream.chunk().await.unwrap().expect("the stream goes on");
            if chunk.starts_with(wanted.as_bytes()) {
                return String::from_utf8(chunk.to_vec()).unwrap();
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), hearing).await.expect("the event comes")
}

/// A value as a form carries it.
fn escaped(value: &str) -> String {
    value
        .bytes()
        .map(
            |byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            },
        )
        .collect()
}
