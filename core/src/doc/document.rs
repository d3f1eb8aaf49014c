//! One record's document: load, read, write, apply.

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{Automerge, Change, ObjType, ROOT, ReadDoc, ScalarValue, Value};

use super::{Edits, NewChange, ParsedChange};
use crate::clock::Instant;
use crate::error::{Error, Result};
use crate::id::{ActorId, ChangeHash};
use crate::model::{Fields, Scalar, Version};

/// A record's document, all its changes applied.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// Set apart: by itself it takes 3.5 kB, and a page of changes has room for a document beside each of them.
    pub(super) automerge: Box<Automerge>,
}

impl Document {
    /// An empty document, for a record that is about to be written.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins a record's document with all its fields in one change.
    ///
    /// # Errors
    /// [`Error::Document`] if there is no field to write.
    pub fn begin(actor: ActorId, at: Instant, fields: &Fields) -> Result<(Self, NewChange)> {
        let change = NewChange::first(actor, at, fields)?;
        Ok((Self::load([&change.bytes])?, change))
    }

    /// Rebuilds a document from its changes, dependencies first.
    ///
    /// # Errors
    /// [`Error::Document`] if a change is not readable or its dependencies are missing.
    pub fn load<B: AsRef<[u8]>>(changes: impl IntoIterator<Item = B>) -> Result<Self> {
        let changes: Vec<_> = changes
            .into_iter()
            .map(|bytes| Change::try_from(bytes.as_ref()).map_err(broken))
            .collect::<Result<_>>()?;
        let expected = changes.len();
        let mut automerge = Box::new(Automerge::new());
        automerge.apply_changes(changes).map_err(broken)?;
        let document = Self { automerge };
        if document.automerge.get_changes_meta(&[]).len() == expected {
            Ok(document)
        } else {
            Err(Error::Document("a change's dependencies are missing".into()))
        }
    }

    /// Applies one change whose dependencies are here; one that is here already changes nothing.
    ///
    /// # Errors
    /// [`Error::Document`] if it does not fit.
    pub fn apply(&mut self, change: &ParsedChange) -> Result<()> {
        self.automerge.apply_changes([change.to_automerge()?]).map_err(broken)?;
        if self.holds(&change.hash()) {
            Ok(())
        } else {
            Err(Error::Document("the change's dependencies are missing".into()))
        }
    }

    /// True if the document holds this change.
    #[must_use]
    pub fn holds(&self, hash: &ChangeHash) -> bool {
        self.automerge.get_change_meta_by_hash(&automerge::ChangeHash(hash.0)).is_some()
    }

    /// How many changes the document consists of.
    #[must_use]
    pub fn change_count(&self) -> usize {
        self.automerge.get_changes_meta(&[]).len()
    }

    /// The number of the last change of `actor`, 0 if it has made none.
    #[must_use]
    pub fn last_seq(&self, actor: &ActorId) -> u64 {
        last_seq_in(&self.automerge, actor)
    }

    /// True if everything here of the change's actor is among what the change builds on.
    #[must_use]
    pub fn holds_line(&self, change: &ParsedChange) -> bool {
        let deps: Vec<_> = change.deps().map(|hash| automerge::ChangeHash(hash.0)).collect();
        let beside = self.automerge.get_changes_meta(&deps);
        beside.iter().all(|meta| meta.actor.to_bytes() != change.actor().0)
    }

    /// The number of the last operation that any of `hashes` had; 0 for none.
    #[must_use]
    pub fn max_op_of(&self, hashes: impl IntoIterator<Item = ChangeHash>) -> u64 {
        let metas = hashes.into_iter().filter_map(|hash| {
            self.automerge.get_change_meta_by_hash(&automerge::ChangeHash(hash.0)).map(|meta| meta.max_op)
        });
        metas.max().unwrap_or(0)
    }

    /// Which version this is.
    #[must_use]
    pub fn version(&self) -> Version {
        Version(self.automerge.get_heads().iter().map(|head| ChangeHash(head.0)).collect())
    }

    /// When the first and the latest change were made, by their authors' clocks.
    #[must_use]
    pub fn span(&self) -> (Instant, Instant) {
        let metas = self.automerge.get_changes_meta(&[]);
        let created = metas.iter().filter(|meta| meta.deps.is_empty()).map(|meta| meta.timestamp).min();
        let updated = metas.iter().map(|meta| meta.timestamp).max();
        (Instant(created.unwrap_or(0)), Instant(updated.unwrap_or(0)))
    }

    /// All fields; where two values are kept, the one that every device shows for now.
    #[must_use]
    pub fn fields(&self) -> Fields {
        read_fields(&self.automerge)
    }

    /// All fields as they were at `version`. Heads that are not here are passed over, as of changes that were refused
    /// and written anew; where none is left, it is the fields of now.
    #[must_use]
    pub fn fields_at(&self, version: &Version) -> Fields {
        if *version == self.version() {
            return self.fields();
        }
        self.at(version).map_or_else(|| self.fields(), |past| read_fields(&past))
    }

    /// The document as it was at `version`, if any of its heads is here.
    fn at(&self, version: &Version) -> Option<Automerge> {
        let heads = version.0.iter().map(|head| automerge::ChangeHash(head.0));
        let here: Vec<_> =
            heads.filter(|head| self.automerge.get_change_meta_by_hash(head).is_some()).collect();
        if here.is_empty() { None } else { self.automerge.fork_at(&here).ok() }
    }

    /// Writes `edits` as one change of `actor`, on top of everything known; `None` if there is nothing to write.
    ///
    /// # Errors
    /// [`Error::Document`] if a path holds something that cannot be replaced.
    pub fn write(&mut self, actor: ActorId, at: Instant, edits: &Edits) -> Result<Option<NewChange>> {
        write_into(&mut self.automerge, actor, at, edits)
    }

    /// Writes `edits` as one change on top of the version its author was looking at.
    ///
    /// If someone else's change of the same field has arrived since, both values are kept, because the
    /// author has not seen it. Where the actor has itself written since, the change goes on top of
    /// everything, because an actor's own changes are one line.
    ///
    /// # Errors
    /// [`Error::Document`] if a path holds something that cannot be replaced.
    pub fn write_at(
        &mut self,
        seen: &Version,
        actor: ActorId,
        at: Instant,
        edits: &Edits,
    ) -> Result<Option<NewChange>> {
        let Some(mut past) = (*seen != self.version()).then(|| self.at(seen)).flatten() else {
            return self.write(actor, at, edits);
        };
        if last_seq_in(&past, &actor) != self.last_seq(&actor) {
            return self.write(actor, at, edits);
        }
        let Some(change) = write_into(&mut past, actor, at, edits)? else { return Ok(None) };
        self.apply(&ParsedChange::parse(&change.bytes)?)?;
        Ok(Some(change))
    }

    /// All changes, dependencies first.
    #[must_use]
    pub fn changes(&self) -> Vec<ParsedChange> {
        let changes = self.automerge.get_changes(&[]);
        changes.iter().filter_map(|change| ParsedChange::parse(change.raw_bytes()).ok()).collect()
    }

    /// One field; where two values are kept, the one that every device shows for now.
    #[must_use]
    pub fn field(&self, path: &str) -> Option<Scalar> {
        let (value, object) = self.automerge.get(ROOT, path).ok()??;
        read_value(&self.automerge, &value, &object)
    }

    /// Opens what [`Document::save`] gave.
    ///
    /// # Errors
    /// [`Error::Document`] if the bytes are no whole document. Foreign ones are never given to it.
    pub fn open(bytes: &[u8]) -> Result<Self> {
        Ok(Self { automerge: Box::new(Automerge::load(bytes).map_err(broken)?) })
    }

    /// The whole document in automerge's own format, which every automerge implementation opens.
    #[must_use]
    pub fn save(&self) -> Vec<u8> {
        self.automerge.save()
    }
}

fn last_seq_in(automerge: &Automerge, actor: &ActorId) -> u64 {
    let metas = automerge.get_changes_meta(&[]);
    metas.iter().filter(|meta| meta.actor.to_bytes() == actor.0).map(|meta| meta.seq).max().unwrap_or(0)
}

pub(super) fn broken(error: impl std::fmt::Display) -> Error {
    Error::Document(error.to_string())
}

fn write_into(
    automerge: &mut Automerge,
    actor: ActorId,
    at: Instant,
    edits: &Edits,
) -> Result<Option<NewChange>> {
    automerge.set_actor(automerge::ActorId::from(actor.0));
    let mut transaction = automerge.transaction();
    for (path, value) in edits {
        match value {
            None if transaction.get(ROOT, path.as_str()).map_err(broken)?.is_some() => {
                transaction.delete(ROOT, path.as_str()).map_err(broken)?;
            }
            None => {}
            Some(Scalar::Running(text)) => write_running(&mut transaction, path, text)?,
            Some(scalar) => transaction.put(ROOT, path.as_str(), to_automerge(scalar)).map_err(broken)?,
        }
    }
    // The time goes in as milliseconds: automerge calls it advisory and never looks at it.
    let (hash, _) = transaction.commit_with(CommitOptions::default().with_time(at.0));
    let Some(hash) = hash else { return Ok(None) };
    let change = automerge
        .get_last_local_change()
        .ok_or_else(|| Error::Document("the change just written is not there".into()))?;
    Ok(Some(NewChange { hash: ChangeHash(hash.0), bytes: change.raw_bytes().to_vec() }))
}

fn write_running(
    transaction: &mut automerge::transaction::Transaction<'_>,
    path: &str,
    text: &str,
) -> Result<()> {
    match transaction.get(ROOT, path).map_err(broken)? {
        Some((Value::Object(ObjType::Text), object)) => {
            transaction.update_text(&object, text).map_err(broken)
        }
        _ => {
            let object = transaction.put_object(ROOT, path, ObjType::Text).map_err(broken)?;
            transaction.splice_text(&object, 0, 0, text).map_err(broken)
        }
    }
}

pub(super) fn to_automerge(scalar: &Scalar) -> ScalarValue {
    match scalar {
        Scalar::Null => ScalarValue::Null,
        Scalar::Flag(flag) => ScalarValue::Boolean(*flag),
        Scalar::Number(number) => ScalarValue::Int(*number),
        Scalar::Text(text) | Scalar::Running(text) => ScalarValue::Str(text.as_str().into()),
    }
}

/// The scalar that fields know for an automerge scalar; `None` for types this version never writes.
pub(super) fn from_automerge(value: &ScalarValue) -> Option<Scalar> {
    match value {
        ScalarValue::Null => Some(Scalar::Null),
        ScalarValue::Boolean(flag) => Some(Scalar::Flag(*flag)),
        ScalarValue::Int(number) => Some(Scalar::Number(*number)),
        ScalarValue::Uint(number) => i64::try_from(*number).ok().map(Scalar::Number),
        ScalarValue::Str(text) => Some(Scalar::Text(text.to_string())),
        _ => None,
    }
}

/// The scalar at one place of the root, running text read out.
pub(super) fn read_value(
    automerge: &Automerge,
    value: &Value<'_>,
    object: &automerge::ObjId,
) -> Option<Scalar> {
    match value {
        Value::Object(ObjType::Text) => automerge.text(object).ok().map(Scalar::Running),
        Value::Object(_) => None,
        Value::Scalar(scalar) => from_automerge(scalar),
    }
}

pub(super) fn read_fields(automerge: &Automerge) -> Fields {
    let keys = automerge.keys(ROOT);
    keys.filter_map(|key| {
        let (value, object) = automerge.get(ROOT, key.as_str()).ok()??;
        Some((read_value(automerge, &value, &object)?, key))
    })
    .map(|(scalar, key)| (key, scalar))
    .collect()
}
