//! 人员与设备 over real HTTP: who sees and decides over whom, an invitation that a phone really joins with, hand-over
//! with its counts before, and what was refused or handed in.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod browser;
mod common;
mod seated;

use browser::{Answer, Browser, PASSWORD};
use common::{DAY, Phone, Site, diary, visit};
use gridbook_core::id::{DeviceId, PersonId, RecordId, ScopeId};
use gridbook_core::model::{Household, Role, ScopeKind};
use gridbook_core::sync::address::ServerPin;
use gridbook_core::sync::invitation::Invitation;
use gridbook_core::sync::parcel::Parcel;
use gridbook_core::sync::protocol::{BoxRequest, BoxResponse, Push, Receipt, SyncRequest, VERSION};
use gridbook_server::Reach;
use gridbook_server::db::{Act, Decided, Edit, Meant};
use seated::at_console;

async fn deed(browser: &mut Browser, deed: &str, fields: &[(&str, &str)], confirmed: bool) -> Answer {
    let mut all = vec![("deed", deed)];
    all.extend_from_slice(fields);
    if confirmed {
        all.push(("confirmed", "1"));
    }
    browser.post("/console/people/deed", &all).await
}

/// The text between two others.
fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("{before} is not in {text}"));
    rest.split_once(after).unwrap().0
}

async fn roles_of(site: &Site, person: &PersonId) -> Vec<Role> {
    let grants = site.server.admin().roll().await.unwrap().grants;
    let holding = grants.into_iter().filter(|row| row.person == *person && row.revoked.is_none());
    holding.map(|row| row.grant.role).collect()
}

/// Who did what, latest first.
async fn acts(site: &Site) -> Vec<(Act, Option<PersonId>, String)> {
    let rows = site.server.service().database().audit(0, 1_000).await.unwrap();
    rows.into_iter().rev().map(|row| (row.entry.act, row.entry.who, row.entry.detail)).collect()
}

#[tokio::test]
async fn a_lead_sees_who_works_in_their_grids_and_decides_over_no_role() {
    let site = Site::open().await;
    let admin = site.server.admin();
    let second = admin.add_scope(&site.community, ScopeKind::Grid, "第二网格").await.unwrap();
    let mut phone = site.worker("网格员甲").await;
    let stranger = site.person("网格员乙", Role::Worker, &second).await;
    let (_, mut lead) = at_console(&site, "组长甲", Role::Lead, &site.grid).await;
    let page = lead.get("/console/people").await;
    assert!(
        page.text.contains("网格员甲")
            && page.text.contains("测试机")
            && page.text.contains("登记后还没有联网")
    );
    assert!(!page.text.contains("网格员乙") && !page.text.contains("第二网格"), "another grid's people");
    assert!(!page.text.contains("value=\"add\""), "a lead adds nobody");

    site.clock.forward(25 * 60_000);
    phone.sync(&[]).await;
    let own = format!("/console/people/{}", phone.person);
    assert!(lead.get(&own).await.text.contains("今天 09:00 左右联网"), "to the hour, no finer");
    site.clock.forward(4 * DAY);
    lead.log_in("组长甲", PASSWORD).await;
    let page = lead.get(&own).await;
    assert!(page.text.contains("2026-11-23 09:00 左右联网（4 天前）"), "{}", page.text);
    let offers = ["value=\"release\"", "value=\"dismiss\"", "value=\"grant\"", "value=\"revoke_grant\""];
    assert!(offers.iter().all(|offer| !page.text.contains(offer)), "a lead gives and takes no role");

    let (person, device) = (phone.person.to_string(), phone.device.to_string());
    let fields =
        [("person", person.as_str()), ("device", &device), ("role", "lead"), ("scope", site.grid.as_str())];
    for word in ["grant", "revoke_grant", "release", "dismiss", "add"] {
        let answer = deed(&mut lead, word, &[&fields[..], &[("name", "某人")]].concat(), true).await;
        assert_eq!(answer.status, 403, "{word}");
    }
    assert_eq!(roles_of(&site, &phone.person).await, [Role::Worker]);
    assert!(admin.roll().await.unwrap().devices.iter().all(|known| known.revoked.is_none()));

    for id in [stranger.as_str(), "pnobody"] {
        assert_eq!(lead.get(&format!("/console/people/{id}")).await.status, 404);
        assert_eq!(deed(&mut lead, "dismiss", &[("person", id)], false).await.status, 404);
    }
    assert_eq!(lead.get(&format!("/console/people?scope={second}")).await.status, 404);
    let (_, mut auditor) = at_console(&site, "审计员甲", Role::Auditor, &site.community).await;
    assert!(auditor.get("/console/people").await.text.contains("这里没有人员"));
}

/// What the pages say of a phone after it came with these changes and told this of itself.
async fn told(
    lead: &mut Browser,
    phone: &Phone,
    (app, unsent): (Option<&str>, Option<u32>),
    pushes: &[(RecordId, &ScopeId, &[u8])],
) -> String {
    let request = SyncRequest { app: app.map(str::to_owned), unsent, ..phone.request(pushes) };
    phone.send(&request).await.unwrap();
    let own = format!("/console/people/{}", phone.person);
    let pages = [lead.get(&own).await.text, lead.get("/console/people").await.text];
    let [one, all] = pages.map(|page| between(&page, "左右联网 · ", "<").trim().to_owned());
    assert_eq!(one, all, "both pages say the same");
    one
}

#[tokio::test]
async fn a_phone_is_shown_with_its_app_and_what_stayed_on_it_as_far_as_it_tells() {
    let site = Site::open().await;
    let mut phone = site.worker("网格员甲").await;
    let (_, mut lead) = at_console(&site, "组长甲", Role::Lead, &site.grid).await;
    let silent = told(&mut lead, &phone, (None, None), &[]).await;
    assert_eq!(silent, "版本 — · 未上传 —", "an older phone");
    assert_eq!(told(&mut lead, &phone, (Some("1.4.0"), Some(0)), &[]).await, "版本 1.4.0 · 已全部上传");
    // What waits for a change that is not here stayed on the phone; what was refused did not: it is told by itself.
    let (seen, begun) = phone.begin(visit("一"));
    let edited = phone.edit(seen, "note", "二");
    let (foreign, wrong, grid) = (RecordId::derived(&["foreign"]), [0; 9], site.grid.clone());
    let pushes = [(seen, &grid, edited.bytes.as_slice()), (foreign, &grid, &wrong[..])];
    let left = told(&mut lead, &phone, (Some("1.4.0"), Some(3)), &pushes).await;
    assert_eq!(left, "版本 1.4.0 · 还有 4 项没有上传");
    let page = lead.get("/console/people").await.text;
    assert!(
        page.contains("1 次修改未被接收") || page.contains("2 次修改未被接收"),
        "and the way there: {page}"
    );
    let pushes = [(seen, &grid, begun.bytes.as_slice()), (seen, &grid, edited.bytes.as_slice())];
    let done = told(&mut lead, &phone, (Some("1.4.1"), Some(0)), &pushes).await;
    assert_eq!(done, "版本 1.4.1 · 已全部上传");
    let odd = told(&mut lead, &phone, (Some("<b>13800001234</b>"), Some(0)), &[]).await;
    assert_eq!(odd, "版本 — · 已全部上传", "what is no version is not kept");
    let silent = told(&mut lead, &phone, (None, None), &[]).await;
    assert_eq!(silent, "版本 — · 未上传 —", "nor what an earlier contact told");
}

#[tokio::test]
async fn a_lead_gives_phones_to_whom_they_lead_alone_and_shuts_these_out() {
    let site = Site::open().await;
    let admin = site.server.admin();
    let second = admin.add_scope(&site.community, ScopeKind::Grid, "第二网格").await.unwrap();
    let phone = site.worker("网格员甲").await;
    let beside = site.person("组长丙", Role::Lead, &site.grid).await;
    let above = site.person("管理员乙", Role::Administrator, &site.community).await;
    let both = site.worker("网格员乙").await;
    admin.grant(&both.person, Role::Worker, &second).await.unwrap();
    let (lead_id, mut lead) = at_console(&site, "组长甲", Role::Lead, &site.grid).await;
    let (_, mut auditor) = at_console(&site, "审计员甲", Role::Auditor, &site.community).await;
    let own = format!("/console/people/{}", phone.person);
    let page = lead.get(&own).await.text;
    assert!(page.contains("/invite") && page.contains("value=\"revoke_phone\""), "{page}");
    let invited = [("days", "7"), ("address", "http://127.0.0.1:1")];
    for (who, name) in [(&beside, "beside"), (&above, "above"), (&both.person, "elsewhere too")] {
        let path = format!("/console/people/{who}");
        let page = lead.get(&path).await;
        assert!(page.status == 200 && !page.text.contains("/invite"), "{name}");
        assert_eq!(lead.post(&format!("{path}/invite"), &invited).await.status, 403, "{name}");
        let fields = [("person", who.as_str()), ("device", both.device.as_str())];
        for word in ["revoke_invites", "revoke_phone", "accept_box"] {
            assert_eq!(deed(&mut lead, word, &fields, true).await.status, 403, "{name}: {word}");
        }
    }
    assert_eq!(auditor.post(&format!("{own}/invite"), &invited).await.status, 404);
    let shown = lead.post(&format!("{own}/invite"), &invited).await;
    assert_eq!(shown.status, 200);
    let fields = [("person", phone.person.as_str()), ("device", phone.device.as_str())];
    assert_eq!(deed(&mut lead, "revoke_invites", &fields, true).await.status, 303);
    let revoked = async || {
        let devices = admin.roll().await.unwrap().devices.into_iter();
        devices.filter(|device| device.revoked.is_some()).map(|device| device.id).collect::<Vec<_>>()
    };
    deed(&mut lead, "revoke_phone", &fields, false).await;
    assert!(revoked().await.is_empty(), "a question shuts nobody out");
    assert_eq!(deed(&mut lead, "revoke_phone", &fields, true).await.status, 303);
    assert_eq!(revoked().await, std::slice::from_ref(&phone.device));
    let noted = (Act::Revoke, Some(lead_id), format!("device {}", phone.device));
    assert!(acts(&site).await.contains(&noted), "written down under the lead's name");
}

#[tokio::test]
async fn an_invitation_on_the_screen_is_one_that_a_phone_joins_with() {
    let site = Site::open().await;
    let worker = site.person("网格员甲", Role::Worker, &site.grid).await;
    let (administrator, mut browser) =
        at_console(&site, "管理员甲", Role::Administrator, &site.community).await;
    let page = browser.get(&format!("/console/people/{worker}")).await;
    let address = between(&page.text, "id=\"address\" name=\"address\" value=\"", "\"");
    assert_eq!(
        address,
        site.running.url(),
        "where the browser reaches the server, unless something else is set"
    );

    let path = format!("/console/people/{worker}/invite");
    assert_eq!(browser.post(&path, &[("days", "7"), ("address", "ftp://nowhere")]).await.status, 400);
    assert_eq!(browser.post(&path, &[("days", "9999"), ("address", address)]).await.status, 400);
    let shown = browser.post(&path, &[("days", "7"), ("address", address)]).await;
    assert_eq!(shown.status, 200);
    assert_eq!(shown.headers["cache-control"], "no-store");
    let payload = between(&shown.text, "id=\"payload\">", "</p>").replace("&amp;", "&");
    let invitation: Invitation = payload.parse().unwrap();
    assert_eq!(invitation.server, address);
    assert!(invitation.mandate.is_some() && invitation.key.is_some(), "what phones check");
    let picture = qrcode::QrCode::with_error_correction_level(&payload, qrcode::EcLevel::L).unwrap();
    let mut drawn = picture.render();
    let drawn = drawn.dark_color(qrcode::render::svg::Color("#000"));
    let drawn = drawn.light_color(qrcode::render::svg::Color("#fff")).min_dimensions(320, 320).build();
    let path_of = |svg: &str| between(svg, " d=\"", "\"").to_owned();
    assert_eq!(path_of(&shown.text), path_of(&drawn), "the picture says the very same");
    assert!(
        !between(&shown.text, "<svg", "</svg>").contains("style"),
        "the policy of pages needs no exception"
    );

    let mut phone = Phone::new(&site.running.url(), site.surroundings());
    phone.enrol(&invitation.secret).await.unwrap();
    assert_eq!(phone.person, worker);
    let begun = phone.begin(diary("2026-11-23", "第一篇"));
    let receipts = phone.push(&site.grid.clone(), &[begun]).await;
    assert!(matches!(receipts[0], Receipt::Accepted(_)), "and syncs");
    let mut second = Phone::new(&site.running.url(), site.surroundings());
    assert!(second.enrol(&invitation.secret).await.is_err(), "one phone, once");
    let acts = acts(&site).await;
    assert!(acts.contains(&(Act::Grant, Some(administrator), format!("invitation to {worker}"))), "{acts:?}");
    assert!(acts.iter().all(|(.., detail)| !detail.contains(&invitation.secret)));

    let again = browser.post(&path, &[("days", "1"), ("address", address)]).await;
    let unused: Invitation =
        between(&again.text, "id=\"payload\">", "</p>").replace("&amp;", "&").parse().unwrap();
    deed(&mut browser, "revoke_invites", &[("person", worker.as_str())], true).await;
    assert!(second.enrol(&unused.secret).await.is_err(), "taken back");
}

#[tokio::test]
async fn an_invitation_names_the_address_and_pins_the_keys_that_the_server_is_reached_with() {
    let site = Site::open().await;
    let worker = site.person("网格员甲", Role::Worker, &site.grid).await;
    let address = Some("https://gridbook.example".to_owned());
    let reach = Reach { secure: false, address, pins: vec![ServerPin([7; 32])] };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let running = site.server.clone().with_reach(reach).serve(listener).unwrap();
    at_console(&site, "管理员甲", Role::Administrator, &site.community).await;
    let mut browser = Browser::at(&running.url());
    browser.log_in("管理员甲", PASSWORD).await;
    let path = format!("/console/people/{worker}");
    assert!(browser.get(&path).await.text.contains("value=\"https://gridbook.example\""));
    let mut invited = async |address: &str| -> Invitation {
        let page = browser.post(&format!("{path}/invite"), &[("days", "7"), ("address", address)]).await.text;
        between(&page, "id=\"payload\">", "</p>").replace("&amp;", "&").parse().unwrap()
    };
    assert_eq!(invited("https://gridbook.example/").await.pins, [ServerPin([7; 32])]);
    assert!(
        invited("http://10.0.0.1:8080").await.pins.is_empty(),
        "there is no key where nothing is encrypted"
    );
}

#[tokio::test]
async fn nothing_is_decided_before_it_was_confirmed_and_each_deed_has_a_name_to_it() {
    let site = Site::open().await;
    let phone = site.worker("网格员甲").await;
    let (person, device) = (phone.person.to_string(), phone.device.to_string());
    let (administrator, mut browser) =
        at_console(&site, "管理员甲", Role::Administrator, &site.community).await;
    let grid = site.grid.to_string();
    let revoked = async || {
        let devices = site.server.admin().roll().await.unwrap().devices;
        devices.iter().any(|known| known.id == phone.device && known.revoked.is_some())
    };
    let of_phone = [("person", person.as_str()), ("device", &device)];
    let asked = deed(&mut browser, "revoke_phone", &of_phone, false).await;
    assert!(
        asked.text.contains("停用网格员甲的手机“测试机”？") && asked.text.contains("不做了"),
        "{}",
        asked.text
    );
    assert!(!revoked().await, "a question changes nothing");
    let done = deed(&mut browser, "revoke_phone", &of_phone, true).await;
    assert_eq!(
        (done.status, done.location()),
        (303, format!("/console/people/{person}?done=revoke_phone").as_str())
    );
    assert!(revoked().await && browser.get(done.location()).await.text.contains("已停用。"));

    let role = [("person", person.as_str()), ("role", "lead"), ("scope", &grid)];
    deed(&mut browser, "grant", &role, false).await;
    assert_eq!(roles_of(&site, &phone.person).await, [Role::Worker]);
    deed(&mut browser, "grant", &role, true).await;
    assert_eq!(roles_of(&site, &phone.person).await, [Role::Worker, Role::Lead]);
    deed(&mut browser, "revoke_grant", &role, true).await;
    assert_eq!(roles_of(&site, &phone.person).await, [Role::Worker]);
    let misfit = [("person", person.as_str()), ("role", "member"), ("scope", &grid)];
    let answer = deed(&mut browser, "grant", &misfit, false).await;
    assert!(answer.text.contains("请换一个范围") && !answer.text.contains("name=\"confirmed\""));
    assert_eq!(deed(&mut browser, "grant", &misfit, true).await.status, 400);

    let new = [("name", "网格员丙"), ("role", "worker"), ("scope", grid.as_str())];
    let people = async || site.server.admin().roll().await.unwrap().people.len();
    let before = people().await;
    assert!(deed(&mut browser, "add", &new, false).await.text.contains("添加网格员丙为网格员（第一网格）？"));
    assert_eq!(people().await, before);
    let added = deed(&mut browser, "add", &new, true).await;
    assert!(browser.get(added.location()).await.text.contains("网格员丙"));
    assert_eq!(people().await, before + 1);

    deed(&mut browser, "dismiss", &[("person", person.as_str())], false).await;
    assert_eq!(roles_of(&site, &phone.person).await, [Role::Worker]);
    let done = deed(&mut browser, "dismiss", &[("person", person.as_str())], true).await;
    assert_eq!(roles_of(&site, &phone.person).await, []);
    let page = browser.get(done.location()).await;
    assert!(page.text.contains("没有角色"), "and may be taken on again: {}", page.text);
    deed(&mut browser, "grant", &[("person", &person), ("role", "worker"), ("scope", &grid)], true).await;
    assert_eq!(roles_of(&site, &phone.person).await, [Role::Worker]);

    let own = administrator.to_string();
    assert_eq!(deed(&mut browser, "dismiss", &[("person", &own)], true).await.status, 403);
    let role = [("person", own.as_str()), ("role", "administrator"), ("scope", site.community.as_str())];
    assert_eq!(
        deed(&mut browser, "revoke_grant", &role, true).await.status,
        403,
        "nobody saws off their branch"
    );
    let acts = acts(&site).await;
    for (act, detail) in [
        (Act::Revoke, format!("device {device}")),
        (Act::Grant, format!("lead in {grid} to {person}")),
        (Act::Revoke, format!("lead in {grid} of {person}")),
        (Act::Revoke, format!("everything of {person}")),
    ] {
        assert!(acts.contains(&(act, Some(administrator.clone()), detail.clone())), "{detail}: {acts:?}");
    }
    let bare = browser
        .post_bare(
            "/console/people/deed",
            &[("deed", "dismiss"), ("person", &person), ("confirmed", "1")],
            &[],
        )
        .await;
    assert_eq!(bare.status, 401);
}

#[tokio::test]
async fn an_administrator_decides_over_their_own_community_alone() {
    let site = Site::open().await;
    let admin = site.server.admin();
    let elsewhere = admin.add_community("另一社区").await.unwrap();
    let foreign = site.person("外区人员", Role::Lead, &elsewhere).await;
    let shared = site.worker("两区人员").await;
    admin.grant(&shared.person, Role::Worker, &elsewhere).await.unwrap();
    let (_, mut browser) = at_console(&site, "管理员甲", Role::Administrator, &site.community).await;
    assert!(!browser.get("/console/people").await.text.contains("外区人员"));
    assert_eq!(browser.get(&format!("/console/people/{foreign}")).await.status, 404);
    let (person, device) = (shared.person.to_string(), shared.device.to_string());
    let page = browser.get(&format!("/console/people/{person}")).await;
    assert!(page.text.contains("第一网格") && !page.text.contains("另一社区"));
    let of_phone = [("person", person.as_str()), ("device", device.as_str())];
    for word in ["revoke_phone", "release", "dismiss", "revoke_invites"] {
        assert_eq!(
            deed(&mut browser, word, &of_phone, true).await.status,
            403,
            "{word}: another community's too"
        );
    }
    let role = [("person", person.as_str()), ("role", "worker"), ("scope", elsewhere.as_str())];
    assert_eq!(deed(&mut browser, "revoke_grant", &role, true).await.status, 404, "no such scope here");
    let role = [("person", person.as_str()), ("role", "worker"), ("scope", site.grid.as_str())];
    assert_eq!(
        deed(&mut browser, "revoke_grant", &role, true).await.status,
        303,
        "what is given here is taken here"
    );
    assert_eq!(
        deed(
            &mut browser,
            "grant",
            &[("person", foreign.as_str()), ("role", "worker"), ("scope", site.grid.as_str())],
            true
        )
        .await
        .status,
        404
    );

    let db = site.server.service().database();
    let by = Decided { who: foreign.clone(), access: db.versions().await.unwrap().access };
    admin.revoke_grant(&foreign, Role::Lead, &elsewhere).await.unwrap();
    let edit = vec![Edit::RevokeDevice(shared.device.clone())];
    let late = db.edit_by(edit, by, site.surroundings().now()).await;
    assert!(matches!(late, Err(gridbook_server::Error::Changed)), "permissions changed meanwhile: {late:?}");
}

#[tokio::test]
async fn a_lead_of_both_grids_hands_a_building_over_after_seeing_what_goes() {
    let site = Site::open().await;
    let second = site.server.admin().add_scope(&site.community, ScopeKind::Grid, "第二网格").await.unwrap();
    let mut worker = site.worker("网格员甲").await;
    let grid = site.grid.clone();
    let mut first_home = RecordId::default();
    for dwelling in ["3-1-501", "3-1-502", "4-1-101"] {
        let home = worker.begin(Household { dwelling: dwelling.parse().ok(), ..Household::default() });
        first_home = home.0;
        worker.push(&grid, &[home]).await;
    }
    let about = worker.begin(gridbook_core::model::Visit { household: first_home, ..visit("在四号楼") });
    worker.push(&grid, &[about]).await;
    let (lead, mut both) = at_console(&site, "组长甲", Role::Lead, &site.community).await;
    let (_, mut one) = at_console(&site, "组长乙", Role::Lead, &grid).await;
    let page = both.get(&format!("/console/hand-over?from={grid}")).await;
    assert!(page.text.contains("3 栋（2 户）") && page.text.contains("4 栋（1 户）"), "{}", page.text);
    let fields = [("from", grid.as_str()), ("to", second.as_str()), ("what", "building:4"), ("why", "staff")];
    let asked = both.post("/console/hand-over", &fields).await;
    assert!(asked.text.contains("1 户，连同走访等共 2 条记录"), "{}", asked.text);
    assert!(asked.text.contains("4 栋（1 户）"));
    let db = site.server.service().database();
    let lives = async |scope: &ScopeId| db.company(scope, &Meant::All).await.unwrap().len();
    assert_eq!((lives(&grid).await, lives(&second).await), (4, 0), "counting moves nothing");
    let confirmed = [&fields[..], &[("confirmed", "1")]].concat();
    let done = both.post("/console/hand-over", &confirmed).await;
    assert!(done.text.contains("已从第一网格移交给第二网格") && done.text.contains("移交回去"));
    assert_eq!((lives(&grid).await, lives(&second).await), (2, 2));
    assert_eq!(db.audit_about(&first_home, None, 1).await.unwrap()[0].entry.who.as_ref(), Some(&lead));

    assert!(one.get("/console/hand-over").await.text.contains("没有可以移交的网格"));
    assert_eq!(one.post("/console/hand-over", &confirmed).await.status, 404, "a grid that is not theirs");
    assert_eq!(one.get(&format!("/console/hand-over?from={second}")).await.status, 404);
    for wrong in [("what", "everything"), ("why", "follows")] {
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| if *name == wrong.0 { wrong } else { (*name, *value) })
            .collect();
        assert_eq!(both.post("/console/hand-over", &fields).await.status, 400, "{wrong:?}");
    }
}

#[tokio::test]
async fn what_was_refused_and_what_was_handed_in_is_shown_with_reasons_and_let_in_once_confirmed() {
    let site = Site::open().await;
    let second = site.server.admin().add_scope(&site.community, ScopeKind::Grid, "第二网格").await.unwrap();
    let mut phone = site.worker("网格员甲").await;
    let grid = site.grid.clone();
    let stolen = PersonId::from("pother");
    let id = RecordId::new(&site.surroundings());
    let forged = phone.begin_as(id, diary("2026-11-23", "冒名"), &stolen);
    let receipts = phone.push(&grid, &[(id, forged)]).await;
    assert!(matches!(receipts[0], Receipt::Refused(_)));
    let (kept, change) = phone.begin(diary("2026-11-23", "收下了的"));
    phone.push(&grid, &[(kept, change)]).await;
    let forged = phone.edit(kept, "author", stolen.as_str());
    let receipts = phone.push(&grid, &[(kept, forged)]).await;
    assert!(matches!(receipts[0], Receipt::Refused(_)), "{receipts:?}");
    let (lead_id, mut lead) = at_console(&site, "组长甲", Role::Lead, &grid).await;
    let (_, mut other) = at_console(&site, "组长乙", Role::Lead, &second).await;
    let (_, mut browser) = at_console(&site, "管理员甲", Role::Administrator, &site.community).await;
    let page = lead.get("/console/people/box").await.text;
    assert!(
        page.contains("网格员甲") && page.contains(&id.short()) && page.contains("收件箱是空的"),
        "{page}"
    );
    assert!(!page.contains("冒名"), "what it said is nobody's business here");
    let (_, lines) = page.split_once("id=\"refused\"").unwrap();
    assert_eq!(
        lines.matches(">日记</span>").count(),
        2,
        "of which kind, read from what came or from what is here"
    );
    assert!(lines.contains(&format!("href=\"/console/records/{kept}\"")), "the way to what is here");
    assert!(!lines.contains(&format!("href=\"/console/records/{id}\"")), "and none to what never was");
    assert!(!other.get("/console/people/box").await.text.contains("网格员甲"));

    let (unsent, change) = phone.begin(diary("2026-11-23", "停用前写的"));
    site.server.admin().revoke_device(&phone.device).await.unwrap();
    let parcel = Parcel {
        person: phone.person.clone(),
        actor: phone.actor,
        part: 1,
        parts: 1,
        scopes: vec![grid.clone()],
        changes: vec![Push(unsent, 0, change.bytes.clone())],
        drafts: Vec::new(),
        reveals: Vec::new(),
    };
    let sealed = parcel.seal(&site.server.service().box_key(), &phone.device, &site.surroundings()).unwrap();
    let _: BoxResponse = phone.post("/v1/box", &BoxRequest { protocol: VERSION, sealed }).await.unwrap();
    let page = lead.get("/console/people/box").await.text;
    assert!(
        page.contains("待收下") && page.contains("accept_box"),
        "a lead opens what their workers handed in"
    );
    let DeviceId(device) = phone.device.clone();
    let fields = [("person", phone.person.as_str()), ("device", device.as_str())];
    let db = site.server.service().database();
    assert_eq!(deed(&mut other, "accept_box", &fields, true).await.status, 404);
    assert!(browser.get("/console/people/box").await.text.contains("accept_box"));
    deed(&mut lead, "accept_box", &fields, false).await;
    assert!(db.record(&unsent).await.unwrap().is_none());
    let done = deed(&mut lead, "accept_box", &fields, true).await;
    assert_eq!(done.location(), "/console/people/box?done=accept_box");
    assert_eq!(db.record(&unsent).await.unwrap().unwrap().author, phone.person);
    assert!(browser.get(done.location()).await.text.contains("收下</span>"));
    let noted = (Act::Grant, Some(lead_id), format!("box of device {device} into the log"));
    assert!(acts(&site).await.contains(&noted));
}

#[tokio::test]
async fn what_was_refused_is_counted_by_phone_and_comes_page_by_page() {
    let site = Site::open().await;
    let mut phone = site.worker("网格员甲").await;
    let grid = site.grid.clone();
    let stolen = PersonId::from("pother");
    for n in 0..57 {
        let id = RecordId::new(&site.surroundings());
        let forged = phone.begin_as(id, diary("2026-11-23", &format!("冒名{n}")), &stolen);
        phone.push(&grid, &[(id, forged)]).await;
    }
    let (_, mut lead) = at_console(&site, "组长甲", Role::Lead, &grid).await;
    let own = lead.get(&format!("/console/people/{}", phone.person)).await.text;
    let way = format!("/console/people/box?phone={}", phone.device);
    assert!(own.contains("57 次修改未被接收") && own.contains(&way), "{own}");
    assert!(lead.get("/console/people").await.text.contains("57 次修改未被接收"));
    let lines = |page: &str| page.split("id=\"refused\"").nth(1).unwrap().matches("<time>").count();
    let page = lead.get(&way).await.text;
    assert!(lines(&page) == 50 && page.len() < 150_000);
    let next = between(&page, "<p class=\"after\"><a class=\"button\" href=\"", "\"").replace("&amp;", "&");
    assert!(next.starts_with(&way), "of the same phone: {next}");
    let last = lead.get(&next).await.text;
    assert!(lines(&last) == 7 && !last.contains("class=\"after\""), "{last}");
    assert_eq!(lines(&lead.get("/console/people/box?phone=dnobody").await.text), 0);
}
