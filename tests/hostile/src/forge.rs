//! Writes any change one likes, with a right length and checksum: what an attacker would do.

use sha2::{Digest, Sha256};

/// The chunk types of automerge.
pub const DOCUMENT: u8 = 0;
/// A change, not deflated.
pub const CHANGE: u8 = 1;
/// A change, deflated.
pub const DEFLATED: u8 = 2;

/// A change in its parts; whatever is in them is written as it is.
#[derive(Clone, Debug)]
pub struct Forged {
    /// The changes it claims to build on.
    pub dependencies: Vec<[u8; 32]>,
    /// Its actor, of any length.
    pub actor: Vec<u8>,
    /// Its number.
    pub seq: u64,
    /// The number of its first operation.
    pub start_op: u64,
    /// Its time.
    pub time: i64,
    /// Its message.
    pub message: Vec<u8>,
    /// The other actors it names.
    pub others: Vec<Vec<u8>>,
    /// Its columns with their names.
    pub columns: Vec<(u64, Vec<u8>)>,
    /// What follows the columns.
    pub rest: Vec<u8>,
}

impl Default for Forged {
    fn default() -> Self {
        Self {
            dependencies: Vec::new(),
            actor: vec![7; 16],
            seq: 1,
            start_op: 1,
            time: crate::samples::MOMENT.0,
            message: Vec::new(),
            others: Vec::new(),
            columns: Vec::new(),
            rest: Vec::new(),
        }
    }
}

impl Forged {
    /// The change's bytes.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut data = number(self.dependencies.len() as u64);
        self.dependencies.iter().for_each(|dependency| data.extend(dependency));
        data.extend(run(&self.actor));
        data.extend(number(self.seq));
        data.extend(number(self.start_op));
        data.extend(signed(self.time));
        data.extend(run(&self.message));
        data.extend(number(self.others.len() as u64));
        self.others.iter().for_each(|other| data.extend(run(other)));
        data.extend(number(self.columns.len() as u64));
        for (name, column) in &self.columns {
            data.extend(number(*name));
            data.extend(number(column.len() as u64));
        }
        self.columns.iter().for_each(|(_, column)| data.extend(column));
        data.extend(&self.rest);
        chunk(CHANGE, &data)
    }

    /// The column with this name, made if it is not there.
    pub fn column(&mut self, name: u64) -> &mut Vec<u8> {
        let at = match self.columns.binary_search_by_key(&name, |(name, _)| *name) {
            Ok(at) => at,
            Err(at) => {
                self.columns.insert(at, (name, Vec::new()));
                at
            }
        };
        &mut self.columns[at].1
    }
}

/// A chunk of any type with a right length and checksum.
#[must_use]
pub fn chunk(kind: u8, data: &[u8]) -> Vec<u8> {
    let body = [&[kind][..], &number(data.len() as u64), data].concat();
    let digest = Sha256::digest(&body);
    [&[0x85, 0x6f, 0x4a, 0x83][..], &digest[..4], &body].concat()
}

/// Gives a chunk whose bytes were changed its right checksum again.
pub fn repair(bytes: &mut [u8]) {
    if let Some((head, body)) = bytes.split_at_mut_checked(8) {
        head[4..].copy_from_slice(&Sha256::digest(body)[..4]);
    }
}

/// An unsigned LEB128 number.
#[must_use]
pub fn number(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

/// A signed LEB128 number.
#[must_use]
pub fn signed(mut value: i64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if (value == 0 && low & 0x40 == 0) || (value == -1 && low & 0x40 != 0) {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

/// Bytes with their number before them.
#[must_use]
pub fn run(bytes: &[u8]) -> Vec<u8> {
    [number(bytes.len() as u64).as_slice(), bytes].concat()
}

/// A column in the shortest coding; `None` is a row without a value.
pub fn column<T: PartialEq>(rows: &[Option<T>], write: impl Fn(&T) -> Vec<u8>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut singles: Vec<&T> = Vec::new();
    let mut at = 0;
    while at < rows.len() {
        let same = rows[at..].iter().take_while(|row| **row == rows[at]).count();
        let single = rows[at].as_ref().filter(|_| same == 1);
        singles.extend(single);
        if (single.is_none() || at + 1 == rows.len()) && !singles.is_empty() {
            bytes.extend(signed(-(singles.len() as i64)));
            singles.drain(..).for_each(|value| bytes.extend(write(value)));
        }
        match &rows[at] {
            None => bytes.extend([signed(0), number(same as u64)].concat()),
            Some(value) if same > 1 => bytes.extend([signed(same as i64), write(value)].concat()),
            Some(_) => {}
        }
        at += same;
    }
    if rows.iter().all(Option::is_none) { Vec::new() } else { bytes }
}

/// A column of differences in the shortest coding.
#[must_use]
pub fn steps(rows: &[Option<i64>]) -> Vec<u8> {
    let mut reached = 0_i64;
    let differences = rows.iter().map(|row| {
        row.map(|row| {
            let difference = row.wrapping_sub(reached);
            reached = row;
            difference
        })
    });
    column(&differences.collect::<Vec<_>>(), |difference| signed(*difference))
}

/// A column of flags in the shortest coding.
#[must_use]
pub fn flags(rows: &[bool]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (mut on, mut count) = (false, 0_u64);
    for row in rows {
        if *row != on {
            bytes.extend(number(count));
            (on, count) = (*row, 0);
        }
        count += 1;
    }
    bytes.extend(number(count));
    bytes
}

/// Another operation, as an operation names it: its number and the position of its actor.
pub type Place = (i64, u64);

/// One operation, its parts written as they are.
#[derive(Clone, Debug)]
pub struct Row {
    /// The object.
    pub object: Option<Place>,
    /// The name in a map.
    pub name: Option<String>,
    /// The element of a text or list; `(0, None)` is the beginning.
    pub element: Option<(i64, Option<u64>)>,
    /// Inserts.
    pub insert: bool,
    /// The action's number.
    pub action: u64,
    /// The value's type and bytes.
    pub value: (u64, Vec<u8>),
    /// What it replaces.
    pub replaced: Vec<Place>,
}

impl Row {
    /// Writes text to a field of the root.
    #[must_use]
    pub fn put(name: &str, text: &str) -> Self {
        Self {
            object: None,
            name: Some(name.to_owned()),
            element: None,
            insert: false,
            action: 1,
            value: (6, text.as_bytes().to_vec()),
            replaced: Vec::new(),
        }
    }

    /// Begins an object at a field of the root: 0 a map, 2 a list, 4 a text.
    #[must_use]
    pub fn make(name: &str, action: u64) -> Self {
        Self { action, value: (0, Vec::new()), ..Self::put(name, "") }
    }

    /// Inserts text after an element of an object.
    #[must_use]
    pub fn insert(object: Place, after: (i64, Option<u64>), text: &str) -> Self {
        Self { object: Some(object), name: None, element: Some(after), insert: true, ..Self::put("", text) }
    }
}

/// The columns of these operations, each in the shortest coding.
#[must_use]
pub fn columns(rows: &[Row]) -> Vec<(u64, Vec<u8>)> {
    fn list<T>(rows: &[Row], value: impl Fn(&Row) -> T) -> Vec<T> {
        rows.iter().map(value).collect()
    }
    let plain = |value: &u64| number(*value);
    let replaced: Vec<Place> = rows.iter().flat_map(|row| row.replaced.clone()).collect();
    let object_counter = list(rows, |row| row.object.map(|place| place.0.unsigned_abs()));
    let names: Vec<Option<String>> = list(rows, |row| row.name.clone());
    let columns = [
        (0x01, column(&list(rows, |row| row.object.map(|place| place.1)), plain)),
        (0x02, column(&object_counter, plain)),
        (0x11, column(&list(rows, |row| row.element.and_then(|element| element.1)), plain)),
        (0x13, steps(&list(rows, |row| row.element.map(|element| element.0)))),
        (0x15, column(&names, |name| run(name.as_bytes()))),
        (0x34, flags(&list(rows, |row| row.insert))),
        (0x42, column(&list(rows, |row| Some(row.action)), plain)),
        (0x56, column(&list(rows, |row| Some((row.value.1.len() as u64) << 4 | row.value.0)), plain)),
        (0x57, rows.iter().flat_map(|row| row.value.1.clone()).collect()),
        (0x70, column(&list(rows, |row| Some(row.replaced.len() as u64)), plain)),
        (0x71, column(&replaced.iter().map(|place| Some(place.1)).collect::<Vec<_>>(), plain)),
        (0x73, steps(&replaced.iter().map(|place| Some(place.0)).collect::<Vec<_>>())),
    ];
    columns.into_iter().filter(|(_, column)| !column.is_empty()).collect()
}

/// A first change with these operations.
#[must_use]
pub fn first(rows: &[Row]) -> Forged {
    Forged { columns: columns(rows), ..Forged::default() }
}
