//! The header line: which column holds what, in Chinese or English and in any order.

use std::collections::BTreeMap;

use super::{Line, refuse};
use crate::error::{Error, Result};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    Building,
    Unit,
    Room,
    Floor,
    Dwelling,
    Class,
    Occupancy,
    Contact,
    Phone,
    Tags,
    Note,
}

/// Every column with the headers that name it; the first one stands in the template.
const NAMES: [(Column, &[&str]); 11] = [
    (Column::Building, &["楼栋", "栋", "楼号", "building"]),
    (Column::Unit, &["单元", "单元号", "unit"]),
    (Column::Room, &["房号", "室", "房间号", "room"]),
    (Column::Floor, &["楼层", "层", "floor"]),
    (Column::Dwelling, &["住址", "地址", "dwelling", "address"]),
    (Column::Class, &["户分类", "分类", "class"]),
    (Column::Occupancy, &["房屋状态", "occupancy"]),
    (Column::Contact, &["联系人", "contact"]),
    (Column::Phone, &["电话", "联系电话", "手机", "phone"]),
    (Column::Tags, &["标签", "户标签", "tags"]),
    (Column::Note, &["备注", "note"]),
];

/// The template's header line: every column but the one that repeats building, unit and room.
pub(super) fn template() -> Vec<&'static str> {
    let wanted = NAMES.iter().filter(|(column, _)| *column != Column::Dwelling);
    wanted.filter_map(|(_, names)| names.first().copied()).collect()
}

/// Where each column stands, and what the file calls it.
pub(super) struct Columns {
    places: BTreeMap<Column, (usize, String)>,
    ignored: Vec<String>,
}

impl Columns {
    /// Reads the header line.
    pub(super) fn of(header: &Line) -> Result<Self> {
        let mut columns = Self { places: BTreeMap::new(), ignored: Vec::new() };
        for (place, cell) in header.cells.iter().enumerate() {
            let Ok(name) = cell else {
                return Err(Error::Roster(format!("column {} of the header is not text", place + 1)));
            };
            match named(name) {
                Some(column) => {
                    if columns.places.insert(column, (place, name.clone())).is_some() {
                        return Err(Error::Roster(format!("two columns are called {name}; keep one")));
                    }
                }
                None if name.is_empty() => {}
                None => columns.ignored.push(name.clone()),
            }
        }
        let parts = [Column::Building, Column::Unit, Column::Room];
        let missing: Vec<_> = parts.into_iter().filter(|part| !columns.has(*part)).map(first_name).collect();
        if missing.is_empty() {
            // Three columns say it more exactly than one that repeats them.
            if let Some((_, name)) = columns.places.remove(&Column::Dwelling) {
                columns.ignored.push(name);
            }
        } else if columns.has(Column::Dwelling) {
            for part in parts {
                columns.ignored.extend(columns.places.remove(&part).map(|(_, name)| name));
            }
        } else {
            return Err(Error::Roster(format!(
                "the first line lacks the column {}; name 楼栋, 单元 and 房号, or one column 住址 such as 3-1-501",
                missing.join(", ")
            )));
        }
        if columns.places.len() + columns.ignored.len() > super::COLUMN_LIMIT {
            return Err(refuse("more than 200 columns; keep those of the households"));
        }
        Ok(columns)
    }

    /// True if the file has this column.
    pub(super) fn has(&self, column: Column) -> bool {
        self.places.contains_key(&column)
    }

    /// Where it stands, from 0, and what the file calls it.
    pub(super) fn get(&self, column: Column) -> Option<(usize, &str)> {
        self.places.get(&column).map(|(place, name)| (*place, name.as_str()))
    }

    /// What the file calls the dwelling, for a problem with all of it.
    pub(super) fn dwelling_name(&self) -> &str {
        let one = self.get(Column::Dwelling).or_else(|| self.get(Column::Room));
        one.map_or("", |(_, name)| name)
    }

    /// Columns that name nothing of a household.
    pub(super) fn ignored(&self) -> &[String] {
        &self.ignored
    }
}

fn first_name(column: Column) -> &'static str {
    let found = NAMES.iter().find(|(known, _)| *known == column);
    found.and_then(|(_, names)| names.first().copied()).unwrap_or_default()
}

/// The column that a header names; spaces, letter case and the star that marks a required column do not count.
fn named(header: &str) -> Option<Column> {
    let plain: String = header
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '*' | '＊'))
        .collect::<String>()
        .to_lowercase();
    NAMES.iter().find(|(_, names)| names.contains(&plain.as_str())).map(|(column, _)| *column)
}
