//! XLSX as Excel and WPS write it: the first visible sheet, cell by cell.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx};

use super::{COLUMN_LIMIT, Cell, LINE_LIMIT, Line, cell, too_many_columns, too_many_lines};
use crate::error::{Error, Result};
use crate::model::Rule;

/// The most that the archive's parts may inflate to together.
const INFLATED_LIMIT: u64 = 64 * 1024 * 1024;
/// The most shared strings a workbook may announce: calamine reserves room for as many as it is told of.
const ANNOUNCED_LIMIT: u64 = 4_000_000;

/// The lines that are not blank.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Line>> {
    // calamine expects well-formed workbooks in places; its panic must not take the app along.
    catch_unwind(AssertUnwindSafe(|| {
        weigh(bytes)?;
        read_sheet(bytes)
    }))
    .unwrap_or_else(|_| Err(damaged()))
}

/// Refuses an archive that would not fit in memory, before calamine inflates it.
fn weigh(bytes: &[u8]) -> Result<()> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| damaged())?;
    let mut left = INFLATED_LIMIT;
    let mut part = Vec::new();
    for index in 0..archive.len() {
        part.clear();
        let file = archive.by_index(index).map_err(|_| damaged())?;
        let size = file.take(left + 1).read_to_end(&mut part).map_err(|_| damaged())? as u64;
        left = left.checked_sub(size).ok_or(Error::Roster(Rule::WorkbookTooLarge))?;
        if announced(&part) > ANNOUNCED_LIMIT {
            return Err(damaged());
        }
    }
    Ok(())
}

/// The largest `uniqueCount` that a part announces, in whatever encoding of ASCII letters.
fn announced(part: &[u8]) -> u64 {
    const NAME: &[u8] = b"uniqueCount";
    let start = part.iter().filter(|byte| **byte != 0).copied();
    let mut largest = 0;
    let mut matched = 0;
    let mut number: Option<u64> = None;
    for byte in start {
        if let Some(value) = number {
            match byte {
                b'0'..=b'9' => number = Some(value.saturating_mul(10).saturating_add(u64::from(byte - b'0'))),
                b'=' | b'"' | b'\'' | b' ' | b'+' if value == 0 => {}
                _ => {
                    largest = largest.max(value);
                    number = None;
                }
            }
        }
        matched = match byte {
            _ if byte == NAME[matched] => matched + 1,
            _ if byte == NAME[0] => 1,
            _ => 0,
        };
        if matched == NAME.len() {
            matched = 0;
            number = Some(0);
        }
    }
    largest.max(number.unwrap_or(0))
}

fn read_sheet(bytes: &[u8]) -> Result<Vec<Line>> {
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(|_| damaged())?;
    let sheets = workbook.sheets_metadata();
    let visible = |sheet: &&calamine::Sheet| {
        sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible
    };
    let name = sheets.iter().find(visible).map(|sheet| sheet.name.clone());
    let name = name.ok_or(Error::Roster(Rule::NoVisibleSheet))?;
    let mut cells = workbook.worksheet_cells_reader(&name).map_err(|_| damaged())?;
    let mut rows: BTreeMap<usize, BTreeMap<usize, Cell>> = BTreeMap::new();
    while let Some(found) = cells.next_cell().map_err(|_| damaged())? {
        let text = text_of(found.get_value());
        if text.as_ref().is_ok_and(String::is_empty) {
            continue;
        }
        let (row, column) = found.get_position();
        let (row, column) = (row as usize, column as usize);
        if row >= LINE_LIMIT {
            return Err(too_many_lines());
        }
        if column >= COLUMN_LIMIT {
            return Err(too_many_columns());
        }
        rows.entry(row).or_default().insert(column, text);
    }
    Ok(rows.into_iter().map(|(row, cells)| Line { number: row + 1, cells: filled(cells) }).collect())
}

/// The cells up to the last one that holds something.
fn filled(mut cells: BTreeMap<usize, Cell>) -> Vec<Cell> {
    let count = cells.keys().next_back().map_or(0, |last| last + 1);
    (0..count).map(|column| cells.remove(&column).unwrap_or_else(|| Ok(String::new()))).collect()
}

fn text_of(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Empty => Ok(String::new()),
        DataRef::String(text) => cell(text),
        DataRef::SharedString(text) => cell(text),
        DataRef::Int(number) => Ok(number.to_string()),
        // The shortest spelling: 501 for 501.0, and a phone number in full.
        DataRef::Float(number) => Ok(number.to_string()),
        DataRef::Bool(flag) => Ok(flag.to_string()),
        DataRef::DateTime(_) | DataRef::DateTimeIso(_) | DataRef::DurationIso(_) => Err(Rule::ExcelDate),
        DataRef::Error(_) => Err(Rule::FailedFormula),
    }
}

fn damaged() -> Error {
    Error::Roster(Rule::WorkbookDamaged)
}
