//! Bombs that a seed makes: small bytes that claim much, as changes and as bodies.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::attacks::gzip;
use super::forge::{self, Forged, Row, number, signed};

/// A bomb, to be sent as a change and as a body.
pub fn next(dice: &mut ChaCha8Rng) -> Vec<u8> {
    match dice.random_range(0..6) {
        0 => runs(dice),
        1 => head(dice),
        2 => many_rows(dice),
        3 => message(dice),
        4 => gzip(&vec![dice.random(); dice.random_range(1..8) << 20]),
        _ => noise(dice),
    }
}

const COLUMNS: [u64; 14] =
    [0x01, 0x02, 0x11, 0x13, 0x15, 0x34, 0x42, 0x56, 0x57, 0x70, 0x71, 0x73, 0x94, 0xa5];

/// A number whose size in bits is even: most bombs are huge, some small.
fn large(dice: &mut ChaCha8Rng) -> u64 {
    dice.random::<u64>() >> dice.random_range(0..64)
}

/// Columns of a few runs, each as long as it likes.
fn runs(dice: &mut ChaCha8Rng) -> Vec<u8> {
    let mut change = forge::first(&[Row::put("kind", "visit"), Row::put("note", "一")]);
    for _ in 0..dice.random_range(1..8) {
        let name = COLUMNS[dice.random_range(0..COLUMNS.len())];
        let rows = large(dice);
        *change.column(name) = match dice.random_range(0..3) {
            0 => [vec![0], number(rows)].concat(),
            1 => [number(rows), number(large(dice))].concat(),
            _ => [signed((rows >> 1).cast_signed()), number(large(dice)), vec![b'x'; 40]].concat(),
        };
    }
    change.bytes()
}

/// A head that claims much.
fn head(dice: &mut ChaCha8Rng) -> Vec<u8> {
    let mut data = Vec::new();
    for _ in 0..dice.random_range(1..12) {
        let claim = if dice.random_bool(0.5) { number(large(dice)) } else { vec![0] };
        data.extend(claim);
    }
    data.extend(vec![1; dice.random_range(0..200)]);
    forge::chunk(dice.random_range(0..4), &data)
}

/// More operations than may be.
fn many_rows(dice: &mut ChaCha8Rng) -> Vec<u8> {
    let rows = dice.random_range(4_096..20_000);
    let after = |row: i64| if row == 0 { (0, None) } else { (row + 1, Some(0)) };
    let typed = (0..rows).map(|row| Row::insert((1, 0), after(row), "字"));
    let rows: Vec<Row> =
        std::iter::once(Row::make("text", [0, 2, 4][dice.random_range(0..3)])).chain(typed).collect();
    Forged { start_op: 1 + large(dice) % 3, ..forge::first(&rows) }.bytes()
}

/// A message that claims much.
fn message(dice: &mut ChaCha8Rng) -> Vec<u8> {
    let mut cbor = Vec::new();
    for _ in 0..dice.random_range(1..40) {
        let kind = [0x40, 0x60, 0x80, 0xa0, 0xc0][dice.random_range(0..5)];
        cbor.push(kind | 0x1b);
        cbor.extend(large(dice).to_be_bytes());
    }
    gzip(&cbor)
}

fn noise(dice: &mut ChaCha8Rng) -> Vec<u8> {
    let data: Vec<u8> = (0..dice.random_range(0..400)).map(|_| dice.random()).collect();
    forge::chunk(forge::CHANGE, &data)
}
