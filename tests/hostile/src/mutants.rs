//! Mutants of honest changes: bytes flipped, columns exchanged, and operations that chance makes up in the one
//! right encoding. All have right lengths and checksums, or nothing would get past the first step.

use gridbook_core::doc::ParsedChange;
use gridbook_core::gate;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::forge::{self, Forged, Row};
use super::honest::Record;

/// Where a mutant is sent.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The record it is a change of: which, and after how many of its changes.
    pub held: (usize, usize),
}

/// Makes the next mutant of `records`.
pub fn next(dice: &mut ChaCha8Rng, records: &[Record]) -> Mutant {
    let record = dice.random_range(0..records.len());
    let position = dice.random_range(0..records[record].changes.len());
    let honest = &records[record].changes[position];
    let bytes = match dice.random_range(0..11) {
        10 => moved(dice, &records[record].changes[..=position]),
        0..=2 => flipped(dice, honest),
        3..=5 => reshaped(dice, honest, records),
        _ => made_up(dice, honest),
    };
    Mutant { bytes, held: (record, position) }
}

/// Some bytes flipped, taken out or put in.
fn flipped(dice: &mut ChaCha8Rng, honest: &[u8]) -> Vec<u8> {
    let mut data = taken_apart(honest).1;
    for _ in 0..dice.random_range(1..=3) {
        let at = dice.random_range(0..data.len());
        match dice.random_range(0..4) {
            0 => data[at] = dice.random(),
            1 => data[at] ^= 1 << dice.random_range(0..8),
            2 => drop(data.remove(at)),
            _ => data.insert(at, dice.random()),
        }
    }
    forge::chunk(forge::CHANGE, &data)
}

/// A column exchanged, a row more or less, another number in the head.
fn reshaped(dice: &mut ChaCha8Rng, honest: &[u8], records: &[Record]) -> Vec<u8> {
    let mut change = taken_apart(honest).0;
    for _ in 0..dice.random_range(1..=2) {
        let at = dice.random_range(0..change.columns.len());
        match dice.random_range(0..9) {
            0 => change.seq = small(dice),
            1 => change.start_op = small(dice),
            2 => change.time = dice.random(),
            3 => change.dependencies.truncate(dice.random_range(0..2)),
            4 => change.columns[at].0 ^= 1 << dice.random_range(0..8),
            5 => drop(change.columns.remove(at)),
            6 => {
                let other = &records[dice.random_range(0..records.len())].changes[0];
                let other = taken_apart(other).0;
                let (name, column) = &other.columns[dice.random_range(0..other.columns.len())];
                change.column(*name).clone_from(column);
            }
            _ => {
                let column = &mut change.columns[at].1;
                let at = dice.random_range(0..column.len());
                column[at] = column[at].wrapping_add(dice.random_range(0..4)).wrapping_sub(2);
            }
        }
        if change.columns.is_empty() {
            break;
        }
    }
    change.bytes()
}

/// A change in the place of the last one, by any of their authors, who has seen some of the others only; its numbers go
/// with that.
fn moved(dice: &mut ChaCha8Rng, changes: &[Vec<u8>]) -> Vec<u8> {
    let read: Vec<_> = changes.iter().filter_map(|one| gate::read(one).ok()).collect();
    let before = &read[..read.len() - 1];
    let seen: Vec<_> = before.iter().filter(|_| dice.random_bool(0.5)).collect();
    let after = |change: &ParsedChange| {
        change.start_op() + change.chunk().map_or(0, |chunk| chunk.operations().count() as u64)
    };
    let mut dependencies: Vec<_> = seen.iter().map(|change| change.hash().0).collect();
    dependencies.sort_unstable();
    let actor = read[dice.random_range(0..read.len())].actor();
    let seq = before.iter().filter(|change| change.actor() == actor).count() as u64 + 1;
    let start_op = seen.iter().map(|change| after(change)).max().unwrap_or(1);
    let columns = forge::columns(&[Row::put(NAMES[dice.random_range(0..NAMES.len())], "旁")]);
    Forged { dependencies, actor: actor.0.to_vec(), seq, start_op, columns, ..Forged::default() }.bytes()
}

/// Operations that chance makes up, more right than wrong, under the honest change's head.
fn made_up(dice: &mut ChaCha8Rng, honest: &[u8]) -> Vec<u8> {
    let head = taken_apart(honest).0;
    let rows: Vec<Row> = (0..dice.random_range(1..12)).map(|row| any_row(dice, &head, row)).collect();
    let used = |position: u64| {
        rows.iter().any(|row| {
            let named = row.object.iter().map(|place| place.1);
            let named = named.chain(row.element.iter().filter_map(|element| element.1));
            named.chain(row.replaced.iter().map(|place| place.1)).any(|actor| actor == position)
        })
    };
    let others = [[1; 16], [9; 16]].map(|actor| actor.to_vec());
    let others = others.into_iter().filter(|actor| *actor != head.actor);
    let others = others.zip(1..).filter(|(_, position)| used(*position)).map(|(actor, _)| actor);
    Forged { columns: forge::columns(&rows), others: others.collect(), ..head }.bytes()
}

const NAMES: [&str; 10] = [
    "kind",
    "text",
    "note",
    "author",
    "schema",
    "purposes/routine",
    "items/a1/title",
    "新",
    "a//b",
    "a/b/c/d/e",
];

fn any_row(dice: &mut ChaCha8Rng, head: &Forged, row: i64) -> Row {
    let start = i64::try_from(head.start_op).unwrap_or(1);
    let place = |dice: &mut ChaCha8Rng| -> forge::Place {
        let own = dice.random_range(0..3) < 2 && row > 0;
        let counter = if own { start + dice.random_range(0..row) } else { dice.random_range(0..start + 2) };
        (counter, if own { 0 } else { dice.random_range(0..2) })
    };
    let mut made = match dice.random_range(0..10) {
        0..=3 => Row::put(NAMES[dice.random_range(0..NAMES.len())], "值"),
        4 => Row::make(NAMES[dice.random_range(0..4)], [4, 4, 4, 0, 2][dice.random_range(0..5)]),
        5..=7 => {
            let after = if dice.random_range(0..3) == 0 { (0, None) } else { (start + row - 1, Some(0)) };
            Row::insert(place(dice), after, ["字", "a", "", "👮‍♀️"][dice.random_range(0..4)])
        }
        8 => Row { action: 3, value: (0, Vec::new()), replaced: vec![place(dice)], ..Row::put("note", "") },
        _ => Row {
            object: Some(place(dice)),
            name: None,
            element: Some((place(dice).0, Some(0))),
            action: 3,
            value: (0, Vec::new()),
            replaced: vec![place(dice)],
            ..Row::put("", "")
        },
    };
    match dice.random_range(0..24) {
        0 => made.value = (dice.random_range(0..16), vec![1; dice.random_range(0..9)]),
        1 => made.value = (4, forge::signed(dice.random())),
        2 => made.action = dice.random_range(0..8),
        3 => made.insert = !made.insert,
        4 => made.replaced.push(place(dice)),
        5 => made.object = dice.random_bool(0.5).then(|| place(dice)),
        6 => made.name = Some("x".repeat(dice.random_range(0..400))),
        7 => made.value = (6, "长".repeat(dice.random_range(1..9_000)).into_bytes()),
        _ => {}
    }
    made
}

fn small(dice: &mut ChaCha8Rng) -> u64 {
    match dice.random_range(0..4) {
        0 => dice.random(),
        1 => u64::from(u32::MAX) - dice.random_range(0..3),
        _ => dice.random_range(0..40),
    }
}

/// An honest change in its parts, and its data as it is.
fn taken_apart(honest: &[u8]) -> (Forged, Vec<u8>) {
    let mut rest = &honest[9..];
    let length = take_number(&mut rest);
    let data = rest[..usize::try_from(length).unwrap_or(0)].to_vec();
    let mut dependencies = Vec::new();
    for _ in 0..take_number(&mut rest) {
        let (hash, after) = rest.split_first_chunk::<32>().unwrap_or((&[0; 32], &[]));
        dependencies.push(*hash);
        rest = after;
    }
    let actor = take_run(&mut rest);
    let (seq, start_op) = (take_number(&mut rest), take_number(&mut rest));
    let last = rest.iter().position(|byte| byte & 0x80 == 0).unwrap_or(0);
    let time = rest[..=last].iter().rev().fold(0, |time, byte| time << 7 | i64::from(byte & 0x7f));
    rest = &rest[last + 1..];
    let message = take_run(&mut rest);
    let others = (0..take_number(&mut rest)).map(|_| take_run(&mut rest)).collect();
    let names: Vec<_> =
        (0..take_number(&mut rest)).map(|_| (take_number(&mut rest), take_number(&mut rest))).collect();
    let columns = names.into_iter().map(|(name, length)| {
        let (column, after) = rest.split_at(usize::try_from(length).unwrap_or(0));
        rest = after;
        (name, column.to_vec())
    });
    let columns = columns.collect();
    let rest = Vec::new();
    (Forged { dependencies, actor, seq, start_op, time, message, others, columns, rest }, data)
}

fn take_number(rest: &mut &[u8]) -> u64 {
    let last = rest.iter().position(|byte| byte & 0x80 == 0).unwrap_or(0);
    let (bytes, after) = rest.split_at(last + 1);
    *rest = after;
    bytes.iter().rev().fold(0, |value, byte| value << 7 | u64::from(byte & 0x7f))
}

fn take_run(rest: &mut &[u8]) -> Vec<u8> {
    let length = usize::try_from(take_number(rest)).unwrap_or(0);
    let (bytes, after) = rest.split_at(length);
    *rest = after;
    bytes.to_vec()
}
