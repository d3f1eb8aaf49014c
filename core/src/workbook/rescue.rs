//! Rescuing a refused edit: what the server did not take goes into quarantine, and what the record says here is
//! written anew, as one change on top of what the server has.

use std::collections::BTreeSet;

use super::Workbook;
use super::edit::{Arrival, Edit, Operation, Origin};
use crate::doc::{Document, ParsedChange, State, edits_between};
use crate::error::{Error, Result};
use crate::gate::Refusal;
use crate::id::{ChangeHash, RecordId};
use crate::model::{Fields, Record, Rule, Scalar};
use crate::store::Found;

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
