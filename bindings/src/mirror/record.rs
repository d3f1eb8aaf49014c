//! What all kinds of record share, and a record of any kind.

use gridbook_core::model::Record;
pub use gridbook_core::model::{Content, Header, Kind, Standing, Voided};

use super::{
    Checklist, DiaryEntry, Household, Instant, Mark, Outreach, PersonId, RecordId, Review, ScopeId, Template,
    Version, Visit,
};

/// A record of any kind, as search finds it.
pub type AnyRecord = Record<Content>;

/// A kind of record; words are under `kind`.
#[uniffi::remote(Enum)]
#[non_exhaustive]
pub enum Kind {
    /// 户: one dwelling and who lives there.
    Household,
    /// 走访: one knock on one door.
    Visit,
    /// 日记: what a worker adds to the day's page.
    Diary,
    /// 反诈宣传: one outreach against fraud.
    Outreach,
    /// 清单: a task group's list for one period.
    Checklist,
    /// 清单模板: what recurring checklists are made from.
    Template,
    /// 阅评: a lead's mark and note on one record.
    Review,
}

/// Who withdrew a record, when and why.
#[uniffi::remote(Record)]
pub struct Voided {
    /// Who withdrew it.
    pub by: PersonId,
    /// When, by that phone's clock.
    pub at: Instant,
    /// Why, in their words.
    pub reason: String,
}

/// What every record carries, whatever its kind.
#[uniffi::remote(Record)]
pub struct Header {
    /// Its kind.
    pub kind: Kind,
    /// The version of the kind's fields that wrote it first.
    pub schema: i64,
    /// Who wrote it first.
    pub author: PersonId,
    /// The grid it happened in, if one.
    pub grid: Option<ScopeId>,
    /// When it happened, as its author says.
    pub occurred_at: Instant,
    /// Set once it was withdrawn.
    pub voided: Option<Voided>,
}

/// How far a record has travelled; words are under `standing`, and of marks in the dictionary `review_mark`.
#[uniffi::remote(Enum)]
pub enum Standing {
    /// 在手机: some change of it has no receipt yet.
    OnPhone,
    /// 已到服务器: the server holds every change of it.
    OnServer,
    /// 已阅: a lead marked this very version.
    Reviewed(Mark),
    /// The server refused a change; the record shows why, and stays editable.
    Refused,
}

/// The content of a record of any kind.
#[uniffi::remote(Enum)]
#[non_exhaustive]
pub enum Content {
    /// A household.
    Household(Household),
    /// A visit.
    Visit(Visit),
    /// A diary entry.
    Diary(DiaryEntry),
    /// An outreach against fraud.
    Outreach(Outreach),
    /// A checklist.
    Checklist(Checklist),
    /// A template of checklists.
    Template(Template),
    /// A lead's mark on another record.
    Review(Review),
}

record! {
    /// A record of any kind.
    AnyRecord of Content
}

#[cfg(test)]
mod tests {
    use super::*;
    use gridbook_tests::samples;
    use uniffi::Lower;

    #[test]
    fn every_kind_crosses_with_its_content() {
        for kind in Kind::ALL {
            for buffer in [
                <Kind as Lower<crate::UniFfiTag>>::lower(kind),
                <Content as Lower<crate::UniFfiTag>>::lower(samples::full(kind)),
            ] {
                assert!(!buffer.destroy_into_vec().is_empty(), "{kind}");
            }
        }
    }
}
