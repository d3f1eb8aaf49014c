//! What is erased is gone: from the server at once, from phones when they next come, from whoever enrols
//! later, and it does not come back from an old phone or an old backup.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use std::path::Path;

use gridbook_core::Error;
use gridbook_core::id::{PersonId, RecordId};
use gridbook_core::model::{
    Checklist, DiaryEntry, Household, Item, Kind, Mark, Reading, Record, Role, Visit,
};
use gridbook_core::sync::notice::Why;
use gridbook_core::workbook::{Filter, New};
use gridbook_server::db::{Act, AuditState};
use gridbook_tests::town::{KEY, Phone, Town};
use rusqlite::Connection;

/// Characters that nothing else in a town has.
const MARKERS: [&str; 4] = ["龘靐", "13912345678", "齉纛", "爨癵"];

async fn administrator(town: &mut Town) -> PersonId {
    town.person("管理员", &[(town.community.clone(), Role::Administrator)]).await
}

/// A household with a visit and a review, all of them full of markers.
async fn told(town: &Town, jia: &Phone, lead: &Phone) -> (Record<Household>, Record<Visit>) {
    let home = Household {
        dwelling: "3-1-501".parse().ok(),
        contact: "龘靐".into(),
        phone: "13912345678".into(),
        note: "龘靐住这里".into(),
        ..Household::default()
    };
    let home = jia.workbook().households().save(New::of(home)).unwrap();
    let visit = jia.visit(&home, "齉纛说了很多");
    let mut edited = jia.workbook().get::<Visit>(visit.id).unwrap();
    edited.content.requests = "齉纛想要".into();
    jia.workbook().edit(&edited).unwrap();
    town.settle(&[jia, lead]).await;
    lead.workbook().reviews().mark(visit.id, Mark::Returned, "爨癵再去一次").unwrap();
    town.settle(&[jia, lead]).await;
    (home, visit)
}

fn holds(bytes: &[u8]) -> Vec<&'static str> {
    let found = |marker: &str| bytes.windows(marker.len()).any(|window| window == marker.as_bytes());
    MARKERS.into_iter().filter(|marker| found(marker)).collect()
}

/// The markers in a server's files.
fn on_server(town: &Town) -> Vec<&'static str> {
    let folder = town.folder().join("server");
    let files = std::fs::read_dir(folder).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap());
    holds(&files.collect::<Vec<_>>().concat())
}

fn unlocked(phone: &Phone) -> Connection {
    let connection = Connection::open(phone.path()).unwrap();
    let key: String = KEY.iter().map(|byte| format!("{byte:02x}")).collect();
    connection.pragma_update(None, "key", format!("x'{key}'")).unwrap();
    connection
}

/// Pages that hold nothing any more, but may still hold the bytes of what they did.
fn free_pages(phone: &Phone) -> i64 {
    unlocked(phone).query_row("PRAGMA freelist_count", [], |row| row.get(0)).unwrap()
}

/// The markers in a phone's database, decrypted: every table and the search index.
fn on_phone(phone: &Phone) -> Vec<&'static str> {
    let plain = phone.path().with_extension("plain");
    std::fs::remove_file(&plain).ok();
    let connection = unlocked(phone);
    connection.execute("ATTACH DATABASE ?1 AS plain KEY ''", [plain.to_str().unwrap()]).unwrap();
    connection.query_row("SELECT sqlcipher_export('plain')", [], |_| Ok(())).unwrap();
    connection.execute_batch("DETACH DATABASE plain").unwrap();
    let found = holds(&std::fs::read(&plain).unwrap());
    std::fs::remove_file(&plain).unwrap();
    found
}

async fn probe(town: &Town, lead: &PersonId, id: RecordId) -> u16 {
    let token = town.server().admin().token(lead, "台账", 1).await.unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = http.get(format!("{}/v1/records/{id}", town.url()));
    request.header("authorization", format!("Bearer {token}")).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn an_erased_household_leaves_no_byte_on_server_and_phones_and_the_log_still_proves_itself() {
    let mut town = Town::new().await;
    let by = administrator(&mut town).await;
    let jia = town.worker("甲").await;
    let lead = town.lead("组长").await;
    let lead_person = lead.workbook().enrolment().unwrap().person;
    let kept = jia.household("3-1-502");
    let (home, visit) = told(&town, &jia, &lead).await;
    let draft = Visit { household: home.id, note: "齉纛".into(), ..Visit::default() };
    jia.workbook().drafts().begin(&draft).unwrap();
    for phone in [&jia, &lead] {
        assert_eq!(on_phone(phone), MARKERS, "the scan finds what is there");
    }
    assert_eq!(on_server(&town), MARKERS);

    let admin = town.server().admin();
    let refused = admin.erase(&lead_person, vec![home.id], Why::Request).await;
    assert!(refused.unwrap_err().to_string().contains("may not erase"), "a lead does not erase");
    let gone = admin.erase(&by, vec![home.id], Why::Request).await.unwrap();
    let mut kinds: Vec<_> = gone.iter().map(|gone| gone.kind).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, [Kind::Household, Kind::Visit, Kind::Review], "with what is about it");
    assert_eq!(on_server(&town), [""; 0], "database, log of writes and all");
    assert_eq!(probe(&town, &lead_person, visit.id).await, 404);
    assert!(admin.erase(&by, vec![home.id], Why::Request).await.is_err(), "it is not there any more");

    let rows = town.server().service().database().audit(0, 1_000).await.unwrap();
    let proof: Vec<_> = rows.iter().filter(|row| row.entry.act == Act::Erase).collect();
    assert_eq!(proof.len(), 3);
    assert!(
        proof.iter().all(|row| row.entry.who.as_ref() == Some(&by) && row.entry.detail.contains("request"))
    );
    assert!(proof.iter().any(|row| row.entry.detail.contains(&gone[0].hash.to_string())));
    let state = town.server().service().database().verify_audit(None).await.unwrap();
    assert!(matches!(state, AuditState::Whole { .. }));

    // Phones erase at their next contact; a phone that enrols later never hears a byte of it.
    let report = jia.sync().await.unwrap();
    assert_eq!(report.erased.len(), 3);
    assert_eq!(free_pages(&jia), 0, "the file was written anew");
    let unsettled = std::fs::metadata(format!("{}-wal", jia.path().display())).unwrap().len();
    assert!(unsettled < 100_000, "the log of writes was emptied: {unsettled}");
    town.settle(&[&jia, &lead]).await;
    let yi = town.worker("乙").await;
    town.settle(&[&jia, &yi, &lead]).await;
    for phone in [&jia, &yi, &lead] {
        assert_eq!(on_phone(phone), [""; 0]);
        let book = phone.workbook();
        assert!(matches!(book.record(home.id), Err(Error::NoSuchRecord(_))));
        assert_eq!(book.search("龘靐", None, 9).unwrap().items.len(), 0);
        assert_eq!(book.list::<Visit>(&Filter::default(), None, 9).unwrap().items.len(), 0);
        assert_eq!(book.record(kept.id).unwrap().id, kept.id, "the rest stays");
        assert_eq!(book.erasures().unwrap().len(), 3);
        let status = book.status().unwrap();
        assert_eq!((status.quarantined, status.unsent, status.refused), (0, 0, 0));
    }
    assert_eq!(jia.workbook().drafts().list().unwrap().len(), 0);

    // Life goes on over the same logs.
    let again = yi.visit(&kept, "正常");
    town.settle(&[&jia, &yi, &lead]).await;
    assert_eq!(lead.workbook().get::<Visit>(again.id).unwrap().content.note, "正常");
}

#[tokio::test]
async fn unsent_work_on_an_erased_record_is_refused_and_the_worker_is_told() {
    let mut town = Town::new().await;
    let by = administrator(&mut town).await;
    let mut jia = town.worker("甲").await;
    let lead = town.lead("组长").await;
    let (home, visit) = told(&town, &jia, &lead).await;
    jia.go_offline();
    let mut edited = jia.workbook().get::<Visit>(visit.id).unwrap();
    edited.content.note = "齉纛又说".into();
    jia.workbook().edit(&edited).unwrap();
    let later = jia.visit(&home, "齉纛不在");
    town.server().admin().erase(&by, vec![home.id], Why::Request).await.unwrap();
    jia.go_online();
    let report = jia.sync().await.unwrap();
    let mut refused = [visit.id, later.id];
    refused.sort_unstable();
    assert_eq!(report.refused, refused, "the server takes neither");
    assert!(report.erased.contains(&visit.id));
    let told = jia.workbook().erasures().unwrap();
    let lost = |id| told.iter().find(|row| row.record == id).map(|row| (row.lost, row.why.as_str()));
    assert_eq!((lost(visit.id), lost(later.id)), (Some((1, "request")), Some((1, "request"))));
    assert_eq!((on_phone(&jia), on_server(&town)), (vec![], vec![]), "nor does quarantine keep them");
    assert_eq!(jia.workbook().status().unwrap().unsent, 0);
    town.settle(&[&jia, &lead]).await;
}

#[tokio::test]
async fn neither_an_old_phone_nor_an_old_backup_brings_it_back() {
    let mut town = Town::new().await;
    let by = administrator(&mut town).await;
    let mut jia = town.worker("甲").await;
    let lead = town.lead("组长").await;
    let (home, visit) = told(&town, &jia, &lead).await;
    let backup = town.back_up().await;
    let old = town.folder().join("old.db");
    jia.reopen();
    jia.workbook().store().checkpoint().unwrap();
    std::fs::copy(jia.path(), &old).unwrap();
    town.server().admin().erase(&by, vec![home.id], Why::Request).await.unwrap();
    town.settle(&[&jia, &lead]).await;
    assert_eq!((on_server(&town), on_phone(&jia)), (vec![], vec![]));

    // The phone is put back to before the erasure, and even has new work on what is gone.
    restore_phone(&mut jia, &old);
    assert_eq!(on_phone(&jia), MARKERS);
    let mut edited = jia.workbook().get::<Visit>(visit.id).unwrap();
    edited.content.note = "齉纛回来了".into();
    jia.workbook().edit(&edited).unwrap();
    town.settle(&[&jia, &lead]).await;
    assert_eq!((on_server(&town), on_phone(&jia), on_phone(&lead)), (vec![], vec![], vec![]));

    // The server is put back to before the erasure: the first phone that knows makes it erase again.
    town.restore(&backup).await;
    assert_eq!(on_server(&town), MARKERS);
    let entry = DiaryEntry { text: "照常".into(), ..DiaryEntry::default() };
    let entry =
        lead.workbook().diary().save(New { grid: Some(town.grids[0].clone()), ..New::of(entry) }).unwrap();
    town.settle(&[&lead, &jia]).await;
    assert_eq!(on_server(&town), [""; 0]);
    assert_eq!((on_phone(&jia), on_phone(&lead)), (vec![], vec![]));
    assert_eq!(jia.workbook().get::<DiaryEntry>(entry.id).unwrap().content.text, "照常");
    let yi = town.worker("乙").await;
    town.settle(&[&yi, &jia, &lead]).await;
    assert_eq!(on_phone(&yi), [""; 0]);
    assert!(matches!(yi.workbook().record(visit.id), Err(Error::NoSuchRecord(_))));
}

fn restore_phone(phone: &mut Phone, old: &Path) {
    let path = phone.path().to_owned();
    // The open database is let go of before its file is replaced.
    let away = path.with_file_name("away.db");
    *phone = Phone::open(&away);
    for suffix in ["-wal", "-shm"] {
        std::fs::remove_file(format!("{}{suffix}", path.display())).ok();
    }
    std::fs::copy(old, &path).unwrap();
    *phone = Phone::open(&path);
}

#[tokio::test]
async fn what_is_older_than_it_is_to_be_kept_goes_by_kind_and_community() {
    let mut town = Town::new().await;
    let by = administrator(&mut town).await;
    let jia = town.worker("甲").await;
    let home = jia.household("3-1-501");
    let _ = jia.visit(&home, "旧");
    town.settle(&[&jia]).await;
    let admin = town.server().admin();
    assert_eq!(admin.overdue().await.unwrap(), [], "three years are not over");
    let tomorrow = jia.workbook().today().plus_days(1);
    let older = admin.older(&town.community, Kind::Visit, tomorrow).await.unwrap();
    assert_eq!(older.len(), 1);
    assert_eq!(admin.older(&town.grids[1], Kind::Visit, tomorrow).await.unwrap(), []);
    assert_eq!(admin.older(&town.grids[0], Kind::Visit, jia.workbook().today()).await.unwrap(), []);
    assert!(admin.set_retention(&town.grids[0], Kind::Visit, 30).await.is_err(), "a grid is no community");
    admin.set_retention(&town.community, Kind::Visit, 30).await.unwrap();
    let days = admin.retention(&town.community).await.unwrap();
    assert!(days.contains(&(Kind::Visit, Some(30))) && days.contains(&(Kind::Household, None)));
    assert_eq!(admin.eraser().await.unwrap(), by, "there is only one who may");
    admin.erase(&by, older, Why::Retention).await.unwrap();
    town.settle(&[&jia]).await;
    assert_eq!(jia.workbook().erasures().unwrap()[0].why, "retention");
    assert_eq!(jia.workbook().record(home.id).unwrap().id, home.id);
}

#[tokio::test]
async fn what_is_erased_leaves_the_leads_box_and_does_not_come_back_through_it() {
    let mut town = Town::new().await;
    let by = administrator(&mut town).await;
    let phones = [town.worker("甲").await, town.worker("乙").await];
    let (home, kept) = (phones[0].household("3-1-501"), phones[0].household("3-1-502"));
    town.settle(&[&phones[0], &phones[1]]).await;
    let mut devices = Vec::new();
    for phone in &phones {
        let _ = phone.visit(&home, "齉纛，还没送");
        let _ = phone.visit(&kept, "留下");
        let draft = Visit { household: home.id, note: "龘靐，刚写".into(), ..Visit::default() };
        phone.workbook().drafts().begin(&draft).unwrap();
        let device = phone.workbook().enrolment().unwrap().device;
        assert!(town.server().admin().revoke_device(&device).await.unwrap());
        devices.push(device);
    }
    let service = town.server().service();
    // The first phone hands in before the household is erased, the second afterwards.
    phones[0].sync().await.unwrap();
    let (records, drafts) = service.open_box(&devices[0]).await.unwrap();
    assert_eq!((records.len(), drafts.len()), (2, 1));
    town.server().admin().erase(&by, vec![home.id], Why::Request).await.unwrap();
    phones[1].sync().await.unwrap();
    for device in &devices {
        let (records, drafts) = service.open_box(device).await.unwrap();
        let told = format!("{records:?}");
        assert_eq!(drafts.len(), 0, "a draft about it");
        assert!(!told.contains("齉纛"), "nor is a visit to it there: {told}");
        assert!(told.contains("留下"), "what is of other households stays: {told}");
        let accepted = service.accept_box(device).await.unwrap();
        assert!(accepted.accepted > 0, "{accepted:?}");
    }
}

#[tokio::test]
async fn a_checklist_is_erased_too_and_stays_so_on_a_server_that_never_had_it() {
    let mut town = Town::new().await;
    let by = administrator(&mut town).await;
    let group = town.safety.clone();
    let jia = town.phone("甲", &[(group.clone(), Role::Member)]).await;
    let before = town.back_up().await;
    let list = Checklist {
        title: "齉纛".into(),
        group,
        starts: Some(jia.workbook().today()),
        ends: Some(jia.workbook().today()),
        items: [("one".into(), Item { title: "看一看".into(), ..Item::default() })].into(),
        ..Checklist::default()
    };
    let list = jia.workbook().checklists().save(New::of(list)).unwrap();
    town.settle(&[&jia]).await;
    town.server().admin().erase(&by, vec![list.id], Why::Request).await.unwrap();
    town.settle(&[&jia]).await;
    assert_eq!((on_server(&town), on_phone(&jia)), (vec![], vec![]));
    assert_eq!(jia.workbook().checklists().open_items(jia.workbook().today()).unwrap(), []);

    town.restore(&before).await;
    town.settle(&[&jia]).await;
    assert_eq!((on_server(&town), on_phone(&jia)), (vec![], vec![]));
    assert!(
        town.server().admin().erase(&by, vec![list.id], Why::Request).await.is_err(),
        "it is gone there too"
    );
}

#[tokio::test]
async fn an_edit_that_leads_to_an_erased_household_is_refused_and_keeps_nothing_else_waiting() {
    let mut town = Town::new().await;
    let by = administrator(&mut town).await;
    let mut jia = town.worker("甲").await;
    let lead = town.lead("组长").await;
    let (home, kept) = (jia.household("3-1-501"), jia.household("3-1-502"));
    let visit = jia.visit(&kept, "走错了门");
    town.settle(&[&jia, &lead]).await;
    jia.go_offline();
    let mut moved = jia.workbook().get::<Visit>(visit.id).unwrap();
    moved.content.household = home.id;
    jia.workbook().edit(&moved).unwrap();
    let beside = jia.visit(&kept, "照常");
    town.server().admin().erase(&by, vec![home.id], Why::Request).await.unwrap();
    jia.go_online();
    assert_eq!(jia.sync().await.unwrap().refused, [visit.id]);
    town.settle(&[&jia, &lead]).await;
    assert_eq!(lead.workbook().get::<Visit>(beside.id).unwrap().content.note, "照常");
    assert_eq!(jia.workbook().status().unwrap().unsent, 0);
}

#[tokio::test]
async fn what_was_begun_or_handed_in_about_it_on_a_server_that_forgot_the_erasure_goes_too() {
    let mut town = Town::new().await;
    let by = administrator(&mut town).await;
    let (jia, mut yi) = (town.worker("甲").await, town.worker("乙").await);
    let bing = town.worker("丙").await;
    let lead = town.lead("组长").await;
    let (home, _) = told(&town, &jia, &lead).await;
    town.settle(&[&yi, &bing]).await;
    let _ = bing.visit(&home, "齉纛，还没送");
    let device = bing.workbook().enrolment().unwrap().device;
    town.server().admin().revoke_device(&device).await.unwrap();
    bing.sync().await.unwrap();
    let backup = town.back_up().await;
    yi.go_offline();
    town.server().admin().erase(&by, vec![home.id], Why::Request).await.unwrap();
    jia.sync().await.unwrap();

    // Who has not heard of it is first at the restored server, and who has comes after.
    town.restore(&backup).await;
    let visit = yi.visit(&home, "齉纛，又说");
    yi.go_online();
    yi.sync().await.unwrap();
    town.settle(&[&jia, &yi, &lead]).await;
    let told = format!("{:?}", town.server().service().open_box(&device).await.unwrap().0);
    assert!(!told.contains("齉纛"), "nor is it in the box: {told}");
    assert_eq!(on_server(&town), [""; 0]);
    for phone in [&jia, &yi, &lead] {
        assert_eq!(on_phone(phone), [""; 0]);
        assert!(matches!(phone.workbook().record(visit.id), Err(Error::NoSuchRecord(_))));
    }
}

#[tokio::test]
async fn nothing_is_kept_for_study_that_names_it_and_a_mark_that_is_erased_marks_nothing() {
    let mut town = Town::new().await;
    let by = administrator(&mut town).await;
    let mut jia = town.worker("甲").await;
    let lead = town.lead("组长").await;
    let (home, visit) = told(&town, &jia, &lead).await;
    let reviews = lead.workbook().reviews().of(visit.id).unwrap();
    town.server().admin().erase(&by, vec![reviews[0].id], Why::Request).await.unwrap();
    town.settle(&[&jia, &lead]).await;
    let database = town.server().service().database();
    let kinds = [(town.grids[0].clone(), vec![Kind::Visit])];
    let standings = database.standings(&kinds).await.unwrap();
    assert!(standings[0].readings.iter().all(|(reading, _)| *reading == Reading::Unread), "{standings:?}");

    // A visit that was refused before, and so never became a record.
    jia.go_offline();
    let _ = jia.visit(&home, "齉纛，没人让他写");
    let person = jia.workbook().enrolment().unwrap().person;
    let admin = town.server().admin();
    admin.revoke_grant(&person, Role::Worker, &town.grids[0]).await.unwrap();
    jia.go_online();
    jia.sync().await.unwrap();
    assert_eq!(database.counts().await.unwrap().quarantined, 1);
    admin.erase(&by, vec![home.id], Why::Request).await.unwrap();
    assert_eq!(database.counts().await.unwrap().quarantined, 0);
    assert_eq!(on_server(&town), [""; 0]);
}
