//! Pages of lists, what a list shows, and a day's page.

use gridbook_core::clock::Day;
pub use gridbook_core::workbook::{Filter, Page, TickLine};

use super::{
    AnyRecord, ChecklistRecord, Cursor, DiaryRecord, Dwelling, Instant, OutreachRecord, PersonId, RecordId,
    ScopeId, TemplateRecord, VisitRecord,
};

/// A page of visits.
pub type VisitPage = Page<VisitRecord>;
/// A page of diary entries.
pub type DiaryPage = Page<DiaryRecord>;
/// A page of outreaches.
pub type OutreachPage = Page<OutreachRecord>;
/// A page of checklists.
pub type ChecklistPage = Page<ChecklistRecord>;
/// A page of templates.
pub type TemplatePage = Page<TemplateRecord>;
/// A page of records of any kind.
pub type RecordPage = Page<AnyRecord>;

/// Which records a list shows.
#[uniffi::remote(Record)]
pub struct Filter {
    /// From this day on.
    #[uniffi(default = None)]
    pub from: Option<Day>,
    /// Up to and including this day.
    #[uniffi(default = None)]
    pub to: Option<Day>,
    /// Of this scope only.
    #[uniffi(default = None)]
    pub scope: Option<ScopeId>,
    /// By this person only.
    #[uniffi(default = None)]
    pub author: Option<PersonId>,
    /// About this record only.
    #[uniffi(default = None)]
    pub subject: Option<RecordId>,
    /// Withdrawn records too.
    #[uniffi(default = false)]
    pub voided: bool,
}

page! {
    /// A page of visits, newest day first.
    VisitPage of VisitRecord
}

page! {
    /// A page of diary entries, newest day first.
    DiaryPage of DiaryRecord
}

page! {
    /// A page of outreaches, newest day first.
    OutreachPage of OutreachRecord
}

page! {
    /// A page of checklists, newest period first.
    ChecklistPage of ChecklistRecord
}

page! {
    /// A page of templates.
    TemplatePage of TemplateRecord
}

page! {
    /// A page of records of any kind.
    RecordPage of AnyRecord
}

/// A tick made on a day.
#[uniffi::remote(Record)]
pub struct TickLine {
    /// The checklist.
    pub checklist: RecordId,
    /// Its title.
    pub list_title: String,
    /// What was done.
    pub item_title: String,
    /// When it was ticked, by that phone's clock.
    pub at: Instant,
}

/// One line of a day's page.
#[derive(Clone, Debug, PartialEq, uniffi::Enum)]
#[allow(clippy::large_enum_variant, reason = "uniffi has no boxes, and a line lives as long as its crossing")]
pub enum DayLine {
    /// A visit, and where, if the household is on this phone.
    Visit {
        /// The visit.
        visit: VisitRecord,
        /// Where it was.
        dwelling: Option<Dwelling>,
    },
    /// An outreach.
    Outreach {
        /// The outreach.
        outreach: OutreachRecord,
    },
    /// A tick.
    Tick {
        /// The tick.
        tick: TickLine,
    },
    /// What the worker added.
    Entry {
        /// The entry.
        entry: DiaryRecord,
    },
}

/// One person's page of one day, built from the day's visits, outreach, ticks and entries.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct DayPage {
    /// The day.
    pub day: Day,
    /// Whose page.
    pub person: PersonId,
    /// The lines in the order of the day.
    pub lines: Vec<DayLine>,
    /// Visits made.
    pub visits: u64,
    /// Of these, how many met someone.
    pub met: u64,
    /// People reached by outreach (人次).
    pub reached: u64,
    /// Items ticked.
    pub ticked: u64,
    /// Entries that still want a follow-up.
    pub open_follow_ups: u64,
}

impl From<gridbook_core::workbook::DayLine> for DayLine {
    fn from(line: gridbook_core::workbook::DayLine) -> Self {
        use gridbook_core::workbook::DayLine as Core;
        match line {
            Core::Visit { visit, dwelling } => DayLine::Visit { visit: *visit, dwelling },
            Core::Outreach { outreach } => DayLine::Outreach { outreach: *outreach },
            Core::Tick { tick } => DayLine::Tick { tick },
            Core::Entry { entry } => DayLine::Entry { entry: *entry },
        }
    }
}

impl From<gridbook_core::workbook::DayPage> for DayPage {
    fn from(page: gridbook_core::workbook::DayPage) -> Self {
        let gridbook_core::workbook::DayPage {
            day,
            person,
            lines,
            visits,
            met,
            reached,
            ticked,
            open_follow_ups,
        } = page;
        Self {
            day,
            person,
            lines: lines.into_iter().map(Into::into).collect(),
            visits: visits as u64,
            met: met as u64,
            reached,
            ticked: ticked as u64,
            open_follow_ups: open_follow_ups as u64,
        }
    }
}
