//! What every database behind the service must do: one suite, generic over it, run against the embedded one.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use gridbook_core::clock::{Day, Instant, Surroundings};
use gridbook_core::gate::Refusal;
use gridbook_core::id::{ActorId, Chain, ChangeHash, DeviceId, PersonId, RecordId, ScopeId};
use gridbook_core::key::DeviceKey;
use gridbook_core::model::{Grant, Kind, Person, Reading, Role, Scope, ScopeKind};
use gridbook_server::db::sqlite::{Sqlite, Threads};
use gridbook_server::db::{
    Act, Append, Appended, Arrival, AuditEntry, AuditState, BackOff, ConsoleSession, Contact, Database,
    Device, Edit, Enrolled, Enrolling, InviteRow, PageLimit, Quarantined, RecordQuery, Registered, Row,
    TokenRow, Update,
};

const NOW: Instant = Instant(1_795_395_600_000);

fn later(milliseconds: i64) -> Instant {
    NOW.plus_millis(milliseconds)
}

fn hash(n: u8) -> ChangeHash {
    ChangeHash([n; 32])
}

fn record(n: u8) -> RecordId {
    RecordId::from_bytes([n; 16])
}

fn row(n: u8, scope: &str, kind: Kind) -> Row {
    Row {
        id: record(n),
        kind,
        scope: scope.into(),
        grid: None,
        author: "pworker".into(),
        day: "2026-11-23".parse().unwrap(),
        occurred_at: later(i64::from(n)),
        created: NOW,
        updated: NOW,
        voided: false,
        conflicts: 0,
        building: None,
        subject: None,
        fingerprint: "00000000".into(),
        json: "{}".into(),
    }
}

fn arrival(hash_of: u8, record_of: u8) -> Arrival {
    Arrival {
        hash: hash(hash_of),
        record: record(record_of),
        actor: ActorId([1; 16]),
        device: None,
        named: None,
        held: false,
        bytes: vec![hash_of; 100],
    }
}

fn append(scope: &str, arrivals: Vec<Arrival>, updates: Vec<(usize, Row)>) -> Append {
    let update = |(expected, row)| Update { expected, moves: 0, ties: Vec::new(), follows: None, row };
    let updates = updates.into_iter().map(update).collect();
    Append { scope: scope.into(), access: None, at: NOW, arrivals, updates }
}

fn scope(id: &str, kind: ScopeKind, parent: Option<&str>) -> Edit {
    Edit::AddScope(Scope { id: id.into(), kind, name: id.into(), parent: parent.map(ScopeId::from) })
}

async fn people<D: Database>(db: &D) {
    let person = |id: &str| Edit::AddPerson(Person { id: id.into(), name: id.to_uppercase() });
    let edits = vec![
        scope("stown", ScopeKind::Community, None),
        scope("sgrid", ScopeKind::Grid, Some("stown")),
        scope("sgroup", ScopeKind::TaskGroup, Some("stown")),
        person("pworker"),
        person("plead"),
    ];
    assert_eq!(db.edit(edits, NOW).await.unwrap(), 5);
}

async fn all_or_none_of_an_edit_counts<D: Database>(db: &D) {
    let before = db.versions().await.unwrap();
    let taken = Edit::AddPerson(Person { id: "pworker".into(), name: "又一个".into() });
    let fresh = Edit::AddPerson(Person { id: "pfresh".into(), name: "新".into() });
    assert!(db.edit(vec![fresh, taken], NOW).await.is_err());
    assert_eq!(db.roll().await.unwrap().people.len(), 2, "nothing of a failed edit stays");
    assert_eq!(db.versions().await.unwrap(), before);

    let grant = Grant { scope: "stown".into(), role: Role::Lead };
    assert_eq!(db.edit(vec![Edit::Grant("plead".into(), grant.clone())], later(1)).await.unwrap(), 1);
    let after = db.versions().await.unwrap();
    assert!(after.directory > before.directory && after.access > before.access);
    assert_eq!(db.edit(vec![Edit::Grant("plead".into(), grant)], later(2)).await.unwrap(), 0);
    assert_eq!(db.versions().await.unwrap(), after, "an edit without effect changes no version");
}

async fn a_community_spells_out_into_its_parts<D: Database>(db: &D) {
    let places = db.places_of(&PersonId::from("plead")).await.unwrap();
    let scopes: Vec<_> = places.iter().map(|place| place.scope.id.as_str()).collect();
    assert_eq!(scopes, ["sgrid", "sgroup", "stown"]);
    assert!(db.places_of(&PersonId::from("pworker")).await.unwrap().is_empty());
    let grant = Grant { scope: "sgrid".into(), role: Role::Worker };
    db.edit(vec![Edit::Grant("pworker".into(), grant.clone())], NOW).await.unwrap();
    assert_eq!(db.places_of(&PersonId::from("pworker")).await.unwrap().len(), 1);
    db.edit(vec![Edit::RevokeGrant("pworker".into(), grant.clone())], NOW).await.unwrap();
    assert!(db.places_of(&PersonId::from("pworker")).await.unwrap().is_empty());
    let past = db.roll().await.unwrap().grants;
    assert!(past.iter().any(|row| row.grant == grant && row.revoked.is_some()), "past grants stay");
}

async fn an_invitation_is_used_once<D: Database>(db: &D) {
    let invite = InviteRow { hash: [1; 32], person: "pworker".into(), expires: later(10), replaces: None };
    db.edit(vec![Edit::Invite(invite)], NOW).await.unwrap();
    let enrolling = |key: u8, at| Enrolling {
        invite: [1; 32],
        device: DeviceId(format!("d{key}")),
        key: DeviceKey::Ed25519([key; 32]),
        actor: ActorId([key; 16]),
        label: String::new(),
        at,
    };
    assert_eq!(db.enrol(enrolling(1, later(10))).await.unwrap(), Enrolled::Expired);
    let Enrolled::Done(device) = db.enrol(enrolling(1, NOW)).await.unwrap() else { panic!("not enrolled") };
    let again = Enrolling { device: "dother".into(), ..enrolling(1, later(99)) };
    assert_eq!(db.enrol(again).await.unwrap(), Enrolled::Done(device.clone()), "the same device again");
    assert_eq!(db.enrol(enrolling(2, NOW)).await.unwrap(), Enrolled::Used);
    let unknown = Enrolling { invite: [9; 32], ..enrolling(1, NOW) };
    assert_eq!(db.enrol(unknown).await.unwrap(), Enrolled::Unknown);

    assert_eq!(db.register_actor(ActorId([1; 16]), &device.id, NOW).await.unwrap(), Registered::Same);
    assert_eq!(db.register_actor(ActorId([5; 16]), &device.id, NOW).await.unwrap(), Registered::New);
    assert_eq!(db.actors_of(&device.id).await.unwrap(), [ActorId([1; 16]), ActorId([5; 16])]);
    let server_own = Edit::AddActor(ActorId([6; 16]), "plead".into());
    db.edit(vec![server_own], NOW).await.unwrap();
    assert_eq!(db.register_actor(ActorId([6; 16]), &device.id, NOW).await.unwrap(), Registered::Foreign);

    // The same key of the same person may come back with another invitation and bring its actor.
    let invite = InviteRow { hash: [2; 32], person: "pworker".into(), expires: later(10), replaces: None };
    db.edit(vec![Edit::Invite(invite)], NOW).await.unwrap();
    let stolen = Enrolling { invite: [2; 32], key: DeviceKey::Ed25519([3; 32]), ..enrolling(1, NOW) };
    assert_eq!(db.enrol(stolen).await.unwrap(), Enrolled::ForeignActor);
    let back = Enrolling { invite: [2; 32], device: "dback".into(), ..enrolling(1, NOW) };
    assert!(matches!(db.enrol(back).await.unwrap(), Enrolled::Done(device) if device.id.as_str() == "dback"));
    let actor = db.actor(&ActorId([1; 16])).await.unwrap().unwrap();
    assert_eq!(actor.device.unwrap().as_str(), "dback");
}

async fn a_log_grows_in_one_line<D: Database>(db: &D) {
    let grid = ScopeId::from("sgrid");
    let first = append(
        "sgrid",
        vec![arrival(1, 1), arrival(2, 1), arrival(3, 2)],
        vec![(0, row(1, "sgrid", Kind::Visit)), (0, row(2, "sgrid", Kind::Diary))],
    );
    assert_eq!(db.append(first.clone()).await.unwrap(), Appended::Done(vec![1, 2, 3]));
    assert_eq!(db.append(first).await.unwrap(), Appended::Stale, "the records are there meanwhile");
    let stale = append("sgrid", vec![arrival(4, 1)], vec![(1, row(1, "sgrid", Kind::Visit))]);
    assert_eq!(db.append(stale).await.unwrap(), Appended::Stale);
    let next = append("sgrid", vec![arrival(4, 1)], vec![(2, row(1, "sgrid", Kind::Visit))]);
    assert_eq!(db.append(next).await.unwrap(), Appended::Done(vec![4]));
    let elsewhere = append("sgroup", vec![arrival(5, 3)], vec![(0, row(3, "sgroup", Kind::Checklist))]);
    assert_eq!(db.append(elsewhere).await.unwrap(), Appended::Done(vec![1]), "each scope counts for itself");

    let chain = [1, 2, 3, 4].iter().fold(Chain::START, |chain, n| chain.append(&hash(*n)));
    let heads = db.heads(&[grid.clone(), "snothing".into()]).await.unwrap();
    assert_eq!(heads.iter().map(|head| (head.seq, head.chain)).collect::<Vec<_>>(), [(4, chain)]);
    assert_eq!(db.chain_at(&grid, 4).await.unwrap(), Some(chain));
    assert_eq!(db.chain_at(&grid, 0).await.unwrap(), Some(Chain::START));
    assert_eq!(db.chain_at(&grid, 5).await.unwrap(), None);
    assert_eq!(db.chain_at(&"snothing".into(), 0).await.unwrap(), None);

    let seqs = async |after, entries, bytes| {
        let page = db.page(&grid, after, PageLimit { entries, bytes }).await.unwrap();
        page.iter().map(|entry| entry.seq).collect::<Vec<_>>()
    };
    assert_eq!(seqs(1, 2, 10_000).await, [2, 3]);
    assert_eq!(seqs(0, 10, 250).await, [1, 2]);
    assert_eq!(seqs(0, 10, 1).await, [1], "one entry always comes");
    assert_eq!(seqs(4, 10, 10_000).await, [0; 0]);

    let held = db.held(&[record(1), record(9)]).await.unwrap();
    assert_eq!(held.len(), 1);
    assert_eq!(held[0].changes, [vec![1; 100], vec![2; 100], vec![4; 100]], "in the order they came");
    let asked = [(hash(1), record(1)), (hash(1), record(2)), (hash(9), record(1))];
    let asked = asked.map(|(hash, record)| (hash, record, grid.clone()));
    let known: Vec<_> = db.known(&asked).await.unwrap().into_iter().map(|known| known.seq).collect();
    assert_eq!(known, [1], "a change is known in its own record");
    assert_eq!(db.known_hashes(&[hash(1), hash(9)]).await.unwrap(), [true, false]);
    assert_eq!(
        db.scopes_of(&[record(3), record(9)]).await.unwrap(),
        [(record(3), ("sgroup".into(), Kind::Checklist))]
    );
}

async fn an_append_under_old_permissions_is_refused<D: Database>(db: &D) {
    let access = db.versions().await.unwrap().access;
    let with = |access| Append {
        access: Some(access),
        ..append("sgrid", vec![arrival(7, 7)], vec![(0, row(7, "sgrid", Kind::Visit))])
    };
    let grant = Grant { scope: "sgroup".into(), role: Role::Member };
    db.edit(vec![Edit::Grant("pworker".into(), grant)], later(50)).await.unwrap();
    assert_eq!(db.append(with(access)).await.unwrap(), Appended::AccessChanged);
    let access = db.versions().await.unwrap().access;
    assert!(matches!(db.append(with(access)).await.unwrap(), Appended::Done(_)));
}

async fn records_come_newest_first_and_page_by_page<D: Database>(db: &D) {
    let ids = async |query: &RecordQuery| {
        let rows = db.records(query).await.unwrap();
        rows.iter().map(|row| row.id.as_bytes()[0]).collect::<Vec<_>>()
    };
    let visible = vec![
        (ScopeId::from("sgrid"), vec![Kind::Visit, Kind::Diary]),
        (ScopeId::from("sgroup"), vec![Kind::Checklist]),
    ];
    let all = RecordQuery { visible, limit: 10, ..RecordQuery::default() };
    assert_eq!(ids(&all).await, [7, 3, 2, 1]);
    let first = RecordQuery { limit: 2, ..all.clone() };
    assert_eq!(ids(&first).await, [7, 3]);
    let kept: Vec<Row> = db.kept_records(&first).await.unwrap().into_iter().map(|kept| kept.row).collect();
    assert_eq!(kept, db.records(&first).await.unwrap());
    let count = async |limit| db.count_records(&RecordQuery { limit, ..all.clone() }).await.unwrap();
    assert_eq!((count(10).await, count(3).await), (4, 3), "no further than is asked");
    let after = db.records(&first).await.unwrap().last().map(Row::position);
    assert_eq!(ids(&RecordQuery { after, ..first.clone() }).await, [2, 1]);
    let only = RecordQuery { visible: vec![("sgrid".into(), vec![Kind::Diary])], ..all.clone() };
    assert_eq!(ids(&only).await, [2]);
    let day: Day = "2026-11-24".parse().unwrap();
    assert!(ids(&RecordQuery { day: Some(day), ..all.clone() }).await.is_empty());
    assert!(ids(&RecordQuery { authors: vec!["pnobody".into()], ..all.clone() }).await.is_empty());
    let came = |from, until| RecordQuery { received: Some((from, until)), ..all.clone() };
    assert_eq!(ids(&came(NOW, later(1))).await.len(), 4);
    assert!(ids(&came(later(1), later(2))).await.is_empty() && ids(&came(later(-9), NOW)).await.is_empty());
    let at = async |places: &[usize]| {
        let found = db.records_at(&all, places.to_vec()).await.unwrap();
        found.iter().map(|kept| kept.row.id.as_bytes()[0]).collect::<Vec<_>>()
    };
    assert_eq!(at(&[3, 0, 2, 1, 9]).await, [7, 3, 2, 1], "every place is somebody's, and none beyond");
    let mut each = Vec::new();
    for place in 0..4 {
        each.extend(at(&[place]).await);
    }
    each.sort_unstable();
    assert_eq!(each, [1, 2, 3, 7], "one record a place");
    assert!(ids(&RecordQuery { grid: Some("sgrid".into()), ..all }).await.is_empty());

    let review = |n: u8, updated, voided| Row {
        subject: Some(record(1)),
        updated,
        voided,
        ..row(n, "sgrid", Kind::Review)
    };
    let reviews =
        vec![(0, review(20, later(2), false)), (0, review(21, later(1), false)), (0, review(22, NOW, true))];
    let arrivals = vec![arrival(20, 20), arrival(21, 21), arrival(22, 22)];
    db.append(append("sgrid", arrivals, reviews)).await.unwrap();
    let found = db.reviews_of(&[record(1), record(2)]).await.unwrap();
    let found: Vec<_> = found.iter().map(|row| row.id.as_bytes()[0]).collect();
    assert_eq!(found, [21, 20], "oldest first, without the voided one");
}

async fn a_refusal_is_kept_once<D: Database>(db: &D) {
    let refused = Quarantined {
        digest: [1; 32],
        record: record(1),
        scope: Some("sgrid".into()),
        device: "d1".into(),
        reason: Refusal::Malformed,
        bytes: vec![1, 2, 3],
        at: NOW,
    };
    db.quarantine(vec![refused.clone(), refused.clone()]).await.unwrap();
    db.quarantine(vec![Quarantined { reason: Refusal::WrongScope, ..refused.clone() }]).await.unwrap();
    let counts = db.counts().await.unwrap();
    assert_eq!((counts.quarantined, counts.entries, counts.records), (2, 9, 7));
    let known = [ScopeId::from("sgrid")];
    let told = async |device: &str, limit| {
        let rows = db.refused(&[device.into()], &known, None, limit).await.unwrap();
        rows.into_iter().map(|row| row.reason).collect::<Vec<_>>()
    };
    assert_eq!(told("d1", 9).await, [Refusal::WrongScope, Refusal::Malformed], "newest first");
    assert_eq!((told("d1", 1).await.len(), told("d2", 9).await.len()), (1, 0));
    let newest = db.refused(&["d1".into()], &known, None, 1).await.unwrap();
    let earlier = db.refused(&["d1".into()], &known, Some(newest[0].n), 9).await.unwrap();
    assert_eq!((earlier.len(), earlier[0].reason), (1, Refusal::Malformed), "on from a place");
    assert_eq!(earlier[0].bytes, [1, 2, 3]);
    let elsewhere = [ScopeId::from("sgroup")];
    assert!(db.refused(&["d1".into()], &elsewhere, None, 9).await.unwrap().is_empty(), "not theirs to know");
    let counts = db.refused_counts(&["d1".into(), "d2".into()], &known).await.unwrap();
    assert_eq!(counts, [("d1".into(), 2)]);
    assert!(db.refused_counts(&["d1".into()], &elsewhere).await.unwrap().is_empty());

    // A device cannot fill the disk with what is refused.
    let many = |round: u16| {
        let digest = |n: u16| std::array::from_fn(|i| if i < 2 { n.to_be_bytes()[i] } else { 7 });
        (round * 500..(round + 1) * 500)
            .map(|n| Quarantined { digest: digest(n), bytes: vec![0; 1_000], ..refused.clone() })
            .collect::<Vec<_>>()
    };
    for round in 0..5 {
        db.quarantine(many(round)).await.unwrap();
    }
    let counts = db.counts().await.unwrap();
    assert!((1_000..2_500).contains(&counts.quarantined), "{counts:?}");
    db.quarantine(vec![Quarantined { device: "d2".into(), ..refused }]).await.unwrap();
    assert_eq!(
        db.counts().await.unwrap().quarantined,
        counts.quarantined + 1,
        "another device has its own room"
    );

    let before = counts.audited;
    let read = AuditEntry {
        at: NOW,
        who: Some("plead".into()),
        act: Act::Read,
        records: vec![record(1), record(2)],
        detail: String::new(),
    };
    db.note(vec![read.clone()]).await.unwrap();
    assert_eq!(db.counts().await.unwrap().audited, before + 1);
    assert_eq!(db.audit(before, 9).await.unwrap()[0].entry, read);
    assert!(matches!(db.verify_audit(None).await.unwrap(), AuditState::Whole { n, .. } if n == before + 1));
}

async fn a_token_is_found_by_its_secret_alone<D: Database>(db: &D) {
    let token = TokenRow {
        hash: [3; 32],
        person: "plead".into(),
        label: "台账".into(),
        expires: later(5),
        revoked: None,
    };
    db.edit(vec![Edit::AddToken(token.clone())], NOW).await.unwrap();
    assert_eq!(db.token(&[3; 32]).await.unwrap(), Some(token));
    assert_eq!(db.token(&[4; 32]).await.unwrap(), None);
    db.edit(vec![Edit::RevokeToken([3; 32])], later(1)).await.unwrap();
    assert_eq!(db.token(&[3; 32]).await.unwrap().unwrap().revoked, Some(later(1)));
}

async fn a_console_account_its_sessions_and_its_failed_logins<D: Database>(db: &D) {
    let device = |id: &str| Device {
        id: id.into(),
        person: "plead".into(),
        key: DeviceKey::Ed25519([9; 32]),
        label: Device::CONSOLE.into(),
        enrolled: NOW,
        revoked: None,
        released: None,
        contact: None,
    };
    let session = |n: u8, began| ConsoleSession { hash: [n; 32], person: "plead".into(), began, seen: began };
    let open = |verifier: u8, id: &str| vec![Edit::OpenConsole(vec![verifier], device(id))];
    let nobody = Edit::OpenConsole(vec![1], Device { person: "pnobody".into(), ..device("dnobody") });
    assert!(db.edit(vec![nobody], NOW).await.is_err());
    db.edit(open(1, "dconsole1"), NOW).await.unwrap();
    let account = db.console_account(&"plead".into()).await.unwrap().unwrap();
    assert_eq!((account.verifier, account.device.as_str()), (vec![1], "dconsole1"));
    let factor = vec![Edit::SetFactor("plead".into(), vec![7], 5)];
    assert_eq!(db.edit(factor, NOW).await.unwrap(), 1);
    assert_eq!(db.console_account(&"plead".into()).await.unwrap().unwrap().factor, Some(vec![7]));
    let used = async |step| db.use_code(&"plead".into(), step).await.unwrap();
    assert_eq!([used(5).await, used(6).await, used(6).await, used(4).await], [false, true, false, false]);
    let remove = || vec![Edit::RemoveFactor("plead".into())];
    assert_eq!((db.edit(remove(), NOW).await.unwrap(), db.edit(remove(), NOW).await.unwrap()), (1, 0));
    db.begin_session(session(1, NOW), later(-9)).await.unwrap();
    db.touch_session(&[1; 32], later(5)).await.unwrap();
    assert_eq!(db.session(&[1; 32]).await.unwrap().unwrap().seen, later(5));
    db.begin_session(session(2, later(6)), later(1)).await.unwrap();
    assert!(db.session(&[1; 32]).await.unwrap().is_none(), "what began too long ago is forgotten");

    db.edit(open(2, "dconsole2"), NOW).await.unwrap();
    let account = db.console_account(&"plead".into()).await.unwrap().unwrap();
    assert_eq!((account.verifier, account.device.as_str()), (vec![2], "dconsole1"), "the device stays");
    assert!(db.session(&[2; 32]).await.unwrap().is_none(), "a new password ends what was open");
    db.begin_session(session(3, NOW), NOW).await.unwrap();
    db.edit(vec![Edit::RevokeDevice("dconsole1".into())], NOW).await.unwrap();
    assert!(db.session(&[3; 32]).await.unwrap().is_none());
    db.edit(open(3, "dconsole3"), NOW).await.unwrap();
    db.begin_session(session(4, NOW), NOW).await.unwrap();
    db.end_session(&[4; 32]).await.unwrap();
    assert!(db.session(&[4; 32]).await.unwrap().is_none());
    assert_eq!(db.edit(vec![Edit::CloseConsole("plead".into())], later(7)).await.unwrap(), 1);
    assert!(db.console_account(&"plead".into()).await.unwrap().is_none());
    let shut = db.device(&"dconsole3".into()).await.unwrap().unwrap();
    assert_eq!((shut.revoked, shut.is_console()), (Some(later(7)), true));
    let told = |app: Option<&str>, unsent| Contact { at: later(8), app: app.map(str::to_owned), unsent };
    for contact in [told(Some("1.2.3"), Some(4)), told(None, None)] {
        db.note_contact(&"dconsole3".into(), contact.clone()).await.unwrap();
        assert_eq!(db.device(&"dconsole3".into()).await.unwrap().unwrap().contact, Some(contact));
    }

    let rule = BackOff { free: 2, first: 1_000, longest: 4_000 };
    let count = async |n: u8, at| db.count_login(vec![([n; 32], rule)], later(at)).await.unwrap();
    for at in 0..3 {
        assert_eq!(count(1, at).await, None);
    }
    assert_eq!(count(1, 3).await, Some(later(1_002)), "after the third, until a second has passed");
    assert_eq!(count(1, 1_002).await, None);
    assert_eq!(count(1, 1_003).await, Some(later(3_002)));
    assert_eq!(count(1, 3_002).await, None);
    assert_eq!(count(1, 3_003).await, Some(later(7_002)));
    assert_eq!(count(1, 7_002).await, None);
    assert_eq!(count(1, 7_003).await, Some(later(11_002)), "it doubles no further than the longest");
    assert_eq!(count(2, 1_003).await, None, "another has its own count");
    db.forgive_login(vec![[1; 32]], vec![[2; 32]]).await.unwrap();
    assert_eq!(count(1, 7_004).await, None);
}

async fn where_records_stand<D: Database>(db: &D) {
    let scope = ScopeId::from("sread");
    db.edit(
        vec![Edit::AddScope(Scope {
            id: scope.clone(),
            kind: ScopeKind::Grid,
            name: "阅".into(),
            parent: Some("stown".into()),
        })],
        NOW,
    )
    .await
    .unwrap();
    let visible = vec![(scope.clone(), vec![Kind::Visit])];
    let day = |text: &str| text.parse::<Day>().unwrap();
    let visit = |n: u8, on: &str, version: &str| Row {
        day: day(on),
        fingerprint: version.into(),
        conflicts: u32::from(n == 42),
        ..row(n, "sread", Kind::Visit)
    };
    let mark = |n: u8, at: i64, covers: &str, mark: &str, voided| Row {
        subject: Some(record(41)),
        updated: later(at),
        voided,
        json: format!(
            r#"{{"kind":"review","author":"plead","subject":"{}","mark":"{mark}","note":"","covers":"{covers}"}}"#,
            record(41)
        ),
        ..row(n, "sread", Kind::Review)
    };
    let at = |n: u8, when: i64, expected, row: Row| {
        let mut append = append("sread", vec![arrival(n, row.id.as_bytes()[0])], vec![(expected, row)]);
        append.at = later(when);
        append
    };
    let put = async |append| assert!(matches!(db.append(append).await.unwrap(), Appended::Done(_)));
    let reading = async || db.kept(&[record(41)]).await.unwrap()[0].reading;
    put(at(41, 10, 0, visit(41, "2026-11-20", "aaaa"))).await;
    put(at(42, 20, 0, visit(42, "2026-11-22", "bbbb"))).await;
    assert_eq!(reading().await, Reading::Unread);
    put(at(43, 30, 0, mark(43, 1, "aaaa", "seen", false))).await;
    assert_eq!(reading().await, Reading::Seen);
    put(at(44, 31, 0, mark(44, 2, "aaaa", "returned", false))).await;
    assert_eq!(reading().await, Reading::Returned, "the latest mark counts");
    put(at(45, 40, 1, visit(41, "2026-11-20", "cccc"))).await;
    assert_eq!(reading().await, Reading::Edited, "an edit wants a new look");
    put(at(46, 41, 0, mark(46, 3, "cccc", "approved", false))).await;
    put(at(47, 42, 1, mark(46, 3, "cccc", "approved", true))).await;
    assert_eq!(reading().await, Reading::Edited, "a mark that was taken back does not count");

    let standing = &db.standings(&visible).await.unwrap()[0];
    assert_eq!(
        (standing.readings.clone(), standing.conflicts),
        (vec![(Reading::Unread, 1), (Reading::Edited, 1)], 1)
    );
    let came = db.came_since(&visible, later(15)).await.unwrap();
    assert_eq!((came[0].count, came[0].latest), (2, later(40)));
    assert!(db.came_since(&visible, later(41)).await.unwrap().is_empty());
    let latest = db.latest(&visible, 9).await.unwrap();
    assert_eq!(latest.iter().map(|kept| kept.row.id.as_bytes()[0]).collect::<Vec<_>>(), [41, 42]);
    assert_eq!(db.day_beside(&visible, day("2026-11-22"), false).await.unwrap(), Some(day("2026-11-20")));
    assert_eq!(db.day_beside(&visible, day("2026-11-20"), true).await.unwrap(), Some(day("2026-11-22")));
    assert_eq!(db.day_beside(&visible, day("2026-11-22"), true).await.unwrap(), None);
    assert_eq!(db.arrivals(&record(41)).await.unwrap().len(), 2);

    let query = RecordQuery { visible, limit: 9, ..RecordQuery::default() };
    let ids = async |query: RecordQuery| {
        let rows = db.records(&query).await.unwrap();
        rows.iter().map(|row| row.id.as_bytes()[0]).collect::<Vec<_>>()
    };
    assert_eq!(ids(RecordQuery { readings: vec![Reading::Unread], ..query.clone() }).await, [42]);
    assert_eq!(ids(RecordQuery { readings: Reading::WAITING.to_vec(), ..query.clone() }).await, [42, 41]);
    assert_eq!(ids(RecordQuery { earliest_first: true, ..query.clone() }).await, [41, 42]);
    assert_eq!(ids(RecordQuery { conflicts: true, ..query.clone() }).await, [42]);
    let span = Some((day("2026-11-19"), day("2026-11-21")));
    assert_eq!(ids(RecordQuery { days: span, ..query }).await, [41]);

    let look = AuditEntry {
        at: NOW,
        who: Some("plead".into()),
        act: Act::Read,
        records: vec![record(41), record(42)],
        detail: String::new(),
    };
    db.note(vec![look.clone(), AuditEntry { act: Act::History, records: vec![record(41)], ..look }])
        .await
        .unwrap();
    let about: Vec<_> =
        db.audit_about(&record(41), None, 9).await.unwrap().into_iter().map(|row| row.entry.act).collect();
    assert_eq!(about, [Act::History, Act::Read]);
    assert_eq!(db.audit_about(&record(41), None, 1).await.unwrap().len(), 1);
}

/// The suite: a fresh database goes in.
async fn ticks_are_found_by_who_made_them_on_their_day<D: Database>(db: &D) {
    let day = |text: &str| text.parse::<Day>().unwrap();
    let list = |voided, ticks: &str| Row {
        voided,
        json: format!(
            r#"{{"kind":"checklist","author":"plead","title":"巡查","group":"sread","items":{{"a1":{{"title":"查"}}}},"ticks":{ticks}}}"#
        ),
        ..row(51, "sread", Kind::Checklist)
    };
    let put = async |n: u8, expected, row| {
        let append = append("sread", vec![arrival(n, 51)], vec![(expected, row)]);
        assert!(matches!(db.append(append).await.unwrap(), Appended::Done(_)));
    };
    let (scopes, one, other) = ([ScopeId::from("sread")], ["pworker".into()], ["plead".into()]);
    let at = NOW.0;
    put(51, 0, list(false, &format!(r#"{{"a1":{{"pworker":{at},"plead":{}}}}}"#, at - 86_400_000))).await;
    let (today, before) = (day("2026-11-23"), day("2026-11-22"));
    assert_eq!(db.ticked_on(&scopes, &one, today).await.unwrap(), [record(51)]);
    assert!(db.ticked_on(&scopes, &one, before).await.unwrap().is_empty(), "another one's tick");
    assert!(db.ticked_on(&[], &one, today).await.unwrap().is_empty());
    let beside = async |who: &[PersonId], later| db.ticks_beside(&scopes, who, before, later).await.unwrap();
    assert_eq!((beside(&one, true).await, beside(&one, false).await), (Some(today), None));
    assert_eq!(beside(&other, true).await, None, "the day itself is none beside it");
    put(52, 1, list(false, &format!(r#"{{"a1":{{"plead":{}}}}}"#, at - 3 * 86_400_000))).await;
    assert_eq!(beside(&one, true).await, None, "taken back");
    assert_eq!(beside(&other, false).await, Some(day("2026-11-20")));
    put(53, 2, list(true, "{}")).await;
    assert_eq!(beside(&other, false).await, None, "withdrawn");
}

async fn conforms<D: Database>(db: D) {
    db.ping().await.unwrap();
    assert_eq!(db.identity().await.unwrap().zone_minutes, 480);
    people(&db).await;
    all_or_none_of_an_edit_counts(&db).await;
    a_community_spells_out_into_its_parts(&db).await;
    an_invitation_is_used_once(&db).await;
    a_log_grows_in_one_line(&db).await;
    an_append_under_old_permissions_is_refused(&db).await;
    records_come_newest_first_and_page_by_page(&db).await;
    a_refusal_is_kept_once(&db).await;
    a_token_is_found_by_its_secret_alone(&db).await;
    a_console_account_its_sessions_and_its_failed_logins(&db).await;
    where_records_stand(&db).await;
    ticks_are_found_by_who_made_them_on_their_day(&db).await;
}

#[tokio::test]
async fn the_embedded_database_conforms() {
    for threads in [Threads::Blocking, Threads::Caller] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("gridbook.db");
        conforms(Sqlite::open(&file, &Surroundings::system(), threads).unwrap()).await;
    }
}

#[tokio::test]
async fn a_backup_is_a_whole_database_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let open =
        |name: &str| Sqlite::open(&folder.path().join(name), &Surroundings::system(), Threads::Blocking);
    let db = open("gridbook.db").unwrap();
    people(&db).await;
    db.backup(&folder.path().join("copy.db")).await.unwrap();
    assert!(!folder.path().join("copy.db-wal").exists(), "one file to carry away");
    let copy = open("copy.db").unwrap();
    assert_eq!(copy.roll().await.unwrap().people.len(), 2);
    assert_eq!(copy.identity().await.unwrap().server, db.identity().await.unwrap().server);
    assert_eq!(copy.identity().await.unwrap().seal_key, db.identity().await.unwrap().seal_key);
}
