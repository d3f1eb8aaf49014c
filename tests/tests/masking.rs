//! No number stands whole in what lists show, wherever and however it was typed; and what a list masked is
//! never written back.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use gridbook_core::Error;
use gridbook_core::clock::Instant;
use gridbook_core::id::RecordId;
use gridbook_core::model::masking::mask;
use gridbook_core::model::{Checklist, Household, Item, Mark, Outreach, Record, Role, Scalar, Visit, Voided};
use gridbook_core::workbook::{DayLine, Filter, New};
use gridbook_tests::town::{Phone, Town};
use proptest::prelude::*;

/// An identity number that checks out: 17 digits with a birthday, and the check digit of GB 11643.
fn identity() -> impl Strategy<Value = String> {
    (110_000_u32..660_000, 1930_u32..2020, 1_u32..=12, 1_u32..=28, 0_u32..1_000).prop_map(
        |(place, year, month, day, serial)| {
            let body = format!("{place}{year}{month:02}{day:02}{serial:03}");
            let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
            let sum: u32 =
                body.chars().zip(weights).map(|(c, weight)| c.to_digit(10).unwrap() * weight).sum();
            format!("{body}{}", ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][(sum % 11) as usize])
        },
    )
}

fn old_identity() -> impl Strategy<Value = String> {
    (110_000_u32..660_000, 30_u32..99, 1_u32..=12, 1_u32..=28, 0_u32..1_000)
        .prop_map(|(place, year, month, day, serial)| format!("{place}{year}{month:02}{day:02}{serial:03}"))
}

fn phone() -> impl Strategy<Value = String> {
    (13_000_000_000_u64..20_000_000_000).prop_map(|number| number.to_string())
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![identity(), old_identity(), phone()]
}

/// The number as someone may type it: full-width digits, blanks and hyphens between.
fn typed(number: String) -> impl Strategy<Value = String> {
    let gaps = prop::collection::vec(
        prop_oneof![10 => Just(""), 1 => Just(" "), 1 => Just("-"), 1 => Just("－"), 1 => Just("\u{3000}"), 1 => Just(" -")],
        number.len(),
    );
    (gaps, any::<bool>(), any::<bool>()).prop_map(move |(gaps, wide, small)| {
        let mut text = String::new();
        for (place, (character, gap)) in number.chars().zip(gaps).enumerate() {
            text.push_str(if place == 0 { "" } else { gap });
            text.push(match character {
                'X' if small => 'x',
                'X' if wide => 'Ｘ',
                digit if wide && digit.is_ascii_digit() => {
                    char::from_u32(digit as u32 - '0' as u32 + '０' as u32).unwrap()
                }
                other => other,
            });
        }
        text
    })
}

/// The digits of a text as one hears them.
fn digits(text: &str) -> String {
    let plain = text.chars().filter_map(|c| match c {
        '０'..='９' => char::from_digit(c as u32 - '０' as u32, 10),
        'Ｘ' | 'x' | 'ｘ' => Some('X'),
        '0'..='9' | 'X' | '*' => Some(c),
        _ => None,
    });
    plain.collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Anywhere in any text.
    #[test]
    fn a_number_keeps_its_first_three_and_last_four(
        (number, typed) in number().prop_flat_map(|number| (Just(number.clone()), typed(number))),
        before in "([\\PN]{0,12}[^0-9０-９\\PN])?",
        after in "([^0-9０-９XxＸｘ\\PN][\\PN]{0,12})?",
    ) {
        let text = format!("{before}{typed}{after}");
        let masked = mask(&text);
        let length = number.len();
        let shown = format!("{}{}{}", &number[..3], "*".repeat(length - 7), &number[length - 4..]);
        prop_assert!(masked.contains(before.as_str()) && masked.contains(after.as_str()));
        prop_assert!(digits(&masked).contains(&shown), "{masked}");
        prop_assert_eq!(mask(&masked), masked, "once is enough");
        prop_assert_eq!(mask(&text).chars().count(), text.chars().count(), "no character comes or goes");
    }

    /// Two numbers side by side, and digits of other things around them.
    #[test]
    fn numbers_beside_numbers_are_all_masked(first in number(), second in number(), room in 1_u32..9_999, wide in any::<bool>()) {
        let between = if wide { " " } else { "、" };
        let masked = mask(&format!("{room}室 {first}{between}{second} {room}"));
        prop_assert!(!masked.contains(&first) && !masked.contains(&second), "{masked}");
        prop_assert!(!digits(&masked).contains(&first) && !digits(&masked).contains(&second), "{masked}");
        let run_together = mask(&format!("{first}{second}"));
        prop_assert!(!run_together.contains(&first) && !run_together.contains(&second));
    }
}

#[tokio::test]
async fn lists_mask_a_record_of_its_own_shows_and_nothing_masked_is_written_back() {
    let mut town = Town::new().await;
    let jia = town.worker("甲").await;
    let lead = town.lead("组长").await;
    let auditor = town.phone("审计", &[(town.community.clone(), Role::Auditor)]).await;
    let home = Household {
        dwelling: "3-1-501".parse().ok(),
        class: "red".into(),
        contact: "样例".into(),
        phone: "13800000000".into(),
        note: "女儿 139-0000-0001".into(),
        ..Household::default()
    };
    let saved = jia.workbook().households().save(New::of(home)).unwrap();
    assert_eq!(saved.content.phone, "13800000000");
    let _ = jia.visit(&saved, "致电13800000000");
    town.settle(&[&jia, &lead, &auditor]).await;

    let (homes, _) = jia.workbook().households().walk(None, 10).unwrap();
    assert_eq!(
        (homes[0].content.phone.as_str(), homes[0].content.note.as_str()),
        ("138****0000", "女儿 139-****-0001")
    );
    let (due, _) = jia.workbook().households().due(jia.workbook().today().plus_days(40), None, 10).unwrap();
    assert_eq!(due[0].household.content.phone, "138****0000");
    assert_eq!(
        jia.workbook().list::<Visit>(&Filter::default(), None, 9).unwrap().items[0].content.note,
        "致电138****0000"
    );
    let found = jia.workbook().search("致电", None, 9).unwrap().items;
    assert!(format!("{found:?}").contains("138****0000") && !format!("{found:?}").contains("13800000000"));
    let page = jia.workbook().diary().page(jia.workbook().today(), None).unwrap();
    let DayLine::Visit { visit, .. } = &page.lines[0] else { panic!("a visit") };
    assert_eq!(visit.content.note, "致电138****0000");

    // The record's own page: its author sees the number; a lead asks for it, and an auditor does in vain.
    assert_eq!(jia.workbook().get::<Household>(saved.id).unwrap().content.phone, "13800000000");
    assert!(
        jia.workbook().export(saved.id).is_ok() && jia.workbook().masked_fields(saved.id).unwrap().is_empty()
    );
    for phone in [&lead, &auditor] {
        assert_eq!(phone.workbook().get::<Household>(saved.id).unwrap().content.phone, "138****0000");
        assert!(!format!("{:?}", phone.workbook().history(saved.id).unwrap()).contains("13800000000"));
        assert!(matches!(phone.workbook().export(saved.id), Err(Error::NotPermitted { .. })));
    }
    assert_eq!(lead.workbook().reveal(saved.id, "phone", "回访").unwrap(), ["13800000000"]);
    assert!(matches!(auditor.workbook().reveal(saved.id, "phone", "回访"), Err(Error::NotPermitted { .. })));
    assert!(auditor.workbook().void(saved.id, "x").is_err());
    assert!(matches!(
        jia.workbook().reviews().mark(saved.id, Mark::Seen, ""),
        Err(Error::NotPermitted { .. })
    ));

    // What came from a list is edited: only what was typed is written.
    let mut listed = homes.into_iter().next().unwrap();
    listed.content.class = "green".into();
    let edited = jia.workbook().edit(&listed).unwrap();
    assert_eq!((edited.content.phone.as_str(), edited.content.class.as_str()), ("13800000000", "green"));
    assert_eq!(edited.content.note, "女儿 139-0000-0001");
    listed.version = edited.version;
    listed.content.phone = "13700000007".into();
    assert_eq!(jia.workbook().edit(&listed).unwrap().content.phone, "13700000007", "a new number is an edit");

    let list = Checklist {
        title: "回访 13800000000".into(),
        group: town.safety.clone(),
        items: [("a1".to_owned(), Item { title: "拨 13900000001".into(), ..Item::default() })].into(),
        ..Checklist::default()
    };
    let list = lead.workbook().checklists().save(New::of(list)).unwrap();
    let member = town.phone("组员", &[(town.safety.clone(), Role::Member)]).await;
    town.settle(&[&lead, &member]).await;
    let ticked = member.workbook().checklists().tick(list.id, "a1").unwrap();
    assert_eq!(
        (ticked.content.title.as_str(), ticked.content.items["a1"].title.as_str()),
        ("回访 138****0000", "拨 139****0001")
    );
    town.settle(&[&lead, &member]).await;
    assert_eq!(lead.workbook().get::<Checklist>(list.id).unwrap().content.title, "回访 13800000000");
}

/// Two leads write different titles while both are offline.
async fn two_titles(town: &Town, leads: [&Phone; 2], list: RecordId, titles: [&str; 2]) {
    for (lead, title) in leads.iter().zip(titles) {
        let mut mine = lead.workbook().get::<Checklist>(list).unwrap();
        mine.content.title = title.into();
        lead.workbook().edit(&mine).unwrap();
    }
    town.settle(&leads).await;
}

#[tokio::test]
async fn conflicts_and_the_past_are_masked_as_the_record_is() {
    let mut town = Town::new().await;
    let (one, other) = (town.lead("组长").await, town.lead("副组长").await);
    let member = town.phone("组员", &[(town.safety.clone(), Role::Member)]).await;
    let list =
        Checklist { title: "回访 13800000000".into(), group: town.safety.clone(), ..Checklist::default() };
    let list = one.workbook().checklists().save(New::of(list)).unwrap().id;
    town.settle(&[&one, &other]).await;
    two_titles(&town, [&one, &other], list, ["回访 13900000001", "回访 13900000002"]).await;
    town.settle(&[&member]).await;

    let open = member.workbook().conflicts().unwrap();
    let shown: Vec<Scalar> =
        open[0].candidates.iter().map(|(candidate, _)| candidate.value.clone()).collect();
    let text = format!("{shown:?}");
    assert!(text.contains("139****0001") && !text.contains("13900000001"), "{text}");
    assert!(
        format!("{:?}", one.workbook().conflicts().unwrap()).contains("13900000001"),
        "who may see, sees"
    );

    // What was shown masked stands for what was written.
    let first = shown.into_iter().find(|value| value.as_text() == Some("回访 139****0001")).unwrap();
    member.workbook().choose(list, "title", first).unwrap();
    town.settle(&[&member, &one]).await;
    assert_eq!(one.workbook().get::<Checklist>(list).unwrap().content.title, "回访 13900000001");

    // Two that look the same are not chosen between at random.
    town.settle(&[&other]).await;
    two_titles(&town, [&one, &other], list, ["回访 13900010001", "回访 13900020001"]).await;
    town.settle(&[&member]).await;
    let shown = member.workbook().conflicts().unwrap()[0].candidates[0].0.value.clone();
    let refused = member.workbook().choose(list, "title", shown).unwrap_err();
    assert!(matches!(refused, Error::Invalid { field: "conflict", .. }), "{refused:?}");

    // A number that was taken out of the record is still in its past.
    one.workbook().choose(list, "title", Scalar::Text("回访".into())).unwrap();
    town.settle(&[&one, &member]).await;
    assert_eq!(member.workbook().get::<Checklist>(list).unwrap().content.title, "回访");
    let past = format!("{:?}", member.workbook().history(list).unwrap());
    assert!(past.contains("138****0000") && !past.contains("13800000000"), "{past}");
    assert!(matches!(member.workbook().export(list), Err(Error::NotPermitted { .. })));
}

/// A visit that its worker withdrew with a number in the reason, to a household whose id ends in digits alone: in running
/// text they would be a number.
async fn withdrawn(town: &Town, phones: &[&Phone]) -> (RecordId, Record<Visit>) {
    let (author, home) = (phones[0], "01a20606-35c0-7abc-8def-019000000017".parse().unwrap());
    let household =
        Household { dwelling: "3-1-501".parse().ok(), class: "red".into(), ..Household::default() };
    let household = New { id: Some(home), ..New::of(household) };
    let household = author.workbook().households().save(household).unwrap();
    let visit = author.visit(&household, "记错了户");
    town.settle(phones).await;
    author.workbook().void(visit.id, "已改打13800000000").unwrap();
    (home, author.workbook().get(visit.id).unwrap())
}

/// When and why a record was withdrawn, as a text of JSON says it.
fn told(text: &str) -> (Instant, String) {
    let voided: Voided = serde_json::from_str(text).unwrap();
    (voided.at, voided.reason)
}

#[tokio::test]
async fn on_phones_why_a_record_was_withdrawn_is_masked_and_its_time_and_its_links_are_not() {
    let mut town = Town::new().await;
    let jia = town.worker("甲").await;
    let (lead, colleague) = (town.lead("组长").await, town.worker("乙").await);
    let (home, visit) = withdrawn(&town, &[&jia, &lead, &colleague]).await;
    town.settle(&[&jia, &lead, &colleague]).await;

    let reason = |record: &Record<Visit>| record.header.voided.as_ref().unwrap().reason.clone();
    assert_eq!(reason(&visit), "已改打13800000000", "its author sees it whole on its own page");
    let at = visit.header.voided.unwrap().at;
    let everything = Filter { voided: true, ..Filter::default() };
    for phone in [&jia, &lead, &colleague] {
        let listed = phone.workbook().list::<Visit>(&everything, None, 9).unwrap().items;
        assert_eq!(reason(&listed[0]), "已改打138****0000");
        assert!(matches!(phone.workbook().edit(&listed[0]), Err(Error::Voided(_))));
    }
    for phone in [&lead, &colleague] {
        assert_eq!(reason(&phone.workbook().get(visit.id).unwrap()), "已改打138****0000");
        let steps = phone.workbook().history(visit.id).unwrap();
        let became = |field: &str| {
            let mut changes = steps.iter().flat_map(|step| &step.changes);
            changes.find(|change| change.field == field)?.to.as_ref()?.as_text().map(str::to_owned)
        };
        assert_eq!(told(&became("voided").unwrap()), (at, "已改打138****0000".to_owned()));
        assert_eq!(became("household"), Some(home.to_string()));
    }
}

#[tokio::test]
async fn in_the_box_a_withdrawal_keeps_its_time_and_a_record_its_links() {
    let mut town = Town::new().await;
    let jia = town.worker("甲").await;
    let (home, visit) = withdrawn(&town, &[&jia]).await;
    let device = jia.workbook().enrolment().unwrap().device;
    assert!(town.server().admin().revoke_device(&device).await.unwrap());
    jia.sync().await.unwrap();

    let (records, _) = town.server().service().open_box(&device).await.unwrap();
    let record = records.iter().find(|record| record.id == visit.id).unwrap().record.as_ref().unwrap();
    let at = visit.header.voided.unwrap().at;
    assert_eq!(told(record["voided"].as_str().unwrap()), (at, "已改打138****0000".to_owned()));
    assert_eq!(record["household"], home.to_string());
}

#[tokio::test]
async fn an_outreach_found_by_its_visit_is_masked_as_on_its_own_page() {
    let mut town = Town::new().await;
    let (jia, lead) = (town.worker("甲").await, town.lead("组长").await);
    let visit = jia.visit(&jia.household("3-1-501"), "反诈");
    let mut new = jia.workbook().visits().outreach_from(visit.id).unwrap();
    new.content.note = "骗子来电13900000001".into();
    jia.workbook().outreach().save(new).unwrap();
    town.settle(&[&jia, &lead]).await;

    let found = |phone: &Phone| -> Record<Outreach> {
        phone.workbook().outreach().of_visit(visit.id).unwrap().unwrap()
    };
    assert_eq!(found(&jia).content.note, "骗子来电13900000001", "its author's own");
    assert_eq!(found(&lead).content.note, "骗子来电139****0001");
}
