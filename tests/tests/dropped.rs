//! An exchange may be dropped at any await, as a screen that goes away does: the workbook goes on, and the next exchange
//! brings everything.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use std::pin::pin;

use gridbook_core::Result;
use gridbook_core::model::DiaryEntry;
use gridbook_core::sync::protocol::{
    BoxRequest, BoxResponse, EnrolRequest, EnrolResponse, RecoverRequest, RecoverResponse, SyncProtocol,
    SyncRequest, SyncResponse,
};
use gridbook_core::workbook::{Filter, New, Workbook};
use gridbook_tests::district::{District, scratch};
use tokio::task::yield_now;

/// More than a phone stores on the caller's thread at once.
const LONG: usize = 70;

/// A network on which every message takes a while both ways.
struct Slow<P>(P);

impl<P: SyncProtocol> SyncProtocol for Slow<P> {
    async fn enrol(&self, request: EnrolRequest) -> Result<EnrolResponse> {
        self.0.enrol(request).await
    }

    async fn sync(&self, request: SyncRequest) -> Result<SyncResponse> {
        yield_now().await;
        let answer = self.0.sync(request).await;
        yield_now().await;
        answer
    }

    async fn recover(&self, request: RecoverRequest) -> Result<RecoverResponse> {
        yield_now().await;
        let answer = self.0.recover(request).await;
        yield_now().await;
        answer
    }

    async fn hand_in(&self, request: BoxRequest) -> Result<BoxResponse> {
        self.0.hand_in(request).await
    }
}

fn write(workbook: &Workbook, count: usize) {
    for number in 0..count {
        let entry = DiaryEntry { text: format!("第{number}件事"), ..DiaryEntry::default() };
        workbook.diary().save(New::of(entry)).unwrap();
    }
}

fn held(workbook: &Workbook) -> usize {
    workbook.list::<DiaryEntry>(&Filter::default(), None, usize::MAX).unwrap().items.len()
}

#[tokio::test]
async fn a_workbook_goes_on_wherever_its_exchange_was_dropped() {
    let scratch = scratch();
    let mut district = District::found(&scratch.path().join("server")).await.unwrap();
    let writing = district.phone(&scratch.path().join("a.db")).await;
    let dropping = district.phone(&scratch.path().join("b.db")).await;
    district.sync(&writing).await.unwrap();
    let (mut written, mut broken_off) = (0, 0);
    for polls in 0..40 {
        // Now and then the page is so long that a thread of its own stores it.
        let others = if polls % 4 == 0 { LONG } else { 3 };
        write(&writing, others);
        district.sync(&writing).await.unwrap();
        write(&dropping, 2);
        written += others + 2;
        let end = Slow(district.end(&dropping).unwrap());
        let mut finished = false;
        {
            let mut exchange = pin!(dropping.sync(&end, |_| {}));
            for _ in 0..polls {
                finished = futures::poll!(&mut exchange).is_ready();
                if finished {
                    break;
                }
                yield_now().await;
            }
        }
        broken_off += u32::from(!finished);
        // What was dropped holds nothing up: the next act and the next exchange go on with the same workbook.
        write(&dropping, 1);
        written += 1;
        if polls % 3 == 0 {
            district.sync(&dropping).await.unwrap();
            assert_eq!(dropping.status().unwrap().unsent, 0, "dropped after {polls} polls");
        }
    }
    assert!((10..40).contains(&broken_off), "{broken_off}");
    for workbook in [&dropping, &writing, &dropping] {
        district.sync(workbook).await.unwrap();
    }
    for workbook in [&dropping, &writing] {
        let status = workbook.status().unwrap();
        assert_eq!((status.unsent, status.refused, status.quarantined), (0, 0, 0));
        assert_eq!(held(workbook), written, "each once");
        assert!(workbook.store().is_sound().unwrap());
    }
}
