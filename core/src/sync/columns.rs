//! Lists of changes as they travel: taken apart and laid side by side, so that like stands beside like and
//! gzip's short window reaches further back: a sixth less than change after change.
//!
//! A change chunk is a head (who, when, which fields) and a tail (the values). Its magic and checksum do not
//! travel at all, since both follow from the rest. Whatever is no such chunk travels whole, and comes out of
//! the other end as it went in.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_bytes::ByteBuf;

use crate::gate::{self, CHUNK_PREFIX};
use crate::id::RecordId;

use super::protocol::{Pulled, Push};

/// Changes side by side.
#[derive(Default, Serialize, Deserialize)]
struct Columns {
    /// Of pushed changes: the index of each one's scope.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    scopes: Vec<u16>,
    /// The records, 16 bytes each.
    #[serde(with = "serde_bytes")]
    records: Vec<u8>,
    /// The heads of all changes, one after another; each tells its own length and its tail's.
    #[serde(with = "serde_bytes")]
    heads: Vec<u8>,
    /// The tails, in the same order.
    #[serde(with = "serde_bytes")]
    tails: Vec<u8>,
    /// Changes that travel whole, with their positions in the list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    whole: Vec<(u32, ByteBuf)>,
}

impl Columns {
    fn push(&mut self, record: &RecordId, bytes: &[u8]) {
        let position = self.records.len() / 16;
        self.records.extend_from_slice(record.as_bytes());
        match gate::head_of(bytes) {
            Some(head) => {
                self.heads.extend_from_slice(head);
                self.tails.extend_from_slice(&bytes[CHUNK_PREFIX + head.len()..]);
            }
            None => self.whole.push((position as u32, ByteBuf::from(bytes))),
        }
    }

    /// The changes again; `None` if the columns do not fit together.
    fn changes(self) -> Option<Vec<(RecordId, Vec<u8>)>> {
        let (records, rest) = self.records.as_chunks::<16>();
        let (mut heads, mut tails) = (self.heads.as_slice(), self.tails.as_slice());
        let mut whole = self.whole.into_iter().peekable();
        let mut changes = Vec::with_capacity(records.len());
        for (position, record) in records.iter().enumerate() {
            let bytes = match whole.next_if(|(at, _)| *at as usize == position) {
                Some((_, bytes)) => bytes.into_vec(),
                None => {
                    let (head, tail) = gate::measure(heads)?;
                    let bytes = gate::chunk(heads.get(..head)?, tails.get(..tail)?);
                    (heads, tails) = (&heads[head..], &tails[tail..]);
                    bytes
                }
            };
            changes.push((RecordId::from_bytes(*record), bytes));
        }
        let nothing_left = rest.is_empty() && heads.is_empty() && tails.is_empty() && whole.next().is_none();
        nothing_left.then_some(changes)
    }
}

/// `#[serde(with = "columns::pulled")]`, for lists of [`Pulled`].
pub(super) mod pulled {
    use super::{Columns, Deserialize, Deserializer, Pulled, Serialize, Serializer, misfit};

    pub(in crate::sync) fn serialize<S: Serializer>(
        list: &[Pulled],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut columns = Columns::default();
        list.iter().for_each(|Pulled(record, bytes)| columns.push(record, bytes));
        columns.serialize(serializer)
    }

    pub(in crate::sync) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Pulled>, D::Error> {
        let changes = Columns::deserialize(deserializer)?.changes().ok_or_else(misfit)?;
        Ok(changes.into_iter().map(|(record, bytes)| Pulled(record, bytes)).collect())
    }
}

/// `#[serde(with = "columns::pushed")]`, for lists of [`Push`].
pub(super) mod pushed {
    use super::{Columns, Deserialize, Deserializer, Push, Serialize, Serializer, misfit};

    pub(in crate::sync) fn serialize<S: Serializer>(list: &[Push], serializer: S) -> Result<S::Ok, S::Error> {
        let mut columns = Columns { scopes: list.iter().map(|push| push.1).collect(), ..Columns::default() };
        list.iter().for_each(|Push(record, _, bytes)| columns.push(record, bytes));
        columns.serialize(serializer)
    }

    pub(in crate::sync) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Push>, D::Error> {
        let mut columns = Columns::deserialize(deserializer)?;
        let scopes = std::mem::take(&mut columns.scopes);
        let changes = columns.changes().filter(|changes| changes.len() == scopes.len()).ok_or_else(misfit)?;
        let pushes = changes.into_iter().zip(scopes);
        Ok(pushes.map(|((record, bytes), scope)| Push(record, scope, bytes)).collect())
    }
}

fn misfit<E: serde::de::Error>() -> E {
    E::custom("columns of changes that do not fit together")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doc::{Document, Edits};
    use crate::model::Scalar;
    use crate::sync::encoding::{decode, encode};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Message {
        #[serde(with = "pulled")]
        down: Vec<Pulled>,
        #[serde(with = "pushed")]
        up: Vec<Push>,
    }

    fn change(note: &str) -> Vec<u8> {
        let edits = Edits::from([("note".to_owned(), Some(Scalar::Text(note.to_owned())))]);
        let actor = crate::id::ActorId([7; 16]);
        Document::new().write(actor, crate::clock::Instant(5), &edits).unwrap().unwrap().bytes
    }

    #[test]
    fn changes_and_what_is_none_come_out_as_they_went_in() {
        let record = |byte| RecordId::from_bytes([byte; 16]);
        let mut spoilt = change("丙");
        spoilt[9] ^= 0x40;
        let bytes = [change("甲"), b"no change".to_vec(), change("乙"), spoilt, Vec::new()];
        let message = Message {
            down: bytes.iter().zip(1..).map(|(bytes, n)| Pulled(record(n), bytes.clone())).collect(),
            up: bytes.iter().zip(1..).map(|(bytes, n)| Push(record(n), n.into(), bytes.clone())).collect(),
        };
        assert_eq!(decode::<Message>(&encode(&message).unwrap()).unwrap(), message);
        let nothing = Message { down: Vec::new(), up: Vec::new() };
        assert_eq!(decode::<Message>(&encode(&nothing).unwrap()).unwrap(), nothing);
    }

    #[test]
    fn columns_that_do_not_fit_together_are_refused() {
        let mut columns = Columns::default();
        columns.push(&RecordId::from_bytes([1; 16]), &change("甲"));
        let spoilt: [fn(&mut Columns); 5] = [
            |columns| columns.heads.truncate(20),
            |columns| columns.tails.push(0),
            |columns| columns.tails.clear(),
            |columns| columns.records.push(0),
            |columns| columns.whole.push((7, ByteBuf::new())),
        ];
        for spoil in spoilt {
            let mut columns = Columns {
                scopes: Vec::new(),
                records: columns.records.clone(),
                heads: columns.heads.clone(),
                tails: columns.tails.clone(),
                whole: Vec::new(),
            };
            spoil(&mut columns);
            assert!(columns.changes().is_none());
        }
    }
}
