//! The end of a shift: two hundred phones come back to the network in the same moment.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod common;

use std::time::{Duration, Instant};

use common::{Site, visit};
use gridbook_core::model::{Role, ScopeKind};
use gridbook_core::sync::protocol::Receipt;

const PHONES: usize = 200;
const CHANGES: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_phones_at_once_are_all_answered() {
    let site = Site::open().await;
    let mut grids = vec![site.grid.clone()];
    for number in 2..=9 {
        let name = format!("第{number}网格");
        grids.push(site.server.admin().add_scope(&site.community, ScopeKind::Grid, &name).await.unwrap());
    }
    let mut phones = Vec::new();
    for number in 0..PHONES {
        let grid = grids[number % grids.len()].clone();
        let person = site.person(&format!("样例{number}"), Role::Worker, &grid).await;
        let mut phone = site.phone_of(&person).await;
        let changes: Vec<_> = (0..CHANGES).map(|n| phone.begin(visit(&format!("第{n}户")))).collect();
        phones.push((phone, grid, changes));
    }
    let mut running = Vec::new();
    for (mut phone, grid, changes) in phones {
        running.push(tokio::spawn(async move {
            let began = Instant::now();
            let receipts = phone.push(&grid, &changes).await;
            assert!(receipts.iter().all(|receipt| matches!(receipt, Receipt::Accepted(_))), "{receipts:?}");
            began.elapsed()
        }));
    }
    let mut took = Vec::new();
    for task in running {
        took.push(task.await.unwrap());
    }
    let slowest = took.into_iter().max().unwrap();
    assert!(slowest < Duration::from_secs(30), "the server gives up after that: {slowest:?}");
    let counts = site.server.service().database().counts().await.unwrap();
    assert_eq!(counts.records, (PHONES * CHANGES) as u64);
}
