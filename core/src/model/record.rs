//! A record: the header that all kinds share, the content of its kind, and how far it has travelled.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

use super::masking::mask;
use super::{Body, Content, Fields, Kind, Mark, Scalar, flatten, unflatten};
use crate::clock::Instant;
use crate::error::{Error, Result};
use crate::id::{ChangeHash, PersonId, RecordId, ScopeId};

/// Who withdrew a record, when and why. One fact: it is never merged by halves. Nothing is ever deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voided {
    /// Who withdrew it.
    pub by: PersonId,
    /// When, by that phone's clock.
    pub at: Instant,
    /// Why.
    pub reason: String,
}

impl Voided {
    /// Reads it as documents keep it.
    pub(crate) fn read(value: &Scalar) -> Option<Self> {
        value.as_text().and_then(|text| serde_json::from_str(text).ok())
    }

    /// The text as which documents keep it, with numbers masked; `None` if it is none.
    pub(super) fn masked_text(text: &str) -> Option<String> {
        let voided: Self = serde_json::from_str(text).ok()?;
        serde_json::to_string(&voided.masked()).ok()
    }

    /// The same with the numbers in its reason masked.
    #[must_use]
    pub fn masked(self) -> Self {
        Self { reason: mask(&self.reason), ..self }
    }
}

/// What every record carries, whatever its kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// Its kind.
    pub kind: Kind,
    /// The version of the kind's fields that wrote it first; see [`Header::SCHEMA`].
    #[serde(default)]
    pub schema: i64,
    /// Who wrote it first. The server checks it against the device that sent it.
    pub author: PersonId,
    /// The grid it happened in, if one.
    #[serde(default)]
    pub grid: Option<ScopeId>,
    /// When it happened, as its author says.
    #[serde(default)]
    pub occurred_at: Instant,
    /// Set once it was withdrawn.
    #[serde(default, with = "voided_text")]
    pub voided: Option<Voided>,
}

impl Header {
    /// The version of the fields that this build writes. 1: 2026-11, the first.
    pub const SCHEMA: i64 = 1;

    /// The names of its fields in documents and rows.
    pub const NAMES: [&'static str; 6] = ["kind", "schema", "author", "grid", "occurred_at", "voided"];

    /// Fields that only say how the record began. Two phones that began the same derived record offline both
    /// tell the truth, so there is nothing to choose between.
    pub const BEGINNING: [&'static str; 2] = ["author", "schema"];

    /// Masks the numbers in what people typed of it: why the record was withdrawn.
    pub fn mask(&mut self) {
        self.voided = self.voided.take().map(Voided::masked);
    }

    /// The header's fields, as [`Content::fields`] gives the content's.
    #[must_use]
    pub fn fields(&self) -> Fields {
        let mut fields = Fields::new();
        flatten(self, &mut fields);
        fields
    }

    /// True if these of a header's fields, in the place of a sound one's, still make a header.
    #[must_use]
    pub fn accepts(kind: Kind, written: &Fields) -> bool {
        let sound = [("kind", kind.as_str()), ("author", "somebody")];
        let mut fields: Fields =
            sound.map(|(name, value)| (name.to_owned(), Scalar::Text(value.to_owned()))).into();
        fields.extend(written.iter().map(|(name, value)| (name.clone(), value.clone())));
        serde_json::from_value::<Header>(serde_json::to_value(unflatten(&fields)).unwrap_or_default()).is_ok()
    }

    /// The fields of a whole record: the header's and the content's.
    #[must_use]
    pub fn with(&self, content: &Content) -> Fields {
        let mut fields = self.fields();
        fields.extend(content.fields());
        fields
    }
}

/// `voided` is one scalar in the document: JSON text.
mod voided_text {
    use super::{Deserialize, Deserializer, Serialize, Serializer, Voided};

    pub(super) fn serialize<S: Serializer>(
        voided: &Option<Voided>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let text =
            voided.as_ref().map(serde_json::to_string).transpose().map_err(serde::ser::Error::custom)?;
        text.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Voided>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| serde_json::from_str(&text)).transpose().map_err(serde::de::Error::custom)
    }
}

/// The heads of a record's document: which version of it a screen has seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Version(pub Vec<ChangeHash>);

impl Version {
    /// Eight characters that tell versions of one record apart.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut heads = self.0.clone();
        heads.sort_unstable();
        let digest = heads.iter().fold(Sha256::new(), |digest, head| digest.chain_update(head.0)).finalize();
        data_encoding::HEXLOWER.encode(&digest[..4])
    }

    /// The heads as one run of bytes, 32 each.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|head| head.0).collect()
    }

    /// The inverse of [`Version::to_bytes`]; a broken tail is dropped.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.chunks_exact(32).filter_map(ChangeHash::from_slice).collect())
    }
}

/// How far a record has travelled: what the phone shows beside each (在手机 / 已到服务器 / 已阅).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// 在手机: some change of it has no receipt yet.
    OnPhone,
    /// 已到服务器: the server holds every change of it.
    OnServer,
    /// 已阅: a lead marked this very version.
    Reviewed(Mark),
    /// 被退收: the server refused a change; the record shows why, and stays editable.
    Refused,
}

/// One record as screens see it. `C` is the content of one kind, or [`Content`] for any.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Record<C = Content> {
    /// Its id.
    pub id: RecordId,
    /// Who may see it.
    pub scope: ScopeId,
    /// What every record carries.
    #[serde(flatten)]
    pub header: Header,
    /// When its first change was made, by that phone's clock.
    pub created: Instant,
    /// When its latest change was made, by that phone's clock.
    pub updated: Instant,
    /// How far it has travelled.
    pub standing: Standing,
    /// How many fields hold two values that someone must choose between.
    pub conflicts: u32,
    /// Which version this is; hand it back with an edit.
    #[serde(skip)]
    pub version: Version,
    /// What its kind adds.
    pub content: C,
}

impl<B: Body> Record<B> {
    /// [`Record::masked`] for a record of one kind.
    pub fn mask(&mut self) {
        self.header.mask();
        self.content.mask();
    }
}

impl Record<Content> {
    /// The record as lists show it: numbers masked, in its content and in why it was withdrawn.
    #[must_use]
    pub fn masked(mut self) -> Self {
        self.header.mask();
        Self { content: self.content.masked(), ..self }
    }

    /// The same record with its content as one kind.
    ///
    /// # Errors
    /// [`Error::WrongKind`] if it is of another.
    pub fn of<B: Body>(self) -> Result<Record<B>> {
        let found = self.header.kind;
        let content = B::from_content(self.content).ok_or(Error::WrongKind {
            id: self.id,
            found,
            expected: B::KIND,
        })?;
        Ok(Record {
            id: self.id,
            scope: self.scope,
            header: self.header,
            created: self.created,
            updated: self.updated,
            standing: self.standing,
            conflicts: self.conflicts,
            version: self.version,
            content,
        })
    }
}
