//! Stories of devices that get their place, and of those that lose it.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod common;

use common::{DAY, Phone, Site, visit};
use gridbook_core::key::{Signer, SoftwareKey};
use gridbook_core::model::{Role, ScopeKind};

fn code(refused: (u16, gridbook_core::sync::protocol::Failure)) -> (u16, String) {
    (refused.0, refused.1.code)
}

#[tokio::test]
async fn an_invitation_is_for_one_device_that_may_ask_again() {
    let site = Site::open().await;
    let person = site.person("样例甲", Role::Worker, &site.grid).await;
    let invitation = site.server.admin().invite(&person, 7).await.unwrap();
    let mut phone = Phone::new(&site.running.url(), site.surroundings());

    let first = phone.enrol(&invitation.secret).await.unwrap();
    let again = phone.enrol(&invitation.secret).await.unwrap();
    assert_eq!(first, again, "a lost answer is given again");
    assert_eq!(first.person, person);
    assert_eq!(first.grants.len(), 1);
    assert_eq!(first.directory.person_name(&person), "样例甲");
    assert_eq!(first.directory.person_of(&phone.actor), Some(&person));
    assert_eq!(first.directory.scopes.len(), 7, "community, five groups, one grid");

    let mut other = Phone::new(&site.running.url(), site.surroundings());
    assert_eq!(code(other.enrol(&invitation.secret).await.unwrap_err()), (409, "invite_used".into()));
    assert_eq!(code(other.enrol("no-such").await.unwrap_err()), (404, "invite_unknown".into()));

    let late = site.server.admin().invite(&person, 1).await.unwrap();
    site.clock.forward(DAY);
    assert_eq!(code(other.enrol(&late.secret).await.unwrap_err()), (410, "invite_expired".into()));
}

#[tokio::test]
async fn a_role_in_a_community_holds_in_its_grids_and_groups() {
    let site = Site::open().await;
    let lead = site.person("样例乙", Role::Lead, &site.community).await;
    let phone = site.phone_of(&lead).await;
    assert_eq!(phone.cursors.len(), 7);

    let member = site.server.admin().add_person("样例丙").await.unwrap();
    let refused = site.server.admin().grant(&member, Role::Member, &site.grid).await.unwrap_err();
    assert!(refused.to_string().contains("choose a task group"));
    let group = site.group("安全防范").await;
    site.server.admin().grant(&member, Role::Member, &group).await.unwrap();
    let phone = site.phone_of(&member).await;
    assert_eq!(phone.cursors.keys().collect::<Vec<_>>(), [&group]);
}

#[tokio::test]
async fn a_revoked_device_is_refused_at_the_next_request() {
    let site = Site::open().await;
    let mut phone = site.worker("样例甲").await;
    let (id, change) = phone.begin(visit("楼道堆物"));
    phone.push(&site.grid.clone(), &[(id, change)]).await;
    assert!(site.server.admin().revoke_device(&phone.device).await.unwrap());
    let refused = phone.send(&phone.request(&[])).await.unwrap_err();
    assert_eq!(code(refused), (403, "revoked".into()));
}

#[tokio::test]
async fn a_new_grant_brings_the_scopes_past_and_a_lost_one_gives_no_page() {
    let site = Site::open().await;
    let admin = site.server.admin();
    let other_grid = admin.add_scope(&site.community, ScopeKind::Grid, "第二网格").await.unwrap();
    let mut first = site.worker("样例甲").await;
    let (id, change) = first.begin(visit("独居老人"));
    first.push(&site.grid.clone(), &[(id, change)]).await;

    let person = site.person("样例乙", Role::Worker, &other_grid).await;
    let mut second = site.phone_of(&person).await;
    assert!(second.sync(&[]).await.scopes.is_empty());

    admin.grant(&person, Role::Worker, &site.grid).await.unwrap();
    let response = second.sync(&[]).await;
    assert_eq!(common::pulled(&response, &site.grid), [id], "the past comes by itself");
    assert_eq!(response.grants.len(), 2);

    admin.revoke_grant(&person, Role::Worker, &site.grid).await.unwrap();
    let (id, change) = first.begin(visit("新的一户"));
    first.push(&site.grid.clone(), &[(id, change)]).await;
    let response = second.sync(&[]).await;
    assert!(response.scopes.is_empty(), "nothing of a scope that was lost");
    assert_eq!(response.grants.len(), 1);
}

#[tokio::test]
async fn an_actor_of_another_device_is_refused_and_an_unknown_one_is_registered() {
    let site = Site::open().await;
    let first = site.worker("样例甲").await;
    let mut second = site.worker("样例乙").await;
    let own = second.actor;

    second.actor = first.actor;
    assert_eq!(code(second.send(&second.request(&[])).await.unwrap_err()), (409, "foreign_actor".into()));

    second.actor = gridbook_core::id::ActorId([7; 16]);
    let response = second.sync(&[]).await;
    assert!(response.registered);
    let directory = response.directory.unwrap();
    assert_eq!(directory.person_of(&second.actor), Some(&second.person));
    assert_eq!(directory.person_of(&own), Some(&second.person));
    assert!(!second.sync(&[]).await.registered);
}

#[tokio::test]
async fn bodies_beyond_the_limits_are_refused() {
    let site = Site::open().await;
    let phone = site.worker("样例甲").await;
    type Answer = Result<gridbook_core::sync::protocol::SyncResponse, common::Refused>;
    let send = async |body: Vec<u8>| -> Answer {
        let stamp = phone.stamp();
        let signature = phone.sign(&stamp, "/v1/sync", &body);
        phone.post_raw("/v1/sync", body, &stamp, &signature).await
    };
    let large = send(vec![7; gridbook_core::sync::protocol::BODY_LIMIT + 1]).await;
    assert_eq!(code(large.unwrap_err()), (413, "too_large".into()));

    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut gzip, &vec![0; 64 * 1024 * 1024]).unwrap();
    let bomb = gzip.finish().unwrap();
    assert!(bomb.len() < gridbook_core::sync::protocol::BODY_LIMIT);
    assert_eq!(code(send(bomb).await.unwrap_err()), (413, "too_large".into()));

    assert_eq!(code(send(b"no gzip".to_vec()).await.unwrap_err()), (400, "bad_request".into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_devices_with_one_invitation_one_gets_the_place() {
    let site = Site::open().await;
    let person = site.person("样例甲", Role::Worker, &site.grid).await;
    for _ in 0..40 {
        let invitation = site.server.admin().invite(&person, 7).await.unwrap();
        let mut phones: Vec<_> =
            (0..2).map(|_| Phone::new(&site.running.url(), site.surroundings())).collect();
        let (first, second) = {
            let (left, right) = phones.split_at_mut(1);
            tokio::join!(left[0].enrol(&invitation.secret), right[0].enrol(&invitation.secret))
        };
        let refused: Vec<_> = [first, second].into_iter().filter_map(Result::err).map(code).collect();
        assert_eq!(refused, [(409, "invite_used".to_owned())], "one place, and the other is told why");
    }
    assert_eq!(site.server.admin().roll().await.unwrap().devices.len(), 40);
}

#[tokio::test]
async fn an_invitation_ends_by_time_or_by_being_taken_back() {
    let site = Site::open().await;
    let admin = site.server.admin();
    let person = site.person("样例甲", Role::Worker, &site.grid).await;
    let mut phone = Phone::new(&site.running.url(), site.surroundings());

    let late = admin.invite(&person, 1).await.unwrap();
    site.clock.forward(DAY - 1);
    let in_time = admin.invite(&person, 1).await.unwrap();
    site.clock.forward(1);
    assert_eq!(code(phone.enrol(&late.secret).await.unwrap_err()), (410, "invite_expired".into()));

    assert!(admin.revoke_invites(&person).await.unwrap());
    assert_eq!(code(phone.enrol(&in_time.secret).await.unwrap_err()), (410, "invite_revoked".into()));
    assert!(!admin.revoke_invites(&person).await.unwrap(), "there is none any more");
    let fresh = admin.invite(&person, 1).await.unwrap();
    phone.enrol(&fresh.secret).await.unwrap();
    assert!(!admin.revoke_invites(&person).await.unwrap(), "a used invitation is the device's already");
    phone.enrol(&fresh.secret).await.unwrap();
}

#[tokio::test]
async fn an_invitation_for_a_new_phone_revokes_the_old_one_when_it_is_used() {
    let site = Site::open().await;
    let admin = site.server.admin();
    let old = site.worker("样例甲").await;
    let stranger = site.worker("样例乙").await;
    assert!(admin.invite_instead(&old.person, 7, &stranger.device).await.is_err(), "not this person's phone");

    let invitation = admin.invite_instead(&old.person, 7, &old.device).await.unwrap();
    old.send(&old.request(&[])).await.unwrap();
    let mut new = Phone::new(&site.running.url(), site.surroundings());
    new.enrol(&invitation.secret).await.unwrap();
    assert_eq!(code(old.send(&old.request(&[])).await.unwrap_err()), (403, "revoked".into()));
    new.send(&new.request(&[])).await.unwrap();
    new.enrol(&invitation.secret).await.unwrap();
    new.send(&new.request(&[])).await.unwrap();
}

#[tokio::test]
async fn terms_are_signed_for_the_device_and_its_question() {
    let site = Site::open().await;
    let admin = site.server.admin();
    let person = site.person("样例甲", Role::Worker, &site.grid).await;
    let invitation = admin.invite(&person, 7).await.unwrap();
    let mut phone = Phone::new(&site.running.url(), site.surroundings());
    let enrolled = phone.enrol(&invitation.secret).await.unwrap();
    let (server, terms) = (enrolled.server.unwrap(), enrolled.terms.unwrap());
    let key = SoftwareKey::ed25519(&phone.secret).key();
    assert!(terms.hold(&server, &key, key.as_bytes()));
    assert_eq!((terms.lease_hours, terms.at), (72, site.surroundings().now()));

    assert!(phone.sync(&[]).await.terms.is_none(), "nobody asked");
    admin.set_lease(&site.community, 24).await.unwrap();
    let ask = vec![7; 16];
    let request = gridbook_core::sync::protocol::SyncRequest { ask: ask.clone(), ..phone.request(&[]) };
    let terms = phone.send(&request).await.unwrap().terms.unwrap();
    assert_eq!(terms.lease_hours, 24, "the community's own");
    assert!(terms.hold(&server, &key, &ask));
    assert!(!terms.hold(&server, &key, &[8; 16]), "not for another question");
    assert!(
        !terms.hold(&server, &gridbook_core::key::DeviceKey::Ed25519([1; 32]), &ask),
        "not for another device"
    );
    let longer = gridbook_core::sync::protocol::Terms { lease_hours: 240, ..terms };
    assert!(!longer.hold(&server, &key, &ask), "not a longer lease");
    assert!(
        admin.set_lease(&site.grid, 24).await.is_err() && admin.set_lease(&site.community, 0).await.is_err()
    );
}

#[tokio::test]
async fn no_phone_passes_for_the_console() {
    let site = Site::open().await;
    let person = site.person("样例甲", Role::Worker, &site.grid).await;
    let secret = site.server.admin().invite(&person, 7).await.unwrap().secret;
    let mut phone = Phone::new(&site.running.url(), site.surroundings());
    phone.label = "console".into();
    phone.enrol(&secret).await.unwrap();
    let roll = site.server.service().database().roll().await.unwrap();
    let device = roll.devices.iter().find(|device| device.id == phone.device).unwrap();
    assert_eq!((device.label.as_str(), device.is_console()), ("", false));
}

#[tokio::test]
async fn a_body_for_the_leads_api_is_short() {
    let site = Site::open().await;
    let person = site.person("样例组长", Role::Lead, &site.community).await;
    let token = site.server.admin().token(&person, "台账", 1).await.unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    for (path, told) in [("/v1/hand-over", 400), ("/v1/records/x/reveal", 404)] {
        let status = async |length: usize| {
            let request = http.post(format!("{}{path}", site.running.url())).bearer_auth(&token);
            request.body(vec![b' '; length]).send().await.unwrap().status().as_u16()
        };
        assert_eq!((status(65_536).await, status(65_537).await), (told, 413), "{path}");
    }
}
