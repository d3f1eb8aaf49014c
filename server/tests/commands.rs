//! The administrator's commands from a terminal: the built program over a temporary folder.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn command(data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gridbook-server"));
    command.arg("--data").arg(data).args(arguments).env_remove("GRIDBOOK_DATA");
    command
}

fn run(data: &Path, arguments: &[&str]) -> Output {
    command(data, arguments).output().unwrap()
}

/// Runs a command that must succeed, as JSON.
fn json(data: &Path, arguments: &[&str]) -> Value {
    let output = run(data, &[&["--json"], arguments].concat());
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Runs a command that must fail; what it says.
fn fails(data: &Path, arguments: &[&str]) -> String {
    let output = run(data, arguments);
    assert!(!output.status.success(), "{arguments:?} should fail");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_community_is_set_up_served_and_backed_up() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    assert!(fails(&data, &["people", "list"]).contains("init --community"), "it says what to do");

    let output = run(&data, &["init", "--community", "样例社区", "--grid", "第一网格", "--grid", "第二网格"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("people add") && said.contains("serve"), "it says what comes next: {said}");
    assert!(fails(&data, &["init", "--community", "样例社区"]).contains("of this name"));
    assert_eq!(json(&data, &["scopes", "list"]).as_array().unwrap().len(), 8);

    json(&data, &["people", "add", "样例甲", "--role", "worker", "--scope", "第一网格"]);
    json(&data, &["people", "add", "样例组长"]);
    assert_eq!(json(&data, &["grant", "样例组长", "lead", "样例社区/第一网格"])["changed"], true);
    assert!(fails(&data, &["grant", "无此人", "lead", "第一网格"]).contains("there is none"));
    let told: Value =
        serde_json::from_str(&fails(&data, &["--json", "grant", "无此人", "lead", "第一网格"])).unwrap();
    assert_eq!(told["code"], "not_possible");
    assert!(told["message"].as_str().unwrap().contains("there is none"), "{told}");
    assert!(fails(&data, &["grant", "样例组长", "member", "第一网格"]).contains("task group"));
    assert!(fails(&data, &["grant", "样例组长", "boss", "第一网格"]).contains("administrator, lead"));
    json(&data, &["people", "add", "样例甲"]);
    assert!(fails(&data, &["invite", "样例甲"]).contains("give the id"), "two people of one name");

    let roster = folder.path().join("名册.csv");
    std::fs::write(&roster, "住址,分类\n3-1-501,红\n没有门牌,黄\n").unwrap();
    let roster = roster.to_str().unwrap();
    let output = run(&data, &["import", roster, "--grid", "第一网格"]);
    assert!(!output.status.success());
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("line 3"), "{said}");
    assert!(said.contains("0 households imported"), "{said}");
    std::fs::write(roster, "住址,分类\n3-1-501,红\n3-1-502,黄\n").unwrap();
    assert_eq!(json(&data, &["import", roster, "--grid", "第一网格", "--dry-run"])["households"], 2);
    assert_eq!(json(&data, &["import", roster, "--grid", "第一网格"])["households"], 2);
    let again = json(&data, &["import", roster, "--grid", "第一网格"]);
    assert_eq!((&again["households"], again["known"].as_array().unwrap().len()), (&Value::from(0), 2));

    json(&data, &["rhythm", "set", "红", "5"]);
    assert_eq!(json(&data, &["rhythm", "list"])[0]["days"], 5);
    assert!(fails(&data, &["rhythm", "set", "紫", "5"]).contains("red, yellow, green"));

    let token = json(&data, &["people", "token", "样例组长"])["token"].as_str().unwrap().to_owned();
    let invitation = json(&data, &["invite", "样例组长", "--server", "https://grid.example"]);
    let payload = invitation["payload"].as_str().unwrap();
    let taken: gridbook_core::sync::invitation::Invitation = payload.parse().unwrap();
    assert_eq!(taken.server, "https://grid.example");
    assert_eq!(taken.secret, invitation["secret"].as_str().unwrap());
    assert!(fails(&data, &["invite", "样例组长", "--server", "grid.example"]).contains("https://"));
    let listed = serde_json::to_string(&json(&data, &["people", "list"])).unwrap();
    assert!(!listed.contains(&token), "secrets are shown once");

    serve_and_read(&data, &token);

    let copy = folder.path().join("copy.db");
    json(&data, &["backup", copy.to_str().unwrap()]);
    assert!(copy.metadata().unwrap().len() > 0);
    assert!(fails(&data, &["backup", copy.to_str().unwrap()]).contains("exists"));
    let id = json(&data, &["people", "list"]);
    let lead = id.as_array().unwrap().iter().find(|person| person["name"] == "样例组长").unwrap();
    let id = lead["tokens"][0]["id"].as_str().unwrap();
    assert_eq!(json(&data, &["revoke", "token", id])["changed"], true);
    assert_eq!(json(&data, &["revoke", "grant", "样例组长", "lead", "第一网格"])["changed"], true);
    assert_eq!(json(&data, &["revoke", "grant", "样例组长", "lead", "第一网格"])["changed"], false);
}

/// The program serves on a free port, a lead reads, SIGTERM ends it in good order.
fn serve_and_read(data: &Path, token: &str) {
    let mut child = command(data, &["serve", "--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = line.trim().strip_prefix("listening on ").unwrap().to_owned();
    let page = tokio::runtime::Runtime::new().unwrap().block_on(async {
        gridbook_server::tls::choose_cryptography();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = http.get(format!("{url}/v1/records?kind=household"));
        let answer = request.header("authorization", format!("Bearer {token}")).send().await.unwrap();
        serde_json::from_slice::<Value>(&answer.bytes().await.unwrap()).unwrap()
    });
    assert_eq!(page["records"].as_array().unwrap().len(), 2);
    assert_eq!(page["records"][0]["author_name"], "管理员");
    Command::new("kill").arg(child.id().to_string()).status().unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "SIGTERM ends it in good order");
    let log = String::from_utf8(output.stderr).unwrap();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().any(|line| line["fields"]["message"] == "stopped"), "{log}");
    assert!(!log.contains("管理员") && !log.contains(token), "no names, no secrets");
}

#[test]
fn the_help_explains_itself() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["--help"]);
    let help = String::from_utf8(output.stdout).unwrap();
    for word in ["init", "serve", "invite", "people", "grant", "revoke", "import", "rhythm", "backup"] {
        assert!(help.contains(word), "{word}");
    }
    assert!(help.contains("put the file back"), "how to restore is said");
}

#[test]
fn households_are_handed_over_once_and_what_names_nothing_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    json(&data, &["init", "--community", "样例社区", "--grid", "第一网格", "--grid", "第二网格"]);
    let roster = folder.path().join("名册.csv");
    std::fs::write(&roster, "住址,联系人\n3-1-501,样例甲\n3-1-502,样例乙\n4-1-101,样例丙\n").unwrap();
    json(&data, &["import", roster.to_str().unwrap(), "--grid", "第一网格"]);
    let way = ["hand-over", "--from", "第一网格", "--to", "第二网格"];
    let hand_over = |more: &[&str]| json(&data, &[&way, more].concat())["handed_over"].clone();
    let count =
        |report: Value| ["households", "records", "there_already"].map(|name| report[name].as_u64().unwrap());
    assert_eq!(count(hand_over(&["--building", "3", "--dry-run"])), [2, 2, 0]);
    assert_eq!(count(hand_over(&["--building", "3"])), [2, 2, 0], "the dry run moved nothing");
    assert_eq!(count(hand_over(&["--building", "3"])), [0, 0, 2], "once is enough");
    assert!(fails(&data, &[&way[..], &["--building", "9"]].concat()).contains("building 9"));
    let nobody = "01a20600-b780-7213-80c3-51a9100d5aa6";
    assert!(fails(&data, &[&way[..], &["--household", nobody]].concat()).contains("has none with this id"));
    assert!(fails(&data, &[&way[..], &[]].concat()).contains("--all"), "it says what may be named");
    assert!(
        fails(&data, &["hand-over", "--from", "第一网格", "--to", "第九网格", "--all"]).contains("第九网格")
    );
    assert_eq!(count(hand_over(&["--all", "--why", "recut"])), [1, 1, 0]);
    assert_eq!(count(hand_over(&["--all"])), [0, 0, 0]);
}

#[test]
fn a_sealed_backup_comes_back_and_what_is_purged_is_proved() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    json(&data, &["init", "--community", "样例社区", "--grid", "第一网格"]);
    let roster = folder.path().join("名册.csv");
    std::fs::write(&roster, "住址,联系人\n3-1-501,样例龘\n3-1-502,样例乙\n").unwrap();
    json(&data, &["import", roster.to_str().unwrap(), "--grid", "第一网格"]);

    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (key, sealed, other) = (at("backup.key"), at("sealed.db"), at("other.key"));
    json(&data, &["backup", &sealed, "--key-file", &key]);
    let bytes = std::fs::read(&sealed).unwrap();
    assert!(!bytes.windows(9).any(|window| window == "样例龘".as_bytes()) && !bytes.starts_with(b"SQLite"));
    assert_eq!(std::fs::read_to_string(&key).unwrap().trim().len(), 64);
    let restored = folder.path().join("restored");
    std::fs::write(&other, "0f".repeat(32)).unwrap();
    assert!(fails(&restored, &["restore", &sealed, "--key-file", &other]).contains("does not open it"));
    assert!(
        fails(&data, &["restore", &sealed, "--key-file", &key]).contains("exists"),
        "nothing is overwritten"
    );
    json(&restored, &["restore", &sealed, "--key-file", &key]);
    assert_eq!(json(&restored, &["people", "list"]), json(&data, &["people", "list"]));
    let again = json(&restored, &["import", roster.to_str().unwrap(), "--grid", "第一网格"]);
    assert_eq!(again["known"].as_array().unwrap().len(), 2, "the households are there");

    let tomorrow = ["--before", "2100-01-01", "--kind", "household", "--scope", "第一网格"];
    let would = json(&data, &[&["purge", "--dry-run"][..], &tomorrow].concat());
    assert_eq!(would["would_erase"].as_array().unwrap().len(), 2);
    let past = ["--before", "2026-01-01", "--kind", "household", "--scope", "第一网格"];
    let would = json(&data, &[&["purge", "--dry-run"][..], &past].concat());
    assert_eq!(would["would_erase"].as_array().unwrap().len(), 0, "nothing is that old");
    assert!(fails(&data, &["purge"]).contains("--record"));
    let rows = json(&data, &["audit", "list"]);
    assert_eq!(rows.as_array().unwrap().len(), 1, "the administrator's role");
    let head = json(&data, &["audit", "verify"])["head"].as_str().unwrap().to_owned();
    json(&data, &["people", "add", "样例甲", "--role", "worker", "--scope", "第一网格"]);
    assert_eq!(json(&data, &["audit", "verify", "--head", &head])["rows"], 2);
    let wrong = format!("1:{}", "00".repeat(32));
    assert!(fails(&data, &["audit", "verify", "--head", &wrong]).contains("row 1"));

    let purged = json(&data, &[&["purge"][..], &tomorrow].concat());
    assert_eq!(purged["erased"].as_array().unwrap().len(), 2);
    let bytes = std::fs::read(data.join("gridbook.db")).unwrap();
    assert!(!bytes.windows(9).any(|window| window == "样例龘".as_bytes()), "not a byte of it is left");
    assert_eq!(json(&data, &["audit", "verify", "--head", &head])["rows"], 4, "the proof of two erasures");
    let once = json(&data, &["import", roster.to_str().unwrap(), "--grid", "第一网格"]);
    assert_eq!(once["households"], 2, "what was erased is no dwelling that is there");

    json(&data, &["retention", "set", "样例社区", "visit", "365"]);
    let days = json(&data, &["retention", "list", "样例社区"]);
    assert!(days.as_array().unwrap().contains(&serde_json::json!(["visit", 365])));
}
