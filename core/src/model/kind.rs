//! The kinds of record. The word is what documents, the wire and the rows carry.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Body, Checklist, DiaryEntry, Field, Household, Outreach, Review, Template, Visit};

/// A kind of record; each is one document schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

impl Kind {
    /// Every kind, in the order that screens list them.
    pub const ALL: [Kind; 7] = [
        Kind::Household,
        Kind::Visit,
        Kind::Diary,
        Kind::Outreach,
        Kind::Checklist,
        Kind::Template,
        Kind::Review,
    ];

    /// The word that documents and the wire carry.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Household => "household",
            Kind::Visit => "visit",
            Kind::Diary => "diary",
            Kind::Outreach => "outreach",
            Kind::Checklist => "checklist",
            Kind::Template => "template",
            Kind::Review => "review",
        }
    }

    /// The number that rows carry; never reused.
    #[must_use]
    pub fn code(self) -> i64 {
        match self {
            Kind::Household => 1,
            Kind::Visit => 2,
            Kind::Diary => 3,
            Kind::Outreach => 4,
            Kind::Checklist => 5,
            Kind::Template => 6,
            Kind::Review => 7,
        }
    }

    /// The kind with this [`Kind::code`].
    #[must_use]
    pub fn from_code(code: i64) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The fields of this kind, beside the header's.
    #[must_use]
    pub fn fields(self) -> &'static [Field] {
        match self {
            Kind::Household => Household::FIELDS,
            Kind::Visit => Visit::FIELDS,
            Kind::Diary => DiaryEntry::FIELDS,
            Kind::Outreach => Outreach::FIELDS,
            Kind::Checklist => Checklist::FIELDS,
            Kind::Template => Template::FIELDS,
            Kind::Review => Review::FIELDS,
        }
    }

    /// The field that a path such as `items/<id>/title` belongs to.
    #[must_use]
    pub fn field_of(self, path: &str) -> Option<&'static Field> {
        let name = path.split('/').next();
        self.fields().iter().find(|field| Some(field.name) == name)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no kind of record this version knows.
#[derive(Debug, thiserror::Error)]
#[error("unknown kind of record: {0}")]
pub struct UnknownKind(String);

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Kind::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or_else(|| UnknownKind(word.to_owned()))
    }
}
