//! A thousand invented residents go through everything that a phone and a server do, a crash included, and
//! none of them is found in any file, log or message that is not theirs to be in.

#![allow(clippy::print_stderr, reason = "what a program says when it fails is looked through")]
#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::process::Command;

use gridbook_core::id::RecordId;
use gridbook_core::model::{DiaryEntry, Household, Visit};
use gridbook_core::workbook::{Changed, Filter, Listener, New};
use gridbook_tests::town::{Phone, Town};

/// Where the inner run works; only it has this variable.
const FOLDER: &str = "GRIDBOOK_LEAK_FOLDER";
/// Every resident's name and note begins so, every number of theirs with the digits.
const NAME: &str = "标记人";
const PHONE: &str = "1390000";
const IDENTITY: &str = "110105194912310";
const RESIDENTS: usize = 1_000;

/// Panics while an edit is told: the worst moment for what a panic prints.
struct Panics;

impl Listener for Panics {
    fn changed(&self, changed: &Changed) {
        assert!(changed.records.is_empty(), "a listener fails at {} records", changed.records.len());
    }
}

fn roster() -> String {
    let mut roster = String::from("楼栋,单元,房号,户分类,联系人,联系电话,备注\n");
    for n in 0..RESIDENTS {
        let (building, room) = (1 + n / 100, 101 + n % 100);
        roster.push_str(&format!(
            "{building},1,{room},绿,{NAME}{n},{PHONE}{n:04},{NAME}的证号{IDENTITY}{n:03}\n"
        ));
    }
    roster
}

/// The inner run: everything, with every log line on standard error, ended by an abort.
#[tokio::test]
async fn inner_run() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(std::io::stderr)
        .init();
    let mut town = Town::new().await;
    let jia = town.worker("甲").await;
    let lead = town.lead("组长").await;
    let report = jia.workbook().households().import("名单.csv", roster().as_bytes(), None).unwrap();
    assert_eq!((report.imported, report.problems.len()), (RESIDENTS, 0), "{:?}", report.problems);
    jia.sync().await.unwrap();
    lead.sync().await.unwrap();
    let (homes, _) = jia.workbook().households().walk(None, 50).unwrap();
    for home in &homes {
        let whole = jia.workbook().get::<Household>(home.id).unwrap();
        assert!(whole.content.phone.starts_with(PHONE) && !home.content.phone.starts_with(PHONE));
        let visit = jia.visit(home, &format!("{}说{}", whole.content.contact, whole.content.phone));
        let mut edited = jia.workbook().get::<Visit>(visit.id).unwrap();
        edited.content.note.push_str("，已核实");
        jia.workbook().edit(&edited).unwrap();
    }
    let entry = DiaryEntry { text: format!("{NAME}7来访"), ..DiaryEntry::default() };
    jia.workbook().drafts().begin(&entry).unwrap();
    jia.workbook().diary().save(New::of(entry)).unwrap();
    town.settle(&[&jia, &lead]).await;

    lead_asks(&town, &lead, homes[0].id).await;

    // Errors: a rule that is broken, a full disk, a message that is none, a roster that is wrong.
    let wrong = Household { phone: format!("{PHONE}0007").repeat(1_000), ..Household::default() };
    say(jia.workbook().households().save(New::of(wrong)));
    let bad = roster().replace(",绿,", ",没有的类,");
    let problems = jia.workbook().households().import("坏名单.csv", bad.as_bytes(), None).unwrap().problems;
    eprintln!("{problems:?}");
    say(gridbook_core::model::Content::from_json(
        gridbook_core::model::Kind::Household,
        &format!(r#"{{"needs_visit":"{NAME}8"}}"#),
    ));
    let not = gridbook_core::sync::encoding::encode(&format!("{NAME}9")).unwrap();
    say(gridbook_core::sync::encoding::decode::<gridbook_core::sync::protocol::SyncRequest>(&not));
    jia.workbook().store().limit_pages(1).unwrap();
    for n in 0..200 {
        let entry = DiaryEntry { text: format!("{NAME}{n}").repeat(500), ..DiaryEntry::default() };
        if let Err(error) = jia.workbook().diary().save(New::of(entry)) {
            eprintln!("{error} {error:?}");
            break;
        }
    }
    jia.workbook().store().limit_pages(u32::MAX).unwrap();

    let server = town.server();
    std::fs::create_dir_all(&folder).unwrap();
    let key = "5a".repeat(32);
    server.sealed_backup(&folder.join("sealed.db"), &key).await.unwrap();
    server.backup(&folder.join("control.plain")).await.unwrap();
    let files = ["gridbook.db", "gridbook.db-wal"].map(|name| town.folder().join("server").join(name));
    let server = files.map(|file| std::fs::read(file).unwrap()).concat();
    std::fs::write(folder.join("control.server"), server).unwrap();

    // A panic in the middle of an edit, then a crash with the log of writes still beside the database.
    jia.workbook().listen(std::sync::Arc::new(Panics));
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        jia.visit(&homes[1], &format!("{NAME}1在家"))
    }));
    assert!(panicked.is_err());
    assert_eq!(jia.workbook().list::<Visit>(&Filter::default(), None, 200).unwrap().items.len(), 51);
    for phone in [&jia, &lead] {
        let name = phone.path().parent().unwrap().file_name().unwrap().to_str().unwrap().to_owned();
        for file in std::fs::read_dir(phone.path().parent().unwrap()).unwrap() {
            let file = file.unwrap();
            copy(&file.path(), &folder.join(format!("{name}-{}", file.file_name().to_str().unwrap())));
        }
    }
    std::process::abort();
}

/// A lead looks, reveals for a reason with a number in it, takes files away, and asks wrongly, all over the leads' API.
async fn lead_asks(town: &Town, lead: &Phone, home: RecordId) {
    let person = lead.workbook().enrolment().unwrap().person;
    let token = town.server().admin().token(&person, "台账", 30).await.unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = town.url();
    let reason = format!("回电{PHONE}0007，证号{IDENTITY}007");
    let reveal = http.post(format!("{url}/v1/records/{home}/reveal"));
    let answer = reveal.bearer_auth(&token).body(serde_json::json!({ "reason": reason }).to_string());
    let answer = answer.send().await.unwrap();
    assert!(answer.status() == 200 && answer.text().await.unwrap().contains(PHONE));
    for (path, status) in [
        (format!("/v1/records/{home}"), 200),
        (format!("/v1/records/{home}/history"), 200),
        ("/v1/records?limit=200".to_owned(), 200),
        ("/v1/exports/household?format=xlsx".to_owned(), 200),
        ("/v1/exports/household?format=csv".to_owned(), 200),
        ("/v1/exports/visit?format=jsonl".to_owned(), 200),
        (format!("/v1/records/{PHONE}0007"), 404),
        (format!("/v1/records?author={NAME}7"), 200),
        (format!("/v1/records?{PHONE}0007=1"), 400),
    ] {
        let answer = http.get(format!("{url}{path}")).bearer_auth(&token).send().await.unwrap();
        assert_eq!(answer.status(), status, "a path of this story");
    }
}

fn say<T: std::fmt::Debug>(result: gridbook_core::Result<T>) {
    let error = result.unwrap_err();
    eprintln!("{error} {error:?}");
}

/// The tables of the server that keep what records say, and what was refused of it or waits in the box.
const KEEPING: [&str; 4] = ["record", "change_", "quarantine", "parcel"];

/// Every value of every other table of a server's database, and how many rows of the audit log are among them.
fn beside_records(file: &Path) -> (Vec<u8>, usize) {
    let connection = rusqlite::Connection::open(file).unwrap();
    let names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let mut statement = connection.prepare(names).unwrap();
    let names: Vec<String> =
        statement.query_map([], |row| row.get(0)).unwrap().map(std::result::Result::unwrap).collect();
    assert!(KEEPING.iter().all(|kept| names.iter().any(|name| name == kept)), "{names:?}");
    let (mut bytes, mut audited) = (Vec::new(), 0);
    for name in names.iter().filter(|name| !KEEPING.contains(&name.as_str())) {
        let mut statement = connection.prepare(&format!("SELECT * FROM {name}")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            audited += usize::from(name == "audit");
            for column in 0..columns {
                match row.get_ref(column).unwrap() {
                    rusqlite::types::ValueRef::Text(value) | rusqlite::types::ValueRef::Blob(value) => {
                        bytes.extend_from_slice(value);
                        bytes.push(b'\n');
                    }
                    _ => {}
                }
            }
        }
    }
    (bytes, audited)
}

fn copy(from: &Path, to: &Path) {
    std::fs::copy(from, to).unwrap();
}

fn found(bytes: &[u8]) -> Vec<&'static str> {
    let holds = |marker: &str| bytes.windows(marker.len()).any(|window| window == marker.as_bytes());
    [NAME, PHONE, IDENTITY].into_iter().filter(|marker| holds(marker)).collect()
}

#[test]
fn no_resident_is_found_where_none_belongs() {
    let scratch = tempfile::tempdir().unwrap();
    let (folder, temporary) = (scratch.path().join("kept"), scratch.path().join("tmp"));
    std::fs::create_dir_all(&temporary).unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "inner_run", "--nocapture"])
        .env(FOLDER, &folder)
        .env("TMPDIR", &temporary)
        .env("SQLITE_TMPDIR", &temporary)
        .env("RUST_BACKTRACE", "full")
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&said);
    assert!(
        !output.status.success() && folder.join("sealed.db").exists(),
        "it ended too early:\n{}",
        tail(&text)
    );
    for line in ["TRACE", "a listener fails at", "stack backtrace", "edit committed", "answered"] {
        assert!(text.contains(line), "the scan reads what it should: {line}");
    }
    assert_eq!(found(&said), [""; 0], "in what was said:\n{}", tail(&text));

    let mut scanned = 0;
    for file in std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()) {
        let bytes = std::fs::read(&file).unwrap();
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        if name.starts_with("control.") {
            // The server's own database is not encrypted, nor is a plain backup: the scan finds what is there.
            assert_eq!(found(&bytes), [NAME, PHONE, IDENTITY], "{name}");
            if name == "control.plain" {
                let (bytes, audited) = beside_records(&file);
                assert!(audited > 8, "looks, a reveal and exports are in the audit log: {audited}");
                let text = String::from_utf8_lossy(&bytes);
                assert!(text.contains("回电139****0007"), "the reason that was given, its numbers masked");
                assert_eq!(found(&bytes), [""; 0], "in the tables beside the records");
            }
        } else {
            assert_eq!(found(&bytes), [""; 0], "{name}");
            scanned += 1;
        }
    }
    assert!(
        scanned >= 7,
        "two phones' databases, their logs of writes and keys' names, and a backup: {scanned}"
    );
    assert!(folder.join("phone-1-workbook.db-wal").exists(), "the log of writes was still there");
    for file in walk(&temporary) {
        let inside = file.strip_prefix(&temporary).unwrap().to_str().unwrap().to_owned();
        // Only the database itself: whatever else the server leaves in its folder is looked through.
        if !inside.contains("/server/gridbook.db") {
            assert_eq!(found(&std::fs::read(&file).unwrap()), [""; 0], "{inside}");
        }
    }
}

fn tail(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().rev().take(40).collect();
    lines.reverse();
    lines.join("\n")
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() { files.extend(walk(&entry)) } else { files.push(entry) }
    }
    files
}
