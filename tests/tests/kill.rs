//! A phone killed with SIGKILL in the middle of each step keeps everything it promised. The process, the
//! files and the server are real.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use gridbook_core::model::{Household, Standing, Visit};
use gridbook_core::workbook::Filter;
use gridbook_tests::town::{Phone, Town};

/// How often each step is killed.
const KILLS: u64 = 6;

/// Lets a phone work at `step` for `lifetime` after it is ready, kills it, and returns what it was promised.
fn killed(database: &Path, step: &str, lifetime: Duration) -> Vec<String> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_walker"))
        .args([database.as_os_str(), step.as_ref()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "ready");
    std::thread::sleep(lifetime);
    child.kill().unwrap();
    child.wait().unwrap();
    // The last line may have been cut in two: such a promise was not heard.
    let mut heard: Vec<String> = lines.map_while(Result::ok).collect();
    heard.retain(|line| !line.is_empty());
    heard
}

/// Lifetimes that fall on every part of a call: fractions of a millisecond apart, up to some tens.
fn lifetimes() -> impl Iterator<Item = Duration> {
    (1..=KILLS).map(|kill| Duration::from_micros(kill * kill * 1_300 + kill * 137))
}

async fn town_with_phone() -> (Town, Phone) {
    let mut town = Town::new().await;
    let phone = town.worker("甲").await;
    let _ = phone.household("3-1-501");
    (town, phone)
}

fn visits(phone: &Phone) -> Vec<gridbook_core::model::Record<Visit>> {
    let all = Filter { voided: true, ..Filter::default() };
    phone.workbook().list::<Visit>(&all, None, 100_000).unwrap().items
}

#[tokio::test]
async fn in_the_middle_of_a_draft() {
    let (_town, mut phone) = town_with_phone().await;
    for lifetime in lifetimes() {
        let path = phone.path().to_owned();
        drop(phone);
        let promised = killed(&path, "draft", lifetime);
        phone = Phone::open(&path);
        assert!(phone.workbook().store().is_sound().unwrap());
        let Some(last) = promised.last() else { continue };
        let number = |text: &str| -> u64 {
            text.chars().filter(char::is_ascii_digit).collect::<String>().parse().unwrap()
        };
        let kept = phone.workbook().drafts().list().unwrap()[0].fields["text"].as_str().unwrap().to_owned();
        assert!(number(&kept) >= number(last), "promised {last}, kept {kept}");
    }
}

#[tokio::test]
async fn in_the_middle_of_a_save() {
    let (_town, mut phone) = town_with_phone().await;
    let mut promised = Vec::new();
    for lifetime in lifetimes() {
        let path = phone.path().to_owned();
        drop(phone);
        promised.extend(killed(&path, "save", lifetime));
        phone = Phone::open(&path);
        assert!(phone.workbook().store().is_sound().unwrap());
        let held = visits(&phone);
        for id in &promised {
            assert!(held.iter().any(|visit| visit.id.to_string() == *id), "{id} was promised");
            assert_eq!(phone.workbook().history(id.parse().unwrap()).unwrap().len(), 1);
        }
        assert!(held.len() <= promised.len() + usize::try_from(KILLS).unwrap(), "nothing is there twice");
    }
    assert!(!promised.is_empty(), "it lived long enough to promise something");
}

#[tokio::test]
async fn in_the_middle_of_an_edit() {
    let (_town, mut phone) = town_with_phone().await;
    for lifetime in lifetimes() {
        let path = phone.path().to_owned();
        drop(phone);
        let promised = killed(&path, "edit", lifetime);
        phone = Phone::open(&path);
        assert!(phone.workbook().store().is_sound().unwrap());
        let home = phone.workbook().list::<Household>(&Filter::default(), None, 1).unwrap().items.remove(0);
        let history = phone.workbook().history(home.id).unwrap();
        for note in promised {
            let told = history.iter().flat_map(|step| &step.changes).any(|change| {
                change.to.as_ref().and_then(gridbook_core::model::Scalar::as_text) == Some(note.as_str())
            });
            assert!(told, "{note} was promised");
        }
        assert_eq!(home.version, phone.workbook().record(home.id).unwrap().version);
    }
}

#[tokio::test]
async fn in_the_middle_of_a_withdrawal() {
    let (_town, mut phone) = town_with_phone().await;
    for lifetime in lifetimes() {
        let path = phone.path().to_owned();
        drop(phone);
        let promised = killed(&path, "void", lifetime);
        phone = Phone::open(&path);
        for id in promised {
            assert!(phone.workbook().record(id.parse().unwrap()).unwrap().header.voided.is_some());
        }
    }
}

#[tokio::test]
async fn in_the_middle_of_an_import() {
    let (_town, mut phone) = town_with_phone().await;
    for lifetime in lifetimes() {
        let path = phone.path().to_owned();
        drop(phone);
        let imported: usize =
            killed(&path, "import", lifetime * 8).iter().filter_map(|line| line.parse::<usize>().ok()).sum();
        phone = Phone::open(&path);
        assert!(phone.workbook().store().is_sound().unwrap());
        let households = phone.workbook().list::<Household>(&Filter::default(), None, 100_000).unwrap().items;
        assert_eq!((households.len() - 1) % 300, 0, "a roster is imported whole or not at all");
        assert!(households.len() > imported);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_middle_of_an_exchange() {
    let (mut town, mut phone) = town_with_phone().await;
    let colleague = town.worker("乙").await;
    let mut promised = Vec::new();
    for lifetime in lifetimes() {
        let path = phone.path().to_owned();
        drop(phone);
        promised.extend(tokio::task::block_in_place(|| killed(&path, "sync", lifetime * 4)));
        phone = Phone::open(&path);
        assert!(phone.workbook().store().is_sound().unwrap());
    }
    town.settle(&[&phone, &colleague]).await;
    let (own, others) = (visits(&phone), visits(&colleague));
    for id in &promised {
        let visit = own.iter().find(|visit| visit.id.to_string() == *id);
        assert_eq!(visit.map(|visit| visit.standing), Some(Standing::OnServer), "{id} was promised");
    }
    assert_eq!(own.len(), others.len(), "sent twice, counted once");
    assert!(!promised.is_empty());
}
