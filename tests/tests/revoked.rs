//! Stories of phones that lose their place: what they had not sent reaches the lead's box, then they are
//! empty; and whatever goes wrong on the way, nothing is lost.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use gridbook_core::clock::Surroundings;
use gridbook_core::id::Signature;
use gridbook_core::model::{DiaryEntry, Role, Visit};
use gridbook_core::sync::http::HttpServer;
use gridbook_core::sync::protocol::{
    BoxRequest, BoxResponse, EnrolRequest, EnrolResponse, RecoverRequest, RecoverResponse, SyncProtocol,
    SyncRequest, SyncResponse,
};
use gridbook_core::workbook::{Filter, HandedIn, New, Phase};
use gridbook_core::{Error, Result};
use gridbook_server::Server;
use gridbook_tests::town::{Phone, Town};

/// How many times a revocation races an upload.
const RACES: u64 = 300;

fn visits(phone: &Phone) -> Vec<gridbook_core::model::Record<Visit>> {
    phone.workbook().list::<Visit>(&Filter::default(), None, 1_000).unwrap().items
}

/// Everything that lies beside the phone's database.
fn left_behind(phone: &Phone) -> Vec<String> {
    let folder = std::fs::read_dir(phone.path().parent().unwrap()).unwrap();
    folder.map(|file| file.unwrap().file_name().into_string().unwrap()).collect()
}

#[tokio::test]
async fn a_revoked_phone_hands_in_what_it_had_not_sent_and_is_empty() {
    let mut town = Town::new().await;
    let phone = town.worker("甲").await;
    let colleague = town.worker("乙").await;
    let home = phone.household("3-1-501");
    let sent = phone.visit(&home, "已经送到");
    town.settle(&[&phone, &colleague]).await;
    let kept = phone.visit(&home, "还没送，电话 00000000001");
    let more = Visit { note: "改过一遍".into(), ..sent.content.clone() };
    let sent = phone.workbook().get::<Visit>(sent.id).unwrap();
    phone.workbook().edit(&gridbook_core::model::Record { content: more, ..sent.clone() }).unwrap();
    let begun = DiaryEntry { text: "刚写了一半".into(), ..DiaryEntry::default() };
    phone.workbook().drafts().begin(&begun).unwrap();

    // As a salvage has left them.
    for aside in ["workbook.db.damaged-1", "workbook.db.damaged-1-wal"] {
        std::fs::write(phone.path().with_file_name(aside), "damaged").unwrap();
    }

    let enrolment = phone.workbook().enrolment().unwrap();
    assert!(town.server().admin().revoke_device(&enrolment.device).await.unwrap());
    let report = phone.sync().await.unwrap();
    assert_eq!(report.handed_in, Some(HandedIn { changes: 2, drafts: 1 }));
    assert_eq!(phone.workbook().phase(), Phase::Wiped);
    assert!(left_behind(&phone).is_empty(), "{:?}", left_behind(&phone));
    assert!(matches!(phone.workbook().get::<Visit>(kept.id), Err(Error::Wiped)));
    assert!(matches!(phone.workbook().drafts().begin(&begun), Err(Error::Wiped)));

    let service = town.server().service();
    let parcels = service.parcels().await.unwrap();
    assert_eq!((parcels.len(), &parcels[0].person), (1, &enrolment.person));
    let (records, drafts) = service.open_box(&enrolment.device).await.unwrap();
    let notes: Vec<_> = records.iter().map(|it| it.record.as_ref().unwrap()["note"].clone()).collect();
    assert_eq!(
        notes,
        ["还没送，电话 000****0001", "改过一遍"],
        "a lead reads them whole, the edit on what the server holds"
    );
    assert_eq!(drafts[0].fields["text"], "刚写了一半");

    let accepted = service.accept_box(&enrolment.device).await.unwrap();
    assert_eq!((accepted.accepted, accepted.refused.len()), (2, 0), "{accepted:?}");
    let again = service.accept_box(&enrolment.device).await.unwrap();
    assert_eq!((again.accepted, again.known), (0, 2));
    town.settle(&[&colleague]).await;
    let seen = visits(&colleague);
    let notes: Vec<_> = seen.iter().map(|visit| visit.content.note.as_str()).collect();
    assert!(notes.contains(&"还没送，电话 000****0001") && notes.contains(&"改过一遍"), "{notes:?}");
    assert!(seen.iter().all(|visit| visit.header.author == enrolment.person));
}

#[tokio::test]
async fn a_dismissed_persons_phones_tokens_and_invitations_end_at_once() {
    let mut town = Town::new().await;
    let first = town.worker("甲").await;
    let second = town.worker("甲").await;
    let person = first.workbook().enrolment().unwrap().person;
    let invite = town.invite(&person).await;
    let home = first.household("3-1-501");
    let _ = first.visit(&home, "最后一天");
    let admin = town.server().admin();
    let token = admin.token(&person, "台账", 30).await.unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let asked = async || {
        let request = http.get(format!("{}/v1/records", town.url())).bearer_auth(&token);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(asked().await, 200);
    assert!(admin.dismiss(&person).await.unwrap());
    assert_eq!(asked().await, 401, "a token ends with its person");
    assert!(!admin.dismiss(&person).await.unwrap());
    assert_eq!(first.sync().await.unwrap().handed_in, Some(HandedIn { changes: 2, drafts: 0 }));
    assert_eq!(second.sync().await.unwrap().handed_in, Some(HandedIn::default()), "nothing to hand in");
    assert!(left_behind(&second).is_empty());
    let third = Phone::open(&town.folder().join("third/workbook.db"));
    let desk = HttpServer::new(&town.url(), None, Surroundings::system()).unwrap();
    let refused = third.workbook().enrol(&desk, &town.url(), &invite, "").await.unwrap_err();
    assert!(matches!(refused, Error::Refused { code, .. } if code == "invite_revoked"));
    let device = first.workbook().phase();
    assert_eq!(device, Phase::Wiped);
    let parcel = town.server().service().parcels().await.unwrap().remove(0);
    let accepted = town.server().service().accept_box(&parcel.device).await.unwrap();
    assert_eq!(accepted.accepted, 2, "by what the person was allowed while they had a part");
}

/// A way to the server on which parcels meet with trouble.
struct Trouble {
    inner: HttpServer,
    trouble: Parcels,
    tried: AtomicU32,
}

#[derive(Clone, Copy)]
enum Parcels {
    /// None arrives.
    Lost,
    /// They arrive, and the answer is lost.
    Unanswered,
    /// They are swallowed, with a receipt that nobody signed.
    Swallowed,
}

impl SyncProtocol for Trouble {
    async fn enrol(&self, request: EnrolRequest) -> Result<EnrolResponse> {
        self.inner.enrol(request).await
    }

    async fn sync(&self, request: SyncRequest) -> Result<SyncResponse> {
        self.inner.sync(request).await
    }

    async fn recover(&self, request: RecoverRequest) -> Result<RecoverResponse> {
        self.inner.recover(request).await
    }

    async fn hand_in(&self, request: BoxRequest) -> Result<BoxResponse> {
        self.tried.fetch_add(1, Ordering::SeqCst);
        match self.trouble {
            Parcels::Lost => Err(Error::Offline("no network".into())),
            Parcels::Unanswered => {
                self.inner.hand_in(request).await?;
                Err(Error::Offline("the answer is lost".into()))
            }
            Parcels::Swallowed => Ok(BoxResponse { proof: Signature([7; 64]) }),
        }
    }
}

#[tokio::test]
async fn while_a_parcel_is_not_signed_for_nothing_is_destroyed() {
    for trouble in [Parcels::Lost, Parcels::Unanswered, Parcels::Swallowed] {
        let mut town = Town::new().await;
        let mut phone = town.worker("甲").await;
        let home = phone.household("3-1-501");
        let _ = phone.visit(&home, "不能丢");
        let device = phone.workbook().enrolment().unwrap().device;
        town.server().admin().revoke_device(&device).await.unwrap();
        for _ in 0..2 {
            let end = Trouble { inner: phone.client().unwrap(), trouble, tried: AtomicU32::new(0) };
            phone.workbook().sync(&end, |_| {}).await.unwrap_err();
            assert_eq!(end.tried.into_inner(), 1);
            assert_eq!(phone.workbook().phase(), Phase::Withdrawn);
            assert_eq!(visits(&phone)[0].content.note, "不能丢", "still to be read");
            let late = phone.workbook().visits().save(New::of(visits(&phone)[0].content.clone()));
            assert!(matches!(late, Err(Error::Withdrawn)), "the parcel holds everything there is");
            assert!(left_behind(&phone).iter().any(|file| file.ends_with(".parcel-1")));
            phone.reopen();
        }
        assert_eq!(phone.sync().await.unwrap().handed_in, Some(HandedIn { changes: 2, drafts: 0 }));
        assert!(left_behind(&phone).is_empty());
        let service = town.server().service();
        assert_eq!(service.parcels().await.unwrap().len(), 1, "sent twice, kept once");
        assert_eq!(service.accept_box(&device).await.unwrap().accepted, 2);
    }
}

/// The phone was revoked, and before its parcels were written, or while they were, its database was damaged.
#[tokio::test]
async fn a_revoked_phone_whose_database_is_damaged_hands_in_what_can_be_read() {
    for parcels in [&[][..], &[2], &[1]] {
        let mut town = Town::new().await;
        let mut phone = town.worker("甲").await;
        let home = phone.household("3-1-501");
        let _ = phone.visit(&home, "不能丢");
        let device = phone.workbook().enrolment().unwrap().device;
        town.server().admin().revoke_device(&device).await.unwrap();
        let end =
            Trouble { inner: phone.client().unwrap(), trouble: Parcels::Lost, tried: AtomicU32::new(0) };
        phone.workbook().sync(&end, |_| {}).await.unwrap_err();
        let parcel = |part: usize| phone.path().with_file_name(format!("workbook.db.parcel-{part}"));
        let sealed = std::fs::read(parcel(1)).unwrap();
        if !parcels.contains(&1) {
            std::fs::remove_file(parcel(1)).unwrap();
        }
        // What an earlier try had begun to write.
        if parcels.contains(&2) {
            std::fs::write(parcel(2), sealed).unwrap();
        }

        let report = phone.damage();
        assert_eq!((report.unsent, report.lost, report.unsaved.len()), (2, 0, 0));
        assert_eq!(phone.workbook().phase(), Phase::Withdrawn);
        assert_eq!(phone.sync().await.unwrap().handed_in, Some(HandedIn { changes: 2, drafts: 0 }));
        assert!(left_behind(&phone).is_empty(), "{:?}", left_behind(&phone));
        let service = town.server().service();
        assert_eq!(service.parcels().await.unwrap().len(), 1, "what was left of an earlier try is not sent");
        assert_eq!(service.accept_box(&device).await.unwrap().accepted, 2);
    }
}

#[tokio::test]
async fn nobody_but_its_own_server_makes_a_phone_take_leave() {
    let mut town = Town::new().await;
    let phone = town.worker("甲").await;
    let other = town.worker("乙").await;
    let home = phone.household("3-1-501");
    let _ = phone.visit(&home, "照常");
    // A revocation that is real, but another phone's.
    let device = other.workbook().enrolment().unwrap().device;
    town.server().admin().revoke_device(&device).await.unwrap();
    let revoked = other.client().unwrap().sync(SyncRequest { protocol: 1, ..Default::default() }).await;
    let Err(Error::Revoked { at, proof }) = revoked else { panic!("{revoked:?}") };
    for proof in [proof, vec![0; 64], Vec::new()] {
        struct Liar(i64, Vec<u8>);
        impl SyncProtocol for Liar {
            async fn enrol(&self, _: EnrolRequest) -> Result<EnrolResponse> {
                Err(Error::Offline(String::new()))
            }
            async fn sync(&self, _: SyncRequest) -> Result<SyncResponse> {
                Err(Error::Revoked { at: self.0, proof: self.1.clone() })
            }
            async fn recover(&self, _: RecoverRequest) -> Result<RecoverResponse> {
                Err(Error::Offline(String::new()))
            }
        }
        phone.workbook().sync(&Liar(at, proof), |_| {}).await.unwrap_err();
        assert_eq!(phone.workbook().phase(), Phase::Working);
    }
    let _ = phone.visit(&home, "还是照常");
    assert_eq!(phone.sync().await.unwrap().sent, 3);
}

#[tokio::test]
async fn a_phone_revoked_by_mistake_goes_on_with_a_new_invitation() {
    let mut town = Town::new().await;
    let phone = town.worker("甲").await;
    let home = phone.household("3-1-501");
    let enrolment = phone.workbook().enrolment().unwrap();
    town.server().admin().revoke_device(&enrolment.device).await.unwrap();
    let end = Trouble { inner: phone.client().unwrap(), trouble: Parcels::Lost, tried: AtomicU32::new(0) };
    phone.workbook().sync(&end, |_| {}).await.unwrap_err();
    let invite = town.invite(&enrolment.person).await;
    let desk = HttpServer::new(&town.url(), None, Surroundings::system()).unwrap();
    phone.workbook().enrol(&desk, &town.url(), &invite, "").await.unwrap();
    assert_eq!(phone.workbook().phase(), Phase::Working);
    assert!(!left_behind(&phone).iter().any(|file| file.contains("parcel")), "no stale parcel stays");
    let _ = phone.visit(&home, "又可以了");
    assert_eq!(phone.sync().await.unwrap().sent, 2);
}

#[tokio::test]
async fn an_active_device_has_no_business_with_the_box() {
    let mut town = Town::new().await;
    let phone = town.worker("甲").await;
    let request = BoxRequest { protocol: 1, sealed: vec![1; 100] };
    let refused = phone.client().unwrap().hand_in(request.clone()).await.unwrap_err();
    assert!(matches!(refused, Error::Refused { code, .. } if code == "bad_request"));
    let device = phone.workbook().enrolment().unwrap().device;
    town.server().admin().revoke_device(&device).await.unwrap();
    phone.client().unwrap().hand_in(request).await.unwrap();
    assert!(town.server().service().open_box(&device).await.is_err(), "it is nobody's parcel");
    // The box of one device has an end: 32 MiB.
    for byte in 0..60_u8 {
        let sealed: Vec<u8> =
            (0..700_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8 ^ byte).collect();
        let kept = phone.client().unwrap().hand_in(BoxRequest { protocol: 1, sealed }).await;
        if let Err(refused) = kept {
            assert!(byte > 40 && matches!(refused, Error::Refused { code, .. } if code == "too_large"));
            return;
        }
    }
    panic!("the box has no end");
}

/// How many changes are in the logs of the town.
async fn logged(server: &Server, town: &Town) -> u64 {
    let heads = server.service().database().heads(&[town.grids[0].clone()]).await.unwrap();
    heads.iter().map(|head| head.seq).sum()
}

/// How long the upload of a phone takes here today, in microseconds: the middle of five.
async fn upload_time(town: &mut Town) -> u64 {
    let mut times = Vec::new();
    for number in 0..5 {
        let phone = town.worker(&format!("试{number}")).await;
        let _ = phone.household(&format!("9-{number}-501"));
        let begun = std::time::Instant::now();
        phone.sync().await.unwrap();
        times.push(begun.elapsed().as_micros() as u64);
    }
    times.sort_unstable();
    times[2].max(1)
}

/// Seeds decide how much waits and when the revocation comes; threads decide the rest.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_revocation_that_races_an_upload_lets_nothing_through_and_loses_nothing() {
    let mut town = Town::new().await;
    let (mut in_log, mut in_box) = (0, 0);
    // From before the upload has begun until after it is over.
    let longest = upload_time(&mut town).await * 3 / 2;
    for seed in 0..RACES {
        let phone = town.worker(&format!("甲{seed}")).await;
        let home = phone.household(&format!("{seed}-1-501"));
        let waiting = 1 + seed % 7;
        for number in 1..waiting {
            let _ = phone.visit(&home, &format!("第 {number} 次"));
        }
        let enrolment = phone.workbook().enrolment().unwrap();
        let before = logged(town.server(), &town).await;
        let delay = Duration::from_micros(seed.wrapping_mul(7_919) % 1_000 * longest / 1_000);
        let admin = town.server().admin();
        let revoke = async {
            tokio::time::sleep(delay).await;
            if seed % 2 == 0 {
                admin.revoke_device(&enrolment.device).await.unwrap();
            } else {
                admin.dismiss(&enrolment.person).await.unwrap();
            }
            // The commit is done: from here on the log must not grow.
            logged(town.server(), &town).await
        };
        let (report, at_commit) = tokio::join!(phone.sync(), revoke);
        let after = logged(town.server(), &town).await;
        assert_eq!(after, at_commit, "seed {seed}: accepted after the revocation");
        if !report.as_ref().is_ok_and(|report| report.handed_in.is_some()) {
            assert!(phone.sync().await.unwrap().handed_in.is_some(), "seed {seed}: {report:?}");
        }
        assert!(left_behind(&phone).is_empty(), "seed {seed}");
        let arrived = after - before;
        if arrived == waiting {
            in_log += 1;
        } else if arrived == 0 {
            in_box += 1;
        }
        let service = town.server().service();
        if let Ok(accepted) = service.accept_box(&enrolment.device).await {
            assert!(accepted.refused.is_empty(), "seed {seed}: {accepted:?}");
            assert_eq!(arrived + accepted.accepted as u64, waiting, "seed {seed}: lost");
        } else {
            assert_eq!(arrived, waiting, "seed {seed}: lost");
        }
    }
    let floor = RACES / 20;
    assert!(
        in_log >= floor && in_box >= floor,
        "the races were no races: {in_log} uploads and {in_box} boxes"
    );
}

/// A way to the server on which the first answer brings receipts and no page.
struct Receipts {
    inner: HttpServer,
    asked: AtomicU32,
}

impl SyncProtocol for Receipts {
    async fn enrol(&self, request: EnrolRequest) -> Result<EnrolResponse> {
        self.inner.enrol(request).await
    }

    async fn sync(&self, request: SyncRequest) -> Result<SyncResponse> {
        if self.asked.fetch_add(1, Ordering::SeqCst) > 0 {
            return Err(Error::Offline("no network".into()));
        }
        let mut answer = self.inner.sync(request).await?;
        answer.scopes.clear();
        answer.more = true;
        Ok(answer)
    }

    async fn recover(&self, request: RecoverRequest) -> Result<RecoverResponse> {
        self.inner.recover(request).await
    }
}

#[tokio::test]
async fn a_role_that_is_taken_between_receipt_and_page_leaves_nothing_waiting() {
    let mut town = Town::new().await;
    let phone = town.worker("甲").await;
    let home = phone.household("3-1-501");
    let end = Receipts { inner: phone.client().unwrap(), asked: AtomicU32::new(0) };
    phone.workbook().sync(&end, |_| {}).await.unwrap_err();
    let person = phone.workbook().enrolment().unwrap().person;
    let grid = town.grids[0].clone();
    town.server().admin().revoke_grant(&person, Role::Worker, &grid).await.unwrap();

    let report = phone.sync().await.unwrap();
    assert_eq!((report.refused.len(), report.dropped.len()), (0, 1), "{report:?}");
    assert_eq!(phone.workbook().status().unwrap().unsent, 0);
    town.server().admin().grant(&person, Role::Worker, &grid).await.unwrap();
    town.settle(&[&phone]).await;
    assert!(phone.workbook().record(home.id).is_ok());
}
