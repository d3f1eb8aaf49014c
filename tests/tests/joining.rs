//! Stories of phones that get their place: without a network, on a spoilt invitation, in place of a lost
//! phone, and as a copy of another.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use gridbook_core::Error;
use gridbook_core::clock::Surroundings;
use gridbook_core::model::{Role, Standing, Visit};
use gridbook_core::sync::http::HttpServer;
use gridbook_core::sync::invitation::Invitation;
use gridbook_core::workbook::{Changed, Filter, Key, Listener, OpenOptions, Workbook};
use gridbook_tests::town::{KEY, Phone, Town};

/// Nothing listens there.
const NOWHERE: &str = "http://127.0.0.1:9";

fn desk(address: &str) -> HttpServer {
    HttpServer::new(address, None, Surroundings::system()).unwrap()
}

/// A phone fresh from the box, and the invitation that its worker was given on paper.
async fn unwrapped(town: &mut Town, name: &str) -> (Phone, Invitation) {
    let person = town.person(name, &[(town.grids[0].clone(), Role::Worker)]).await;
    let invitation = town.server().admin().invite(&person, 7).await.unwrap();
    let phone = Phone::open(&town.folder().join(format!("{name}/workbook.db")));
    (phone, invitation.payload(&town.url()).unwrap().parse().unwrap())
}

fn standings(phone: &Phone) -> Vec<Standing> {
    let visits = phone.workbook().list::<Visit>(&Filter::default(), None, 100).unwrap();
    visits.items.into_iter().map(|visit| visit.standing).collect()
}

#[tokio::test]
async fn a_worker_begins_on_a_signed_invitation_without_a_network() {
    let mut town = Town::new().await;
    let (mut phone, invitation) = unwrapped(&mut town, "甲").await;
    phone.workbook().join(&desk(NOWHERE), &invitation, "三网格一号机").await.unwrap();
    assert!(phone.workbook().enrolment().is_none());
    assert_eq!(phone.workbook().grants().len(), 1);
    let me = phone.workbook().person().unwrap();
    assert_eq!(phone.workbook().directory().person_name(&me), "甲");
    let home = phone.household("3-1-501");
    let visit = phone.visit(&home, "头一天");
    assert_eq!(visit.header.author, me);

    phone.reopen();
    assert!(matches!(phone.sync().await, Err(Error::NotEnrolled)));
    assert!(matches!(phone.workbook().complete(&desk(NOWHERE)).await, Err(Error::Offline(_))));
    phone.workbook().complete(&desk(&town.url())).await.unwrap();
    assert!(phone.workbook().joining().is_none());
    assert_eq!(phone.sync().await.unwrap().sent, 2);
    assert_eq!(standings(&phone), [Standing::OnServer]);
}

/// Asks whether the phone has a place whenever it hears that something changed.
struct Asking(Workbook, std::sync::mpsc::Sender<bool>);

impl Listener for Asking {
    fn changed(&self, _: &Changed) {
        let _ = self.1.send(self.0.joining().is_some());
    }
}

#[tokio::test]
async fn whoever_listens_hears_that_the_phone_has_its_place() {
    let mut town = Town::new().await;
    let (phone, invitation) = unwrapped(&mut town, "甲").await;
    let (heard, answers) = std::sync::mpsc::channel();
    phone.workbook().listen(Arc::new(Asking(phone.workbook().clone(), heard)));
    phone.workbook().begin(&invitation, "甲的手机").unwrap();
    assert_eq!(answers.try_iter().last(), Some(true), "what it asks then is true already");
}

#[tokio::test]
async fn a_spent_invitation_is_told_and_what_was_recorded_waits_for_a_new_one() {
    let mut town = Town::new().await;
    let person = town.person("甲", &[(town.grids[0].clone(), Role::Worker)]).await;
    let other = town.person("乙", &[(town.grids[0].clone(), Role::Worker)]).await;
    for (number, word) in ["invite_used", "invite_revoked"].into_iter().enumerate() {
        let admin = town.server().admin();
        let invitation = admin.invite(&person, 7).await.unwrap();
        let invitation: Invitation = invitation.payload(&town.url()).unwrap().parse().unwrap();
        let mut phone = Phone::open(&town.folder().join(format!("spent-{number}/workbook.db")));
        phone.workbook().begin(&invitation, "").unwrap();
        let home = phone.household(&format!("3-1-50{number}"));
        let _ = phone.visit(&home, "没白走");
        if word == "invite_used" {
            let thief = Phone::open(&town.folder().join("thief/workbook.db"));
            thief.workbook().enrol(&desk(&town.url()), &town.url(), &invitation.secret, "").await.unwrap();
        } else {
            admin.revoke_invites(&person).await.unwrap();
        }
        let refused = phone.workbook().complete(&desk(&town.url())).await.unwrap_err();
        assert!(matches!(refused, Error::Refused { code, .. } if code == word));
        phone.reopen();
        assert_eq!(phone.workbook().joining().unwrap().refused.as_deref(), Some(word));
        assert_eq!(phone.workbook().status().unwrap().unsent, 2, "kept");
        let _ = phone.visit(&home, "还能记");

        let foreign = admin.invite(&other, 7).await.unwrap();
        let foreign = foreign.payload(&town.url()).unwrap().parse().unwrap();
        assert!(matches!(phone.workbook().begin(&foreign, ""), Err(Error::BadInvitation(_))));
        let fresh = admin.invite(&person, 7).await.unwrap();
        let fresh: Invitation = fresh.payload(&town.url()).unwrap().parse().unwrap();
        phone.workbook().join(&desk(&town.url()), &fresh, "").await.unwrap();
        assert_eq!(phone.sync().await.unwrap().sent, 3);
        assert_eq!(phone.workbook().status().unwrap().unsent, 0);
    }
}

#[tokio::test]
async fn a_forged_invitation_begins_nothing() {
    let mut town = Town::new().await;
    let forger = Town::new().await;
    let (phone, invitation) = unwrapped(&mut town, "甲").await;
    let elsewhere = Invitation { server: forger.url(), ..invitation.clone() };
    assert!(matches!(phone.workbook().begin(&elsewhere, ""), Err(Error::BadInvitation(_))));
    assert!(phone.workbook().person().is_none());
    // A false server behind the true invitation: its key is not the one on the paper.
    let person = forger.server().admin().add_person("丙").await.unwrap();
    let lure = forger.server().admin().invite(&person, 7).await.unwrap();
    let lured = Invitation { secret: lure.secret.clone(), mandate: None, ..invitation.clone() };
    let refused = phone.workbook().join(&desk(&forger.url()), &lured, "").await.unwrap_err();
    assert!(matches!(refused, Error::BadInvitation(_)), "{refused}");
    assert!(phone.workbook().enrolment().is_none());
    phone.workbook().join(&desk(&town.url()), &invitation, "").await.unwrap();
}

#[tokio::test]
async fn a_new_phone_takes_the_place_of_the_lost_one_and_gets_everything_again() {
    let mut town = Town::new().await;
    let old = town.worker("甲").await;
    let colleague = town.worker("乙").await;
    let home = old.household("3-1-501");
    let _ = old.visit(&home, "旧手机记的");
    town.settle(&[&old, &colleague]).await;
    let _ = colleague.visit(&home, "同事记的");
    town.settle(&[&colleague]).await;

    let enrolment = old.workbook().enrolment().unwrap();
    let admin = town.server().admin();
    let invitation = admin.invite_instead(&enrolment.person, 7, &enrolment.device).await.unwrap();
    let invitation = invitation.payload(&town.url()).unwrap().parse().unwrap();
    let new = Phone::open(&town.folder().join("new/workbook.db"));
    new.workbook().join(&desk(&town.url()), &invitation, "新手机").await.unwrap();
    new.sync().await.unwrap();
    assert_eq!(standings(&new), [Standing::OnServer, Standing::OnServer]);
    assert_ne!(new.workbook().actor(), old.workbook().actor());
    assert!(old.sync().await.unwrap().handed_in.is_some(), "the lost phone is out");
    let _ = new.visit(&home, "新手机记的");
    town.settle(&[&new, &colleague]).await;
    assert_eq!(standings(&colleague).len(), 3);
}

/// Opens the database at `path` on the installation that `nonce` names.
fn open_on(path: &Path, nonce: u8) -> Workbook {
    let options = OpenOptions {
        path,
        key: &Key::new(KEY),
        install_nonce: Some([nonce; 16]),
        surroundings: Surroundings::system(),
    };
    Workbook::open(options).unwrap().workbook
}

async fn exchange(workbook: &Workbook) -> gridbook_core::workbook::SyncReport {
    let enrolment = workbook.enrolment().unwrap();
    let device = Some((enrolment.device, workbook.signer()));
    let server = HttpServer::new(enrolment.address, device, Surroundings::system()).unwrap();
    workbook.sync(&server, |_| {}).await.unwrap()
}

#[tokio::test]
async fn a_copied_phone_and_its_original_both_write_on_and_nothing_is_lost_or_refused() {
    let mut town = Town::new().await;
    let phone = town.worker("甲").await;
    let home = phone.household("3-1-501");
    phone.sync().await.unwrap();
    // Not sent yet when the copy is made: both hold it.
    let _ = phone.visit(&home, "复制之前");
    let (path, actor) = (phone.path().to_owned(), phone.workbook().actor());
    drop(phone);
    let copy: PathBuf = town.folder().join("copy/workbook.db");
    std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
    for suffix in ["", "-wal", ".key-id"] {
        let from = PathBuf::from(format!("{}{suffix}", path.display()));
        if from.exists() {
            std::fs::copy(&from, format!("{}{suffix}", copy.display())).unwrap();
        }
    }
    let (original, copied) = (open_on(&path, 1), open_on(&copy, 2));
    assert_eq!(original.actor(), actor, "the original stays who it is");
    assert_ne!(copied.actor(), actor, "the copy is another generation, by itself");

    let note = |workbook: &Workbook, note: &str| {
        let found = workbook.get::<gridbook_core::model::Household>(home.id).unwrap();
        let content = gridbook_core::model::Household { note: note.into(), ..found.content.clone() };
        workbook.edit(&gridbook_core::model::Record { content, ..found }).unwrap();
        let visit = Visit {
            household: home.id,
            outcome: Some(gridbook_core::model::Outcome::Met),
            note: note.into(),
            ..Visit::default()
        };
        workbook.visits().save(gridbook_core::workbook::New::of(visit)).unwrap();
    };
    for round in 0..3 {
        note(&original, &format!("原机 {round}"));
        note(&copied, &format!("复制机 {round}"));
        let both = if round % 2 == 0 { [&original, &copied] } else { [&copied, &original] };
        for workbook in both {
            let report = exchange(workbook).await;
            assert!(report.refused.is_empty() && report.quarantined == 0, "{report:?}");
        }
    }
    let colleague = town.worker("乙").await;
    exchange(&original).await;
    exchange(&copied).await;
    exchange(colleague.workbook()).await;
    for workbook in [&original, &copied, colleague.workbook()] {
        let visits = workbook.list::<Visit>(&Filter::default(), None, 100).unwrap().items;
        assert_eq!(visits.len(), 7);
        assert!(visits.iter().all(|visit| visit.standing == Standing::OnServer));
        assert_eq!(workbook.status().unwrap().unsent, 0);
        assert_eq!(
            workbook.record(home.id).unwrap().version,
            colleague.workbook().record(home.id).unwrap().version
        );
    }
}
