//! Households change hands: one transaction on the server, receipts on both phones, late work arrives, and what
//! phones and server count agrees before, in between and afterwards.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use gridbook_core::error::Error;
use gridbook_core::id::{PersonId, RecordId};
use gridbook_core::model::{
    DiaryEntry, Household, Mark, Outreach, OutreachForm, Record, Role, ScopeKind, Tags, Visit,
};
use gridbook_core::sync::notice::Cause;
use gridbook_core::sync::protocol::{ScopePage, SyncRequest, SyncResponse};
use gridbook_core::workbook::{Filter, New, SyncReport};
use gridbook_server::db::{Act, AuditState};
use gridbook_server::{HandOverReport, HandOverRequest, Households};
use gridbook_tests::bent::Bent;
use gridbook_tests::replica::{Replica, on_phone, on_server};
use gridbook_tests::town::{Phone, Town};

struct Scene {
    town: Town,
    /// The old worker, of the first grid.
    jia: Phone,
    /// The new worker, of the second grid.
    yi: Phone,
    /// Sees both.
    lead: Phone,
    by: PersonId,
}

impl Scene {
    async fn new() -> Self {
        let mut town = Town::new().await;
        let jia = town.worker("甲").await;
        let second = town.grids[1].clone();
        let yi = town.phone("乙", &[(second, Role::Worker)]).await;
        let lead = town.lead("组长").await;
        let by = lead.workbook().enrolment().unwrap().person;
        Self { town, jia, yi, lead, by }
    }

    /// A household of the old worker's with a visit, which everyone has whom it concerns.
    async fn visited() -> (Self, Record<Household>, Record<Visit>) {
        let scene = Self::new().await;
        let home = scene.jia.household("3-1-501");
        let visit = scene.jia.visit(&home, "第一次");
        scene.settle().await;
        (scene, home, visit)
    }

    async fn settle(&self) {
        self.town.settle(&[&self.jia, &self.yi, &self.lead]).await;
        self.agree().await;
    }

    /// Server and phones hold the very same of every grid, and nobody holds what is not theirs.
    async fn agree(&self) {
        let [first, second] = &self.town.grids;
        let (in_first, in_second) =
            (on_server(self.town.server(), first).await, on_server(self.town.server(), second).await);
        for (phone, sees) in
            [(&self.jia, [true, false]), (&self.yi, [false, true]), (&self.lead, [true, true])]
        {
            let book = phone.workbook();
            for ((scope, truth), sees) in [(first, &in_first), (second, &in_second)].into_iter().zip(sees) {
                let expected = if sees { truth.clone() } else { Replica::new() };
                assert_eq!(on_phone(book, scope), expected, "{:?} in {scope}", phone.path());
            }
            let status = book.status().unwrap();
            assert_eq!((status.unsent, status.refused, status.quarantined), (0, 0, 0), "{:?}", phone.path());
            assert!(
                book.store().read(|reader| reader.scopes_with_past()).unwrap().is_empty(),
                "{:?}",
                phone.path()
            );
        }
    }

    async fn hand_over(&self, from: usize, to: usize, households: Households) -> HandOverReport {
        let (from, to) = (self.town.grids[from].clone(), self.town.grids[to].clone());
        let request = HandOverRequest { from, to, households, why: Cause::Staff, dry_run: false };
        self.town.server().service().hand_over(&self.by, request).await.unwrap()
    }

    async fn hand_on(&self, home: &Record<Household>) -> HandOverReport {
        self.hand_over(0, 1, Households::Named(vec![home.id])).await
    }
}

fn amend(phone: &Phone, id: RecordId, note: &str) {
    let mut visit = phone.workbook().get::<Visit>(id).unwrap();
    visit.content.note = note.into();
    phone.workbook().edit(&visit).unwrap();
}

fn note_of(phone: &Phone, id: RecordId) -> String {
    phone.workbook().get::<Visit>(id).unwrap().content.note
}

fn missing(phone: &Phone, id: RecordId) -> bool {
    matches!(phone.workbook().record(id), Err(Error::NoSuchRecord(_)))
}

async fn bent(
    phone: &Phone,
    bend: impl Fn(&mut SyncResponse) -> gridbook_core::Result<()> + Send + Sync,
) -> gridbook_core::Result<SyncReport> {
    phone
        .workbook()
        .sync(&Bent { end: phone.client()?, ask: |_: &mut SyncRequest| {}, answer: bend }, |_| {})
        .await
}

#[tokio::test]
async fn a_household_moves_with_what_is_about_it_and_both_phones_tell() {
    let scene = Scene::new().await;
    let Scene { town, jia, yi, lead, .. } = &scene;
    let (home, other) = (jia.household("3-1-501"), jia.household("3-1-502"));
    let (visit, elsewhere) = (jia.visit(&home, "见到了"), jia.visit(&other, "也见到了"));
    let diary = |links: &[RecordId], done| DiaryEntry {
        text: "要跟进".into(),
        needs_follow_up: true,
        done,
        links: links.iter().map(ToString::to_string).collect(),
        ..DiaryEntry::default()
    };
    let save = |entry| jia.workbook().diary().save(New::of(entry)).unwrap().id;
    let (open, shared, closed) = (
        save(diary(&[home.id], false)),
        save(diary(&[home.id, other.id], false)),
        save(diary(&[home.id], true)),
    );
    let outreach = Outreach {
        form: Some(OutreachForm::Door),
        households: Tags::from_iter([home.id.to_string()]),
        ..Outreach::default()
    };
    let outreach = jia.workbook().outreach().save(New::of(outreach)).unwrap().id;
    scene.settle().await;
    let review = lead.workbook().reviews().mark(visit.id, Mark::Seen, "").unwrap().id;
    scene.settle().await;
    let drafted = Visit { household: home.id, note: "还没写完的".into(), ..Visit::default() };
    let draft = jia.workbook().drafts().begin(&drafted).unwrap();

    let report = scene.hand_on(&home).await;
    assert_eq!(report, HandOverReport { households: 1, records: 5, there_already: 0 });
    let again = scene.hand_on(&home).await;
    assert_eq!(again, HandOverReport { households: 0, records: 0, there_already: 1 }, "once is enough");
    scene.settle().await;
    for id in [home.id, visit.id, open, outreach, review] {
        assert!(missing(jia, id), "the old worker sees it no more");
        assert_eq!(yi.workbook().record(id).unwrap().scope, town.grids[1]);
        assert_eq!(lead.workbook().record(id).unwrap().scope, town.grids[1]);
    }
    for id in [other.id, elsewhere.id, shared, closed] {
        assert_eq!(jia.workbook().record(id).unwrap().scope, town.grids[0], "what is about others stays");
        assert!(missing(yi, id));
    }
    assert_eq!(jia.workbook().search("见到了", None, 9).unwrap().items.len(), 1);
    assert_eq!(yi.workbook().search("见到了", None, 9).unwrap().items.len(), 1);
    assert_eq!(
        yi.workbook().get::<Visit>(visit.id).unwrap().header.author,
        jia.workbook().enrolment().unwrap().person
    );

    for (phone, came, went) in [(jia, false, true), (yi, true, false), (lead, true, false)] {
        let told = phone.workbook().hand_overs().unwrap();
        let [line] = told.as_slice() else { panic!("one line, not {told:?}") };
        assert_eq!((line.came, line.went, line.waiting), (came, went, 0), "{:?}", phone.path());
        assert_eq!((line.households, line.records, line.refused), (1, 5, 0));
        assert_eq!((&line.from, &line.to, line.why.as_str()), (&town.grids[0], &town.grids[1], "staff"));
    }
    let kept = jia.workbook().drafts().resume(draft.id).unwrap().unwrap();
    assert_eq!(kept.content::<Visit>().unwrap().note, "还没写完的", "a draft stays to be read");
    let saved = jia.workbook().visits().save(kept.into_new().unwrap());
    assert!(matches!(saved, Err(Error::NoSuchRecord(_))), "{saved:?}");
    assert_eq!(jia.workbook().drafts().list().unwrap().len(), 1, "nor does a save that fails lose it");

    // Life goes on in the new grid, and who comes later sees it there alone.
    amend(yi, visit.id, "乙接着写");
    let next = yi.visit(&yi.workbook().get(home.id).unwrap(), "乙去了");
    scene.settle().await;
    assert_eq!((note_of(lead, visit.id), note_of(lead, next.id)), ("乙接着写".into(), "乙去了".into()));
    let database = town.server().service().database();
    let rows = database.audit(0, 1_000).await.unwrap();
    let [row] = rows.iter().filter(|row| row.entry.act == Act::HandOver).collect::<Vec<_>>()[..] else {
        panic!("one row")
    };
    assert_eq!((row.entry.who.as_ref(), row.entry.records.len()), (Some(&scene.by), 5));
    assert!(matches!(database.verify_audit(None).await.unwrap(), AuditState::Whole { .. }));
    let mut scene = scene;
    let late = scene.town.worker("丙").await;
    late.sync().await.unwrap();
    assert_eq!(
        on_phone(late.workbook(), &scene.town.grids[0]),
        on_server(scene.town.server(), &scene.town.grids[0]).await
    );
    assert_eq!(late.workbook().hand_overs().unwrap(), [], "it never had it");
}

#[tokio::test]
async fn work_done_meanwhile_without_a_network_arrives_as_the_old_workers() {
    let (mut scene, home, visit) = Scene::visited().await;
    scene.jia.go_offline();
    amend(&scene.jia, visit.id, "改过的");
    let mut marked = scene.jia.workbook().get::<Household>(home.id).unwrap();
    marked.content.note = "门铃坏了".into();
    scene.jia.workbook().edit(&marked).unwrap();
    let later = scene.jia.visit(&home, "没网时去的");
    amend(&scene.jia, later.id, "没网时去的，又改");
    scene.hand_on(&home).await;
    scene.yi.sync().await.unwrap();
    let mut theirs = scene.yi.workbook().get::<Household>(home.id).unwrap();
    theirs.content.class = "red".into();
    scene.yi.workbook().edit(&theirs).unwrap();
    assert_eq!(note_of(&scene.jia, later.id), "没网时去的，又改", "he keeps it until it is sent");

    // The answer to his upload is lost; he sends it once more.
    scene.jia.go_online();
    let lost = bent(&scene.jia, |_| Err(Error::Offline("answer lost".into()))).await;
    assert!(matches!(lost, Err(Error::Offline(_))));
    let report = scene.jia.sync().await.unwrap();
    assert_eq!((report.sent, report.refused.len()), (4, 0), "every change has its receipt");
    for id in [home.id, visit.id, later.id] {
        assert!(missing(&scene.jia, id));
    }
    scene.settle().await;
    let author = scene.jia.workbook().enrolment().unwrap().person;
    let new = scene.yi.workbook().get::<Visit>(later.id).unwrap();
    assert_eq!((new.header.author, new.content.note.as_str()), (author, "没网时去的，又改"));
    assert_eq!(new.scope, scene.town.grids[1]);
    assert_eq!(note_of(&scene.yi, visit.id), "改过的");
    let both = scene.yi.workbook().get::<Household>(home.id).unwrap().content;
    assert_eq!((both.note.as_str(), both.class.as_str()), ("门铃坏了", "red"));
    let told = scene.jia.workbook().hand_overs().unwrap();
    assert_eq!(told.iter().map(|line| (line.records, line.waiting)).collect::<Vec<_>>(), [(1, 0), (2, 0)]);
    assert_eq!((told[0].why.as_str(), told[1].why.as_str()), ("follows", "staff"));
}

#[tokio::test]
async fn a_lead_who_sees_both_never_loses_it_whatever_comes_first() {
    for reversed in [false, true] {
        let (mut scene, home, visit) = Scene::visited().await;
        scene.lead.go_offline();
        amend(&scene.lead, visit.id, "组长改的");
        scene.hand_on(&home).await;
        scene.yi.sync().await.unwrap();
        amend(&scene.yi, visit.id, "乙改的");
        scene.yi.sync().await.unwrap();
        scene.lead.go_online();
        let turn = |answer: &mut SyncResponse| {
            if reversed {
                answer.scopes.reverse();
            }
            Ok(())
        };
        bent(&scene.lead, turn).await.unwrap();
        let record = scene.lead.workbook().get::<Visit>(visit.id).unwrap();
        assert_eq!(
            (record.scope, record.conflicts),
            (scene.town.grids[1].clone(), 1),
            "both edits are there"
        );
        let visits = scene.lead.workbook().list::<Visit>(&Filter::default(), None, 9).unwrap();
        assert_eq!(visits.items.len(), 1, "once");
        scene.settle().await;

        // Only the page of one scope arrives, then the phone is closed; the other follows later.
        scene.hand_over(1, 0, Households::All).await;
        let one = |answer: &mut SyncResponse| {
            let last = answer.scopes.len().saturating_sub(1);
            let at = if reversed { last } else { 0 };
            answer.scopes = answer.scopes.drain(..).skip(at).take(1).collect();
            answer.more = false;
            Ok(())
        };
        bent(&scene.lead, one).await.unwrap();
        scene.lead.reopen();
        assert_eq!(scene.lead.workbook().get::<Visit>(visit.id).unwrap().scope, scene.town.grids[0]);
        scene.settle().await;
    }
}

#[tokio::test]
async fn there_and_back_again_with_late_work_on_the_way() {
    let (mut scene, home, visit) = Scene::visited().await;
    scene.yi.go_offline();
    for round in 0..3 {
        scene.jia.go_offline();
        amend(&scene.jia, visit.id, &format!("甲第{round}轮"));
        scene.hand_over(0, 1, Households::All).await;
        scene.jia.go_online();
        scene.jia.sync().await.unwrap();
        assert!(missing(&scene.jia, visit.id));
        scene.hand_over(1, 0, Households::Building("3".into())).await;
        scene.jia.sync().await.unwrap();
        assert_eq!(note_of(&scene.jia, visit.id), format!("甲第{round}轮"));
    }
    scene.yi.go_online();
    scene.settle().await;
    assert!(missing(&scene.yi, visit.id));

    // It leaves and comes back while the phone has no network and unsent work.
    scene.jia.go_offline();
    amend(&scene.jia, visit.id, "最后");
    let later = scene.jia.visit(&home, "也没发");
    scene.hand_over(0, 1, Households::All).await;
    scene.hand_over(1, 0, Households::All).await;
    scene.jia.go_online();
    scene.settle().await;
    assert_eq!(
        (note_of(&scene.lead, visit.id), note_of(&scene.jia, later.id)),
        ("最后".into(), "也没发".into())
    );
}

#[tokio::test]
async fn a_phone_that_is_killed_anywhere_in_between_comes_to_the_same() {
    for polls in 0..14 {
        let (mut scene, home, visit) = Scene::visited().await;
        scene.jia.go_offline();
        amend(&scene.jia, visit.id, "改过的");
        let later = scene.jia.visit(&home, "没网时去的");
        scene.hand_on(&home).await;
        scene.jia.go_online();
        let calls = std::sync::atomic::AtomicUsize::new(0);
        let fail = |_: &mut SyncResponse| match calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
            n if n == polls / 2 => Err(Error::Offline("killed".into())),
            _ => Ok(()),
        };
        let _ = bent(&scene.jia, fail).await;
        if polls % 2 == 1 {
            scene.jia.reopen();
        }
        scene.settle().await;
        assert_eq!(
            (note_of(&scene.yi, visit.id), note_of(&scene.yi, later.id)),
            ("改过的".into(), "没网时去的".into())
        );
    }
}

#[tokio::test]
async fn a_server_put_back_to_before_it_hands_over_again_whoever_comes_first() {
    for first in 0..3 {
        let mut scene = Scene::new().await;
        let home = scene.jia.household("3-1-501");
        scene.settle().await;
        let early = scene.town.back_up().await;
        let visit = scene.jia.visit(&home, "第一次");
        scene.settle().await;
        let backup = if first == 2 { early } else { scene.town.back_up().await };
        amend(&scene.jia, visit.id, "备份以后写的");
        scene.jia.sync().await.unwrap();
        scene.hand_on(&home).await;
        // Only the old worker's phone has what he wrote last, and it is not to be seen there any more.
        scene.jia.sync().await.unwrap();
        assert!(missing(&scene.jia, visit.id));
        if first > 0 {
            scene.yi.sync().await.unwrap();
            amend(&scene.yi, visit.id, "乙写的");
            scene.yi.sync().await.unwrap();
        }
        scene.town.restore(&backup).await;
        scene.yi.go_offline();
        if first == 1 {
            // New work in the new grid, which the server has forgotten to be the record's home.
            amend(&scene.yi, visit.id, "乙又写");
            let _ = scene.yi.visit(&home, "乙去的");
        }
        scene.yi.go_online();
        if first > 0 {
            scene.yi.sync().await.unwrap();
        }
        scene.jia.sync().await.unwrap();
        scene.settle().await;
        let expected = ["备份以后写的", "乙又写", "乙写的"][first];
        assert_eq!(note_of(&scene.yi, visit.id), expected);
        assert_eq!(scene.lead.workbook().record(home.id).unwrap().scope, scene.town.grids[1]);
    }
}

#[tokio::test]
async fn what_a_server_forgot_twice_leaves_the_old_phone_again() {
    let mut scene = Scene::new().await;
    scene.settle().await;
    let backup = scene.town.back_up().await;
    let home = scene.jia.household("3-1-501");
    let visit = scene.jia.visit(&home, "备份以后写的");
    scene.settle().await;
    scene.hand_on(&home).await;
    scene.jia.sync().await.unwrap();
    assert!(missing(&scene.jia, visit.id));

    // He gives back what it has lost, and it is put back once more before he hears of it.
    scene.town.restore(&backup).await;
    let calls = std::sync::atomic::AtomicUsize::new(0);
    let second = |_: &mut SyncResponse| match calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
        0 => Ok(()),
        _ => Err(Error::Offline("answer lost".into())),
    };
    assert!(bent(&scene.jia, second).await.is_err());
    assert_eq!(
        on_server(scene.town.server(), &scene.town.grids[1]).await.len(),
        2,
        "it has handed over again"
    );
    scene.town.restore(&backup).await;

    // What he writes anew begins in the old grid: there it is back in sight until the hand-over is told.
    let _ = bent(&scene.jia, |_| Err(Error::Offline("answer lost".into()))).await;
    assert_eq!(on_server(scene.town.server(), &scene.town.grids[0]).await.len(), 2, "it knows no better");
    scene.settle().await;
    assert!(missing(&scene.jia, home.id) && missing(&scene.jia, visit.id));
    assert_eq!(note_of(&scene.yi, visit.id), "备份以后写的");
    let told = scene.jia.workbook().hand_overs().unwrap();
    assert_eq!(told.iter().map(|line| (line.went, line.waiting)).collect::<Vec<_>>(), [(true, 0)]);
}

#[tokio::test]
async fn an_edit_is_not_refused_because_the_server_forgot_where_the_record_lives() {
    let (mut scene, home, visit) = Scene::visited().await;
    amend(&scene.lead, visit.id, "组长改的");
    scene.settle().await;
    let backup = scene.town.back_up().await;
    scene.hand_on(&home).await;

    // The lead hears of it in the old grid's log alone, then the network is gone.
    let second = scene.town.grids[1].clone();
    let calls = std::sync::atomic::AtomicUsize::new(0);
    let old_alone = move |answer: &mut SyncResponse| {
        answer.scopes.retain(|page| !matches!(page, ScopePage::Page(page) if page.scope == second));
        match calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
            0 => Ok(()),
            _ => Err(Error::Offline("answer lost".into())),
        }
    };
    assert!(bent(&scene.lead, old_alone).await.is_err());
    assert_eq!(scene.lead.workbook().get::<Visit>(visit.id).unwrap().scope, scene.town.grids[1]);
    amend(&scene.lead, visit.id, "组长又改");
    scene.town.restore(&backup).await;
    let report = scene.lead.sync().await.unwrap();
    assert_eq!(report.refused, [], "it is asked again once it knows better");
    scene.settle().await;
    assert_eq!(note_of(&scene.yi, visit.id), "组长又改");
}

#[tokio::test]
async fn what_others_add_on_a_server_that_forgot_the_hand_over_finds_the_record_on_the_old_phone() {
    let (mut scene, home, visit) = Scene::visited().await;
    let backup = scene.town.back_up().await;
    scene.lead.go_offline();
    amend(&scene.lead, visit.id, "组长还不知道");
    scene.hand_on(&home).await;
    scene.jia.sync().await.unwrap();
    assert!(missing(&scene.jia, visit.id));

    scene.town.restore(&backup).await;
    scene.lead.go_online();
    scene.lead.sync().await.unwrap();
    let told = scene.jia.workbook().hand_overs().unwrap();
    let report = scene.jia.sync().await.unwrap();
    assert_eq!(report.quarantined, 0, "the rest of the record is on the phone, out of sight");
    scene.settle().await;
    assert_eq!(note_of(&scene.yi, visit.id), "组长还不知道");
    assert!(missing(&scene.jia, visit.id));
    assert_eq!(scene.jia.workbook().hand_overs().unwrap(), told);
}

#[tokio::test]
async fn what_left_is_kept_out_of_sight_for_thirty_days_and_no_longer() {
    let scene = Scene::new().await;
    let home = scene.jia.household("3-1-501");
    let visit = scene.jia.visit(&home, "龘靐");
    scene.settle().await;
    scene.hand_on(&home).await;
    scene.settle().await;
    let reserved = |phone: &Phone| {
        let wanted = visit.version.0.iter().copied().collect();
        let places = phone.workbook().store().read(|reader| reader.places_of(&scene.town.grids[0], &wanted));
        !places.unwrap().is_empty()
    };
    let later = |days: i64| {
        move |answer: &mut SyncResponse| {
            answer.at = answer.at.plus_millis(days * 24 * 60 * 60 * 1_000);
            Ok(())
        }
    };
    bent(&scene.jia, later(29)).await.unwrap();
    assert!(reserved(&scene.jia), "an old backup may need it");
    bent(&scene.jia, later(31)).await.unwrap();
    assert!(!reserved(&scene.jia));
    assert_eq!(scene.jia.workbook().hand_overs().unwrap()[0].records, 2, "the receipt stays");
    scene.settle().await;
}

#[tokio::test]
async fn what_a_revoked_worker_had_not_sent_reaches_the_new_grid_through_the_box() {
    let (mut scene, home, visit) = Scene::visited().await;
    scene.jia.go_offline();
    amend(&scene.jia, visit.id, "交出来的");
    let later = scene.jia.visit(&home, "也交出来");
    scene.hand_on(&home).await;
    let device = scene.jia.workbook().enrolment().unwrap().device;
    scene.town.server().admin().revoke_device(&device).await.unwrap();
    scene.jia.go_online();
    let report = scene.jia.sync().await.unwrap();
    assert_eq!(report.handed_in.unwrap().changes, 2);
    let accepted = scene.town.server().service().accept_box(&device).await.unwrap();
    assert_eq!(accepted.refused.len(), 0, "{accepted:?}");
    scene.town.settle(&[&scene.yi, &scene.lead]).await;
    assert_eq!(
        (note_of(&scene.yi, visit.id), note_of(&scene.yi, later.id)),
        ("交出来的".into(), "也交出来".into())
    );
}

#[tokio::test]
async fn erasing_after_a_hand_over_reaches_the_old_phone_too() {
    let mut scene = Scene::new().await;
    let roles = [(scene.town.community.clone(), Role::Administrator)];
    let by = scene.town.person("管理员", &roles).await;
    let home = scene.jia.household("3-1-501");
    let visit = scene.jia.visit(&home, "第一次");
    scene.settle().await;
    scene.hand_on(&home).await;
    scene.yi.sync().await.unwrap();
    let why = gridbook_core::sync::notice::Why::Request;
    scene.town.server().admin().erase(&by, vec![home.id], why).await.unwrap();
    scene.settle().await;
    for phone in [&scene.jia, &scene.yi, &scene.lead] {
        assert!(missing(phone, visit.id));
        let wanted = visit.version.0.iter().copied().collect();
        let places = phone.workbook().store().read(|reader| reader.places_of(&scene.town.grids[0], &wanted));
        assert_eq!(places.unwrap(), [].into(), "nor is it kept out of sight");
    }
}

#[tokio::test]
async fn a_grid_that_a_server_forgot_altogether_keeps_no_phone_from_it() {
    for came_from_it in [false, true] {
        let (mut scene, home, visit) = Scene::visited().await;
        let backup = scene.town.back_up().await;
        let (server, community, first) =
            (scene.town.server(), &scene.town.community, scene.town.grids[0].clone());
        let third = server.admin().add_scope(community, ScopeKind::Grid, "第三网格").await.unwrap();
        scene.lead.sync().await.unwrap();
        let (from, to, moving) = if came_from_it {
            let found =
                Household { dwelling: "5-1-101".parse().ok(), class: "red".into(), ..Household::default() };
            let new = New { grid: Some(third.clone()), ..New::of(found) };
            let found = scene.lead.workbook().households().save(new).unwrap().id;
            scene.lead.sync().await.unwrap();
            (third, first, found)
        } else {
            (first, third, home.id)
        };
        let households = Households::Named(vec![moving]);
        let request = HandOverRequest { from, to, households, why: Cause::Recut, dry_run: false };
        server.service().hand_over(&scene.by, request).await.unwrap();
        let late = scene.jia.household("3-1-502");
        scene.jia.sync().await.unwrap();
        assert_eq!(missing(&scene.jia, visit.id), !came_from_it);

        scene.town.restore(&backup).await;
        scene.settle().await;
        assert_eq!(note_of(&scene.jia, visit.id), "第一次", "it lives where it did");
        for id in [moving, late.id] {
            assert_eq!(scene.lead.workbook().record(id).unwrap().scope, scene.town.grids[0]);
        }
    }
}
