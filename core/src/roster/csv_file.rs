//! CSV as Excel, WPS and databases write it, in the encodings that Chinese offices use.

use encoding_rs::{Encoding, GB18030};

use super::{COLUMN_LIMIT, LINE_LIMIT, Line, cell, too_many_columns, too_many_lines};
use crate::error::{Error, Result};
use crate::model::Rule;
use crate::model::rule::number;

/// A line that no file contains, put after its end: if it does not come out as a line of its own, a
/// quoted cell was still open.
const SENTINEL: &str = "\u{f8ff}end of file\u{f8ff}";

/// The lines that are not blank.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Line>> {
    let mut text = decode(bytes)?.replace("\r\n", "\n").replace('\r', "\n");
    text.push('\n');
    let separator = separator_of(&text);
    text.push_str(SENTINEL);
    text.push('\n');
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .from_reader(text.as_bytes());
    let mut lines = Vec::new();
    let mut record = csv::StringRecord::new();
    let mut breaks_in_cells = 0;
    let mut opened = 1;
    loop {
        if !reader.read_record(&mut record).map_err(|_| Error::Roster(Rule::NotCsv))? {
            return Err(Error::Roster(Rule::OpenQuotation { line: number(opened) }));
        }
        if record.get(0) == Some(SENTINEL) {
            return Ok(lines);
        }
        // A spreadsheet shows a line break inside a cell within one line, and counts blank lines,
        // which the reader passes over.
        breaks_in_cells += record.iter().map(|text| text.matches('\n').count()).sum::<usize>();
        let after = usize::try_from(reader.position().line()).unwrap_or(usize::MAX);
        let number = after.saturating_sub(1 + breaks_in_cells);
        opened = number + 1;
        if record.len() > COLUMN_LIMIT {
            return Err(too_many_columns());
        }
        if number > LINE_LIMIT {
            return Err(too_many_lines());
        }
        lines.push(Line { number, cells: record.iter().map(cell).collect() });
    }
}

fn decode(bytes: &[u8]) -> Result<String> {
    let text = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => encoding.decode_without_bom_handling(&bytes[length..]),
        None => match std::str::from_utf8(bytes) {
            Ok(text) => (text.into(), false),
            Err(_) => GB18030.decode_without_bom_handling(bytes),
        },
    };
    match text {
        (text, false) if !text.contains('\0') => Ok(text.into_owned()),
        _ => Err(Error::Roster(Rule::Encoding)),
    }
}

/// What separates the cells of the first line that has any text; a comma unless another stands there more often.
fn separator_of(text: &str) -> u8 {
    let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |separator: u8| header.bytes().filter(|byte| *byte == separator).count();
    let mut best = b',';
    for other in [b'\t', b';'] {
        if count(other) > count(best) {
            best = other;
        }
    }
    best
}
