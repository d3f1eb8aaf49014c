//! Two hundred phones come back in the same moment. The server is a process of its own: `tests/src/bin/besieged.rs`.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gridbook_core::clock::Surroundings;
use gridbook_core::id::{ActorId, Chain, DeviceId, PersonId, RecordId, ScopeId};
use gridbook_core::key::{Signer, SoftwareKey};
use gridbook_core::sync::http::{HttpServer, Patience, Patient};
use gridbook_core::sync::protocol::{
    Cursor, EnrolRequest, Push, Receipt, SyncProtocol, SyncRequest, VERSION,
};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;

use crate::figures::{Row, memory, millis, percentile};
use crate::work::Workload;
use crate::{Outcome, Plan};

/// Changes that each phone brings.
const CHANGES: usize = 20;

/// A phone with its key and its day's changes.
pub(crate) struct Storming {
    pub(crate) device: DeviceId,
    pub(crate) key: Arc<SoftwareKey>,
    pub(crate) actor: ActorId,
    pub(crate) person: PersonId,
    pub(crate) grid: ScopeId,
    push: Vec<Push>,
}

/// A server that is a process of its own.
pub(crate) struct Besieged {
    child: Child,
    process: String,
    pub(crate) url: String,
}

impl Besieged {
    /// Founds a server in `folder` and enrols so many phones, each with its changes.
    pub(crate) async fn begin(folder: &Path, phones: usize) -> Outcome<(Self, Vec<Storming>)> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_besieged"))
            .arg(folder)
            .arg(phones.to_string())
            // As the server's program sets it for itself.
            .env("MALLOC_ARENA_MAX", "2")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let process = child.id().ok_or("the server ended")?.to_string();
        let mut lines = BufReader::new(child.stdout.take().ok_or("no output")?).lines();
        let url = lines.next_line().await?.ok_or("the server said nothing")?;
        let mut enrolled_phones = Vec::new();
        for number in 0..phones {
            let line = lines.next_line().await?.ok_or("an invitation is missing")?;
            enrolled_phones.push(enrolled(&url, &line, number).await?);
        }
        Ok((Self { child, process, url }, enrolled_phones))
    }

    /// A figure of the process's memory in MiB, such as `VmHWM`.
    pub(crate) fn memory(&self, name: &str) -> Outcome<f64> {
        Ok(memory(&self.process, name)? / 1024.0)
    }

    /// How many files and sockets it has open.
    pub(crate) fn files(&self) -> Outcome<usize> {
        Ok(std::fs::read_dir(format!("/proc/{}/fd", self.process))?.count())
    }

    /// Ends it.
    pub(crate) async fn end(&mut self) -> Outcome<()> {
        Ok(self.child.kill().await?)
    }
}

/// Lets all phones send at once and measures each answer.
pub(crate) async fn row(plan: &Plan) -> Outcome<Row> {
    let folder = plan.folder()?;
    let (mut server, phones) = Besieged::begin(folder.path(), plan.storm).await?;
    let started = Instant::now();
    let storm = phones.into_iter().map(|phone| tokio::spawn(send(server.url.clone(), phone)));
    let storm: Vec<_> = storm.collect();
    let (mut times, errors) = answers(storm).await?;
    let all = started.elapsed();
    let peak = server.memory("VmHWM")?;
    let p95 = percentile(&mut times, 0.95);
    server.end().await?;
    Ok(Row {
        measure: "server: 200 enrolled devices × 20 changes, all in the same moment",
        must: "0 errors, p95 ≤ 2 s, ≤ 256 MiB",
        measured: format!("{errors} errors, p95 {:.2} s, {peak:.0} MiB", p95 / 1e3),
        remark: format!(
            "{} phones, all answered after {:.1} s; the phones share the machine",
            plan.storm,
            all.as_secs_f64()
        ),
        pass: errors == 0 && p95 <= 2_000.0 && peak <= 256.0,
    })
}

/// Enrols a phone; `line` is "invitation person grid" of the server.
async fn enrolled(url: &str, line: &str, number: usize) -> Outcome<Storming> {
    let words: Vec<&str> = line.split(' ').collect();
    let [invite, person, grid] = words.as_slice() else { return Err("a broken invitation".into()) };
    let surroundings = Surroundings::system();
    let key = Arc::new(SoftwareKey::ed25519(&surroundings.random()));
    let actor = ActorId::new(&surroundings);
    let request = EnrolRequest {
        protocol: VERSION,
        invite: (*invite).to_owned(),
        key: key.key(),
        actor,
        label: "storm".into(),
    };
    let device = HttpServer::new(url, None, surroundings)?.enrol(request).await?.device;
    let (person, grid) = (PersonId::from(*person), ScopeId::from(*grid));
    let household = RecordId::derived(&[grid.as_str()]);
    let mut workload = Workload::new(number as u64, grid.clone(), vec![person.clone()], vec![household]);
    let visits = workload.take(CHANGES);
    let push = visits.iter().map(|work| Ok(Push(work.id, 0, work.change(actor)?)));
    Ok(Storming { device, key, actor, person, grid, push: push.collect::<Outcome<_>>()? })
}

/// Sends as a phone does, again if the server is busy; how long it took until the receipts were there.
pub(super) async fn send(url: String, phone: Storming) -> Outcome<Duration> {
    let surroundings = Surroundings::system();
    let end = HttpServer::new(&url, Some((phone.device, phone.key)), surroundings.clone())?;
    let end = Patient::new(end, Patience::default(), surroundings);
    let request = SyncRequest {
        protocol: VERSION,
        actor: phone.actor.0.to_vec(),
        cursors: vec![Cursor { scope: phone.grid, seq: 0, chain: Chain::START }],
        push: phone.push,
        page: 1_000,
        ..SyncRequest::default()
    };
    let start = Instant::now();
    let answer = end.sync(request).await?;
    let accepted = answer.receipts.iter().all(|receipt| matches!(receipt, Receipt::Accepted(_)));
    if accepted && answer.receipts.len() == CHANGES { Ok(start.elapsed()) } else { Err("refused".into()) }
}

/// The milliseconds until each phone was answered, and how many phones were not.
pub(super) async fn answers(storm: Vec<JoinHandle<Outcome<Duration>>>) -> Outcome<(Vec<f64>, usize)> {
    let (mut times, mut errors) = (Vec::new(), 0);
    for task in storm {
        match task.await? {
            Ok(time) => times.push(millis(time)),
            Err(_) => errors += 1,
        }
    }
    Ok((times, errors))
}
