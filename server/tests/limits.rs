//! Stories of those who ask too much, too slowly or too large, and of their neighbours who notice nothing.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod common;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use common::{Phone, Site, visit};
use gridbook_core::Error;
use gridbook_core::key::SoftwareKey;
use gridbook_core::model::Role;
use gridbook_core::sync::encoding::encode;
use gridbook_core::sync::http::{HttpServer, Patience, Patient};
use gridbook_core::sync::proof::{DEVICE_HEADER, NONCE_HEADER, PROOF_HEADER, TIME_HEADER};
use gridbook_core::sync::protocol::{BODY_LIMIT, Receipt, SYNC_PATH, SyncProtocol, SyncRequest, VERSION};
use gridbook_server::limits::{Limits, Rate};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

fn client(site: &Site, phone: &Phone) -> HttpServer {
    let signer = Arc::new(SoftwareKey::ed25519(&phone.secret));
    HttpServer::new(&phone.url, Some((phone.device.clone(), signer)), site.surroundings()).unwrap()
}

fn empty(phone: &Phone) -> SyncRequest {
    SyncRequest { protocol: VERSION, actor: phone.actor.0.to_vec(), page: 10, ..SyncRequest::default() }
}

#[tokio::test]
async fn a_device_that_asks_too_often_is_told_how_long_to_wait() {
    // Long enough that a busy machine makes no fourth out of time.
    let device = Rate::new(3, Duration::from_secs(600));
    let site = Site::open_with(Limits { device, ..Limits::default() }).await;
    let (eager, calm) = (site.worker("样例甲").await, site.worker("样例乙").await);
    let end = client(&site, &eager);
    for _ in 0..3 {
        end.sync(empty(&eager)).await.unwrap();
    }
    let refused = end.sync(empty(&eager)).await.unwrap_err();
    let Error::Wait { code, wait } = &refused else { panic!("{refused}") };
    assert_eq!(code, "slow_down");
    assert!((300..=600).contains(&wait.as_secs()), "until the first is forgotten: {wait:?}");
    assert!(refused.is_transient());
    client(&site, &calm).sync(empty(&calm)).await.unwrap();
}

#[tokio::test]
async fn who_waits_as_long_as_told_is_served() {
    let each = Duration::from_millis(1_500);
    let site = Site::open_with(Limits { device: Rate::new(1, each), ..Limits::default() }).await;
    let phone = site.worker("样例甲").await;
    let end = client(&site, &phone);
    let began = Instant::now();
    end.sync(empty(&phone)).await.unwrap();
    // Of its own accord it would wait a millisecond, and be refused again.
    let patience = Patience { repeats: 1, first_wait: Duration::from_millis(1) };
    Patient::new(end, patience, site.surroundings()).sync(empty(&phone)).await.unwrap();
    assert!(began.elapsed() >= each, "not before its time: {:?}", began.elapsed());
}

#[tokio::test]
async fn an_invitation_is_not_tried_for_ever() {
    let invite = Rate::new(3, Duration::from_secs(100));
    let site = Site::open_with(Limits { invite, ..Limits::default() }).await;
    let person = site.person("样例甲", Role::Worker, &site.grid).await;
    let secret = site.server.admin().invite(&person, 7).await.unwrap().secret;
    let mut owner = Phone::new(&site.running.url(), site.surroundings());
    owner.enrol(&secret).await.unwrap();
    for tries in 1..=4 {
        let mut other = Phone::new(&site.running.url(), site.surroundings());
        let (status, failure) = other.enrol(&secret).await.unwrap_err();
        let expected = if tries <= 2 { (409, "invite_used") } else { (429, "slow_down") };
        assert_eq!((status, failure.code.as_str()), expected, "try {tries}");
    }
    let mut other = Phone::new(&site.running.url(), site.surroundings());
    assert_eq!(other.enrol("another").await.unwrap_err().0, 404, "other invitations are not held up");
    let large = vec![7; BODY_LIMIT / 64 + 1];
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = http.post(format!("{}/v1/enrol", site.running.url())).body(large).send().await.unwrap();
    assert_eq!(answer.status(), 413, "a stranger's body is small");
}

/// Writes `text`, then a byte at a time, until the server cuts the connection; how long that took.
async fn drip(address: SocketAddr, text: String, pause: Duration) -> Duration {
    let began = Instant::now();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let (mut from, mut to) = stream.split();
    let mut answer = Vec::new();
    let dripping = async {
        loop {
            tokio::time::sleep(pause).await;
            if to.write_all(b"x").await.is_err() {
                // The answer, if there was one, is read by the other half.
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        _ = from.read_to_end(&mut answer) => {}
        () = dripping => {}
    }
    began.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_clients_are_cut_and_others_are_served_meanwhile() {
    let limits = Limits {
        head_time: Duration::from_millis(700),
        body_time: Duration::from_millis(900),
        body_stall: Duration::from_millis(500),
        device_at_once: 100,
        ..Limits::default()
    };
    let site = Site::open_with(limits).await;
    let mut honest = site.worker("样例甲").await;
    let address = site.running.address();
    let stamp = site.worker("样例乙").await.stamp();
    let head = |length: usize| {
        format!(
            "POST {SYNC_PATH} HTTP/1.1\r\nhost: x\r\ncontent-length: {length}\r\n{DEVICE_HEADER}: {}\r\n\
             {TIME_HEADER}: {}\r\n{NONCE_HEADER}: {}\r\n{PROOF_HEADER}: 00\r\n\r\n",
            stamp.device,
            stamp.at.0,
            stamp.nonce_text()
        )
    };
    let mut slow = Vec::new();
    let often = Duration::from_millis(20);
    for _ in 0..30 {
        slow.push(tokio::spawn(drip(address, String::new(), Duration::from_secs(60))));
        slow.push(tokio::spawn(drip(address, "POST /v1/sync HTTP/1.1\r\nx-slow: ".into(), often)));
        slow.push(tokio::spawn(drip(address, head(100_000), often)));
        slow.push(tokio::spawn(drip(address, head(100_000), Duration::from_secs(60))));
    }
    let grid = site.grid.clone();
    for turn in 0..20 {
        let began = Instant::now();
        let (id, change) = honest.begin(visit(&format!("第{turn}户")));
        let receipts = honest.push(&grid, &[(id, change)]).await;
        assert!(matches!(receipts[..], [Receipt::Accepted(_)]));
        assert!(began.elapsed() < Duration::from_secs(5), "served meanwhile: {:?}", began.elapsed());
    }
    for slow in slow {
        let lasted = tokio::time::timeout(Duration::from_secs(20), slow).await.expect("cut").unwrap();
        assert!(lasted >= Duration::from_millis(450), "not before its time: {lasted:?}");
    }
    honest.send(&honest.request(&[])).await.unwrap();
}

/// How long the server may take for what it does at once; generous, for a busy machine.
const SOON: Duration = Duration::from_secs(10);

/// Nothing is closed for idling while a story lasts.
const NEVER: Duration = Duration::from_secs(3_600);

/// A connection from one of this machine's own addresses, `127.0.0.{from}`.
async fn connect(from: u8, to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, from], 0))).unwrap();
    socket.connect(to).await.unwrap()
}

/// Waits until the server has answered over this connection; false if it closed it instead.
async fn answers(stream: &mut TcpStream) -> bool {
    // Its answer has no body and ends where its head does, so that the connection can be asked again.
    let mut head = Vec::new();
    if stream.write_all(b"HEAD /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.is_ok() {
        while !head.ends_with(b"\r\n\r\n") {
            let Ok(byte) = stream.read_u8().await else { break };
            head.push(byte);
        }
    }
    head.starts_with(b"HTTP/1.1 200 ")
}

/// Waits until a new connection from this address is answered.
async fn comes_through(from: u8, to: SocketAddr) {
    while !answers(&mut connect(from, to).await).await {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn connections_of_an_address_are_counted_and_come_free_again() {
    let limits = Limits { connections_of_address: 3, head_time: NEVER, ..Limits::default() };
    let site = Site::open_with(limits).await;
    let address = site.running.address();
    let mut allowed = Vec::new();
    for _ in 0..3 {
        let mut stream = connect(1, address).await;
        assert!(answers(&mut stream).await);
        allowed.push(stream);
    }
    let mut fourth = connect(1, address).await;
    let closed = timeout(SOON, fourth.read(&mut [0; 1])).await.expect("the fourth is closed at once");
    assert_eq!(closed.unwrap_or(0), 0, "without a word");
    for stream in &mut allowed {
        assert!(answers(stream).await, "the three are open all along");
    }
    assert!(answers(&mut connect(2, address).await).await, "another address has its own three");

    drop(allowed.pop());
    timeout(SOON, comes_through(1, address)).await.expect("the place of one that left is free");
}

#[tokio::test]
async fn who_idles_loses_the_connection_and_its_place() {
    let limits =
        Limits { connections_of_address: 3, head_time: Duration::from_millis(500), ..Limits::default() };
    let site = Site::open_with(limits).await;
    let address = site.running.address();
    let mut idle = Vec::new();
    for _ in 0..3 {
        idle.push(connect(1, address).await);
    }
    timeout(SOON, comes_through(1, address)).await.expect("the idle ones were cut");
}

#[tokio::test]
async fn when_all_connections_are_taken_the_next_waits_until_one_is_free() {
    let site = Site::open_with(Limits { connections: 3, head_time: NEVER, ..Limits::default() }).await;
    let address = site.running.address();
    let mut allowed = Vec::new();
    for from in 1..=3 {
        let mut stream = connect(from, address).await;
        assert!(answers(&mut stream).await);
        allowed.push(stream);
    }
    // The system takes it in; the server does not yet.
    let mut fourth = connect(4, address).await;
    let mut answered = tokio::spawn(async move { answers(&mut fourth).await });
    let early = timeout(Duration::from_millis(700), &mut answered).await;
    assert!(early.is_err(), "there is no place for it: {early:?}");
    for stream in &mut allowed {
        assert!(answers(stream).await, "the three are open all along");
    }
    drop(allowed.pop());
    let answered = timeout(SOON, answered).await.expect("it gets the place of one that left");
    assert!(answered.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_honest_devices_work_while_hostile_ones_hammer() {
    const HONEST: usize = 50;
    let device = Rate::new(8, Duration::from_millis(250));
    let forgeries = Rate::new(8, Duration::from_secs(2));
    let site = Site::open_with(Limits { device, forgeries, ..Limits::default() }).await;
    let grid = site.grid.clone();
    let mut honest = Vec::new();
    for number in 0..HONEST {
        honest.push(site.worker(&format!("样例{number}")).await);
    }
    let bomb = {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut gzip, &vec![0; 64 * 1024 * 1024]).unwrap();
        gzip.finish().unwrap()
    };
    let stop = Arc::new(AtomicBool::new(false));
    let mut hostile = Vec::new();
    for kind in 0..4 {
        let phone = site.worker(&format!("恶意{kind}")).await;
        let (stop, bomb) = (Arc::clone(&stop), bomb.clone());
        hostile.push(tokio::spawn(async move {
            let mut told = std::collections::BTreeMap::<String, usize>::new();
            let good = encode(&phone.request(&[])).unwrap();
            let old = phone.stamp();
            // On a slow machine until it is held off as well: who comes slower than the rate need not be.
            let mut asked = 0;
            let waits = |told: &std::collections::BTreeMap<String, usize>, asked| {
                kind != 3 && asked < 400 && !told.contains_key("slow_down")
            };
            while !stop.load(Ordering::SeqCst) || waits(&told, asked) {
                asked += 1;
                let stamp = if kind == 0 { old.clone() } else { phone.stamp() };
                let body = match kind {
                    2 => bomb.clone(),
                    3 => vec![7; BODY_LIMIT + 1],
                    _ => good.clone(),
                };
                let signature = match kind {
                    1 => "00".repeat(64),
                    _ => phone.sign(&stamp, SYNC_PATH, &body),
                };
                let answer: Result<gridbook_core::sync::protocol::SyncResponse, _> =
                    phone.post_raw(SYNC_PATH, body, &stamp, &signature).await;
                let code = answer.map_or_else(|(_, failure)| failure.code, |_| "taken".into());
                *told.entry(code).or_default() += 1;
            }
            told
        }));
    }
    let mut running = Vec::new();
    for mut phone in honest {
        let grid = grid.clone();
        running.push(tokio::spawn(async move {
            for turn in 0..4 {
                let (id, change) = phone.begin(visit(&format!("第{turn}户")));
                let receipts = phone.push(&grid, &[(id, change)]).await;
                assert!(matches!(receipts[..], [Receipt::Accepted(_)]), "{receipts:?}");
            }
        }));
    }
    for phone in running {
        phone.await.unwrap();
    }
    stop.store(true, Ordering::SeqCst);
    for (kind, hostile) in hostile.into_iter().enumerate() {
        let told = hostile.await.unwrap();
        assert!(told.get("taken").copied().unwrap_or(0) <= 1, "{kind}: {told:?}");
        assert!(told.keys().any(|code| code == "slow_down") || kind == 3, "{kind} is held off: {told:?}");
    }
    let entries = site.server.service().database().counts().await.unwrap().entries;
    assert_eq!(entries, HONEST as u64 * 4);
}
