//! One full sample of every kind of record, no field left empty. The people and numbers are invented.
//!
//! Tests that must hold for every kind and field take their records from here; a field that is added to
//! a kind and not filled here fails `tests/tests/automerge_js.rs`.

use std::collections::BTreeMap;

use gridbook_core::clock::{Day, Instant};
use gridbook_core::id::{PersonId, RecordId, ScopeId};
use gridbook_core::model::{
    Checklist, Content, DiaryEntry, Dwelling, Fields, Header, Household, Item, Kind, Mark, Occupancy,
    Outcome, Outreach, OutreachForm, Recurrence, Review, Tags, Template, TemplateItem, Visit, Voided,
};

/// 2026-11-23T09:30 in China: when the sample records happened.
pub const MOMENT: Instant = Instant(1_795_397_400_000);

/// A header with every field set but `voided`.
#[must_use]
pub fn header(kind: Kind) -> Header {
    Header {
        kind,
        schema: Header::SCHEMA,
        author: PersonId::from("pworker11"),
        grid: Some(ScopeId::from("sgrid0001")),
        occurred_at: MOMENT,
        voided: None,
    }
}

/// The fact that withdraws a record.
#[must_use]
pub fn voided() -> Voided {
    Voided {
        by: PersonId::from("plead0001"),
        at: MOMENT.plus_millis(3_600_000),
        reason: "同一户记了两次".into(),
    }
}

/// A record of `kind` in which no field is empty.
///
/// # Panics
/// If `kind` is newer than this file: add its sample.
#[must_use]
pub fn full(kind: Kind) -> Content {
    match kind {
        Kind::Household => household().into(),
        Kind::Visit => visit().into(),
        Kind::Diary => diary().into(),
        Kind::Outreach => outreach().into(),
        Kind::Checklist => checklist().into(),
        Kind::Template => template().into(),
        Kind::Review => review().into(),
        other => panic!("give {other} a sample here"),
    }
}

/// The same record after someone emptied a field, took an element out of each set and wrote on.
///
/// # Panics
/// If `kind` is newer than this file: add its sample.
#[must_use]
pub fn edited(kind: Kind) -> Content {
    match kind {
        Kind::Household => Household { tags: Tags::default(), contact: String::new(), ..household() }.into(),
        Kind::Visit => Visit {
            purposes: tags(&["routine", "care"]),
            hazards: tags(&["gas"]),
            requests: String::new(),
            ..visit()
        }
        .into(),
        Kind::Diary => DiaryEntry {
            text: format!("补记:{}已联系物业。", diary().text),
            links: Tags::default(),
            done: false,
            ..diary()
        }
        .into(),
        Kind::Outreach => Outreach {
            reached: 8,
            dissuaded: 0,
            fraud_types: tags(&["romance"]),
            households: Tags::default(),
            ..outreach()
        }
        .into(),
        Kind::Checklist => Checklist {
            ticks: BTreeMap::from([("b2".into(), ticks(&[("pworker12", 120_000)]))]),
            assignees: BTreeMap::new(),
            ..checklist()
        }
        .into(),
        Kind::Template => Template { paused: false, assignees: BTreeMap::new(), ..template() }.into(),
        Kind::Review => Review { mark: Some(Mark::Approved), note: String::new(), ..review() }.into(),
        other => panic!("give {other} a sample here"),
    }
}

/// Header, `voided` included, and content of the full sample as flat fields.
///
/// # Panics
/// If `kind` is newer than this file: add its sample.
#[must_use]
pub fn fields(kind: Kind) -> Fields {
    let mut fields = Header { voided: Some(voided()), ..header(kind) }.fields();
    fields.extend(full(kind).fields());
    fields
}

fn tags(codes: &[&str]) -> Tags {
    codes.iter().copied().collect()
}

fn ticks(by: &[(&str, i64)]) -> BTreeMap<PersonId, Instant> {
    by.iter().map(|(person, after)| (PersonId::from(*person), MOMENT.plus_millis(*after))).collect()
}

fn record(name: &str) -> RecordId {
    RecordId::derived(&["sample", name])
}

fn day(offset: i64) -> Day {
    // 2026-11-23.
    Day::from_number(739_943).expect("a day of the calendar").plus_days(offset)
}

fn household() -> Household {
    Household {
        dwelling: Some(Dwelling { floor: Some(5), ..Dwelling::new("3", "1", "A02") }),
        class: "red".into(),
        needs_visit: true,
        occupancy: Some(Occupancy::Rented),
        contact: "样例甲".into(),
        phone: "000-0000-0001".into(),
        tags: tags(&["elder_alone", "newcomer"]),
        note: "门铃坏了,请敲门。".into(),
    }
}

fn visit() -> Visit {
    Visit {
        household: record("household"),
        started: Some(MOMENT),
        ended: Some(MOMENT.plus_millis(900_000)),
        outcome: Some(Outcome::Met),
        purposes: tags(&["routine", "anti_fraud"]),
        companions: "样例乙".into(),
        note: "老人提到有人打电话让她转账,已当面说明。".into(),
        requests: "楼道灯不亮。".into(),
        hazards: tags(&["flying_wire_charging", "blocked_escape"]),
        next_visit: Some(day(7)),
    }
}

fn diary() -> DiaryEntry {
    DiaryEntry {
        date: Some(day(0)),
        category: "situation".into(),
        text: "三号楼居民反映夜间有人在楼下卸货🚚,已和店主说好改到早上。".into(),
        links: tags(&[&record("visit").to_string()]),
        needs_follow_up: true,
        done: true,
    }
}

fn outreach() -> Outreach {
    Outreach {
        form: Some(OutreachForm::Door),
        place: "三号楼门厅".into(),
        building: "3".into(),
        households: tags(&[&record("household").to_string()]),
        visit: Some(record("visit")),
        fraud_types: tags(&["fake_orders", "authority"]),
        reached: 6,
        leaflets: 5,
        consultations: 2,
        dissuaded: 1,
        note: "发了劝阻卡。".into(),
    }
}

fn checklist() -> Checklist {
    let item = |title: &str, people, position, removed| Item {
        title: title.into(),
        due: Some(day(2)),
        people,
        position,
        removed,
    };
    Checklist {
        title: "一周消防检查".into(),
        group: ScopeId::from("sgroup001"),
        starts: Some(day(0)),
        ends: Some(day(6)),
        template: Some(record("template")),
        items: BTreeMap::from([
            ("a1".into(), item("查三号楼楼道", 2, 1, false)),
            ("b2".into(), item("查充电棚", 1, 2, true)),
        ]),
        assignees: BTreeMap::from([("a1".into(), tags(&["pworker11", "pworker12"]))]),
        ticks: BTreeMap::from([("a1".into(), ticks(&[("pworker11", 60_000), ("pworker12", 90_000)]))]),
    }
}

fn template() -> Template {
    let item = TemplateItem { title: "查楼道".into(), due_after: 2, people: 2, position: 1 };
    Template {
        title: "一周消防检查".into(),
        group: ScopeId::from("sgroup001"),
        recurs: Some(Recurrence::Weekly),
        items: BTreeMap::from([("a1".into(), item)]),
        assignees: BTreeMap::from([("a1".into(), tags(&["pworker11"]))]),
        paused: true,
    }
}

fn review() -> Review {
    Review {
        subject: record("visit"),
        mark: Some(Mark::Returned),
        note: "请补上下次走访日期。".into(),
        covers: "0123abcd".into(),
    }
}
