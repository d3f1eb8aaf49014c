//! A connection cut at any byte, in either direction: the exchange resumes, and what was sent twice counts
//! once.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use std::net::SocketAddr;

use gridbook_core::clock::Surroundings;
use gridbook_core::model::{Standing, Visit};
use gridbook_core::sync::http::HttpServer;
use gridbook_core::workbook::Filter;
use gridbook_tests::town::{Phone, Town};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// Which way a connection is cut, and after how many bytes.
#[derive(Clone, Copy, Debug)]
enum Cut {
    Up(usize),
    Down(usize),
}

/// Relays one connection to `server` and cuts it.
async fn relay(server: SocketAddr, cut: Cut) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (phone, _) = listener.accept().await.unwrap();
        let server = TcpStream::connect(server).await.unwrap();
        let (from_phone, to_phone) = phone.into_split();
        let (from_server, to_server) = server.into_split();
        let (up, down) = match cut {
            Cut::Up(bytes) => (bytes, usize::MAX),
            Cut::Down(bytes) => (usize::MAX, bytes),
        };
        // Whichever way ends first takes the other with it, as a lost network does.
        tokio::select! {
            () = pass(from_phone, to_server, up) => {}
            () = pass(from_server, to_phone, down) => {}
        }
    });
    address
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut bytes: usize) {
    let mut buffer = [0; 4096];
    while bytes > 0 {
        let most = buffer.len().min(bytes);
        match from.read(&mut buffer[..most]).await {
            Ok(read) if read > 0 && to.write_all(&buffer[..read]).await.is_ok() => bytes -= read,
            _ => return,
        }
    }
}

async fn sync_through(phone: &Phone, town: &Town, cut: Cut) -> bool {
    let server = town.url().trim_start_matches("http://").parse().unwrap();
    let address = relay(server, cut).await;
    let enrolment = phone.workbook().enrolment().unwrap();
    let device = Some((enrolment.device, phone.workbook().signer()));
    let client = HttpServer::new(&format!("http://{address}"), device, Surroundings::system()).unwrap();
    phone.workbook().sync(&client, |_| {}).await.is_ok()
}

#[tokio::test]
async fn at_any_byte_up_or_down() {
    let mut town = Town::new().await;
    let jia = town.worker("甲").await;
    let yi = town.worker("乙").await;
    let home = jia.household("3-1-501");
    town.settle(&[&jia, &yi]).await;
    let mut interrupted = 0;
    let mut saved = 0;
    for step in 0..24 {
        for cut in [Cut::Up(step * 83), Cut::Down(step * 41)] {
            let _ = jia.visit(&home, &format!("第{step}处，{cut:?}"));
            let _ = yi.visit(&home, &format!("同时，{cut:?}"));
            saved += 2;
            yi.sync().await.unwrap();
            let whole = sync_through(&jia, &town, cut).await;
            interrupted += usize::from(!whole);
        }
    }
    assert!(interrupted > 20, "the cuts fell into the exchange: {interrupted}");
    town.settle(&[&jia, &yi]).await;
    for phone in [&jia, &yi] {
        let visits = phone.workbook().list::<Visit>(&Filter::default(), None, 1_000).unwrap().items;
        assert_eq!(visits.len(), saved, "nothing is lost and nothing is there twice");
        assert!(visits.iter().all(|visit| visit.standing == Standing::OnServer));
    }
    assert_eq!(town.server().service().database().counts().await.unwrap().quarantined, 0);
}
