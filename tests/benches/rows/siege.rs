//! A thousand phones come back within a minute while one device in twenty is hostile. The server is a process
//! of its own, with the gate and its default limits.

use std::time::{Duration, Instant};

use gridbook_core::clock::{Instant as Moment, Surroundings};
use gridbook_core::id::{Chain, RecordId};
use gridbook_core::sync::encoding::{decode, encode};
use gridbook_core::sync::proof::{DEVICE_HEADER, NONCE_HEADER, PROOF_HEADER, Stamp, TIME_HEADER};
use gridbook_core::sync::protocol::{
    BODY_LIMIT, Cursor, INFLATED_LIMIT, Push, Receipt, SYNC_PATH, SyncRequest, SyncResponse, VERSION,
};
use gridbook_hostile::attacks::{self, Entrance};
use gridbook_hostile::bombs;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use super::storm::{Besieged, Storming, answers, send};
use crate::figures::{Row, percentile};
use crate::{Outcome, Plan};

/// One hostile device for so many honest ones.
const HONEST_TO_ONE: usize = 20;
/// Requests of each hostile device that no server takes.
const ATTACKS: usize = 20;
/// Requests of each hostile device that are its own in every respect but for the changes in them.
const LOADS: usize = 20;
/// Hostile changes in each of these.
const LOAD: usize = 20;

/// What hostile devices sent and what of it was taken.
#[derive(Clone, Copy, Default)]
struct Siege {
    requests: usize,
    changes: usize,
    taken: usize,
}

/// Lets all phones send at their moment within the minute and measures each answer.
pub(crate) async fn row(plan: &Plan) -> Outcome<Row> {
    let folder = plan.folder()?;
    let hostile = (plan.siege / HONEST_TO_ONE).max(1);
    let (mut server, mut phones) = Besieged::begin(folder.path(), plan.siege + hostile).await?;
    let window = plan.siege_window;
    let honest = phones.split_off(hostile);
    let named = named();
    let started = Instant::now();
    let mut attacks = Vec::new();
    for (number, phone) in phones.into_iter().enumerate() {
        let loads = loads(&phone, number as u64, &named)?;
        attacks.push(tokio::spawn(attack(server.url.clone(), phone, number, window, loads)));
    }
    let mut storm = Vec::new();
    let count = u32::try_from(honest.len())?;
    for (number, phone) in (0..).zip(honest) {
        let (url, moment) = (server.url.clone(), window * number / count);
        storm.push(tokio::spawn(async move {
            tokio::time::sleep(moment).await;
            send(url, phone).await
        }));
    }
    let (mut times, errors) = answers(storm).await?;
    let all = started.elapsed();
    let mut siege = Siege::default();
    for task in attacks {
        let one = task.await??;
        siege.requests += one.requests;
        siege.changes += one.changes;
        siege.taken += one.taken;
    }
    let Siege { requests, changes, taken } = siege;
    let peak = server.memory("VmHWM")?;
    server.end().await?;
    let (p95, p99) = (percentile(&mut times, 0.95), percentile(&mut times, 0.99));
    Ok(Row {
        measure: "server: 1,000 enrolled devices × 20 changes within 60 s, 5 % more devices hostile, gate included",
        must: "0 errors for the honest, p95 ≤ 2 s, p99 ≤ 5 s, ≤ 512 MiB",
        measured: format!("{errors} errors, p95 {:.2} s, p99 {:.2} s, {peak:.0} MiB", p95 / 1e3, p99 / 1e3),
        remark: format!(
            "{count} phones answered within {:.0} s, {requests} hostile requests and {changes} hostile changes of which \
             {taken} were taken; the phones share the machine",
            all.as_secs_f64()
        ),
        pass: errors == 0
            && taken == 0
            && changes >= hostile * LOADS * LOAD
            && p95 <= 2_000.0
            && p99 <= 5_000.0
            && peak <= 512.0,
    })
}

/// The named attacks that come as a change and fit into a request.
fn named() -> Vec<Vec<u8>> {
    let changes = attacks::all().into_iter().filter(|attack| attack.entrance != Entrance::Body);
    changes.map(|attack| attack.bytes).filter(|bytes| bytes.len() < BODY_LIMIT / LOAD).collect()
}

/// The bodies of a hostile device's own requests: named attacks and bombs by turns, as changes of new records.
fn loads(phone: &Storming, seed: u64, named: &[Vec<u8>]) -> Outcome<Vec<Vec<u8>>> {
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    let mut known = named.iter().cycle().skip(usize::try_from(seed)? % named.len().max(1));
    let mut bodies = Vec::new();
    for load in 0..LOADS {
        let mut push = Vec::new();
        while push.len() < LOAD {
            let mut bomb = || Some(bombs::next(&mut dice)).filter(|bytes| bytes.len() < BODY_LIMIT / LOAD);
            let change = if push.len() % 2 == 0 { known.next().cloned() } else { bomb() };
            let id = RecordId::derived(&["hostile", &format!("{seed} {load} {}", push.len())]);
            push.extend(change.map(|bytes| Push(id, 0, bytes)));
        }
        bodies.push(encode(&SyncRequest {
            protocol: VERSION,
            actor: phone.actor.0.to_vec(),
            cursors: vec![Cursor { scope: phone.grid.clone(), seq: 0, chain: Chain::START }],
            push,
            page: 1,
            ..SyncRequest::default()
        })?);
    }
    Ok(bodies)
}

/// A hostile device on the wire.
struct Hostile {
    http: reqwest::Client,
    url: String,
    phone: Storming,
    surroundings: Surroundings,
}

impl Hostile {
    fn stamp(&self) -> Stamp {
        Stamp::new(&self.phone.device, self.surroundings.now(), &self.surroundings)
    }

    async fn send(&self, stamp: &Stamp, proof: &str, body: Vec<u8>) -> reqwest::Result<reqwest::Response> {
        let request = self.http.post(format!("{}{SYNC_PATH}", self.url)).body(body);
        let request = request
            .header(DEVICE_HEADER, stamp.device.as_str())
            .header(TIME_HEADER, stamp.at.0.to_string())
            .header(NONCE_HEADER, stamp.nonce_text())
            .header(PROOF_HEADER, proof);
        request.send().await
    }

    /// Sends a body as its own; how many of the changes in it were taken, or all if the server lost its way.
    async fn send_load(&self, body: Vec<u8>) -> Outcome<usize> {
        let stamp = self.stamp();
        let proof = stamp.sign(self.phone.key.as_ref(), SYNC_PATH, &body)?;
        let answer = self.send(&stamp, &proof, body).await?;
        if answer.status() != 200 {
            return Err(format!("hostile changes are answered, not {}", answer.status()).into());
        }
        let response: SyncResponse = decode(&answer.bytes().await?)?;
        let refused = response.receipts.iter().filter(|receipt| matches!(receipt, Receipt::Refused(_)));
        Ok(LOAD - refused.count())
    }
}

/// Sends what no server should take, at equal distances over the window, each time with a load of hostile changes.
async fn attack(
    url: String,
    phone: Storming,
    number: usize,
    window: Duration,
    loads: Vec<Vec<u8>>,
) -> Outcome<Siege> {
    let surroundings = Surroundings::system();
    let http = reqwest::Client::builder().no_proxy().build()?;
    let device = Hostile { http, url, phone, surroundings };
    let good = SyncRequest {
        protocol: VERSION,
        actor: device.phone.actor.0.to_vec(),
        page: 1,
        ..SyncRequest::default()
    };
    let good = encode(&good)?;
    // A list of zeros that inflates beyond the limit.
    let bomb = encode(&vec![0_u8; INFLATED_LIMIT + 1])?;
    let long_ago = Moment(device.surroundings.now().0 - 3_600_000);
    let mut siege = Siege::default();
    let mut loads = loads.into_iter();
    for turn in 0..ATTACKS {
        let mut stamp = device.stamp();
        let mut body = good.clone();
        match (number + turn) % 5 {
            0 => body = bomb.clone(),
            1 => body = vec![7; BODY_LIMIT + 1],
            2 => stamp.at = long_ago,
            3 => body = vec![0x1f; 4_096],
            _ => {}
        }
        let mut proof = stamp.sign(device.phone.key.as_ref(), SYNC_PATH, &body)?;
        if (number + turn) % 5 == 4 {
            // Under a signature of something else.
            proof = stamp.sign(device.phone.key.as_ref(), "/v1/recover", &body)?;
        }
        let answer = device.send(&stamp, &proof, body).await;
        siege.taken += usize::from(answer.is_ok_and(|answer| answer.status() == 200));
        siege.requests += 1;
        if let Some(load) = loads.next() {
            siege.taken += device.send_load(load).await?;
            siege.requests += 1;
            siege.changes += LOAD;
        }
        tokio::time::sleep(window / u32::try_from(ATTACKS)?).await;
    }
    // One replay: the first is the device's own, the second must not be taken.
    let stamp = device.stamp();
    let proof = stamp.sign(device.phone.key.as_ref(), SYNC_PATH, &good)?;
    let first = device.send(&stamp, &proof, good.clone()).await?.status();
    let second = device.send(&stamp, &proof, good).await?.status();
    siege.taken += usize::from(first == 200 && second == 200);
    siege.requests += 1;
    Ok(siege)
}
