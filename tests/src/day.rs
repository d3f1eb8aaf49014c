//! A phone's day, act by act, and what its owner was told is safe: what the tests of faults do to a phone
//! and what they look for afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use gridbook_core::Result;
use gridbook_core::id::{ChangeHash, RecordId};
use gridbook_core::model::{DiaryEntry, Household, Record};
use gridbook_core::workbook::{Filter, Workbook};

use crate::simulation::{Dice, act};

/// Households of one imported roster.
pub const ROSTER: usize = 12;

/// One thing that a phone promised by returning `Ok`.
#[derive(Clone, Debug, PartialEq)]
pub enum Promise {
    /// This change of this record is kept.
    Change(RecordId, ChangeHash),
    /// The draft holds this number or a later one.
    Draft(RecordId, u64),
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Change(id, hash) => write!(f, "change {id} {hash}."),
            Self::Draft(id, number) => write!(f, "draft {id} {number}."),
        }
    }
}

impl Promise {
    /// Reads a promise from a line; `None` if the line was cut, and so was not heard.
    #[must_use]
    pub fn heard(line: &str) -> Option<Self> {
        let mut words = line.strip_suffix('.')?.split(' ');
        let (what, id, value) = (words.next()?, words.next()?.parse().ok()?, words.next()?);
        match what {
            "change" => Some(Self::Change(id, value.parse().ok()?)),
            "draft" => Some(Self::Draft(id, value.parse().ok()?)),
            _ => None,
        }
    }
}

/// One random act of a day, and what was promised by it. Drafts hold `number`, which must grow.
///
/// # Errors
/// The workbook's.
pub fn one_act(workbook: &Workbook, dice: &Dice, number: u64) -> Result<Vec<Promise>> {
    match dice.pick(20) {
        0..=2 => draft(workbook, number),
        3 => import(workbook, number),
        _ => {
            let mut form = None;
            let saved = act(workbook, dice, &mut form)?;
            saved.map_or(Ok(Vec::new()), |id| versions(workbook, id))
        }
    }
}

/// Keeps a draft with `number` in it.
///
/// # Errors
/// The workbook's.
pub fn draft(workbook: &Workbook, number: u64) -> Result<Vec<Promise>> {
    let mut draft = match workbook.drafts().list()?.pop() {
        Some(draft) => draft,
        None => workbook.drafts().begin(&DiaryEntry::default())?,
    };
    draft.fields["text"] = format!("{number}").into();
    workbook.drafts().keep(&draft)?;
    Ok(vec![Promise::Draft(draft.id, number)])
}

/// Imports a roster of [`ROSTER`] households, all in the building `number`.
///
/// # Errors
/// The workbook's.
pub fn import(workbook: &Workbook, number: u64) -> Result<Vec<Promise>> {
    let lines: String = (1..=ROSTER).map(|room| format!("{},1,{room}01\n", 100 + number)).collect();
    let grid = workbook.grants().into_iter().map(|grant| grant.scope).find(|scope| {
        let directory = workbook.directory();
        directory.scope(scope).is_some_and(|scope| scope.kind == gridbook_core::model::ScopeKind::Grid)
    });
    workbook.households().import("roster.csv", format!("楼栋,单元,室\n{lines}").as_bytes(), grid)?;
    let mut promises = Vec::new();
    for home in imported(workbook, number)? {
        promises.extend(versions(workbook, home.id)?);
    }
    Ok(promises)
}

/// The households of the roster `number`.
///
/// # Errors
/// The workbook's.
pub fn imported(workbook: &Workbook, number: u64) -> Result<Vec<Record<Household>>> {
    let building = (100 + number).to_string();
    let all = workbook.list::<Household>(&Filter::default(), None, 100_000)?.items;
    let of_roster = |home: &Record<Household>| {
        home.content.dwelling.as_ref().is_some_and(|dwelling| dwelling.building == building)
    };
    Ok(all.into_iter().filter(of_roster).collect())
}

/// What was promised when a call that wrote this record returned.
///
/// # Errors
/// The workbook's.
pub fn versions(workbook: &Workbook, id: RecordId) -> Result<Vec<Promise>> {
    let version = workbook.record(id)?.version;
    Ok(version.0.into_iter().map(|hash| Promise::Change(id, hash)).collect())
}

/// Everything one phone has promised.
#[derive(Clone, Debug, Default)]
pub struct Promises {
    changes: BTreeMap<RecordId, BTreeSet<ChangeHash>>,
    drafts: BTreeMap<RecordId, u64>,
}

impl Extend<Promise> for Promises {
    fn extend<T: IntoIterator<Item = Promise>>(&mut self, promises: T) {
        for promise in promises {
            match promise {
                Promise::Change(id, hash) => {
                    self.changes.entry(id).or_default().insert(hash);
                }
                Promise::Draft(id, number) => {
                    let latest = self.drafts.entry(id).or_default();
                    *latest = number.max(*latest);
                }
            }
        }
    }
}

impl Promises {
    /// How many changes were promised.
    #[must_use]
    pub fn changes(&self) -> usize {
        self.changes.values().map(BTreeSet::len).sum()
    }

    /// The promised records.
    pub fn records(&self) -> impl Iterator<Item = &RecordId> {
        self.changes.keys()
    }

    /// The promised changes.
    pub fn hashes(&self) -> impl Iterator<Item = &ChangeHash> {
        self.changes.values().flatten()
    }

    /// What this phone does not hold of it, a line each.
    ///
    /// # Errors
    /// The workbook's.
    pub fn broken(&self, workbook: &Workbook) -> Result<Vec<String>> {
        let mut broken = Vec::new();
        for (id, promised) in &self.changes {
            let held = workbook.store().read(|reader| reader.hashes_of(id))?;
            let lost = promised.iter().filter(|hash| !held.contains(hash));
            broken.extend(lost.map(|hash| format!("change {hash} of {id} is gone")));
            if let Err(error) = workbook.record(*id).and_then(|_| workbook.history(*id)) {
                broken.push(format!("{id} cannot be read: {error}"));
            }
        }
        for (id, number) in &self.drafts {
            let kept = workbook.drafts().resume(*id)?;
            let kept = kept.and_then(|draft| draft.fields["text"].as_str()?.parse::<u64>().ok());
            if kept.is_none_or(|kept| kept < *number) {
                broken.push(format!("draft {id} holds {kept:?}, {number} was promised"));
            }
        }
        Ok(broken)
    }
}
