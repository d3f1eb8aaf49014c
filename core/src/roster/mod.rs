//! Household rosters as administrators have them: CSV and XLSX, read into [`Household`]s with a problem
//! for each cell that cannot be used. The only room that names calamine and csv.
//!
//! Reading writes nothing: the workbook and the server import a roster whole or not at all, after a
//! person has seen its problems. A problem names the line, the column and the rule, never the cell.

mod columns;
mod csv_file;
mod household;
mod xlsx_file;

use std::collections::HashSet;

use crate::error::{Error, Result};
use crate::model::rule::number;
use crate::model::{Household, Rule, spelling};

use columns::Columns;

/// The largest file that is read, in bytes.
pub const FILE_LIMIT: usize = 8 * 1024 * 1024;
/// The last line of the spreadsheet that is read, the header included.
pub const LINE_LIMIT: usize = 20_000;
/// The most columns that are read.
pub const COLUMN_LIMIT: usize = 200;
/// The longest cell that is read, in characters.
pub const CELL_LIMIT: usize = 8_000;

/// What a roster file holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Roster {
    /// The households of the lines without a problem, each with its line in the spreadsheet.
    pub households: Vec<(usize, Household)>,
    /// What cannot be used, in the order of the lines.
    pub problems: Vec<Problem>,
    /// Columns that were passed over because no field of a household is called so, as the file writes them.
    pub ignored: Vec<String>,
}

/// One cell that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// The line as the spreadsheet shows it; the header usually is line 1.
    pub line: usize,
    /// The column as the file's header writes it.
    pub column: String,
    /// The rule that the cell breaks, saying what to write instead.
    pub rule: Rule,
}

/// One line of a spreadsheet with its cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// As the spreadsheet counts, from 1.
    pub number: usize,
    /// Its cells from the left.
    pub cells: Vec<Cell>,
}

/// A cell's text without surrounding space, or why it has none.
pub type Cell = Result<String, Rule>;

/// Reads a spreadsheet's lines that are not blank, the header first. The format is told from the bytes; `file_name`
/// only words the error.
///
/// CSV may be separated by commas, semicolons or tabs, and be UTF-8 with or without a byte order mark,
/// UTF-16 with one, or GB18030, which covers GBK. Of an XLSX file the first visible sheet is read.
///
/// # Errors
/// [`Error::Roster`] if the file is too large, is of another format or damaged.
pub fn lines(file_name: &str, bytes: &[u8]) -> Result<Vec<Line>> {
    if bytes.len() > FILE_LIMIT {
        return Err(Error::Roster(Rule::FileTooLarge { mebibytes: number(FILE_LIMIT >> 20) }));
    }
    let lines = if bytes.starts_with(b"PK\x03\x04") {
        xlsx_file::read(bytes)?
    } else if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Err(Error::Roster(Rule::OldExcel));
    } else if file_name.to_lowercase().ends_with(".xlsx") {
        return Err(Error::Roster(Rule::NotExcel));
    } else {
        csv_file::read(bytes)?
    };
    Ok(lines.into_iter().filter(|line| !line.is_blank()).collect())
}

/// Reads a roster from a spreadsheet, as [`lines`] does.
///
/// # Errors
/// As [`lines`], and if there is no header with a dwelling, or it names one column twice. Anything wrong with a
/// single cell is a [`Problem`] instead.
pub fn read(file_name: &str, bytes: &[u8]) -> Result<Roster> {
    let mut lines = lines(file_name, bytes)?.into_iter();
    let header = lines.next().ok_or(Error::Roster(Rule::FileEmpty))?;
    let columns = Columns::of(&header)?;
    let mut roster = Roster { ignored: columns.ignored().to_vec(), ..Roster::default() };
    let mut seen = HashSet::new();
    for line in lines {
        match household::read(&line, &columns) {
            Ok(household) if seen.insert(household.dwelling.as_ref().map(spelling::key)) => {
                roster.households.push((line.number, household));
            }
            Ok(_) => roster.problems.push(Problem {
                line: line.number,
                column: columns.dwelling_name().to_owned(),
                rule: Rule::DwellingTwice,
            }),
            Err(problems) => roster.problems.extend(problems),
        }
    }
    Ok(roster)
}

/// The header line to hand to an administrator who starts a roster: UTF-8 with the byte order mark that
/// makes Excel read Chinese.
#[must_use]
pub fn template_csv() -> String {
    format!("\u{feff}{}\r\n", columns::template().join(","))
}

impl Line {
    fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.as_ref().is_ok_and(String::is_empty))
    }
}

/// A cell of this text, or the rule it breaks.
fn cell(text: &str) -> Cell {
    let text = text.trim();
    if text.chars().nth(CELL_LIMIT).is_some() {
        return Err(Rule::too_long(CELL_LIMIT));
    }
    Ok(text.to_owned())
}

fn too_many_lines() -> Error {
    Error::Roster(Rule::TooManyLines { most: number(LINE_LIMIT) })
}

fn too_many_columns() -> Error {
    Error::Roster(Rule::TooManyColumns { most: number(COLUMN_LIMIT) })
}
