//! One open phone: its workbook, the names it knows, and the language it answers in.

use std::sync::Arc;

use gridbook_core::clock::Instant;
use gridbook_core::id::{PersonId, RecordId};
use gridbook_core::model::{Body, Directory, Household, Record};
use gridbook_core::workbook::{Draft, Guard, New, Workbook};
use gridbook_core::{Error, Result};

use crate::failure::Failure;
use crate::headline::headline;
use crate::print::Output;
use crate::speech::Speech;

/// What every command works with.
pub(crate) struct Phone {
    pub(crate) workbook: Workbook,
    pub(crate) guard: Arc<Guard>,
    pub(crate) directory: Directory,
    pub(crate) speech: Speech,
}

impl Phone {
    pub(crate) fn new(workbook: Workbook, guard: Arc<Guard>, speech: Speech) -> Self {
        let directory = workbook.directory();
        Self { workbook, guard, directory, speech }
    }

    /// Fails with what to do unless the phone has its place, or works on a signed invitation.
    pub(crate) fn require_enrolment(&self) -> Result<(), Failure> {
        self.workbook.person().map(|_| ()).ok_or(Failure::Core(Error::NotEnrolled))
    }

    /// A moment as the community's clocks showed it, to the minute.
    pub(crate) fn time(&self, at: Instant) -> String {
        self.workbook.zone().local(at).format("%Y-%m-%d %H:%M").to_string()
    }

    /// A moment's time of day.
    pub(crate) fn time_of_day(&self, at: Instant) -> String {
        self.workbook.zone().local(at).format("%H:%M").to_string()
    }

    /// A person's name.
    pub(crate) fn name(&self, person: Option<&PersonId>) -> String {
        person
            .map_or_else(|| self.speech.say("phone.someone"), |id| self.directory.person_name(id).to_owned())
    }

    /// Where a household is, or its short id while it is not on this phone.
    pub(crate) fn dwelling(&self, household: RecordId) -> String {
        let found = self.workbook.get::<Household>(household).ok();
        let dwelling = found.and_then(|household| household.content.dwelling);
        dwelling.map_or_else(|| household.short(), |dwelling| dwelling.to_string())
    }

    /// Keeps what was typed as a draft, then saves it; if it cannot be saved, the draft stays and is named.
    pub(crate) fn keep_and_save<B: Body>(
        &self,
        draft: Option<Draft>,
        new: New<B>,
        save: impl FnOnce(New<B>) -> Result<Record<B>>,
    ) -> Result<Record<B>, Failure> {
        let drafts = self.workbook.drafts();
        let draft = match draft {
            Some(draft) => {
                let fields = serde_json::to_value(&new.content);
                let fields = fields.map_err(|error| Error::Document(format!("draft: {error}")))?;
                Draft { fields, ..draft }
            }
            None => drafts.begin(&new.content)?,
        };
        // What was not given now was perhaps given when the draft was begun.
        let grid = new.grid.or(draft.grid.clone());
        let occurred_at = new.occurred_at.or(draft.occurred_at);
        let Draft { id, .. } = drafts.keep(&Draft { grid: grid.clone(), occurred_at, ..draft })?;
        save(New { id: Some(id), grid, occurred_at, ..new })
            .map_err(|why| Failure::Kept { why: Box::new(why.into()), draft: id })
    }

    /// The draft that `text` names, with its content.
    pub(crate) fn draft<B: Body>(&self, text: Option<&String>) -> Result<(Option<Draft>, B), Failure> {
        let Some(text) = text else { return Ok((None, B::default())) };
        let draft = self.workbook.drafts().resume(self.id(text)?)?;
        let draft = draft.filter(|draft| draft.kind == B::KIND && !draft.edits_existing());
        let draft = draft.ok_or_else(|| Failure::input("no_draft", &[("id", text)]))?;
        let content = draft.content()?;
        Ok((Some(draft), content))
    }

    /// "Saved" with the record in one line.
    pub(crate) fn saved<B: Body>(&self, record: &Record<B>) -> Output {
        Output::new(record, self.saved_line(record))
    }

    /// The line of [`Phone::saved`].
    pub(crate) fn saved_line<B: Body>(&self, record: &Record<B>) -> String {
        let line = headline(self, &record.content.clone().into());
        let standing = self.speech.standing(record.standing);
        self.speech.fill(
            "phone.saved",
            &[
                ("kind", &self.speech.kind(B::KIND)),
                ("id", &record.id.short()),
                ("what", &line),
                ("standing", &standing),
            ],
        )
    }
}
