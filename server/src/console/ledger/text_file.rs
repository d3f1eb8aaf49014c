//! A register as CSV: UTF-8 with the mark that spreadsheets know it by, every cell in quotes, and an apostrophe before
//! whatever a spreadsheet would take for a formula.

use std::fs::File;
use std::io::{BufWriter, Seek, Write};

use csv::{QuoteStyle, Terminator, Writer, WriterBuilder};

use super::lines::Named;
use super::{Cell, failed, looks_like_formula, unnamed};
use crate::error::{Error, Result};

/// U+FEFF in UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// A text file that is being written.
pub(super) struct TextFile(Writer<BufWriter<File>>);

impl TextFile {
    pub(super) fn begin(names: &[Named]) -> Result<Self> {
        let mut file = BufWriter::new(unnamed()?);
        file.write_all(MARK).map_err(failed)?;
        let mut writer = WriterBuilder::new()
            .quote_style(QuoteStyle::Always)
            .terminator(Terminator::CRLF)
            .from_writer(file);
        writer.write_record(names.iter().map(|named| named.name)).map_err(unwritable)?;
        Ok(Self(writer))
    }

    pub(super) fn add(&mut self, cells: impl Iterator<Item = Cell>) -> Result<()> {
        self.0.write_record(cells.map(written)).map_err(unwritable)
    }

    pub(super) fn end(self) -> Result<File> {
        let out = self.0.into_inner().map_err(|error| Error::Database(format!("text file: {error}")))?;
        let mut file = out.into_inner().map_err(|error| failed(error.into_error()))?;
        file.rewind().map_err(failed)?;
        Ok(file)
    }
}

fn written(cell: Cell) -> String {
    match cell {
        Cell::Nothing => String::new(),
        Cell::Text(text) if looks_like_formula(&text) => format!("'{text}"),
        Cell::Text(text) => text,
        Cell::Number(number) => number.to_string(),
        Cell::Day(day) => day.to_string(),
        Cell::Moment(day, since) => {
            let minutes = since / 60_000;
            format!("{day} {:02}:{:02}", minutes / 60, minutes % 60)
        }
    }
}

fn unwritable(error: csv::Error) -> Error {
    Error::Database(format!("text file: {error}"))
}
