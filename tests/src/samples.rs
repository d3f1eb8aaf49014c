//! A full sample of every kind of record: every field filled, nothing real. Wire, schema, JavaScript and
//! merge tests share them.

use std::collections::BTreeMap;

use gridbook_core::clock::{Day, Instant};
use gridbook_core::id::{PersonId, RecordId, ScopeId};
use gridbook_core::model::{
    Checklist, Content, DiaryEntry, Dwelling, Fields, Header, Household, Item, Kind, Mark, Occupancy,
    Outcome, Outreach, OutreachForm, Recurrence, Review, Tags, Template, TemplateItem, Visit, Voided,
};

/// 2026-11-23, 09:30 in the community.
pub const MORNING: Instant = Instant(1_795_397_400_000);

/// An id whose last byte is `number`.
#[must_use]
pub fn id(number: u8) -> RecordId {
    let mut bytes = [0; 16];
    (bytes[6], bytes[8], bytes[15]) = (0x70, 0x80, number);
    format_id(bytes)
}

fn format_id(bytes: [u8; 16]) -> RecordId {
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    hex.parse().unwrap_or_default()
}

fn day(text: &str) -> Option<Day> {
    text.parse().ok()
}

/// The header of a withdrawn record, every field filled.
#[must_use]
pub fn header(kind: Kind) -> Header {
    Header {
        kind,
        schema: Header::SCHEMA,
        author: PersonId::from("pauthor1"),
        grid: Some(ScopeId::from("sgrid001")),
        occurred_at: MORNING,
        voided: Some(Voided { by: PersonId::from("plead001"), at: MORNING, reason: "重复登记".into() }),
    }
}

/// The content of `kind` with every field filled.
#[must_use]
pub fn content(kind: Kind) -> Content {
    match kind {
        Kind::Household => household().into(),
        Kind::Visit => visit().into(),
        Kind::Diary => diary().into(),
        Kind::Outreach => outreach().into(),
        Kind::Checklist => checklist().into(),
        Kind::Template => template().into(),
        Kind::Review => review().into(),
        other => unreachable!("no sample of {other}"),
    }
}

/// Header and content of the full sample as flat fields.
#[must_use]
pub fn fields(kind: Kind) -> Fields {
    let mut fields = header(kind).fields();
    fields.extend(content(kind).fields());
    fields
}

fn household() -> Household {
    Household {
        dwelling: Some(Dwelling { floor: Some(5), ..Dwelling::new("3", "1", "A02") }),
        class: "red".into(),
        needs_visit: true,
        occupancy: Some(Occupancy::Rented),
        contact: "测试住户".into(),
        phone: "000-0000-0001".into(),
        tags: Tags::from_iter(["elder_alone", "newcomer"]),
        note: "上午不在家".into(),
    }
}

fn visit() -> Visit {
    Visit {
        household: id(1),
        started: Some(MORNING),
        ended: Some(MORNING.plus_millis(900_000)),
        outcome: Some(Outcome::Met),
        purposes: Tags::from_iter(["routine", "anti_fraud"]),
        companions: "社区民警".into(),
        note: "老人独居，提醒警惕刷单返利，检查了燃气软管 😊".into(),
        requests: "希望加装扶手".into(),
        hazards: Tags::from_iter(["ebike_indoors"]),
        next_visit: day("2026-11-30"),
    }
}

fn diary() -> DiaryEntry {
    DiaryEntry {
        date: day("2026-11-23"),
        category: "situation".into(),
        text: "楼道灯坏了，已报修。\n物业答应明天处理 🔧".into(),
        links: Tags::from_iter([id(1).to_string()]),
        needs_follow_up: true,
        done: true,
    }
}

fn outreach() -> Outreach {
    Outreach {
        form: Some(OutreachForm::Talk),
        place: "活动室".into(),
        building: "3".into(),
        households: Tags::from_iter([id(1).to_string()]),
        visit: Some(id(2)),
        fraud_types: Tags::from_iter(["fake_orders", "loan"]),
        reached: 32,
        leaflets: 40,
        consultations: 3,
        dissuaded: 1,
        note: "讲了两个案例".into(),
    }
}

fn checklist() -> Checklist {
    let item =
        Item {
            title: "检查消防箱".into(), due: day("2026-11-29"), people: 2, position: 1, removed: true
        };
    Checklist {
        title: "每周安全检查".into(),
        group: ScopeId::from("sgroup01"),
        starts: day("2026-11-23"),
        ends: day("2026-11-29"),
        template: Some(id(3)),
        items: BTreeMap::from([("boxes".to_owned(), item)]),
        assignees: BTreeMap::from([("boxes".to_owned(), Tags::from_iter(["pauthor1"]))]),
        ticks: BTreeMap::from([(
            "boxes".to_owned(),
            BTreeMap::from([(PersonId::from("pauthor1"), MORNING), (PersonId::from("plead001"), MORNING)]),
        )]),
    }
}

fn template() -> Template {
    let item = TemplateItem { title: "检查消防箱".into(), due_after: 3, people: 2, position: 1 };
    Template {
        title: "每周安全检查".into(),
        group: ScopeId::from("sgroup01"),
        recurs: Some(Recurrence::Weekly),
        items: BTreeMap::from([("boxes".to_owned(), item)]),
        assignees: BTreeMap::from([("boxes".to_owned(), Tags::from_iter(["pauthor1"]))]),
        paused: true,
    }
}

fn review() -> Review {
    Review {
        subject: id(2),
        mark: Some(Mark::Returned),
        note: "请补充时间".into(),
        covers: "0a1b2c3d".into(),
    }
}
