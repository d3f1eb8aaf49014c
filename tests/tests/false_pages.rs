//! A server that errs or lies: what its pages leave out, swap or alter is noticed before anything of it is stored, and a
//! hostile change in a page that otherwise checks out goes to quarantine alone.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use std::path::Path;

use gridbook_core::gate::hash_of;
use gridbook_core::id::{Chain, RecordId};
use gridbook_core::model::Visit;
use gridbook_core::sync::http::HttpServer;
use gridbook_core::sync::protocol::{
    EnrolRequest, EnrolResponse, Page, Pulled, RecoverRequest, RecoverResponse, ScopePage, SyncProtocol,
    SyncRequest, SyncResponse,
};
use gridbook_core::workbook::Filter;
use gridbook_core::{Error, Result};
use gridbook_tests::town::{Phone, Town};

/// A way to the server on which pages are altered.
struct Altered<F>(HttpServer, F);

impl<F: Fn(&mut Page) + Send + Sync> SyncProtocol for Altered<F> {
    async fn enrol(&self, request: EnrolRequest) -> Result<EnrolResponse> {
        self.0.enrol(request).await
    }

    async fn sync(&self, request: SyncRequest) -> Result<SyncResponse> {
        let mut response = self.0.sync(request).await?;
        for page in &mut response.scopes {
            if let ScopePage::Page(page) = page {
                self.1(page);
            }
        }
        Ok(response)
    }

    async fn recover(&self, request: RecoverRequest) -> Result<RecoverResponse> {
        self.0.recover(request).await
    }
}

/// What is done to a page.
type Way<'a> = &'a (dyn Fn(&mut Page) + Send + Sync);

fn visits(phone: &Phone) -> usize {
    phone.workbook().list::<Visit>(&Filter::default(), None, 100).unwrap().items.len()
}

#[tokio::test]
async fn what_a_page_leaves_out_swaps_or_alters_is_noticed_and_nothing_of_it_is_stored() {
    let mut town = Town::new().await;
    let writer = town.worker("甲").await;
    let reader = town.worker("乙").await;
    town.settle(&[&writer, &reader]).await;
    let home = writer.household("3-1-501");
    for note in ["一", "二", "三"] {
        let _ = writer.visit(&home, note);
    }
    writer.sync().await.unwrap();

    let left_out = |page: &mut Page| drop(page.changes.remove(1));
    let left_out_and_counted = |page: &mut Page| {
        page.changes.remove(1);
        page.upto -= 1;
    };
    let swapped = |page: &mut Page| page.changes.swap(1, 2);
    let altered = |page: &mut Page| {
        let last = page.changes[1].1.len() - 1;
        page.changes[1].1[last] ^= 1;
    };
    let twice = |page: &mut Page| page.changes[2] = page.changes[1].clone();
    let skipped = |page: &mut Page| page.after += 1;
    let ways: [(&str, Way<'_>); 6] = [
        ("left out", &left_out),
        ("left out and counted", &left_out_and_counted),
        ("swapped", &swapped),
        ("altered", &altered),
        ("twice", &twice),
        ("skipped", &skipped),
    ];
    for (what, way) in ways {
        let server = Altered(reader.client().unwrap(), |page: &mut Page| {
            if page.changes.len() > 2 {
                way(page);
            }
        });
        let failed = reader.workbook().sync(&server, |_| {}).await;
        assert!(matches!(failed, Err(Error::Protocol(_))), "{what}: {failed:?}");
        assert_eq!(visits(&reader), 0, "{what}");
    }
    reader.sync().await.unwrap();
    assert_eq!(visits(&reader), 3, "the honest server is still believed");
    assert_eq!(reader.workbook().status().unwrap().quarantined, 0);
}

#[tokio::test]
async fn a_hostile_change_that_a_server_lists_goes_to_quarantine_alone() {
    let hostile = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/hostile");
    for attack in ["a_counter", "a_hidden_tail", "a_list_in_a_record", "a_thousand_actors"] {
        let bytes = std::fs::read(hostile.join(attack)).unwrap();
        let mut town = Town::new().await;
        let writer = town.worker("甲").await;
        let reader = town.worker("乙").await;
        town.settle(&[&writer, &reader]).await;
        let home = writer.household("3-1-501");
        let _ = writer.visit(&home, "如常");
        writer.sync().await.unwrap();

        let before = reader.workbook().store().read(|reader| reader.cursors()).unwrap();
        let server = Altered(reader.client().unwrap(), |page: &mut Page| {
            if page.changes.is_empty() {
                return;
            }
            page.changes.push(Pulled(RecordId::from_bytes([9; 16]), bytes.clone()));
            page.upto += 1;
            let start = before.iter().find(|cursor| cursor.scope == page.scope);
            let start = start.map_or(Chain::START, |cursor| cursor.chain);
            let chain = |chain: Chain, pulled: &Pulled| chain.append(&hash_of(&pulled.1));
            page.chain = page.changes.iter().fold(start, chain);
        });
        let report = reader.workbook().sync(&server, |_| {}).await.unwrap();
        assert_eq!(report.quarantined, 1, "{attack}");
        assert_eq!(reader.workbook().status().unwrap().quarantined, 1, "{attack}");
        assert_eq!(visits(&reader), 1, "{attack}: what is honest beside it came in");
        assert!(reader.workbook().store().is_sound().unwrap(), "{attack}");
    }
}
