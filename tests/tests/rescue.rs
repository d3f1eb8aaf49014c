//! A refused edit is not lost: it stays on the phone, and once its cause is seen to it goes out again, on top of
//! what others wrote meanwhile.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use gridbook_core::clock::{Clock, Instant, Surroundings, SystemClock};
use gridbook_core::gate::Refusal;
use gridbook_core::model::{DiaryEntry, Kind, Role, Rule, Standing, Visit};
use gridbook_core::sync::http::HttpServer;
use gridbook_core::sync::protocol::{
    EnrolRequest, EnrolResponse, Receipt, RecoverRequest, RecoverResponse, SyncProtocol, SyncRequest,
    SyncResponse,
};
use gridbook_core::workbook::New;
use gridbook_core::{Error, Result};
use gridbook_tests::town::{Phone, Town};

/// A clock that is off by so many milliseconds.
#[derive(Default)]
struct SetClock(AtomicI64);

impl Clock for SetClock {
    fn now(&self) -> Instant {
        SystemClock.now().plus_millis(self.0.load(Ordering::Relaxed))
    }
}

const CENTURY: i64 = 100 * 366 * 24 * 3_600_000;

/// A worker whose phone's clock can be set, and a colleague.
async fn workers(town: &mut Town) -> (Phone, Arc<SetClock>, Phone) {
    let clock = Arc::new(SetClock::default());
    let surroundings = Surroundings { clock: clock.clone(), ..Surroundings::system() };
    let jia = town.phone_in("甲", &[(town.grids[0].clone(), Role::Worker)], surroundings).await;
    let yi = town.worker("乙").await;
    (jia, clock, yi)
}

#[tokio::test]
async fn a_refused_edit_goes_out_again_on_top_of_what_others_wrote() {
    let mut town = Town::new().await;
    let (jia, clock, yi) = workers(&mut town).await;
    let home = jia.household("3-1-501");
    let visit = jia.visit(&home, "敲门无人");
    town.settle(&[&jia, &yi]).await;
    assert!(matches!(jia.workbook().rescue(visit.id), Err(Error::Invalid { kind: Kind::Visit, .. })));

    clock.0.store(CENTURY, Ordering::Relaxed);
    let mut edited = jia.workbook().get::<Visit>(visit.id).unwrap();
    edited.content.note = "下午见到了".into();
    jia.workbook().edit(&edited).unwrap();
    assert_eq!(jia.sync().await.unwrap().refused, [visit.id]);
    let mut edited = jia.workbook().get::<Visit>(visit.id).unwrap();
    assert_eq!((edited.content.note.as_str(), edited.standing), ("下午见到了", Standing::Refused));
    assert_eq!(jia.workbook().refusals(visit.id).unwrap(), ["impossible_time"]);
    edited.content.companions = "民警".into();
    jia.workbook().edit(&edited).unwrap();

    let mut by_yi = yi.workbook().get::<Visit>(visit.id).unwrap();
    assert_eq!(by_yi.content.note, "敲门无人", "nothing of it reached the others");
    by_yi.content.requests = "想办老年卡".into();
    yi.workbook().edit(&by_yi).unwrap();
    town.settle(&[&yi, &jia]).await;

    clock.0.store(0, Ordering::Relaxed);
    let rescued = jia.workbook().rescue(visit.id).unwrap();
    assert_eq!(rescued.standing, Standing::OnPhone);
    town.settle(&[&jia, &yi]).await;
    for phone in [&jia, &yi] {
        let visit = phone.workbook().get::<Visit>(visit.id).unwrap();
        let content = (visit.content.note.as_str(), visit.content.companions.as_str());
        assert_eq!(content, ("下午见到了", "民警"));
        assert_eq!((visit.content.requests.as_str(), visit.conflicts), ("想办老年卡", 0));
        assert_eq!(visit.standing, Standing::OnServer);
    }
    let status = jia.workbook().status().unwrap();
    assert_eq!((status.refused, status.unsent), (0, 0));
    assert_eq!(status.quarantined, 2, "both refused changes are kept with their bytes");
    let history = yi.workbook().history(visit.id).unwrap();
    assert_eq!(history.len(), 3, "begun, edited by the colleague, rescued as one change");
}

#[tokio::test]
async fn a_record_that_was_refused_from_the_start_begins_anew() {
    let mut town = Town::new().await;
    let (jia, clock, yi) = workers(&mut town).await;
    clock.0.store(CENTURY, Ordering::Relaxed);
    let entry =
        DiaryEntry {
            date: Some(jia.workbook().today()), text: "楼道灯坏了".into(), ..DiaryEntry::default()
        };
    let entry = jia.workbook().diary().save(New::of(entry)).unwrap();
    assert_eq!(jia.sync().await.unwrap().refused, [entry.id]);

    clock.0.store(0, Ordering::Relaxed);
    jia.workbook().rescue(entry.id).unwrap();
    town.settle(&[&jia, &yi]).await;
    let read = yi.workbook().get::<DiaryEntry>(entry.id).unwrap();
    assert_eq!((read.content.text.as_str(), read.standing), ("楼道灯坏了", Standing::OnServer));
    assert_eq!(jia.workbook().record(entry.id).unwrap().standing, Standing::OnServer);
}

#[tokio::test]
async fn more_than_one_change_can_carry_is_said_at_once() {
    let mut town = Town::new().await;
    let jia = town.worker("甲").await;
    let home = jia.household("3-1-501");
    let long = "长".repeat(8_000);
    let visit = Visit { requests: long.clone(), companions: long.clone(), ..jia.visit(&home, "一").content };
    let refused = jia.workbook().visits().save(New::of(Visit { note: long, ..visit }));
    let Err(Error::Invalid { kind: Kind::Visit, field, rule }) = refused else { panic!("{refused:?}") };
    assert!(["note", "requests", "companions"].contains(&field), "{field}");
    assert_eq!(rule, Rule::ChangeTooLarge);
    town.settle(&[&jia]).await;
}

/// A server that refuses whatever a phone brings, always for one reason.
struct Refusing {
    inner: HttpServer,
    reason: Refusal,
}

impl SyncProtocol for Refusing {
    async fn enrol(&self, request: EnrolRequest) -> Result<EnrolResponse> {
        self.inner.enrol(request).await
    }

    async fn sync(&self, mut request: SyncRequest) -> Result<SyncResponse> {
        let brought = std::mem::take(&mut request.push).len();
        let answer = self.inner.sync(request).await?;
        Ok(SyncResponse { receipts: vec![Receipt::Refused(self.reason); brought], ..answer })
    }

    async fn recover(&self, request: RecoverRequest) -> Result<RecoverResponse> {
        self.inner.recover(request).await
    }
}

/// Whatever the reason is, the work stays, says why it was not taken, is worked on, and goes out once that is seen to.
#[tokio::test]
async fn work_refused_for_any_reason_is_rescued() {
    let mut town = Town::new().await;
    let (jia, yi) = (town.worker("甲").await, town.worker("乙").await);
    let home = jia.household("3-1-501");
    for reason in Refusal::ALL {
        let visit = jia.visit(&home, "敲门无人");
        town.settle(&[&jia, &yi]).await;
        let mut edited = jia.workbook().get::<Visit>(visit.id).unwrap();
        edited.content.note = "下午见到了".into();
        jia.workbook().edit(&edited).unwrap();
        let before = jia.workbook().status().unwrap().quarantined;
        let refusing = Refusing { inner: jia.client().unwrap(), reason };
        let report = jia.workbook().sync(&refusing, |_| {}).await.unwrap();
        let mut edited = jia.workbook().get::<Visit>(visit.id).unwrap();
        assert_eq!(edited.content.note, "下午见到了", "{reason}: nothing is taken from the worker");
        if reason == Refusal::MissingDependency {
            // Whoever holds what is missing brings it: this is no verdict, and the work waits.
            assert_eq!((report.refused.len(), report.held_back), (0, 1), "{reason}");
            assert_eq!(edited.standing, Standing::OnPhone, "{reason}");
            assert!(jia.workbook().rescue(visit.id).is_err(), "{reason}: nothing was refused");
        } else {
            assert_eq!(report.refused, [visit.id], "{reason}");
            assert_eq!(edited.standing, Standing::Refused, "{reason}");
            assert_eq!(jia.workbook().refusals(visit.id).unwrap(), [reason.as_str()]);
        }
        edited.content.companions = "民警".into();
        jia.workbook().edit(&edited).unwrap();
        if reason != Refusal::MissingDependency {
            assert_eq!(jia.workbook().rescue(visit.id).unwrap().standing, Standing::OnPhone, "{reason}");
            let kept = jia.workbook().status().unwrap().quarantined - before;
            assert_eq!(kept, 2, "{reason}: what was refused and what built on it is kept");
        }
        town.settle(&[&jia, &yi]).await;
        for phone in [&jia, &yi] {
            let visit = phone.workbook().get::<Visit>(visit.id).unwrap();
            let content = (visit.content.note.as_str(), visit.content.companions.as_str());
            assert_eq!(content, ("下午见到了", "民警"), "{reason}");
            assert_eq!(visit.standing, Standing::OnServer, "{reason}");
        }
        let status = jia.workbook().status().unwrap();
        assert_eq!((status.refused, status.unsent), (0, 0), "{reason}");
    }
}
