//! `make soak MINUTES=n`: two hundred phones at a server process that must not grow. Writes a line a minute;
//! ends with an error if memory after the first five minutes is not flat within 5 %. The server holds some months of
//! records before the clock begins, as one does that has been at work: an empty one would fill its caches meanwhile.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gridbook_core::clock::Surroundings;
use gridbook_core::id::{Chain, RecordId};
use gridbook_core::key::Signer;
use gridbook_core::sync::http::{HttpServer, Patience, Patient};
use gridbook_core::sync::protocol::{Cursor, Push, Receipt, ScopePage, SyncProtocol, SyncRequest, VERSION};

use crate::Outcome;
use crate::figures::{millis, percentile};
use crate::rows::storm::{Besieged, Storming};
use crate::work::Workload;

/// Phones.
const PHONES: usize = 200;
/// Each phone sends one change and asks for news so often.
const PAUSE: Duration = Duration::from_secs(10);
/// Changes that each phone has sent before the clock begins: 50,000 in all, more than the server's caches hold.
const BEFORE: usize = 250;
/// Minutes until caches are full and memory is compared.
const WARM: u64 = 5;
/// How far memory may be from what it was then.
const FLAT: f64 = 0.05;

/// Runs for so many minutes.
pub(crate) async fn run(minutes: u64, folder: &Path) -> Outcome<()> {
    let (mut server, phones) = Besieged::begin(folder, PHONES).await?;
    println!("soak: {} records before the clock begins", PHONES * BEFORE);
    for (number, phone) in (0..).zip(&phones) {
        fill(&server.url, phone, number).await?;
    }
    let started = Instant::now();
    let end = started + Duration::from_secs(minutes * 60);
    let (told, mut tells) = tokio::sync::mpsc::unbounded_channel();
    for (number, phone) in (0..).zip(phones) {
        let (url, told) = (server.url.clone(), told.clone());
        tokio::spawn(async move {
            tokio::time::sleep(PAUSE * number / PHONES as u32).await;
            if let Err(error) = work(&url, phone, number, end, &told).await {
                told.send(Err(error.to_string())).ok();
            }
        });
    }
    drop(told);
    println!("minute  requests  errors  p95 ms  resident MiB  open files");
    let (mut warm, mut last) = (None, 0.0);
    for minute in 1..=minutes {
        tokio::time::sleep_until((started + Duration::from_secs(minute * 60)).into()).await;
        let (mut times, mut errors) = (Vec::new(), Vec::new());
        while let Ok(tell) = tells.try_recv() {
            match tell {
                Ok(time) => times.push(millis(time)),
                Err(error) => errors.push(error),
            }
        }
        last = server.memory("VmRSS")?;
        if minute == WARM {
            warm = Some(last);
        }
        let requests = times.len();
        let p95 = percentile(&mut times, 0.95);
        println!(
            "{minute:>6}  {requests:>8}  {:>6}  {p95:>6.1}  {last:>12.1}  {:>10}",
            errors.len(),
            server.files()?
        );
        if let Some(error) = errors.first() {
            return Err(format!("a phone failed: {error}").into());
        }
    }
    server.end().await?;
    match warm.filter(|_| minutes > WARM) {
        None => println!("shorter than {} minutes: memory is not compared", WARM + 1),
        Some(warm) if (last - warm).abs() <= warm * FLAT => {
            println!("memory is flat: {warm:.1} to {last:.1} MiB")
        }
        Some(warm) => return Err(format!("memory went from {warm:.1} to {last:.1} MiB").into()),
    }
    Ok(())
}

/// What a phone has sent before.
async fn fill(url: &str, phone: &Storming, number: u32) -> Outcome<()> {
    let end_point = end_point(url, phone)?;
    let mut workload = workload(phone, u64::from(number) + 2_000_000);
    let visits = workload.take(BEFORE);
    let push = visits.iter().map(|visit| Ok(Push(visit.id, 0, visit.change(phone.actor)?)));
    let cursors = vec![Cursor { scope: phone.grid.clone(), seq: 0, chain: Chain::START }];
    let answer = end_point.sync(request(phone, cursors, push.collect::<Outcome<_>>()?, 1)).await?;
    let accepted = answer.receipts.iter().filter(|receipt| matches!(receipt, Receipt::Accepted(_))).count();
    if accepted == BEFORE { Ok(()) } else { Err(format!("{accepted} of {BEFORE} were accepted").into()) }
}

fn end_point(url: &str, phone: &Storming) -> Outcome<Patient<HttpServer>> {
    let surroundings = Surroundings::system();
    let device = Some((phone.device.clone(), phone.key.clone() as Arc<dyn Signer>));
    let end_point = HttpServer::new(url, device, surroundings.clone())?;
    Ok(Patient::new(end_point, Patience::default(), surroundings))
}

fn workload(phone: &Storming, seed: u64) -> Workload {
    let household = RecordId::derived(&[phone.grid.as_str()]);
    Workload::new(seed, phone.grid.clone(), vec![phone.person.clone()], vec![household])
}

fn request(phone: &Storming, cursors: Vec<Cursor>, push: Vec<Push>, page: u32) -> SyncRequest {
    let actor = phone.actor.0.to_vec();
    SyncRequest { protocol: VERSION, actor, cursors, push, page, ..SyncRequest::default() }
}

/// One phone's life: a change every pause, and what the others of its grid wrote.
async fn work(
    url: &str,
    phone: Storming,
    number: u32,
    end: Instant,
    told: &tokio::sync::mpsc::UnboundedSender<Result<Duration, String>>,
) -> Outcome<()> {
    let end_point = end_point(url, &phone)?;
    let mut workload = workload(&phone, u64::from(number) + 1_000_000);
    let mut cursor = Cursor { scope: phone.grid.clone(), seq: 0, chain: Chain::START };
    while Instant::now() < end {
        let visit = workload.next();
        let push = vec![Push(visit.id, 0, visit.change(phone.actor)?)];
        let request = request(&phone, vec![cursor.clone()], push, 1_000);
        let begun = Instant::now();
        let answer = end_point.sync(request).await?;
        if !matches!(answer.receipts[..], [Receipt::Accepted(_) | Receipt::Known(_)]) {
            return Err(format!("not accepted: {:?}", answer.receipts).into());
        }
        if let Some(ScopePage::Page(page)) = answer.scopes.first() {
            cursor = Cursor { scope: page.scope.clone(), seq: page.upto, chain: page.chain };
        }
        told.send(Ok(begun.elapsed())).ok();
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}
