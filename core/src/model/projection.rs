//! What the rows of phones and of the server keep of a document, and reading it back: every screen's list does
//! so for each of its rows.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserializer;
use serde::de::value::{CowStrDeserializer, MapAccessDeserializer, MapDeserializer};
use serde::de::{Deserialize, DeserializeSeed, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Content, Fields, Header, Kind, Scalar, unflatten};
use crate::clock::{Day, Zone};
use crate::error::{Error, Result};

/// What a database row keeps of a document, on phones and on the server: derived from its fields alone.
#[derive(Clone, Debug, PartialEq)]
pub struct Projection {
    /// The header.
    pub header: Header,
    /// The content.
    pub content: Content,
    /// The calendar day it belongs to, in the community's zone.
    pub day: Day,
    /// Header and content as one JSON object, sets as `{code: true}`: what [`Projection::read`] reads.
    pub json: String,
}

impl Projection {
    /// Projects a document's fields.
    ///
    /// # Errors
    /// [`Error::Document`] if the header is missing or a known field holds a value of another type.
    pub fn of(fields: &Fields, zone: Zone) -> Result<Self> {
        let kind = fields.get("kind").and_then(Scalar::as_text).and_then(|kind| kind.parse().ok());
        let kind =
            kind.ok_or_else(|| Error::Document("kind: missing, or none that this version knows".into()))?;
        let json =
            serde_json::to_string(&unflatten(fields)).map_err(|error| Error::shape("fields", &error))?;
        let (header, content) = Self::read(kind, &json)?;
        let day = content.own_day().unwrap_or_else(|| zone.day(header.occurred_at));
        Ok(Self { header, content, day, json })
    }

    /// Reads header and content of a record of `kind` back from a row's JSON, in one pass: to parse each row
    /// twice takes a list a fifth of its time.
    ///
    /// # Errors
    /// [`Error::Document`] if it is not what [`Projection::of`] wrote.
    pub fn read(kind: Kind, json: &str) -> Result<(Header, Content)> {
        let mut parser = serde_json::Deserializer::from_str(json);
        let read = parser.deserialize_map(Halves { kind, borrowed: PhantomData });
        read.and_then(|halves| parser.end().map(|()| halves)).map_err(|error| Error::shape(kind, &error))
    }
}

/// Takes an object apart: the header's entries are set aside, all others are read as the content's.
struct Halves<'de> {
    kind: Kind,
    borrowed: PhantomData<&'de str>,
}

impl<'de> Visitor<'de> for Halves<'de> {
    type Value = (Header, Content);

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a record's fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Self::Value, A::Error> {
        let mut header = Vec::with_capacity(Header::NAMES.len());
        let others = Others { entries, header: &mut header };
        let content = Content::deserialize(self.kind, MapAccessDeserializer::new(others))?;
        let header =
            Header::deserialize(MapDeserializer::new(header.into_iter())).map_err(A::Error::custom)?;
        Ok((header, content))
    }
}

/// An object's entries without those of the header, which are put into `header` as they are passed.
struct Others<'a, 'de, A> {
    entries: A,
    header: &'a mut Vec<(&'static str, &'de RawValue)>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Others<'_, 'de, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        while let Some(Name(name)) = self.entries.next_key()? {
            match Header::NAMES.into_iter().find(|known| *known == name) {
                Some(known) => self.header.push((known, self.entries.next_value()?)),
                None => return seed.deserialize(CowStrDeserializer::new(name)).map(Some),
            }
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.entries.next_value_seed(seed)
    }
}

/// A field's name, borrowed where it needs no unescaping.
struct Name<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrow;
        impl<'de> Visitor<'de> for Borrow {
            type Value = Name<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a field's name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        deserializer.deserialize_str(Borrow)
    }
}
