//! Rescuing a refused edit: what the server did not take goes into quarantine, and what the record says here is
//! written anew, as one change on top of what the server has.

use std::collections::BTreeSet;

use super::Workbook;
use super::edit::{Arrival, Edit, Operation, Origin};
use crate::doc::{Document, ParsedChange, State, edits_between};
use crate::error::{Error, Result};
use crate::gate::Refusal;
use crate::id::{ActorId, ChangeHash, RecordId};
use crate::model::{Fields, Record, Rule, Scalar};
use crate::store::{AnsweredChange, Found};

impl Workbook {
    /// Submits a refused record again, with the same values, after its cause was seen to: the clock was set, a
    /// permission given, a text shortened. The refused changes are kept in quarantine.
    ///
    /// # Errors
    /// [`Error::Invalid`] if nothing of the record was refused, [`Error::NotPermitted`],
    /// [`Error::NoSuchRecord`]; nothing is written then.
    pub fn rescue(&self, id: RecordId) -> Result<Record> {
        self.write(Operation::Rescue, |edit| {
            edit.rescue(id)?;
            edit.any_record(id)
        })
    }

    /// Submits again what the server refused because it does not know its actor for this device's: this phone wrote it
    /// before it enrolled under another key. Which records that was.
    ///
    /// # Errors
    /// The store's failure.
    pub(super) fn rescue_past_actors(&self) -> Result<Vec<RecordId>> {
        let own = self.actor();
        let past = self.read(|reader| {
            let mut past = Vec::new();
            for Record { id, .. } in reader.refused()? {
                let Some(found) = reader.find(&id)? else { continue };
                if is_past_actors(&reader.answered_changes(found.n)?, own)? {
                    past.push(id);
                }
            }
            Ok(past)
        })?;
        let mut rescued = Vec::new();
        for id in past {
            match self.rescue(id) {
                Ok(_) => rescued.push(id),
                // It stays refused, which its page tells.
                Err(Error::NotPermitted { .. } | Error::NoSuchRecord(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(rescued)
    }
}

/// True if changes were refused because of their actor, and none of `own`.
fn is_past_actors(changes: &[AnsweredChange], own: ActorId) -> Result<bool> {
    let mut foreign = false;
    for change in changes {
        let Some(refusal) = change.refusal.as_deref() else { continue };
        if ParsedChange::parse(&change.bytes)?.actor() == own {
            return Ok(false);
        }
        foreign |= refusal == Refusal::ForeignActor.as_str();
    }
    Ok(foreign)
}

impl Edit<'_> {
    fn rescue(&mut self, id: RecordId) -> Result<()> {
        let found = self.writer.require(&id)?;
        self.permit(&found.scope, found.kind)?;
        let wanted = self.document(&id, &found)?.fields();
        let kept = self.set_refused_aside(&found)?;
        let (document, change) = if kept.is_empty() {
            let fields: Fields = wanted.into_iter().filter(|(_, value)| *value != Scalar::Null).collect();
            let (document, change) = Document::begin(self.profile.actor, self.now, &fields)?;
            (document, Some(change))
        } else {
            let mut document = Document::load(&kept)?;
            let edits = edits_between(&document.fields(), &wanted, found.kind.fields());
            let change = document.write(self.profile.actor, self.now, &edits)?;
            (document, change)
        };
        let state = State::of(&document);
        match &change {
            Some(change) => {
                let (scope, found, state) = (&found.scope, Some(&found), &state);
                self.put(&Arrival { id, scope, found, state, change, origin: Origin::Own })?;
            }
            None => self.put_state(id, &found, &state)?,
        }
        self.keep(id, document);
        Ok(())
    }

    /// Puts the refused changes and what builds on them into quarantine; the others' bytes, in order.
    fn set_refused_aside(&self, found: &Found) -> Result<Vec<Vec<u8>>> {
        let changes = self.writer.reader().answered_changes(found.n)?;
        if changes.iter().all(|change| change.refusal.is_none()) {
            let rule = Rule::NothingRefused;
            return Err(Error::Invalid { kind: found.kind, field: "refusal", rule });
        }
        let mut here = BTreeSet::<ChangeHash>::new();
        let mut kept = Vec::new();
        for change in changes {
            let parsed = ParsedChange::parse(&change.bytes)?;
            if change.refusal.is_none() && parsed.deps().all(|dependency| here.contains(&dependency)) {
                here.insert(parsed.hash());
                kept.push(change.bytes);
            } else {
                let reason = change.refusal.as_deref().unwrap_or(Refusal::MissingDependency.as_str());
                self.writer.set_aside(change.n, reason, self.now)?;
            }
        }
        Ok(kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Instant;
    use crate::doc::NewChange;

    #[test]
    fn only_another_actors_refused_changes_are_submitted_again() {
        let (own, past) = (ActorId([1; 16]), ActorId([2; 16]));
        let change = |actor, refusal: Option<Refusal>| {
            let fields = Fields::from([("note".into(), Scalar::Text("楼道灯坏了".into()))]);
            let bytes = NewChange::first(actor, Instant(0), &fields).unwrap().bytes;
            AnsweredChange { n: 1, refusal: refusal.map(|refusal| refusal.as_str().to_owned()), bytes }
        };
        let (foreign, other) = (Some(Refusal::ForeignActor), Some(Refusal::NotPermitted));
        for (changes, again) in [
            (vec![change(past, foreign)], true),
            (vec![change(past, foreign), change(past, Some(Refusal::MissingDependency))], true),
            (vec![change(past, foreign), change(own, None)], true),
            (vec![change(past, other)], false),
            // Submitted again for ever otherwise.
            (vec![change(own, foreign)], false),
            (vec![change(past, foreign), change(own, other)], false),
            (vec![], false),
        ] {
            assert_eq!(is_past_actors(&changes, own).unwrap(), again);
        }
    }
}
