//! What a kind of record consists of: fields with their merge rules, declared once per noun.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

use super::{
    Checklist, DiaryEntry, Fields, Household, Kind, Outreach, Review, Rule, Scalar, Template, Visit, flatten,
    unflatten,
};
use crate::clock::Day;
use crate::error::{Error, Result};
use crate::id::RecordId;

/// How two concurrent edits of one field come together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    /// Both values are kept and shown until a person chooses.
    KeepBoth,
    /// A set: each element comes and goes by itself; adding wins over a concurrent removal.
    PerElement,
    /// A map by id: each entry's values are kept like separate fields.
    PerEntry,
    /// Running text: both people's characters are woven together.
    Characters,
}

impl Merge {
    /// How many parts follow a field's name in its paths.
    #[must_use]
    pub fn depth(self) -> usize {
        match self {
            Merge::KeepBoth | Merge::Characters => 0,
            Merge::PerElement => 1,
            Merge::PerEntry => 2,
        }
    }
}

/// One field of a kind of record.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name in documents, rows, history and `docs/DATA.md`.
    pub name: &'static str,
    /// How concurrent edits come together.
    pub merge: Merge,
}

/// The content of one kind of record.
pub trait Body: Clone + Default + PartialEq + Serialize + DeserializeOwned + Into<Content> {
    /// The kind it is the content of.
    const KIND: Kind;
    /// Its fields.
    const FIELDS: &'static [Field];

    /// Checks what a person entered.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the first field that breaks a rule, and the rule.
    fn check(&self) -> Result<()>;

    /// Takes the content out if it is of this kind.
    fn from_content(content: Content) -> Option<Self>;

    /// The calendar day this content says it belongs to, where it says so; otherwise the record's
    /// `occurred_at` decides.
    fn own_day(&self) -> Option<Day> {
        None
    }

    /// The record this one is about: a visit's household, a review's record.
    fn subject(&self) -> Option<RecordId> {
        None
    }

    /// Where it sorts on a walk through the community, for households.
    fn walking_order(&self) -> Option<String> {
        None
    }

    /// The building it names, for summaries by building.
    fn building(&self) -> Option<&str> {
        None
    }

    /// What people wrote in words, in reading order.
    fn written(&self) -> Vec<&str>;

    /// What search finds it by beside what is written: its codes in words, its dwelling.
    fn known_by(&self) -> Vec<Cow<'static, str>> {
        Vec::new()
    }

    /// Masks the numbers in every text.
    fn mask(&mut self);
}

/// Declares the content of one kind of record: a struct whose fields each name their merge rule.
macro_rules! content {
    ($(#[$doc:meta])* $name:ident is $kind:ident {
        $($(#[$field_doc:meta])* $field:ident: $type:ty = $merge:ident,)*
    } $($body:tt)*) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl $crate::model::Body for $name {
            const KIND: $crate::model::Kind = $crate::model::Kind::$kind;
            const FIELDS: &'static [$crate::model::Field] = &[
                $($crate::model::Field { name: stringify!($field), merge: $crate::model::Merge::$merge },)*
            ];

            fn from_content(content: $crate::model::Content) -> Option<Self> {
                match content {
                    $crate::model::Content::$kind(body) => Some(body),
                    _ => None,
                }
            }

            fn mask(&mut self) {
                $($crate::model::masking::Texts::each_text(&mut self.$field, &mut |text| {
                    if let Some(masked) = $crate::model::masking::masked(text) {
                        *text = masked;
                    }
                });)*
            }

            $($body)*
        }

        impl From<$name> for $crate::model::Content {
            fn from(body: $name) -> Self {
                $crate::model::Content::$kind(body)
            }
        }
    };
}
pub(super) use content;

/// The content of a record of any kind.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
#[allow(missing_docs, reason = "each variant is the noun of the same name")]
pub enum Content {
    Household(Household),
    Visit(Visit),
    Diary(DiaryEntry),
    Outreach(Outreach),
    Checklist(Checklist),
    Template(Template),
    Review(Review),
}

/// Runs `$body` with `$it` bound to the content of whichever kind it is.
macro_rules! each_kind {
    ($content:expr, $it:ident => $body:expr) => {
        match $content {
            Content::Household($it) => $body,
            Content::Visit($it) => $body,
            Content::Diary($it) => $body,
            Content::Outreach($it) => $body,
            Content::Checklist($it) => $body,
            Content::Template($it) => $body,
            Content::Review($it) => $body,
        }
    };
}

impl Content {
    /// The kind of record this is the content of.
    #[must_use]
    pub fn kind(&self) -> Kind {
        fn kind_of<B: Body>(_: &B) -> Kind {
            B::KIND
        }
        each_kind!(self, body => kind_of(body))
    }

    /// See [`Body::check`].
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the first field that breaks a rule, and the rule.
    pub fn check(&self) -> Result<()> {
        each_kind!(self, body => body.check())?;
        self.check_paths()
    }

    /// Codes and ids are parts of a path: one with a slash would read back as something else.
    fn check_paths(&self) -> Result<()> {
        for path in self.fields().keys() {
            let Some(field) = self.kind().field_of(path) else { continue };
            let depth = path.split('/').skip(1).count();
            require(depth == field.merge.depth(), self.kind(), field.name, Rule::Slash)?;
        }
        Ok(())
    }

    /// See [`Body::own_day`].
    #[must_use]
    pub fn own_day(&self) -> Option<Day> {
        each_kind!(self, body => body.own_day())
    }

    /// See [`Body::subject`].
    #[must_use]
    pub fn subject(&self) -> Option<RecordId> {
        each_kind!(self, body => body.subject())
    }

    /// See [`Body::walking_order`].
    #[must_use]
    pub fn walking_order(&self) -> Option<String> {
        each_kind!(self, body => body.walking_order())
    }

    /// See [`Body::building`].
    #[must_use]
    pub fn building(&self) -> Option<&str> {
        each_kind!(self, body => body.building())
    }

    /// All that people wrote in it, a line a field.
    #[must_use]
    pub fn written(&self) -> String {
        lines(each_kind!(self, body => body.written()).into_iter())
    }

    /// All that search covers, a line a field: what is written, its codes in words, its dwelling.
    #[must_use]
    pub fn search_text(&self) -> String {
        let (written, known_by) = each_kind!(self, body => (body.written(), body.known_by()));
        lines(written.into_iter().chain(known_by.iter().map(Cow::as_ref)))
    }

    /// The content with the numbers in every text masked: what lists, exports and answers show.
    #[must_use]
    pub fn masked(mut self) -> Self {
        each_kind!(&mut self, body => body.mask());
        self
    }

    /// The paths of fields in which [`Content::masked`] hides a number, in order.
    #[must_use]
    pub fn masked_fields(&self) -> Vec<String> {
        let shown = self.clone().masked().fields();
        let hidden = |(path, value): &(String, Scalar)| shown.get(path) != Some(value);
        self.fields().into_iter().filter(hidden).map(|(path, _)| path).collect()
    }

    /// The content as flat fields, empty values left out.
    #[must_use]
    pub fn fields(&self) -> Fields {
        let mut fields = Fields::new();
        each_kind!(self, body => flatten(body, &mut fields));
        for field in self.kind().fields().iter().filter(|field| field.merge == Merge::Characters) {
            if let Some(Scalar::Text(text)) = fields.get(field.name) {
                let text = text.clone();
                fields.insert(field.name.to_owned(), Scalar::Running(text));
            }
        }
        fields
    }

    /// Reads the content of a `kind` out of flat fields; unknown fields are passed over, so that records
    /// of a newer version still read.
    ///
    /// # Errors
    /// [`Error::Document`] if a known field holds a value of another type.
    pub fn from_fields(kind: Kind, fields: &Fields) -> Result<Content> {
        let json = serde_json::to_string(&unflatten(fields));
        Self::from_json(kind, &json.map_err(|error| Error::shape(kind, &error))?)
    }

    /// Reads the content of a `kind` out of a row's JSON, where header and content share one object.
    ///
    /// # Errors
    /// [`Error::Document`] if a known field holds a value of another type.
    pub fn from_json(kind: Kind, json: &str) -> Result<Content> {
        let mut parser = serde_json::Deserializer::from_str(json);
        let content = Self::deserialize(kind, &mut parser);
        content.and_then(|content| parser.end().map(|()| content)).map_err(|error| Error::shape(kind, &error))
    }

    /// Reads the content of a `kind`, as serde reads the body of that kind.
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(kind: Kind, fields: D) -> Result<Content, D::Error> {
        match kind {
            Kind::Household => Household::deserialize(fields).map(Into::into),
            Kind::Visit => Visit::deserialize(fields).map(Into::into),
            Kind::Diary => DiaryEntry::deserialize(fields).map(Into::into),
            Kind::Outreach => Outreach::deserialize(fields).map(Into::into),
            Kind::Checklist => Checklist::deserialize(fields).map(Into::into),
            Kind::Template => Template::deserialize(fields).map(Into::into),
            Kind::Review => Review::deserialize(fields).map(Into::into),
        }
    }
}

fn lines<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
}

/// The longest text a field may hold, in characters, well below the gate's 64 KiB a change.
pub const TEXT_LIMIT: usize = 8_000;

/// The longest running text that may be entered, in characters: two pages. Each is an operation, and so is
/// each that is taken out; replacing all of it stays below the gate's 4,096 operations a change.
pub const RUNNING_LIMIT: usize = 2_000;

/// Fails if `text` is longer than [`RUNNING_LIMIT`].
pub(super) fn require_short_running(text: &str, kind: Kind, field: &'static str) -> Result<()> {
    require_at_most(RUNNING_LIMIT, text, kind, field)
}

/// Fails with the field and the rule unless `holds`.
pub(super) fn require(holds: bool, kind: Kind, field: &'static str, rule: Rule) -> Result<()> {
    if holds { Ok(()) } else { Err(Error::Invalid { kind, field, rule }) }
}

/// Fails if `text` is longer than [`TEXT_LIMIT`].
pub(super) fn require_short(text: &str, kind: Kind, field: &'static str) -> Result<()> {
    require_at_most(TEXT_LIMIT, text, kind, field)
}

/// The longest title of a list, a template or an item that may be entered, in characters: three lines of a phone.
pub const TITLE_LIMIT: usize = 200;

/// Fails if `text` is longer than [`TITLE_LIMIT`].
pub(super) fn require_short_title(text: &str, kind: Kind, field: &'static str) -> Result<()> {
    require_at_most(TITLE_LIMIT, text, kind, field)
}

fn require_at_most(most: usize, text: &str, kind: Kind, field: &'static str) -> Result<()> {
    require(text.chars().count() <= most, kind, field, Rule::too_long(most))
}
