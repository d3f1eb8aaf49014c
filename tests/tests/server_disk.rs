//! The server's disk fails or fills up at every single call while it starts, takes an upload, or shuts a phone out, once or
//! for good: nothing that it acknowledged is lost, and work goes on when the disk is well again, without a restart.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]
#![allow(clippy::print_stdout, reason = "it says how many calls there were")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use gridbook_core::clock::Surroundings;
use gridbook_core::id::{ChangeHash, DeviceId};
use gridbook_core::workbook::Workbook;
use gridbook_faulty_disk::{Disk, Fault};
use gridbook_server::Server;
use gridbook_tests::day::import;
use gridbook_tests::district::{District, copy, open, scratch};
use gridbook_tests::trials::{self, Trial};
use tokio::runtime::{Builder, Runtime};

/// What the server is doing when its disk fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// It is started after it was killed.
    Start,
    /// A phone brings a batch of changes.
    Upload,
    /// A phone is revoked.
    Revoke,
}

const STEPS: [Step; 3] = [Step::Start, Step::Upload, Step::Revoke];

/// The folders that every trial starts from: a server, and a phone with a batch that it has not sent.
struct Start {
    server: PathBuf,
    phone: PathBuf,
    /// What the server acknowledged long ago.
    acknowledged: Vec<ChangeHash>,
}

const FILE: &str = "workbook.db";
/// At least so many calls are made to fail, or something is not looked at any more.
const TRIALS: usize = 100;

async fn start(folder: &Path) -> Start {
    let (server, phone) = (folder.join("living-server"), folder.join("living-phone"));
    let mut district = District::found(&server).await.unwrap();
    let workbook = district.phone(&phone.join(FILE)).await;
    import(&workbook, 7).unwrap();
    let acknowledged = unsent(&workbook);
    district.sync(&workbook).await.unwrap();
    import(&workbook, 9).unwrap();
    // Copied while they are open: what a kill leaves behind, log and all.
    let copied = |from: &Path, name| copy(from, &folder.join(name)).unwrap();
    let (server, phone) = (copied(&server, "start-server"), copied(&phone, "start-phone"));
    Start { server, phone, acknowledged }
}

/// A copy of the server on a disk that may fail, and of the phone on a good one.
struct Scene {
    data: PathBuf,
    disk: Disk,
    phone: Workbook,
    device: DeviceId,
    /// Open already where the step finds it so.
    server: Option<Server>,
}

impl Scene {
    fn set(step: Step, start: &Start, folder: &Path, runtime: &Runtime) -> Self {
        let data = copy(&start.server, &folder.join("server")).unwrap();
        let phone = open(&copy(&start.phone, &folder.join("phone")).unwrap().join(FILE)).unwrap().workbook;
        let disk = Disk::watch(&data);
        let device = phone.enrolment().unwrap().device;
        let server = (step != Step::Start).then(|| runtime.block_on(serve(&data)).unwrap());
        Self { data, disk, phone, device, server }
    }

    /// Does the step; the server if it is up, and what went wrong.
    async fn play(&mut self, step: Step) -> (Option<Server>, Result<(), String>) {
        let server = match self.server.take() {
            Some(server) => server,
            None => match serve(&self.data).await {
                Ok(server) => server,
                Err(error) => return (None, Err(error.to_string())),
            },
        };
        let done = match step {
            Step::Start => Ok(()),
            Step::Upload => sync(&server, &self.phone, &self.device).await,
            Step::Revoke => {
                let revoked = server.admin().revoke_device(&self.device).await;
                revoked.map(drop).map_err(|error| error.to_string())
            }
        };
        (Some(server), done)
    }
}

fn unsent(phone: &Workbook) -> Vec<ChangeHash> {
    let read = phone.store().read(|reader| reader.outgoing(0, 1_000, usize::MAX));
    read.unwrap().into_iter().map(|change| change.hash).collect()
}

async fn serve(data: &Path) -> gridbook_server::Result<Server> {
    Server::open_single_threaded(data, Surroundings::system()).await
}

async fn sync(server: &Server, phone: &Workbook, device: &DeviceId) -> Result<(), String> {
    let end = server.service().for_device(device.clone());
    phone.sync(&end, |_| {}).await.map(drop).map_err(|error| error.to_string())
}

async fn check_holds(server: &Server, hashes: &[ChangeHash], what: &str) {
    let held = server.service().database().known_hashes(hashes).await;
    let held = held.unwrap_or_else(|error| panic!("{what}: {error}"));
    assert!(held.iter().all(|held| *held), "{what}: an acknowledged change is gone");
}

async fn is_revoked(server: &Server, device: &DeviceId) -> bool {
    let devices = server.admin().roll().await.unwrap().devices;
    devices.iter().any(|known| known.id == *device && known.revoked.is_some())
}

/// Runs one trial; what the step ended with.
fn run(trial: Trial<Step>, start: &Start, folder: &Path, runtime: &Runtime) -> Result<(), String> {
    let Trial { step, fault, at, lasting } = trial;
    let what = format!("{trial:?}");
    let mut scene = Scene::set(step, start, folder, runtime);
    let batch = unsent(&scene.phone);
    scene.disk.fail(fault, at, lasting);
    let played = catch_unwind(AssertUnwindSafe(|| runtime.block_on(scene.play(step))));
    let failed = scene.disk.mend();
    let (server, result) = played.unwrap_or_else(|_| panic!("{what}: panicked"));
    assert!(failed > 0, "{what}: nothing failed");
    runtime.block_on(async {
        let server = match server {
            Some(server) => server,
            None => {
                serve(&scene.data).await.unwrap_or_else(|error| panic!("{what}: does not start: {error}"))
            }
        };
        let waiting = unsent(&scene.phone);
        let taken = batch.iter().filter(|hash| !waiting.contains(hash));
        let acknowledged: Vec<_> = start.acknowledged.iter().chain(taken).copied().collect();
        check_holds(&server, &acknowledged, &what).await;
        if step == Step::Revoke {
            assert!(result.is_err() || is_revoked(&server, &scene.device).await, "{what}: forgotten");
            server
                .admin()
                .revoke_device(&scene.device)
                .await
                .unwrap_or_else(|error| panic!("{what}: {error}"));
        } else {
            let sent = sync(&server, &scene.phone, &scene.device).await;
            sent.unwrap_or_else(|error| panic!("{what}: does not go on: {error}"));
            assert!(unsent(&scene.phone).is_empty(), "{what}");
        }
        drop(server);
        let server = serve(&scene.data).await.unwrap_or_else(|error| panic!("{what}: {error}"));
        check_holds(&server, &acknowledged, &what).await;
        if step == Step::Revoke {
            assert!(is_revoked(&server, &scene.device).await, "{what}: forgotten by the restart");
        } else {
            check_holds(&server, &batch, &what).await;
            let counts = server.service().database().counts().await.unwrap();
            assert_eq!(counts.records, counts.entries, "{what}: each household once");
        }
    });
    let connection = rusqlite::Connection::open(scene.data.join("gridbook.db")).unwrap();
    let report: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(report, "ok", "{what}");
    drop(connection);
    drop(scene);
    std::fs::remove_dir_all(folder).unwrap();
    result
}

/// How many calls of the disk the step makes.
fn calls_of(step: Step, fault: Fault, start: &Start, folder: &Path, runtime: &Runtime) -> u64 {
    let mut scene = Scene::set(step, start, folder, runtime);
    scene.disk.fail(fault, u64::MAX, false);
    let (server, result) = runtime.block_on(scene.play(step));
    result.unwrap();
    let calls = scene.disk.calls(fault);
    drop(server);
    drop(scene);
    std::fs::remove_dir_all(folder).unwrap();
    calls
}

#[test]
fn every_call_of_a_server_may_fail() {
    let folder = scratch();
    let runtime = Builder::new_current_thread().build().unwrap();
    let start = runtime.block_on(start(folder.path()));
    let ends = trials::every(
        &STEPS,
        folder.path(),
        |step, fault, folder, runtime| calls_of(step, fault, &start, folder, runtime),
        |trial, folder, runtime| run(trial, &start, folder, runtime).err(),
    );
    println!("{}", ends.told());
    ends.check(TRIALS);
    for step in STEPS {
        assert!(ends.broke(&step), "{step:?} never noticed that its disk fails");
    }
}
