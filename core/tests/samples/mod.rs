//! A full sample of each kind of record: every field filled, for the tests of model and documents.

use gridbook_core::clock::{Day, Instant};
use gridbook_core::id::{PersonId, RecordId, ScopeId};
use gridbook_core::model::{
    Checklist, Content, DiaryEntry, Dwelling, Header, Household, Item, Kind, Mark, Occupancy, Outcome,
    Outreach, OutreachForm, Recurrence, Review, Tags, Template, TemplateItem, Visit, Voided,
};

pub fn day(text: &str) -> Day {
    text.parse().unwrap()
}

pub fn id(name: &str) -> RecordId {
    RecordId::derived(&[name])
}

pub fn tags(codes: &[&str]) -> Tags {
    codes.iter().copied().collect()
}

/// A header with every field filled.
pub fn header(kind: Kind) -> Header {
    Header {
        kind,
        schema: Header::SCHEMA,
        author: PersonId::from("pauthor"),
        grid: Some(ScopeId::from("sgrid")),
        occurred_at: Instant(1_795_000_000_000),
        voided: Some(Voided {
            by: PersonId::from("plead"),
            at: Instant(1_795_000_100_000),
            reason: "写错了户".into(),
        }),
    }
}

pub fn template() -> Template {
    Template {
        title: "联防每周清单".into(),
        group: ScopeId::from("ssafety"),
        recurs: Some(Recurrence::Weekly),
        items: [
            (
                "patrol".to_owned(),
                TemplateItem { title: "夜间巡逻".into(), due_after: 2, people: 3, position: 1 },
            ),
            (
                "alarm".to_owned(),
                TemplateItem { title: "检查烟感".into(), due_after: 0, people: 1, position: 2 },
            ),
        ]
        .into(),
        assignees: [("patrol".to_owned(), tags(&["pa", "pb"]))].into(),
        paused: true,
    }
}

pub fn checklist() -> Checklist {
    let item = |title: &str, position, removed| Item {
        title: title.into(),
        due: Some(day("2026-11-25")),
        people: 2,
        position,
        removed,
    };
    Checklist {
        title: "联防每周清单".into(),
        group: ScopeId::from("ssafety"),
        starts: Some(day("2026-11-23")),
        ends: Some(day("2026-11-29")),
        template: Some(id("template")),
        items: [
            ("patrol".to_owned(), item("夜间巡逻", 1, false)),
            ("old".to_owned(), item("不再要的", 2, true)),
        ]
        .into(),
        assignees: [("patrol".to_owned(), tags(&["pa", "pb"]))].into(),
        ticks: [("patrol".to_owned(), [(PersonId::from("pa"), Instant(1_795_000_000_001))].into())].into(),
    }
}

/// One content of every kind with every field filled, so that each shows among the flat fields.
pub fn full() -> Vec<Content> {
    vec![
        Household {
            dwelling: Some(Dwelling {
                building: "3".into(),
                unit: "1".into(),
                room: "A02".into(),
                floor: Some(5),
            }),
            class: "red".into(),
            needs_visit: true,
            occupancy: Some(Occupancy::Rented),
            contact: "赵住户一".into(),
            phone: "000-0000-0001".into(),
            tags: tags(&["elder_alone", "newcomer"]),
            note: "敲门要久一点".into(),
        }
        .into(),
        Visit {
            household: id("household"),
            started: Some(Instant(1_795_000_000_000)),
            ended: Some(Instant(1_795_000_600_000)),
            outcome: Some(Outcome::NotMet),
            purposes: tags(&["routine", "anti_fraud"]),
            companions: "钱联防".into(),
            note: "敲门无人应答".into(),
            requests: "修楼道灯".into(),
            hazards: tags(&["ebike_indoors"]),
            next_visit: Some(day("2026-11-25")),
        }
        .into(),
        DiaryEntry {
            date: Some(day("2026-11-23")),
            category: "safety".into(),
            text: "今日巡查👮‍♀️，𠮷住户反映：“楼道灯坏了”。\n第二行 🚒🔥 e\u{301}".into(),
            links: tags(&["one", "two"]),
            needs_follow_up: true,
            done: true,
        }
        .into(),
        Outreach {
            form: Some(OutreachForm::Talk),
            place: "居民活动室".into(),
            building: "3".into(),
            households: tags(&["one"]),
            visit: Some(id("visit")),
            fraud_types: tags(&["loan", "romance"]),
            reached: 30,
            leaflets: 25,
            consultations: 4,
            dissuaded: 1,
            note: "问得很细".into(),
        }
        .into(),
        checklist().into(),
        template().into(),
        Review {
            subject: id("visit"),
            mark: Some(Mark::Returned),
            note: "请补充诉求".into(),
            covers: "0a1b2c3d".into(),
        }
        .into(),
    ]
}
