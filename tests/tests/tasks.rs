//! The tasks of a morning: which items of the groups' lists wait for whom.

#![allow(clippy::unwrap_used, reason = "a story that cannot go on fails")]

use gridbook_core::clock::Day;
use gridbook_core::model::{Checklist, Item, Role, Tags};
use gridbook_core::workbook::New;
use gridbook_tests::town::{Phone, Town};

/// The items that wait for the phone's person, as "list: item".
fn waiting(phone: &Phone, day: Day) -> Vec<String> {
    let open = phone.workbook().checklists().open_items(day).unwrap();
    open.into_iter().map(|item| format!("{}: {}", item.list_title, item.title)).collect()
}

fn items(titles: &[&str]) -> std::collections::BTreeMap<String, Item> {
    let item = |title: &&str| (title.to_string(), Item { title: title.to_string(), ..Item::default() });
    titles.iter().map(item).collect()
}

#[tokio::test]
async fn an_item_waits_for_who_is_asked_or_for_anybody_until_it_is_ticked() {
    let mut town = Town::new().await;
    let group = town.safety.clone();
    let lead = town.phone("组长", &[(group.clone(), Role::Lead)]).await;
    let jia = town.phone("甲", &[(group.clone(), Role::Member)]).await;
    let yi = town.phone("乙", &[(group.clone(), Role::Member)]).await;
    let auditor = town.phone("审计", &[(group.clone(), Role::Auditor)]).await;
    let mut list = Checklist { title: "本周".into(), group, ..Checklist::default() };
    list.items = items(&["anybody", "jia", "nobody", "removed", "two"]);
    list.items.get_mut("two").unwrap().people = 2;
    list.items.get_mut("removed").unwrap().removed = true;
    let person = jia.workbook().person().unwrap();
    list.assignees =
        [("jia".to_owned(), Tags::from_iter([person.to_string()])), ("nobody".into(), Tags::default())]
            .into();
    let list = lead.workbook().checklists().save(New::of(list)).unwrap();
    town.settle(&[&lead, &jia, &yi, &auditor]).await;

    let today = jia.workbook().today();
    assert_eq!(waiting(&jia, today), ["本周: anybody", "本周: jia", "本周: nobody", "本周: two"]);
    assert_eq!(
        waiting(&yi, today),
        ["本周: anybody", "本周: nobody", "本周: two"],
        "another is asked by name"
    );
    assert_eq!(waiting(&auditor, today), [""; 0], "who may not tick has nothing to do");

    for item in ["anybody", "two"] {
        jia.workbook().checklists().tick(list.id, item).unwrap();
    }
    assert_eq!(waiting(&jia, today), ["本周: jia", "本周: nobody"], "one tick of two is this person's all");
    town.settle(&[&jia, &yi]).await;
    assert_eq!(
        waiting(&yi, today),
        ["本周: nobody", "本周: two"],
        "what is done waits for nobody, the second tick does"
    );
    yi.workbook().checklists().tick(list.id, "two").unwrap();
    town.settle(&[&yi, &lead]).await;
    assert_eq!(waiting(&lead, today), ["本周: nobody"], "two of two is done; a lead is asked as anybody is");
    jia.workbook().checklists().untick(list.id, "anybody", None).unwrap();
    assert_eq!(waiting(&jia, today), ["本周: anybody", "本周: jia", "本周: nobody"]);

    lead.workbook().void(list.id, "作废").unwrap();
    town.settle(&[&lead, &jia]).await;
    assert_eq!(waiting(&jia, today), [""; 0], "a withdrawn list asks nobody");
}

#[tokio::test]
async fn a_list_counts_on_the_days_of_its_period_and_what_is_due_first_comes_first() {
    let mut town = Town::new().await;
    let group = town.safety.clone();
    let jia = town.phone("甲", &[(group.clone(), Role::Member)]).await;
    let day = jia.workbook().today();
    let list = |title: &str, starts: Option<i64>, ends: Option<i64>, due: Option<i64>| {
        let at = |days: i64| day.plus_days(days);
        let mut items = items(&["one"]);
        items.get_mut("one").unwrap().due = due.map(at);
        let (title, group) = (title.to_owned(), group.clone());
        let list = Checklist {
            title,
            group,
            starts: starts.map(at),
            ends: ends.map(at),
            items,
            ..Checklist::default()
        };
        jia.workbook().checklists().save(New::of(list)).unwrap();
    };
    list("without days", None, None, None);
    list("from today", Some(0), Some(6), None);
    list("until today", Some(-6), Some(0), None);
    list("missed since yesterday", Some(-7), Some(-1), None);
    list("missed too long ago", Some(-12), Some(-8), None);
    list("of a day, missed", Some(-2), Some(-2), None);
    list("of tomorrow", Some(1), Some(7), None);
    list("open-ended", Some(-30), None, Some(-2));
    list("due tomorrow", Some(-3), Some(9), Some(1));

    let open = jia.workbook().checklists().open_items(day).unwrap();
    let told: Vec<_> = open.iter().map(|item| (item.list_title.as_str(), item.by, item.overdue)).collect();
    let by = |days| Some(day.plus_days(days));
    assert_eq!(
        told,
        [
            ("open-ended", by(-2), true),
            ("missed since yesterday", by(-1), true),
            ("until today", by(0), false),
            ("due tomorrow", by(1), false),
            ("from today", by(6), false),
            ("without days", None, false),
        ]
    );
    assert!(waiting(&jia, day.plus_days(1)).contains(&"of tomorrow: one".to_owned()));
    // What was missed is asked for once more as long as its list ran, and then no more.
    let waits = |title: &str, on: i64| waiting(&jia, day.plus_days(on)).contains(&format!("{title}: one"));
    for (title, last) in [("until today", 7), ("missed since yesterday", 6), ("of a day, missed", -1)] {
        assert!(waits(title, last), "{title} on the last day");
        assert!(!waits(title, last + 1), "{title} on the day after");
    }
}
