//! 记录 says how far a record has come, and tells its auditors who was shown it, page by page.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod browser;
mod common;
mod seated;

use common::{Site, visit};
use gridbook_core::model::Role;
use seated::at_console;

const HOUR: i64 = 60 * 60 * 1_000;

/// A part of a page, from its heading's id to its end.
fn section<'a>(page: &'a str, begins: &str) -> &'a str {
    page.split_once(begins).unwrap().1.split_once("</section>").unwrap().0
}

#[tokio::test]
async fn a_record_says_when_it_was_written_arrived_and_was_read() {
    let site = Site::open().await;
    let mut phone = site.worker("网格员甲").await;
    let (id, begun) = phone.begin(visit("例行走访"));
    site.clock.forward(HOUR);
    let grid = site.grid.clone();
    phone.push(&grid, &[(id, begun)]).await;
    let (_, mut lead) = at_console(&site, "组长甲", Role::Lead, &site.community).await;
    let here = format!("/console/records/{id}");
    let way = |page: &str| {
        page.split_once("<ol class=\"way\">").unwrap().1.split_once("</ol>").unwrap().0.to_owned()
    };
    let page = lead.get(&here).await.text;
    let unread = way(&page);
    assert!(
        unread.contains("在手机</b> <time>2026-11-23 09:00")
            && unread.contains("已到服务器</b> <time>2026-11-23 10:00"),
        "{unread}"
    );
    assert!(!unread.contains("已阅"), "nobody has read it");

    site.clock.forward(HOUR / 3);
    let version =
        page.split_once("name=\"version\" value=\"").unwrap().1.split_once('"').unwrap().0.to_owned();
    let (id, mark) =
        (id.to_string(), [("version", version.as_str()), ("mark", "seen"), ("back", here.as_str())]);
    let mark = [&[("record", id.as_str())], &mark[..]].concat();
    assert_eq!(lead.post("/console/diary/mark", &mark).await.status, 303);
    let read = way(&lead.get(&here).await.text);
    assert!(read.contains("已阅</b> <time>2026-11-23 10:20"), "{read}");
}

#[tokio::test]
async fn an_auditor_reads_page_by_page_who_was_shown_a_record() {
    let site = Site::open().await;
    let mut phone = site.worker("网格员甲").await;
    let (id, begun) = phone.begin(visit("例行走访"));
    let grid = site.grid.clone();
    phone.push(&grid, &[(id, begun)]).await;
    let (_, mut lead) = at_console(&site, "组长甲", Role::Lead, &site.community).await;
    let (_, mut auditor) = at_console(&site, "审计员甲", Role::Auditor, &site.community).await;
    let here = format!("/console/records/{id}");
    // Each look at the page is one at the record and one at its history.
    for _ in 0..40 {
        assert!(!lead.get(&here).await.text.contains("id=\"looks\""), "who looked is for auditors");
    }
    let (mut path, mut pages, mut of_lead) = (here.clone(), Vec::new(), 0);
    loop {
        let page = auditor.get(&path).await.text;
        let looks = section(&page, "id=\"looks\"").to_owned();
        pages.push(looks.matches("<li>").count());
        of_lead += looks.matches("组长甲").count();
        assert!(looks.contains("<time>2026-11-23 09:00"), "{looks}");
        let Some((_, link)) = looks.split_once("href=\"") else { break };
        path = link.split_once('"').unwrap().0.to_owned();
    }
    assert_eq!(of_lead, 80, "each look once");
    assert_eq!((pages[0], pages.len()), (50, 2));
}
