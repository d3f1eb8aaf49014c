//! The work that every row does: 15-field visits with a Chinese note of 80 characters, the same for both
//! sides, deterministic from one seed. All names and places are invented.
//!
//! Notes are templates with varied words and characters: read compressed sizes as ratios, not as forecasts.

use std::sync::{Arc, Mutex};

use gridbook_core::clock::{Clock, Day, Entropy, Instant, Surroundings, Zone};
use gridbook_core::doc::NewChange;
use gridbook_core::id::{ActorId, PersonId, RecordId, ScopeId};
use gridbook_core::model::{Content, Header, Household, Kind, Outcome, Tags, Visit};
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::floor::FloorVisit;

/// How many people write into the grid.
pub(crate) const PEOPLE: usize = 10;
/// How many households they visit.
pub(crate) const HOUSEHOLDS: usize = 400;
/// The length of a note, in characters.
const NOTE: usize = 80;

/// One visit, before either side has given it its shape.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    pub(crate) id: RecordId,
    /// Which of the [`PEOPLE`] wrote it.
    pub(crate) person: usize,
    pub(crate) author: PersonId,
    pub(crate) grid: ScopeId,
    pub(crate) at: Instant,
    pub(crate) visit: Visit,
}

impl Work {
    /// The same facts as the floor keeps them.
    pub(crate) fn floor(&self) -> FloorVisit {
        let visit = &self.visit;
        let list = |tags: &Tags| tags.iter().map(str::to_owned).collect();
        FloorVisit {
            id: self.id,
            kind: Kind::Visit,
            author: self.author.clone(),
            grid: self.grid.clone(),
            updated: self.at,
            occurred_at: self.at,
            household: visit.household,
            started: visit.started,
            ended: visit.ended,
            outcome: visit.outcome,
            purposes: list(&visit.purposes),
            companions: visit.companions.clone(),
            note: visit.note.clone(),
            requests: visit.requests.clone(),
            hazards: list(&visit.hazards),
            next_visit: visit.next_visit,
        }
    }

    /// The same facts as the one change that a phone of its author would have sent.
    pub(crate) fn change(&self, actor: ActorId) -> crate::Outcome<Vec<u8>> {
        change_of(&self.author, &self.grid, self.at, self.visit.clone(), actor)
    }
}

/// The first change of a new record.
pub(crate) fn change_of(
    author: &PersonId,
    grid: &ScopeId,
    at: Instant,
    content: impl Into<Content>,
    actor: ActorId,
) -> crate::Outcome<Vec<u8>> {
    let content = content.into();
    let header = Header {
        kind: content.kind(),
        schema: Header::SCHEMA,
        author: author.clone(),
        grid: Some(grid.clone()),
        occurred_at: at,
        voided: None,
    };
    Ok(NewChange::first(actor, at, &header.with(&content))?.bytes)
}

/// Makes visits, one after another.
pub(crate) struct Workload {
    rng: ChaCha8Rng,
    grid: ScopeId,
    people: Vec<PersonId>,
    households: Vec<RecordId>,
    first_day: Day,
    made: i64,
    /// How many visits fall on one day.
    per_day: i64,
}

impl Workload {
    /// A workload whose visits are in `grid`, by `people`, at `households`.
    pub(crate) fn new(seed: u64, grid: ScopeId, people: Vec<PersonId>, households: Vec<RecordId>) -> Self {
        let first_day = Day::from_number(FIRST_DAY).unwrap_or_else(|| Zone::china().day(Instant(0)));
        let rng = ChaCha8Rng::seed_from_u64(seed);
        Self { rng, grid, people, households, first_day, made: 0, per_day: 60 }
    }

    /// The day of the visit made last.
    pub(crate) fn day(&self) -> Day {
        self.first_day.plus_days((self.made - 1).max(0) / self.per_day)
    }

    /// Goes on with the next `days` day.
    pub(crate) fn skip_to_next_day(&mut self) {
        self.made = (self.made + self.per_day - 1) / self.per_day * self.per_day;
    }

    /// The next `count` visits.
    pub(crate) fn take(&mut self, count: usize) -> Vec<Work> {
        (0..count).map(|_| self.next()).collect()
    }

    /// The next visit.
    pub(crate) fn next(&mut self) -> Work {
        let person = self.rng.random_range(0..self.people.len());
        self.next_of(person)
    }

    /// The next visit, by one person.
    pub(crate) fn next_of(&mut self, person: usize) -> Work {
        self.made += 1;
        let place_in_day = (self.made - 1) % self.per_day;
        let minutes = 8 * 60 + 30 + place_in_day * 9 + self.rng.random_range(0..8);
        let begin = Zone::china().start_of(self.day());
        let started = begin.plus_millis(minutes * 60_000 + self.rng.random_range(0..60_000));
        let ended = started.plus_millis(self.rng.random_range(240_000..1_500_000));
        let outcome = match self.rng.random_range(0..10) {
            0..7 => Outcome::Met,
            7..9 => Outcome::NotMet,
            _ => Outcome::Phone,
        };
        let wait = if outcome == Outcome::NotMet { 3 } else { *pick(&mut self.rng, &[7, 30, 30, 90]) };
        let (companions, requests) = (self.companions(), self.requests());
        let visit = Visit {
            household: *pick(&mut self.rng, &self.households),
            started: Some(started),
            ended: Some(ended),
            outcome: Some(outcome),
            purposes: self.some_of(PURPOSES, 2),
            companions,
            note: self.note(),
            requests,
            hazards: if self.rng.random_bool(0.4) { self.some_of(HAZARDS, 1) } else { Tags::default() },
            next_visit: Some(self.day().plus_days(wait)),
        };
        Work {
            id: uuid_at(started, &mut self.rng),
            person,
            author: self.people[person].clone(),
            grid: self.grid.clone(),
            at: started,
            visit,
        }
    }

    fn some_of(&mut self, codes: &[&str], count: usize) -> Tags {
        let mut codes = codes.to_vec();
        codes.shuffle(&mut self.rng);
        codes.into_iter().take(count).collect()
    }

    fn companions(&mut self) -> String {
        if self.rng.random_bool(0.5) { self.name() } else { String::new() }
    }

    fn requests(&mut self) -> String {
        if self.rng.random_bool(0.35) { self.clause(REQUESTS) } else { String::new() }
    }

    fn name(&mut self) -> String {
        let surname = pick(&mut self.rng, SURNAMES);
        format!("{surname}{}", pick(&mut self.rng, TITLES))
    }

    /// Exactly [`NOTE`] characters; about one in six speaks of 反诈.
    fn note(&mut self) -> String {
        let mut note = self.clause(OPENINGS);
        if self.rng.random_bool(1.0 / 6.0) {
            note.push_str(&self.clause(FRAUD));
        }
        while note.chars().count() < NOTE {
            note.push_str(&self.clause(CLAUSES));
        }
        note.chars().take(NOTE - 1).chain(['。']).collect()
    }

    /// A clause with its blanks filled: `N` a name, `D` a number, `Z` two characters of any kind.
    fn clause(&mut self, clauses: &[&str]) -> String {
        let mut filled = String::new();
        for character in pick(&mut self.rng, clauses).chars() {
            match character {
                'N' => filled.push_str(&self.name()),
                'D' => filled.push_str(&self.rng.random_range(1..60).to_string()),
                'Z' => {
                    filled.push(*pick(&mut self.rng, &characters()));
                    filled.push(*pick(&mut self.rng, &characters()));
                }
                other => filled.push(other),
            }
        }
        filled
    }
}

/// A household at an invented door.
pub(crate) fn household(number: usize) -> Household {
    let (building, unit, floor, room) =
        (number / 60 + 1, number / 20 % 3 + 1, number / 4 % 5 + 1, number % 4 + 1);
    Household {
        dwelling: format!("{building}-{unit}-{floor}0{room}").parse().ok(),
        class: ["green", "green", "yellow", "red"][number % 4].into(),
        contact: format!("{}住户", SURNAMES[number % SURNAMES.len()]),
        ..Household::default()
    }
}

fn pick<'a, T>(rng: &mut ChaCha8Rng, choices: &'a [T]) -> &'a T {
    choices.choose(rng).unwrap_or(&choices[0])
}

/// A UUIDv7 of that moment.
fn uuid_at(at: Instant, rng: &mut ChaCha8Rng) -> RecordId {
    let seed = rng.random();
    RecordId::new(&stopped_at(at, seed))
}

/// A clock that stands still and seeded randomness.
pub(crate) fn stopped_at(at: Instant, seed: u64) -> Surroundings {
    struct Stopped(Instant);
    impl Clock for Stopped {
        fn now(&self) -> Instant {
            self.0
        }
    }
    struct Seeded(Mutex<ChaCha8Rng>);
    impl Entropy for Seeded {
        fn fill(&self, bytes: &mut [u8]) {
            self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).fill_bytes(bytes);
        }
    }
    Surroundings {
        clock: Arc::new(Stopped(at)),
        entropy: Arc::new(Seeded(Mutex::new(ChaCha8Rng::seed_from_u64(seed)))),
    }
}

/// 2026-01-05, a Monday.
const FIRST_DAY: i64 = 739_621;

/// Characters that notes vary in: a run of common ones.
fn characters() -> Vec<char> {
    VARIED.chars().collect()
}

const PURPOSES: &[&str] =
    &["routine", "anti_fraud", "safety_check", "registration", "mediation", "care", "service", "follow_up"];
const HAZARDS: &[&str] =
    &["flying_wire_charging", "ebike_indoors", "blocked_escape", "no_extinguisher", "no_smoke_alarm", "gas"];
const SURNAMES: &[&str] = &[
    "赵", "钱", "孙", "李", "周", "吴", "郑", "王", "冯", "陈", "褚", "卫", "蒋", "沈", "韩", "杨", "朱",
    "秦", "尤", "许",
];
const TITLES: &[&str] = &["阿姨", "大爷", "师傅", "老师", "女士", "先生", "同学", "奶奶"];
const OPENINGS: &[&str] = &[
    "上门时N在家，",
    "敲门D分钟后N开门，",
    "N正在Z，",
    "在楼下遇到N，",
    "N的邻居N应门，",
    "与N约好D号再谈Z，",
    "N一家D口人，",
    "N从Z回来，",
];
const FRAUD: &[&str] = &[
    "发放反诈传单D份，",
    "讲解反诈要点，提醒不轻信Z来电，",
    "协助安装反诈软件，",
    "N称接到Z电话，已做反诈提醒，",
];
const CLAUSES: &[&str] = &[
    "厨房Z堆在门口，",
    "提醒清理楼道的Z，",
    "阳台Z需要加固，",
    "核对登记信息，更新Z一项，",
    "反映电梯Z已D天，",
    "灶具软管用了D年，建议更换Z，",
    "孩子在Z上学，周末回家，",
    "出租屋住D人，Z已登记，",
    "说Z月底搬走，",
    "腿脚不便，Z由N代办，",
    "查看Z，未见异常，",
    "与楼上因Z有口角，已劝解，",
    "希望社区帮忙联系Z，",
    "门锁Z损坏，已报修，",
    "水表读数D，Z正常，",
    "留下联系卡，约定Z再来，",
    "老人独居，精神Z，",
    "窗台花盆Z，已挪走D盆，",
    "Z补贴材料还差D份，",
    "楼道灯D盏不亮，Z登记，",
];
const REQUESTS: &[&str] =
    &["请协调Z维修", "希望增设Z车位D个", "咨询Z办理流程", "要求清理Z", "想申请Z补贴", "反映Z噪音"];
const VARIED: &str = "天地人你我他山水火木金土日月星云风雨雪花草树鸟鱼虫马牛羊门窗桌椅床灯笔书本纸衣裤鞋帽\
饭菜茶米面油盐酱醋糖车船路桥街巷村城镇乡家校店厂院楼房屋墙顶瓦砖灰沙石泥江河湖海东西南北上下左右前后里外\
高低长短大小多少新旧好坏快慢轻重冷热干湿红黄蓝白黑绿紫青春夏秋冬早晚年岁时分秒今明昨后先再又还已未刚才\
走跑跳坐站立看听说读写问答唱笑哭吃喝睡醒起落开关进出来去回到过给送收取买卖借还租换修补洗晒扫擦装拆搬运\
";
