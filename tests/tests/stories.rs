//! The main job, told as stories: phones that lose the network, edit the same things, change hands, meet a
//! server that has forgotten, and lose nothing.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use gridbook_core::Error;
use gridbook_core::model::{
    Checklist, DiaryEntry, Household, Item, Mark, Outcome, Role, Scalar, Standing, Tags, Visit,
};
use gridbook_core::workbook::{Filter, New};
use gridbook_tests::town::Town;

// Story: two_phones_one_visit
// Story: conflict_and_choice
#[tokio::test]
async fn two_phones_edit_one_visit_and_a_person_chooses() {
    let mut town = Town::new().await;
    let mut jia = town.worker("甲").await;
    let mut yi = town.worker("乙").await;
    let home = jia.household("3-1-501");
    let visit = jia.visit(&home, "老人独居");
    town.settle(&[&jia, &yi]).await;

    jia.go_offline();
    yi.go_offline();
    let mut by_jia = jia.workbook().get::<Visit>(visit.id).unwrap();
    by_jia.content.note = "老人独居，要求装扶手".into();
    by_jia.content.hazards = Tags::from_iter(["gas"]);
    jia.workbook().edit(&by_jia).unwrap();
    let mut by_yi = yi.workbook().get::<Visit>(visit.id).unwrap();
    by_yi.content.note = "老人独居，女儿每周来".into();
    by_yi.content.hazards = Tags::from_iter(["no_smoke_alarm"]);
    by_yi.content.requests = "想办老年卡".into();
    yi.workbook().edit(&by_yi).unwrap();
    assert!(matches!(jia.sync().await, Err(Error::Offline(_))));

    jia.go_online();
    yi.go_online();
    town.settle(&[&jia, &yi]).await;
    for phone in [&jia, &yi] {
        let merged = phone.workbook().get::<Visit>(visit.id).unwrap();
        assert_eq!(
            merged.content.hazards,
            Tags::from_iter(["gas", "no_smoke_alarm"]),
            "sets merge by element"
        );
        assert_eq!(merged.content.requests, "想办老年卡", "other fields are untouched");
        assert_eq!(merged.conflicts, 1);
        let conflicts = phone.workbook().conflicts().unwrap();
        let values: Vec<_> = conflicts[0].candidates.iter().map(|(candidate, _)| &candidate.value).collect();
        assert_eq!(conflicts[0].field, "note");
        assert!(values.contains(&&Scalar::Text("老人独居，要求装扶手".into())), "{values:?}");
        assert!(values.contains(&&Scalar::Text("老人独居，女儿每周来".into())), "{values:?}");
        assert!(conflicts[0].candidates.iter().all(|(_, person)| person.is_some()), "each value has a name");
    }
    let both = Scalar::Text("老人独居，要求装扶手，女儿每周来".into());
    yi.workbook().choose(visit.id, "note", both).unwrap();
    town.settle(&[&jia, &yi]).await;
    let settled = jia.workbook().get::<Visit>(visit.id).unwrap();
    assert_eq!((settled.content.note.as_str(), settled.conflicts), ("老人独居，要求装扶手，女儿每周来", 0));
}

// Story: reconnect
#[tokio::test]
async fn a_week_offline_arrives_whole_and_each_record_shows_how_far_it_got() {
    let mut town = Town::new().await;
    let mut jia = town.worker("甲").await;
    let lead = town.lead("组长").await;
    let home = jia.household("3-1-501");
    jia.go_offline();
    let day = 86_400_000;
    let mut visits = Vec::new();
    for number in 0..7 * 12 {
        let occurred_at = Some(home.created.plus_millis(-day * (number / 12)));
        let visit = Visit {
            household: home.id,
            outcome: Some(Outcome::Met),
            note: format!("第{number}户"),
            ..Visit::default()
        };
        visits.push(jia.workbook().visits().save(New { occurred_at, ..New::of(visit) }).unwrap().id);
        if number % 20 == 0 {
            jia.reopen();
            jia.go_offline();
        }
    }
    let standing = |id| jia.workbook().record(id).unwrap().standing;
    assert!(visits.iter().all(|id| standing(*id) == Standing::OnPhone));
    jia.go_online();
    let report = jia.sync().await.unwrap();
    assert_eq!((report.sent, report.round_trips), (7 * 12 + 1, 1), "one round trip for everything");
    let standing = |id| jia.workbook().record(id).unwrap().standing;
    assert!(visits.iter().all(|id| standing(*id) == Standing::OnServer));

    lead.sync().await.unwrap();
    lead.workbook().reviews().mark(visits[0], Mark::Returned, "请补上下次走访日期").unwrap();
    town.settle(&[&lead, &jia]).await;
    assert_eq!(standing(visits[0]), Standing::Reviewed(Mark::Returned));
    let thread = jia.workbook().reviews().of(visits[0]).unwrap();
    assert_eq!(thread[0].content.note, "请补上下次走访日期");

    let mut answer = jia.workbook().get::<Visit>(visits[0]).unwrap();
    answer.content.next_visit = Some(jia.workbook().today().plus_days(7));
    jia.workbook().edit(&answer).unwrap();
    town.settle(&[&jia, &lead]).await;
    assert_eq!(standing(visits[0]), Standing::OnServer, "an edited record wants a new look");
    assert_eq!(
        lead.workbook().get::<Visit>(visits[0]).unwrap().content.next_visit,
        answer.content.next_visit
    );
}

#[tokio::test]
async fn a_server_restored_from_an_old_backup_gets_everything_back() {
    let mut town = Town::new().await;
    let jia = town.worker("甲").await;
    let mut yi = town.worker("乙").await;
    let home = jia.household("3-1-501");
    town.settle(&[&jia, &yi]).await;
    let backup = town.back_up().await;

    let by_jia = jia.visit(&home, "备份之后甲写的");
    let by_yi = yi.visit(&home, "备份之后乙写的");
    town.settle(&[&jia, &yi]).await;
    yi.go_offline();
    let late = yi.visit(&home, "断网时写的");
    town.restore(&backup).await;
    let meanwhile = jia.visit(&home, "恢复之后写的");

    let report = jia.sync().await.unwrap();
    assert_eq!(report.healed, 2, "one phone gives back its own change and the colleague's");
    let new = town.worker("丙").await;
    new.sync().await.unwrap();
    for id in [by_jia.id, by_yi.id, meanwhile.id] {
        new.workbook().record(id).unwrap();
    }
    yi.go_online();
    town.settle(&[&yi, &jia, &new]).await;
    for phone in [&jia, &yi, &new] {
        let visits = phone.workbook().list::<Visit>(&Filter::default(), None, 10).unwrap().items;
        assert_eq!(visits.len(), 4);
        assert!(visits.iter().all(|visit| visit.standing == Standing::OnServer));
        assert!(phone.workbook().record(late.id).is_ok());
    }
}

#[tokio::test]
async fn a_changed_grant_brings_a_scopes_past_and_takes_the_old_one_after_its_work_is_safe() {
    let mut town = Town::new().await;
    let (first, second) = (town.grids[0].clone(), town.grids[1].clone());
    let jia = town.phone("甲", &[(first.clone(), Role::Worker)]).await;
    let yi = town.phone("乙", &[(second.clone(), Role::Worker)]).await;
    let home_1 = jia.household("1-1-101");
    let home_2 = yi.household("2-1-201");
    let _ = yi.visit(&home_2, "第二网格的往事");
    town.settle(&[&jia, &yi]).await;

    let person = town.person("甲", &[(second.clone(), Role::Worker)]).await;
    let admin = town.server().admin();
    admin.revoke_grant(&person, Role::Worker, &first).await.unwrap();
    let unsent = jia.visit(&home_1, "交接前还没发出的");
    let report = jia.sync().await.unwrap();
    assert_eq!(report.refused, [unsent.id], "the server refuses it and keeps it");
    assert_eq!(report.dropped, std::slice::from_ref(&first));
    assert!(matches!(jia.workbook().record(home_1.id), Err(Error::NoSuchRecord(_))));
    assert_eq!(jia.workbook().status().unwrap().quarantined, 1, "the phone keeps it too, out of sight");
    town.settle(&[&jia]).await;
    let past = jia.workbook().list::<Visit>(&Filter::default(), None, 10).unwrap().items;
    assert_eq!(past.len(), 1);
    assert_eq!(past[0].content.note, "第二网格的往事");
    assert_eq!(town.server().service().database().counts().await.unwrap().quarantined, 1, "nothing is lost");

    admin.grant(&person, Role::Worker, &first).await.unwrap();
    town.settle(&[&jia]).await;
    assert!(jia.workbook().record(home_1.id).is_ok(), "the own past comes back too");
    let sent = jia.workbook().get::<Visit>(unsent.id).unwrap();
    assert_eq!((sent.standing, sent.content.note.as_str()), (Standing::OnServer, "交接前还没发出的"));
    let status = jia.workbook().status().unwrap();
    assert_eq!(
        (status.unsent, status.refused, status.quarantined),
        (0, 0, 0),
        "and what was refused goes out"
    );
}

// Story: five_tick_one_list
#[tokio::test]
async fn a_list_is_ticked_by_five_at_once() {
    let mut town = Town::new().await;
    let lead = town.lead("组长").await;
    let item = |title: &str, people| Item { title: title.into(), people, ..Item::default() };
    let list = Checklist {
        title: "一周安全检查".into(),
        group: town.safety.clone(),
        items: [("lamps".to_owned(), item("楼道灯", 3)), ("boxes".to_owned(), item("消防箱", 1))].into(),
        ..Checklist::default()
    };
    let list = lead.workbook().checklists().save(New::of(list)).unwrap();
    lead.sync().await.unwrap();
    let safety = town.safety.clone();
    let mut members = Vec::new();
    for name in ["甲", "乙", "丙", "丁", "戊"] {
        let mut member = town.phone(name, &[(safety.clone(), Role::Member)]).await;
        member.sync().await.unwrap();
        member.go_offline();
        member.workbook().checklists().tick(list.id, "lamps").unwrap();
        members.push(member);
    }
    members[0].workbook().checklists().tick(list.id, "boxes").unwrap();
    members[1].workbook().checklists().tick(list.id, "boxes").unwrap();
    members[1].workbook().checklists().untick(list.id, "boxes", None).unwrap();
    for member in &mut members {
        member.go_online();
    }
    let mut phones: Vec<_> = members.iter().collect();
    phones.push(&lead);
    town.settle(&phones).await;
    for phone in phones {
        let list = phone.workbook().get::<Checklist>(list.id).unwrap();
        assert_eq!(list.conflicts, 0, "ticks never conflict");
        let progress = list.content.progress();
        let lamps = progress.iter().find(|item| item.id == "lamps").unwrap();
        assert_eq!((lamps.ticks.len(), lamps.done), (5, true));
        let boxes = progress.iter().find(|item| item.id == "boxes").unwrap();
        assert_eq!((boxes.ticks.len(), boxes.done), (1, true));
    }
    let refused = members[0].workbook().void(list.id, "不要了");
    assert!(refused.is_ok(), "a member may withdraw what members write");
}

#[tokio::test]
async fn two_phones_begin_the_same_period_offline_and_make_one_list() {
    let mut town = Town::new().await;
    let lead = town.lead("组长").await;
    let template = gridbook_tests::samples::full(gridbook_core::model::Kind::Template);
    let gridbook_core::model::Content::Template(mut template) = template else { panic!("a template") };
    (template.group, template.paused) = (town.safety.clone(), false);
    lead.workbook().checklists().save_template(New::of(template)).unwrap();
    lead.sync().await.unwrap();
    let mut jia = town.worker("甲").await;
    let mut yi = town.worker("乙").await;
    town.settle(&[&jia, &yi]).await;
    jia.go_offline();
    yi.go_offline();
    let today = jia.workbook().today();
    let made: Vec<_> =
        [&jia, &yi].iter().map(|phone| phone.workbook().checklists().begin_period(today).unwrap()).collect();
    assert_eq!(made[0], made[1]);
    for phone in [&jia, &yi] {
        phone.workbook().checklists().tick(made[0][0], "a1").unwrap();
    }
    jia.go_online();
    yi.go_online();
    town.settle(&[&jia, &yi, &lead]).await;
    for phone in [&jia, &yi, &lead] {
        let lists = phone.workbook().list::<Checklist>(&Filter::default(), None, 10).unwrap().items;
        assert_eq!(lists.len(), 1, "no duplicate");
        assert_eq!((lists[0].content.ticks["a1"].len(), lists[0].conflicts), (2, 0));
    }
}

#[tokio::test]
async fn a_roster_with_bad_lines_imports_nothing_and_names_each() {
    let mut town = Town::new().await;
    let jia = town.worker("甲").await;
    let _ = jia.household("3-1-501");
    let bad = "楼栋,单元,室,户分类\n3,1,502,红\n3,1,,黄\n3,1,503,紫\n3,1,501,绿\n";
    let report = jia.workbook().households().import("roster.csv", bad.as_bytes(), None).unwrap();
    let lines: Vec<_> = report.problems.iter().map(|problem| problem.line).collect();
    assert_eq!((report.imported, lines), (0, vec![3, 4]), "{:?}", report.problems);
    assert_eq!(report.known, [5], "what is there already stays as it is");
    assert_eq!(jia.workbook().list::<Household>(&Filter::default(), None, 10).unwrap().items.len(), 1);

    let good = "楼栋,单元,室,户分类\n3,1,502,红\n3,1,503,黄\n";
    let report = jia.workbook().households().import("roster.csv", good.as_bytes(), None).unwrap();
    assert_eq!((report.imported, report.problems.len()), (2, 0));
    town.settle(&[&jia]).await;
    assert_eq!(jia.workbook().status().unwrap().unsent, 0);
}

#[tokio::test]
async fn a_form_left_open_while_news_arrive_overwrites_nobody() {
    let mut town = Town::new().await;
    let jia = town.worker("甲").await;
    let yi = town.worker("乙").await;
    let home = jia.household("3-1-501");
    town.settle(&[&jia, &yi]).await;
    let mut form = jia.workbook().get::<Household>(home.id).unwrap();
    let mut by_yi = yi.workbook().get::<Household>(home.id).unwrap();
    by_yi.content.note = "乙：有狗".into();
    by_yi.content.class = "red".into();
    yi.workbook().edit(&by_yi).unwrap();
    town.settle(&[&yi, &jia]).await;

    form.content.note = "甲：门铃坏了".into();
    let saved = jia.workbook().edit(&form).unwrap();
    assert_eq!(saved.content.class, "red", "a field the form did not touch keeps the news");
    assert_eq!(saved.conflicts, 1, "both notes are kept");
    town.settle(&[&jia, &yi]).await;
    assert_eq!(yi.workbook().conflicts_in(home.id).unwrap()[0].candidates.len(), 2);
}

// Story: cancel_in_mid_sync
#[tokio::test]
async fn cancel_stops_an_exchange_and_the_next_one_resumes() {
    let mut town = Town::new().await;
    let jia = town.worker("甲").await;
    let entry = DiaryEntry { text: "写一句".into(), ..DiaryEntry::default() };
    jia.workbook().diary().save(New::of(entry)).unwrap();
    let client = jia.client().unwrap();
    let exchange = jia.workbook().sync(&client, |_| {});
    tokio::pin!(exchange);
    // Polled once, the request is under way; then the user taps cancel.
    assert!(futures::poll!(&mut exchange).is_pending());
    jia.workbook().cancel_sync();
    assert!(matches!(exchange.await, Err(Error::Cancelled)));
    assert_eq!(jia.workbook().status().unwrap().unsent, 1);
    assert_eq!(jia.sync().await.unwrap().sent, 1);
}
