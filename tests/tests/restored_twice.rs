//! A server that is restored from a backup, and once more while a phone is giving back what it had lost: at
//! any call of that exchange, from either of two backups. The author's phone is gone; its colleague's alone
//! holds the changes.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use gridbook_core::Result;
use gridbook_core::clock::Surroundings;
use gridbook_core::id::{ChangeHash, DeviceId};
use gridbook_core::model::{DiaryEntry, Standing};
use gridbook_core::sync::protocol::{
    EnrolRequest, EnrolResponse, RecoverRequest, RecoverResponse, SyncProtocol, SyncRequest, SyncResponse,
};
use gridbook_core::workbook::{Filter, New, Workbook};
use gridbook_server::{ForDevice, Server};
use gridbook_tests::district::{District, copy, open, scratch};

/// The server as a phone reaches it, until the restoration comes at one of its calls.
struct Restored {
    now: Mutex<ForDevice>,
    then: ForDevice,
    at: usize,
    calls: AtomicUsize,
}

impl Restored {
    fn end(&self) -> ForDevice {
        let mut now = self.now.lock().unwrap();
        if self.calls.fetch_add(1, Ordering::Relaxed) == self.at {
            *now = self.then.clone();
        }
        now.clone()
    }
}

impl SyncProtocol for Restored {
    async fn enrol(&self, request: EnrolRequest) -> Result<EnrolResponse> {
        self.end().enrol(request).await
    }

    async fn sync(&self, request: SyncRequest) -> Result<SyncResponse> {
        self.end().sync(request).await
    }

    async fn recover(&self, request: RecoverRequest) -> Result<RecoverResponse> {
        self.end().recover(request).await
    }
}

async fn serve(backup: &Path, folder: PathBuf) -> Server {
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::copy(backup, folder.join("gridbook.db")).unwrap();
    Server::open_single_threaded(&folder, Surroundings::system()).await.unwrap()
}

fn write(phone: &Workbook, text: &str) -> Vec<ChangeHash> {
    let entry = DiaryEntry { text: text.into(), ..DiaryEntry::default() };
    phone.diary().save(New::of(entry)).unwrap().version.0
}

#[tokio::test]
async fn everything_comes_back_whenever_the_second_restoration_falls() {
    let scratch = scratch();
    let mut district = District::found(&scratch.path().join("server")).await.unwrap();
    let lost = district.phone(&scratch.path().join("lost/workbook.db")).await;
    let kept = district.phone(&scratch.path().join("kept/workbook.db")).await;
    let mut written = Vec::new();
    let mut backups = Vec::new();
    for part in 0..4 {
        for number in 0..3 {
            written.extend(write(&lost, &format!("第{part}天第{number}条")));
        }
        district.sync(&lost).await.unwrap();
        district.sync(&kept).await.unwrap();
        let backup = scratch.path().join(format!("backup-{part}.db"));
        district.server.backup(&backup).await.unwrap();
        backups.push(backup);
    }
    let device: DeviceId = kept.enrolment().unwrap().device;
    drop(kept);
    let mut reached = 0;
    for (first, second) in [(1, 1), (1, 0), (2, 0), (0, 1), (1, 2)] {
        for at in 0.. {
            let what = format!("from backup {first}, at call {at} from {second}");
            let folder = scratch.path().join(format!("trial-{first}-{second}-{at}"));
            copy(&scratch.path().join("kept"), &folder).unwrap();
            let phone = open(&folder.join("workbook.db")).unwrap().workbook;
            let (now, then) = (
                serve(&backups[first], folder.join("now")).await,
                serve(&backups[second], folder.join("then")).await,
            );
            let link = Restored {
                now: Mutex::new(now.service().for_device(device.clone())),
                then: then.service().for_device(device.clone()),
                at,
                calls: AtomicUsize::new(0),
            };
            phone.sync(&link, |_| {}).await.unwrap_or_else(|error| panic!("{what}: {error}"));
            if link.calls.load(Ordering::Relaxed) <= at {
                // The exchange was over before: the restoration is an ordinary one.
                break;
            }
            reached += 1;
            let end = then.service().for_device(device.clone());
            for _ in 0..2 {
                phone.sync(&end, |_| {}).await.unwrap_or_else(|error| panic!("{what}: {error}"));
            }
            let held = then.service().database().known_hashes(&written).await.unwrap();
            let missing = held.iter().filter(|held| !**held).count();
            assert_eq!(missing, 0, "{what}: {missing} of {} changes are lost", written.len());
            let entries = phone.list::<DiaryEntry>(&Filter::default(), None, 100).unwrap().items;
            assert_eq!(entries.len(), written.len(), "{what}");
            assert!(entries.iter().all(|entry| entry.standing == Standing::OnServer), "{what}");
            let past = phone.store().read(|reader| reader.scopes_with_past()).unwrap();
            assert!(past.is_empty(), "{what}: what new pages cover is kept no longer");
        }
    }
    assert!(reached > 15, "the second restoration fell into the exchange: {reached}");
}
