//! 台账 as files: what a line of each register says (`lines`), how it is put into a workbook (`workbook`), a text file
//! (`text_file`) or JSON (`json_lines`), and how a whole one is taken away (`taking`), from a page of the console or
//! over the API. Pages of records go in, an unnamed file comes out: nothing is held in memory as a whole.

mod json_lines;
mod lines;
mod taking;
mod text_file;
mod workbook;

use std::fs::File;

use gridbook_core::clock::{Day, Instant};
use gridbook_core::model::Kind;

use super::wording::Wording;
use crate::error::{Error, Result};
use crate::service::{LEDGERS, LedgerRecord};

use lines::{lines_of, names_of};
pub(crate) use taking::{Taken, Taker, take};
use text_file::TextFile;
use workbook::Book;

/// What is in one cell.
#[derive(Clone, Debug, PartialEq)]
enum Cell {
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
pub(crate) enum Format {
    /// XLSX.
    Workbook,
    /// CSV in UTF-8 with the mark that spreadsheets know it by.
    Text,
    /// A JSON object a line: records as the API shows them.
    Lines,
}

impl Format {
    /// Every format.
    pub(crate) const ALL: [Format; 3] = [Format::Workbook, Format::Text, Format::Lines];

    /// The formats in which records of a kind are taken away, the usual one first: a spreadsheet where there is a
    /// register.
    pub(crate) fn of(kind: Kind) -> &'static [Format] {
        if LEDGERS.contains(&kind) { &Self::ALL } else { &[Format::Lines] }
    }

    /// The format that a form or a query names.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.ending() == word)
    }

    /// What it is called, and files of it end in.
    pub(crate) fn ending(self) -> &'static str {
        match self {
            Self::Workbook => "xlsx",
            Self::Text => "csv",
            Self::Lines => "jsonl",
        }
    }

    /// Its media type.
    pub(crate) fn media(self) -> &'static str {
        match self {
            Self::Workbook => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Text => "text/csv; charset=utf-8",
            Self::Lines => "application/x-ndjson",
        }
    }
}

/// A register on its way into a file.
struct Register {
    kind: Kind,
    lines: usize,
    most: usize,
    file: Kept,
}

/// What a workbook says of itself, and when that was.
struct About {
    /// The name of the sheet that says it.
    title: &'static str,
    lines: Vec<(String, String)>,
    made: Instant,
}

enum Kept {
    Workbook(Box<Book>),
    Text(Box<TextFile>),
}

impl Register {
    /// Begins a workbook with its line of names. `about` is its second sheet: what it is, and from whom.
    fn workbook(wording: &Wording, kind: Kind, most: usize, about: About) -> Result<Self> {
        let book = Book::begin(wording.word(&format!("kind.{kind}")), &names_of(wording, kind), about)?;
        Ok(Self { kind, lines: 0, most, file: Kept::Workbook(Box::new(book)) })
    }

    /// Begins a text file with its line of names.
    fn text(wording: &Wording, kind: Kind, most: usize) -> Result<Self> {
        let file = TextFile::begin(&names_of(wording, kind))?;
        Ok(Self { kind, lines: 0, most, file: Kept::Text(Box::new(file)) })
    }

    /// Adds records; false if the file would have too many lines.
    fn add(&mut self, wording: &Wording, records: &[LedgerRecord]) -> Result<bool> {
        for record in records {
            for line in lines_of(wording, self.kind, record) {
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
    fn end(self) -> Result<File> {
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
