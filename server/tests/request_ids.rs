//! The id that an answer carries is the one in the server's log lines of that request, of it alone: what a lead reads out
//! over the telephone leads to what happened.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod common;

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex};

use common::Site;

/// What was logged so far.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl io::Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn an_answers_id_finds_the_log_line_of_its_request() {
    let kept = Kept::default();
    let writer = kept.clone();
    tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).init();
    let site = Site::open().await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let ask = async |path: &str, given: Option<&str>| {
        let mut request = http.get(format!("{}{path}", site.running.url()));
        if let Some(id) = given {
            request = request.header("x-request-id", id);
        }
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.headers()["x-request-id"].to_str().unwrap().to_owned())
    };
    let mut answers = Vec::new();
    for path in ["/healthz", "/v1/records", "/v1/records/x/history", "/nowhere", "/console", "/console/login"]
    {
        answers.push(ask(path, None).await);
    }
    // A proxy in front may have named the request already; it keeps that name.
    let named = ask("/healthz", Some("proxy-4711")).await;
    assert_eq!(named.1, "proxy-4711");
    answers.push(named);
    let ids: BTreeSet<&String> = answers.iter().map(|(_, id)| id).collect();
    assert_eq!(ids.len(), answers.len(), "each request has an id of its own");

    let log = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
    for (status, id) in &answers {
        let lines: Vec<&str> =
            log.lines().filter(|line| line.contains("answered") && line.contains(id.as_str())).collect();
        assert_eq!(lines.len(), 1, "{id}: {log}");
        assert!(lines[0].contains(&format!("status={status} ")), "{}", lines[0]);
    }
}
