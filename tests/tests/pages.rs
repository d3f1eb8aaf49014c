//! A first sync of several pages: the next page is asked for while the last one is stored, and a phone that
//! gives up in the middle keeps whole pages only.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use gridbook_core::Result;
use gridbook_core::model::{DiaryEntry, Role};
use gridbook_core::sync::http::HttpServer;
use gridbook_core::sync::protocol::{
    EnrolRequest, EnrolResponse, RecoverRequest, RecoverResponse, SyncProtocol, SyncRequest, SyncResponse,
};
use gridbook_core::workbook::{Changed, Cursor, Filter, Listener, New, Operation};
use gridbook_tests::town::{Phone, Town};

/// Log entries a page has at most: `PAGE` of core/src/workbook/exchange.rs.
const PAGE: usize = 1_000;
const RECORDS: usize = 2 * PAGE + 100;

/// What happened, in order.
type Journal = Arc<Mutex<Vec<&'static str>>>;

/// A server whose asks are noted.
struct Noted {
    end: HttpServer,
    journal: Journal,
}

impl SyncProtocol for Noted {
    async fn enrol(&self, request: EnrolRequest) -> Result<EnrolResponse> {
        self.end.enrol(request).await
    }

    async fn sync(&self, request: SyncRequest) -> Result<SyncResponse> {
        self.journal.lock().unwrap().push("asked");
        let answer = self.end.sync(request).await?;
        if answer.directory.is_some() {
            self.journal.lock().unwrap().push("told who is who");
        }
        Ok(answer)
    }

    async fn recover(&self, request: RecoverRequest) -> Result<RecoverResponse> {
        self.end.recover(request).await
    }
}

/// Notes each page that was committed.
struct Stored(Journal);

impl Listener for Stored {
    fn changed(&self, changed: &Changed) {
        if changed.operation == Operation::Sync {
            self.0.lock().unwrap().push("stored");
        }
    }
}

/// A town whose lead has yet to see [`RECORDS`] entries of a worker, and the lead's phone.
async fn town_with_much_to_read() -> (Town, Phone) {
    let mut town = Town::new().await;
    let worker = town.worker("测试员甲").await;
    let text = |number: usize| DiaryEntry { text: format!("第{number}条日记"), ..DiaryEntry::default() };
    for number in 0..RECORDS {
        worker.workbook().diary().save(New::of(text(number))).unwrap();
    }
    worker.sync().await.unwrap();
    let roles = [(town.grids[0].clone(), Role::Lead)];
    let lead = town.phone("测试组长", &roles).await;
    (town, lead)
}

fn noted(phone: &Phone) -> (Noted, Journal) {
    let journal = Journal::default();
    phone.workbook().listen(Arc::new(Stored(journal.clone())));
    (Noted { end: phone.client().unwrap(), journal: journal.clone() }, journal)
}

fn held(phone: &Phone) -> usize {
    let mut held = 0;
    let mut cursor: Option<Cursor> = None;
    loop {
        let page = phone.workbook().list::<DiaryEntry>(&Filter::default(), cursor.as_ref(), 200).unwrap();
        held += page.items.len();
        cursor = page.next;
        if cursor.is_none() {
            return held;
        }
    }
}

#[tokio::test]
async fn the_next_page_is_asked_for_while_the_last_one_is_stored() {
    let (_town, lead) = town_with_much_to_read().await;
    let (end, journal) = noted(&lead);
    let mut told = Vec::new();
    let report = lead.workbook().sync(&end, |progress| told.push(progress.remaining)).await.unwrap();
    assert_eq!(report.received as usize, RECORDS);
    assert_eq!(report.round_trips, 3);
    let expected = ["asked", "asked", "stored", "asked", "stored", "stored"];
    assert_eq!(*journal.lock().unwrap(), expected);
    assert_eq!(told, [(RECORDS - PAGE) as u64, 100, 0]);
    assert_eq!(held(&lead), RECORDS);
}

#[tokio::test]
async fn news_of_people_come_once_and_keep_no_page_waiting() {
    let (mut town, lead) = town_with_much_to_read().await;
    town.worker("测试员乙").await;
    let (end, journal) = noted(&lead);
    lead.workbook().sync(&end, |_| {}).await.unwrap();
    let expected = ["asked", "told who is who", "asked", "stored", "asked", "stored", "stored"];
    assert_eq!(*journal.lock().unwrap(), expected);
    assert_eq!(held(&lead), RECORDS);
    assert!(lead.workbook().directory().people.iter().any(|person| person.name == "测试员乙"));
}

#[tokio::test]
async fn after_its_exchange_the_caller_alone_has_the_workbook() {
    let (_town, lead) = town_with_much_to_read().await;
    lead.sync().await.unwrap();
    let log = lead.path().with_extension("db-wal");
    assert!(log.exists());
    drop(lead);
    // Whoever closes a database last puts its log away. A program that ends here must not be closing it on another
    // thread meanwhile: it would crash, with nothing lost and nothing to say why.
    assert!(!log.exists(), "somebody still holds the database");
}

#[tokio::test(flavor = "multi_thread")]
async fn giving_up_in_the_middle_keeps_whole_pages_and_the_next_sync_goes_on() {
    let (_town, mut lead) = town_with_much_to_read().await;
    let mut partly = 0;
    for wait in [0, 5, 10, 20, 40, 80] {
        let (end, journal) = noted(&lead);
        // Dropping the future is what a screen does that is closed.
        let _ = tokio::time::timeout(Duration::from_millis(wait), lead.workbook().sync(&end, |_| {})).await;
        drop(end);
        lead.reopen();
        // The page that was being stored is still committed; with it goes the last who knows the journal.
        while Arc::strong_count(&journal) > 1 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let held = held(&lead);
        assert!(held.is_multiple_of(PAGE) || held == RECORDS, "{held} records are no whole number of pages");
        partly += usize::from(held < RECORDS);
    }
    assert!(partly > 0, "no exchange was given up in time");
    lead.sync().await.unwrap();
    assert_eq!(held(&lead), RECORDS);
    assert!(lead.workbook().store().is_sound().unwrap());
}
