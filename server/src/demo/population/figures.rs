//! The numbers of earlier months, invented as an office would bring them from its spreadsheets: all of last year, and this
//! year's months before the history is whole. With them 统计 compares; a month of history alone could not.

use gridbook_core::clock::Day;
use gridbook_core::model::{ScopeKind, dictionary};

use super::dice::Dice;
use super::{Calendar, ScopeSeed};

/// What only the police count: the most of a grid's month last year, and this year.
const POLICE: [(&str, usize, usize); 2] = [("电动车被盗", 3, 2), ("电信诈骗警情", 3, 2)];

/// A number of a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FigureSeed {
    /// The key of the grid that it is about.
    pub scope: String,
    /// The month's first day.
    pub month: Day,
    /// A code of the diary's categories or of the hazards, or what the police call it.
    pub name: String,
    /// How many.
    pub count: u64,
}

/// The numbers of every grid.
pub(super) fn invent(dice: &mut Dice, scopes: &[ScopeSeed], calendar: &Calendar) -> Vec<FigureSeed> {
    let today = calendar.last.plus_days(1);
    let this_year = january(today);
    let last_year = january(this_year.plus_days(-1));
    let mut figures = Vec::new();
    let mut month = last_year;
    while month < today.month_start() && month <= calendar.first {
        for grid in scopes.iter().filter(|scope| scope.kind == ScopeKind::Grid) {
            // Less came up this year than last, in most months.
            let (diary, hazard) = if month < this_year { ((3, 8), (1, 5)) } else { ((2, 7), (0, 5)) };
            let mut add = |name: &str, count: usize| {
                let (scope, name, count) = (grid.key.clone(), name.to_owned(), count as u64);
                figures.push(FigureSeed { scope, month, name, count });
            };
            for (of, (least, most)) in [("diary_category", diary), ("hazard", hazard)] {
                for entry in &dictionary::named(of).entries {
                    add(&entry.code, dice.between(least, most));
                }
            }
            for (name, before, now) in POLICE {
                add(name, dice.between(0, if month < this_year { before } else { now }));
            }
        }
        month = month.plus_days(31).month_start();
    }
    figures
}

/// The first day of a day's year.
fn january(day: Day) -> Day {
    let mut first = day.month_start();
    while !first.to_string().ends_with("-01-01") {
        first = first.plus_days(-1).month_start();
    }
    first
}
