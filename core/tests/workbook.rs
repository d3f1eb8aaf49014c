//! One phone without a network: what it holds after each call, after a kill, with the wrong key, with a
//! full or a damaged disk.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

use gridbook_core::clock::{Clock, Day, Instant, Surroundings, SystemEntropy, Zone};
use gridbook_core::id::{DeviceId, PersonId, RecordId, ScopeId};
use gridbook_core::model::{
    DiaryEntry, Directory, DueReason, Dwelling, Grant, Household, Kind, Outcome, Person, Role, Scope,
    ScopeKind, Standing, Tags, Visit,
};
use gridbook_core::sync::protocol::{
    EnrolRequest, EnrolResponse, RecoverRequest, RecoverResponse, SyncProtocol, SyncRequest, SyncResponse,
};
use gridbook_core::workbook::{Changed, DayLine, Filter, Key, Listener, New, OpenOptions, Opened, Workbook};
use gridbook_core::{Error, Result};

/// A desk that enrols and is never reached again: what a phone without a network has behind it.
struct Desk;

impl SyncProtocol for Desk {
    async fn enrol(&self, _: EnrolRequest) -> Result<EnrolResponse> {
        let scope = |id: &str, kind, name: &str, parent: Option<&str>| Scope {
            id: id.into(),
            kind,
            name: name.into(),
            parent: parent.map(ScopeId::from),
        };
        Ok(EnrolResponse {
            server: None,
            terms: None,
            device: DeviceId::from("d1"),
            person: PersonId::from("p1"),
            grants: vec![Grant { scope: "s-grid".into(), role: Role::Worker }],
            directory: Directory {
                version: 1,
                scopes: vec![
                    scope("s-town", ScopeKind::Community, "虚构社区", None),
                    scope("s-grid", ScopeKind::Grid, "第一网格", Some("s-town")),
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

struct StoppedClock(Mutex<Instant>);

impl Clock for StoppedClock {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap()
    }
}

/// 2026-11-23, 09:00 in the community.
fn monday_morning() -> Instant {
    Zone::china().start_of(day("2026-11-23")).plus_millis(9 * 3_600_000)
}

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn surroundings() -> Surroundings {
    Surroundings {
        clock: Arc::new(StoppedClock(Mutex::new(monday_morning()))),
        entropy: Arc::new(SystemEntropy),
    }
}

fn open_with(path: &Path, key: &[u8; 32], nonce: [u8; 16]) -> Result<Opened> {
    Workbook::open(OpenOptions {
        path,
        key: &Key::new(*key),
        install_nonce: Some(nonce),
        surroundings: surroundings(),
    })
}

fn open(path: &Path) -> Workbook {
    open_with(path, &[7; 32], [1; 16]).unwrap().workbook
}

async fn enrolled(path: &Path) -> Workbook {
    let workbook = open(path);
    workbook.enrol(&Desk, "http://nowhere.invalid", "invite", "phone").await.unwrap();
    workbook
}

fn household(dwelling: &str) -> Household {
    Household { dwelling: Some(dwelling.parse().unwrap()), class: "red".into(), ..Household::default() }
}

fn visit(household: RecordId, outcome: Outcome, note: &str) -> Visit {
    Visit {
        household,
        outcome: Some(outcome),
        note: note.into(),
        purposes: Tags::from_iter(["routine", "anti_fraud"]),
        ..Visit::default()
    }
}

#[tokio::test]
async fn what_was_saved_is_there_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("workbook.db");
    let id = {
        let workbook = enrolled(&path).await;
        let home = workbook.households().save(New::of(household("3-1-501"))).unwrap();
        let saved =
            workbook.visits().save(New::of(visit(home.id, Outcome::Met, "老人独居，讲了反诈"))).unwrap();
        assert_eq!(saved.standing, Standing::OnPhone);
        assert_eq!(saved.header.grid, Some("s-grid".into()));
        saved.id
    };
    let workbook = open(&path);
    let read = workbook.get::<Visit>(id).unwrap();
    assert_eq!(read.content.note, "老人独居，讲了反诈");
    assert!(read.content.purposes.has("anti_fraud"));
    assert_eq!(workbook.status().unwrap().unsent, 2);
    let raw = std::fs::read(&path).unwrap();
    assert!(!raw.windows(6).any(|window| window == "反诈".as_bytes()), "the file is encrypted");
}

#[tokio::test]
async fn a_phone_that_is_not_enrolled_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("workbook.db");
    drop(open(&path));
    let workbook = open(&path);
    assert_eq!(workbook.status().unwrap().enrolment, None, "it opens again before it is enrolled");
    let refused = workbook.households().save(New::of(household("1-1-101")));
    assert!(matches!(refused, Err(Error::NotEnrolled)));
}

#[tokio::test]
async fn bad_input_names_field_and_rule_and_the_draft_survives_until_it_is_saved() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("workbook.db");
    let home;
    let draft_id = {
        let workbook = enrolled(&path).await;
        home = workbook.households().save(New::of(household("1-1-101"))).unwrap().id;
        let mut draft = workbook.drafts().begin(&Visit { household: home, ..Visit::default() }).unwrap();
        draft.fields["note"] = "第一个字".into();
        let draft = workbook.drafts().keep(&draft).unwrap();
        let result = workbook.visits().save(draft.clone().into_new().unwrap());
        assert!(matches!(result, Err(Error::Invalid { kind: Kind::Visit, field: "outcome", .. })));
        draft.id
    };
    let workbook = open(&path);
    let mut resumed = workbook.drafts().resume(draft_id).unwrap().unwrap();
    assert_eq!(resumed.fields["note"], "第一个字");
    resumed.fields["outcome"] = "met".into();
    let saved = workbook.visits().save(resumed.into_new().unwrap()).unwrap();
    assert_eq!(saved.id, draft_id);
    assert_eq!(saved.content.note, "第一个字");
    assert!(workbook.drafts().list().unwrap().is_empty());
}

#[tokio::test]
async fn due_households_come_in_walking_order_and_a_miss_schedules_its_retry() {
    let folder = tempfile::tempdir().unwrap();
    let workbook = enrolled(&folder.path().join("workbook.db")).await;
    let save = |dwelling: &str| workbook.households().save(New::of(household(dwelling))).unwrap().id;
    let (tenth, second, lower) = (save("10-1-101"), save("2-1-501"), save("2-1-301"));
    let today = workbook.today();
    let order = |day| -> Vec<_> {
        let (due, _) = workbook.households().due(day, None, 10).unwrap();
        due.into_iter().map(|due| (due.household.id, due.due.reason)).collect()
    };
    let never = DueReason::NeverVisited;
    assert_eq!(order(today), [(lower, never), (second, never), (tenth, never)]);
    let households = workbook.households();
    for (most, more) in [(2, true), (3, false), (4, false)] {
        assert_eq!(
            households.due(today, None, most).unwrap().1.is_some(),
            more,
            "{most}: a last part says so"
        );
        assert_eq!(households.walk(None, most).unwrap().1.is_some(), more, "{most}");
    }

    workbook.visits().save(New::of(visit(second, Outcome::Met, ""))).unwrap();
    let missed = workbook.visits().save(New::of(visit(lower, Outcome::NotMet, ""))).unwrap();
    assert_eq!(missed.content.next_visit, Some(today.plus_days(2)));
    assert_eq!(order(today), [(tenth, never)]);
    assert_eq!(order(today.plus_days(2)), [(lower, DueReason::Retry), (tenth, never)]);
    let (page, next) = workbook.households().due(today.plus_days(7), None, 2).unwrap();
    assert_eq!(page.len(), 2);
    let (rest, _) = workbook.households().due(today.plus_days(7), next.as_deref(), 2).unwrap();
    assert_eq!(rest.first().map(|due| due.household.id), Some(tenth));
    assert_eq!(page[1].due.reason, DueReason::Rhythm);
}

#[tokio::test]
async fn a_visit_that_met_someone_clears_the_mark_needs_a_visit_now() {
    let folder = tempfile::tempdir().unwrap();
    let workbook = enrolled(&folder.path().join("workbook.db")).await;
    let home = workbook
        .households()
        .save(New::of(Household { needs_visit: true, class: String::new(), ..household("1-1-101") }))
        .unwrap();
    let due = |workbook: &Workbook| workbook.households().due(workbook.today(), None, 10).unwrap().0;
    assert_eq!(due(&workbook)[0].due.reason, DueReason::Marked);
    workbook.visits().save(New::of(visit(home.id, Outcome::Met, ""))).unwrap();
    assert!(due(&workbook).is_empty());
    assert!(!workbook.get::<Household>(home.id).unwrap().content.needs_visit);
}

#[tokio::test]
async fn a_visit_that_is_corrected_takes_its_retry_along_and_brings_one() {
    let folder = tempfile::tempdir().unwrap();
    let workbook = enrolled(&folder.path().join("workbook.db")).await;
    let home = Household { needs_visit: true, class: String::new(), ..household("1-1-101") };
    let home = workbook.households().save(New::of(home)).unwrap().id;
    let mut missed = workbook.visits().save(New::of(visit(home, Outcome::NotMet, ""))).unwrap();
    let retry = missed.content.next_visit.unwrap();
    assert_eq!(workbook.visits().outreach_from(missed.id).unwrap().content.reached, 0, "nobody was reached");

    missed.content.outcome = Some(Outcome::Met);
    let mut met = workbook.edit(&missed).unwrap();
    assert_eq!(met.content.next_visit, None, "the retry was not the worker's");
    assert!(!workbook.get::<Household>(home).unwrap().content.needs_visit);
    let later = workbook.today().plus_days(30);
    assert!(workbook.households().due(later, None, 10).unwrap().0.is_empty());
    assert_eq!(workbook.visits().outreach_from(met.id).unwrap().content.reached, 1);

    met.content.outcome = Some(Outcome::NotMet);
    let mut missed = workbook.edit(&met).unwrap();
    assert_eq!(missed.content.next_visit, Some(retry));
    // A day that the worker named stays.
    missed.content.next_visit = Some(retry.plus_days(5));
    let mut planned = workbook.edit(&missed).unwrap();
    planned.content.outcome = Some(Outcome::Refused);
    assert_eq!(workbook.edit(&planned).unwrap().content.next_visit, Some(retry.plus_days(5)));
    // Who corrects something else moves nothing.
    let mut note = workbook.get::<Visit>(missed.id).unwrap();
    note.content.note = "门上贴了告示".into();
    assert_eq!(workbook.edit(&note).unwrap().content.next_visit, Some(retry.plus_days(5)));
}

#[tokio::test]
async fn the_day_page_is_built_from_the_days_work() {
    let folder = tempfile::tempdir().unwrap();
    let workbook = enrolled(&folder.path().join("workbook.db")).await;
    let home = workbook.households().save(New::of(household("3-1-501"))).unwrap();
    let met = workbook.visits().save(New::of(visit(home.id, Outcome::Met, "讲了刷单骗局"))).unwrap();
    let mut outreach = workbook.visits().outreach_from(met.id).unwrap();
    outreach.content.fraud_types = Tags::from_iter(["fake_orders"]);
    workbook.outreach().save(outreach).unwrap();
    let entry =
        DiaryEntry {
            text: "楼道灯坏了，已报修".into(), needs_follow_up: true, ..DiaryEntry::default()
        };
    workbook.diary().save(New::of(entry)).unwrap();

    let page = workbook.diary().page(workbook.today(), None).unwrap();
    assert_eq!((page.visits, page.met, page.reached, page.open_follow_ups), (1, 1, 1, 1));
    assert_eq!(page.lines.len(), 3);
    let dwelling = page.lines.iter().find_map(|line| match line {
        DayLine::Visit { dwelling, .. } => dwelling.clone(),
        _ => None,
    });
    assert_eq!(dwelling, Some(Dwelling::new("3", "1", "501")));
    let summary = workbook.summary(workbook.today(), workbook.today()).unwrap();
    assert_eq!(summary.buildings[0].building, "3");
    assert_eq!((summary.buildings[0].visited, summary.buildings[0].reached), (1, 1));
    assert!(workbook.diary().page(workbook.today().plus_days(-1), None).unwrap().lines.is_empty());
}

#[tokio::test]
async fn search_finds_two_characters_longer_words_single_characters_and_latin() {
    let folder = tempfile::tempdir().unwrap();
    let workbook = enrolled(&folder.path().join("workbook.db")).await;
    let home = workbook.households().save(New::of(household("3-1-501"))).unwrap();
    let note = "提醒王阿姨警惕刷单返利诈骗，下载App，QQ群要退出";
    let saved = workbook.visits().save(New::of(visit(home.id, Outcome::Met, note))).unwrap();
    workbook.visits().save(New::of(visit(home.id, Outcome::Met, "返利两个字和刷单不连着"))).unwrap();
    let found = |text: &str| -> Vec<_> {
        workbook.search(text, None, 10).unwrap().items.into_iter().map(|record| record.id).collect()
    };
    assert_eq!(found("诈骗"), [saved.id]);
    assert_eq!(found("刷单返利"), [saved.id], "both hold 刷单 and 返利, one holds the word");
    assert_eq!(found("出"), [saved.id], "the last character of a run");
    assert_eq!(found("app"), [saved.id]);
    assert_eq!(found("返利").len(), 2);
    assert_eq!(found("，！"), []);
    let mut edited = workbook.get::<Visit>(saved.id).unwrap();
    edited.content.note = "改成别的内容".into();
    workbook.edit(&edited).unwrap();
    assert_eq!(found("诈骗"), [], "the old text is forgotten");
    assert_eq!(found("别的"), [saved.id]);
    workbook.void(saved.id, "记错了").unwrap();
    assert_eq!(found("别的"), []);
}

#[tokio::test]
async fn an_edit_writes_only_what_changed_and_history_tells_it() {
    let folder = tempfile::tempdir().unwrap();
    let workbook = enrolled(&folder.path().join("workbook.db")).await;
    let home = workbook.households().save(New::of(household("3-1-501"))).unwrap();
    let mut edited = home.clone();
    edited.content.note = "门铃坏了".into();
    edited.content.class = String::new();
    let edited = workbook.edit(&edited).unwrap();
    let unchanged = workbook.edit(&edited).unwrap();
    assert_eq!(unchanged.version, edited.version, "an edit of nothing writes nothing");
    let history = workbook.history(home.id).unwrap();
    assert_eq!(history.len(), 2);
    let fields: Vec<_> = history[1].changes.iter().map(|change| change.field.as_str()).collect();
    assert_eq!(fields, ["class", "note"]);
    assert_eq!(history[1].person, Some("p1".into()));

    let voided = workbook.void(home.id, "重复登记").unwrap();
    assert_eq!(voided.header.voided.as_ref().map(|voided| voided.reason.as_str()), Some("重复登记"));
    assert!(matches!(workbook.edit(&edited), Err(Error::Voided(_))));
    assert!(workbook.list::<Household>(&Filter::default(), None, 10).unwrap().items.is_empty());
}

#[tokio::test]
async fn lists_go_on_where_they_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let workbook = enrolled(&folder.path().join("workbook.db")).await;
    let home = workbook.households().save(New::of(household("3-1-501"))).unwrap();
    let mut expected = Vec::new();
    for number in 0..25 {
        let occurred_at = Some(monday_morning().plus_millis(-86_400_000 * (number % 5)));
        let new = New { occurred_at, ..New::of(visit(home.id, Outcome::Met, &format!("第{number}次"))) };
        let saved = workbook.visits().save(new).unwrap();
        expected.push((std::cmp::Reverse(number % 5), saved.id));
    }
    let mut seen = Vec::new();
    let mut cursor = None;
    loop {
        let page = workbook.visits().list(&Filter::default(), cursor.as_ref(), 7).unwrap();
        seen.extend(
            page.items.iter().map(|record| (workbook.zone().day(record.header.occurred_at), record.id)),
        );
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 25);
    for (most, more) in [(24, true), (25, false), (26, false)] {
        let page = workbook.visits().list(&Filter::default(), None, most).unwrap();
        assert_eq!((page.items.len(), page.next.is_some()), (most.min(25), more), "a last page says so");
        let found = workbook.search("第1", None, most).unwrap();
        assert_eq!(found.items.len(), 11.min(most));
    }
    assert!(workbook.search("第1", None, 11).unwrap().next.is_none());
    assert!(workbook.search("第1", None, 10).unwrap().next.is_some());
    assert!(seen.windows(2).all(|pair| pair[0].0 >= pair[1].0), "newest day first");
    let unique: std::collections::BTreeSet<_> = seen.iter().map(|(_, id)| *id).collect();
    assert_eq!(unique.len(), 25);
    let filter = Filter { from: Some(day("2026-11-22")), to: Some(day("2026-11-22")), ..Filter::default() };
    assert_eq!(workbook.visits().list(&filter, None, 100).unwrap().items.len(), 5);
}

#[tokio::test]
async fn people_name_records_by_the_end_of_the_id_and_households_by_dwelling() {
    let folder = tempfile::tempdir().unwrap();
    let workbook = enrolled(&folder.path().join("workbook.db")).await;
    let home = workbook.households().save(New::of(household("3-1-501"))).unwrap();
    let draft = workbook.drafts().begin(&DiaryEntry::default()).unwrap();
    let short = home.id.short();
    assert!(home.id.to_string().ends_with(&short) && short.len() == 8);
    assert_eq!(workbook.resolve_short(&short).unwrap(), home.id);
    assert_eq!(workbook.resolve_short(&short.to_uppercase()).unwrap(), home.id);
    assert_eq!(workbook.resolve_short(&home.id.to_string()).unwrap(), home.id);
    assert_eq!(workbook.resolve_short(&draft.id.short()).unwrap(), draft.id);
    assert!(matches!(workbook.resolve_short(&short[4..]), Err(Error::UnknownId)), "too short to mean one");
    assert!(matches!(workbook.resolve_short("00000000"), Err(Error::UnknownId)));
    assert!(matches!(workbook.resolve_short("反诈宣传记录"), Err(Error::UnknownId)));

    let twin = RecordId(format!("00000000-0000-7000-8000-0000{short}").parse().unwrap());
    let new = New { id: Some(twin), ..New::of(household("4-1-101")) };
    workbook.households().save(new).unwrap();
    match workbook.resolve_short(&short) {
        Err(Error::AmbiguousId(found)) => assert!(found.contains(&home.id) && found.contains(&twin)),
        other => panic!("{other:?}"),
    }

    let households = workbook.households();
    assert_eq!(households.resolve("3-1-501").unwrap().id, home.id);
    assert_eq!(households.resolve(&home.id.to_string()).unwrap().id, home.id);
    assert!(matches!(households.resolve("3-1-502"), Err(Error::NoSuchDwelling)));
    households.save(New::of(household("3-1-501"))).unwrap();
    assert!(matches!(households.resolve("3-1-501"), Err(Error::AmbiguousId(found)) if found.len() == 2));
}

// Story: wrong_key
// Story: newer_schema
#[tokio::test]
async fn a_wrong_key_and_a_newer_schema_touch_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("workbook.db");
    drop(enrolled(&path).await);
    let before = std::fs::read(&path).unwrap();
    assert!(matches!(open_with(&path, &[8; 32], [1; 16]), Err(Error::WrongKey(_))));
    std::fs::remove_file(folder.path().join("workbook.db.key-id")).unwrap();
    assert!(matches!(open_with(&path, &[8; 32], [1; 16]), Err(Error::WrongKey(_))));
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

// Story: full_disk
#[tokio::test]
async fn a_full_disk_fails_the_save_and_harms_nothing_earlier() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("workbook.db");
    let workbook = enrolled(&path).await;
    let home = workbook.households().save(New::of(household("3-1-501"))).unwrap();
    workbook.store().limit_pages(1).unwrap();
    let mut saved = Vec::new();
    let failure = loop {
        match workbook.visits().save(New::of(visit(home.id, Outcome::Met, &"满".repeat(300)))) {
            Ok(record) => saved.push(record.id),
            Err(error) => break error,
        }
        assert!(saved.len() < 500, "the disk never filled");
    };
    assert!(matches!(failure, Error::DiskFull), "{failure}");
    for id in &saved {
        assert_eq!(workbook.get::<Visit>(*id).unwrap().content.household, home.id);
    }
    workbook.store().limit_pages(1_000_000).unwrap();
    workbook.visits().save(New::of(visit(home.id, Outcome::Met, "又有空间了"))).unwrap();
    drop(workbook);
    assert_eq!(open(&path).status().unwrap().unsent as usize, saved.len() + 2);
}

#[tokio::test]
async fn a_damaged_database_is_moved_aside_and_salvaged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("workbook.db");
    let workbook = enrolled(&path).await;
    let home = workbook.households().save(New::of(household("3-1-501"))).unwrap();
    let mut ids = vec![home.id];
    for number in 0..40 {
        let new = New::of(visit(home.id, Outcome::Met, &format!("第{number}次走访，一切正常")));
        ids.push(workbook.visits().save(new).unwrap().id);
    }
    workbook.drafts().begin(&DiaryEntry { text: "半句话".into(), ..DiaryEntry::default() }).unwrap();
    workbook.drafts().edit(&workbook.get::<Visit>(ids[1]).unwrap()).unwrap();
    let drafts = workbook.drafts().list().unwrap();
    let actor = workbook.actor();
    workbook.store().checkpoint().unwrap();
    drop(workbook);
    let mut bytes = std::fs::read(&path).unwrap();
    let pages = bytes.len() / 4096;
    // Rows lie in the last quarter; what comes before holds the schema, without which nothing reads.
    let page = (pages * 3 / 4) * 4096;
    bytes[page..page + 200].fill(0xAA);
    std::fs::write(&path, &bytes).unwrap();
    std::fs::write(folder.path().join("workbook.db.suspect"), b"").unwrap();

    let opened = open_with(&path, &[7; 32], [1; 16]).unwrap();
    let report = opened.salvage.expect("the damage was noticed");
    assert_eq!(std::fs::read(&report.aside).unwrap(), bytes, "the damaged file is kept as it was");
    assert!(report.records.len() >= 30, "{report:?}");
    assert_ne!(opened.workbook.actor(), actor, "a rebuilt database is a new generation");
    for id in &report.records {
        assert!(ids.contains(id));
        opened.workbook.record(*id).unwrap();
    }
    assert_eq!(opened.workbook.status().unwrap().unsent, report.unsent);
    let kept = opened.workbook.drafts().list().unwrap();
    assert_eq!(kept.iter().map(|draft| draft.id).collect::<BTreeSet<_>>().len(), 2);
    assert!(
        drafts.iter().all(|draft| kept.contains(draft)),
        "with the version that an edit stands on: {kept:?}"
    );
    let again = open_with(&path, &[7; 32], [1; 16]).unwrap();
    assert!(again.salvage.is_none());
}

#[tokio::test]
async fn a_restored_or_cloned_database_takes_a_new_actor() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("workbook.db");
    let first = enrolled(&path).await.actor();
    assert_eq!(open_with(&path, &[7; 32], [1; 16]).unwrap().workbook.actor(), first);
    assert_ne!(open_with(&path, &[7; 32], [2; 16]).unwrap().workbook.actor(), first);
}

#[tokio::test]
async fn listeners_hear_of_committed_edits_only() {
    #[derive(Default)]
    struct Ear(Mutex<Vec<Changed>>);
    impl Listener for Ear {
        fn changed(&self, changed: &Changed) {
            self.0.lock().unwrap().push(changed.clone());
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let workbook = enrolled(&folder.path().join("workbook.db")).await;
    let ear = Arc::new(Ear::default());
    workbook.listen(ear.clone());
    let home = workbook.households().save(New::of(household("3-1-501"))).unwrap();
    assert!(workbook.households().save(New::of(Household::default())).is_err());
    let heard = ear.0.lock().unwrap();
    assert_eq!(heard.len(), 1);
    assert_eq!(heard[0].records, [home.id]);
}
