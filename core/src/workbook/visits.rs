//! 走访: the visits of a workbook.

use super::edit::{Edit, Operation};
use super::records::{Cursor, New, Page};
use super::{Filter, Workbook};
use crate::clock::Day;
use crate::doc::Edits;
use crate::error::{Error, Result};
use crate::id::RecordId;
use crate::model::{
    Body, Content, Kind, Outcome, Outreach, OutreachForm, RETRY_DAYS, Record, Rule, Scalar, Tags, Visit,
};

/// The visits of a workbook.
#[derive(Debug)]
pub struct Visits<'a>(&'a Workbook);

impl Workbook {
    /// Visits.
    #[must_use]
    pub fn visits(&self) -> Visits<'_> {
        Visits(self)
    }
}

impl Visits<'_> {
    /// Saves a new visit in its household's grid. One that met nobody schedules its own retry; one that met
    /// someone clears the household's "needs a visit now".
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::NoSuchRecord`] for an unknown household, [`Error::NotPermitted`],
    /// [`Error::DiskFull`].
    pub fn save(&self, new: New<Visit>) -> Result<Record<Visit>> {
        let New { id, occurred_at, content: mut visit, .. } = new;
        let household_id = visit.household;
        if household_id.is_nil() {
            return Err(Error::Invalid {
                kind: Kind::Visit,
                field: "household",
                rule: Rule::HouseholdMissing,
            });
        }
        let zone = self.0.zone();
        self.0.write(Operation::Save, |edit| {
            let occurred_at = occurred_at.or(visit.started).map_or_else(|| edit.begun(id), Ok)?;
            if visit.outcome == Some(Outcome::NotMet) && visit.next_visit.is_none() {
                visit.next_visit = Some(retry_of(zone.day(occurred_at)));
            }
            let met = visit.outcome.is_some_and(Outcome::reaches);
            let found = edit.writer.require(&household_id)?;
            let grid = found.scope.clone();
            let new = New { id, grid: Some(grid.clone()), occurred_at: Some(occurred_at), content: visit };
            let id = edit.create(&grid, new)?;
            if met {
                clear_need(edit, household_id)?;
            }
            edit.record(id)
        })
    }

    /// A new outreach with everything that the visit knows already: one tap, nothing typed twice. It reached one person
    /// if the visit did.
    ///
    /// # Errors
    /// [`Error::NoSuchRecord`] or [`Error::WrongKind`]; [`Error::Invalid`] if the visit has its outreach already, which
    /// [`super::OutreachLog::of_visit`] gives.
    pub fn outreach_from(&self, visit: RecordId) -> Result<New<Outreach>> {
        let visit: Record<Visit> = self.0.get(visit)?;
        self.0.outreach().require_first(visit.id)?;
        Ok(New {
            id: None,
            grid: visit.header.grid,
            occurred_at: Some(visit.header.occurred_at),
            content: Outreach {
                form: Some(OutreachForm::Door),
                households: Tags::from_iter([visit.content.household.to_string()]),
                visit: Some(visit.id),
                reached: visit.content.outcome.is_some_and(Outcome::reaches).into(),
                ..Outreach::default()
            },
        })
    }

    /// At most `most` visits, newest day first.
    ///
    /// # Errors
    /// The store's failure.
    pub fn list(&self, filter: &Filter, after: Option<&Cursor>, most: usize) -> Result<Page<Record<Visit>>> {
        self.0.list(filter, after, most)
    }
}

/// The day on which a visit that met nobody is tried again.
fn retry_of(day: Day) -> Day {
    day.plus_days(RETRY_DAYS)
}

/// What follows when a visit is edited to have gone otherwise than its author had seen: the retry that was scheduled by
/// itself goes with the outcome that asked for it, and comes with one that does.
pub(super) fn follow_outcome(
    edit: &mut Edit<'_>,
    record: &Record<impl Body>,
    visit: &mut Visit,
) -> Result<()> {
    let found = edit.editable(&record.id)?;
    let document = edit.document(&record.id, &found)?;
    let seen = Content::from_fields(Kind::Visit, &document.fields_at(&record.version));
    edit.keep(record.id, document);
    let Content::Visit(seen) = seen? else { return Ok(()) };
    if seen.outcome == visit.outcome {
        return Ok(());
    }
    let retry = retry_of(edit.profile.zone().day(record.header.occurred_at));
    if visit.outcome == Some(Outcome::NotMet) {
        visit.next_visit.get_or_insert(retry);
    } else if seen.outcome == Some(Outcome::NotMet) && visit.next_visit == Some(retry) {
        visit.next_visit = None;
    }
    if visit.outcome.is_some_and(Outcome::reaches) && !visit.household.is_nil() {
        clear_need(edit, visit.household)?;
    }
    Ok(())
}

/// Takes the mark "needs a visit now" off a household that has just had one.
fn clear_need(edit: &mut Edit<'_>, household: RecordId) -> Result<()> {
    let marked = match edit.writer.reader().record(&household)? {
        Some(Record { header, content: Content::Household(household), .. }) => {
            household.needs_visit && header.voided.is_none()
        }
        _ => false,
    };
    if !marked {
        return Ok(());
    }
    let found = edit.editable(&household)?;
    let edits = Edits::from([("needs_visit".to_owned(), Some(Scalar::Null))]);
    edit.put_edits(household, &found, None, &edits)
}
