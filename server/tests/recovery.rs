//! Stories of a server that was put back to an older backup, and of those who would use that.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod common;

use common::{Phone, Site, visit};
use gridbook_core::id::{Chain, ScopeId};
use gridbook_core::sync::protocol::{Pulled, Receipt, RecoverRequest, RecoverResponse, ScopePage, Span};

/// The run from the beginning, or from the checkpoint at `after`, to the last one.
fn span(phone: &Phone, scope: &ScopeId, after: u64) -> Span {
    let checkpoints = &phone.checkpoints[scope];
    let from = checkpoints.iter().find(|checkpoint| checkpoint.seq == after).cloned();
    let to = checkpoints.last().unwrap().clone();
    let hashes = (after + 1..=to.seq).map(|seq| phone.log[&(scope.clone(), seq)].1).collect();
    Span { scope: scope.clone(), from, to, hashes }
}

fn changes(phone: &Phone, scope: &ScopeId, after: u64, positions: &[u32]) -> Vec<Pulled> {
    let at = |position: &u32| &phone.log[&(scope.clone(), after + 1 + u64::from(*position))];
    positions.iter().map(at).map(|(record, _, bytes)| Pulled(*record, bytes.clone())).collect()
}

#[tokio::test]
async fn phones_give_a_restored_server_back_what_it_lost() {
    let site = Site::open().await;
    let mut first = site.worker("样例甲").await;
    let mut second = site.worker("样例乙").await;
    let grid = site.grid.clone();
    let early = first.begin(visit("备份前"));
    first.push(&grid, &[early]).await;
    second.sync(&[]).await;

    let backup = site.folder.path().join("old.db");
    site.server.backup(&backup).await.unwrap();
    assert!(site.server.backup(&backup).await.is_err(), "a backup is never overwritten");

    let (late_id, late) = first.begin(visit("备份后"));
    let edit = first.edit(late_id, "note", "备份后改");
    first.push(&grid, &[(late_id, late), (late_id, edit)]).await;
    second.sync(&[]).await;
    assert_eq!(second.cursors[&grid].0, 3);

    let site = site.restore(&backup).await;
    second.url = site.running.url();
    let response = second.send(&second.request(&[])).await.unwrap();
    assert_eq!(response.scopes, [ScopePage::Diverged(grid.clone())], "the cursor is not in the log");

    let points = second.checkpoints[&grid].iter().rev().map(|point| (point.seq, point.chain)).collect();
    let found = second.recover(&RecoverRequest::Find { scope: grid.clone(), points }).await.unwrap();
    let RecoverResponse::Found { seq, chain } = found else { panic!("{found:?}") };
    assert_eq!(seq, 1);

    let span = span(&second, &grid, seq);
    let wanted = second.recover(&RecoverRequest::Offer { span: span.clone() }).await.unwrap();
    assert_eq!(wanted, RecoverResponse::Wanted { positions: vec![0, 1] });
    let give = RecoverRequest::Give { span: span.clone(), changes: changes(&second, &grid, seq, &[0, 1]) };
    assert_eq!(second.recover(&give).await.unwrap(), RecoverResponse::Taken { count: 2 });
    assert_eq!(second.recover(&give).await.unwrap(), RecoverResponse::Taken { count: 0 }, "once is enough");

    second.cursors.insert(grid.clone(), (seq, chain));
    let response = second.sync(&[]).await;
    assert_eq!(common::pulled(&response, &grid), [late_id, late_id]);

    // The author's own retry finds its work there, and a newcomer gets everything.
    let (_, _, bytes) = &first.log[&(grid.clone(), 2)];
    let pushes = [(late_id, &grid, bytes.clone())];
    let mut request = first.request(&[(late_id, &grid, &pushes[0].2)]);
    first.url = site.running.url();
    request.cursors.retain(|cursor| cursor.scope == grid);
    assert_eq!(first.send(&request).await.unwrap().receipts, [Receipt::Known(2)]);
    let mut newcomer = site.worker("样例丙").await;
    newcomer.sync(&[]).await;
    assert_eq!(newcomer.text(late_id, "note"), "备份后改");
}

#[tokio::test]
async fn nothing_can_be_planted_through_recovery() {
    let site = Site::open().await;
    let grid = site.grid.clone();
    let mut honest = site.worker("样例甲").await;
    let change = honest.begin(visit("真的"));
    honest.push(&grid, &[change]).await;
    let mut thief = site.worker("样例乙").await;
    thief.sync(&[]).await;
    let true_span = span(&thief, &grid, 0);
    let (planted_id, planted) = thief.begin(visit("栽赃"));
    let planted_hash = planted.hash;
    let given = Pulled(planted_id, planted.bytes);

    let refused = async |span: Span, changes: Vec<Pulled>| {
        let refused = thief.recover(&RecoverRequest::Give { span, changes }).await.unwrap_err();
        (refused.0, refused.1.code)
    };
    let bad = (400, "bad_request".to_owned());

    // A change that is not in the run.
    assert_eq!(refused(true_span.clone(), vec![given.clone()]).await, bad);
    // A run made longer: the chain would be right, the seal is not the server's.
    let mut longer = true_span.clone();
    longer.hashes.push(planted_hash);
    longer.to.seq += 1;
    longer.to.chain = longer.to.chain.append(&planted_hash);
    assert_eq!(refused(longer, vec![given.clone()]).await, bad);
    // Another change under the true seal.
    let mut swapped = true_span.clone();
    swapped.hashes = vec![planted_hash];
    assert_eq!(refused(swapped, vec![given.clone()]).await, bad);
    // A true seal for another place.
    let mut moved = true_span.clone();
    moved.to.seq = 2;
    moved.hashes.push(planted_hash);
    assert_eq!(refused(moved, vec![given.clone()]).await, bad);
    // A scope that the sender may not see, or that does not exist: the same answer.
    for scope in [site.group("安全防范").await, ScopeId::from("snothing0")] {
        let foreign = Span { scope, ..true_span.clone() };
        assert_eq!(refused(foreign, Vec::new()).await, (404, "not_found".to_owned()));
    }
    let counts = site.server.service().database().counts().await.unwrap();
    assert_eq!((counts.entries, counts.records), (1, 1));
}

#[tokio::test]
async fn a_cursor_of_another_log_is_noticed_at_any_place() {
    let site = Site::open().await;
    let grid = site.grid.clone();
    let mut phone = site.worker("样例甲").await;
    let change = phone.begin(visit("一"));
    phone.push(&grid, &[change]).await;
    for (seq, chain) in [(1, Chain([9; 16])), (2, phone.cursors[&grid].1), (0, Chain([1; 16]))] {
        phone.cursors.insert(grid.clone(), (seq, chain));
        let response = phone.send(&phone.request(&[])).await.unwrap();
        assert_eq!(response.scopes, [ScopePage::Diverged(grid.clone())], "seq {seq}");
    }
}
