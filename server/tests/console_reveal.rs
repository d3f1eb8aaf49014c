//! A masked number on the console: a reason is asked for, written down, and then the number is shown, once.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod browser;
mod common;
mod seated;

use common::Site;
use gridbook_core::clock::Instant;
use gridbook_core::id::RecordId;
use gridbook_core::model::{Household, Outcome, Role, Scalar, ScopeKind, Visit, Voided};
use gridbook_server::db::{Act, AuditEntry, AuditState};
use seated::at_console;

const NUMBER: &str = "13800001234";

/// A site with a household whose number a worker wrote down.
async fn with_household() -> (Site, RecordId) {
    let site = Site::open().await;
    let mut phone = site.worker("网格员甲").await;
    let home = Household {
        dwelling: "3-1-501".parse().ok(),
        class: "red".into(),
        contact: "样例".into(),
        phone: NUMBER.into(),
        ..Household::default()
    };
    let (id, change) = phone.begin(home);
    phone.push(&site.grid.clone(), &[(id, change)]).await;
    (site, id)
}

async fn noted(site: &Site, act: Act) -> Vec<AuditEntry> {
    let database = site.server.service().database();
    assert!(matches!(database.verify_audit(None).await.unwrap(), AuditState::Whole { .. }));
    let rows = database.audit(0, 1_000).await.unwrap();
    rows.into_iter().map(|row| row.entry).filter(|entry| entry.act == act).collect()
}

async fn reveals(site: &Site) -> Vec<AuditEntry> {
    noted(site, Act::Reveal).await
}

#[tokio::test]
async fn a_lead_gives_a_reason_and_is_shown_the_number_once() {
    let (site, id) = with_household().await;
    let (lead, mut browser) = at_console(&site, "组长甲", Role::Lead, &site.grid).await;
    let (record, reveal) = (format!("/console/records/{id}"), format!("/console/records/{id}/reveal"));
    let asked = format!("{reveal}?field=phone");
    for page in [record.clone(), format!("/console/households/{id}")] {
        let page = browser.get(&page).await.text;
        assert!(page.contains("138****1234") && !page.contains(NUMBER));
        assert!(page.contains(&format!("href=\"{asked}\"")), "the way to the number: {page}");
        assert!(page.contains("aria-label=\"显示「电话」里的号码\""), "{page}");
    }
    let looks = noted(&site, Act::History).await.len();
    let question = browser.get(&asked).await;
    assert_eq!(question.status, 200);
    assert_eq!(
        (looks, noted(&site, Act::History).await.len()),
        (1, 1),
        "its past is on the record's page alone"
    );
    assert!(!question.text.contains(NUMBER) && !question.text.contains("role=\"alert\""));
    for part in ["联系住户", "<legend>", "<label for=\"other\">", "maxlength=\"200\"", "name=\"csrf\""] {
        assert!(question.text.contains(part), "{part}: {}", question.text);
    }
    assert!(!question.text.contains("<script>"), "it needs no script of its own");

    let (short, long) = (("other", "x"), "长".repeat(201));
    for reason in [&[][..], &[("reason", "made_up")], &[short], &[("other", &long)], &[("other", "一\n二")]]
    {
        let fields: Vec<_> = [("field", "phone")].iter().chain(reason).copied().collect();
        let again = browser.post(&reveal, &fields).await;
        assert_eq!(again.status, 422, "{reason:?}");
        assert!(again.text.contains("role=\"alert\"") && !again.text.contains(NUMBER));
    }
    let bare = browser.post_bare(&reveal, &[("field", "phone"), ("reason", "contact")], &[]).await;
    assert!(bare.status >= 400 && !bare.text.contains(NUMBER), "a form that none of our pages sent");
    assert!(reveals(&site).await.is_empty(), "nothing was shown so far");

    let shown = browser.post(&reveal, &[("field", "phone"), ("reason", "contact")]).await;
    assert_eq!(shown.status, 200);
    assert!(shown.text.contains(NUMBER));
    assert!(shown.headers["cache-control"].to_str().unwrap().contains("no-store"));
    let told = reveals(&site).await;
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].who.as_ref(), told[0].records.as_slice()), (Some(&lead), &[id][..]));
    assert_eq!(told[0].detail, "phone: 联系住户");
    for page in [&record, &asked] {
        assert!(!browser.get(page).await.text.contains(NUMBER), "{page}: it is shown once");
    }

    // Written freely, which goes before a choice, and with a number in it.
    let other = [("field", "phone"), ("reason", "contact"), ("other", " 号码13900005678也打不通 ")];
    assert!(browser.post(&reveal, &other).await.text.contains(NUMBER));
    assert_eq!(reveals(&site).await[1].detail, "phone: 号码139****5678也打不通");
    browser.post("/console/settings", &[("set", "language"), ("to", "en"), ("back", "/console")]).await;
    let english = browser.get(&asked).await.text;
    assert!(english.contains("Show the number in") && english.contains("An emergency"), "{english}");
}

#[tokio::test]
async fn who_may_not_reveal_is_offered_nothing_and_refused() {
    let (site, id) = with_household().await;
    let second = site.server.admin().add_scope(&site.community, ScopeKind::Grid, "第二网格").await.unwrap();
    let (_, mut lead) = at_console(&site, "组长甲", Role::Lead, &site.grid).await;
    let (_, mut stranger) = at_console(&site, "组长乙", Role::Lead, &second).await;
    let (_, mut auditor) = at_console(&site, "审计员甲", Role::Auditor, &site.community).await;
    let (_, mut administrator) = at_console(&site, "管理员甲", Role::Administrator, &site.community).await;
    let (record, reveal) = (format!("/console/records/{id}"), format!("/console/records/{id}/reveal"));
    let form = [("field", "phone"), ("reason", "contact")];
    for (browser, sees, refused) in
        [(&mut auditor, 200, 403), (&mut administrator, 200, 403), (&mut stranger, 404, 404)]
    {
        let page = browser.get(&record).await;
        assert_eq!(page.status, sees);
        assert!(!page.text.contains("/reveal?"), "nothing is offered");
        assert_eq!(browser.get(&format!("{reveal}?field=phone")).await.status, 404);
        let answer = browser.post(&reveal, &form).await;
        assert_eq!(answer.status, refused);
        assert!(!answer.text.contains(NUMBER));
    }
    for field in ["contact", "class", "nothing", "author", ""] {
        assert_eq!(
            lead.post(&reveal, &[("field", field), ("reason", "contact")]).await.status,
            404,
            "{field}"
        );
    }
    assert_eq!(lead.post("/console/records/no-id/reveal", &form).await.status, 404);
    assert!(reveals(&site).await.is_empty());

    assert_eq!(lead.post(&reveal, &form).await.status, 200);
    let looks = auditor.get(&record).await.text;
    assert!(
        looks.contains("查看号码") && looks.contains("电话：联系住户"),
        "an auditor reads which: {looks}"
    );
}

#[tokio::test]
async fn a_withdrawal_is_told_in_words_with_its_number_masked_and_links_lead_to_their_records() {
    let site = Site::open().await;
    let mut phone = site.worker("网格员甲").await;
    let (lead, mut browser) = at_console(&site, "组长甲", Role::Lead, &site.grid).await;
    let (grid, worker) = (site.grid.clone(), phone.person.clone());
    // It ends in digits alone, which in running text would be a number.
    let home: RecordId = "01a20606-35c0-7abc-8def-019000000017".parse().unwrap();
    let dwelling =
        Household { dwelling: "3-1-501".parse().ok(), class: "red".into(), ..Household::default() };
    let household = phone.begin_as(home, dwelling, &worker);
    let (id, visit) = phone.begin(Visit { household: home, outcome: Some(Outcome::Met), ..Visit::default() });
    phone.push(&grid, &[(home, household), (id, visit)]).await;
    let voided = Voided { by: worker, at: Instant(1_795_397_400_000), reason: format!("已改打{NUMBER}") };
    let text = serde_json::to_string(&voided).unwrap();
    let change = phone.write(id, "voided", Scalar::Text(text));
    phone.push(&grid, &[(id, change)]).await;

    let page = browser.get(&format!("/console/records/{id}")).await;
    assert_eq!(page.status, 200);
    let told = "已改打138****1234 · 网格员甲 · 2026-11-23 09:30";
    assert!(page.text.matches(told).count() >= 2, "in what it says, and in its history: {}", page.text);
    let way = format!("/console/households/{home}");
    assert!(page.text.contains(&format!("href=\"{way}\"")), "{}", page.text);
    assert_eq!(browser.get(&way).await.status, 200);

    // Over the leads' API it stays what a program can read.
    let steps = site.server.service().history(&lead, &id.to_string()).await.unwrap();
    let became = |field: &str| {
        let mut changes = steps.iter().flat_map(|step| &step.changes);
        changes.find(|change| change.field == field)?.to.as_ref()?.as_text().map(str::to_owned)
    };
    assert_eq!(became("household"), Some(home.to_string()));
    let read: Voided = serde_json::from_str(&became("voided").unwrap()).unwrap();
    assert_eq!(read, Voided { reason: "已改打138****1234".into(), ..voided });
}
