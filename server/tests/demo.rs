//! The main job as `make run` runs it: the day is told to its end, again on the next run, and a run that was
//! interrupted while founding is begun anew.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use std::path::Path;
use std::process::Command;

/// What one run tells, line by line.
fn told(data: &Path) -> Vec<String> {
    let output = Command::new(env!("CARGO_BIN_EXE_gridbook-server"))
        .args(["demo", "--once", "--listen", "127.0.0.1:0"])
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
}
