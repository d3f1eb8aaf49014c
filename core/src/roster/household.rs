//! One line of a roster as a household, or everything that is wrong with it.

use super::columns::{Column, Columns};
use super::{Line, Problem};
use crate::error::Error;
use crate::model::{Body, Dwelling, Household, Occupancy, Rule, Tags, dictionary, spelling};

/// Reads one line; all its problems, not only the first.
pub(super) fn read(line: &Line, columns: &Columns) -> Result<Household, Vec<Problem>> {
    let mut cells = Cells { line, columns, problems: Vec::new() };
    let household = Household {
        dwelling: cells.dwelling(),
        class: cells.code(Column::Class, "household_class"),
        occupancy: cells.occupancy(),
        contact: cells.text(Column::Contact),
        phone: cells.text(Column::Phone),
        tags: cells.tags(),
        note: cells.text(Column::Note),
        ..Household::default()
    };
    if cells.problems.is_empty()
        && let Err(Error::Invalid { rule, .. }) = household.check()
    {
        let column = columns.dwelling_name().to_owned();
        cells.problems.push(Problem { line: line.number, column, rule });
    }
    if cells.problems.is_empty() { Ok(household) } else { Err(cells.problems) }
}

struct Cells<'a> {
    line: &'a Line,
    columns: &'a Columns,
    problems: Vec<Problem>,
}

impl Cells<'_> {
    /// The cell's text, empty where the file has no such column.
    fn text(&mut self, column: Column) -> String {
        let cell = self.columns.get(column).and_then(|(place, _)| self.line.cells.get(place));
        match cell {
            None => String::new(),
            Some(Ok(text)) => text.clone(),
            Some(Err(rule)) => {
                self.report(column, *rule);
                String::new()
            }
        }
    }

    fn report(&mut self, column: Column, rule: Rule) {
        let name = self.columns.get(column).map_or("", |(_, name)| name);
        self.problems.push(Problem { line: self.line.number, column: name.to_owned(), rule });
    }

    /// What `read` makes of the cell, which must not be empty.
    fn required<T>(
        &mut self,
        column: Column,
        empty: Rule,
        read: impl Fn(&str) -> Result<T, Rule>,
    ) -> Option<T> {
        let reported = self.problems.len();
        let text = self.text(column);
        if self.problems.len() > reported {
            return None;
        }
        let found = if text.is_empty() { Err(empty) } else { read(&text) };
        found.map_err(|rule| self.report(column, rule)).ok()
    }

    fn dwelling(&mut self) -> Option<Dwelling> {
        if self.columns.has(Column::Dwelling) {
            let found = self.required(Column::Dwelling, Rule::DwellingForm, spelling::whole)?;
            let floor = if found.floor.is_some() { found.floor } else { self.floor() };
            return Some(spelling::plain(Dwelling { floor, ..found }));
        }
        let building = self.required(Column::Building, Rule::BuildingMissing, spelling::building);
        let unit = self.required(Column::Unit, Rule::UnitMissing, spelling::unit);
        let room = self.required(Column::Room, Rule::RoomMissing, spelling::room);
        let floor = self.floor();
        Some(spelling::plain(Dwelling { building: building?, unit: unit?, room: room?, floor }))
    }

    fn floor(&mut self) -> Option<i32> {
        let text = self.text(Column::Floor);
        if text.is_empty() {
            return None;
        }
        spelling::floor(&text).map_err(|rule| self.report(Column::Floor, rule)).ok()
    }

    /// The code of a word or code of `dictionary`; empty for an empty cell.
    fn code(&mut self, column: Column, dictionary: &str) -> String {
        let text = self.text(column);
        match dictionary::named(dictionary).code_of(&text) {
            Some(code) => code.to_owned(),
            None if text.is_empty() => String::new(),
            None => {
                self.report(column, Rule::UnknownWord);
                String::new()
            }
        }
    }

    fn occupancy(&mut self) -> Option<Occupancy> {
        let code = self.code(Column::Occupancy, "occupancy");
        serde_json::from_value(serde_json::Value::String(code)).ok()
    }

    fn tags(&mut self) -> Tags {
        let text = self.text(Column::Tags);
        let known = dictionary::named("household_tag");
        let words =
            text.split(['、', ',', ';', '/', '，', '；']).map(str::trim).filter(|word| !word.is_empty());
        let codes: Vec<_> = words.map(|word| known.code_of(word)).collect();
        if codes.contains(&None) {
            self.report(Column::Tags, Rule::UnknownWords);
        }
        codes.into_iter().flatten().collect()
    }
}
