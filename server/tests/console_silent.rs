//! 今日 tells who leads a grid which of its phones have not been in touch for three days, and nobody else; 人员 counts the
//! same days.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod browser;
mod common;
mod seated;

use browser::{Browser, PASSWORD};
use common::{DAY, Site};
use gridbook_core::model::{Role, ScopeKind};
use seated::at_console;

/// What a page of today says of silent phones.
async fn silent(browser: &mut Browser, name: &str) -> String {
    browser.log_in(name, PASSWORD).await;
    let page = browser.get("/console").await.text;
    page.split("id=\"silent\"").nth(1).unwrap().split("</section>").next().unwrap().to_owned()
}

#[tokio::test]
async fn a_phone_that_was_not_in_touch_for_three_days_is_named_to_its_leads() {
    let site = Site::open().await;
    let second = site.server.admin().add_scope(&site.community, ScopeKind::Grid, "第二网格").await.unwrap();
    let mut phone = site.worker("网格员甲").await;
    let mut other = site.worker("网格员乙").await;
    phone.sync(&[]).await;
    let (_, mut lead) = at_console(&site, "组长甲", Role::Lead, &site.grid).await;
    let (_, mut elsewhere) = at_console(&site, "组长乙", Role::Lead, &second).await;
    assert!(silent(&mut lead, "组长甲").await.contains("所有手机三天内都联过网"));

    // An hour before midnight of the third day, and an hour after it.
    site.clock.forward(2 * DAY + 14 * DAY / 24);
    other.sync(&[]).await;
    assert!(silent(&mut lead, "组长甲").await.contains("所有手机三天内都联过网"));
    site.clock.forward(2 * DAY / 24);
    let told = silent(&mut lead, "组长甲").await;
    assert!(told.contains("网格员甲") && told.contains("（3 天）") && !told.contains("网格员乙"), "{told}");
    assert!(lead.get("/console/people").await.text.contains("（3 天前）"), "the same days");
    assert!(!silent(&mut elsewhere, "组长乙").await.contains("网格员甲"), "another grid's");

    phone.sync(&[]).await;
    assert!(!silent(&mut lead, "组长甲").await.contains("网格员甲"), "in touch again");
    site.clock.forward(4 * DAY);
    site.server.admin().revoke_device(&phone.device).await.unwrap();
    let told = silent(&mut lead, "组长甲").await;
    assert!(told.contains("网格员乙") && !told.contains("网格员甲"), "a phone that was shut out is none");

    for n in 0..25 {
        site.worker(&format!("新网格员{n:02}")).await;
    }
    site.clock.forward(4 * DAY);
    let told = silent(&mut lead, "组长甲").await;
    assert_eq!(told.matches("<li>").count(), 20);
    assert!(told.contains("还有 6 部") && told.contains("href=\"/console/people\""), "{told}");
}
