//! 日记: the day's page, built from the day's visits, outreach and ticks plus what the worker adds.
//! Nobody types a fact twice.

use serde::Serialize;

use super::records::New;
use super::tasks::lists_in_view;
use super::{Filter, Workbook};
use crate::clock::{Day, Instant};
use crate::error::Result;
use crate::id::{PersonId, RecordId};
use crate::model::{Body, Checklist, DaySums, DiaryEntry, Dwelling, Household, Outreach, Record, Visit};
use crate::store::Reader;

/// The diary of a workbook.
#[derive(Debug)]
pub struct Diary<'a>(&'a Workbook);

/// More records of one kind than anyone writes in a day.
const DAY_LIMIT: usize = 1_000;

/// A tick made on the day.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TickLine {
    /// The checklist.
    pub checklist: RecordId,
    /// Its title.
    pub list_title: String,
    /// The item's title.
    pub item_title: String,
    /// When it was ticked.
    pub at: Instant,
}

/// One line of a day's page.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "line", rename_all = "snake_case")]
pub enum DayLine {
    /// A visit, and where.
    Visit {
        /// The visit.
        visit: Box<Record<Visit>>,
        /// The household's dwelling, if the household is on this phone.
        dwelling: Option<Dwelling>,
    },
    /// An outreach.
    Outreach {
        /// The outreach.
        outreach: Box<Record<Outreach>>,
    },
    /// A tick.
    Tick {
        /// The tick.
        tick: TickLine,
    },
    /// What the worker added.
    Entry {
        /// The entry.
        entry: Box<Record<DiaryEntry>>,
    },
}

/// One person's page of one day.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DayPage {
    /// The day.
    pub day: Day,
    /// Whose page.
    pub person: PersonId,
    /// The lines in the order of the day.
    pub lines: Vec<DayLine>,
    /// Visits made.
    pub visits: usize,
    /// Of these, how many met someone.
    pub met: usize,
    /// People reached by outreach (人次).
    pub reached: u64,
    /// Items ticked.
    pub ticked: usize,
    /// Entries that still want a follow-up.
    pub open_follow_ups: usize,
}

impl Workbook {
    /// The diary.
    #[must_use]
    pub fn diary(&self) -> Diary<'_> {
        Diary(self)
    }
}

impl Diary<'_> {
    /// Saves a new entry; without a date it belongs to today.
    ///
    /// # Errors
    /// [`crate::Error::Invalid`], [`crate::Error::NotPermitted`], [`crate::Error::DiskFull`].
    pub fn save(&self, mut new: New<DiaryEntry>) -> Result<Record<DiaryEntry>> {
        new.content.date.get_or_insert_with(|| self.0.today());
        self.0.save_in_grid(new)
    }

    /// The page of `day`: the person's own, or a colleague's.
    ///
    /// # Errors
    /// [`crate::Error::NotEnrolled`] if no person is given and the phone has none; the store's failure.
    pub fn page(&self, day: Day, person: Option<&PersonId>) -> Result<DayPage> {
        let person =
            person.map_or_else(|| self.0.profile().person().cloned(), |person| Ok(person.clone()))?;
        let zone = self.0.zone();
        let filter =
            Filter { from: Some(day), to: Some(day), author: Some(person.clone()), ..Filter::default() };
        let mut timed = self.0.read(|reader| {
            let mut timed: Vec<(Instant, DayLine)> = Vec::new();
            for visit in of_day::<Visit>(reader, &filter)? {
                let dwelling = dwelling_of(reader, visit.content.household)?;
                let at = visit.header.occurred_at;
                timed.push((at, DayLine::Visit { visit: Box::new(visit), dwelling }));
            }
            for outreach in of_day::<Outreach>(reader, &filter)? {
                let at = outreach.header.occurred_at;
                timed.push((at, DayLine::Outreach { outreach: Box::new(outreach) }));
            }
            for entry in of_day::<DiaryEntry>(reader, &filter)? {
                timed.push((entry.header.occurred_at, DayLine::Entry { entry: Box::new(entry) }));
            }
            for list in lists_in_view(reader, day)? {
                let ticks = ticks_of(&list, &person);
                timed.extend(
                    ticks
                        .into_iter()
                        .filter(|tick| zone.day(tick.at) == day)
                        .map(|tick| (tick.at, DayLine::Tick { tick })),
                );
            }
            Ok(timed)
        })?;
        timed.sort_by_key(|(at, _)| *at);
        let lines = timed.into_iter().map(|(_, line)| line).collect();
        Ok(DayPage::count(day, person, lines))
    }
}

impl DayPage {
    fn count(day: Day, person: PersonId, lines: Vec<DayLine>) -> Self {
        let mut sums = DaySums::default();
        for line in &lines {
            match line {
                DayLine::Visit { visit, .. } => sums.visit(&visit.content),
                DayLine::Outreach { outreach } => sums.outreach(&outreach.content),
                DayLine::Tick { .. } => sums.tick(),
                DayLine::Entry { entry } => sums.entry(&entry.content),
            }
        }
        let DaySums { visits, met, reached, ticked, open_follow_ups } = sums;
        Self { day, person, lines, visits, met, reached, ticked, open_follow_ups }
    }
}

fn of_day<B: Body>(reader: &Reader<'_>, filter: &Filter) -> Result<Vec<Record<B>>> {
    let rows = reader.list(B::KIND, filter, None, DAY_LIMIT)?;
    rows.into_iter().map(|(_, record)| record.masked().of()).collect()
}

fn dwelling_of(reader: &Reader<'_>, household: RecordId) -> Result<Option<Dwelling>> {
    let record = reader.record(&household)?;
    Ok(record
        .and_then(|record| record.of::<Household>().ok())
        .and_then(|household| household.content.dwelling))
}

fn ticks_of(list: &Record<Checklist>, person: &PersonId) -> Vec<TickLine> {
    let progress = list.content.progress();
    let ticks = progress.iter().flat_map(|item| {
        item.ticks.iter().filter(|(ticker, _)| *ticker == person).map(|(_, at)| TickLine {
            checklist: list.id,
            list_title: list.content.title.clone(),
            item_title: item.item.title.clone(),
            at: *at,
        })
    });
    ticks.collect()
}
