//! A phone as a process of its own, for `tests/tests/kill.rs` to kill: does one kind of work over and over
//! and says after each call what it was promised.
//!
//! Usage: `walker DATABASE STEP`. Each line on standard output is a promise; it is written only after the
//! workbook's call returned.

#![allow(clippy::print_stdout, reason = "a command speaks to the one who runs it")]

use std::io::Write;
use std::path::Path;

use gridbook_core::Result;
use gridbook_core::model::{DiaryEntry, Household, Visit};
use gridbook_core::workbook::Filter;
use gridbook_tests::town::Phone;

/// Households of one imported roster.
const ROSTER: usize = 300;

fn promise(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, database, step] = arguments.as_slice() else {
        promise("usage: walker DATABASE draft|save|edit|void|import|sync");
        return Ok(());
    };
    let phone = Phone::open(Path::new(database));
    let workbook = phone.workbook();
    let home = workbook.list::<Household>(&Filter::default(), None, 1)?.items.remove(0);
    promise("ready");
    for number in 0.. {
        match step.as_str() {
            "draft" => {
                let mut draft = match workbook.drafts().list()?.pop() {
                    Some(draft) => draft,
                    None => workbook.drafts().begin(&DiaryEntry::default())?,
                };
                draft.fields["text"] = format!("第{number}个字").into();
                workbook.drafts().keep(&draft)?;
                promise(&format!("第{number}个字"));
            }
            "save" => promise(&phone.visit(&home, &format!("第{number}次")).id.to_string()),
            "edit" => {
                let mut home = workbook.get::<Household>(home.id)?;
                home.content.note = format!("第{number}次改");
                workbook.edit(&home)?;
                promise(&home.content.note);
            }
            "void" => {
                let visit: gridbook_core::model::Record<Visit> = phone.visit(&home, "记错了");
                workbook.void(visit.id, "重复")?;
                promise(&visit.id.to_string());
            }
            "import" => {
                let lines: String = (0..ROSTER).map(|room| format!("{},1,{room}01\n", 10 + number)).collect();
                let roster = format!("楼栋,单元,室\n{lines}");
                let report = workbook.households().import("roster.csv", roster.as_bytes(), None)?;
                promise(&format!("{}", report.imported));
            }
            "sync" => {
                let saved = phone.visit(&home, &format!("第{number}次"));
                promise(&saved.id.to_string());
                phone.sync().await?;
            }
            other => {
                promise(&format!("no such step: {other}"));
                return Ok(());
            }
        }
    }
    Ok(())
}
