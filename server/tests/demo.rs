//! The main job as `make run` runs it: the day is told to its end, again on the next run, and a run that was
//! interrupted while founding is begun anew; and who logs in sees the day come in.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod browser;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use browser::Browser;
use gridbook_core::clock::{Surroundings, Zone};

/// What one run of the demo tells, line by line.
fn told(data: &Path) -> Vec<String> {
    run(data, &["demo", "--once", "--listen", "127.0.0.1:0"])
}

/// What a command on this folder says, line by line.
fn run(data: &Path, arguments: &[&str]) -> Vec<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_gridbook-server"))
        .args(arguments)
        .args([Path::new("--data"), data])
        .env_remove("GRIDBOOK_DATA")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// Fails unless the lines tell all of these, in this order.
fn assert_in_order(lines: &[String], story: &[&str]) {
    let mut rest = lines.iter();
    for part in story {
        assert!(
            rest.any(|line| line.contains(part)),
            "{part:?} is missing or too early:\n{}",
            lines.join("\n")
        );
    }
}

/// A day, however often it is run.
const DAY: [&str; 9] = [
    "服务器已启动",
    "登录",
    "同步完成",
    "没有网络了",
    "一键生成",
    "两个值",
    "三部手机",
    "当日页",
    "组长令牌",
];

#[test]
fn the_day_is_told_to_its_end_again_and_after_an_interruption() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("demo-data");

    // What a run leaves that was stopped while it founded the community.
    std::fs::create_dir_all(data.join("server")).unwrap();
    std::fs::write(data.join("server/gridbook.db"), "half a community").unwrap();
    std::fs::write(data.join("founding"), "").unwrap();

    let first = told(&data);
    assert_in_order(&first, &[&["没有建完", "社区建好了"][..], &DAY[..]].concat());
    assert!(!data.join("founding").exists());

    let second = told(&data);
    assert_in_order(&second, &[&["沿用上次"][..], &DAY[..]].concat());
    assert!(!second.iter().any(|line| line.contains("没有建完")));
    let login = |lines: &[String]| lines.iter().find(|line| line.contains("控制台：")).cloned();
    let password = |line: String| line.split("密码").last().map(str::to_owned);
    let (password_first, password_second) =
        (login(&first).and_then(password), login(&second).and_then(password));
    assert!(password_first.is_some(), "it ends at the console: {first:?}");
    assert_eq!(password_first, password_second, "the login stays");

    let people = run(&data.join("server"), &["people", "list"]);
    let in_touch = people.iter().filter(|line| line.contains(", in touch ") && line.ends_with(", 0 unsent"));
    assert!(in_touch.count() >= 3, "three phones have sent all they had: {people:?}");
}

#[tokio::test]
async fn who_logs_in_before_the_day_sees_it_come_in() {
    gridbook_server::tls::choose_cryptography();
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_gridbook-server"))
        .args(["demo", "--listen", "127.0.0.1:0", "--step", "400"])
        .args([Path::new("--data"), &folder.path().join("demo-data")])
        .env_remove("GRIDBOOK_DATA")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let invited = lines.find(|line| line.contains("/console 登录")).unwrap();
    // What else is told must not fill the pipe.
    let rest = std::thread::spawn(move || lines.collect::<Vec<_>>());
    let between = |before: &str, after: &str| {
        let (_, rest) = invited.split_once(before).unwrap();
        rest.split_once(after).unwrap().0.to_owned()
    };
    let mut lead = Browser::at(&between("打开 ", "/console"));
    let login = lead.log_in(&between("姓名 ", "，"), &between("密码 ", "。")).await;
    assert_eq!(login.status, 303, "{invited}");

    let visits = |page: &str| {
        let chips = page.split("走访 ").skip(1);
        let numbers = chips.filter_map(|rest| rest.split('<').next()?.parse::<u64>().ok());
        numbers.sum::<u64>()
    };
    let mut news = lead.events().await;
    assert_eq!(visits(&lead.get("/console").await.text), 0, "the past did not come in today");
    let (end, mut seen) = (Instant::now() + Duration::from_secs(120), vec![0]);
    // The day: one visit with a network, then three that come in together.
    while *seen.last().unwrap() < 4 {
        assert!(Instant::now() < end, "{seen:?}");
        let told =
            tokio::time::timeout(Duration::from_secs(60), news.chunk()).await.unwrap().unwrap().unwrap();
        if told.starts_with(b"event: records") {
            let now = visits(&lead.get_live("/console/today").await.text);
            if now != *seen.last().unwrap() {
                seen.push(now);
            }
        }
    }
    assert!(seen.len() > 2, "not all at once: {seen:?}");

    // 统计 has something to compare with. Numbers are invented for whole months before this one, so in January the page has
    // none of this year: it is asked from last December on.
    let today = Zone::china().day(Surroundings::system().now()).to_string();
    let last_year = today[..4].parse::<u16>().unwrap() - 1;
    let page = lead.get(&format!("/console/figures?from={last_year}-12")).await.text;
    let (_, incidents) = page.split_once("id=\"incidents\"").unwrap();
    let rows = incidents.split("</section>").next().unwrap().split("<tr>").skip(2);
    let compared = rows.filter(|row| {
        let cells = row.split("<td class=\"number\">").skip(1).take(2);
        let number = |cell: &str| {
            let plain = if cell.starts_with("<a") { cell.split("\">").nth(1).unwrap() } else { cell };
            plain.chars().take_while(char::is_ascii_digit).collect::<String>().parse::<u64>().unwrap_or(0)
        };
        cells.map(number).filter(|count| *count > 0).count() == 2
    });
    assert!(compared.count() > 8, "{incidents}");
    assert!(page.contains("电动车被盗"));
    child.kill().unwrap();
    child.wait().unwrap();
    rest.join().unwrap();
}
