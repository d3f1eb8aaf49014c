//! What a worker writes down in a day: visits (走访), diary entries (日记), outreach (反诈宣传).

use gridbook_core::clock::Day;
use gridbook_core::model::Record;
pub use gridbook_core::model::{DiaryEntry, Outcome, Outreach, OutreachForm, Visit};
use gridbook_core::workbook::New;

use super::{Header, Instant, RecordId, ScopeId, Standing, Tags, Version};

/// A visit with its header and how far it has travelled.
pub type VisitRecord = Record<Visit>;
/// A visit about to be saved.
pub type NewVisit = New<Visit>;
/// A diary entry with its header and how far it has travelled.
pub type DiaryRecord = Record<DiaryEntry>;
/// A diary entry about to be saved.
pub type NewDiaryEntry = New<DiaryEntry>;
/// An outreach with its header and how far it has travelled.
pub type OutreachRecord = Record<Outreach>;
/// An outreach about to be saved.
pub type NewOutreach = New<Outreach>;

/// How a visit went.
#[uniffi::remote(Enum)]
pub enum Outcome {
    /// 见面: someone was met.
    Met,
    /// 未遇: nobody was at home; the visit schedules its own retry.
    NotMet,
    /// 拒访: the household declined.
    Refused,
    /// 电话: by telephone.
    Phone,
}

/// One visit to one household.
#[uniffi::remote(Record)]
pub struct Visit {
    /// The household visited.
    pub household: RecordId,
    /// When it began, as its author says.
    #[uniffi(default = None)]
    pub started: Option<Instant>,
    /// When it ended; not before it began.
    #[uniffi(default = None)]
    pub ended: Option<Instant>,
    /// How it went.
    #[uniffi(default = None)]
    pub outcome: Option<Outcome>,
    /// Codes of the dictionary `visit_purpose`.
    #[uniffi(default)]
    pub purposes: Tags,
    /// Who came along.
    #[uniffi(default = "")]
    pub companions: String,
    /// What was seen and said.
    #[uniffi(default = "")]
    pub note: String,
    /// What the household asks for (诉求).
    #[uniffi(default = "")]
    pub requests: String,
    /// Codes of the dictionary `hazard`.
    #[uniffi(default)]
    pub hazards: Tags,
    /// When to come again; a visit that met nobody gets one by itself.
    #[uniffi(default = None)]
    pub next_visit: Option<Day>,
}

record! {
    /// A visit with its header and how far it has travelled.
    VisitRecord of Visit
}

new_record! {
    /// A visit about to be saved.
    NewVisit of Visit
    /// A visit is always saved in its household's grid.
    grid
    /// When it happened; by default when it began, or now.
    occurred_at
}

/// One entry of the grid diary (民情日记).
#[uniffi::remote(Record)]
pub struct DiaryEntry {
    /// What happened, what was done, what came of it.
    pub text: String,
    /// The day it belongs to; by default today.
    #[uniffi(default = None)]
    pub date: Option<Day>,
    /// A code of the dictionary `diary_category`.
    #[uniffi(default = "")]
    pub category: String,
    /// Ids of the records it speaks of.
    #[uniffi(default)]
    pub links: Tags,
    /// Someone must come back to this.
    #[uniffi(default = false)]
    pub needs_follow_up: bool,
    /// The follow-up is done.
    #[uniffi(default = false)]
    pub done: bool,
}

record! {
    /// A diary entry with its header and how far it has travelled.
    DiaryRecord of DiaryEntry
}

new_record! {
    /// A diary entry about to be saved.
    NewDiaryEntry of DiaryEntry
    /// Its grid; by default the only one in which the person may write.
    grid
    /// When it happened; by default now.
    occurred_at
}

/// The form an outreach takes.
#[uniffi::remote(Enum)]
pub enum OutreachForm {
    /// 入户: at the door.
    Door,
    /// 讲座: a talk.
    Talk,
    /// 展板: a display board.
    Display,
    /// 线上: online.
    Online,
    /// 集中: a gathering.
    Gathering,
}

/// One outreach. Counts what was done, never who installed what.
#[uniffi::remote(Record)]
pub struct Outreach {
    /// How people were spoken to.
    #[uniffi(default = None)]
    pub form: Option<OutreachForm>,
    /// Where it took place, in words, if not at households.
    #[uniffi(default = "")]
    pub place: String,
    /// The building it covered, if one.
    #[uniffi(default = "")]
    pub building: String,
    /// Ids of the households reached.
    #[uniffi(default)]
    pub households: Tags,
    /// The visit it was made from with one tap.
    #[uniffi(default = None)]
    pub visit: Option<RecordId>,
    /// Codes of the dictionary `fraud_type`.
    #[uniffi(default)]
    pub fraud_types: Tags,
    /// People reached (人次).
    #[uniffi(default = 0)]
    pub reached: u32,
    /// Leaflets handed out.
    #[uniffi(default = 0)]
    pub leaflets: u32,
    /// Questions answered.
    #[uniffi(default = 0)]
    pub consultations: u32,
    /// People talked out of a payment (劝阻).
    #[uniffi(default = 0)]
    pub dissuaded: u32,
    /// Anything else.
    #[uniffi(default = "")]
    pub note: String,
}

record! {
    /// An outreach with its header and how far it has travelled.
    OutreachRecord of Outreach
}

new_record! {
    /// An outreach about to be saved.
    NewOutreach of Outreach
    /// Its grid; by default the only one in which the person may write.
    grid
    /// When it happened; by default now.
    occurred_at
}
