//! Columns: run-length coded lists, of which only the shortest coding is accepted.
//!
//! Every read gives one row and answers `None` where the column ends too early or is not the shortest: a run
//! of one, two lists of single values side by side, a value repeated outside a run.

use super::number::Rest;

/// What a column is a list of.
pub(super) trait Item<'a>: Copy + PartialEq {
    fn read(rest: &mut Rest<'a>) -> Option<Self>;
}

impl Item<'_> for u64 {
    fn read(rest: &mut Rest<'_>) -> Option<Self> {
        rest.number()
    }
}

impl Item<'_> for i64 {
    fn read(rest: &mut Rest<'_>) -> Option<Self> {
        rest.signed()
    }
}

impl<'a> Item<'a> for &'a str {
    fn read(rest: &mut Rest<'a>) -> Option<Self> {
        std::str::from_utf8(rest.take_run()?).ok()
    }
}

#[derive(Clone, Copy)]
enum Run<T> {
    Start,
    Nothing,
    Same(T),
    Singles,
}

/// A column of values or nothing; a column that is absent is nothing in every row.
#[derive(Clone, Copy)]
pub(super) struct Runs<'a, T> {
    rest: Rest<'a>,
    absent: bool,
    run: Run<T>,
    /// Rows left of the run.
    left: u64,
    /// The value of the row before.
    before: Option<T>,
    /// Some row has a value.
    valued: bool,
}

impl<'a, T: Item<'a>> Runs<'a, T> {
    pub(super) fn new(column: &'a [u8]) -> Self {
        Self {
            rest: Rest(column),
            absent: column.is_empty(),
            run: Run::Start,
            left: 0,
            before: None,
            valued: false,
        }
    }

    /// The next row.
    pub(super) fn next(&mut self) -> Option<Option<T>> {
        if self.absent {
            return Some(None);
        }
        if self.left == 0 {
            self.begin()?;
        }
        self.left -= 1;
        match self.run {
            Run::Same(value) => Some(Some(value)),
            Run::Singles => self.value().map(Some),
            Run::Nothing => Some(None),
            Run::Start => None,
        }
    }

    /// The next row of a column that has a value in each.
    pub(super) fn next_value(&mut self) -> Option<T> {
        self.next()?
    }

    /// True if no row is left; one that has nothing in every row would have been left out.
    pub(super) fn is_finished(&self) -> bool {
        self.absent || (self.left == 0 && self.rest.is_empty() && self.valued)
    }

    /// True if no row is left, for a list that may be as long as it likes.
    pub(super) fn is_at_end(&self) -> bool {
        self.left == 0 && self.rest.is_empty()
    }

    fn begin(&mut self) -> Option<()> {
        match self.rest.signed()? {
            0 if !matches!(self.run, Run::Nothing) => {
                (self.left, self.run, self.before) = (self.rest.number()?, Run::Nothing, None);
            }
            rows @ 2.. => (self.left, self.run) = (rows.unsigned_abs(), Run::Same(self.value()?)),
            rows @ ..0 if !matches!(self.run, Run::Singles) => {
                (self.left, self.run) = (rows.unsigned_abs(), Run::Singles);
            }
            _ => return None,
        }
        (self.left > 0).then_some(())
    }

    fn value(&mut self) -> Option<T> {
        let value = T::read(&mut self.rest)?;
        if self.before == Some(value) {
            return None;
        }
        (self.before, self.valued) = (Some(value), true);
        Some(value)
    }
}

/// A column of numbers, each told by its difference to the one before.
#[derive(Clone, Copy)]
pub(super) struct Steps<'a> {
    differences: Runs<'a, i64>,
    reached: i64,
}

impl<'a> Steps<'a> {
    pub(super) fn new(column: &'a [u8]) -> Self {
        Self { differences: Runs::new(column), reached: 0 }
    }

    pub(super) fn next(&mut self) -> Option<Option<i64>> {
        let Some(difference) = self.differences.next()? else { return Some(None) };
        self.reached = self.reached.checked_add(difference)?;
        Some(Some(self.reached))
    }

    pub(super) fn is_finished(&self) -> bool {
        self.differences.is_finished()
    }
}

/// A column of flags: how many rows are off, how many on, and so on in turn.
#[derive(Clone, Copy)]
pub(super) struct Flags<'a> {
    rest: Rest<'a>,
    begun: bool,
    on: bool,
    left: u64,
}

impl<'a> Flags<'a> {
    pub(super) fn new(column: &'a [u8]) -> Self {
        Self { rest: Rest(column), begun: false, on: true, left: 0 }
    }

    pub(super) fn next(&mut self) -> Option<bool> {
        if self.left == 0 {
            self.turn()?;
            // Only the first turn may be empty: a column that begins with rows that are on.
            if self.left == 0 && !self.begun {
                self.begun = true;
                self.turn()?;
            }
            self.begun = true;
        }
        self.left = self.left.checked_sub(1)?;
        Some(self.on)
    }

    pub(super) fn is_finished(&self) -> bool {
        self.left == 0 && self.rest.is_empty()
    }

    fn turn(&mut self) -> Option<()> {
        (self.on, self.left) = (!self.on, self.rest.number()?);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(column: &[u8]) -> Option<Vec<Option<u64>>> {
        let mut runs = Runs::<u64>::new(column);
        let mut rows = Vec::new();
        while !runs.is_at_end() {
            rows.push(runs.next()?);
        }
        runs.is_finished().then_some(rows)
    }

    #[test]
    fn the_shortest_runs_are_read_and_no_others() {
        assert_eq!(rows(&[2, 7]), Some(vec![Some(7), Some(7)]));
        assert_eq!(rows(&[0x7e, 7, 8, 0, 2, 0x7f, 8]), Some(vec![Some(7), Some(8), None, None, Some(8)]));
        assert_eq!(rows(&[0x7f, 7, 2, 8, 2, 7]), Some(vec![Some(7), Some(8), Some(8), Some(7), Some(7)]));
        let longer: [&[u8]; 9] = [
            &[1, 7],
            &[0x7e, 7, 7],
            &[0x7f, 7, 0x7f, 8],
            &[2, 7, 2, 7],
            &[2, 7, 0x7f, 7],
            &[0x7f, 7, 2, 7],
            &[0, 1, 0, 1, 2, 7],
            &[0, 0, 2, 7],
            &[0, 4],
        ];
        for column in longer {
            assert_eq!(rows(column), None, "{column:?}");
        }
        for cut in [&[2][..], &[0x7e, 7], &[0], &[0x80]] {
            assert_eq!(rows(cut), None, "{cut:?}");
        }
    }

    #[test]
    fn a_run_as_long_as_it_claims_costs_nothing() {
        let mut runs = Runs::<u64>::new(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 7]);
        assert_eq!((runs.next(), runs.is_finished()), (Some(Some(7)), false));
    }

    #[test]
    fn flags_turn_and_only_the_first_turn_may_be_empty() {
        let flags = |column: &'static [u8]| {
            let mut flags = Flags::new(column);
            let mut rows = Vec::new();
            while !flags.is_finished() {
                rows.push(flags.next()?);
            }
            Some(rows)
        };
        assert_eq!(flags(&[2, 1]), Some(vec![false, false, true]));
        assert_eq!(flags(&[0, 1, 1]), Some(vec![true, false]));
        for broken in [&[0][..], &[0, 0, 1], &[1, 0, 1], &[1, 0], &[0x80]] {
            assert_eq!(flags(broken), None, "{broken:?}");
        }
    }

    #[test]
    fn steps_add_up_and_never_overflow() {
        let mut steps = Steps::new(&[2, 3, 0x7f, 0x7e]);
        assert_eq!([steps.next(), steps.next(), steps.next()], [3, 6, 4].map(|number| Some(Some(number))));
        assert!(steps.is_finished());
        let mut far = Steps::new(&[2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0]);
        assert_eq!((far.next(), far.next()), (Some(Some(i64::MAX)), None));
    }
}
