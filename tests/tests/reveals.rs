//! A masked number on a phone is shown for a reason alone, and who asked is in the server's audit log exactly once,
//! whatever happens to the phone, to the exchange and to the server in between.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use gridbook_core::clock::Surroundings;
use gridbook_core::id::RecordId;
use gridbook_core::model::{Household, Role};
use gridbook_core::sync::http::HttpServer;
use gridbook_core::sync::protocol::{
    BoxRequest, BoxResponse, EnrolRequest, EnrolResponse, RecoverRequest, RecoverResponse, SyncProtocol,
    SyncRequest, SyncResponse,
};
use gridbook_core::workbook::{Key, New, OpenOptions, Opened, Workbook};
use gridbook_core::{Error, Result};
use gridbook_server::db::{Act, AuditEntry, AuditState};
use gridbook_tests::town::{KEY, Phone, Town};

const NUMBER: &str = "13800000000";
/// A page of the database.
const PAGE: usize = 4096;

/// A town, the worker 甲 who wrote down a household, and the worker 乙 who did not.
async fn two_workers() -> (Town, Phone, Phone, RecordId) {
    let mut town = Town::new().await;
    let (jia, yi) = (town.worker("甲").await, town.worker("乙").await);
    let home = Household {
        dwelling: "3-1-501".parse().ok(),
        class: "red".into(),
        phone: NUMBER.into(),
        note: "女儿 139-0000-0001".into(),
        ..Household::default()
    };
    let home = jia.workbook().households().save(New::of(home)).unwrap().id;
    town.settle(&[&jia, &yi]).await;
    (town, jia, yi, home)
}

/// The reveals in the audit log, which is whole.
async fn revealed(town: &Town) -> Vec<AuditEntry> {
    let database = town.server().service().database();
    assert!(matches!(database.verify_audit(None).await.unwrap(), AuditState::Whole { .. }));
    let rows = database.audit(0, 10_000).await.unwrap();
    rows.into_iter().map(|row| row.entry).filter(|entry| entry.act == Act::Reveal).collect()
}

fn unsent(phone: &Phone) -> usize {
    phone.workbook().store().read(|reader| reader.unsent_reveals(1_000)).unwrap().len()
}

/// What is left of a phone that is killed now: its files.
fn killed(town: &Town, phone: &Phone) -> Phone {
    let folder = town.folder().join("killed");
    std::fs::create_dir_all(&folder).unwrap();
    for file in std::fs::read_dir(phone.path().parent().unwrap()).unwrap().map(|file| file.unwrap()) {
        std::fs::copy(file.path(), folder.join(file.file_name())).unwrap();
    }
    Phone::open(&folder.join(phone.path().file_name().unwrap()))
}

#[tokio::test]
async fn a_reveal_without_a_network_survives_a_kill_and_is_in_the_audit_log_once() {
    let (town, _jia, mut yi, home) = two_workers().await;
    yi.go_offline();
    assert_eq!(yi.workbook().get::<Household>(home).unwrap().content.phone, "138****0000");
    assert_eq!(yi.workbook().masked_fields(home).unwrap(), ["note", "phone"]);
    for reason in ["", " ", "x", "第一行\n第二行", &"长".repeat(201)] {
        let refused = yi.workbook().reveal(home, "phone", reason);
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{reason:?}: {refused:?}");
    }
    for field in ["class", "dwelling", "nothing", "author"] {
        assert!(matches!(yi.workbook().reveal(home, field, "核实"), Err(Error::Invalid { .. })), "{field}");
    }
    assert_eq!(unsent(&yi), 0, "what showed nothing is no reveal");
    assert_eq!(yi.workbook().reveal(home, "phone", " 回电13900000000核实 ").unwrap(), [NUMBER]);

    let left = killed(&town, &yi);
    assert_eq!(unsent(&left), 1, "it was kept before the number was given");
    assert!(revealed(&town).await.is_empty());
    left.sync().await.unwrap();
    left.sync().await.unwrap();
    yi.go_online();
    yi.sync().await.unwrap();
    let told = revealed(&town).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].who, Some(yi.workbook().enrolment().unwrap().person));
    assert_eq!(told[0].records, [home]);
    assert!(told[0].detail.starts_with("phone: 回电139****0000核实 (on phone d"), "{}", told[0].detail);
    assert!(!told[0].detail.contains("without permission"));
    assert_eq!((unsent(&left), unsent(&yi)), (0, 0));
}

#[tokio::test]
async fn who_may_not_reveal_is_refused_and_leaves_no_trace() {
    let (mut town, jia, yi, home) = two_workers().await;
    let auditor = town.phone("审计", &[(town.community.clone(), Role::Auditor)]).await;
    let member = town.phone("组员", &[(town.safety.clone(), Role::Member)]).await;
    town.settle(&[&jia, &auditor, &member]).await;
    assert!(auditor.workbook().masked_fields(home).unwrap().is_empty());
    let refused = auditor.workbook().reveal(home, "phone", "核实");
    assert!(matches!(refused, Err(Error::NotPermitted { .. })), "{refused:?}");
    assert!(matches!(member.workbook().reveal(home, "phone", "核实"), Err(Error::NoSuchRecord(_))));
    assert_eq!(unsent(&auditor) + unsent(&member), 0);

    // The role is taken back between the reveal and the exchange: it happened, and is told as what it was.
    yi.workbook().reveal(home, "phone", "联系住户").unwrap();
    let person = yi.workbook().enrolment().unwrap().person;
    assert!(town.server().admin().revoke_grant(&person, Role::Worker, &town.grids[0]).await.unwrap());
    yi.sync().await.unwrap();
    let told = revealed(&town).await;
    assert_eq!(told.len(), 1);
    assert!(told[0].detail.ends_with(", without permission as of now)"), "{}", told[0].detail);
}

/// An end of the wire between phone and server.
struct Between<'a> {
    server: HttpServer,
    happens: &'a (dyn Fn(&mut SyncRequest) + Sync),
    answer_is_lost: bool,
}

impl SyncProtocol for Between<'_> {
    async fn enrol(&self, request: EnrolRequest) -> Result<EnrolResponse> {
        self.server.enrol(request).await
    }

    async fn sync(&self, mut request: SyncRequest) -> Result<SyncResponse> {
        (self.happens)(&mut request);
        let answer = self.server.sync(request).await?;
        if self.answer_is_lost { Err(Error::Offline("the answer is lost".into())) } else { Ok(answer) }
    }

    async fn recover(&self, request: RecoverRequest) -> Result<RecoverResponse> {
        self.server.recover(request).await
    }

    async fn hand_in(&self, request: BoxRequest) -> Result<BoxResponse> {
        self.server.hand_in(request).await
    }
}

#[tokio::test]
async fn lost_answers_long_queues_and_older_servers_lose_and_double_nothing() {
    let (town, _jia, yi, home) = two_workers().await;
    for n in 0..250 {
        yi.workbook().reveal(home, "phone", &format!("第{n}次回访")).unwrap();
    }
    let as_it_is = |_: &mut SyncRequest| {};
    let lossy = Between { server: yi.client().unwrap(), happens: &as_it_is, answer_is_lost: true };
    assert!(yi.workbook().sync(&lossy, |_| {}).await.is_err());
    assert_eq!(
        (unsent(&yi), revealed(&town).await.len()),
        (250, 100),
        "the server has them, the phone does not know"
    );

    let leaves_out = |request: &mut SyncRequest| request.reveals.clear();
    let older = Between { server: yi.client().unwrap(), happens: &leaves_out, answer_is_lost: false };
    yi.workbook().sync(&older, |_| {}).await.unwrap();
    assert_eq!(unsent(&yi), 250, "a server that does not know of reveals acknowledges none");

    yi.sync().await.unwrap();
    assert_eq!(unsent(&yi), 0, "one exchange takes them all");
    let told = revealed(&town).await;
    let reasons: Vec<_> =
        told.iter().map(|entry| entry.detail.split(" (").next().unwrap().to_owned()).collect();
    let wanted: Vec<_> = (0..250).map(|n| format!("phone: 第{n}次回访")).collect();
    assert_eq!(reasons, wanted);
}

#[tokio::test]
async fn a_server_that_was_put_back_gets_the_reveals_again() {
    let (mut town, jia, yi, home) = two_workers().await;
    let backup = town.back_up().await;
    yi.workbook().reveal(home, "phone", "联系住户").unwrap();
    let home = yi.workbook().get::<Household>(home).unwrap();
    let _ = yi.visit(&home, "已联系");
    town.settle(&[&yi, &jia]).await;
    assert_eq!(revealed(&town).await.len(), 1);
    town.restore(&backup).await;
    assert!(revealed(&town).await.is_empty(), "the backup knows nothing of it");
    town.settle(&[&yi, &jia]).await;
    town.settle(&[&yi, &jia]).await;
    assert_eq!(revealed(&town).await.len(), 1);
}

#[tokio::test]
async fn a_revoked_phone_hands_its_reveals_in() {
    let (town, _jia, mut yi, home) = two_workers().await;
    yi.go_offline();
    yi.workbook().reveal(home, "note", "联系住户").unwrap();
    let device = yi.workbook().enrolment().unwrap().device;
    town.server().admin().revoke_device(&device).await.unwrap();
    yi.go_online();
    assert!(yi.sync().await.unwrap().handed_in.is_some());
    let told = revealed(&town).await;
    assert_eq!(told.len(), 1);
    assert!(told[0].detail.starts_with("note: 联系住户 (on phone"), "{}", told[0].detail);
}

#[tokio::test]
async fn a_form_of_anothers_record_is_edited_around_its_masked_numbers() {
    let (town, jia, yi, home) = two_workers().await;
    let mut form = yi.workbook().get::<Household>(home).unwrap();
    assert_eq!(form.content.note, "女儿 139-****-0001");
    form.content.note.push_str("，白天在家");
    form.content.class = "green".into();
    form = yi.workbook().edit(&form).unwrap();
    assert_eq!(form.content.note, "女儿 139-****-0001，白天在家", "it is shown masked still");
    form.content.note = form.content.note.replace("0001", "0002");
    let refused = yi.workbook().edit(&form);
    assert!(matches!(refused, Err(Error::Invalid { field: "note", .. })), "{refused:?}");
    town.settle(&[&yi, &jia]).await;
    let seen = jia.workbook().get::<Household>(home).unwrap().content;
    assert_eq!(
        (seen.phone.as_str(), seen.note.as_str(), seen.class.as_str()),
        (NUMBER, "女儿 139-0000-0001，白天在家", "green")
    );
}

#[tokio::test]
async fn two_values_that_look_the_same_are_both_shown() {
    let (town, jia, yi, home) = two_workers().await;
    for (phone, number) in [(&jia, "13800010000"), (&yi, "13800020000")] {
        let mut form = phone.workbook().get::<Household>(home).unwrap();
        form.content.phone = number.into();
        phone.workbook().edit(&form).unwrap();
    }
    town.settle(&[&jia, &yi]).await;
    let mut shown = yi.workbook().reveal(home, "phone", "选定").unwrap();
    let chosen = gridbook_core::model::Scalar::Text(shown[0].clone());
    yi.workbook().choose(home, "phone", chosen).unwrap();
    shown.sort();
    assert_eq!(shown, ["13800010000", "13800020000"]);
    assert!(yi.workbook().conflicts_in(home).unwrap().is_empty());
}

#[tokio::test]
async fn a_damaged_phone_keeps_its_reveals() {
    let (town, jia, mut yi, home) = two_workers().await;
    for n in 0..30 {
        let _ = jia.household(&format!("4-1-{n}"));
    }
    town.settle(&[&jia, &yi]).await;
    yi.workbook().reveal(home, "phone", "联系住户").unwrap();
    yi.workbook().store().checkpoint().unwrap();
    yi.reopen();
    let whole = std::fs::read(yi.path()).unwrap();
    let (mut salvages, mut kept) = (0, 0);
    for page in 1..whole.len() / PAGE {
        let path = town.folder().join(format!("damaged-{page}/workbook.db"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        for file in std::fs::read_dir(yi.path().parent().unwrap()).unwrap().map(|file| file.unwrap()) {
            std::fs::copy(file.path(), path.with_file_name(file.file_name())).unwrap();
        }
        let mut bytes = whole.clone();
        bytes[page * PAGE..(page + 1) * PAGE].fill(0x5a);
        std::fs::write(&path, bytes).unwrap();
        let opened = Workbook::open(OpenOptions {
            path: &path,
            key: &Key::new(KEY),
            install_nonce: Some([1; 16]),
            surroundings: Surroundings::system(),
        });
        let Opened { workbook, salvage } = opened.unwrap_or_else(|error| panic!("page {page}: {error}"));
        if salvage.is_some() {
            salvages += 1;
            let reveals = workbook.store().read(|reader| reader.unsent_reveals(9)).unwrap();
            kept += usize::from(reveals.first().is_some_and(|reveal| reveal.record == home));
        }
    }
    assert!(salvages >= 5, "{salvages} pages were missed");
    // Its own page is the one whose damage loses it.
    assert!(kept >= salvages - 1, "{kept} of {salvages}");
}
