//! 台账 as files: what a line of each register says (`lines`), and how it is put into a workbook (`workbook`) or a
//! text file (`text_file`). Pages of records go in, an unnamed file comes out: nothing is held in memory as a whole.

mod lines;
mod text_file;
mod workbook;

use std::fs::File;

use gridbook_core::clock::Day;
use gridbook_core::model::Kind;

use super::seat::Seat;
use crate::error::{Error, Result};
use crate::service::LedgerRecord;

use lines::{Named, lines_of, names_of};
use text_file::TextFile;
use workbook::Book;

/// What is in one cell.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    /// Nothing.
    Nothing,
    /// Text, numbers in it masked before it came here.
    Text(String),
    /// A number.
    Number(i64),
    /// A day.
    Day(Day),
    /// A moment by the community's clock: the day, and the milliseconds since it began.
    Moment(Day, i64),
}

/// Which kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// XLSX.
    Workbook,
    /// CSV in UTF-8 with the mark that spreadsheets know it by.
    Text,
}

impl Format {
    /// The format that a form names.
    pub(super) fn from_word(word: &str) -> Option<Self> {
        match word {
            "xlsx" => Some(Self::Workbook),
            "csv" => Some(Self::Text),
            _ => None,
        }
    }

    /// What files of it end in.
    pub(super) fn ending(self) -> &'static str {
        match self {
            Self::Workbook => "xlsx",
            Self::Text => "csv",
        }
    }

    /// Its media type.
    pub(super) fn media(self) -> &'static str {
        match self {
            Self::Workbook => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Text => "text/csv; charset=utf-8",
        }
    }
}

/// A register on its way into a file.
pub(super) struct Register {
    kind: Kind,
    lines: usize,
    most: usize,
    file: Kept,
}

enum Kept {
    Workbook(Box<Book>),
    Text(Box<TextFile>),
}

impl Register {
    /// Begins a file with its line of names. `about` are the lines of a workbook's second sheet: what it is, and from
    /// whom.
    pub(super) fn begin(
        seat: &Seat,
        kind: Kind,
        format: Format,
        most: usize,
        about: Vec<(String, String)>,
    ) -> Result<Self> {
        let names: Vec<Named> = names_of(seat, kind);
        let file = match format {
            Format::Workbook => {
                let title = seat.word(&format!("kind.{kind}"));
                Kept::Workbook(Box::new(Book::begin(title, &names, (seat.say("ledger_about"), about))?))
            }
            Format::Text => Kept::Text(Box::new(TextFile::begin(&names)?)),
        };
        Ok(Self { kind, lines: 0, most, file })
    }

    /// Adds records; false if the file would have too many lines.
    pub(super) fn add(&mut self, seat: &Seat, records: &[LedgerRecord]) -> Result<bool> {
        for record in records {
            for line in lines_of(seat, self.kind, record) {
                self.lines += 1;
                if self.lines > self.most {
                    return Ok(false);
                }
                let cells = line.into_iter().map(|named| named.cell);
                match &mut self.file {
                    Kept::Workbook(book) => book.add(cells)?,
                    Kept::Text(file) => file.add(cells)?,
                }
            }
        }
        Ok(true)
    }

    /// The whole file, to be read from its beginning.
    pub(super) fn end(self) -> Result<File> {
        match self.file {
            Kept::Workbook(book) => book.end(),
            Kept::Text(file) => file.end(),
        }
    }
}

/// An unnamed file that is gone with its handle: the register leaves nothing behind on the server's disk.
fn unnamed() -> Result<File> {
    tempfile::tempfile().map_err(failed)
}

fn failed(source: std::io::Error) -> Error {
    Error::File { path: "register".into(), source }
}

/// True if a spreadsheet might take this text for a formula.
fn looks_like_formula(text: &str) -> bool {
    let first = text.trim_start_matches(' ').chars().next();
    first.is_some_and(|first| "=+-@\t\r\n＝＋－＠".contains(first))
}

#[cfg(test)]
mod tests {
    use super::looks_like_formula;

    #[test]
    fn what_a_spreadsheet_would_calculate_is_known() {
        for text in
            ["=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "＝1", "＋1", "－1", "＠a"]
        {
            assert!(looks_like_formula(text), "{text:?}");
        }
        for text in ["", "老人说=1", "3-1-501", "138****0000", "'=1"] {
            assert!(!looks_like_formula(text), "{text:?}");
        }
    }
}
