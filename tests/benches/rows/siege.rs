//! A thousand phones come back within a minute while one device in twenty is hostile. The server is a process
//! of its own, with the gate and its default limits.

use std::time::{Duration, Instant};

use gridbook_core::clock::{Instant as Moment, Surroundings};
use gridbook_core::key::SoftwareKey;
use gridbook_core::sync::encoding::encode;
use gridbook_core::sync::proof::{DEVICE_HEADER, NONCE_HEADER, PROOF_HEADER, Stamp, TIME_HEADER};
use gridbook_core::sync::protocol::{BODY_LIMIT, INFLATED_LIMIT, SYNC_PATH, SyncRequest, VERSION};

use super::storm::{Besieged, Storming, answers, send};
use crate::figures::{Row, percentile};
use crate::{Outcome, Plan};

/// One hostile device for so many honest ones.
const HONEST_TO_ONE: usize = 20;
/// Requests of each hostile device.
const ATTACKS: usize = 20;

/// Lets all phones send at their moment within the minute and measures each answer.
pub(crate) async fn row(plan: &Plan) -> Outcome<Row> {
    let folder = plan.folder()?;
    let hostile = (plan.siege / HONEST_TO_ONE).max(1);
    let (mut server, mut phones) = Besieged::begin(folder.path(), plan.siege + hostile).await?;
    let window = plan.siege_window;
    let honest = phones.split_off(hostile);
    let started = Instant::now();
    let mut attacks = Vec::new();
    for (number, phone) in phones.into_iter().enumerate() {
        attacks.push(tokio::spawn(attack(server.url.clone(), phone, number, window)));
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
    let (mut sent, mut taken) = (0, 0);
    for task in attacks {
        let (attacks, successes) = task.await??;
        sent += attacks;
        taken += successes;
    }
    let peak = server.memory("VmHWM")?;
    server.end().await?;
    let (p95, p99) = (percentile(&mut times, 0.95), percentile(&mut times, 0.99));
    Ok(Row {
        measure: "server: 1,000 enrolled devices × 20 changes within 60 s, 5 % more devices hostile, gate included",
        must: "0 errors for the honest, p95 ≤ 2 s, p99 ≤ 5 s, ≤ 512 MiB",
        measured: format!("{errors} errors, p95 {:.2} s, p99 {:.2} s, {peak:.0} MiB", p95 / 1e3, p99 / 1e3),
        remark: format!(
            "{count} phones answered within {:.0} s, {sent} hostile requests of which {taken} were taken; the phones share \
             the machine",
            all.as_secs_f64()
        ),
        pass: errors == 0 && taken == 0 && p95 <= 2_000.0 && p99 <= 5_000.0 && peak <= 512.0,
    })
}

/// Sends what no server should take, at equal distances over the window; how much, and how much was taken.
async fn attack(url: String, phone: Storming, number: usize, window: Duration) -> Outcome<(usize, usize)> {
    let surroundings = Surroundings::system();
    let http = reqwest::Client::builder().no_proxy().build()?;
    let key = SoftwareKey::ed25519(&phone.secret);
    let good =
        SyncRequest { protocol: VERSION, actor: phone.actor.0.to_vec(), page: 1, ..SyncRequest::default() };
    let good = encode(&good)?;
    // A list of zeros that inflates beyond the limit.
    let bomb = encode(&vec![0_u8; INFLATED_LIMIT + 1])?;
    let long_ago = Moment(surroundings.now().0 - 3_600_000);
    let mut taken = 0;
    for turn in 0..ATTACKS {
        let mut stamp = Stamp::new(&phone.device, surroundings.now(), &surroundings);
        let mut body = good.clone();
        match (number + turn) % 5 {
            0 => body = bomb.clone(),
            1 => body = vec![7; BODY_LIMIT + 1],
            2 => stamp.at = long_ago,
            3 => body = vec![0x1f; 4_096],
            _ => {}
        }
        let mut proof = stamp.sign(&key, SYNC_PATH, &body)?;
        if (number + turn) % 5 == 4 {
            // Under a signature of something else.
            proof = stamp.sign(&key, "/v1/recover", &body)?;
        }
        let request = http.post(format!("{url}{SYNC_PATH}")).body(body);
        let request = request
            .header(DEVICE_HEADER, phone.device.as_str())
            .header(TIME_HEADER, stamp.at.0.to_string())
            .header(NONCE_HEADER, stamp.nonce_text())
            .header(PROOF_HEADER, proof);
        taken += usize::from(request.send().await.is_ok_and(|answer| answer.status() == 200));
        tokio::time::sleep(window / u32::try_from(ATTACKS)?).await;
    }
    // One replay: the first is the device's own, the second must not be taken.
    let stamp = Stamp::new(&phone.device, surroundings.now(), &surroundings);
    let proof = stamp.sign(&key, SYNC_PATH, &good)?;
    let mut answers = Vec::new();
    for _ in 0..2 {
        let request = http.post(format!("{url}{SYNC_PATH}")).body(good.clone());
        let request = request
            .header(DEVICE_HEADER, phone.device.as_str())
            .header(TIME_HEADER, stamp.at.0.to_string())
            .header(NONCE_HEADER, stamp.nonce_text())
            .header(PROOF_HEADER, &proof);
        answers.push(request.send().await?.status() == 200);
    }
    taken += usize::from(answers == [true, true]);
    Ok((ATTACKS + 1, taken))
}
