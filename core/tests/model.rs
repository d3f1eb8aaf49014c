//! The nouns: flat fields and back, dwellings, periods, due visits, lists, permission.

#![allow(clippy::unwrap_used, reason = "a test stops where it breaks")]
#![allow(unreachable_pub, reason = "the samples are shared by several tests")]

mod samples;

use std::collections::BTreeSet;

use gridbook_core::Error;
use gridbook_core::clock::{Instant, Zone};
use gridbook_core::id::{PersonId, ScopeId};
use gridbook_core::model::{
    Action, Body, Checklist, Content, DiaryEntry, Due, DueReason, Dwelling, Fields, Header, Household, Kind,
    LastVisit, Merge, Occupancy, Outcome, Projection, Recurrence, Review, RhythmTable, Role, Rule, Scalar,
    Template, Visit, flatten, next_due, permits, unflatten,
};
use samples::{checklist, day, full, header, id, tags, template};

fn tops(fields: &Fields) -> BTreeSet<&str> {
    fields.keys().map(|path| path.split('/').next().unwrap_or(path)).collect()
}

#[test]
fn the_table_of_fields_is_what_serde_writes() {
    let samples = full();
    let kinds: Vec<_> = samples.iter().map(Content::kind).collect();
    assert_eq!(kinds, Kind::ALL);
    for content in samples {
        let fields = content.fields();
        let declared: BTreeSet<_> = content.kind().fields().iter().map(|field| field.name).collect();
        assert_eq!(tops(&fields), declared, "{}", content.kind());
        for field in content.kind().fields() {
            let nested = fields.keys().any(|path| path.starts_with(&format!("{}/", field.name)));
            let maps = matches!(field.merge, Merge::PerElement | Merge::PerEntry);
            assert_eq!(nested, maps, "{}.{}", content.kind(), field.name);
            let running = matches!(fields.get(field.name), Some(Scalar::Running(_)));
            assert_eq!(running, field.merge == Merge::Characters, "{}.{}", content.kind(), field.name);
        }
    }
}

#[test]
fn header_fields_clash_with_no_kinds() {
    let header = header(Kind::Visit).fields();
    assert_eq!(tops(&header), BTreeSet::from(["author", "grid", "kind", "occurred_at", "schema", "voided"]));
    assert!(header.keys().all(|path| !path.contains('/')), "each fact of the header is one scalar");
    for kind in Kind::ALL {
        for field in kind.fields() {
            assert!(!header.contains_key(field.name), "{kind}.{}", field.name);
        }
    }
}

#[test]
fn flat_fields_read_back_as_they_were() {
    for content in full() {
        let kind = content.kind();
        assert_eq!(Content::from_fields(kind, &content.fields()).unwrap(), content);
        content.check().unwrap();

        let mut fields = header(kind).fields();
        fields.extend(content.fields());
        let projection = Projection::of(&fields, Zone::china()).unwrap();
        assert_eq!((&projection.header, &projection.content), (&header(kind), &content));
        assert_eq!(Projection::read(kind, &projection.json).unwrap(), (header(kind), content.clone()));

        // A field of a newer version is passed over, a cleared one reads as empty.
        fields.insert("of_a_newer_version".into(), Scalar::Number(1));
        fields.insert("voided".into(), Scalar::Null);
        let projection = Projection::of(&fields, Zone::china()).unwrap();
        assert_eq!((projection.header.voided, projection.content), (None, content));
    }
    let empty = [Household::default().into(), Visit::default().into(), DiaryEntry::default().into()];
    for content in empty {
        let content: Content = content;
        assert_eq!(Content::from_fields(content.kind(), &Fields::new()).unwrap(), content);
    }
}

#[test]
fn fields_of_the_wrong_type_are_an_error_and_a_broken_path_no_panic() {
    let mut fields = Household::default().into_content().fields();
    fields.insert("needs_visit".into(), Scalar::Text("yes".into()));
    assert!(matches!(Content::from_fields(Kind::Household, &fields), Err(Error::Document(_))));
    let mut fields = Fields::new();
    fields.insert("tags".into(), Scalar::Flag(true));
    fields.insert("tags/elder_alone".into(), Scalar::Flag(true));
    fields.insert("/".into(), Scalar::Null);
    fields.insert("//x".into(), Scalar::Number(1));
    assert!(serde_json::to_value(unflatten(&fields)).unwrap()["tags"]["elder_alone"].as_bool().unwrap());
    let mut flat = Fields::new();
    flatten(&checklist(), &mut flat);
    assert_eq!(flat["ticks/patrol/pa"], Scalar::Number(1_795_000_000_001));
    assert_eq!(flat["items/patrol/title"], Scalar::Text("夜间巡逻".into()));
    assert_eq!(flat["items/old/removed"], Scalar::Flag(true));
    assert!(!flat.contains_key("items/patrol/removed"), "false is what an absent field means");
}

trait IntoContent {
    fn into_content(self) -> Content;
}

impl<B: Body> IntoContent for B {
    fn into_content(self) -> Content {
        self.into()
    }
}

#[test]
fn a_record_belongs_to_the_day_it_names() {
    let mut fields = header(Kind::Diary).fields();
    let entry = DiaryEntry { date: Some(day("2026-11-20")), text: "补记".into(), ..DiaryEntry::default() };
    fields.extend(Content::from(entry).fields());
    assert_eq!(Projection::of(&fields, Zone::china()).unwrap().day, day("2026-11-20"));
    // A visit names none: 23:59 and 00:01 in China are different days, though one day in UTC.
    let last = Zone::china().start_of(day("2026-11-24"));
    for (at, expected) in
        [(last.plus_millis(-60_000), "2026-11-23"), (last.plus_millis(60_000), "2026-11-24")]
    {
        let header = Header { occurred_at: at, ..header(Kind::Visit) };
        let mut fields = header.fields();
        fields.extend(Content::from(Visit::default()).fields());
        assert_eq!(Projection::of(&fields, Zone::china()).unwrap().day, day(expected));
    }
}

#[test]
fn dwellings_read_as_they_are_written() {
    for (text, building, unit, room, floor) in [
        ("3-1-501", "3", "1", "501", 5),
        ("3-1-1203", "3", "1", "1203", 12),
        ("3-1-A02/5", "3", "1", "A02", 5),
        ("3-1-B1-02/-1", "3", "1", "B1-02", -1),
        ("东楼-2-7", "东楼", "2", "7", 0),
        ("3-1-01", "3", "1", "01", 0),
    ] {
        let dwelling: Dwelling = text.parse().unwrap();
        assert_eq!((&*dwelling.building, &*dwelling.unit, &*dwelling.room), (building, unit, room));
        assert_eq!(dwelling.floor(), floor, "{text}");
        assert_eq!(dwelling.to_string(), text);
        let json = serde_json::to_string(&dwelling).unwrap();
        assert_eq!(serde_json::from_str::<Dwelling>(&json).unwrap(), dwelling);
    }
    assert_eq!(" 3 - 1 - 501 ".parse::<Dwelling>().unwrap(), Dwelling::new("3", "1", "501"));
    for wrong in ["", "3", "3-1", "3-1-", "-1-501", "3-1-501/x", "3-1-501/", "--"] {
        assert!(wrong.parse::<Dwelling>().is_err(), "{wrong}");
    }
}

#[test]
fn dwellings_are_walked_by_number() {
    let walk = [
        "1-1-B01/-1",
        "1-1-101",
        "1-1-102",
        "1-1-110",
        "1-1-201",
        "1-1-901",
        "1-1-1001",
        "1-2-101",
        "2-1-301",
        "10-1-101",
        "10A-1-101",
        "东楼-1-101",
    ];
    let order: Vec<_> = walk.iter().map(|text| text.parse::<Dwelling>().unwrap().walking_order()).collect();
    for (pair, names) in order.windows(2).zip(walk.windows(2)) {
        assert!(pair[0] < pair[1], "{} before {}", names[0], names[1]);
    }
    let order = |text: &str| text.parse::<Dwelling>().unwrap().walking_order();
    assert_eq!(order("03-01-0501"), order("3-1-501"));
    assert!(order("1-1-A02/5") > order("1-1-401") && order("1-1-A02/5") < order("1-1-601"));
}

#[test]
fn periods_end_where_the_calendar_says() {
    for (recurs, of, starts, ends) in [
        (Recurrence::Daily, "2026-11-23", "2026-11-23", "2026-11-23"),
        (Recurrence::Weekly, "2026-11-23", "2026-11-23", "2026-11-29"),
        (Recurrence::Weekly, "2026-11-29", "2026-11-23", "2026-11-29"),
        (Recurrence::Weekly, "2027-01-01", "2026-12-28", "2027-01-03"),
        (Recurrence::Monthly, "2026-11-30", "2026-11-01", "2026-11-30"),
        (Recurrence::Monthly, "2026-12-31", "2026-12-01", "2026-12-31"),
        (Recurrence::Monthly, "2026-02-01", "2026-02-01", "2026-02-28"),
        (Recurrence::Monthly, "2028-02-29", "2028-02-01", "2028-02-29"),
        (Recurrence::Monthly, "2028-01-31", "2028-01-01", "2028-01-31"),
    ] {
        assert_eq!(recurs.period(day(of)), (day(starts), day(ends)), "{recurs:?} of {of}");
    }
}

#[test]
fn two_phones_make_the_same_list_of_one_period() {
    let (template_id, template) = (id("template"), template());
    let (monday, list) = template.instance(template_id, day("2026-11-23")).unwrap();
    let (sunday, same) = template.instance(template_id, day("2026-11-29")).unwrap();
    assert_eq!((monday, &list), (sunday, &same));
    assert_ne!(template.instance(template_id, day("2026-11-30")).unwrap().0, monday);
    assert_ne!(template.instance(id("another"), day("2026-11-23")).unwrap().0, monday);
    assert!(monday != template_id && !monday.is_nil());
    assert_eq!((list.starts, list.ends), (Some(day("2026-11-23")), Some(day("2026-11-29"))));
    assert_eq!(
        (&list.title, &list.group, list.template),
        (&template.title, &template.group, Some(template_id))
    );
    assert_eq!(list.items["patrol"].due, Some(day("2026-11-25")));
    assert_eq!(list.items["alarm"].due, Some(day("2026-11-29")), "0 days means by the end");
    assert_eq!(list.assignees, template.assignees);
    assert!(list.ticks.is_empty());
    list.check().unwrap();
    let daily = Template { recurs: Some(Recurrence::Daily), ..template.clone() };
    let (_, list) = daily.instance(template_id, day("2026-11-23")).unwrap();
    assert_eq!(list.items["patrol"].due, Some(day("2026-11-23")), "never after the period");
    assert_eq!(Template { recurs: None, ..template }.instance(template_id, day("2026-11-23")), None);
}

#[test]
fn households_are_due_when_the_rules_say() {
    let known = day("2026-11-01");
    let rhythms = RhythmTable::default();
    let of = |class: &str| Household { class: class.into(), ..Household::default() };
    let vacant = |class: &str| Household { occupancy: Some(Occupancy::Vacant), ..of(class) };
    let last = |outcome, next: Option<&str>| {
        Some(LastVisit { day: day("2026-11-10"), outcome, next_visit: next.map(day) })
    };
    let due = |on: &str, reason| Some(Due { day: day(on), reason });
    let marked = |household| Household { needs_visit: true, ..household };
    for (household, last, expected) in [
        (of("red"), None, due("2026-11-01", DueReason::NeverVisited)),
        (of(""), None, None),
        (of("unheard"), None, None),
        (vacant("red"), None, None),
        (of("red"), last(Outcome::Met, None), due("2026-11-17", DueReason::Rhythm)),
        (of("yellow"), last(Outcome::Phone, None), due("2026-12-10", DueReason::Rhythm)),
        (of("green"), last(Outcome::Refused, None), due("2027-02-08", DueReason::Rhythm)),
        (of(""), last(Outcome::Met, None), None),
        (vacant("red"), last(Outcome::Met, None), None),
        (of("green"), last(Outcome::NotMet, None), due("2026-11-12", DueReason::Retry)),
        (of("green"), last(Outcome::NotMet, Some("2026-11-15")), due("2026-11-15", DueReason::Retry)),
        (of(""), last(Outcome::NotMet, None), due("2026-11-12", DueReason::Retry)),
        (of("green"), last(Outcome::Met, Some("2026-11-20")), due("2026-11-20", DueReason::Planned)),
        (vacant(""), last(Outcome::Met, Some("2026-11-20")), due("2026-11-20", DueReason::Planned)),
        (marked(of("green")), last(Outcome::Met, Some("2026-12-20")), due("2026-11-01", DueReason::Marked)),
        (marked(vacant("")), None, due("2026-11-01", DueReason::Marked)),
    ] {
        assert_eq!(next_due(&household, known, last, &rhythms), expected, "{household:?} {last:?}");
    }
}

#[test]
fn an_item_is_done_when_enough_people_ticked_it() {
    let mut list = checklist();
    let at = |person: &str, millis| (PersonId::from(person), Instant(millis));
    let progress = list.progress();
    assert_eq!(progress.len(), 1, "removed items are left out");
    assert!(!progress[0].done, "one of two");
    list.ticks.insert("patrol".into(), [at("pb", 5), at("pa", 9), at("pc", 5)].into());
    let mut alarm = list.items["patrol"].clone();
    (alarm.position, alarm.people) = (0, 0);
    list.items.insert("alarm".into(), alarm);
    list.ticks.insert("gone".into(), [at("pa", 1)].into());
    let progress = list.progress();
    assert_eq!(progress.iter().map(|item| item.id).collect::<Vec<_>>(), ["alarm", "patrol"]);
    assert!(!progress[0].done && progress[0].ticks.is_empty(), "nobody wants one all the same");
    assert!(progress[1].done);
    let ticks: Vec<_> = progress[1].ticks.iter().map(|(person, at)| (person.as_str(), at.0)).collect();
    assert_eq!(ticks, [("pb", 5), ("pc", 5), ("pa", 9)]);
    list.ticks.insert("alarm".into(), [at("pz", 1)].into());
    assert!(list.progress()[0].done);
}

#[test]
fn permission_is_denied_unless_the_table_gives_it() {
    use Kind::{Checklist, Diary, Household, Outreach, Template, Visit};
    let writes =
        |role| Kind::ALL.into_iter().filter(|kind| permits(role, *kind, Action::Write)).collect::<Vec<_>>();
    let reads =
        |role| Kind::ALL.into_iter().filter(|kind| permits(role, *kind, Action::Read)).collect::<Vec<_>>();
    assert_eq!(writes(Role::Administrator), [Checklist, Template]);
    assert_eq!(writes(Role::Lead), Kind::ALL);
    assert_eq!(writes(Role::Worker), [Household, Visit, Diary, Outreach, Checklist]);
    assert_eq!(writes(Role::Member), [Checklist]);
    assert_eq!(writes(Role::Auditor), []);
    assert_eq!(reads(Role::Member), [Checklist, Template, Kind::Review]);
    assert_eq!(reads(Role::Administrator), [Household, Checklist, Template, Kind::Review]);
    for role in [Role::Lead, Role::Worker, Role::Auditor] {
        assert_eq!(reads(role), Kind::ALL);
    }
    for role in Role::ALL {
        for kind in Kind::ALL {
            for action in [Action::Write, Action::Void, Action::History, Action::Reveal, Action::Export] {
                let blind = permits(role, kind, action) && !permits(role, kind, Action::Read);
                assert!(!blind, "{role:?} does {action:?} with a {kind} it cannot read");
            }
        }
    }
}

#[test]
fn checks_name_the_field_and_the_rule() {
    #[track_caller]
    fn breaks(content: impl Into<Content>, expected: &str) {
        match content.into().check() {
            Err(Error::Invalid { field, rule, .. }) => {
                assert_eq!(field, expected);
                assert!(Rule::ALL.iter().any(|known| known.code() == rule.code()));
            }
            other => panic!("{expected}: {other:?}"),
        }
    }
    let of = |kind: Kind| full().into_iter().find(|content| content.kind() == kind).unwrap();
    let visit = Visit::from_content(of(Kind::Visit)).unwrap();
    breaks(Household::default(), "dwelling");
    breaks(Visit { household: Default::default(), ..visit.clone() }, "household");
    breaks(Visit { outcome: None, ..visit.clone() }, "outcome");
    breaks(Visit { ended: Some(Instant(0)), ..visit.clone() }, "ended");
    breaks(Visit { note: "长".repeat(8_001), ..visit.clone() }, "note");
    Visit { note: "长".repeat(8_000), ..visit.clone() }.check().unwrap();
    breaks(DiaryEntry { date: None, text: "有".into(), ..DiaryEntry::default() }, "date");
    breaks(DiaryEntry { date: Some(day("2026-11-23")), text: " \n".into(), ..DiaryEntry::default() }, "text");
    breaks(Checklist { group: ScopeId::default(), ..checklist() }, "group");
    breaks(Checklist { ends: Some(day("2026-11-22")), ..checklist() }, "ends");
    let mut list = checklist();
    list.items.insert("a/b".into(), list.items["patrol"].clone());
    breaks(list, "items");
    breaks(Template { items: Default::default(), ..template() }, "items");
    let mut untitled = template();
    untitled.items.get_mut("alarm").unwrap().title = " ".into();
    breaks(untitled, "items");
    for (due_after, people, field) in [(31, 1, "due_after"), (30, 99, ""), (0, 100, "people")] {
        let mut asking = template();
        let item = asking.items.get_mut("alarm").unwrap();
        (item.due_after, item.people) = (due_after, people);
        if field.is_empty() { asking.check().unwrap() } else { breaks(asking, field) }
    }
    // What would read back as something else: a slash within a code, an item's or a person's id.
    breaks(Visit { purposes: tags(&["a/b"]), ..visit.clone() }, "purposes");
    breaks(
        Checklist { assignees: [("patrol".to_owned(), tags(&["a/b"]))].into(), ..checklist() },
        "assignees",
    );
    let ticks = [("pat/rol".to_owned(), [(PersonId::from("pa"), Instant(1))].into())].into();
    breaks(Checklist { ticks, ..checklist() }, "ticks");
    let review = Review::from_content(of(Kind::Review)).unwrap();
    breaks(Review { note: String::new(), ..review.clone() }, "note");
    breaks(Review { mark: None, ..review }, "mark");
}
