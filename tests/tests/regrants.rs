//! Stories of a role that is taken back and given again: what the phone had let go of comes back in pieces, and what was
//! refused meanwhile is never out of count.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use std::sync::atomic::{AtomicUsize, Ordering};

use gridbook_core::error::Error;
use gridbook_core::id::RecordId;
use gridbook_core::model::{Record, Role, Visit};
use gridbook_core::sync::protocol::{SyncRequest, SyncResponse};
use gridbook_tests::bent::Bent;
use gridbook_tests::town::{Phone, Town};

/// A worker whose visit was sent and edited, and a lead who sees it.
struct Scene {
    town: Town,
    worker: Phone,
    lead: Phone,
    visit: RecordId,
}

impl Scene {
    async fn new() -> Self {
        let mut town = Town::new().await;
        let worker = town.phone("甲", &[(town.grids[0].clone(), Role::Worker)]).await;
        let lead = town.lead("组长").await;
        let visit = worker.visit(&worker.household("1-1-101"), "第一次").id;
        worker.sync().await.unwrap();
        amend(&worker, visit, "第二次");
        town.settle(&[&worker, &lead]).await;
        Self { town, worker, lead, visit }
    }

    async fn give(&mut self, role: Role) {
        let grid = self.town.grids[0].clone();
        self.town.person("甲", &[(grid, role)]).await;
    }

    async fn take(&mut self, role: Role) {
        let person = self.town.person("甲", &[]).await;
        let grid = &self.town.grids[0];
        assert!(self.town.server().admin().revoke_grant(&person, role, grid).await.unwrap());
    }

    /// The role is taken back while an edit of the visit has not been sent.
    async fn refuse(&mut self) {
        self.take(Role::Worker).await;
        amend(&self.worker, self.visit, "没赶上");
        assert_eq!(self.worker.sync().await.unwrap().refused, [self.visit]);
        assert!(matches!(self.worker.workbook().record(self.visit), Err(Error::NoSuchRecord(_))));
        assert_eq!(self.counts(), (0, 0, 1), "out of sight, and counted");
    }

    /// What waits, what was refused, and what is in quarantine.
    fn counts(&self) -> (u64, u64, u64) {
        let status = self.worker.workbook().status().unwrap();
        (status.unsent, status.refused, status.quarantined)
    }

    async fn arrives(&self, note: &str) {
        self.town.settle(&[&self.worker, &self.lead]).await;
        assert_eq!(self.counts(), (0, 0, 0));
        assert_eq!(self.lead.workbook().get::<Visit>(self.visit).unwrap().content.note, note);
        assert_eq!(self.worker.workbook().get::<Visit>(self.visit).unwrap().content.note, note);
    }
}

fn amend(phone: &Phone, id: RecordId, note: &str) {
    let mut visit = phone.workbook().get::<Visit>(id).unwrap();
    visit.content.note = note.into();
    phone.workbook().edit(&visit).unwrap();
}

#[tokio::test]
async fn what_comes_back_in_pieces_takes_the_next_edit() {
    let mut on_a_part = 0;
    for answers in 1..7 {
        let mut scene = Scene::new().await;
        scene.take(Role::Worker).await;
        assert_eq!(scene.worker.sync().await.unwrap().dropped.len(), 1);
        scene.give(Role::Worker).await;
        // One entry an answer, and after so many the network is gone.
        let answered = AtomicUsize::new(0);
        let way = Bent {
            end: scene.worker.client().unwrap(),
            ask: |request: &mut SyncRequest| request.page = 1,
            answer: |_: &mut SyncResponse| match answered.fetch_add(1, Ordering::Relaxed) {
                before if before < answers => Ok(()),
                _ => Err(Error::Offline("gone".into())),
            },
        };
        let _ = scene.worker.workbook().sync(&way, |_| {}).await;
        let Ok(seen) = scene.worker.workbook().get::<Visit>(scene.visit) else { continue };
        on_a_part += u32::from(seen.content.note == "第一次");
        let requests = "换灯泡".to_owned();
        let content = Visit { requests: requests.clone(), ..seen.content.clone() };
        scene.worker.workbook().edit(&Record { content, ..seen }).unwrap();
        scene.arrives("第二次").await;
        assert_eq!(scene.lead.workbook().get::<Visit>(scene.visit).unwrap().content.requests, requests);
    }
    assert!(on_a_part > 0, "no exchange ended amid the record");
}

#[tokio::test]
async fn what_is_refused_again_under_a_role_that_only_reads_stays_counted() {
    let mut scene = Scene::new().await;
    scene.refuse().await;
    scene.give(Role::Auditor).await;
    for _ in 0..2 {
        scene.worker.sync().await.unwrap();
        assert_eq!(scene.counts(), (0, 0, 1));
    }
    scene.give(Role::Worker).await;
    scene.arrives("没赶上").await;
}

#[tokio::test]
async fn a_salvage_keeps_what_was_out_of_sight() {
    let mut scene = Scene::new().await;
    scene.refuse().await;
    let report = scene.worker.damage();
    assert_eq!((report.unsent, report.lost, report.unsaved.len()), (1, 0, 0));
    assert_eq!(scene.counts(), (0, 0, 1));
    scene.give(Role::Worker).await;
    scene.arrives("没赶上").await;
}
