//! Drafts of edits: whoever goes on with one after the app was killed still overwrites nobody.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use gridbook_core::clock::{Clock, Instant, Surroundings, SystemClock};
use gridbook_core::id::RecordId;
use gridbook_core::model::{Record, Role, Scalar, Visit};
use gridbook_tests::town::{Phone, Town};

/// What a screen does that goes on with a draft: the record of now, and what was typed on the version of then.
fn resume(phone: &Phone, id: RecordId) -> Record<Visit> {
    let draft = phone.workbook().drafts().resume(id).unwrap().unwrap();
    draft.onto(phone.workbook().get(id).unwrap()).unwrap()
}

/// Begins to edit a visit and types a note.
fn begin(phone: &Phone, id: RecordId, note: &str) {
    let drafts = phone.workbook().drafts();
    let mut draft = drafts.edit(&phone.workbook().get::<Visit>(id).unwrap()).unwrap();
    draft.fields["note"] = note.into();
    assert_eq!(drafts.keep(&draft).unwrap().version, draft.version);
}

async fn edit(phone: &Phone, id: RecordId, change: impl FnOnce(&mut Record<Visit>)) {
    let mut record = phone.workbook().get::<Visit>(id).unwrap();
    change(&mut record);
    phone.workbook().edit(&record).unwrap();
    phone.sync().await.unwrap();
}

// Story: resumed_edit
#[tokio::test]
async fn a_draft_resumed_after_a_kill_does_not_overwrite_a_colleague() {
    let mut town = Town::new().await;
    let mut jia = town.worker("甲").await;
    let yi = town.worker("乙").await;
    let visit = jia.visit(&jia.household("3-1-501"), "老人独居");
    town.settle(&[&jia, &yi]).await;

    jia.go_offline();
    begin(&jia, visit.id, "老人独居，要求装扶手");
    jia.reopen();
    jia.go_online();
    edit(&yi, visit.id, |record| {
        record.header.occurred_at = record.header.occurred_at.plus_millis(-3_600_000);
        record.content.note = "老人独居，女儿每周来".into();
        record.content.requests = "想办老年卡".into();
    })
    .await;
    jia.sync().await.unwrap();
    assert_eq!(jia.workbook().get::<Visit>(visit.id).unwrap().content.note, "老人独居，女儿每周来");

    let draft = jia.workbook().drafts().resume(visit.id).unwrap().unwrap();
    assert_eq!(draft.version, Some(visit.version), "the version it was begun on");
    jia.workbook().edit(&resume(&jia, visit.id)).unwrap();
    assert_eq!(jia.workbook().drafts().list().unwrap(), []);
    let written = jia.workbook().history(visit.id).unwrap().pop().unwrap().changes;
    let fields: Vec<_> = written.iter().map(|change| change.field.as_str()).collect();
    assert_eq!(fields, ["note"], "not the hour, which the colleague set");
    town.settle(&[&jia, &yi]).await;
    for phone in [&jia, &yi] {
        let merged = phone.workbook().get::<Visit>(visit.id).unwrap();
        assert_eq!((merged.content.requests.as_str(), merged.conflicts), ("想办老年卡", 1));
        let conflict = phone.workbook().conflicts_in(visit.id).unwrap().remove(0);
        let mut values: Vec<_> =
            conflict.candidates.into_iter().map(|(candidate, _)| candidate.value).collect();
        values.sort_by_key(|value| value.as_text().map(str::to_owned));
        assert_eq!(conflict.field, "note");
        let both = ["老人独居，女儿每周来", "老人独居，要求装扶手"];
        assert_eq!(values, both.map(|note| Scalar::Text(note.into())));
    }
}

/// A clock that is off by so many milliseconds.
#[derive(Default)]
struct SetClock(AtomicI64);

impl Clock for SetClock {
    fn now(&self) -> Instant {
        SystemClock.now().plus_millis(self.0.load(Ordering::Relaxed))
    }
}

#[tokio::test]
async fn a_draft_on_a_version_that_was_refused_and_written_anew_can_still_be_saved() {
    let mut town = Town::new().await;
    let clock = Arc::new(SetClock::default());
    let surroundings = Surroundings { clock: clock.clone(), ..Surroundings::system() };
    let jia = town.phone_in("甲", &[(town.grids[0].clone(), Role::Worker)], surroundings).await;
    let visit = jia.visit(&jia.household("3-1-501"), "敲门无人");
    jia.sync().await.unwrap();
    clock.0.store(100 * 366 * 24 * 3_600_000, Ordering::Relaxed);
    edit(&jia, visit.id, |record| record.content.requests = "修路灯".into()).await;
    begin(&jia, visit.id, "下午见到了");
    assert_eq!(jia.workbook().refusals(visit.id).unwrap(), ["impossible_time"]);

    clock.0.store(0, Ordering::Relaxed);
    jia.workbook().rescue(visit.id).unwrap();
    let saved = jia.workbook().edit(&resume(&jia, visit.id)).unwrap();
    let content = (saved.content.note.as_str(), saved.content.requests.as_str());
    assert_eq!((content, saved.conflicts), (("下午见到了", "修路灯"), 0));
    town.settle(&[&jia]).await;
}
