//! What only the bridge does: work stays off the caller's thread, an exchange ends with whoever waits for it, and
//! nothing crosses as anything but an error.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use gridbook_bindings::mirror::{
    Content, DiaryEntry, Headline, Household, Kind, NewDiaryEntry, NewHousehold, NewVisit, RecordsChanged,
    SyncProgress, Visit,
};
use gridbook_bindings::{ChangeListener, GridbookError, GuardHandle, SyncListener, WorkbookHandle};
use gridbook_core::model::{Grant, Outcome, Person, Role};
use gridbook_core::sync::invitation::Invitation;
use gridbook_core::sync::mandate::{Mandate, SignedMandate};
use gridbook_core::sync::statement::public_key;
use gridbook_tests::town::Town;
use tempfile::TempDir;

/// A phone as an app holds it: a guard over a folder, and the workbook that it opened.
struct Handset {
    workbook: Arc<WorkbookHandle>,
    _folder: TempDir,
}

impl Handset {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let guard = GuardHandle::in_folder(at("workbook.db"), at("vault")).unwrap();
        Self { workbook: guard.open(None).unwrap(), _folder: folder }
    }

    async fn enrolled(town: &mut Town, name: &str) -> Self {
        let handset = Self::new();
        let person = town.person(name, &[(town.grids[0].clone(), Role::Worker)]).await;
        let secret = town.invite(&person).await;
        let invitation = format!("gridbook://enrol?server={}&invite={secret}", town.url());
        handset.workbook.join(invitation, "a test".into()).await.unwrap();
        handset
    }

    fn entry(&self, text: &str) -> Result<(), GridbookError> {
        let entry = DiaryEntry { text: text.into(), ..DiaryEntry::default() };
        self.workbook.save_entry(NewDiaryEntry::of(entry)).map(drop)
    }
}

/// Notes the threads on which it is called.
#[derive(Default)]
struct Threads(Mutex<Vec<Option<String>>>);

impl Threads {
    fn note(&self) {
        self.0.lock().unwrap().push(std::thread::current().name().map(str::to_owned));
    }

    fn seen(&self) -> Vec<Option<String>> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl ChangeListener for Threads {
    fn records_changed(&self, _: RecordsChanged) {
        self.note();
    }
}

impl SyncListener for Threads {
    fn progressed(&self, _: SyncProgress) {
        self.note();
    }
}

#[tokio::test]
async fn an_exchange_writes_on_the_librarys_own_threads_and_a_save_on_the_callers() {
    let mut town = Town::new().await;
    let (one, other) = (Handset::enrolled(&mut town, "甲").await, Handset::enrolled(&mut town, "乙").await);
    one.entry("楼道灯坏了").unwrap();
    one.workbook.sync(None).await.unwrap();

    let (writes, progress) = (Arc::<Threads>::default(), Arc::<Threads>::default());
    other.workbook.listen(writes.clone()).unwrap();
    let report = other.workbook.sync(Some(progress.clone())).await.unwrap();
    assert_eq!(report.received, 1);
    for seen in [writes.seen(), progress.seen()] {
        assert!(!seen.is_empty());
        assert!(seen.iter().all(|name| name.as_deref() == Some("gridbook")), "{seen:?}");
    }
    other.entry("已报修").unwrap();
    assert_eq!(writes.seen(), [std::thread::current().name().map(str::to_owned)]);
}

/// A server that takes a request and never answers; the phone works on its signed invitation.
fn silent_server() -> (Handset, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = format!("http://{}", listener.local_addr().unwrap());
    let plain = Invitation::new(&server, "secret").unwrap();
    let mandate = Mandate {
        person: Person { id: "p1".into(), name: "测试员甲".into() },
        grants: vec![Grant { scope: "s1".into(), role: Role::Worker }],
        scopes: Vec::new(),
        zone_minutes: 480,
        expires: gridbook_core::clock::Instant(i64::MAX),
    };
    let signed = SignedMandate::new(&mandate, &server, "secret", &[9; 32]).unwrap();
    let key = Some(public_key(&[9; 32]));
    let text = Invitation { key, mandate: Some(signed), ..plain }.to_text();
    let handset = Handset::new();
    handset.workbook.begin_offline(text, "a test".into()).unwrap();
    handset.entry("没有网络也能写").unwrap();
    (handset, listener)
}

/// Waits for a request; then the connection is all that is left of it.
fn request(listener: &TcpListener) -> TcpStream {
    let (mut stream, _) = listener.accept().unwrap();
    assert!(stream.read(&mut [0; 1_024]).unwrap() > 0);
    stream
}

/// True once the other end has hung up.
fn hung_up(mut stream: TcpStream) -> bool {
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut bytes = [0; 4_096];
    loop {
        match stream.read(&mut bytes) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => return error.kind() == std::io::ErrorKind::ConnectionReset,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cancel_sync_stops_an_exchange_that_waits_for_the_network() {
    let (handset, listener) = silent_server();
    let workbook = Arc::clone(&handset.workbook);
    let exchange = tokio::spawn(async move { workbook.sync(None).await });
    let second = Arc::clone(&handset.workbook);
    let stream = tokio::task::spawn_blocking(move || request(&listener)).await.unwrap();
    let waiting = second.sync(None);
    tokio::pin!(waiting);
    // Asked once, it waits its turn, and hears of what is cancelled from now on.
    tokio::select! {
        biased;
        ended = &mut waiting => panic!("{ended:?}"),
        () = std::future::ready(()) => {}
    }
    // Another that waits is stopped by itself, before and while it runs, and stops nobody else.
    let third = handset.workbook.exchange().unwrap();
    let waiting_too = third.run(None);
    tokio::pin!(waiting_too);
    tokio::select! {
        biased;
        ended = &mut waiting_too => panic!("{ended:?}"),
        () = std::future::ready(()) => {}
    }
    third.cancel().unwrap();
    assert_eq!(waiting_too.await, Err(GridbookError::Cancelled));
    let fourth = handset.workbook.exchange().unwrap();
    fourth.cancel().unwrap();
    assert_eq!(fourth.run(None).await, Err(GridbookError::Cancelled));
    assert!(!exchange.is_finished(), "the first goes on");

    let asked = Instant::now();
    handset.workbook.cancel_sync().unwrap();
    assert_eq!(exchange.await.unwrap(), Err(GridbookError::Cancelled));
    assert_eq!(waiting.await, Err(GridbookError::Cancelled), "one that waits its turn stops too");
    assert!(asked.elapsed() < Duration::from_secs(5));
    assert!(tokio::task::spawn_blocking(move || hung_up(stream)).await.unwrap());
    assert_eq!(handset.workbook.status().unwrap().unsent, 1, "what was written is kept");
    assert!(handset.workbook.status().unwrap().joining.is_some());
}

/// Notes whose exchange tells what.
struct Told(&'static str, Arc<Mutex<Vec<(&'static str, SyncProgress)>>>);

impl SyncListener for Told {
    fn progressed(&self, progress: SyncProgress) {
        self.1.lock().unwrap().push((self.0, progress));
    }
}

#[tokio::test]
async fn of_two_exchanges_the_second_waits_and_each_tells_of_its_own() {
    let mut town = Town::new().await;
    let handset = Handset::enrolled(&mut town, "甲").await;
    handset.entry("楼道灯坏了").unwrap();
    let told = Arc::<Mutex<Vec<_>>>::default();
    let exchange = |name| handset.workbook.sync(Some(Arc::new(Told(name, Arc::clone(&told)))));
    let (one, other) = tokio::join!(exchange("one"), exchange("other"));
    // Asked for in the same moment, either may have its turn first.
    let mut sent = [one.unwrap().sent, other.unwrap().sent];
    sent.sort_unstable();
    assert_eq!(sent, [0, 1], "nothing is sent twice");
    let told = told.lock().unwrap();
    let first_turn = told.iter().take_while(|(name, _)| *name == told[0].0).count();
    let (first, second) = told.split_at(first_turn);
    assert!(first.len() > 1 && second.iter().all(|(name, _)| *name != told[0].0), "{told:?}");
    assert_eq!((first[0].1.sent, first[0].1.unsent), (0, 1), "it says where it begins");
    assert_eq!((second[0].1.sent, second[0].1.unsent), (0, 0), "its turn came after the first");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_drops_an_exchange_stops_it() {
    let (handset, listener) = silent_server();
    let stream = {
        let exchange = handset.workbook.sync(None);
        tokio::pin!(exchange);
        let asked = tokio::task::spawn_blocking(move || request(&listener));
        tokio::select! {
            ended = &mut exchange => panic!("{ended:?}"),
            stream = asked => stream.unwrap(),
        }
    };
    assert!(tokio::task::spawn_blocking(move || hung_up(stream)).await.unwrap(), "nothing goes on behind it");
    assert_eq!(handset.workbook.status().unwrap().unsent, 1);
}

/// What a screen's listener does on a bad day.
struct Panics;

impl ChangeListener for Panics {
    fn records_changed(&self, _: RecordsChanged) {
        panic!("a listener of an app");
    }
}

impl SyncListener for Panics {
    fn progressed(&self, _: SyncProgress) {
        panic!("a listener of an app");
    }
}

#[tokio::test]
async fn a_listener_that_fails_undoes_no_save_and_stops_no_exchange() {
    let mut town = Town::new().await;
    let (one, other) = (Handset::enrolled(&mut town, "甲").await, Handset::enrolled(&mut town, "乙").await);
    other.workbook.listen(Arc::new(Panics)).unwrap();
    other.entry("第一句").unwrap();
    one.entry("第二句").unwrap();
    one.workbook.sync(None).await.unwrap();
    let report = other.workbook.sync(Some(Arc::new(Panics))).await.unwrap();
    assert_eq!((report.sent, report.received), (1, 1));
    assert_eq!(other.workbook.search("二句".into(), None, 9).unwrap().items.len(), 1);
}

#[tokio::test]
async fn a_form_finds_what_was_begun_for_its_subject_and_goes_on_with_it() {
    let mut town = Town::new().await;
    let handset = Handset::enrolled(&mut town, "甲").await;
    let workbook = &handset.workbook;
    let household = |room: &str| {
        let dwelling = format!("3-1-{room}").parse().unwrap();
        let household = Household { dwelling: Some(dwelling), ..Household::default() };
        workbook.save_household(NewHousehold::of(household)).unwrap().id
    };
    let (here, there) = (household("501"), household("502"));
    let visit = |household, note: &str| Visit { household, note: note.into(), ..Visit::default() };
    let begun = |kind, subject| workbook.begun_draft(kind, subject).unwrap().map(|draft| draft.id);
    assert_eq!(begun(Kind::Visit, Some(here)), None);

    let first = workbook.begin_draft(Content::Visit(visit(here, "一"))).unwrap();
    let other = workbook.begin_draft(Content::Visit(visit(there, "二"))).unwrap();
    let entry = workbook.begin_draft(Content::Diary(DiaryEntry::default())).unwrap();
    assert_eq!(begun(Kind::Visit, Some(here)), Some(first.id), "not another household's");
    assert_eq!(begun(Kind::Visit, Some(there)), Some(other.id));
    assert_eq!(begun(Kind::Diary, None), Some(entry.id));
    assert_eq!(begun(Kind::Outreach, Some(here)), None, "not another kind's");

    let later = workbook.begin_draft(Content::Visit(visit(here, "三"))).unwrap();
    assert_eq!(begun(Kind::Visit, Some(here)), Some(later.id), "the latest touched");
    assert!(workbook.discard_draft(later.id).unwrap() && workbook.discard_draft(first.id).unwrap());
    let made = Visit { outcome: Some(Outcome::Met), ..visit(here, "四") };
    let saved = workbook.save_visit(NewVisit::of(made)).unwrap();
    workbook.begin_edit(workbook.record(saved.id).unwrap()).unwrap();
    assert_eq!(begun(Kind::Visit, Some(here)), None, "an edit of a record is no new one");
    assert_eq!(workbook.status().unwrap().headline, Headline::Waiting);
}

#[tokio::test]
async fn errors_say_what_a_screen_can_do_and_name_field_and_rule() {
    let handset = Handset::new();
    assert_eq!(handset.workbook.sync(None).await, Err(GridbookError::NotEnrolled));
    assert_eq!(handset.entry("没有身份"), Err(GridbookError::NotEnrolled));
    let odd = handset.workbook.join("https://grid.example".into(), String::new()).await;
    assert!(matches!(odd, Err(GridbookError::BadInvitation { .. })), "{odd:?}");
    let far = "gridbook://enrol?server=http://127.0.0.1:9&invite=x".to_owned();
    assert!(matches!(handset.workbook.join(far, String::new()).await, Err(GridbookError::Offline)));

    let mut town = Town::new().await;
    let handset = Handset::enrolled(&mut town, "甲").await;
    let empty = handset.workbook.save_household(NewHousehold::of(Household::default())).unwrap_err();
    let GridbookError::Invalid { field, .. } = empty else { panic!("{empty:?}") };
    assert_eq!(field, "dwelling");
    let unknown = Visit { household: Default::default(), outcome: Some(Outcome::Met), ..Visit::default() };
    assert!(matches!(handset.workbook.save_visit(NewVisit::of(unknown)), Err(GridbookError::Invalid { .. })));
    assert_eq!(handset.workbook.find("000000".into()), Err(GridbookError::NotFound));
    let spent =
        handset.workbook.join(format!("gridbook://enrol?server={}&invite=none", town.url()), String::new());
    assert_eq!(spent.await, Err(GridbookError::Refused { code: "invite_unknown".into() }));
}
