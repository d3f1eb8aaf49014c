//! A register as XLSX: typed cells, the line of names frozen, with filters; a second sheet says what it is. Rows go
//! to an unnamed file as they come, so that a hundred thousand need no more memory than ten.

use std::fs::File;
use std::io::{BufWriter, Seek, Write};

use gridbook_core::clock::{Day, Zone};
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError,
};

use super::lines::Named;
use super::{About, Cell, failed, looks_like_formula, unnamed};
use crate::error::{Error, Result};

/// 1899-12-30, from which spreadsheets count days, as [`Day::number`] counts them.
const FIRST_DAY: i64 = 693_594;
const DAY_MS: f64 = 24.0 * 60.0 * 60.0 * 1_000.0;

/// A workbook that is being written.
pub(super) struct Book {
    book: Workbook,
    sheet: Worksheet,
    formats: Formats,
    columns: u16,
    rows: u32,
    about: About,
}

struct Formats {
    text: Format,
    /// Text that would be a formula if somebody touched it: spreadsheets keep it as text.
    quoted: Format,
    number: Format,
    day: Format,
    moment: Format,
    name: Format,
}

impl Book {
    pub(super) fn begin(title: &str, names: &[Named], about: About) -> Result<Self> {
        let top = Format::new().set_align(FormatAlign::Top);
        let formats = Formats {
            text: top.clone().set_text_wrap(),
            quoted: top.clone().set_text_wrap().set_quote_prefix(),
            number: top.clone().set_num_format("0"),
            day: top.clone().set_num_format("yyyy-mm-dd"),
            moment: top.set_num_format("yyyy-mm-dd hh:mm"),
            name: Format::new().set_bold().set_background_color(Color::RGB(0x00E6_EFEA)),
        };
        let mut book = Workbook::new();
        // Otherwise it would carry this machine's clock, and the same register taken twice would differ.
        let made = Zone::east_minutes(0).local(about.made).format("%Y-%m-%dT%H:%M:%S").to_string();
        let made = ExcelDateTime::parse_from_str(&made).map_err(unwritable)?;
        book.set_properties(&DocProperties::new().set_creation_datetime(&made));
        let mut sheet = book.new_worksheet_with_constant_memory().map_err(unwritable)?;
        sheet.set_name(title).map_err(unwritable)?;
        sheet.set_freeze_panes(1, 0).map_err(unwritable)?;
        let mut columns = 0;
        for named in names {
            sheet.set_column_width(columns, named.width).map_err(unwritable)?;
            sheet.write_string_with_format(0, columns, named.name, &formats.name).map_err(unwritable)?;
            columns += 1;
        }
        Ok(Self { book, sheet, formats, columns, rows: 0, about })
    }

    pub(super) fn add(&mut self, cells: impl Iterator<Item = Cell>) -> Result<()> {
        self.rows += 1;
        let (sheet, formats, row) = (&mut self.sheet, &self.formats, self.rows);
        for (column, cell) in (0..).zip(cells) {
            let written = match cell {
                Cell::Nothing => continue,
                Cell::Text(text) => {
                    let format = if looks_like_formula(&text) { &formats.quoted } else { &formats.text };
                    sheet.write_string_with_format(row, column, text, format)
                }
                Cell::Number(number) => {
                    sheet.write_number_with_format(row, column, number as f64, &formats.number)
                }
                Cell::Day(day) => sheet.write_number_with_format(row, column, serial(day), &formats.day),
                Cell::Moment(day, since) => {
                    let serial = serial(day) + since as f64 / DAY_MS;
                    sheet.write_number_with_format(row, column, serial, &formats.moment)
                }
            };
            written.map_err(unwritable)?;
        }
        Ok(())
    }

    pub(super) fn end(mut self) -> Result<File> {
        self.sheet.autofilter(0, 0, self.rows, self.columns.saturating_sub(1)).map_err(unwritable)?;
        self.book.push_worksheet(self.sheet);
        let about = self.book.add_worksheet();
        about.set_name(self.about.title).map_err(unwritable)?;
        about.set_column_width(0, 16).and_then(|sheet| sheet.set_column_width(1, 60)).map_err(unwritable)?;
        for (row, (name, text)) in (0..).zip(&self.about.lines) {
            about.write_string_with_format(row, 0, name, &self.formats.name).map_err(unwritable)?;
            let format = if looks_like_formula(text) { &self.formats.quoted } else { &self.formats.text };
            about.write_string_with_format(row, 1, text, format).map_err(unwritable)?;
        }
        let mut out = BufWriter::new(unnamed()?);
        self.book.save_to_writer(&mut out).map_err(unwritable)?;
        out.flush().map_err(failed)?;
        let mut file = out.into_inner().map_err(|error| failed(error.into_error()))?;
        file.rewind().map_err(failed)?;
        Ok(file)
    }
}

fn serial(day: Day) -> f64 {
    (day.number() - FIRST_DAY) as f64
}

fn unwritable(error: XlsxError) -> Error {
    Error::Database(format!("workbook: {error}"))
}
