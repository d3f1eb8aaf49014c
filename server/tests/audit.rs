//! The audit log tells who looked, and cannot be changed unnoticed.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

mod common;

use common::{Site, visit};
use gridbook_core::clock::{Instant, Surroundings};
use gridbook_core::id::RevealId;
use gridbook_core::model::{Action, Reveal, Role, permits};
use gridbook_core::sync::protocol::SyncRequest;
use gridbook_server::db::{Act, AuditState};
use rusqlite::{Connection, params};

#[tokio::test]
async fn a_look_a_reveal_and_a_grant_are_written_down_with_who_and_why() {
    let site = Site::open().await;
    let lead = site.person("样例组长", Role::Lead, &site.grid).await;
    let token = site.server.admin().token(&lead, "台账", 30).await.unwrap();
    let mut worker = site.worker("样例甲").await;
    let (id, change) = worker.begin(visit("电话13800000000"));
    worker.push(&site.grid, &[(id, change)]).await;
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let at = |path: &str| format!("{}/v1/records/{id}{path}", site.running.url());
    let bearer = format!("Bearer {token}");
    http.get(at("")).header("authorization", &bearer).send().await.unwrap();
    http.get(at("/history")).header("authorization", &bearer).send().await.unwrap();
    let without = http.post(at("/reveal")).header("authorization", &bearer).body("{}").send().await.unwrap();
    assert_eq!(without.status().as_u16(), 400, "a reveal wants a reason");
    let body = r#"{"reason":"回电 13900000000 核实"}"#;
    let seen = http.post(at("/reveal")).header("authorization", &bearer).body(body).send().await.unwrap();
    assert!(seen.text().await.unwrap().contains("13800000000"));

    let database = site.server.service().database();
    let rows = database.audit(0, 1_000).await.unwrap();
    let acts: Vec<_> = rows.iter().map(|row| row.entry.act).collect();
    let count = |act| acts.iter().filter(|found| **found == act).count();
    assert_eq!((count(Act::Read), count(Act::History), count(Act::Reveal)), (1, 1, 1));
    assert_eq!(count(Act::Grant), 2 + 1 + 1, "two roles, a token, an invitation");
    let reveal = rows.iter().find(|row| row.entry.act == Act::Reveal).unwrap();
    assert_eq!((reveal.entry.who.as_ref(), reveal.entry.records.as_slice()), (Some(&lead), &[id][..]));
    assert_eq!(reveal.entry.detail, "回电 139****0000 核实", "a reason gives no number away");
    assert!(site.server.admin().revoke_grant(&lead, Role::Lead, &site.grid).await.unwrap());
    let rows = database.audit(rows.len() as u64, 10).await.unwrap();
    assert_eq!((rows.len(), rows[0].entry.act), (1, Act::Revoke));
    assert!(permits(Role::Auditor, gridbook_core::model::Kind::Visit, Action::Audit));
}

#[tokio::test]
async fn what_a_phone_says_of_its_reveals_is_written_down_once_and_in_one_line() {
    let site = Site::open().await;
    let mut worker = site.worker("样例甲").await;
    let other = site.worker("样例乙").await;
    let (id, change) = worker.begin(visit("电话13800000000"));
    worker.push(&site.grid, &[(id, change)]).await;
    let reveal = |n: u8, field: &str, reason: &str| Reveal {
        id: RevealId([n; 16]),
        record: id,
        field: field.into(),
        at: Instant(1_795_397_400_000),
        reason: reason.into(),
    };
    let hostile = format!("回电13900000000\n{}", "长".repeat(10_000));
    let reveals =
        vec![reveal(1, "note", "联系住户"), reveal(2, "note\n<b>", &hostile), reveal(1, "note", "又一次")];
    let request = SyncRequest { reveals, ..other.request(&[]) };
    for _ in 0..2 {
        assert_eq!(other.send(&request).await.unwrap().revealed, 3);
    }
    let database = site.server.service().database();
    assert!(matches!(database.verify_audit(None).await.unwrap(), AuditState::Whole { .. }));
    let rows = database.audit(0, 1_000).await.unwrap();
    let told: Vec<_> = rows.iter().filter(|row| row.entry.act == Act::Reveal).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().all(|row| row.entry.who.as_ref() == Some(&other.person)));
    let phone = format!("(on phone {} at 2026-11-23 ", other.device);
    assert!(told[0].entry.detail.starts_with(&format!("note: 联系住户 {phone}")), "{}", told[0].entry.detail);
    let line = &told[1].entry.detail;
    assert!(line.starts_with("noteb: 回电139****0000 长") && !line.contains('\n'), "{line}");
    assert!(line.chars().count() < 300);

    let many = (0..=100).map(|n| reveal(n, "note", "联系住户")).collect();
    let refused = other.send(&SyncRequest { reveals: many, ..other.request(&[]) }).await.unwrap_err();
    assert_eq!((refused.0, refused.1.code.as_str()), (413, "too_large"));
}

#[tokio::test]
async fn a_thousand_tamperings_are_each_found() {
    let site = Site::open().await;
    for n in 0..30 {
        site.person(&format!("样例{n}"), Role::Worker, &site.grid).await;
    }
    let database = site.server.service().database();
    let AuditState::Whole { n: last, hash } = database.verify_audit(None).await.unwrap() else {
        panic!("the log is whole")
    };
    assert_eq!(last, 30);
    let file = Connection::open(site.folder.path().join("gridbook.db")).unwrap();
    file.execute_batch(
        "PRAGMA synchronous = OFF; CREATE TEMP TABLE kept AS SELECT * FROM audit;
         CREATE TEMP TABLE kept_head AS SELECT * FROM audit_head;",
    )
    .unwrap();
    let entropy = Surroundings::system();
    let pick = |below: u64| u64::from_le_bytes(entropy.random()) % below;
    let mut kinds = [0; 6];
    for trial in 0..1_000 {
        let kind = usize::try_from(pick(6)).unwrap();
        kinds[kind] += 1;
        let row = 1 + pick(last);
        let other = 1 + (row + pick(last - 1)) % last;
        let (at, beside) = (row.cast_signed(), other.cast_signed());
        match kind {
            0 => {
                let column = ["at", "who", "act", "detail", "records", "hash"][pick(6) as usize];
                let value = match column {
                    "at" => "at + 1",
                    "who" => "'pnobody00'",
                    "act" => "'read'",
                    "detail" => "detail || ' '",
                    "records" => "zeroblob(16)",
                    _ => "randomblob(32)",
                };
                file.execute(&format!("UPDATE audit SET {column} = {value} WHERE n = ?"), [at]).unwrap();
            }
            1 => {
                file.execute("DELETE FROM audit WHERE n = ?", [at]).unwrap();
            }
            2 => {
                // Two rows change places.
                let sql = "UPDATE audit SET n = CASE n WHEN ?1 THEN -?2 ELSE -?1 END WHERE n IN (?1, ?2)";
                file.execute(sql, [at, beside]).unwrap();
                file.execute("UPDATE audit SET n = -n WHERE n < 0", []).unwrap();
            }
            3 => {
                // A row is put in, with a right hash of its own, and the rest moves up.
                file.execute("UPDATE audit SET n = -(n + 1) WHERE n >= ?", [at]).unwrap();
                file.execute("UPDATE audit SET n = -n WHERE n < 0", []).unwrap();
                let mut copy = database.audit(row, 1).await.unwrap();
                let mut entry = copy.pop().unwrap().entry;
                entry.detail.push('x');
                let before =
                    database.audit(row - 1, 1).await.unwrap().first().map_or([0; 32], |row| row.hash);
                let forged = entry.hash(&before, row);
                let sql =
                    "INSERT INTO audit SELECT ?1, at, who, act, records, ?2, ?3 FROM audit WHERE n = ?1 + 1";
                file.execute(sql, params![at, entry.detail, forged]).unwrap();
            }
            4 => {
                // The end is cut off.
                file.execute("DELETE FROM audit WHERE n >= ?", [at]).unwrap();
            }
            _ => {
                // The end is cut off, and the head is written to fit, without the key.
                file.execute("DELETE FROM audit WHERE n > ?", [at - 1]).unwrap();
                let sql = "UPDATE audit_head SET n = ?1, hash = coalesce((SELECT hash FROM audit WHERE n = ?1), zeroblob(32))";
                file.execute(sql, [at - 1]).unwrap();
            }
        }
        let state = database.verify_audit(None).await.unwrap();
        assert!(
            matches!(state, AuditState::Broken { .. }),
            "trial {trial}, kind {kind}, row {row}: {state:?}"
        );
        if kind < 2 {
            assert!(
                matches!(state, AuditState::Broken { n, .. } if n == row),
                "the first bad row: {state:?}"
            );
        }
        file.execute_batch(
            "BEGIN; DELETE FROM audit; INSERT INTO audit SELECT * FROM kept; DELETE FROM audit_head;
             INSERT INTO audit_head SELECT * FROM kept_head; COMMIT;",
        )
        .unwrap();
    }
    assert!(kinds.iter().all(|count| *count > 50), "{kinds:?}");

    // With the seal key a whole new history can be written: only a head kept elsewhere tells.
    assert_eq!(database.verify_audit(Some((last, hash))).await.unwrap(), AuditState::Whole { n: last, hash });
    let elsewhere = database.verify_audit(Some((last, [9; 32]))).await.unwrap();
    assert!(matches!(elsewhere, AuditState::Broken { n, .. } if n == last));
    let longer = database.verify_audit(Some((last + 1, [9; 32]))).await.unwrap();
    assert!(matches!(longer, AuditState::Broken { n, .. } if n == last + 1));
}
