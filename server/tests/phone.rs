//! The phone in a terminal against a server process: both built programs, TLS with a pinned key between them,
//! from the invitation to the second phone that reads what the first wrote.
//!
//! `cargo test --workspace` builds the phone as the core's example; with `-p gridbook-server` alone, run
//! `cargo build -p gridbook-core --example phone` first.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// The program of the phone, beside the server's.
fn phone_program() -> PathBuf {
    let beside = Path::new(env!("CARGO_BIN_EXE_gridbook-server")).parent().unwrap();
    let program = beside.join("examples").join(format!("phone{}", std::env::consts::EXE_SUFFIX));
    assert!(program.exists(), "build it first: cargo build -p gridbook-core --example phone");
    program
}

struct Desk {
    data: PathBuf,
    serving: Option<(Child, String)>,
}

impl Desk {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gridbook-server"));
        command.arg("--data").arg(&self.data).args(arguments);
        for name in ["GRIDBOOK_DATA", "GRIDBOOK_ADDRESS", "GRIDBOOK_TLS_CERT", "GRIDBOOK_TLS_KEY"] {
            command.env_remove(name);
        }
        command
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let output = self.command(&[&["--json"], arguments].concat()).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn serve(&mut self, listen: &str) -> String {
        let mut child = self
            .command(&["serve", "--listen", listen])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").unwrap().to_owned();
        self.serving = Some((child, url.clone()));
        url
    }

    fn stop(&mut self) {
        if let Some((mut child, _)) = self.serving.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    fn invite(&self, person: &str, url: &str) -> String {
        self.json(&["invite", person, "--server", url])["payload"].as_str().unwrap().to_owned()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.stop();
    }
}

struct Phone(PathBuf);

impl Phone {
    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let Output { status, stdout, stderr } = Command::new(phone_program())
            .args(arguments)
            .env("GRIDBOOK_HOME", &self.0)
            .env_remove("GRIDBOOK_LANG")
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (status.code().unwrap(), text(stdout), text(stderr))
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let (code, out, err) = self.run(&[&["--json"], arguments].concat());
        assert_eq!(code, 0, "{arguments:?}: {out}{err}");
        serde_json::from_str(&out).unwrap()
    }

    fn say(&self, arguments: &[&str]) -> String {
        let (code, out, err) = self.run(arguments);
        assert_eq!(code, 0, "{arguments:?}: {out}{err}");
        out
    }
}

#[test]
fn two_phones_enrol_and_sync_through_a_server_process() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = Desk { data: folder.path().join("data"), serving: None };
    let grid = ["init", "--community", "虚构社区", "--grid", "第一网格", "--tls", "127.0.0.1"];
    desk.json(&grid);
    for name in ["测试员甲", "测试员乙"] {
        desk.json(&["people", "add", name, "--role", "worker", "--scope", "第一网格"]);
    }
    let output =
        desk.command(&["serve", "--listen", "0.0.0.0:0", "--insecure-http", "--tls-cert", "x"]).output();
    assert!(!output.unwrap().status.success(), "either plain or not");
    let url = desk.serve("127.0.0.1:0");
    assert!(url.starts_with("https://127.0.0.1:"), "init made a key, so it speaks TLS: {url}");

    let first = Phone(folder.path().join("first"));
    let (code, _, err) = first.run(&["sync"]);
    assert!(code != 0 && err.contains("enrol"), "{err}");
    let invitation = desk.invite("测试员甲", &url);
    assert_eq!(invitation.matches("&pin=").count(), 2, "the key and the spare one: {invitation}");
    let said = first.say(&["enrol", &invitation]);
    assert!(said.contains("测试员甲") && said.contains("第一网格"), "{said}");
    first.say(&["household", "add", "3-1-501", "--class", "红", "--phone", "13800000000"]);
    first.say(&["visit", "add", "3-1-501", "--outcome", "见面", "--note", "楼道堆物"]);
    assert_eq!(first.json(&["status"])["unsent"], 2);
    let report = first.json(&["sync"]);
    assert_eq!((&report["sent"], &report["received"]), (&Value::from(2), &Value::from(0)), "{report}");
    assert_eq!(first.json(&["status"])["unsent"], 0);
    let status = first.say(&["status"]);
    assert!(status.contains("全部已到服务器") && status.contains(&url), "{status}");

    let second = Phone(folder.path().join("second"));
    let (code, _, err) = second.run(&["enrol", &invitation]);
    assert!(code == 4 && err.contains("邀请已被使用"), "{code}: {err}");
    second.say(&["enrol", &desk.invite("测试员乙", &url)]);
    assert_eq!(second.json(&["sync"])["received"], 2);
    assert!(second.say(&["search", "堆物"]).contains("3-1-501"));

    // The number is its author's to see. The other says why, and the audit log hears of it once.
    assert!(first.say(&["show", "3-1-501"]).contains("13800000000"));
    let shown = second.say(&["show", "3-1-501"]);
    assert!(shown.contains("138****0000") && shown.contains("电话里有隐去的号码"), "{shown}");
    let ask = |reason| ["reveal", "3-1-501", "--field", "电话", "--reason", reason];
    let (code, out, err) = second.run(&ask("x"));
    assert!(code == 2 && !out.contains("13800000000") && err.contains("2 到 200 字"), "{code}: {out}{err}");
    assert_eq!(second.json(&ask("联系住户"))["values"], serde_json::json!(["13800000000"]));
    second.json(&["sync"]);
    second.json(&["sync"]);
    assert_eq!(desk.json(&["audit", "list"]).to_string().matches("phone: 联系住户 (on phone").count(), 1);
    desk.json(&["audit", "verify"]);

    // The server's port is taken over by one with another key: nothing is sent, everything is kept.
    first.say(&["diary", "add", "楼道灯坏了，已报修"]);
    desk.stop();
    let mut false_desk = Desk { data: folder.path().join("false"), serving: None };
    false_desk.json(&grid);
    false_desk.serve(url.trim_start_matches("https://"));
    let (code, _, err) = first.run(&["sync", "--repeats", "0"]);
    assert_eq!(code, 3, "{err}");
    assert_eq!(first.json(&["status"])["unsent"], 1);
    false_desk.stop();
    desk.serve(url.trim_start_matches("https://"));
    assert_eq!(first.json(&["sync"])["sent"], 1);
    assert_eq!(second.json(&["sync"])["received"], 1);
}

/// A served town with two workers of one grid and their lead, who all have phones; a household is on them.
fn a_town(folder: &Path) -> (Desk, [Phone; 3], String) {
    let mut desk = Desk { data: folder.join("data"), serving: None };
    desk.json(&["init", "--community", "虚构社区", "--grid", "第一网格", "--grid", "第二网格"]);
    let url = desk.serve("127.0.0.1:0");
    let people = [
        ("测试员甲", "worker", "第一网格"),
        ("测试员乙", "worker", "第一网格"),
        ("测试组长", "lead", "虚构社区"),
    ];
    let phones = people.map(|(name, role, scope)| {
        desk.json(&["people", "add", name, "--role", role, "--scope", scope]);
        let phone = Phone(folder.join(name));
        phone.say(&["enrol", &desk.invite(name, &url)]);
        phone
    });
    let home =
        phones[0].json(&["household", "add", "3-1-501", "--class", "红"])["id"].as_str().unwrap().to_owned();
    for phone in &phones {
        phone.json(&["sync"]);
    }
    (desk, phones, home)
}

#[test]
fn two_workers_disagree_one_chooses_and_the_lead_returns_it() {
    let folder = tempfile::tempdir().unwrap();
    let (_desk, [first, second, lead], home) = a_town(folder.path());
    let visit =
        first.json(&["visit", "add", "3-1-501", "--outcome", "met"])["id"].as_str().unwrap().to_owned();
    first.json(&["sync"]);
    second.json(&["sync"]);
    first.say(&["visit", "edit", &visit, "--note", "门口堆物"]);
    second.say(&["visit", "edit", &visit, "--note", "门口已清"]);
    for phone in [&first, &second, &first] {
        phone.json(&["sync"]);
    }
    let told = first.say(&["conflicts"]);
    assert!(told.contains("门口堆物") && told.contains("门口已清") && told.contains("resolve"), "{told}");
    let (code, _, err) = first.run(&["resolve", &visit, "note", "--take", "3"]);
    assert!(code == 2 && err.contains("conflicts"), "{code}: {err}");
    let chosen = first.json(&["resolve", &visit, "note", "--take", "1"])["content"]["note"].clone();
    assert!(first.json(&["conflicts"]).as_array().unwrap().is_empty());
    first.json(&["sync"]);
    second.json(&["sync"]);
    assert!(second.json(&["conflicts"]).as_array().unwrap().is_empty());
    assert_eq!(second.json(&["show", &visit])["content"]["note"], chosen);

    let outreach =
        ["outreach", "add", "--form", "展板", "--building", "3", "--reached", "20", "--fraud", "刷单返利"];
    let logged = first.json(&outreach)["content"].clone();
    assert_eq!((&logged["form"], &logged["reached"]), (&"display".into(), &20.into()), "{logged}");
    assert!(second.say(&["household", "list"]).contains("3-1-501"), "{home}");

    lead.json(&["sync"]);
    let (code, _, err) = lead.run(&["review", &visit, "退回"]);
    assert!(code == 2 && err.contains("批注"), "a return says why: {code}: {err}");
    lead.say(&["review", &visit, "退回", "--note", "请补充住户电话"]);
    lead.json(&["sync"]);
    first.json(&["sync"]);
    let told = first.say(&["show", &visit]);
    assert!(told.contains("退回") && told.contains("请补充住户电话"), "{told}");
}

#[test]
fn refused_work_goes_once_the_role_is_back_and_a_household_changes_hands() {
    let folder = tempfile::tempdir().unwrap();
    let (desk, [first, _, lead], home) = a_town(folder.path());
    first.say(&["household", "edit", "3-1-501", "--note", "已装烟感"]);
    // Who may still read the grid keeps it, with the work that is not theirs to write any more.
    desk.json(&["grant", "测试员甲", "auditor", "第一网格"]);
    desk.json(&["revoke", "grant", "测试员甲", "worker", "第一网格"]);
    let (code, out, _) = first.run(&["--json", "sync"]);
    assert_eq!(code, 4, "{out}");
    let status = first.json(&["status"]);
    assert_eq!((&status["unsent"], &status["refused"]), (&0.into(), &1.into()), "{status}");
    desk.json(&["grant", "测试员甲", "worker", "第一网格"]);
    first.json(&["sync"]);
    let status = first.json(&["status"]);
    assert_eq!(
        (&status["unsent"], &status["refused"]),
        (&0.into(), &0.into()),
        "it went by itself: {status}"
    );
    let (code, _, err) = first.run(&["rescue", "3-1-501"]);
    assert!(code == 2 && err.contains("没有被退收的改动"), "there is nothing to rescue: {err}");
    lead.json(&["sync"]);
    assert_eq!(lead.json(&["show", &home])["content"]["note"], "已装烟感");

    assert!(lead.say(&["handovers"]).contains("没有"));
    let hand_over = ["hand-over", "--from", "第一网格", "--to", "第二网格", "--household", &home];
    let report = desk.json(&[&hand_over[..], &["--by", "测试组长"]].concat());
    assert_eq!(report["handed_over"]["households"], 1, "{report}");
    for phone in [&first, &lead] {
        phone.json(&["sync"]);
        let told = phone.say(&["handovers"]);
        assert!(told.contains("第一网格 → 第二网格"), "{told}");
    }
    let (code, _, _) = first.run(&["show", &home]);
    assert_ne!(code, 0, "it left the first worker's phone");
}

#[test]
fn plain_http_beyond_this_machine_is_refused_on_both_ends_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk { data: folder.path().join("data"), serving: None };
    desk.json(&["init", "--community", "虚构社区"]);
    let output = desk.command(&["serve", "--listen", "0.0.0.0:0"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        !output.status.success() && said.contains("--tls-cert") && said.contains("--insecure-http"),
        "{said}"
    );

    let phone = Phone(folder.path().join("phone"));
    let enrol = ["enrol", "--server", "http://192.0.2.1:8080", "--invite", "x"];
    let (code, _, err) = phone.run(&enrol);
    assert!(code == 2 && err.contains("https://"), "{code}: {err}");
    let insisted = ["--json", "enrol", "--server", "http://127.0.0.2:9", "--invite", "x", "--insecure-http"];
    assert_eq!(phone.run(&insisted).0, 3, "it may leave, and finds nobody");
}
