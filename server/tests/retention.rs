//! What is older than it is to be kept, on a clock that runs through a month: overdue on its day and not before, unless it
//! was changed since, by kind and by community.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod common;

use common::{DAY, Site, diary, visit};
use gridbook_core::model::{Household, Kind, Role, ScopeKind};
use gridbook_core::sync::notice::Why;

#[tokio::test]
async fn what_is_kept_for_thirty_days_is_overdue_on_the_thirty_first_unless_it_was_changed() {
    let site = Site::open().await;
    let admin = site.server.admin();
    let by = site.person("管理员", Role::Administrator, &site.community).await;
    let elsewhere = admin.add_community("另一社区").await.unwrap();
    let other_grid = admin.add_scope(&elsewhere, ScopeKind::Grid, "他网格").await.unwrap();
    let mut worker = site.worker("样例甲").await;
    let stranger = site.person("样例乙", Role::Worker, &other_grid).await;
    let mut stranger = site.phone_of(&stranger).await;
    let (old, changed) = (worker.begin(visit("旧")), worker.begin(visit("后来改过")));
    let (old_id, changed_id) = (old.0, changed.0);
    let others = [worker.begin(diary("2026-11-23", "日记")), worker.begin(Household::default())];
    let all = [&[old, changed][..], &others].concat();
    worker.push(&site.grid, &all).await;
    let foreign = stranger.begin(visit("他社区的"));
    let foreign_id = foreign.0;
    stranger.push(&other_grid, &[foreign]).await;
    admin.set_retention(&site.community, Kind::Visit, 30).await.unwrap();

    site.clock.forward(10 * DAY);
    let edit = worker.edit(changed_id, "note", "改过");
    worker.push(&site.grid, &[(changed_id, edit)]).await;
    site.clock.forward(20 * DAY);
    assert_eq!(admin.overdue().await.unwrap(), [], "the thirtieth day is still one of the thirty");
    site.clock.forward(DAY);
    assert_eq!(admin.overdue().await.unwrap(), [old_id]);
    site.clock.forward(10 * DAY);
    let mut both = [old_id, changed_id];
    let mut overdue = admin.overdue().await.unwrap();
    both.sort_unstable();
    overdue.sort_unstable();
    assert_eq!(overdue, both, "thirty days after its last change");
    let erased = admin.erase(&by, overdue, Why::Retention).await.unwrap();
    assert_eq!(erased.len(), 2);
    assert_eq!(admin.overdue().await.unwrap(), [], "what is gone is not overdue");

    admin.set_retention(&elsewhere, Kind::Visit, 40).await.unwrap();
    assert_eq!(admin.overdue().await.unwrap(), [foreign_id], "each community has its own days");
    admin.set_retention(&elsewhere, Kind::Visit, 0).await.unwrap();
    assert_eq!(admin.overdue().await.unwrap(), [], "0 keeps it");
}
