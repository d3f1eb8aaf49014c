//! A set of short codes or ids whose elements merge one by one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// A set of codes or ids. Written as an array; read from an array or from `{code: true}`, which is how a
/// document keeps it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Tags(pub BTreeSet<String>);

impl Tags {
    /// True if `code` is in the set.
    #[must_use]
    pub fn has(&self, code: &str) -> bool {
        self.0.contains(code)
    }

    /// True if the set has no element.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The elements in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl<S: Into<String>> FromIterator<S> for Tags {
    fn from_iter<I: IntoIterator<Item = S>>(codes: I) -> Self {
        Self(codes.into_iter().map(Into::into).collect())
    }
}

impl<'de> Deserialize<'de> for Tags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Tags;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of codes, or a map from code to true")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut codes: A) -> Result<Tags, A::Error> {
                let mut tags = BTreeSet::new();
                while let Some(code) = codes.next_element()? {
                    tags.insert(code);
                }
                Ok(Tags(tags))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut codes: A) -> Result<Tags, A::Error> {
                let mut tags = BTreeMap::new();
                while let Some((code, present)) = codes.next_entry::<String, bool>()? {
                    tags.insert(code, present);
                }
                Ok(Tags(tags.into_iter().filter(|(_, present)| *present).map(|(code, _)| code).collect()))
            }
        }

        deserializer.deserialize_any(Reader)
    }
}
