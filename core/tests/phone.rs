//! The phone in a terminal: one worker's day without a network, told through the built program.
//!
//! `cargo test` builds the program as an example beside this test; with `--test phone` alone, run
//! `cargo build -p gridbook-core --example phone` first.
#![cfg(feature = "http")]
#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use gridbook_core::clock::Surroundings;
use gridbook_core::id::{DeviceId, PersonId, ScopeId};
use gridbook_core::model::{Directory, Grant, Person, Role, Scope, ScopeKind, words};
use gridbook_core::sync::protocol::{
    EnrolRequest, EnrolResponse, RecoverRequest, RecoverResponse, SyncProtocol, SyncRequest, SyncResponse,
};
use gridbook_core::vault::FolderVault;
use gridbook_core::workbook::Guard;
use gridbook_core::{Error, Result};
use serde_json::Value;

/// Nothing listens there: port 9 is for throwing bytes away, and here not even that.
const NOWHERE: &str = "http://127.0.0.1:9";

/// A desk that enrols and is never reached again.
struct Desk;

impl SyncProtocol for Desk {
    async fn enrol(&self, _: EnrolRequest) -> Result<EnrolResponse> {
        let scope = |id: &str, kind, name: &str, parent: Option<&str>| Scope {
            id: id.into(),
            kind,
            name: name.into(),
            parent: parent.map(ScopeId::from),
        };
        let grant = |scope: &str, role| Grant { scope: scope.into(), role };
        Ok(EnrolResponse {
            server: None,
            terms: None,
            device: DeviceId::from("d1"),
            person: PersonId::from("p1"),
            grants: vec![grant("s-grid", Role::Worker), grant("s-safe", Role::Lead)],
            directory: Directory {
                version: 1,
                scopes: vec![
                    scope("s-town", ScopeKind::Community, "虚构社区", None),
                    scope("s-grid", ScopeKind::Grid, "第一网格", Some("s-town")),
                    scope("s-safe", ScopeKind::TaskGroup, "安全防范", Some("s-town")),
                ],
                people: vec![Person { id: "p1".into(), name: "测试员甲".into() }],
                zone_minutes: 480,
                ..Directory::default()
            },
        })
    }

    async fn sync(&self, _: SyncRequest) -> Result<SyncResponse> {
        Err(Error::Offline("no network".into()))
    }

    async fn recover(&self, _: RecoverRequest) -> Result<RecoverResponse> {
        Err(Error::Offline("no network".into()))
    }
}

/// One phone's home folder and the program that runs on it.
struct Phone {
    folder: tempfile::TempDir,
}

/// What a command answered.
struct Answer {
    code: i32,
    out: String,
    err: String,
}

impl Phone {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A phone with its place in 第一网格 and 安全防范, behind it a server that is never reached.
    async fn enrolled() -> Self {
        let phone = Self::new();
        let vault = Arc::new(FolderVault::at(&phone.home().join("vault")).unwrap());
        let guard = Guard::new(&phone.home().join("workbook.db"), vault, Surroundings::system()).unwrap();
        guard.open(None).unwrap().workbook.enrol(&Desk, NOWHERE, "invite", "phone").await.unwrap();
        phone
    }

    fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    fn run(&self, arguments: &[&str]) -> Answer {
        let Output { status, stdout, stderr } = Command::new(program())
            .args(arguments)
            .env("GRIDBOOK_HOME", self.home())
            .env_remove("GRIDBOOK_LANG")
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Answer { code: status.code().unwrap(), out: text(stdout), err: text(stderr) }
    }

    /// Runs a command that must succeed; its answer for people.
    fn say(&self, arguments: &[&str]) -> String {
        let answer = self.run(arguments);
        assert_eq!(answer.code, 0, "{arguments:?}: {}{}", answer.out, answer.err);
        answer.out
    }

    /// Runs a command that must succeed; its answer for programs.
    fn ask(&self, arguments: &[&str]) -> Value {
        let mut arguments = arguments.to_vec();
        arguments.push("--json");
        serde_json::from_str(&self.say(&arguments)).unwrap()
    }

    /// Runs a command that must fail; its exit code and its error for programs.
    fn fail(&self, arguments: &[&str]) -> (i32, Value) {
        let mut arguments = arguments.to_vec();
        arguments.push("--json");
        let answer = self.run(&arguments);
        assert_eq!(answer.out, "", "a failure answers on stderr only");
        let last = answer.err.lines().last().unwrap();
        (answer.code, serde_json::from_str(last).unwrap())
    }
}

/// The built example, beside the folder that holds this test.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let program = profile.join("examples").join(format!("phone{}", std::env::consts::EXE_SUFFIX));
    assert!(program.exists(), "run cargo build -p gridbook-core --example phone first");
    program
}

fn short(record: &Value) -> String {
    let id = record["id"].as_str().unwrap();
    id[id.len() - 8..].to_owned()
}

#[test]
fn a_new_phone_makes_its_home_and_says_how_to_enrol() {
    let phone = Phone::new();
    let told = phone.say(&["status"]);
    assert!(told.contains("还没有登记") && told.contains("enrol"), "{told}");
    let key = phone.home().join("vault/guard");
    assert!(key.exists());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    }
    for command in [&["household", "add", "3-1-501"][..], &["diary", "show"], &["search", "反诈"], &["sync"]]
    {
        let refused = phone.run(command);
        assert_eq!(refused.code, 1, "{command:?}");
        assert!(refused.err.contains("还没有登记"), "{}", refused.err);
    }
    let english = phone.run(&["--lang", "en", "visit", "add", "3-1-501"]);
    assert!(english.err.contains("not enrolled") && english.err.contains("administrator"), "{}", english.err);
    assert_eq!(phone.fail(&["drafts"]), (1, phone.fail(&["lists"]).1));
    assert_eq!(phone.fail(&["drafts"]).1["code"], "not_enrolled");
}

#[tokio::test]
async fn a_pin_opens_the_phone_and_a_wrong_one_says_how_many_are_left() {
    let phone = Phone::enrolled().await;
    assert_eq!(phone.fail(&["pin", "set", "111111"]).1["code"], "bad_pin");
    assert!(phone.say(&["pin", "set", "271828"]).contains("PIN"));
    assert_eq!(phone.fail(&["drafts"]), (4, phone.fail(&["lists"]).1));
    assert_eq!(phone.fail(&["drafts"]).1["code"], "pin_needed");
    let wrong = phone.run(&["drafts", "--pin", "271829"]);
    assert!(wrong.code == 4 && wrong.err.contains("还能试 9 次"), "{}", wrong.err);
    phone.say(&["drafts", "--pin", "271828"]);
    phone.say(&["pin", "remove", "--pin", "271828"]);
    phone.say(&["drafts"]);
    assert!(phone.say(&["unlock"]).contains("已解锁"), "it was not locked");
}

#[test]
fn a_signed_invitation_lets_the_worker_record_before_there_is_a_network() {
    use gridbook_core::clock::Instant;
    use gridbook_core::sync::invitation::Invitation;
    use gridbook_core::sync::mandate::{Mandate, SignedMandate};
    use gridbook_core::sync::statement::public_key;

    let mandate = Mandate {
        person: Person { id: "p1".into(), name: "测试员甲".into() },
        grants: vec![Grant { scope: "s-grid".into(), role: Role::Worker }],
        scopes: vec![Scope {
            id: "s-grid".into(),
            kind: ScopeKind::Grid,
            name: "第一网格".into(),
            parent: Some("s-town".into()),
        }],
        zone_minutes: 480,
        expires: Instant(Surroundings::system().now().0 + 86_400_000),
    };
    let plain = Invitation::new(NOWHERE, "k7q2-9x4m").unwrap();
    let signed = SignedMandate::new(&mandate, NOWHERE, "k7q2-9x4m", &[9; 32]).unwrap();
    let invitation = Invitation { key: Some(public_key(&[9; 32])), mandate: Some(signed), ..plain };
    assert!(invitation.to_text().len() < 900, "it fits into a QR code that a phone reads at once");

    let phone = Phone::new();
    let told = phone.say(&["enrol", &invitation.to_text()]);
    assert!(
        told.contains("可以直接记录") && told.contains("测试员甲") && told.contains("邀请有效至"),
        "{told}"
    );
    phone.say(&["household", "add", "3-1-501", "--class", "红"]);
    assert_eq!(phone.ask(&["status"])["joining"]["person"], "p1");
    let synced = phone.run(&["sync", "--repeats", "0"]);
    assert!(synced.code == 3 && synced.err.contains("没有丢失任何内容：1 项"), "{}", synced.err);
    let forged = Invitation { key: Some(public_key(&[8; 32])), ..invitation };
    assert_eq!(Phone::new().fail(&["enrol", &forged.to_text()]).1["code"], "bad_invitation");
}

#[test]
fn invitations_are_checked_before_anything_is_sent() {
    let phone = Phone::new();
    let (code, error) = phone.fail(&["enrol", "https://grid.example/hello"]);
    assert_eq!((code, error["code"].as_str()), (2, Some("bad_invitation")));
    let (code, _) = phone.fail(&["enrol", "--server", "grid.example", "--invite", "x"]);
    assert_eq!(code, 2);
    let (code, error) = phone.fail(&["enrol", "--server", "http://grid.example"]);
    assert_eq!((code, error["code"].as_str()), (2, Some("usage")));
    let (code, error) = phone.fail(&["enrol", &format!("gridbook://enrol?server={NOWHERE}&invite=x")]);
    assert_eq!((code, error["code"].as_str()), (3, Some("offline")));
}

// Story: offline_day
#[tokio::test]
async fn a_day_without_a_network() {
    let phone = Phone::enrolled().await;
    assert!(phone.say(&["household", "due"]).contains("没有到期的户"));
    assert!(phone.say(&["household", "list"]).contains("household import"), "says what to do");

    let added = phone.say(&[
        "household",
        "add",
        "3-1-501",
        "--class",
        "红",
        "--occupancy",
        "自住",
        "--tag",
        "独居老人",
    ]);
    assert!(added.contains("已保存户") && added.contains("3-1-501") && added.contains("在手机"), "{added}");
    phone.say(&["household", "add", "2-1-301", "--class", "yellow"]);
    let due = phone.say(&["household", "due"]);
    let places: Vec<_> = ["2-1-301", "3-1-501"].map(|place| due.find(place).unwrap()).into();
    assert!(places[0] < places[1], "walking order: {due}");
    assert!(due.contains("还没走访过") && due.contains("独居老人"), "{due}");

    let visit = phone.ask(&[
        "visit",
        "add",
        "3-1-501",
        "--outcome",
        "见面",
        "--purpose",
        "安全检查,anti_fraud",
        "--hazard",
        "飞线充电",
        "--note",
        "提醒警惕刷单返利",
        "--outreach",
        "--fraud",
        "刷单返利",
    ]);
    assert_eq!(visit["content"]["outcome"], "met");
    assert_eq!(visit["content"]["purposes"], serde_json::json!(["anti_fraud", "safety_check"]));
    assert_eq!(visit["standing"], "on_phone");
    assert_eq!(visit["outreach"]["content"]["visit"], visit["id"]);
    assert_eq!(visit["outreach"]["content"]["fraud_types"], serde_json::json!(["fake_orders"]));
    let missed = phone.say(&["visit", "add", "2-1-301", "--outcome", "未遇"]);
    assert!(missed.contains("再访"), "a miss schedules its retry: {missed}");
    assert!(phone.say(&["household", "due"]).contains("没有到期的户"));
    let later = phone.ask(&["household", "due", "--date", "2099-01-01"]);
    assert_eq!(later.as_array().unwrap().len(), 2);
    assert_eq!(later[0]["due"]["reason"], "retry");

    phone.say(&["diary", "add", "楼道灯坏了，已报修", "--category", "安全防范", "--follow-up"]);
    let page = phone.say(&["diary", "show"]);
    assert!(page.contains("走访 2 户次（见面 1）· 宣传 1 人次"), "{page}");
    assert!(page.contains("待跟进 1 件") && page.contains("楼道灯坏了"), "{page}");
    assert_eq!(phone.ask(&["diary", "show"])["lines"].as_array().unwrap().len(), 4);
    assert!(phone.say(&["diary", "show", "--date", "2020-01-01"]).contains("visit add"));

    let found = phone.ask(&["search", "刷单"]);
    let first = &found[0]["content"]["fraud_types"];
    assert_eq!(
        first,
        &serde_json::json!(["fake_orders"]),
        "by its fraud type's word, and by what was written"
    );
    assert_eq!(found[1]["id"], visit["id"]);
    assert!(phone.say(&["search", "没有的词"]).contains("没有找到"));

    let id = short(&visit);
    phone.say(&["visit", "edit", &id, "--note", "提醒警惕刷单返利，已退群", "--purpose", "反诈宣传"]);
    let shown = phone.say(&["show", &id]);
    assert!(shown.contains("3-1-501") && shown.contains("已退群") && shown.contains("测试员甲"), "{shown}");
    assert!(!shown.contains("安全检查"), "the edit replaced the purposes: {shown}");
    let history = phone.say(&["history", &id]);
    assert!(history.contains("走访目的 / 安全检查") && history.contains("走访情况"), "{history}");
    assert_eq!(phone.ask(&["history", &id]).as_array().unwrap().len(), 2);

    assert_eq!(phone.run(&["void", &id]).code, 2, "a reason is asked for");
    assert!(phone.say(&["void", &id, "--reason", "记错了户"]).contains("已作废"));
    assert!(phone.say(&["show", &id]).contains("记错了户"));
    let (code, error) = phone.fail(&["visit", "edit", &id, "--note", "再改"]);
    assert_eq!((code, error["code"].as_str()), (2, Some("voided")));
    assert!(phone.say(&["conflicts"]).contains("没有要选择的内容"));

    let status = phone.ask(&["status"]);
    assert_eq!(status["enrolment"]["person"], "p1");
    let unsent = status["unsent"].as_u64().unwrap();
    assert!(unsent >= 8, "{status}");

    let offline = phone.run(&["sync", "--repeats", "0"]);
    assert_eq!(offline.code, 3);
    assert!(
        offline.err.contains("没有丢失任何内容") && offline.err.contains("连不上服务器"),
        "{}",
        offline.err
    );
    assert_eq!(phone.fail(&["sync", "--repeats", "0"]).1["code"], "offline");
    assert_eq!(phone.ask(&["status"])["unsent"], unsent, "everything is kept");
    let summary = phone.ask(&["summary"]);
    assert_eq!(summary["buildings"][0]["building"], "2");
}

#[tokio::test]
async fn bad_input_is_named_and_loses_nothing() {
    let phone = Phone::enrolled().await;
    phone.say(&["household", "add", "1-1-101"]);
    let (code, error) = phone.fail(&["visit", "add", "1-1-101", "--note", "第一个字"]);
    assert_eq!(
        (code, error["code"].as_str(), error["field"].as_str()),
        (2, Some("invalid"), Some("outcome"))
    );
    let draft = error["draft"].as_str().unwrap();
    let draft = &draft[draft.len() - 8..];
    assert!(phone.say(&["drafts"]).contains("第一个字"));
    let saved = phone.ask(&["visit", "add", "--draft", draft, "--outcome", "met"]);
    assert_eq!(saved["content"]["note"], "第一个字");
    assert!(phone.say(&["drafts"]).contains("没有草稿"));

    let told = phone.run(&["visit", "add", "1-1-101", "--outcome", "见过"]);
    assert_eq!(told.code, 2);
    assert!(told.err.contains("见过") && told.err.contains("见面、未遇、拒访、电话"), "{}", told.err);
    let codes = |arguments: &[&str]| {
        let (code, error) = phone.fail(arguments);
        (code, error["code"].as_str().unwrap().to_owned())
    };
    let bad = |code: &str| (2, code.to_owned());
    assert_eq!(codes(&["household", "add", "三栋"]), bad("bad_dwelling"));
    assert_eq!(codes(&["visit", "add", "9-9-999", "--outcome", "met"]), bad("no_such_dwelling"));
    assert_eq!(codes(&["show", "abcdef01"]), bad("unknown_id"));
    assert_eq!(codes(&["show", &short(&saved)[4..]]), bad("unknown_id"));
    assert_eq!(codes(&["diary", "show", "--date", "23.11."]), bad("bad_day"));
    assert_eq!(codes(&["diary", "show", "--person", "无此人"]), bad("unknown_person"));
    assert_eq!(codes(&["visit", "edit", &short(&saved), "--started", "25:00"]), bad("bad_time"));
    assert_eq!(codes(&["diary", "edit", &short(&saved)]), bad("wrong_kind"));
    assert_eq!(codes(&["resolve", &short(&saved), "走访结果", "随便"]), bad("invalid"));
    assert_eq!(codes(&["resolve", &short(&saved), "走访结果", "--take", "1"]), bad("invalid"));
    assert_eq!(codes(&["dance"]), bad("usage"));
    let (code, error) = phone.fail(&["review", &short(&saved), "seen"]);
    assert_eq!((code, error["code"].as_str()), (4, Some("not_permitted")), "a worker reviews nothing");
}

#[tokio::test]
async fn a_roster_with_a_bad_line_imports_nothing() {
    let phone = Phone::enrolled().await;
    let file = phone.folder.path().join("名册.csv");
    let file = file.to_str().unwrap();
    std::fs::write(file, "楼栋,单元,房号,户分类\n1,1,101,红\n1,1,102,紫\n1,1,,绿\n").unwrap();
    let told = phone.run(&["household", "import", file]);
    assert_eq!(told.code, 2);
    assert!(told.err.contains("一户也没有导入") && told.err.contains("请填房号"), "{}", told.err);
    let (_, error) = phone.fail(&["household", "import", file]);
    let lines: Vec<_> = error["problems"].as_array().unwrap().iter().map(|it| it["line"].as_u64()).collect();
    assert_eq!(lines, [Some(3), Some(4)]);
    assert_eq!(phone.ask(&["household", "list"]), serde_json::json!([]));

    std::fs::write(file, "楼栋,单元,房号,户分类,口味\n1,1,101,红,辣\n1,1,102,绿,\n").unwrap();
    let told = phone.say(&["household", "import", file]);
    assert!(told.contains("已导入 2 户") && told.contains("口味"), "{told}");
    // A roster that grew is imported again: what is there stays as it is.
    phone.say(&["household", "edit", "1-1-101", "--note", "已搬来"]);
    std::fs::write(file, "住址,户分类\n1栋1单元101室,绿\n1-1-103,绿\n").unwrap();
    let told = phone.say(&["household", "import", file]);
    assert!(told.contains("已导入 1 户") && told.contains("另有 1 户网格里已有"), "{told}");
    let homes = phone.ask(&["household", "list"]);
    assert_eq!(homes.as_array().unwrap().len(), 3);
    assert_eq!(
        (&homes[0]["content"]["note"], &homes[0]["content"]["class"]),
        (&"已搬来".into(), &"red".into())
    );
}

#[tokio::test]
async fn checklists_begin_from_templates_and_are_ticked_by_number_title_or_id() {
    let phone = Phone::enrolled().await;
    assert!(phone.say(&["lists"]).contains("没有清单"));
    phone.say(&[
        "template",
        "add",
        "每周安全巡查",
        "--group",
        "安全防范",
        "--recurs",
        "每周",
        "--item",
        "查疏散通道",
        "--item",
        "查充电棚",
    ]);
    let told = phone.say(&["lists"]);
    assert!(told.contains("已按模板生成本期清单 1 份") && told.contains("0/2"), "{told}");
    let lists = phone.ask(&["lists"]);
    assert_eq!(lists.as_array().unwrap().len(), 1, "the period begins once");
    let list = short(&lists[0]);
    let ticked = phone.say(&["tick", &list, "2"]);
    assert!(ticked.contains("1/2") && ticked.contains("测试员甲"), "{ticked}");
    let done = phone.ask(&["tick", &list, "查疏散通道"]);
    assert_eq!(done["content"]["ticks"].as_object().unwrap().len(), 2);
    assert!(phone.say(&["diary", "show"]).contains("查疏散通道"), "ticks are on the day's page");
    assert!(phone.say(&["untick", &list, "i2"]).contains("1/2"));
    assert_eq!(phone.fail(&["tick", &list, "3"]).1["code"], "no_such_item");
    let made =
        phone.say(&["list", "add", "临时清单", "--group", "s-safe", "--item", "贴告示", "--people", "2"]);
    assert!(made.contains("临时清单") && made.contains("0/2"), "{made}");
}

#[tokio::test]
async fn an_item_says_by_when_by_how_many_and_by_whom() {
    let phone = Phone::enrolled().await;
    let add = |item: &'static str| ["list", "add", "消防", "--group", "s-safe", "--item", item];
    let item = "换灭火器；due=2099-01-02;people=2;for=测试员甲";
    let told = phone.say(&add(item));
    assert!(told.contains("2099-01-02") && told.contains("测试员甲") && told.contains("0/2"), "{told}");
    let made = phone.ask(&add(item));
    let (item, asked) = (&made["content"]["items"]["i1"], &made["content"]["assignees"]["i1"]);
    assert_eq!(
        (&item["title"], &item["due"], &item["people"]),
        (&"换灭火器".into(), &"2099-01-02".into(), &2.into())
    );
    assert_eq!(asked.as_array().unwrap().len(), 1, "{made}");
    for (wrong, code) in [
        ("换灭火器;people=two", "bad_item"),
        ("换灭火器;soon", "bad_item"),
        ("换灭火器;due=someday", "bad_day"),
        ("换灭火器;for=没有这个人", "unknown_person"),
    ] {
        assert_eq!(phone.fail(&add(wrong)).1["code"], code, "{wrong}");
    }
    let template =
        ["template", "add", "月查", "--group", "s-safe", "--recurs", "monthly", "--item", "查消防箱;after=3"];
    let template = phone.ask(&template);
    assert_eq!(template["content"]["items"]["i1"]["due_after"], 3, "{template}");
}

#[test]
fn every_reason_for_refusing_a_request_has_a_word() {
    let source = include_str!("../src/sync/protocol.rs");
    let codes =
        source.split("FailureCode::").filter_map(|part| part.split_once(" => \"")).map(|(_, rest)| rest);
    let codes: Vec<_> = codes.filter_map(|rest| rest.split('"').next()).collect();
    assert!(codes.len() >= 14, "{codes:?}");
    let known: std::collections::BTreeSet<_> = words::keys().collect();
    for code in codes {
        assert!(known.contains(&format!("phone_refusal.{code}")), "{code}");
    }
}
