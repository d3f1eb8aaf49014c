//! Numbers that others counted, from a spreadsheet: last year's, or the police's. All or none.

use gridbook_core::clock::Day;
use gridbook_core::model::{Rule, dictionary};
use gridbook_core::roster::{Line, Problem, lines};

use super::Admin;
use crate::db::Figure;
use crate::error::{Error, Result};

/// The columns with the names that they may have.
const COLUMNS: [(&str, &[&str]); 4] = [
    ("month", &["月份", "month"]),
    ("scope", &["网格", "范围", "grid", "scope"]),
    ("name", &["类别", "name", "kind"]),
    ("count", &["数量", "count"]),
];
/// Characters of a name that no dictionary has.
const NAME: std::ops::RangeInclusive<usize> = 1..=20;

impl Admin {
    /// Imports numbers of months, each in place of an earlier one; how many, or what is wrong with which line.
    ///
    /// # Errors
    /// [`Error::Core`] if the file cannot be read, [`Error::Admin`] if a column is missing.
    pub async fn import_figures(
        &self,
        file_name: &str,
        bytes: &[u8],
        dry_run: bool,
    ) -> Result<(usize, Vec<Problem>)> {
        let mut lines = lines(file_name, bytes)?.into_iter();
        let header = lines.next().ok_or_else(|| Error::admin("the file is empty"))?;
        let places = places(&header)?;
        let (mut figures, mut problems) = (Vec::new(), Vec::new());
        for line in lines {
            match self.figure(&line, places).await {
                Ok(figure) => figures.push(figure),
                Err((column, rule)) => {
                    problems.push(Problem { line: line.number, column: column.to_owned(), rule });
                }
            }
        }
        let count = figures.len();
        if problems.is_empty() && !dry_run {
            self.service.database().keep_figures(figures).await?;
        }
        Ok((count, problems))
    }

    async fn figure(&self, line: &Line, places: [usize; 4]) -> Result<Figure, (&'static str, Rule)> {
        let cell = |which: usize| {
            line.cells.get(places[which]).and_then(|cell| cell.as_deref().ok()).unwrap_or_default()
        };
        let month: Option<Day> = format!("{}-01", cell(0)).parse().ok();
        let month = month.filter(|_| cell(0).len() == 7).ok_or(("month", Rule::MonthForm))?;
        let scope = self.find_scope(cell(1)).await;
        let scope = scope.map_err(|_| ("scope", Rule::UnknownScope))?;
        let name = cell(2);
        let code =
            ["diary_category", "hazard"].iter().find_map(|known| dictionary::named(known).code_of(name));
        if !NAME.contains(&name.chars().count()) {
            let (least, most) = (*NAME.start() as i64, *NAME.end() as i64);
            return Err(("name", Rule::Length { least, most }));
        }
        let count: u32 = cell(3).parse().map_err(|_| ("count", Rule::WholeNumber))?;
        let name = code.unwrap_or(name).to_owned();
        Ok(Figure { scope: scope.id, month, name, count: u64::from(count) })
    }
}

fn places(header: &Line) -> Result<[usize; 4]> {
    let mut places = [0; 4];
    for (place, (column, names)) in places.iter_mut().zip(COLUMNS) {
        let named = |cell: &gridbook_core::roster::Cell| {
            cell.as_ref().is_ok_and(|text| names.iter().any(|name| text.eq_ignore_ascii_case(name)))
        };
        let found = header.cells.iter().position(named);
        *place = found
            .ok_or_else(|| Error::admin(format!("no column {column}: name one {}", names.join(" or "))))?;
    }
    Ok(places)
}
