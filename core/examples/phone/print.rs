//! Answers: a JSON value for programs, and text for people in columns that are aligned with Chinese in them.

use std::fmt;

use comfy_table::{CellAlignment, ContentArrangement, Table as Grid, presets};
use serde::Serialize;
use serde_json::Value;
use unicode_width::UnicodeWidthChar;

use crate::speech::Speech;

/// What a command answers.
pub(crate) struct Output {
    pub(crate) json: Value,
    pub(crate) text: String,
    pub(crate) exit_code: u8,
}

impl Output {
    /// The same answer for programs and for people.
    ///
    /// # Panics
    /// If `value` does not serialise to JSON: all answers are plain structs.
    pub(crate) fn new(value: &impl Serialize, text: impl Into<String>) -> Self {
        let json = serde_json::to_value(value).unwrap_or_else(|error| panic!("an answer is JSON: {error}"));
        let mut text = text.into();
        if !text.ends_with('\n') {
            text.push('\n');
        }
        Self { json, text, exit_code: 0 }
    }
}

/// The widest cell, in columns of a terminal; a Chinese character takes two.
const WIDEST: usize = 56;

/// Rows under headings. The headings are keys of `[phone]`.
pub(crate) struct Table {
    grid: Grid,
    rows: usize,
}

impl Table {
    pub(crate) fn of(speech: Speech, headings: &[&str]) -> Self {
        let mut table = Self::bare();
        table.grid.set_header(headings.iter().map(|key| speech.say(&format!("phone.{key}"))));
        table
    }

    /// Rows without headings.
    pub(crate) fn bare() -> Self {
        let mut grid = Grid::new();
        grid.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
        Self { grid, rows: 0 }
    }

    pub(crate) fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.grid.add_row(cells.into_iter().map(|cell| shorten(&cell.into())));
        self.rows += 1;
    }

    /// A row whose cells are shown to the end, for what a person asked to see whole.
    pub(crate) fn whole_row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.grid.add_row(cells.into_iter().map(Into::<String>::into));
        self.rows += 1;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Aligns a column of numbers to the right.
    pub(crate) fn numbers_in(&mut self, column: usize) {
        if let Some(column) = self.grid.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }

    /// The table, or what to do where it has no row.
    pub(crate) fn or_else(&self, speech: Speech, empty: &str) -> String {
        if self.is_empty() { speech.say(empty) } else { self.to_string() }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The space that separates columns also stands before the first one.
        let plain = |line: String| line.strip_prefix(' ').unwrap_or(&line).trim_end().to_owned();
        let lines: Vec<_> = self.grid.lines().map(plain).collect();
        f.write_str(&lines.join("\n"))
    }
}

/// One line of at most [`WIDEST`] columns.
pub(crate) fn shorten(text: &str) -> String {
    let mut short = String::new();
    let mut width = 0;
    for character in text.chars().map(|character| if character.is_control() { ' ' } else { character }) {
        width += character.width().unwrap_or(0);
        if width > WIDEST {
            short.push('…');
            return short;
        }
        short.push(character);
    }
    short
}
