//! The header line: which column holds what, in Chinese or English and in any order.

use std::collections::BTreeMap;

use super::{Line, too_many_columns};
use crate::error::{Error, Result};
use crate::model::Rule;
use crate::model::rule::number;

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
                return Err(Error::Roster(Rule::HeaderNotText { column: number(place + 1) }));
            };
            match named(name) {
                Some(column) => {
                    if let Some((first, _)) = columns.places.insert(column, (place, name.clone())) {
                        let (first, second) = (number(first + 1), number(place + 1));
                        return Err(Error::Roster(Rule::ColumnTwice { first, second }));
                    }
                }
                None if name.is_empty() => {}
                None => columns.ignored.push(name.clone()),
            }
        }
        let parts = [Column::Building, Column::Unit, Column::Room];
        let missing = parts.into_iter().find(|part| !columns.has(*part));
        if columns.has(Column::Dwelling) {
            // Three columns say it more exactly than one that repeats them.
            let repeated = if missing.is_none() { &[Column::Dwelling][..] } else { &parts };
            for column in repeated {
                columns.ignored.extend(columns.places.remove(column).map(|(_, name)| name));
            }
        } else if let Some(missing) = missing {
            return Err(Error::Roster(match missing {
                Column::Building => Rule::BuildingColumnMissing,
                Column::Unit => Rule::UnitColumnMissing,
                _ => Rule::RoomColumnMissing,
            }));
        }
        if columns.places.len() + columns.ignored.len() > super::COLUMN_LIMIT {
            return Err(too_many_columns());
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

/// The column that a header names; spaces, letter case and the star that marks a required column do not count.
fn named(header: &str) -> Option<Column> {
    let plain: String = header
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '*' | '＊'))
        .collect::<String>()
        .to_lowercase();
    NAMES.iter().find(|(_, names)| names.contains(&plain.as_str())).map(|(column, _)| *column)
}
